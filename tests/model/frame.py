# SPDX-License-Identifier: GPL-2.0-only
"""One Ethernet frame as an object: what it is, from whom to whom, or why it is malformed.

Fed by capture.py, read by judge.py.  Decides nothing but whether the frame is well formed.
`data` is what was captured, `wire` the length the frame had: lengths inside the frame are held
against `wire`, and a header that was not captured whole is as bad as one that is not there.
"reading N" is the numbered list in README.md.
"""

import address as ip

VLAN_TYPES = (0x8100, 0x88a8)
MAX_VLAN_TAGS = 2
IPV4, IPV6, ARP, EAPOL = 0x0800, 0x86dd, 0x0806, 0x888e
HOP_BY_HOP, ROUTING, FRAGMENT, DEST_OPTIONS = 0, 43, 44, 60
TCP, UDP, SCTP, ICMP, ICMPV6, IGMP = 6, 17, 132, 1, 58, 2
SOURCE_ROUTES = (0x83, 0x89)
MAX_PACKET = 65535
MAX_EXTENSION_HEADERS = 8
MAX_CHAIN_END = 256         # bytes from the frame's start
MAX_QUOTED_HEADERS = 2      # extension headers of a quoted packet (reading 13)
FIN, SYN, RST, ACK = 1, 2, 4, 16
PROTOCOLS_BY_NUMBER = {ICMP: "icmp", IGMP: "igmp", TCP: "tcp", UDP: "udp", 47: "gre", 50: "esp",
                       ICMPV6: "icmpv6", SCTP: "sctp"}
# The least that tells ports, type or echo id, and that RFCs 793, 768, 9260, 792, 4443, 3376 demand.
HEADER_LENGTH = {TCP: 20, UDP: 8, SCTP: 12, ICMP: 8, ICMPV6: 8, IGMP: 8}
# An ICMP error quotes the packet's header and 8 bytes.
ERROR_TYPES = {4: (3, 11, 12), 6: (1, 2, 3, 4)}
ECHO_REQUEST = {4: 8, 6: 128}
ANSWERER = -1               # stands for the port of the side that answers an echo
ECHO_REPLY = {4: 0, 6: 129}


class Malformed(Exception):
    pass


def echo_ports(head, family):
    """The id is the port of the side that asks; the side that answers has none (reading 10)."""
    ident = int.from_bytes(head[4:6], "big")
    if head[0] == ECHO_REQUEST[family]:
        return (ident, ANSWERER)
    if head[0] == ECHO_REPLY[family]:
        return (ANSWERER, ident)
    return None


class Quote:
    """The packet inside an ICMP error, as far as it can be told."""

    def __init__(self, src, dst, proto, sport, dport):
        self.src, self.dst, self.proto = src, dst, proto
        self.sport, self.dport = sport, dport


