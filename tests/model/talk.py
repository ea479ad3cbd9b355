# SPDX-License-Identifier: GPL-2.0-only
"""Random conversations between the people of world.py, as frames with times.

Used by gen.py.  Knows protocols, not policies: what it makes is often allowed under one policy
and a bypass under another.  Every piece draws only from the generator's own random numbers, so
that a seed is a capture.
"""

import build as b
import hostile
from world import NAMES

SECOND = 10**9
BROADCAST = "ff:ff:ff:ff:ff:ff"
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP, SCTP, ICMP, ICMPV6, IGMP = 6, 17, 132, 1, 58, 2
PORTS = [443, 80, 53, 5004, 32100, 8080, 123, 5353, 1900, 0, 65535]
# Both sides of every life that the contract names, in seconds.
WAITS = [1, 8, 11, 28, 31, 58, 62, 110, 175, 185, 290, 310, 1000, 3610, 7430, 7450, 86390, 86500]
TTLS = [0, 1, 30, 60, 100, 300, 3600, 86400, 200000, 2**31 - 1, 2**32 - 1]
NOBODY = "02:00:00:00:00:ee"


class Flow:
    def __init__(self, device, peer, ours, theirs, proto, sport, dport):
        self.device, self.peer, self.ours, self.theirs = device, peer, ours, theirs
        self.proto, self.sport, self.dport = proto, sport, dport


