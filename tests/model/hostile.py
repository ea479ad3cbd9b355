# SPDX-License-Identifier: GPL-2.0-only
"""Frames at the edges: what a reader of packets gets wrong by one.

Scenes for talk.py: each takes a Talk and lets it say something.  Lengths, offsets and counts are drawn
around every bound that the contract and its readings name; frames of one flow come in one moment, with
one that is like them but for a lie.
"""

import ipaddress

import build as b

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP, ICMP, ICMPV6, IGMP = 6, 17, 1, 58, 2
HOP_BY_HOP, ROUTING, FRAGMENT, OPTIONS, NONE = 0, 43, 44, 60, 59
# Where a frame is told from the next of its flow, and beside it: Ethernet, IP, ports.
FLOW_BYTES = {4: [1, 5, 6, 7, 11, 14, 15, 16, 17, 20, 21, 22, 23, 26, 33, 34, 36, 38, 39, 46, 47],
              6: [1, 5, 6, 7, 11, 14, 15, 17, 18, 19, 20, 21, 22, 29, 30, 37, 38, 45, 46, 53, 54, 56, 58, 59, 66, 67]}
FLOW_HEADERS = {4: 42, 6: 62}
GROUP_MACS = ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01"]


def scenes(talk):
    return [lambda scene=scene: scene(talk)
            for scene in (chain_scene, end_scene, quote_scene, discovery_scene, group_mac_scene,
                          burst_scene, twin_scene, answer_scene, port_scene)]


def flow_of(talk, family):
    for _ in range(20):
        flow = talk.some_flow()
        if (":" in flow.ours) == (family == 6):
            return flow
    return None


def chain_to(rng, kinds, last):
    """(first kind, bytes) of a chain of headers with `last` behind it; sizes around the edge of what
    is read."""
    chain, after = b"", [*kinds[1:], last]
    for kind, following in zip(kinds, after):
        if kind == FRAGMENT:
            chain += b.ip6_fragment(following, 0, rng.random() < 0.3, 7)
        else:
            words = rng.choice([0, 0, 0, 0, 1, 18, 19, 20, 21, 22, 23, 24, 25])
            chain += b.ip6_option_header(following, words, 2 if kind == ROUTING else None)
    return (kinds[0] if kinds else last), chain


def chain_scene(talk):
    """Seven to ten headers, or one of nearly 200 bytes, in front of a packet, a fragment, nothing."""
    rng, flow = talk.rng, flow_of(talk, 6)
    if not flow:
        return
    count = rng.choice([0, 1, 1, 2, 6, 7, 7, 8, 8, 9])
    kinds = [OPTIONS] * count
    if kinds and rng.random() < 0.4:
        kinds[0] = HOP_BY_HOP
    if kinds and rng.random() < 0.2:
        kinds[rng.randrange(count)] = rng.choice([FRAGMENT, ROUTING, HOP_BY_HOP])
    payload, last = talk.upper(flow, True), flow.proto
    pick = rng.random()
    if pick < 0.6:
        place = rng.choice([(0, True), (0, False), (1, False), (3, True), (3, False)])
        if place[0] and rng.random() < 0.6:
            talk.packet((flow.device, flow.peer), (flow.ours, flow.theirs), FRAGMENT,
                        b.ip6_fragment(last, 0, True, 7) + payload)
        payload, last = b.ip6_fragment(last, *place, 7) + payload, FRAGMENT
    elif pick < 0.7:
        payload, last = bytes(rng.randrange(16)), NONE
    if count > 2:
        chain = b"".join(b.ip6_option_header(kind) for kind in [*kinds[1:], last])
        first = kinds[0]
    else:
        first, chain = chain_to(rng, kinds, last)
    talk.packet((flow.device, flow.peer), (flow.ours, flow.theirs), first, chain + payload)


def end_scene(talk):
    """Fragments that end just before or behind the longest packet, and firsts that are short."""
    rng, flow = talk.rng, talk.some_flow()
    ends, addrs = (flow.device, flow.peer), (flow.ours, flow.theirs)
    whole = talk.upper(flow, True) + bytes(40)
    cut = rng.choice([8, 8, 12, 16, 19, 20, 21, 24, 40])
    offset, rest = rng.choice([8186, 8187, 8188, 8189, 8190, 8191]), bytes(rng.randrange(24))
    if ":" in flow.ours:
        talk.packet(ends, addrs, FRAGMENT, b.ip6_fragment(flow.proto, 0, True, 9) + whole[:cut])
        talk.packet(ends, addrs, FRAGMENT, b.ip6_fragment(flow.proto, offset, False, 9) + rest)
        return
    options = rng.choice([b"", b"", b"\1\1\1\1", b"\x94\4\0\0", b"\0\x83\7\4", b"\x83\7\4\1\2\3\4\0"])
    talk.packet(ends, addrs, flow.proto, whole[:cut], ident=9, more=True, options=options)
    talk.packet(ends, addrs, flow.proto, rest, ident=9, offset=offset, options=options)


