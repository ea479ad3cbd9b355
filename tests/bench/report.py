# SPDX-License-Identifier: GPL-2.0-only
"""report.py - bench.json as text, as Markdown and as plots.

    tests/bench/report.py FOLDER      again, of FOLDER/bench.json

Writes bench.txt, bench.md, bench-short.md (for the README) and plots/*.svg. Numbers are medians, ± half the distance of the quartiles.
"""
import json
import os
import statistics
import sys

import growth
import plots
import targets

SIZE_NAMES = {64: "home", 10000: "campus", 1000000: "provider"}


def add_judgement(result):
    result["targets"] = targets.judge(result)
    result["growth"] = growth.curves(result)


# ---- tables: a title, a head, lines of cells --------------------------------------------------------------------------


class Table:
    def __init__(self, title, head, lines, note=""):
        self.title, self.head, self.lines, self.note = title, head, lines, note

    def text(self):
        width = [max(len(str(line[i])) for line in [self.head] + self.lines) for i in range(len(self.head))]
        out = [self.title] + ([self.note] if self.note else [])
        for line in [self.head] + self.lines:
            out.append("  ".join(str(cell).ljust(width[0]) if i == 0 else str(cell).rjust(width[i]) for i, cell in enumerate(line)).rstrip())
        return "\n".join(out) + "\n"

    def markdown(self, level="###"):
        out = [f"{level} {self.title}", ""] + ([self.note, ""] if self.note else [])
        out.append("| " + " | ".join(str(cell) for cell in self.head) + " |")
        out.append("|---|" + "---:|" * (len(self.head) - 1))
        out += ["| " + " | ".join(str(cell) for cell in line) + " |" for line in self.lines]
        return "\n".join(out) + "\n"


def spread(values):
    if not values:
        return "-"
    low, middle, high = targets.quartiles(values)
    return f"{middle:.0f} ±{(high - low) / 2:.0f}"


def thousands(number):
    return f"{number:,}"


# ---- a frame at a time ------------------------------------------------------------------------------------------------


def packet_table(rows, title, columns, head, column_of):
    names = dict.fromkeys((row["id"], row["name"], row["all_active"]) for row in rows)
    lines = []
    for ident, name, cold in names:
        cells = {column_of(row): f"{row['ns']:.0f} ±{(row['ns_quartile_high'] - row['ns_quartile_low']) / 2:.0f}"
                 for row in rows if (row["id"], row["all_active"]) == (ident, cold)}
        lines.append([name + (", all active" if cold else "")] + [cells.get(column, "-") for column in columns])
    return Table(title, [head] + [thousands(column) for column in columns], lines)


def packet_tables(packets):
    rows, tables = packets.get("rows", []), []
    note = "ns a frame beyond an empty program in the same run (BPF_PROG_TEST_RUN). \"all active\": any device to any prefix; else 16 devices, 4 addresses each."
    plain = [row for row in rows if not row["rules"]]
    names = [row for row in plain if row["id"].startswith(("question", "answer-", "learned", "allowed-names")) and row["id"] != "answer-to"]
    plain = [row for row in plain if row not in names]
    for title, chosen, key in (("by devices, 1,000 prefixes", [row for row in plain if row["prefixes"] == 1000], "devices"),
                               ("by prefixes, 1,000 devices", [row for row in plain if row["devices"] == 1000], "prefixes"),
                               ("by rules that cover the address, the last of them matches", [dict(row, rules=row["rules"] + 1) for row in rows if (row["devices"], row["prefixes"]) == (1000, 100)], "rules")):
        columns = sorted({row[key] for row in chosen})
        if len(columns) > 1:
            tables.append(packet_table(chosen, "A frame at a time, " + title, columns, key, lambda row, key=key: row[key]))
    corner = [row for row in plain if row["devices"] == row["prefixes"] and row["devices"] != 1000]
    if corner:
        tables.append(packet_table(corner, "A frame at a time, as many prefixes as devices", sorted({row["devices"] for row in corner}), "both",
                                   lambda row: row["devices"]))
    if names:
        tables.append(Table("DNS", ["", "ns"], [[row["name"], f"{row['ns']:.0f} ±{(row['ns_quartile_high'] - row['ns_quartile_low']) / 2:.0f}"] for row in names]))
    for table in tables:
        table.note = note
    return tables


