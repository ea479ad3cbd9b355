# SPDX-License-Identifier: GPL-2.0-only
"""part_wire.py - end to end: all filters beside each other, at each size. What was measured is build/bench/wire's, see there."""
import json
import os
import shutil
import sys

import lanes
import room

SIZES = (10, 64, 1000, 10000, 100000)
QUICK_SIZES = (64, 1000)


def is_there(name, size):
    """Why a packet program cannot be measured, or None."""
    if name == "xdp-filter":
        if not shutil.which("xdp-filter"):
            return "xdp-filter is not installed (package xdp-tools)"
        if size > lanes.XDP_FILTER_MAX:
            return f"its tables hold {lanes.XDP_FILTER_MAX} entries"
    return None


def make_lanes(wire, size, folder, missing):
    macs = lanes.run(wire, "--size", f"{size}/{size}", "--list", "macs").split()
    prefixes = lanes.run(wire, "--size", f"{size}/{size}", "--list", "prefixes").split()
    made = []
    for name, kind, rules in lanes.FILTERS:
        why = is_there(name, size)
        lane = None
        if not why:
            lane = lanes.Lane(name, kind)
            try:
                if rules:
                    rules(lane, macs, prefixes, folder)
                made.append(lane)
            except lanes.Missing as error:
                why = str(error)
            except RuntimeError as error:
                why = f"does not load: {error}"
        if why:
            if lane:
                lane.down()
            print(f"bench: {name}, {size} devices: {why}", file=sys.stderr)
            missing.append({"lane": name, "devices": size, "prefixes": size, "why": why})
    return made


def measure(build, quick, known, sizes=None):
    """{"rows": [...], "missing": [...]}: rows as wire writes them. `known': what was measured before."""
    folder, result = os.path.join(build, "bench"), {"rows": [], "missing": []}
    wire = os.path.join(folder, "wire")
    for size in sizes or (QUICK_SIZES if quick else SIZES):
        why = room.too_large(known, size)
        if why:
            result["missing"].append({"lane": "all", "devices": size, "prefixes": size, "why": why})
            continue
        print(f"bench: over links, {size} devices and prefixes", file=sys.stderr)
        made = make_lanes(wire, size, folder, result["missing"])
        out = os.path.join(folder, f"wire-{size}.json")
        try:
            lanes.run(wire, "--size", f"{size}/{size}", "--rounds", "3" if quick else "7", "--milliseconds", "60" if quick else "100",
                      "--ordinary", "--json", out, *(lane.argument() for lane in made), limit=600)
            with open(out, encoding="utf-8") as file:
                result["rows"] += json.load(file)
        except (RuntimeError, lanes.Missing) as error:
            print(f"bench: {size} devices: {error}", file=sys.stderr)
            result["missing"].append({"lane": "all", "devices": size, "prefixes": size, "why": str(error)})
        finally:
            for lane in made:
                lane.down()
    return result


if __name__ == "__main__":
    json.dump(measure(os.environ.get("B", "build"), True, {}, [int(each) for each in sys.argv[1:]]), sys.stdout, indent=1)