def quote_scene(talk):
    """An error whose quote has options or extension headers in front of its ports."""
    rng, flow = talk.rng, talk.some_flow()
    if flow.ours == "::":
        return
    talk.say(flow)
    inner = talk.upper(flow, True, ACK)[:rng.choice([7, 8, 8, 8, 20])]
    if ":" in flow.ours:
        kinds = rng.choices([HOP_BY_HOP, OPTIONS, OPTIONS, FRAGMENT, FRAGMENT, ROUTING],
                            k=rng.choice([0, 1, 1, 1, 2, 2, 3]))
        first, chain = chain_to(rng, kinds, flow.proto)
        if rng.random() < 0.1:
            first, chain = FRAGMENT, b.ip6_fragment(flow.proto, 1, False, 7)
        quote = b.ip6(flow.ours, flow.theirs, first, chain + inner)
        body, proto = b.icmp(rng.choice([1, 2, 3, 4]), 0, 0, quote), ICMPV6
    else:
        extra = rng.choice([{}, {"options": b"\x94\4\0\0"}, {"ihl": 6}, {"ihl": 15}, {"ihl": 4},
                            {"offset": 1}, {"more": True}, {"version": 6}])
        quote = b.ip4(flow.ours, flow.theirs, flow.proto, inner, **extra)
        body, proto = b.icmp(rng.choice([3, 11, 12]), 0, 0, quote), ICMP
    talk.packet((flow.peer, flow.device), (flow.theirs, flow.ours), proto, body)


def discovery_scene(talk):
    """Neighbour discovery with many or long options, odd targets, behind a long chain."""
    rng, device = talk.rng, talk.device()
    src, mac = device.address(6, rng, rng.random() < 0.7), rng.choice(device.macs)
    kind = rng.choice([133, 135, 136, 136])
    targets = [device.address(6), "::", "::5:0:0", "::ffff:0:1", "fe80::1", "fe80::77", "fd00:1::1"]
    body = b.nd(kind, None if kind == 133 else rng.choice(targets))
    for _ in range(rng.choice([0, 1, 3, 4, 5])):
        size = rng.choice([1, 1, 1, 2, 10, 20, 24, 0])
        told = mac if rng.random() < 0.8 else talk.world.gateway.mac
        body += bytes([rng.choice([1, 2, 14]), size]) + b.mac_bytes(told) + bytes(max(size - 1, 0) * 8)
    if rng.random() < 0.1:
        body = body[:-1]
    first, chain = chain_to(rng, rng.choice([[], [], [OPTIONS], [HOP_BY_HOP, OPTIONS]]), ICMPV6)
    talk.packet((device, talk.world.phone), (src, rng.choice(["ff02::1", "fd00:1::c8", "2001:db8::7"])),
                first, chain + body, hops=255)


def group_mac_scene(talk):
    """A packet to one host in a frame to a group, or from a group's address."""
    rng, device = talk.rng, talk.device()
    peer = talk.peer(device)
    family = rng.choice([4, 4, 6])
    goals = [talk.address_of(peer, family)] * 3
    goals += ["192.168.1.255", "192.168.1.15", "192.168.1.63", "192.168.1.0", "192.168.1.1",
              "255.255.255.255"] if family == 4 else ["fe80::1", "fd00:1::1", "ff02::1", "fd00:1::77"]
    dst, src = rng.choice(goals), talk.address_of(device, family)
    payload = rng.choice([b.udp(40000, 5004, b"x"), b.tcp(40000, 443, SYN), b.udp(68, 67, b"x"), b.udp(5353, 5353)])
    proto = TCP if len(payload) == 20 else UDP
    packet = b.ip4(src, dst, proto, payload) if family == 4 else b.ip6(src, dst, proto, payload)
    target, source = rng.choice(GROUP_MACS), rng.choice(device.macs)
    if rng.random() < 0.2:
        target, source = peer.mac, rng.choice(GROUP_MACS + ["03" + source[2:], "00:00:00:00:00:00"])
    talk.emit(b.eth(target, source, 0x0800 if family == 4 else 0x86dd, packet, talk.tags()))