# ---- over links -------------------------------------------------------------------------------------------------------

WAYS = {"live": "frames that the kernel makes at the device's end of the link, as a network card hands them over",
        "ordinary": "ordinary frames, from a packet socket at the device's end of the link"}


def wire_table(wire, way, rate):
    rows = [row for row in wire["rows"] if row["way"] == way]
    sizes = sorted({row["devices"] for row in rows})
    columns = [(size, cold) for size in sizes for cold in (False, True)]
    lines = []
    for verdict in ("forwarded", "dropped"):
        for lane in dict.fromkeys(row["lane"] for row in rows if row["verdict"] == verdict and row["lane"] != "generator"):
            cells = {}
            for row in rows:
                if (row["lane"], row["verdict"]) == (lane, verdict) and row["ns"]:
                    text = f"{1e3 / statistics.median(row['ns']):.2f}" if rate else spread(row["ns"])
                    cells[row["devices"], row["all_active"]] = "wrong" if row.get("wrong") else text
            lines.append([f"{verdict}: {lane}"] + [cells.get(column, "-") for column in columns])
    own = [statistics.median(row["ns"]) for row in rows if row["lane"] == "generator" and row["ns"]]
    note = WAYS[way] + "; sender, filter and bridge on one CPU"
    if own:
        note += f". Making the frame alone is {statistics.median(own):.0f} ns of each number"
    unit = "millions of frames a second" if rate else "ns a frame"
    return Table(f"Over a link and a bridge, {unit}: {way} frames", ["devices and prefixes"] +
                 [f"{thousands(size)}{' all' if cold else ''}" for size, cold in columns], lines, note + ".")


def flow_table(flow):
    what = (("up", "from device, Gbit/s", 2), ("down", "to device, Gbit/s", 2), ("rtt", "round trip, us", 1), ("rtt_p99", "its 99th percentile", 1))
    values = {(row["lane"], row["what"]): row["values"] for row in flow["rows"]}
    lines = []
    for lane in dict.fromkeys(row["lane"] for row in flow["rows"]):
        line = [lane]
        for key, _, digits in what:
            found = values.get((lane, key))
            low, middle, high = targets.quartiles(found) if found else (0, 0, 0)
            line.append(f"{middle:.{digits}f} ±{(high - low) / 2:.{digits}f}" if found else "-")
        lines.append(line)
    return Table("A TCP connection through the bridge, 64 devices", [""] + [name for _, name, _ in what], lines, "iperf3, one connection; 64 bytes there and back.")


# ---- control ----------------------------------------------------------------------------------------------------------


def milliseconds(seconds):
    return f"{statistics.median(seconds) * 1e3:.1f}" if seconds else "-"


def control_table(result):
    control, load = result.get("control") or {}, result.get("load") or []
    sizes = sorted({row["devices"] for row in load} | {row["devices"] for row in control.get("start", [])})
    by_load = {row["devices"]: row for row in load}
    reloads = {row["devices"]: row for row in control.get("reload", [])}
    starts = {size: [row for row in control.get("start", []) if row["devices"] == size] for size in sizes}
    step = lambda name: [milliseconds(by_load[size]["seconds"][name]) if size in by_load else "-" for size in sizes]
    reload_cell = lambda key, scale, digits: [f"{reloads[size][key] / scale:.{digits}f}" if size in reloads else "-" for size in sizes]
    lines = [["policy read, ms"] + step("read"), ["compiled, ms"] + step("compile"), ["programs and maps loaded, ms"] + step("open"),
             ["copied into the maps, ms"] + step("stage"), ["made current, ms"] + step("flip"),
             ["start to enforced, ms"] + [milliseconds([row["seconds"] for row in starts[size]]) for size in sizes],
             ["start to `status` says so, ms"] + [milliseconds([row["told_seconds"] for row in starts[size]]) for size in sizes],
             ["`ringfence reload`, ms"] + [milliseconds(reloads[size]["seconds"]) if size in reloads else "-" for size in sizes],
             ["frames lost in all reloads"] + [f"{reloads[size]['lost']} of {thousands(reloads[size]['frames'])}" if size in reloads else "-" for size in sizes],
             ["slowest frame while reloading, us"] + reload_cell("late_max_ns", 1e3, 0),
             ["slowest frame without, us"] + reload_cell("quiet_late_max_ns", 1e3, 0),
             ["all maps, MiB"] + [f"{by_load[size]['bytes'] / 2**20:.1f}{' (computed)' if by_load[size]['computed'] else ''}" if size in by_load else "-" for size in sizes],
             ["daemon resident, MiB"] + [f"{statistics.median(row['memory_kib']['VmRSS'] for row in starts[size]) / 1024:.1f}" if starts[size] else "-" for size in sizes],
             ["of it not maps or files, MiB"] + [f"{statistics.median(row['memory_kib']['RssAnon'] for row in starts[size]) / 1024:.1f}" if starts[size] else "-" for size in sizes]]
    return Table("Control", ["devices"] + [thousands(size) for size in sizes], lines)


