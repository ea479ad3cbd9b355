# SPDX-License-Identifier: GPL-2.0-only
"""targets.py - what was promised, beside what came out. A missed target is shown as one; it fails nothing.

A ratio over links is the median of the rounds' ratios (both sides of a round ran within seconds of each other), its spread their quartiles.
"""
import math
import statistics

MEBIBYTE = 2**20
OURS = "ringfence XDP"
OURS_ORDINARY = "ringfence TC"
NFT = "nft "


def quartiles(values):
    """Outward to a value that was measured: of three, the least and the most."""
    ordered, last = sorted(values), len(values) - 1
    return ordered[math.floor(0.25 * last)], statistics.median(ordered), ordered[math.ceil(0.75 * last)]


def target(group, what, value, limit, most, spread=None, unit="", note=""):
    low, high = spread or (value, value)
    return {"group": group, "what": what, "value": round(value, 3), "low": round(low, 3), "high": round(high, 3), "limit": limit,
            "most": most, "unit": unit, "met": value <= limit if most else value >= limit, "note": note}


# ---- over links ------------------------------------------------------------------------------------------------------


class Wire:
    def __init__(self, rows):
        self.rows = {(row["lane"], row["way"], row["verdict"], row["devices"], row["all_active"]): row["ns"]
                     for row in rows if row["ns"] and not row.get("wrong")}
        self.sizes = sorted({key[3] for key in self.rows})

    def ns(self, lane, way, verdict, size, cold):
        return self.rows.get((lane, way, verdict, size, cold))

    def best_nft(self, way, verdict, size, cold):
        forms = [(statistics.median(ns), key[0]) for key, ns in self.rows.items()
                 if key[0].startswith(NFT) and key[1:] == (way, verdict, size, cold)]
        return min(forms)[1] if forms else None

    def faster(self, lane, peer, way, verdict, size, cold, peer_verdict=None):
        """How many times as many frames a second as the peer: (low, median, high), or None."""
        mine, other = self.ns(lane, way, verdict, size, cold), self.ns(peer, way, peer_verdict or verdict, size, cold)
        if not mine or not other:
            return None
        return quartiles([their / own for own, their in zip(mine, other)])


def wire_target(wire, group, what, limit, lane, peer, way, verdict, size, cold):
    ratio = wire.faster(lane, peer, way, verdict, size, cold)
    if not ratio:
        return []
    active = "all active" if cold else "16 active"
    return [target(group, f"{what}, {size} devices, {active}", ratio[1], limit, False, (ratio[0], ratio[2]), note=peer)]


def of_peers(wire):
    """Never slower than others, at any size: at the hook that is ours for such frames."""
    found = []
    for way, lane, hook in (("live", OURS, "XDP"), ("ordinary", OURS_ORDINARY, "TC, ordinary frames")):
        for verdict in ("forwarded", "dropped"):
            for size in wire.sizes:
                for cold in (False, True):
                    for name, peer in (("xdp-filter", "xdp-filter"), ("best nftables", wire.best_nft(way, verdict, size, cold))):
                        if peer:
                            found += wire_target(wire, f"{way} {name} {verdict}", f"{verdict} / {name} ({hook})", 1.0, lane, peer, way, verdict, size, cold)
    return found


def of_wire(rows):
    wire, found = Wire(rows), []
    found += wire_target(wire, "forward", "forwarding / no filter (XDP)", 0.90, OURS, "no filter", "live", "forwarded", 64, False)
    found += wire_target(wire, "forward", "forwarding / no filter (TC, ordinary frames)", 0.90, OURS_ORDINARY, "no filter", "ordinary", "forwarded", 64, False)
    for size in (64, 1000):
        found += wire_target(wire, "drop", "dropping / XDP_DROP", 0.70, OURS, "XDP_DROP", "live", "dropped", size, False)
        nft = wire.best_nft("live", "dropped", size, False)
        if nft:
            found += wire_target(wire, "drop-nft", "dropping / best nftables", 2.5, OURS, nft, "live", "dropped", size, False)
    return found + of_peers(wire)


# ---- a frame at a time -----------------------------------------------------------------------------------------------


def row_of(rows, ident, scene, cold=False):
    for row in rows:
        if row["id"] == ident and (row["devices"], row["prefixes"]) == scene and not row["rules"] and row["all_active"] == cold:
            return row
    return None