class Frame:
    """`kind` is ipv4, ipv6, arp, eapol, llc, snap, other or None (not told)."""

    def __init__(self, data, wire=None, port=None, tag=None):
        """`port`: the inside port's name, None if it is not known; `tag`: a VLAN tag that hardware
        took out of the frame."""
        self.data = data
        self.port, self.tag = port, tag
        self.wire = len(data) if wire is None else max(wire, len(data))
        self.kind = None
        self.malformed = None
        self.dst_mac = self.src_mac = None
        self.vlans = []             # ids of the tags, priority tags (0) left out
        self.ethertype = None
        self.src = self.dst = self.proto = None
        self.sport = self.dport = None
        self.icmp_type = None
        self.icmp_code = None
        self.echo_ports = None      # (source, destination) of an echo message (reading 10)
        self.hop_limit = None
        self.tcp_flags = 0
        self.fragment = None        # None, "first" or "later"
        self.fragment_key = None
        self.quote = None
        self.payload = b""          # of UDP, as far as it was captured
        self.body = b""             # ICMPv6 message, ARP body
        self.body_length = 0        # on the wire
        self.body_offset = 0        # in the frame
        try:
            self.parse()
        except Malformed as error:
            self.malformed = str(error)

    @property
    def is_ip(self):
        return self.kind in ("ipv4", "ipv6")

    # --- reading with bounds --------------------------------------------------------------

    def take(self, offset, count, end, what):
        """`count` bytes at `offset` that must lie before `end` and have been captured."""
        if offset + count > end:
            raise Malformed("%s cut short" % what)
        if offset + count > len(self.data):
            raise Malformed("%s was not captured" % what)
        return self.data[offset:offset + count]

    def number(self, offset, count, end, what):
        return int.from_bytes(self.take(offset, count, end, what), "big")

    # --- Ethernet -------------------------------------------------------------------------

    def parse(self):
        if len(self.data) < 14:
            raise Malformed("runt")
        self.dst_mac = self.data[0:6].hex(":")
        self.src_mac = self.data[6:12].hex(":")
        offset, tags = 12, 0
        if self.tag is not None:
            tags = 1
            self.vlans += [self.tag & 0xfff] if self.tag & 0xfff else []
        kind = self.number(offset, 2, self.wire, "ethertype")
        while kind in VLAN_TYPES:
            tags += 1
            if tags > MAX_VLAN_TAGS:
                raise Malformed("more than two VLAN tags")
            tag = self.number(offset + 2, 2, self.wire, "VLAN tag")
            self.vlans += [tag & 0xfff] if tag & 0xfff else []
            offset += 4
            kind = self.number(offset, 2, self.wire, "ethertype")
        offset += 2
        self.ethertype = kind
        if kind < 0x600:
            self.parse_llc(kind, offset)
        elif kind == IPV4:
            self.kind = "ipv4"
            self.parse_ipv4(offset)
        elif kind == IPV6:
            self.kind = "ipv6"
            self.parse_ipv6(offset)
        elif kind == ARP:
            self.kind = "arp"
            self.parse_arp(offset)
        else:
            self.kind = "eapol" if kind == EAPOL else "other"

    def parse_llc(self, length, offset):
        # 1501 to 1535 are neither a length nor a type (reading 6).
        if length > 1500 or length > self.wire - offset:
            raise Malformed("802.3 length")
        self.kind = "llc"
        head = self.data[offset:offset + 8]
        # "SNAP-wrapped IP/ARP" is told apart, so that `llc` in a profile does not let it out.
        if (head[:2] == b"\xaa\xaa" and len(head) == 8
                and int.from_bytes(head[6:8], "big") in (IPV4, IPV6, ARP) + VLAN_TYPES):
            self.kind = "snap"

    def parse_arp(self, offset):
        self.body = self.take(offset, 28, self.wire, "ARP")
        if self.body[0:6] != b"\x00\x01\x08\x00\x06\x04":
            raise Malformed("ARP that is not Ethernet and IPv4")

    # --- IP -------------------------------------------------------------------------------

    def check_addresses(self):
        """Sources and destinations that no packet can have (reading 5)."""
        if ip.is_multicast(self.src):
            raise Malformed("source address")
        if self.kind == "ipv4":
            if ip.within(self.src, ip.V4_RESERVED) or ip.within(self.src, ip.V4_LOOPBACK):
                raise Malformed("source address")
            if self.dst == ip.V4_ANY or ip.within(self.dst, ip.V4_LOOPBACK):
                raise Malformed("destination address")
            return
        if self.src == ip.V6_LOOPBACK:
            raise Malformed("source address")
        if self.dst in (ip.V6_ANY, ip.V6_LOOPBACK):
            raise Malformed("destination address")
        if ip.within(self.src, ip.V6_MAPPED) or ip.within(self.dst, ip.V6_MAPPED):
            raise Malformed("IPv4-mapped address")

    def parse_ipv4(self, offset):
        head = self.take(offset, 20, self.wire, "IPv4 header")
        if head[0] >> 4 != 4:
            raise Malformed("IPv4 version")
        header = (head[0] & 15) * 4
        total = int.from_bytes(head[2:4], "big")
        if header < 20 or total < header or total > self.wire - offset:
            raise Malformed("IPv4 lengths")
        self.check_options(offset + 20, offset + header)
        end = offset + total
        self.hop_limit, self.proto = head[8], head[9]
        self.src, self.dst = ip.of_bytes(head[12:16]), ip.of_bytes(head[16:20])
        self.check_addresses()
        flags = int.from_bytes(head[6:8], "big")
        self.tell_fragment(flags & 0x1fff, flags & 0x2000, total - header, self.proto,
                           MAX_PACKET - header)
        self.fragment_key = (self.src, self.dst, head[4:6], self.proto)
        if self.fragment != "later":
            self.parse_upper(offset + header, end)

    def check_options(self, at, end):
        """Lengths that add up, and no source route: the destination must be the destination."""
        while at < end:
            kind = self.number(at, 1, self.wire, "IPv4 options")
            if kind == 0:
                return
            if kind in SOURCE_ROUTES:
                raise Malformed("source route")
            size = 1 if kind == 1 else self.number(at + 1, 1, self.wire, "IPv4 options")
            if kind != 1 and size < 2 or at + size > end:
                raise Malformed("IPv4 options")
            at += size

    def parse_ipv6(self, offset):
        head = self.take(offset, 40, self.wire, "IPv6 header")
        if head[0] >> 4 != 6:
            raise Malformed("IPv6 version")
        length = int.from_bytes(head[4:6], "big")
        if length == 0 or length > self.wire - offset - 40:
            raise Malformed("IPv6 payload length")
        self.hop_limit = head[7]
        self.src, self.dst = ip.of_bytes(head[8:24]), ip.of_bytes(head[24:40])
        self.check_addresses()
        self.walk_extensions(head[6], offset + 40, offset + 40 + length)

    def walk_extensions(self, kind, offset, end):
        count = 0
        while kind in (HOP_BY_HOP, ROUTING, FRAGMENT, DEST_OPTIONS):
            count += 1
            if count > MAX_EXTENSION_HEADERS:
                raise Malformed("too many extension headers")
            if kind == HOP_BY_HOP and count > 1:
                raise Malformed("hop-by-hop options not first")
            head = self.take(offset, 8, end, "extension header")
            if kind == FRAGMENT:
                if self.fragment_key is not None:
                    raise Malformed("two fragment headers")
                flags = int.from_bytes(head[2:4], "big")
                self.tell_fragment(flags >> 3, flags & 1, end - offset - 8, head[0])
                # Without the protocol: RFC 8200, 4.5.
                self.fragment_key = (self.src, self.dst, head[4:8])
                offset += 8
                if self.fragment == "later" and offset <= MAX_CHAIN_END:
                    self.proto = head[0]
                    return
            else:
                if kind == ROUTING and (head[2] == 0 or head[3]):
                    raise Malformed("routing header: type 0, or segments left")
                offset += 8 + 8 * head[1]
            kind = head[0]
            if offset > end or offset > MAX_CHAIN_END:
                raise Malformed("extension headers too long")
        self.proto = kind
        self.parse_upper(offset, end)

    def tell_fragment(self, units, more, length, kind, longest=MAX_PACKET):
        """`longest`: of all fragments together; in IPv4 the header counts, too."""
        if units == 0 and not more:
            return          # whole, or an atomic fragment, which is whole too
        if units == 1 and kind == TCP:
            raise Malformed("TCP fragment that overlaps the header")
        if units * 8 + length > longest:
            raise Malformed("fragment beyond the longest packet")
        self.fragment = "first" if units == 0 else "later"

    # --- above IP -------------------------------------------------------------------------

    def parse_upper(self, offset, end):
        proto = self.proto
        if (proto == ICMP or proto == IGMP) and self.kind != "ipv4":
            return
        if proto == ICMPV6 and self.kind != "ipv6":
            return
        if proto not in HEADER_LENGTH:
            return
        length = HEADER_LENGTH[proto]
        if offset + length > end:
            raise Malformed("upper header cut short")
        # Of SCTP only the ports are read.
        head = self.take(offset, 8 if proto == SCTP else length, end, "upper header")
        if proto in (TCP, UDP, SCTP):
            self.sport = int.from_bytes(head[0:2], "big")
            self.dport = int.from_bytes(head[2:4], "big")
        if proto == TCP:
            self.check_tcp(head, offset, end)
        elif proto == UDP:
            self.check_udp(head, offset, end)
        elif proto == IGMP:
            self.icmp_type = head[0]
        elif proto in (ICMP, ICMPV6):
            self.parse_icmp(head, offset, end)

    def check_tcp(self, head, offset, end):
        length = (head[12] >> 4) * 4
        if length < 20 or offset + length > end:
            raise Malformed("TCP header length")
        flags = self.tcp_flags = head[13]
        if flags & SYN and flags & (FIN | RST):
            raise Malformed("TCP flags")
        if not flags & (SYN | FIN | RST | ACK):
            raise Malformed("TCP flags")

    def check_udp(self, head, offset, end):
        length = int.from_bytes(head[4:6], "big")
        if length < 8 or (self.fragment is None and length > end - offset):
            raise Malformed("UDP length")
        self.payload = self.data[offset + 8:min(offset + length, end)]

    def parse_icmp(self, head, offset, end):
        family = 4 if self.kind == "ipv4" else 6
        self.icmp_type, self.icmp_code = head[0], head[1]
        self.body = self.data[offset:end]
        self.body_length = end - offset
        self.body_offset = offset
        self.echo_ports = echo_ports(head, family)
        if self.icmp_type in ERROR_TYPES[family] and not self.fragment:
            self.quote = quoted(self.data[offset + 8:end], family, offset + 8)


