# SPDX-License-Identifier: GPL-2.0-only
"""growth.py - curves: what of the report belongs to one line, and how steep the line is.

The slope is of the line through the logarithms: a cost that does not grow has 0, one in proportion has 1. `decade' is the factor for ten times as many.
"""
import math
import statistics


def slope(points):
    """Least squares through the logarithms of (x, y); None with fewer than two different x."""
    pairs = [(math.log10(x), math.log10(y)) for x, y in points if x > 0 and y > 0]
    if len({x for x, _ in pairs}) < 2:
        return None
    mean_x, mean_y = statistics.fmean(x for x, _ in pairs), statistics.fmean(y for _, y in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / sum((x - mean_x) ** 2 for x, _ in pairs)


def curve(group, name, unit, over, points):
    points = sorted(point for point in points if point[1] is not None)
    steep = slope(points)
    if steep is None:
        return []
    return [{"group": group, "name": name, "unit": unit, "over": over, "points": points, "slope": round(steep, 3), "decade": round(10**steep, 2)}]


PATHS = (("allowed", "allowed by rule"), ("denied", "denied by default"), ("unknown", "unknown MAC"), ("piece-hash", "one hash look-up"),
         ("piece-lpm", "one LPM look-up"), ("xdp-filter-pass", "xdp-filter passes"), ("xdp-filter-drop", "xdp-filter drops"))


def of_packets(rows):
    curves = []
    for ident, name in PATHS:
        for cold in (False, True):
            mine = [row for row in rows if row["id"] == ident and row["all_active"] == cold]
            label = name + (", all active" if cold else "")
            curves += curve("packets-devices", label, "ns", "devices",
                            [(row["devices"], row["ns"]) for row in mine if row["prefixes"] == 1000 and not row["rules"]])
            curves += curve("packets-prefixes", label, "ns", "prefixes",
                            [(row["prefixes"], row["ns"]) for row in mine if row["devices"] == 1000 and not row["rules"]])
            curves += curve("packets-rules", label, "ns", "rules of the profile that cover the address",
                            [(row["rules"] + 1, row["ns"]) for row in mine if (row["devices"], row["prefixes"]) == (1000, 100)])
    by_id = {row["id"]: row["ns"] for row in rows}
    curves += curve("packets-names", "allowed by name", "ns", "names", [(n, by_id.get(f"learned-{n}")) for n in (10, 100, 1000, 10000)])
    curves += curve("packets-names", "DNS question", "ns", "names",
                    [(n, by_id.get(ident)) for n, ident in ((10, "question-few"), (1000, "question-many"), (10000, "question-huge"))])
    curves += curve("packets-answers", "DNS answer", "ns", "addresses in the answer", [(n, by_id.get(f"answer-{n}")) for n in (1, 4, 16, 32)])
    return curves


def of_wire(rows):
    curves = []
    for way in ("live", "ordinary"):
        for cold in (False, True):
            for verdict in ("forwarded", "dropped"):
                mine = [row for row in rows if (row["way"], row["all_active"], row["verdict"]) == (way, cold, verdict) and not row.get("wrong")]
                for lane in dict.fromkeys(row["lane"] for row in mine if row["lane"] != "generator"):
                    curves += curve(f"wire-{way}-{verdict}-{'all' if cold else 'hot'}", lane, "ns", "devices and prefixes",
                                    [(row["devices"], statistics.median(row["ns"])) for row in mine if row["lane"] == lane and row["ns"]])
    return curves


def of_control(result):
    control, load = result.get("control") or {}, result.get("load") or []
    starts = {}
    for row in control.get("start", []):
        starts.setdefault(row["devices"], []).append(row["seconds"])
    curves = curve("control-time", "start to enforced", "s", "devices", [(n, statistics.median(each)) for n, each in starts.items()])
    curves += curve("control-time", "reload", "s", "devices", [(row["devices"], statistics.median(row["seconds"])) for row in control.get("reload", [])])
    for step, name in (("read", "read the policy"), ("compile", "compile it"), ("stage", "copy it into the maps")):
        curves += curve("control-time", name, "s", "devices",
                        [(row["devices"], statistics.median(row["seconds"][step])) for row in load if row["seconds"][step]])
    curves += curve("memory", "all maps", "MiB", "devices", [(row["devices"], row["bytes"] / 2**20) for row in load if not row["computed"]])
    resident = {}
    for row in control.get("start", []):
        resident.setdefault(row["devices"], []).append(row["memory_kib"]["VmRSS"] / 1024)
    curves += curve("memory", "daemon, resident", "MiB", "devices", [(n, statistics.median(each)) for n, each in resident.items()])
    return curves


def curves(result):
    return of_packets((result.get("packets") or {}).get("rows", [])) + of_wire((result.get("wire") or {}).get("rows", [])) + of_control(result)