def over(row, others):
    """row / the sum of the others, with the quartiles of both sides; None if one is missing or nothing to divide by."""
    if not row or not all(others):
        return None
    total, low, high = (sum(other[key] for other in others) for key in ("ns", "ns_quartile_low", "ns_quartile_high"))
    if low <= 0:
        return None
    return row["ns_quartile_low"] / high, row["ns"] / total, row["ns_quartile_high"] / low


def packet_target(group, what, limit, row, others):
    ratio = over(row, others)
    return [target(group, what, ratio[1], limit, True, (ratio[0], ratio[2]))] if ratio else []


def of_packets(rows):
    found = []
    scenes = sorted({(row["devices"], row["prefixes"]) for row in rows if not row["rules"]})
    for scene in scenes:
        where = f"{scene[0]} devices, {scene[1]} prefixes"
        pieces = [row_of(rows, ident, scene) for ident in ("piece-parse", "piece-hash", "piece-lpm")]
        for ident, name, limit in (("allowed", "allowed", 1.25), ("denied", "denied", 1.5), ("unknown", "unknown MAC", 0.5)):
            found += packet_target(f"pieces {ident}", f"{name} / (parse + hash + LPM), {where}", limit, row_of(rows, ident, scene), pieces)
        for ident, peer, name in (("allowed", "xdp-filter-pass", "passing"), ("denied", "xdp-filter-drop", "dropping")):
            found += packet_target(f"packets xdp-filter {name}", f"{name} / xdp-filter, all features, {where}", 1.0, row_of(rows, ident, scene),
                                   [row_of(rows, peer, scene)])
    for ident in ("allowed", "denied"):
        for prefixes in (1000,):
            found += packet_target("flat", f"{ident}, 100000 devices / 10 devices, 16 active, {prefixes} prefixes", 1.2,
                                   row_of(rows, ident, (100000, prefixes)), [row_of(rows, ident, (10, prefixes))])
    by_id = {row["id"]: row for row in rows}
    for ident, limit in (("question-few", 400), ("question-many", 400), ("answer-4", 1200), ("answer-32", 4000)):
        row = by_id.get(ident)
        if row:
            found.append(target("names", row["name"], row["ns"], limit, True, (row["ns_quartile_low"], row["ns_quartile_high"]), "ns"))
    found += packet_target("names", "DNS question, 10,000 names / 10 names", 1.2, by_id.get("question-huge"), [by_id.get("question-few")])
    names_scene = next(((row["devices"], row["prefixes"]) for row in rows if row["id"] == "allowed-names"), None)
    if names_scene:
        found += packet_target("names", "allowed by rule, with names in the profile / without", 1.1, row_of(rows, "allowed-names", names_scene),
                               [row_of(rows, "allowed", names_scene)])
    return found


# ---- the rest --------------------------------------------------------------------------------------------------------


def of_control(control, load):
    found = []
    for row in control.get("reload", []):
        found.append(target("reload", f"frames lost in {len(row['seconds'])} reloads, {row['devices']} devices, of {row['frames']}", row["lost"], 0, True))
    home = [row["memory_kib"]["VmRSS"] * 1024 / MEBIBYTE for row in control.get("start", []) if row["devices"] == 64]
    for row in load:
        if row["devices"] == 64 and not row["computed"]:
            found.append(target("memory", "memory of all maps, 64 devices", row["bytes"] / MEBIBYTE, 16, True, unit="MiB"))
    if home:
        low, middle, high = quartiles(home)
        found.append(target("memory", "daemon resident, 64 devices", middle, 8, True, (low, high), "MiB"))
    return found


def of_names(names):
    """tools/bench.d/names-race."""
    found = []
    for row in names.get("rows", []):
        if row["system"] == "ringfence":
            stranger = row["case"] == "stranger"
            what = "packets of a device that did not ask, passed" if stranger else f"first packets after an answer, lost ({row['case']})"
            found.append(target("race", f"{what}, of {row['sent']}", row["passed"] if stranger else row["lost"], 0, True))
    return found


def judge(result):
    return (of_wire((result.get("wire") or {}).get("rows", [])) + of_packets((result.get("packets") or {}).get("rows", [])) +
            of_control(result.get("control") or {}, result.get("load") or []) + of_names(result.get("names") or {}))