def burst_scene(talk):
    """Frames of one flow in one moment, and among them one that is like them but for a lie."""
    rng = talk.rng
    family = rng.choice([4, 6])
    flow = flow_of(talk, family)
    if not flow or flow.proto not in (TCP, UDP):
        return
    out, talk.still = rng.random() < 0.6, True
    for _ in range(rng.randint(2, 4)):
        talk.say(flow, out, ACK)
    first = len(talk.out)
    talk.say(flow, out, ACK)
    if len(talk.out) > first and len(talk.out[first][1]) >= FLOW_HEADERS[family]:
        time, data, _ = talk.out[first]
        for _ in range(rng.randint(1, 4)):
            lie = bytearray(data)
            at = rng.choice(FLOW_BYTES[family])
            if at < len(lie):
                lie[at] = rng.choice([lie[at] ^ 1 << rng.randrange(8), 0, 255, lie[at] ^ 0x20])
            talk.out.append((time, bytes(lie), len(lie)))
            talk.say(flow, out, rng.choice([ACK, ACK, PSH | ACK, RST, FIN | ACK, SYN]))
            talk.say(flow, not out, ACK)
    talk.still = False


def twin_of(rng, addr):
    """An address that is like this one to a hash of sums: multiples of one power of two are added to its halves."""
    number = int(ipaddress.ip_address(addr))
    if ":" not in addr:
        return str(ipaddress.IPv4Address(number ^ rng.choice([1, 3]) << rng.randrange(16, 31)))
    power = rng.randrange(52, 64)
    halves = [(half + ((2 * rng.randrange(2048) + 1) << power)) % 2**64 for half in divmod(number, 2**64)]
    return str(ipaddress.IPv6Address(halves[0] << 64 | halves[1]))


def twin_scene(talk):
    """A flow goes on, and then its like with an address that its rows must not be found by."""
    rng, flow = talk.rng, flow_of(talk, talk.rng.choice([4, 6, 6]))
    if not flow:
        return
    for _ in range(rng.randint(1, 3)):
        talk.say(flow)
    talk.say(flow, False)
    for _ in range(rng.randint(1, 6)):
        twin = twin_of(rng, flow.theirs)
        if rng.random() < 0.5:
            talk.packet((flow.device, flow.peer), (flow.ours, twin), flow.proto, talk.upper(flow, True))
        else:
            talk.packet((flow.peer, flow.device), (twin, flow.ours), flow.proto, talk.upper(flow, False))
    talk.say(flow)


def answer_scene(talk):
    """Answers with addresses that are nobody's, and in fragments."""
    rng, device = talk.rng, talk.device()
    server, name, ident = talk.world.gateway, "a.example.com", rng.randrange(65536)
    ours, theirs = talk.address_of(device, 4), "192.168.1.1"
    sport = 20000 + rng.randrange(40000)
    talk.packet((device, server), (ours, theirs), UDP, b.udp(sport, 53, b.dns_query(ident, name)))
    odd = ["224.0.0.251", "255.255.255.255", "0.0.0.0", "127.0.0.1", "::", "::1", "ff02::fb",
           "::ffff:203.0.113.7", "203.0.113.7", "240.0.0.1", "192.168.1.255", "fe80::9"]
    given = rng.sample(odd, rng.randint(1, 4))
    reply = b.udp(53, sport, b.dns_answer(ident, name, [b.dns_address(12, 300, addr) for addr in given]))
    if rng.random() < 0.5:
        cut = rng.choice([8, 16, 24, 40, 48]) if rng.random() < 0.8 else len(reply) // 8 * 8
        talk.packet((server, device), (theirs, ours), UDP, reply[:cut], ident=11, more=True)
        talk.packet((server, device), (theirs, ours), UDP, reply[cut:], ident=11, offset=cut // 8)
    if rng.random() < 0.7:
        talk.packet((server, device), (theirs, ours), UDP, reply)
    for addr in given:
        family = 6 if ":" in addr else 4
        if addr not in ("::", "0.0.0.0"):
            payload = b.tcp(40000, 443, SYN)
            talk.packet((device, server), (talk.address_of(device, family), addr), TCP, payload)


def port_scene(talk):
    """Service ports with one side just beside what the service allows."""
    rng, device = talk.rng, talk.device()
    other = rng.choice([talk.world.gateway, talk.world.phone, talk.device()])
    family = rng.choice([4, 6])
    ours, theirs = talk.address_of(device, family), talk.address_of(other, family)
    port = rng.choice([5353, 5353, 53, 67, 68, 546, 547, 123, 1900])
    near = rng.choice([0, 1, 53, 67, 68, 1023, 1024, 5351, 5352, 5353, 5354, 32767, 32768, 65535])
    sport, dport = (port, near) if rng.random() < 0.6 else (near, port)
    if rng.random() < 0.6:
        talk.udp(device, other, ours, theirs, sport, dport)
    else:
        talk.udp(other, device, theirs, ours, sport, dport)
