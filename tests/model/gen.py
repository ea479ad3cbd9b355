#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random policies and random conversations, by seed: input for `diff`.

usage: gen.py SEED [--length N] [--out DIR]    writes DIR/seed-SEED.policy.yaml and .pcap

make(seed, length) gives a Case.  A policy is a tree of dicts and lists, so that `diff` can take
pieces away; every policy made here is valid.  The frames are talk between the people of one
small world (below), in both directions, with mistakes and lies mixed in.
"""

import argparse
import json
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import capture                              # noqa: E402
from talk import Talk                       # noqa: E402
from world import NAMES, World              # noqa: E402

START = 1_461_234_567 * 10**9
SOURCES = ["any", "local", "internet", "gateway", "resolvers"]
DESTINATIONS = SOURCES + ["multicast", "broadcast"]
PREFIXES = ["203.0.113.0/24", "203.0.113.7", "198.51.100.0/25", "192.168.1.0/28", "192.168.1.200",
            "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8::7", "fd00:1::/64",
            "fe80::/10", "224.0.0.0/4", "ff02::/16", "239.255.255.250", "192.168.1.255",
            "255.255.255.255", "203.0.113.4/30", "128.0.0.0/1", "2001:db8:0:1::/64"]
PATTERNS = NAMES + ["*.example.com", "*.example.net", "*.a.example.com", "*.com"]
PORTS = ["443", "80", "53", "5000-5010", "1-65535", "1-1023", "5353", "123"]
SERVICES = ["dhcp", "dns", "ntp", "mdns", "ssdp", "ping"]
ETHERTYPES = ["llc", "0x88e1", "0x88cc", "0x8863"]


class Case:
    """A policy tree, frames (time, bytes, wire length) and whether to say --unknown."""

    def __init__(self, policy, frames, unknown):
        self.policy, self.frames, self.unknown = policy, frames, unknown

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
        return rng.choice(PREFIXES)
    if pick < 0.75 or not names:
        kind = rng.choice(["device", "group"])
        return "%s:%s" % (kind, rng.choice(world.device_names if kind == "device"
                                           else list(world.groups)))
    return rng.choice(PATTERNS)


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
            by_name = {"allow": rng.choice(PATTERNS)}
            if rng.random() < 0.5:
                by_name.update({"proto": ["tcp", "udp"], "port": "443"})
            result["rules"].insert(0, by_name)
    if rng.random() < 0.6:
        result["inbound"] = [rule(rng, world, inbound=True) for _ in range(rng.randint(0, 3))]
    if rng.random() < 0.3:
        result["ethertypes"] = rng.sample(ETHERTYPES, rng.randint(1, 3))
    if rng.random() < 0.15:
        result["dns"] = rng.choice(["any", "listed", "listed"])
    if rng.random() < 0.1:
        result["deny-names"] = sorted(set(rng.choices(PATTERNS, k=2)))
    return result


def network(rng):
    result = {}
    if rng.random() < 0.7:
        result["local"] = ["192.168.1.0/24", "fd00:1::/64"]
    if rng.random() < 0.85:
        result["gateway"] = ["192.168.1.1"] + rng.choice([[], ["fe80::1"], ["fd00:1::1"]])
    if rng.random() < 0.6:
        result["resolvers"] = rng.sample(["192.168.1.1", "9.9.9.9", "fd00:1::1", "192.168.1.201"],
                                         rng.randint(1, 3))
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
    return result


def policy(rng, world):
    profiles = ["p%d" % i for i in range(rng.randint(1, 3))]
    tree = {}
    net = network(rng)
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


def tame(rng, tree):
    """A policy under which look-ups mostly work, so that names and their lives are reached."""
    tree["network"] = {"local": ["192.168.1.0/24", "fd00:1::/64"], "gateway": ["192.168.1.1"],
                       "resolvers": ["192.168.1.1", "fd00:1::1", "192.168.1.201"]}
    for section in tree["profiles"].values():
        section["default"] = "deny"
        section["services"] = ["dhcp", "dns"]
        section["rules"] = [{"allow": rng.choice(["*.example.com", "*.com", "a.example.com",
                                                  ["*.example.net", "*.example.com"]])}
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
        tame(rng, tree)
    if not with_names:
        forget_names(tree)
    frames = Talk(rng, world, START, names).frames(length)
    return Case(tree, frames, not names and rng.random() < 0.2)


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
