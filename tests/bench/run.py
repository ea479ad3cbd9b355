#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""run.py - the whole benchmark: all parts one after the other on this machine, one report.

    tests/bench/run.py [--quick] [--parts packets,wire,flow,load,control,names] [--out FOLDER]

What is measured is kept after each part in OUT/bench.json; report.py makes text, Markdown and plots of it. A part that fails is told as missing, and the
others go on. Exit status 0: all that this machine allows was measured; met or missed is in the report. 1: a part failed.
"""
import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import time

import part_control
import part_flow
import part_wire
import report
import room

PARTS = ("packets", "wire", "flow", "load", "control", "names")

# devices/prefixes/rules that stand before the one that allows
DEVICES_CURVE = ("10/1000", "100/1000", "1000/1000", "10000/1000", "100000/1000", "1000000/1000")
PREFIXES_CURVE = ("1000/10", "1000/100", "1000/10000", "1000/100000")
RULES_CURVE = ("1000/100/1", "1000/100/3", "1000/100/15", "1000/100/63", "1000/100/255")
CORNERS = ("10/10", "100000/100000")
NAMES_SCENE = "64/100"
EACH_SCENE = "1000/1000"  # each frame judged by itself: what the first of a flow costs
QUICK_SCENES = ("10/10", "10/1000", "1000/1000", "1000/100/15")
LOADS = ("64/100", "1000/100", "10000/100", "100000/100", "1000000/100")
QUICK_LOADS = ("64/100", "1000/100", "10000/100")


def tool(build, name, *arguments, limit=900):
    """One of build/bench/*; what it says on the way is shown."""
    path = os.path.join(build, "bench", f"{name}.json")
    if os.path.exists(path):
        os.remove(path)
    done = subprocess.run((os.path.join(build, "bench", name), *arguments, "--json", path), timeout=limit, check=False)
    if not os.path.exists(path):
        raise RuntimeError(f"{name} ended with status {done.returncode}")
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    if done.returncode:
        result.setdefault("missing", []).append({"devices": 0, "prefixes": 0, "why": f"{name} ended with status {done.returncode}"})
    return result


def packets(build, quick, result):
    scenes, missing = [], []
    for scene in QUICK_SCENES if quick else DEVICES_CURVE + PREFIXES_CURVE + RULES_CURVE + CORNERS:
        devices, prefixes = (int(each) for each in scene.split("/")[:2])
        why = room.too_large(result, devices)
        if why:
            missing.append({"devices": devices, "prefixes": prefixes, "why": why})
        else:
            scenes.append(scene)
    found = tool(build, "packets", "--scenes", ",".join(scenes), "--names", NAMES_SCENE, "--each", EACH_SCENE, *(("--rounds", "5", "--repeat", "100000") if quick else
                                                                                             ("--rounds", "7", "--repeat", "100000")))
    found["missing"] += missing
    return found


def names_race(build, quick, result):
    """The first packet after a DNS answer, beside dnsmasq with nftables sets. Where that comparison is not there, it is missing."""
    del result
    path = os.path.join(build, "bench", "names-race.json")
    command = "tools/bench.d/names-race"
    if quick:
        return None
    if not os.access(command, os.X_OK):
        raise RuntimeError(f"{command} is not there")
    subprocess.run((command, "--json", path), timeout=600, check=True, stdout=sys.stderr)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


RUNNERS = {
    "load": lambda build, quick, result: tool(build, "load", "--sizes", ",".join(QUICK_LOADS if quick else LOADS), "--rounds", "3"),
    "packets": packets,
    "wire": lambda build, quick, result: part_wire.measure(build, quick, result),
    "flow": lambda build, quick, result: part_flow.measure(build, quick),
    "control": lambda build, quick, result: part_control.measure(build, quick, result),
    "names": names_race,
}


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    return {"cpu": cpu_name(), "cpus": os.cpu_count(), "kernel": platform.release(),
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "load_average": os.getloadavg()[0]}


def keep(result, path):
    with open(path + ".new", "w", encoding="utf-8") as out:
        json.dump(result, out, indent=1)
        out.write("\n")
    os.replace(path + ".new", path)


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that namespaces and pins go
    parser = argparse.ArgumentParser(prog="tools/bench")
    parser.add_argument("--quick", action="store_true", help="fewer sizes and rounds: two minutes in place of twenty")
    parser.add_argument("--parts", default=",".join(PARTS), help="of: " + ", ".join(PARTS))
    parser.add_argument("--out", default=os.environ.get("B", "build"))
    options = parser.parse_args()
    build, started, failed = os.environ.get("B", "build"), time.monotonic(), False
    path = os.path.join(options.out, "bench.json")
    result = {"machine": machine(), "quick": options.quick, "failed": []}
    # Memory first: what of the rest fits depends on it.
    for part in sorted(options.parts.split(","), key=lambda each: each != "load"):
        if part not in RUNNERS:
            parser.error(f"no such part: {part}")
        begin = time.monotonic()
        try:
            result[part] = RUNNERS[part](build, options.quick, result)
        except (RuntimeError, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            print(f"bench: {part}: {error}", file=sys.stderr)
            result["failed"].append({"part": part, "why": str(error)[-400:]})
            failed = failed or part != "names"
        result.setdefault("seconds", {})[part] = round(time.monotonic() - begin, 1)
        keep(result, path)
    result["seconds"]["all"] = round(time.monotonic() - started, 1)
    report.add_judgement(result)
    keep(result, path)
    report.write(result, options.out)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