def memory_table(load):
    sizes = [row for row in load if row["maps"]]
    names = sorted({name for row in sizes for name in row["maps"]}, key=lambda name: -max(row["maps"].get(name, 0) for row in sizes))
    lines = [[name or "(no name)"] + [f"{row['maps'].get(name, 0) / 2**20:.2f}" for row in sizes] for name in names]
    lines.append(["all"] + [f"{row['bytes'] / 2**20:.1f}" for row in sizes])
    head = [thousands(row["devices"]) + (f" ({SIZE_NAMES[row['devices']]})" if row["devices"] in SIZE_NAMES else "") + (" computed" if row["computed"] else "")
            for row in sizes]
    return Table("Memory of each map, MiB", ["devices"] + head, lines, "As the kernel accounts for them.")


def sentences(result):
    control, out = result.get("control") or {}, []
    if control.get("names"):
        rates = [row["learned"] / row["seconds"] for row in control["names"]]
        part = sum(row["learned"] for row in control["names"]) / sum(row["asked"] for row in control["names"])
        out.append(f"DNS names learned: {spread(rates)} a second on one CPU, question and answer and two links and a bridge included; {part * 100:.1f} % of those asked.")
    if control.get("events"):
        good = [step for step in control["events"]["steps"] if not step["lost"]]
        bad = [step for step in control["events"]["steps"] if step["lost"]]
        if good:
            text = f"Events: {good[-1]['rate']:.0f} a second, from {thousands(control['events']['devices'])} devices, and none lost"
            out.append(text + (f"; at {bad[0]['rate']:.0f} a second {bad[0]['lost']} were." if bad else f"; {control['events']['ended']}."))
    return out


def names_table(names):
    """tools/bench.d/names-race: what was lost, or for `stranger' what passed, by system."""
    cells = {(row["system"], row["case"]): f"{row.get('lost', row.get('passed'))} of {thousands(row['sent'])}" for row in names["rows"]}
    systems = list(dict.fromkeys(row["system"] for row in names["rows"]))
    lines = [[case + (": passed" if case == "stranger" else ": lost")] + [cells.get((system, case), "-") for system in systems]
             for case in dict.fromkeys(row["case"] for row in names["rows"])]
    return Table("The first packet after a DNS answer", [""] + [f"dnsmasq {names['dnsmasq']} + nftset" if system == "nftset" else system for system in systems], lines)


# ---- judgement ---------------------------------------------------------------------------------------------------------


def number(value, unit):
    return f"{value:.2f}{' ' + unit if unit else ''}" if abs(value) < 100 else f"{value:.0f}{' ' + unit if unit else ''}"


def target_line(each):
    bound = "at most" if each["most"] else "at least"
    note = f" [{each['note']}]" if each["note"] else ""
    return [("met" if each["met"] else "MISSED"), each["what"] + note, number(each["value"], each["unit"]),
            f"{each['low']:.2f}-{each['high']:.2f}" if each["low"] != each["high"] else "", f"{bound} {each['limit']:g}"]


def worst_of_groups(found):
    """One of each group: the one that is furthest from its limit, and how many of how many were met."""
    lines = []
    for group in dict.fromkeys(each["group"] for each in found):
        mine = [each for each in found if each["group"] == group]
        if group in ("names", "memory", "reload", "race", "forward", "drop", "drop-nft"):
            lines += [(each, "") for each in mine]
            continue
        worst = max(mine, key=lambda each: each["value"] / each["limit"] if each["most"] else each["limit"] / max(each["value"], 1e-9))
        met = sum(each["met"] for each in mine)
        lines.append((worst, f"worst of {len(mine)}; {met} met" if len(mine) > 1 else ""))
    return lines