def quoted(data, family, begin):
    """The Quote in an ICMP error, or None when it does not tell a connection (reading 13).
    `begin`: of the quoted packet in the frame."""
    if family == 4:
        if len(data) < 20 or data[0] >> 4 != 4:
            return None
        offset = (data[0] & 15) * 4
        if offset < 20 or int.from_bytes(data[6:8], "big") & 0x1fff:
            return None
        proto = data[9]
        src, dst = ip.of_bytes(data[12:16]), ip.of_bytes(data[16:20])
    else:
        if len(data) < 40 or data[0] >> 4 != 6:
            return None
        src, dst = ip.of_bytes(data[8:24]), ip.of_bytes(data[24:40])
        proto, offset = skip_extensions(data, data[6])
        if proto is None or begin + offset > MAX_CHAIN_END:
            return None
    head = data[offset:offset + 8]
    if len(head) < 8:
        return None
    if proto in (TCP, UDP, SCTP):
        return Quote(src, dst, proto, int.from_bytes(head[0:2], "big"),
                     int.from_bytes(head[2:4], "big"))
    if proto == (ICMP if family == 4 else ICMPV6):
        ports = echo_ports(head, family)
        return Quote(src, dst, proto, *ports) if ports else None
    return Quote(src, dst, proto, 0, 0)


def skip_extensions(data, kind):
    """(upper protocol, offset) of a quoted IPv6 packet; None where a packet with these headers would
    be malformed, where there are too many, and of a later fragment."""
    offset, seen = 40, []
    while kind in (HOP_BY_HOP, ROUTING, FRAGMENT, DEST_OPTIONS):
        head = data[offset:offset + 8]
        misplaced = kind == HOP_BY_HOP and seen or kind == FRAGMENT and FRAGMENT in seen
        if len(head) < 8 or misplaced or len(seen) == MAX_QUOTED_HEADERS:
            return None, None
        if kind == FRAGMENT and int.from_bytes(head[2:4], "big") >> 3:
            return None, None
        if kind == ROUTING and (head[2] == 0 or head[3]):
            return None, None
        offset += 8 if kind == FRAGMENT else 8 + 8 * head[1]
        if offset > len(data):
            return None, None
        seen.append(kind)
        kind = head[0]
    return kind, offset