class Talk:
    def __init__(self, rng, world, start, names=False):
        self.rng, self.world, self.now = rng, world, start
        self.dns_weight = 60 if names else 10
        self.out = []
        self.flows = []
        self.answers = []           # (device, address) that some answer gave
        self.ident = rng.randrange(1000)
        self.still = False          # does time stand still between frames?

    # --- time and output ------------------------------------------------------------------

    def frames(self, length):
        scenes = [(self.flow_scene, 30), (self.dns_scene, self.dns_weight),
                  (self.fragment_scene, 8),
                  (self.life_scene, 5), (self.error_scene, 7), (self.neighbour_scene, 7),
                  (self.service_scene, 9),
                  (self.group_scene, 4), (self.link_scene, 6), (self.extension_scene, 5),
                  (self.other_proto_scene, 4), (self.again_scene, 16), (self.noise_scene, 2)]
        scenes += [(scene, 3) for scene in hostile.scenes(self)]
        kinds = [scene for scene, _ in scenes]
        weights = [weight for _, weight in scenes]
        while len(self.out) < length:
            if self.rng.random() < 0.06:
                self.now += self.rng.choice(WAITS) * SECOND + self.rng.randrange(SECOND)
            self.rng.choices(kinds, weights)[0]()
        return self.out[:length]

    def emit(self, data):
        if not self.still:
            self.now += self.rng.randrange(1000, 200 * 10**6)
        wire = len(data)
        pick = self.rng.random()
        if pick < 0.04:
            data = self.mutate(data)
            wire = len(data)
        elif pick < 0.05:
            data = data[:self.rng.randrange(len(data) + 1)]     # a snap length
        elif pick < 0.08:
            data += bytes(self.rng.randrange(1, 20))            # padding
            wire = len(data)
        self.out.append((self.now, data, wire))

    def mutate(self, data):
        data = bytearray(data)
        for _ in range(self.rng.choice([1, 1, 1, 2, 5])):
            pick = self.rng.random()
            if pick < 0.6 and len(data) > 12:
                data[self.rng.randrange(12, min(len(data), 80))] = \
                    self.rng.choice([0, 1, 4, 5, 255, self.rng.randrange(256)])
            elif pick < 0.8:
                del data[self.rng.randrange(len(data) + 1):]
            elif data:
                data[self.rng.randrange(len(data))] ^= 1 << self.rng.randrange(8)
        return bytes(data)

    # --- frames ---------------------------------------------------------------------------

    def tags(self):
        pick = self.rng.random()
        if pick < 0.93:
            return ()
        pool = [(0x8100, 20), (0x8100, 0), (0x8100, 1), (0x88a8, 20), (0x8100, 0xe014)]
        return [self.rng.choice(pool) for _ in range(self.rng.choice([1, 1, 1, 2, 3]))]

    def macs(self, source, target, addr):
        """Source and destination MAC of a frame to that address."""
        if addr == "255.255.255.255" or addr.endswith(".255"):
            return source.mac, BROADCAST
        raw = b.addr_bytes(addr)
        if len(raw) == 4 and raw[0] >> 4 == 14:
            return source.mac, "01:00:5e:" + bytes([raw[1] & 127, raw[2], raw[3]]).hex(":")
        if raw[0] == 255:
            return source.mac, "33:33:" + raw[12:].hex(":")
        return self.rng.choice(source.macs), self.rng.choice(target.macs)

    def packet(self, ends, addrs, proto, payload, **extra):
        """An IP packet in a frame; `ends` are two people, `addrs` two addresses."""
        src, dst = addrs
        if ":" in src:
            extra.pop("options", None)
            head = b.ip6(src, dst, proto, payload, **extra)
            kind = 0x86dd
        else:
            head = b.ip4(src, dst, proto, payload, **extra)
            kind = 0x0800
        source, target = self.macs(ends[0], ends[1], dst)
        self.emit(b.eth(target, source, kind, head, self.tags()))

    def upper(self, flow, out, flags=None):
        """The header above IP of the next packet of a flow."""
        sport, dport = (flow.sport, flow.dport) if out else (flow.dport, flow.sport)
        if flow.proto == TCP:
            if flags is None:
                flags = self.rng.choice([SYN, SYN | ACK, ACK, ACK, PSH | ACK, FIN | ACK, RST, ACK])
            return b.tcp(sport, dport, flags, b"x" * self.rng.choice([0, 0, 3, 40]))
        if flow.proto == UDP:
            return b.udp(sport, dport, b"y" * self.rng.choice([0, 4, 30]))
        if flow.proto == SCTP:
            return b.sctp(sport, dport)
        if flow.proto == ICMP:
            return b.echo(8 if out else 0, flow.sport)
        if flow.proto == ICMPV6:
            return b.echo(128 if out else 129, flow.sport)
        return b"z" * 12

    def say(self, flow, out=True, flags=None):
        payload = self.upper(flow, out, flags)
        if out:
            self.packet((flow.device, flow.peer), (flow.ours, flow.theirs), flow.proto, payload)
        else:
            self.packet((flow.peer, flow.device), (flow.theirs, flow.ours), flow.proto, payload)

    # --- people ---------------------------------------------------------------------------

    def device(self):
        return self.rng.choice(self.world.devices)

    def address_of(self, person, family):
        near = family == 6 and self.rng.random() < 0.15 and \
            any(a.startswith("fe80") for a in person.addresses)
        return person.address(family, self.rng, near)

    def source_of(self, device, family):
        """Mostly one of its own addresses."""
        if self.rng.random() < 0.05:
            return self.rng.choice(["192.168.1.77", "192.168.1.1", "0.0.0.0", "127.0.0.1",
                                    "224.0.0.5", "255.255.255.255", "192.168.1.255"]
                                   if family == 4 else
                                   ["fd00:1::77", "fe80::1", "::", "::1", "ff02::5",
                                    "::ffff:1.2.3.4", "fe80:0:0:1::5"])
        return self.address_of(device, family)

    def peer(self, device):
        while True:
            person = self.rng.choice(self.world.others())
            if person is not device:
                return person

    def new_flow(self):
        device = self.device()
        peer = self.peer(device)
        family = self.rng.choice([4, 4, 6])
        proto = self.rng.choice([TCP, TCP, UDP, UDP, SCTP, ICMP if family == 4 else ICMPV6])
        port = self.rng.choice(PORTS) if self.rng.random() < 0.8 else self.rng.randrange(65536)
        sport = self.rng.choice([1024 + self.rng.randrange(30), 40000, self.rng.choice(PORTS)])
        if self.rng.random() < 0.3:
            sport, port = port, sport       # opened by the peer, perhaps
        theirs = self.address_of(peer, family)
        known = [addr for who, addr in self.answers
                 if who is device and (":" in addr) == (family == 6)]
        if known and self.rng.random() < 0.5:
            theirs = self.rng.choice(known)
        return Flow(device, peer, self.source_of(device, family), theirs, proto, sport, port)

    def some_flow(self):
        if self.flows and self.rng.random() < 0.7:
            return self.rng.choice(self.flows[-12:])
        flow = self.new_flow()
        self.flows.append(flow)
        return flow

    # --- scenes ---------------------------------------------------------------------------

    def flow_scene(self):
        flow = self.new_flow()
        self.flows.append(flow)
        out = self.rng.random() < 0.65
        if flow.proto == TCP and self.rng.random() < 0.5:
            self.say(flow, out, SYN)
            self.say(flow, not out, SYN | ACK)
            self.say(flow, out, ACK)
            for _ in range(self.rng.randrange(3)):
                self.say(flow, self.rng.random() < 0.5, PSH | ACK)
            if self.rng.random() < 0.5:
                for side in self.rng.sample([True, False], self.rng.randint(1, 2)):
                    self.say(flow, side, self.rng.choice([FIN | ACK, FIN | ACK, RST, RST | ACK]))
            return
        self.say(flow, out)
        for _ in range(self.rng.randrange(4)):
            self.say(flow, self.rng.random() < 0.5)

    def again_scene(self):
        """A flow that is known goes on, perhaps after a wait near the end of its life."""
        flow = self.some_flow()
        if self.rng.random() < 0.1:
            self.now += self.rng.choice(WAITS) * SECOND
        for _ in range(self.rng.randint(1, 3)):
            self.say(flow, self.rng.random() < 0.5)

    def life_scene(self):
        """A flow is opened, is silent until just before or after its life ends, and answered."""
        flow, out = self.new_flow(), self.rng.random() < 0.6
        self.flows.append(flow)
        life = {TCP: 7440, ICMP: 30, ICMPV6: 30}.get(flow.proto, 180)
        self.say(flow, out, SYN)
        if flow.proto == TCP and self.rng.random() < 0.5:
            self.say(flow, not out, SYN | ACK)
            for side in self.rng.sample([True, False], self.rng.randint(1, 2)):
                self.say(flow, side, self.rng.choice([FIN | ACK, RST]))
            life = 10
        self.now += (life + self.rng.choice([-2, -1, 1, 2])) * SECOND
        self.say(flow, not out, ACK)

    def ends_with_mistake(self, flow):
        return (self.device() if self.rng.random() < 0.1 else flow.device), flow.peer

    def error_scene(self):
        """An ICMP error that quotes a packet of a flow, or of none."""
        flow = self.some_flow()
        out = self.rng.random() < 0.5       # sent by the device, quoting what it was sent
        family = 6 if ":" in flow.ours else 4
        if ":" in flow.ours and flow.ours == "::":
            return
        quoted_out = not out if self.rng.random() < 0.85 else out
        addrs = (flow.ours, flow.theirs) if quoted_out else (flow.theirs, flow.ours)
        inner = self.upper(flow, quoted_out, ACK)
        inner = inner[:self.rng.choice([8, 8, 8, 28, 4, 7])]
        make = b.ip6 if family == 6 else b.ip4
        quote = make(addrs[0], addrs[1], flow.proto, inner)
        if self.rng.random() < 0.05:
            quote = quote[:self.rng.randrange(len(quote))]
        kinds = [3, 11, 12, 3, 4, 5] if family == 4 else [1, 2, 3, 4, 1, 100]
        payload = b.icmp(self.rng.choice(kinds), self.rng.choice([0, 1, 3, 4]), 0, quote)
        proto = ICMP if family == 4 else ICMPV6
        device, peer = self.ends_with_mistake(flow)
        router = self.rng.choice([peer, peer, self.world.gateway, self.world.beyond[0]])
        near = self.address_of(router, family)
        if out:
            goal = flow.theirs if self.rng.random() < 0.8 else near
            self.packet((device, router), (flow.ours, goal), proto, payload)
        else:
            goal = flow.ours if self.rng.random() < 0.9 else self.address_of(device, family)
            self.packet((router, device), (near, goal), proto, payload)

    def fragment_scene(self):
        flow = self.some_flow()
        out = self.rng.random() < 0.7
        whole = self.upper(flow, out) + bytes(64)
        self.ident += self.rng.choice([0, 1, 1, 1])
        cut = self.rng.choice([8, 16, 24, 24, 32, 40])
        parts = [(0, True, whole[:cut]), (cut // 8, self.rng.random() < 0.5, whole[cut:cut + 16]),
                 (self.rng.choice([1, 2, cut // 8 + 2]), False, whole[cut:])]
        if self.rng.random() < 0.1:
            parts = [(0, False, whole)]                             # atomic
        if self.rng.random() < 0.2:
            self.rng.shuffle(parts)
        if self.rng.random() < 0.3:
            parts = parts[:self.rng.randint(1, 2)]
        for offset, more, data in parts:
            self.fragment(flow, out, (offset, more), data)
            if self.rng.random() < 0.06:
                self.now += self.rng.choice([28, 31, 62]) * SECOND

    def fragment(self, flow, out, place, data):
        ends = (flow.device, flow.peer) if out else (flow.peer, flow.device)
        addrs = (flow.ours, flow.theirs) if out else (flow.theirs, flow.ours)
        if ":" not in flow.ours:
            self.packet(ends, addrs, flow.proto, data, ident=self.ident & 0xffff, offset=place[0],
                        more=place[1])
            return
        head, proto = b"", 44
        if self.rng.random() < 0.15:
            head, proto = b.ip6_option_header(44), 60
        inner = flow.proto
        if self.rng.random() < 0.1 and place[0] == 0:
            data, inner = b.ip6_option_header(inner) + data, 60
        self.packet(ends, addrs, proto,
                    head + b.ip6_fragment(inner, place[0], place[1], self.ident) + data)

    def extension_scene(self):
        """Chains of IPv6 extension headers, or IPv4 options and lengths that lie."""
        flow = self.some_flow()
        ends, addrs = (flow.device, flow.peer), (flow.ours, flow.theirs)
        payload = self.upper(flow, True)
        if ":" not in flow.ours:
            extra = self.rng.choice([{"options": b"\1" * 4 * self.rng.randint(1, 10)}, {"ihl": 4},
                                     {"ihl": 15}, {"total": self.rng.randrange(80)},
                                     {"version": 6}, {"options": b"\x83\7\4\1\2\3\4\0"}])
            self.packet(ends, addrs, flow.proto, payload, **extra)
            return
        kinds = [self.rng.choice([0, 43, 60, 60, 44, 51, 135, 59])
                 for _ in range(self.rng.choice([1, 1, 2, 3, 7, 8, 9]))]
        if self.rng.random() < 0.5:
            kinds = [kind for kind in kinds if kind in (60, 43)] or [60]
        if self.rng.random() < 0.4:
            kinds.insert(0, 0)
        after = [*kinds[1:], flow.proto]
        chain = b""
        for kind, following in zip(kinds, after):
            if kind == 44:
                chain += b.ip6_fragment(following, 0, False, self.ident)
            else:
                chain += b.ip6_option_header(following, self.rng.choice([0, 0, 0, 1, 3, 20]),
                                             self.rng.choice([0, 2, 4]) if kind == 43 else None)
        self.packet(ends, addrs, kinds[0], chain + payload)

    def dns_scene(self):
        rng, device = self.rng, self.device()
        server = rng.choice([self.world.gateway] * 3 + [self.world.server, *self.world.beyond[4:6]])
        family = rng.choice([4, 4, 4, 6])
        ours, theirs = self.address_of(device, family), self.address_of(server, family)
        name, ident = rng.choice(NAMES), rng.randrange(65536)
        sport = 20000 + rng.randrange(40000)
        kind = rng.choice([1, 1, 28, 16])
        query = b.dns_query(ident, name, kind, upper=rng.random() < 0.2,
                            flags=rng.choice([0x0100] * 9 + [0x2100]),
                            count=rng.choice([1] * 12 + [0, 2]))
        if rng.random() < 0.05:
            query += b"\0\0\x29\x04\xd0\0\0\0\0\0\0"
        if rng.random() < 0.9:
            self.packet((device, server), (ours, theirs), UDP, b.udp(sport, 53, query))
        if rng.random() < 0.1:
            self.now += rng.choice(WAITS[:9]) * SECOND
        answers = self.answer_records(name, device)
        glue = b.dns_address("ns.example.net", 300, "198.51.100.20")
        extra = [glue] if rng.random() < 0.3 else []
        reply_name = name if rng.random() < 0.93 else rng.choice(NAMES)
        reply = b.dns_answer(ident if rng.random() < 0.95 else ident ^ 1, reply_name, answers,
                             additional=extra, kind=kind, upper=rng.random() < 0.2,
                             flags=rng.choice([0x8180] * 14 + [0x8183, 0x8380, 0x0180]))
        ports = (53, sport if rng.random() < 0.95 else sport + 1)
        if rng.random() < 0.05:
            theirs = self.address_of(self.world.beyond[4], family)
        target = device if rng.random() < 0.95 else self.device()
        for _ in range(rng.choice([0, 1, 1, 1, 1, 1, 2])):
            self.packet((server, target), (theirs, ours), UDP, b.udp(*ports, reply))
        for _ in range(rng.randrange(4)):
            self.to_learned(device)
            if rng.random() < 0.1:
                self.now += rng.choice(WAITS) * SECOND

    def answer_records(self, name, device):
        """The answer section: addresses, perhaps behind a chain, perhaps with strangers in it."""
        rng, owner, records = self.rng, name, []
        for _ in range(rng.choice([0, 0, 0, 0, 1, 2, 3])):
            alias = rng.choice(["cdn%d.example.net" % rng.randrange(9), rng.choice(NAMES)])
            records.append(b.dns_record(owner, 5, 300, b.dns_name(alias)))
            owner = alias
        first = not records
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            who = rng.choice(self.world.beyond)
            addr = self.address_of(who, rng.choice([4, 4, 6]))
            by_pointer = first and rng.random() < 0.7
            records.append(b.dns_address(12 if by_pointer else owner, rng.choice(TTLS), addr))
            self.answers.append((device, addr))
        if rng.random() < 0.15:
            records.append(b.dns_address("stranger.example.com", 300, "203.0.113.4"))
        if rng.random() < 0.1:
            records.insert(0, b.dns_record(owner, 16, 300, b"\3txt"))
        if rng.random() < 0.04:
            records[-1] = records[-1][:-1]
        return records

    def to_learned(self, device):
        known = [addr for who, addr in self.answers[-20:]
                 if who is device or self.rng.random() < 0.1]
        if not known:
            return
        addr = self.rng.choice(known)
        ours = self.address_of(device, 6 if ":" in addr else 4)
        flow = Flow(device, self.world.gateway, ours, addr, self.rng.choice([TCP, UDP]),
                    30000 + self.rng.randrange(5), self.rng.choice([443, 443, 80, 5004]))
        self.flows.append(flow)
        self.say(flow)
        if self.rng.random() < 0.5:
            self.say(flow, False)

    def service_scene(self):
        rng, device = self.rng, self.device()
        gateway, local = self.world.gateway, rng.choice([self.world.phone, self.world.server])
        far = rng.choice(self.world.beyond)
        ours = self.address_of(device, 4)
        ours6 = device.address(6, rng, True)
        local4, local6 = local.address(4), local.address(6, rng, rng.random() < 0.5)
        scenes = [
            lambda: self.udp(device, local, "0.0.0.0", "255.255.255.255", 68, 67),
            lambda: self.udp(device, gateway, ours, "192.168.1.1", 68, 67),
            lambda: self.udp(device, local, ours, rng.choice([local4, "192.168.1.255"]), 68, 67),
            lambda: self.udp(device, far, ours, far.address(4), 68, 67),
            lambda: self.udp(gateway, device, rng.choice(["192.168.1.1", "0.0.0.0"]), ours, 67, 68),
            lambda: self.udp(far, device, far.address(4), ours, 67, 68),
            lambda: self.udp(device, local, ours, "255.255.255.255", 67, 68),
            lambda: self.udp(device, local, ours6, "ff02::1:2", 546, 547),
            lambda: self.udp(device, local, ours6, local6, rng.choice([546, 547]), 547),
            lambda: self.udp(device, local, ours6, local6, 547, 546),
            lambda: self.udp(gateway, device, "fe80::1", ours6, 547, 546),
            lambda: self.udp(device, far, ours, far.address(4), 40001, 123),
            lambda: self.udp(device, local, ours, "224.0.0.251", 5353, 5353),
            lambda: self.udp(device, local, ours6, "ff02::fb", 5353, 5353),
            lambda: self.udp(device, local, ours, local4, 5353, 40002),
            lambda: self.udp(device, local, ours, local4, 40002, 5353),
            lambda: self.udp(local, device, local4, ours, 5353, 40003),
            lambda: self.udp(local, device, local4, ours, 40003, 5353),
            lambda: self.udp(far, device, far.address(4), ours, 5353, 5353),
            lambda: self.udp(device, local, ours, "239.255.255.250", 40004, 1900),
            lambda: self.udp(device, local, ours6, rng.choice(["ff02::c", "ff05::c"]), 40004, 1900),
            lambda: self.udp(local, device, local4, ours, 1900, 40004),
            lambda: self.udp(far, device, far.address(4), ours, 1900, 40004),
            lambda: self.packet((device, local), (ours, local4), ICMP, b.echo(8, 77)),
            lambda: self.packet((device, local), (ours6, local6), ICMPV6, b.echo(128, 77)),
            lambda: self.packet((device, far), (ours, far.address(4)), ICMP, b.echo(8, 78)),
            lambda: self.packet((device, local), (ours, local4), ICMP,
                                b.icmp(rng.choice([13, 9, 5, 10]))),
        ]
        rng.choice(scenes)()

    def udp(self, source, target, src, dst, sport, dport):
        self.packet((source, target), (src, dst), UDP, b.udp(sport, dport, b"payload"))

    def group_scene(self):
        rng, device = self.rng, self.device()
        group = rng.choice(["224.0.0.251", "239.1.1.1", "192.168.1.1"])
        if rng.random() < 0.5:
            self.packet((device, self.world.gateway), (self.address_of(device, 4), group), IGMP,
                        b.igmp(rng.choice([0x11, 0x12, 0x16, 0x17, 0x22, 0x13]), group),
                        ttl=1, options=rng.choice([b"", b"\x94\4\0\0"]))
            return
        src = rng.choice(["::", device.address(6, rng, True), self.source_of(device, 6)])
        chain = b.ip6_option_header(ICMPV6) if rng.random() < 0.7 else b""
        body = b.icmp(rng.choice([130, 131, 132, 143, 151]), 0, 0, b.addr_bytes("ff02::fb"))
        self.packet((device, self.world.gateway), (src, rng.choice(["ff02::16", "ff02::fb",
                                                                    "fe80::1"])),
                    0 if chain else ICMPV6, chain + body, hops=1)

    def neighbour_scene(self):
        rng, device = self.rng, self.device()
        other = rng.choice([self.world.gateway, self.world.phone])
        liar = rng.random() < 0.25
        out = rng.random() < 0.75
        one, two = (device, other) if out else (other, device)
        told = other.mac if liar and rng.random() < 0.5 else rng.choice(one.macs)
        if rng.random() < 0.5:
            sender = rng.choice(["192.168.1.1", "192.168.1.77", "0.0.0.0"]) if liar \
                else one.address(4)
            op = rng.choice([1, 2])
            body = b.arp(op, told, sender, "00:00:00:00:00:00" if op == 1 else two.mac,
                         two.address(4))
            target = BROADCAST if op == 1 and rng.random() < 0.7 else two.mac
            self.emit(b.eth(target, one.mac, 0x0806, body, self.tags()))
            return
        kind = rng.choice([133, 134, 135, 135, 136, 136, 137])
        near = rng.random() < 0.7
        src = one.address(6, rng, near)
        if liar:
            src = rng.choice(["fe80::1", "fd00:1::1", "::", src, src])
        goal = None if kind in (133, 134) else rng.choice(
            (one if kind == 136 else two).addresses[1:] + (["fe80::1"] if liar else []))
        body = b.nd(kind, goal, rng.choice([None, 1, 2, 1]), told)
        if kind == 137:
            body += b.addr_bytes("2001:db8::7")
        if rng.random() < 0.06:
            body += bytes([rng.choice([1, 14]), rng.choice([0, 1, 5])]) + bytes(6)
        dst = rng.choice([two.address(6, rng, near), "ff02::1", "ff02::1:ff00:1"])
        chain = b.ip6_option_header(ICMPV6) if rng.random() < 0.08 else b""
        self.packet((one, two), (src, dst), 60 if chain else ICMPV6, chain + body,
                    hops=rng.choice([255] * 9 + [64]))

    def link_scene(self):
        """What is not IP, or IP in a wrapper."""
        rng, device = self.rng, self.device()
        ours = rng.choice(device.macs)
        theirs = rng.choice([self.world.gateway.mac, BROADCAST, "01:80:c2:00:00:00",
                             self.device().mac])
        if rng.random() < 0.25:
            ours, theirs = self.world.phone.mac, ours
        inside = b.ip4(device.address(4), "203.0.113.7", UDP, b.udp(1, 2, b"hidden"))
        pick = rng.randrange(9)
        if pick == 0:
            frame = b.eth(theirs, ours, 0x888e, b"\1\0\0\4abcd")
        elif pick == 1:
            frame = b.llc(theirs, ours, b"\x42\x42\3" + bytes(35))
        elif pick == 2:
            oui = rng.choice([b"\0\0\0", b"\0\0\xf8", b"\0\0\x0c"])
            inner = rng.choice([b"\x08\0", b"\x08\6", b"\x86\xdd", b"\x20\0", b"\x88\xe1"])
            frame = b.llc(theirs, ours, b"\xaa\xaa\3" + oui + inner + inside, tags=self.tags())
        elif pick == 3:
            frame = b.llc(theirs, ours, b"\xf0\xf0\3" + bytes(20),
                          length=rng.choice([0, 3, 1500, 1501, 0x5ff, 23]))
        elif pick == 4:
            frame = b.eth(theirs, ours, 0x86dd, inside)
        else:
            kind = rng.choice([0x88e1, 0x88cc, 0x8863, 0x8864, 0x8035, 0x9100, 0x0600, 0xffff])
            frame = b.eth(theirs, ours, kind, bytes(rng.randrange(40)), self.tags())
        self.emit(frame)

    def other_proto_scene(self):
        flow = self.new_flow()
        flow.proto = self.rng.choice([47, 50, 51, 4, 41, 58, 1, 2, 255, 0, 136])
        self.flows.append(flow)
        for _ in range(self.rng.randint(1, 3)):
            self.say(flow, self.rng.random() < 0.6)

    def noise_scene(self):
        """A stranger's frame, a runt, or plain rubbish."""
        rng, device = self.rng, self.device()
        pick = rng.randrange(4)
        if pick == 0:
            self.emit(b.eth(device.mac, NOBODY, 0x0800,
                            b.ip4("192.168.1.99", device.address(4), UDP, b.udp(9, 9))))
        elif pick == 1:
            self.emit(b.eth(BROADCAST, NOBODY, 0x0800,
                            b.ip4("0.0.0.0", "255.255.255.255", UDP, b.udp(68, 67, b"d"))))
        elif pick == 2:
            self.emit(b.mac_bytes(device.mac) + b.mac_bytes(self.device().mac)[:rng.randrange(7)])
        else:
            head = b.mac_bytes(self.world.gateway.mac) + b.mac_bytes(device.mac)
            self.emit(head + rng.choice([b"\x08\0", b"\x86\xdd", b"\x08\6", b"\x81\0"])
                      + rng.randbytes(rng.randrange(80)))