def targets_table(found, short):
    if short:
        lines = []
        for each, count in worst_of_groups(found):
            cells = target_line(each)
            lines.append([cells[1] + (f" ({count})" if count else ""), f"{cells[2]}", cells[3], cells[4], "met" if each["met"] else "**missed**"])
        return Table("Targets", ["target", "measured", "spread", "asked", "result"], lines)
    lines = [target_line(each) for each in found]
    met = sum(each["met"] for each in found)
    return Table(f"Targets: {met} of {len(found)} met", ["", "target", "measured", "spread", "asked"], lines)


def growth_table(curves):
    lines = [[f"{each['group']}: {each['name']}", each["over"], f"{each['points'][0][0]} to {each['points'][-1][0]}",
              f"{each['points'][0][1]:.3g}", f"{each['points'][-1][1]:.3g}", each["unit"], f"{each['slope']:.2f}", f"x{each['decade']:.2f}"] for each in curves]
    return Table("Growth", ["curve", "over", "range", "first", "last", "unit", "slope", "ten times"], lines,
                 "Slope: of the line through the logarithms; 0 does not grow, 1 grows in proportion. \"ten times\": the factor for ten times as many.")


def missing_table(result):
    lines = []
    for part in ("packets", "wire", "flow"):
        for each in (result.get(part) or {}).get("missing", []):
            lines.append([f"{part}: {each.get('lane', '')}", f"{each['devices']}/{each['prefixes']}", each["why"].replace("\n", " ")[:160]])
    for each in (result.get("control") or {}).get("missing", []):
        lines.append(["control: " + each["what"], "", each["why"].replace("\n", " ")[:160]])
    for row in result.get("load") or []:
        if row.get("why"):
            lines.append(["load", f"{row['devices']}/{row['prefixes']}", row["why"]])
    for row in (result.get("wire") or {}).get("rows", []):
        if row.get("wrong"):
            lines.append([f"wire: {row['lane']}, {row['verdict']}, {row['way']}", f"{row['devices']}/{row['prefixes']}", row["wrong"]])
        elif row["lost"] > row["offered"] / 1000:
            lines.append([f"wire: {row['lane']}, {row['verdict']}, {row['way']}", f"{row['devices']}/{row['prefixes']}",
                          f"{row['lost']} of {row['offered']} frames did not reach the filter: faster than it is"])
    for each in result.get("failed", []):
        lines.append([f"part {each['part']}", "", each["why"].replace("\n", " ")[:160]])
    return Table("Not measured", ["what", "devices/prefixes", "why"], lines) if lines else None


# ---- the whole ----------------------------------------------------------------------------------------------------------


def title(result):
    machine = result["machine"]
    return (f"{machine['cpu']}, {machine['cpus']} CPUs, Linux {machine['kernel']}, {machine['date']}; load average at the start {machine['load_average']:.1f}"
            f"{'; quick run' if result['quick'] else ''}.")


def tables(result):
    found = packet_tables(result.get("packets") or {})
    if (result.get("wire") or {}).get("rows"):
        found += [wire_table(result["wire"], way, False) for way in WAYS]
    if (result.get("flow") or {}).get("rows"):
        found.append(flow_table(result["flow"]))
    if result.get("control") or result.get("load"):
        found.append(control_table(result))
    if result.get("load"):
        found.append(memory_table(result["load"]))
    if result.get("names"):
        found.append(names_table(result["names"]))
    found.append(targets_table(result["targets"], False))
    if result["growth"]:
        found.append(growth_table(result["growth"]))
    missing = missing_table(result)
    return found + ([missing] if missing else [])


# What the README shows: (name, lanes of which the fastest counts)
README_LANES = (("no filter", ("no filter",)), ("XDP_DROP", ("XDP_DROP",)), ("ringfence, XDP", ("ringfence XDP",)), ("ringfence, TC", ("ringfence TC",)),
                ("xdp-filter (cannot say which device)", ("xdp-filter",)),
                ("nftables, the same policy by hand", ("nft bridge, masked sets", "nft bridge, prefix set", "nft netdev, masked sets")),
                ("nftables, single addresses only", ("nft bridge, address set", "nft netdev, address set")), ("ebtables, single addresses only", ("ebtables, among",)))
