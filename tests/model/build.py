# SPDX-License-Identifier: GPL-2.0-only
"""Bytes of frames from their parts, right or wrong as asked.  Used by gen.py and the tests.

Shares nothing with frame.py and names.py on purpose: a mistake in reading must not be made again
in writing.  Checksums are left zero, no verdict depends on them.
"""

import functools
import ipaddress
import struct


@functools.lru_cache(maxsize=None)
def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


@functools.lru_cache(maxsize=None)
def addr_bytes(text):
    return ipaddress.ip_address(text).packed


def eth(dst, src, kind, payload, tags=()):
    """`tags` are (type, id) pairs, outermost first."""
    head = mac_bytes(dst) + mac_bytes(src)
    for tag_type, ident in tags:
        head += struct.pack("!HH", tag_type, ident)
    return head + struct.pack("!H", kind) + payload


def llc(dst, src, payload, length=None, tags=()):
    return eth(dst, src, len(payload) if length is None else length, payload, tags)


def ip4(src, dst, proto, payload, ttl=64, ident=0, offset=0, more=False, options=b"", total=None,
        ihl=None, version=4):
    """`offset` in units of 8 bytes."""
    words = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if total is None else total
    return struct.pack("!BBHHHBBH", version << 4 | words, 0, length, ident,
                       offset | (0x2000 if more else 0), ttl, proto, 0) \
        + addr_bytes(src) + addr_bytes(dst) + options + payload


def ip6(src, dst, proto, payload, hops=64, length=None, version=6):
    return struct.pack("!IHBB", version << 28, len(payload) if length is None else length, proto,
                       hops) + addr_bytes(src) + addr_bytes(dst) + payload


def ip6_option_header(proto, words=0, routing_type=None):
    """Hop-by-hop, destination options or routing header of 8 + 8 * words bytes."""
    if routing_type is None:
        body = b"\1\4" + bytes(4) + b"\1\6\0\0\0\0\0\0" * words      # PadN options
    else:
        body = bytes([routing_type, 0]) + bytes(4 + 8 * words)
    return bytes([proto, words]) + body


def ip6_fragment(proto, offset, more, ident):
    return struct.pack("!BBHI", proto, 0, offset << 3 | more, ident)


def udp(sport, dport, payload=b"", length=None):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload) if length is None else length, 0) \
        + payload


def tcp(sport, dport, flags, payload=b"", doff=5, options=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, 1, 1, doff << 4, flags, 1024, 0, 0) \
        + options + payload


def sctp(sport, dport, payload=b"\0\0\0\4"):
    return struct.pack("!HHII", sport, dport, 0, 0) + payload


def icmp(kind, code=0, rest=0, payload=b""):
    return struct.pack("!BBHI", kind, code, 0, rest) + payload


def echo(kind, ident, sequence=1):
    return icmp(kind, 0, ident << 16 | sequence, b"ping")


def igmp(kind, group="224.0.0.251"):
    return struct.pack("!BBH", kind, 0, 0) + addr_bytes(group)


def arp(op, sender_mac, sender, target_mac, target):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac_bytes(sender_mac) \
        + addr_bytes(sender) + mac_bytes(target_mac) + addr_bytes(target)


def nd(kind, target=None, option=None, mac=None, flags=0):
    """A neighbour or router solicitation or advertisement; `option` 1 or 2 carries `mac`."""
    body = struct.pack("!BBHI", kind, 0, 0, flags)
    if kind == 134:
        body += bytes(8)
    if target:
        body += addr_bytes(target)
    if option:
        body += bytes([option, 1]) + mac_bytes(mac)
    return body


def dns_name(name, upper=False):
    name = name.upper() if upper else name
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) \
        + b"\0"


def dns_query(ident, name, kind=1, flags=0x0100, count=1, upper=False):
    return struct.pack("!HHHHHH", ident, flags, count, 0, 0, 0) + dns_name(name, upper) \
        + struct.pack("!HH", kind, 1)


def dns_record(owner, kind, ttl, data, klass=1):
    """`owner` is a name, or the offset that a compression pointer points to."""
    head = struct.pack("!H", 0xc000 | owner) if isinstance(owner, int) else dns_name(owner)
    return head + struct.pack("!HHIH", kind, klass, ttl, len(data)) + data


def dns_address(owner, ttl, addr):
    data = addr_bytes(addr)
    return dns_record(owner, 1 if len(data) == 4 else 28, ttl, data)


def dns_answer(ident, name, answers, authority=(), additional=(), kind=1, flags=0x8180,
               upper=False):
    return struct.pack("!HHHHHH", ident, flags, 1, len(answers), len(authority),
                       len(additional)) + dns_name(name, upper) + struct.pack("!HH", kind, 1) \
        + b"".join(answers) + b"".join(authority) + b"".join(additional)
