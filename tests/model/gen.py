#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random policies and random conversations, by seed: input for `diff`.

usage: gen.py SEED [--length N] [--out DIR]    writes DIR/seed-SEED.policy.yaml and .pcap

make(seed, length) gives a Case: frames only, as a capture holds them.  make_story(seed, length)
adds what a capture cannot say: inside ports, tags that hardware took out, changes of policy.  A
policy is a tree of dicts and lists, so that `diff` can take pieces away; every policy made here is
valid.  The frames are talk between the people of one small world (world.py), in both directions,
with mistakes and lies mixed in, or those of a real capture (real.py).
"""

import argparse
import collections
import copy
import json
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import capture                              # noqa: E402
import real                                 # noqa: E402
from judge import UPLINK                    # noqa: E402
from talk import Talk                       # noqa: E402
from world import PATTERNS, World           # noqa: E402

START = 1_461_234_567 * 10**9
SOURCES = ["any", "local", "internet", "gateway", "resolvers"]
DESTINATIONS = SOURCES + ["multicast", "broadcast"]
PORTS = ["443", "80", "53", "5000-5010", "1-65535", "1-1023", "5353", "123"]
SERVICES = ["dhcp", "dns", "ntp", "mdns", "ssdp", "ping"]
ETHERTYPES = ["llc", "0x88e1", "0x88cc", "0x8863"]


PORTS_OF_DEVICES = ["lan0", "lan1", "wlan0"]
MILLISECOND = 10**6
RELOADS_MAX = 3

# Of a Case: a frame (time in ns, port or None, tag in metadata or None); another policy.
Step = collections.namedtuple("Step", "time data wire port tag", defaults=(None, None))
Reload = collections.namedtuple("Reload", "policy")


class Case:
    """A policy tree, steps, and whether to say --unknown."""

    def __init__(self, policy, steps, unknown):
        self.policy, self.steps, self.unknown = policy, steps, unknown

    @property
    def frames(self):
        return [step[:3] for step in self.steps if isinstance(step, Step)]

    @property
    def policies(self):
        """All policy trees, in the order in which they come into force."""
        return [self.policy] + [step.policy for step in self.steps if isinstance(step, Reload)]

    def with_policies(self, trees):
        trees = list(trees)
        first = trees.pop(0)
        steps = [Reload(trees.pop(0)) if isinstance(step, Reload) else step for step in self.steps]
        return Case(first, steps, self.unknown)

    def with_steps(self, steps):
        return Case(self.policy, steps, self.unknown)

    def write(self, base):
        with open(base + ".policy.yaml", "w", encoding="utf-8") as stream:
            stream.write(yaml_text(self.policy))
        capture.write(base + ".pcap", self.frames)


# --- policies ---------------------------------------------------------------------------------

def yaml_text(tree, depth=0):
    """Block style down to rules, each of which is one line, so that FILE:LINE tells them apart."""
    lines = []
    for key, value in tree.items():
        pad = "  " * depth
        if isinstance(value, dict) and value:
            lines.append("%s%s:\n%s" % (pad, key, yaml_text(value, depth + 1)))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append("%s%s:\n" % (pad, key))
            lines += ["%s  - %s\n" % (pad, json.dumps(item)) for item in value]
        else:
            lines.append("%s%s: %s\n" % (pad, key, json.dumps(value)))
    return "".join(lines)


def destination(rng, world, names, inbound):
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(SOURCES if inbound else DESTINATIONS)
    if pick < 0.65:
        return rng.choice(world.prefixes)
    if pick < 0.75 or not names:
        kind = rng.choice(["device", "group"])
        return "%s:%s" % (kind, rng.choice(world.device_names if kind == "device"
                                           else list(world.groups)))
    return rng.choice(world.patterns)


def rule(rng, world, inbound=False):
    action = "allow" if rng.random() < 0.65 else "deny"
    count = rng.choice([1, 1, 1, 2, 3])
    named = action == "allow" and not inbound
    chosen = [destination(rng, world, named, inbound) for _ in range(count)]
    chosen = sorted(set(chosen))
    result = {action: chosen if len(chosen) > 1 else chosen[0]}
    pick = rng.random()
    if pick < 0.55:
        result["proto"] = rng.choice(["tcp", "udp", "udp", "sctp", ["tcp", "udp"]])
        if rng.random() < 0.6:
            ports = sorted(set(rng.choices(PORTS, k=rng.choice([1, 1, 2]))))
            result["port"] = ports if len(ports) > 1 else ports[0]
    elif pick < 0.75:
        result["proto"] = rng.choice(["icmp", "icmpv6", "igmp", "esp", "gre", "51", "58", "17",
                                      ["icmp", "icmpv6"]])
    if rng.random() < 0.1:
        result["log"] = "false"
    return result


def profile(rng, world):
    result = {"default": rng.choice(["deny", "deny", "allow"])}
    if rng.random() < 0.6:
        result["services"] = rng.sample(SERVICES, rng.randint(0, 5))
    if rng.random() < 0.8:
        result["rules"] = [rule(rng, world) for _ in range(rng.randint(0, 5))]
        if rng.random() < 0.5:
            by_name = {"allow": rng.choice(world.patterns)}
            if rng.random() < 0.5:
                by_name.update({"proto": ["tcp", "udp"], "port": "443"})
            result["rules"].insert(0, by_name)
    if rng.random() < 0.6:
        result["inbound"] = [rule(rng, world, inbound=True) for _ in range(rng.randint(0, 3))]
    if rng.random() < 0.3:
        result["ethertypes"] = rng.sample(ETHERTYPES, rng.randint(1, 3))
    if rng.random() < 0.35:
        result["dns"] = rng.choice(["any", "listed", "listed"])
    if rng.random() < 0.25:
        result["deny-names"] = sorted(set(rng.choices(world.patterns, k=2)))
    return result


def network(rng, world):
    result = {}
    if rng.random() < 0.7:
        result["local"] = ["192.168.1.0/24", "fd00:1::/64"]
    if rng.random() < 0.85:
        result["gateway"] = ["192.168.1.1"] + rng.choice([[], ["fe80::1"], ["fd00:1::1"]])
    if rng.random() < 0.6:
        result["resolvers"] = rng.sample(world.resolvers, rng.randint(1, 3))
    return result


def device(rng, person, profiles):
    result = {"mac": person.macs[0] if len(person.macs) == 1 else list(person.macs),
              "profile": rng.choice(profiles)}
    if rng.random() < 0.3:
        result["mode"] = rng.choice(["enforce", "monitor", "monitor", "quarantine", "off"])
    if rng.random() < 0.03:
        result["vlan"] = rng.choice(["20", "1", "4094"])
    if rng.random() < 0.2:
        result["addresses"] = rng.sample(person.addresses, rng.randint(1, len(person.addresses)))
        if rng.random() < 0.2:      # a range, which others may share
            result["addresses"] += rng.sample(["192.168.1.0/28", "fd00:1::/64", "10.5.0.0/16"], 1)
    return result


def policy(rng, world):
    profiles = ["p%d" % i for i in range(rng.randint(1, 3))]
    tree = {}
    net = network(rng, world)
    if net:
        tree["network"] = net
    if rng.random() < 0.5:
        tree["unknown"] = rng.choice(["quarantine", "monitor"] + profiles)
    tree["profiles"] = {name: profile(rng, world) for name in profiles}
    tree["devices"] = {}
    for person in world.devices:
        tree["devices"][person.name] = device(rng, person, profiles)
        if rng.random() < 0.35:
            tree["devices"][person.name]["rules"] = \
                [rule(rng, world) for _ in range(rng.randint(1, 3))]
    tree["groups"] = {name: list(members) for name, members in world.groups.items()}
    return tree


def tame(rng, tree, world):
    """A policy under which look-ups mostly work, so that names and their lives are reached."""
    tree["network"] = {"local": ["192.168.1.0/24", "fd00:1::/64"], "gateway": ["192.168.1.1"],
                       "resolvers": world.good_resolvers}
    for section in tree["profiles"].values():
        section["default"] = "deny"
        section["services"] = ["dhcp", "dns"]
        section["rules"] = [{"allow": rng.choice(world.good_patterns)}
                            for _ in range(rng.randint(1, 2))] + section.get("rules", [])
        if rng.random() < 0.5:
            section["rules"][0].update({"proto": ["tcp", "udp"], "port": "443"})
    for section in tree["devices"].values():
        for key in ("mode", "vlan", "addresses"):
            section.pop(key, None)


def forget_names(tree):
    """The same policy without DNS names: for engines that do not learn them."""
    for section in list(tree["profiles"].values()) + list(tree["devices"].values()):
        section.pop("dns", None)
        section.pop("deny-names", None)
        for item in section.get("rules", []):
            if "allow" in item:
                words = item["allow"] if isinstance(item["allow"], list) else [item["allow"]]
                item["allow"] = [word for word in words if word not in PATTERNS] or "203.0.113.7"


def make(seed, length, with_names=True):
    rng = random.Random(seed)
    world = World(rng)
    tree = policy(rng, world)
    names = rng.random() < 0.35
    if names:
        tame(rng, tree, world)
    if not with_names:
        forget_names(tree)
    steps = [Step(*frame) for frame in Talk(rng, world, START, names).frames(length)]
    return Case(tree, steps, not names and rng.random() < 0.2)


# --- stories: what a capture cannot say -------------------------------------------------------

def bind_ports(rng, tree):
    """Some devices belong to one or two inside ports."""
    for section in tree["devices"].values():
        section.pop("ports", None)
        if rng.random() < 0.15:
            section["ports"] = rng.sample(PORTS_OF_DEVICES, rng.choice([1, 1, 2]))


def changed(rng, world, before, names):
    """The policy after an edit: everything new, one profile, one device, or nothing at all.  No
    device takes another's place, and one that left does not come back: what is remembered of a
    device then is not the contract's to say."""
    tree, pick = copy.deepcopy(before), rng.random()
    fresh = policy(rng, world)
    if names:
        tame(rng, fresh, world)
    if pick < 0.15:
        return tree
    if pick < 0.5:
        tree["profiles"] = {name: profile(rng, world) for name in tree["profiles"]}
    elif pick < 0.8:
        name = rng.choice(sorted(tree["profiles"]))
        tree["profiles"][name] = profile(rng, world)
    if pick > 0.7:
        name = rng.choice(sorted(tree["devices"]))
        section = tree["devices"][name]
        section["profile"] = rng.choice(sorted(tree["profiles"]))
        section["mode"] = rng.choice(["enforce", "enforce", "monitor", "quarantine", "off"])
        section["rules"] = [rule(rng, world) for _ in range(rng.randint(0, 2))]
    if pick > 0.9 and "network" in fresh:
        tree["network"] = fresh["network"]
    if rng.random() < 0.1:
        tree["unknown"] = rng.choice(["quarantine", "monitor"] + sorted(tree["profiles"]))
    bind_ports(rng, tree)
    return tree


