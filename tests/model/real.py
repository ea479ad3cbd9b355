# SPDX-License-Identifier: GPL-2.0-only
"""A window of a real capture as a world for gen.py: its senders are the devices.

The captures are not in this repository; `diff --data DIR` names them.  Which sender is a device of
the policy is drawn by lot, and frames are mutated as talk.py mutates its own.
"""

import collections
import functools
import glob
import os
import random
import re

import address as ip
import capture
import names
from frame import Frame
from talk import Talk
from world import Person, World

LONGEST = 3000              # of a frame: what a test-run takes in one piece
DEVICES_MAX = 4
ENOUGH = 250                # frames of a sequence
HOST_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
GAP = 3600 * 10**9          # no longer silence: files put together from several days


def find(folder):
    """The captures below a folder that can be read, in a fixed order."""
    names = sorted(glob.glob(os.path.join(folder, "**", "*.pcap*"), recursive=True))
    return [name for name in names if os.path.getsize(name) > 24]


@functools.lru_cache(maxsize=4)
def frames_of(path):
    try:
        return [frame for frame in capture.read(path) if 14 <= len(frame[1]) <= LONGEST]
    except (capture.CaptureError, IndexError, ValueError, OverflowError):
        return []


class RealWorld(World):
    """World with the captures' people, addresses and names in place of the invented ones."""

    def __init__(self, rng, captures):
        super().__init__(rng)
        self.rng = rng
        self.frames = self.draw(captures)
        senders, questions, goals = collections.Counter(), collections.Counter(), set()
        for _, data, _ in self.frames:
            mac, frame = data[6:12].hex(":"), Frame(data)
            if not data[6] & 1 and any(data[6:12]):
                senders[mac] += 1
            if frame.malformed or not frame.is_ip:
                continue
            goals.add(ip.text(frame.dst))
            asked = frame.dport == 53 and names.question(frame.payload or b"")
            if asked and asked[1]:
                questions[ip.text(frame.dst), names.text(asked[1])] += 1
        self.take_people(senders)
        self.take_words(sorted(goals), sorted(questions))

    def draw(self, captures):
        """Windows of captures, one after another, until there is enough."""
        result, tries = [], 0
        while len(result) < ENOUGH and tries < 50:
            tries += 1
            frames = frames_of(self.rng.choice(captures))
            begin = self.rng.randrange(max(len(frames) - ENOUGH, 1))
            window = frames[begin:begin + ENOUGH]
            shift = result[-1][0] - window[0][0] if result and window else 0
            result += [(time + shift, data, wire) for time, data, wire in window]
        return result

    def take_people(self, senders):
        macs = [mac for mac, _ in senders.most_common(DEVICES_MAX + 2)]
        self.rng.shuffle(macs)
        taken = set()       # one address belongs to one device: a policy says nothing else
        for person, mac in zip(self.devices, macs):
            person.macs = [mac]
            own = [text for text in self.addresses_of(mac) if text not in taken]
            person.addresses = own or person.addresses
            taken.update(person.addresses)

    def take_words(self, goals, questions):
        if goals:
            self.prefixes = self.prefixes[:8] + self.rng.sample(goals, min(8, len(goals)))
        listed = [name for _, name in questions if HOST_NAME.fullmatch(name)]
        if listed:
            some = self.rng.sample(listed, min(6, len(listed)))
            below = ["*." + name.partition(".")[2] for name in some if name.count(".") > 1]
            self.patterns = self.good_patterns = some + below
            servers = sorted({server for server, _ in questions})
            self.good_resolvers = servers[:3]
            self.resolvers = servers + [server for server in self.resolvers if server not in servers]

    def addresses_of(self, mac):
        found = collections.Counter(
            ".".join(str(byte) for byte in data[26:30]) for _, data, _ in self.frames
            if data[6:12].hex(":") == mac and data[12:14] == b"\x08\0" and len(data) >= 34)
        return [text for text, _ in found.most_common(2)
                if text != "0.0.0.0" and 0 < int(text.split(".")[0]) < 224
                and not text.startswith("127.")]

    def talk(self, length):
        """Frames with times that only go forwards; some are mutated, some come late."""
        talk = Talk(random.Random(self.rng.random()), self, 0)
        before, now, result = None, 0, []
        for time, data, wire in self.frames[:length]:
            if before is not None:
                now += min(max(time - before, 10**6), GAP)
            before = time
            pick = self.rng.random()
            if pick < 0.05:
                data = talk.mutate(data)
                wire = len(data)
            elif pick < 0.06:
                data = data[:self.rng.randrange(14, len(data) + 1)]
            result.append((now, data, min(max(wire, len(data)), LONGEST)))
            if pick > 0.98:
                now += self.rng.randrange(1, 8000) * 10**9
        return result
