# SPDX-License-Identifier: GPL-2.0-only
"""The reference model: policy file and frames in, verdict and reason out.

Joins policy.py, frame.py, judge.py and capture.py; `replay`, `diff` and the tests use only this.
Prints nothing.  Written from the contract alone, for reading, not for speed.
"""

import address as ip
import capture
import names
import policy as policies
from frame import PROTOCOLS_BY_NUMBER, Frame
from judge import Judge


class Model:
    def __init__(self, text, path, unknown=False):
        self.path = path
        self.judge = Judge(policies.parse(text), unknown)
        self.count = 0
        self.now = 0
        self.summary = {"frames": 0, "from": {"pass": 0, "drop": 0}, "to": {"pass": 0, "drop": 0},
                        "unpoliced": 0, "by_reason": {}, "devices": {}}

    def frame(self, time, data, wire=None):
        """The object of ringfence(8), "replay --json", for the next frame."""
        self.count += 1
        self.now = max(self.now, time)      # reading 20: the clock does not run backwards
        frame = Frame(data, wire)
        verdict = self.judge.judge(frame, self.now)
        self.add_up(verdict)
        return self.object(frame, verdict, time)

    def hooks(self, time, data, wire=None, port=None, tag=None):
        """(direction, Verdict) at each hook that the frame meets, as in the kernel."""
        self.now = max(self.now, time)
        return self.judge.hooks(Frame(data, wire, port, tag), self.now)

    def reload(self, text):
        """Another policy comes into force."""
        self.judge.put_in_force(policies.parse(text))

    def object(self, frame, verdict, time):
        result = {
            "frame": self.count, "time": "%d.%06d" % (time // 10**9, time % 10**9 // 1000),
            "direction": verdict.direction, "device": verdict.device,
            "mac": frame.dst_mac if verdict.direction == "to" else frame.src_mac,
            "verdict": verdict.verdict, "reason": verdict.reason,
            "rule": "%s:%d" % (self.path, verdict.rule) if verdict.rule else None,
            "l3": frame.kind if frame.kind in ("ipv4", "ipv6", "arp") else None,
            "proto": PROTOCOLS_BY_NUMBER.get(frame.proto, frame.proto),
            "src": ip.text(frame.src), "dst": ip.text(frame.dst),
            "sport": frame.sport, "dport": frame.dport,
            "name": names.text(verdict.name) if verdict.name else None,
        }
        if verdict.would:
            result["would"] = verdict.would
        if len(verdict.candidates) > 1:
            # Several names led there; any of them is a right answer.
            result["names"] = sorted(names.text(name) for name in verdict.candidates)
        if frame.malformed:
            result["malformed"] = frame.malformed
        return result

    def add_up(self, verdict):
        summary = self.summary
        summary["frames"] += 1
        summary["by_reason"][verdict.reason] = summary["by_reason"].get(verdict.reason, 0) + 1
        if verdict.direction is None:
            summary["unpoliced"] += 1
            return
        summary[verdict.direction][verdict.verdict] += 1
        if verdict.device is not None:
            counts = summary["devices"].setdefault(verdict.device, {"pass": 0, "drop": 0})
            counts[verdict.verdict] += 1


def replay(policy_path, capture_path, unknown=False):
    """Yields the object of each frame, then that of the summary."""
    with open(policy_path, encoding="utf-8") as stream:
        model = Model(stream.read(), policy_path, unknown)
    for time, data, wire in capture.read(capture_path):
        yield model.frame(time, data, wire)
    yield {"summary": model.summary}
