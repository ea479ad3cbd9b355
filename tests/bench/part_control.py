# SPDX-License-Identifier: GPL-2.0-only
"""part_control.py - what the daemon costs: start until the fence stands, reload and what frames feel of it, memory, events, names learned.

Real daemon, real bridge in a namespace. How long policies take to read and how large the maps get is build/bench/load's.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import lanes
import room
from part_flow import machine

SIZES = (64, 1000, 10000, 100000, 1000000)
QUICK_SIZES = (64, 1000)
PREFIXES = 100  # as a home's policy has
READY_S = 120
EVENT_RATES = (5000, 10000, 20000, 40000, 80000, 160000, 320000)
EVENT_DEVICES = 10000
EVENT_TRIES = 3  # what a busy machine did not let the daemon read in time is not its rate
DEVICE_EVENTS = 16  # that a device may cause in a second, if each is of another flow: it has so many fold slots at sizing campus


class Fence:
    """ringfenced on the lane's bridge."""

    def __init__(self, build, lane, devices):
        self.build, self.lane = build, lane
        self.run_dir = tempfile.mkdtemp(prefix="rfbench-")
        self.pin_dir = f"/sys/fs/bpf/{lane.base}"
        text = lanes.run(os.path.join(build, "bench", "wire"), "--size", f"{devices}/{PREFIXES}", "--list", "policy")
        self.policy = os.path.join(self.run_dir, "policy.yaml")
        with open(self.policy, "w", encoding="utf-8") as out:
            out.write(text.replace("attach: {ports: [bench0]}", "attach: {bridge: br0, uplinks: [p2]}"))
        self.process = None
        self.started_ns = 0

    def start(self):
        self.log = open(os.path.join(self.run_dir, "log"), "wb")
        self.started_ns = time.monotonic_ns()
        self.process = subprocess.Popen(
            ("nsenter", f"--net=/run/netns/{self.lane.bridge}", "--", os.path.join(self.build, "ringfenced"), "-c", self.policy,
             "--run-dir", self.run_dir, "--pin-dir", self.pin_dir), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def command(self, *arguments, limit=120):
        return self.lane.inside(self.lane.bridge, os.path.join(self.build, "ringfence"), "--run-dir", self.run_dir, "--pin-dir", self.pin_dir,
                                *arguments, limit=limit)

    def status(self):
        return json.loads(self.command("status", "--json"))

    def wait(self):
        """Until status says that it enforces; seconds since the start."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(RuntimeError, ValueError):
                status = self.status()
                if status["enforcing"] and status["daemon"]:
                    return (time.monotonic_ns() - self.started_ns) / 1e9
            time.sleep(0.002)
        with open(os.path.join(self.run_dir, "log"), encoding="utf-8", errors="replace") as log:
            raise RuntimeError("ringfenced does not stand: " + log.read()[-300:])

    def memory(self):
        """Resident, in KiB: all of it; its own pages; those of the maps and of files."""
        found = {}
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                key = line.split(":")[0]
                if key in ("VmRSS", "RssAnon", "RssFile", "RssShmem", "VmHWM"):
                    found[key] = int(line.split()[1])
        return found

    def stop(self):
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()
        with contextlib.suppress(RuntimeError, lanes.Missing):
            self.command("detach")
        shutil.rmtree(self.run_dir, ignore_errors=True)


@contextlib.contextmanager
def stream(build, lane, denied=False):
    """Frames at a steady pace meanwhile. What came of them is in the list that it gives, once it is over."""
    result = []
    command = [os.path.join(build, "bench", "traffic"), "stream", "--bridge", lane.bridge, "--device", lane.device, "--prefixes", str(PREFIXES)]
    with subprocess.Popen(command + (["--denied"] if denied else []), stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the stream does not start")
        try:
            yield result
        finally:
            process.send_signal(signal.SIGTERM)
            out = process.stdout.read()
            process.wait()
            if out:
                result.append(json.loads(out))


def start_to_enforced(build, lane, devices):
    """From exec until the last denied frame that still passed, and until `ringfence status` says so: seconds."""
    fence = Fence(build, lane, devices)
    try:
        with stream(build, lane, denied=True) as seen:
            time.sleep(0.2)
            fence.start()
            told = fence.wait()
            time.sleep(0.1)
        if not seen or not seen[0]["arrived"] or seen[0]["arrived"] == seen[0]["sent"]:
            raise RuntimeError(f"the fence did not come down on the stream: {seen}")
        memory = fence.memory()
        return (seen[0]["last_ns"] - fence.started_ns) / 1e9, told, memory
    finally:
        fence.stop()


def reloads(build, lane, devices, times):
    """Reload again and again under a stream that is allowed; the same time without for comparison."""
    fence = Fence(build, lane, devices)
    took = []
    try:
        fence.start()
        fence.wait()
        with stream(build, lane) as quiet:
            time.sleep(min(1.0, 0.2 * times))
        with stream(build, lane) as during:
            for _ in range(times):
                start = time.monotonic()
                fence.command("reload")
                took.append(time.monotonic() - start)
        row = {"devices": devices, "seconds": took, "frames": during[0]["sent"], "lost": during[0]["sent"] - during[0]["arrived"]}
        for key in ("late_max_ns", "gap_max_ns", "sender_gap_max_ns"):
            row[key], row["quiet_" + key] = during[0][key], quiet[0][key]
        return row
    finally:
        fence.stop()


def flood(build, lane, fence, rate, devices):
    before = fence.status()["events"]
    sent = json.loads(lanes.run(os.path.join(build, "bench", "traffic"), "flood", "--device", lane.device, "--rate", str(rate), "--seconds", "1",
                                "--devices", str(devices), "--prefixes", str(PREFIXES)))
    time.sleep(0.5)
    after = fence.status()["events"]
    time.sleep(1.1)  # a new interval
    return {"rate": sent["sent"] / sent["seconds"], "emitted": after["emitted"] - before["emitted"], "lost": after["lost"] - before["lost"]}


def events(build, lane, devices):
    """The highest rate of drops, each of another flow, of which the daemon misses none."""
    fence = Fence(build, lane, devices)
    rows, ended = [], "the sender could not make more"
    try:
        fence.start()
        fence.wait()
        for rate in EVENT_RATES:
            if rate > devices * DEVICE_EVENTS:
                ended = "more would be over what each device may tell"
                break
            for _ in range(EVENT_TRIES):
                row = flood(build, lane, fence, rate, devices)
                if not row["lost"]:
                    break
            rows.append(row)
            if rows[-1]["lost"] or rows[-1]["rate"] < rate * 0.8:
                break
        return {"devices": devices, "steps": rows, "ended": ended}
    finally:
        fence.stop()


def attempt(result, what, work):
    """One measurement; what fails is told and does not end the others."""
    try:
        with machine():
            return work()
    except (RuntimeError, lanes.Missing, OSError, KeyError, ValueError) as error:
        print(f"bench: {what}: {error}", file=sys.stderr)
        result["missing"].append({"what": what, "why": str(error)[-400:]})
        return None


def measure(build, quick, known):
    result = {"start": [], "reload": [], "events": None, "names": None, "load": [], "missing": []}
    lane = lanes.Lane("control", server=True)
    folder = os.path.join(build, "bench")
    try:
        for devices in QUICK_SIZES if quick else SIZES:
            why = room.too_large(known, devices)
            if why:
                result["missing"].append({"what": f"{devices} devices", "why": why})
                continue
            print(f"bench: the daemon, {devices} devices", file=sys.stderr)
            many = devices > 10000
            for _ in range(1 if many else 3 if quick else 5):
                row = attempt(result, f"start with {devices} devices", lambda: start_to_enforced(build, lane, devices))
                if row:
                    result["start"].append({"devices": devices, "seconds": row[0], "told_seconds": row[1], "memory_kib": row[2]})
            row = attempt(result, f"reload with {devices} devices", lambda: reloads(build, lane, devices, 3 if many else 10 if quick else 20))
            if row:
                result["reload"].append(row)
        result["events"] = attempt(result, "events a second", lambda: events(build, lane, 1000 if quick else EVENT_DEVICES))
        names = attempt(result, "names a second", lambda: [json.loads(lanes.run(
            os.path.join(folder, "traffic"), "names", "--bridge", lane.bridge, "--device", lane.device, "--server", lane.server, "--seconds", "1",
            "--devices", "64", "--prefixes", str(PREFIXES))) for _ in range(3 if quick else 5)])
        result["names"] = names
    finally:
        lane.down()
    return result


if __name__ == "__main__":
    json.dump(measure(os.environ.get("B", "build"), True, {}), sys.stdout, indent=1)