README_COLUMNS = ((64, False), (1000, False), (100000, False), (100000, True))


def readme_wire(wire, way):
    """Millions of frames a second; of several forms the fastest at that size."""
    found = {(row["lane"], row["verdict"], row["devices"], row["all_active"]): statistics.median(row["ns"])
             for row in wire["rows"] if row["way"] == way and row["ns"] and not row.get("wrong")}
    columns = [column for column in README_COLUMNS if any(key[2:] == column for key in found)]
    lines = []
    for verdict in ("forwarded", "dropped"):
        for name, lanes in README_LANES:
            cells = []
            for column in columns:
                ns = [found[lane, verdict, *column] for lane in lanes if (lane, verdict, *column) in found]
                cells.append(f"{1e3 / min(ns):.2f}" if ns else "-")
            if any(cell != "-" for cell in cells):
                lines.append([f"{verdict}: {name}"] + cells)
    head = ["devices, and as many prefixes"] + [f"{thousands(size)}, {'all active' if cold else '16 active'}" for size, cold in columns]
    return Table("Millions of frames a second", head, lines)


README_PACKETS = ("piece-parse", "piece-hash", "piece-lpm", "xdp-filter-pass", "xdp-filter-drop", "allowed", "denied", "inbound", "unknown", "off", "allowed-6", "denied-6",
                  "each-allowed", "each-denied", "each-unknown", "each-allowed-6", "each-denied-6")
README_SCENES = ((10, 10), (10, 1000), (1000, 1000), (100000, 1000))


def readme_packets(rows):
    rows = [row for row in rows if not row["rules"]]
    scenes = [scene for scene in README_SCENES if any((row["devices"], row["prefixes"]) == scene for row in rows)]
    lines = []
    for ident in README_PACKETS:
        mine = {(row["devices"], row["prefixes"]): row for row in rows if row["id"] == ident and not row["all_active"]}
        if mine:
            name = next(iter(mine.values()))["name"]
            lines.append([name] + [f"{mine[scene]['ns']:.0f}" if scene in mine else "-" for scene in scenes])
    return Table("Nanoseconds a frame", ["devices / prefixes"] + [f"{thousands(one)} / {thousands(other)}" for one, other in scenes], lines)


def bare(table):
    """The table alone."""
    return table.markdown().split("\n\n", 1)[1]


def short(result):
    """For the README: over links in frames a second, a frame at a time, the targets."""
    out = [title(result), ""]
    if (result.get("wire") or {}).get("rows"):
        out += ["Millions of frames a second, over a link and a bridge, all on one CPU:", "", bare(readme_wire(result["wire"], "live"))]
    if (result.get("packets") or {}).get("rows"):
        out += ["Nanoseconds a frame in the program alone, 16 devices active:", "", bare(readme_packets(result["packets"]["rows"]))]
    out += [each + "\n" for each in sentences(result)]
    if result.get("names"):
        out += ["The first packet after a DNS answer, beside what is used otherwise:", "", bare(names_table(result["names"]))]
    met = sum(each["met"] for each in result["targets"])
    out += [f"Targets: {met} of {len(result['targets'])} met. Where one is asked at several sizes, the worst is shown:", "", bare(targets_table(result["targets"], True))]
    return "\n".join(out)


def write(result, folder):
    pages = tables(result)
    text = title(result) + "\n\n" + "\n".join(each.text() for each in pages) + "\n" + "\n".join(sentences(result)) + "\n"
    drawn = plots.write(result, os.path.join(folder, "plots"))
    pictures = "".join(f"![{name}](plots/{name}.svg)\n\n" for name in drawn)
    markdown = "# Benchmark\n\n" + title(result) + "\n\n" + pictures + "\n".join(each.markdown("##") for each in pages) + "\n" + "\n".join(sentences(result)) + "\n"
    for name, content in (("bench.txt", text), ("bench.md", markdown), ("bench-short.md", short(result))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(content)
    print(text)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "build"
    with open(os.path.join(folder, "bench.json"), encoding="utf-8") as file:
        result = json.load(file)
    add_judgement(result)
    write(result, folder)


if __name__ == "__main__":
    main()