def without_devices(rng, tree, world):
    """A device leaves: it is in no group and no rule, and its MAC is unknown."""
    name = rng.choice(world.device_names)
    del tree["devices"][name]
    tree["groups"] = {group: [member for member in members if member != name]
                      for group, members in tree["groups"].items()}
    tree["groups"] = {group: members for group, members in tree["groups"].items() if members}
    gone = ["device:" + name] + ["group:" + group for group in world.groups
                                 if group not in tree["groups"]]
    for section in list(tree["profiles"].values()) + list(tree["devices"].values()):
        for item in section.get("rules", []) + section.get("inbound", []):
            for action in ("allow", "deny"):
                words = item.get(action)
                if words in gone:
                    item[action] = "203.0.113.7"
                elif isinstance(words, list):
                    item[action] = [word for word in words if word not in gone] or "203.0.113.7"


def take_tag(data):
    """The tag behind the MAC addresses as hardware hands it over, and the frame without it."""
    if data[12:14] in (b"\x81\0", b"\x88\xa8") and len(data) >= 18:
        return int.from_bytes(data[14:16], "big"), data[:12] + data[16:]
    return None, data


def port_of(rng, tree, data):
    """A device's own port, mostly; everybody else is mostly beyond the uplink."""
    mac = data[6:12].hex(":")
    for section in tree["devices"].values():
        if mac in (section["mac"] if isinstance(section["mac"], list) else [section["mac"]]):
            if "ports" in section and rng.random() < 0.85:
                return rng.choice(section["ports"] + [None])
            return rng.choice(PORTS_OF_DEVICES + [None] + [UPLINK] * (rng.random() < 0.05))
    return UPLINK if rng.random() < 0.85 else rng.choice(PORTS_OF_DEVICES + [None])


