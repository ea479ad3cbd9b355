# SPDX-License-Identifier: GPL-2.0-only
"""The people of the generator's small world: devices, a gateway, a phone, hosts beyond.

Used by gen.py (policies name them) and talk.py (frames are theirs).
"""

NAMES = ["a.example.com", "b.example.com", "x.a.example.com", "example.com", "other.example.net",
         "notexample.com"]
PREFIXES = ["203.0.113.0/24", "203.0.113.7", "198.51.100.0/25", "192.168.1.0/28", "192.168.1.200",
            "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8::7", "fd00:1::/64",
            "fe80::/10", "224.0.0.0/4", "ff02::/16", "239.255.255.250", "192.168.1.255",
            "255.255.255.255", "203.0.113.4/30", "128.0.0.0/1", "2001:db8:0:1::/64"]
PATTERNS = NAMES + ["*.example.com", "*.example.net", "*.a.example.com", "*.com"]


class Person:
    def __init__(self, name, macs, addresses):
        self.name, self.macs, self.addresses = name, macs, addresses

    @property
    def mac(self):
        return self.macs[0]

    def address(self, family, rng=None, link_local=False):
        """One of the addresses of that family; a link-local one only when asked for."""
        mine = [a for a in self.addresses if (":" in a) == (family == 6)]
        if family == 6:
            near = [a for a in mine if a.startswith("fe80")]
            mine = near if link_local else [a for a in mine if a not in near]
        return rng.choice(mine) if rng else mine[0]


class World:
    """People, and the words that policies about them are made of."""

    def __init__(self, rng):
        self.prefixes, self.patterns = PREFIXES, PATTERNS
        self.resolvers = ["192.168.1.1", "9.9.9.9", "fd00:1::1", "192.168.1.201"]
        # Under these, look-ups mostly work.
        self.good_resolvers = ["192.168.1.1", "fd00:1::1", "192.168.1.201"]
        self.good_patterns = ["*.example.com", "*.com", "a.example.com",
                              ["*.example.net", "*.example.com"]]
        self.devices = []
        for i in range(rng.randint(2, 4)):
            macs = ["02:00:00:00:00:%02x" % (0x10 + i)]
            if rng.random() < 0.15:
                macs.append("02:00:00:00:01:%02x" % (0x10 + i))
            self.devices.append(Person("d%d" % i, macs, [
                "192.168.1.%d" % (10 + i), "fd00:1::%x" % (0x10 + i), "fe80::%x" % (0x10 + i)]))
        self.device_names = [person.name for person in self.devices]
        self.groups = {"g0": self.device_names[:1], "g1": self.device_names[1:]}
        self.gateway = Person("gateway", ["02:00:00:00:00:01"],
                              ["192.168.1.1", "fd00:1::1", "fe80::1"])
        self.phone = Person("phone", ["02:00:00:00:00:c8"],
                            ["192.168.1.200", "fd00:1::c8", "fe80::c8"])
        self.server = Person("server", ["02:00:00:00:00:c9"],
                             ["192.168.1.201", "fd00:1::c9", "fe80::c9"])
        # Everything beyond is reached through the gateway's MAC.
        self.beyond = [Person("host%d" % i, ["02:00:00:00:00:01"], addresses) for i, addresses in
                       enumerate([["203.0.113.7", "2001:db8::7"], ["203.0.113.4", "2001:db8::4"],
                                  ["198.51.100.20", "2001:db8:0:1::20"],
                                  ["198.51.100.200", "2001:db8:0:2::c8"],
                                  ["9.9.9.9", "2001:db8::9"], ["8.8.8.8", "2001:db8::8"],
                                  ["10.1.2.3", "fd99::3"], ["169.254.7.7", "fe80::dead"]])]
        self.beyond[7].addresses.append("2001:db8::dead")

    def others(self):
        return [self.gateway, self.phone, self.server] + self.beyond + self.devices
