# SPDX-License-Identifier: GPL-2.0-only
"""part_flow.py - one TCP connection through each filter: throughput (iperf3) and round trips (build/bench/traffic pingpong), by turns."""
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time

import lanes

SIZE = 64
FILTERS = ("no filter", "ringfence XDP", "ringfence TC", "xdp-filter", "nft bridge, masked sets", "nft netdev, masked sets")


@contextlib.contextmanager
def machine():
    """Others who time on this machine, and say so by the same file, wait meanwhile."""
    path = os.environ.get("BENCH_LOCK")
    if not path:
        yield
        return
    with open(path, "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_lanes(wire, folder, missing):
    macs = lanes.run(wire, "--size", f"{SIZE}/{SIZE}", "--list", "macs").split()
    prefixes = lanes.run(wire, "--size", f"{SIZE}/{SIZE}", "--list", "prefixes").split()
    made = []
    for name, kind, rules in lanes.FILTERS:
        if name not in FILTERS:
            continue
        if name == "xdp-filter" and not shutil.which("xdp-filter"):
            missing.append({"lane": name, "devices": SIZE, "prefixes": SIZE, "why": "xdp-filter is not installed (package xdp-tools)"})
            continue
        lane = lanes.Lane(name, kind, server=True)
        lane.talk(macs[0])
        try:
            if rules:
                rules(lane, macs, prefixes, folder)
            made.append(lane)
        except (lanes.Missing, RuntimeError) as error:
            missing.append({"lane": name, "devices": SIZE, "prefixes": SIZE, "why": str(error)})
            lane.down()
    return made


@contextlib.contextmanager
def filters_in_place(wire, made):
    command = [wire, "--size", f"{SIZE}/{SIZE}", "--hold", *(lane.argument() for lane in made)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the filters cannot be put in place")
            yield
        finally:
            process.stdin.close()
            process.wait()


def iperf(lane, seconds, reverse):
    """Gbit/s of one connection from the device, or to it."""
    inside = ("nsenter", f"--net=/run/netns/{lane.server}", "--")
    with subprocess.Popen((*inside, "iperf3", "-s", "-1", "-p", "5201"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for attempt in range(50):
                time.sleep(0.05)
                try:
                    out = lane.inside(lane.device, "iperf3", "-c", lanes.SERVER, "-p", "5201", "-t", str(seconds), "-J",
                                      *(("-R",) if reverse else ()), limit=seconds + 20)
                    return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 1e9
                except RuntimeError as error:
                    if "refused" not in str(error) or attempt == 49:
                        raise
            return None
        finally:
            server.kill()


def measure(build, quick):
    """{"rows": [{lane, what, values}], "missing": []}: what is up (Gbit/s from the device), down, rtt (us, median), rtt_p99."""
    folder, missing, values = os.path.join(build, "bench"), [], {}
    wire, traffic = os.path.join(folder, "wire"), os.path.join(folder, "traffic")
    have_iperf = bool(shutil.which("iperf3"))
    if not have_iperf:
        missing.append({"lane": "all", "devices": SIZE, "prefixes": SIZE, "why": "iperf3 is not installed: no throughput"})
    print("bench: TCP connections", file=sys.stderr)
    made = make_lanes(wire, folder, missing)
    try:
        with filters_in_place(wire, made):
            for _ in range(2 if quick else 5):
                for lane in made:
                    with machine():
                        if have_iperf:
                            values.setdefault((lane.name, "up"), []).append(iperf(lane, 1, False))
                            values.setdefault((lane.name, "down"), []).append(iperf(lane, 1, True))
                        trips = json.loads(lanes.run(traffic, "pingpong", "--device", lane.device, "--server", lane.server, "--seconds", "0.5"))
                    values.setdefault((lane.name, "rtt"), []).append(trips["median_us"])
                    values.setdefault((lane.name, "rtt_p99"), []).append(trips["p99_us"])
    finally:
        for lane in made:
            lane.down()
    return {"rows": [{"lane": lane, "what": what, "devices": SIZE, "values": each} for (lane, what), each in values.items()],
            "missing": missing}


if __name__ == "__main__":
    json.dump(measure(os.environ.get("B", "build"), True), sys.stdout, indent=1)