def decorate(rng, frame, tree, tagged):
    time, data, wire = frame
    port, tag = port_of(rng, tree, data), None
    if tagged:
        cut, rest = take_tag(data)
        if cut is not None and rng.random() < 0.7:
            tag, data, wire = cut, rest, wire - 4
        elif rng.random() < 0.1:
            tag = rng.choice([20, 20, 1, 0, 0xe014, 0x3014])
    return Step(time // MILLISECOND * MILLISECOND, data, wire, port, tag)


def make_story(seed, length, captures=()):
    """The Case of a seed with ports, perhaps with tags in metadata and with changes of policy; of a
    window of one of the captures if there are any."""
    rng = random.Random(seed * 2 + 1)
    world = real.RealWorld(rng, captures) if captures else World(rng)
    tree, names = policy(rng, world), rng.random() < 0.4
    if names:
        tame(rng, tree, world)
    bind_ports(rng, tree)
    begin, tagged = tree, rng.random() < 0.15
    talk = world.talk(length) if captures else Talk(rng, world, START, names).frames(length)
    reloads = rng.sample(range(1, length), rng.choice([0, 0, 0, 1, 1, 2, RELOADS_MAX]))
    last = max(reloads, default=0)
    steps = []
    for index, frame in enumerate(talk):
        if index in reloads:
            tree = changed(rng, world, tree, names)
            if index == last and len(world.devices) > 1 and rng.random() < 0.2:
                without_devices(rng, tree, world)
            steps.append(Reload(tree))
        steps.append(decorate(rng, frame, tree, tagged))
    # What no hook sees: a frame without a whole Ethernet header.
    steps = [step for step in steps if isinstance(step, Reload) or len(step.data) >= 14]
    return Case(begin, steps, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", type=int)
    parser.add_argument("--length", type=int, default=300, help="frames (300)")
    parser.add_argument("--out", default=".", metavar="DIR")
    options = parser.parse_args()
    case = make(options.seed, options.length)
    base = os.path.join(options.out, "seed-%d" % options.seed)
    case.write(base)
    print("%s.pcap: %d frames%s" % (base, len(case.frames), ", --unknown" if case.unknown else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
