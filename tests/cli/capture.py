#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""capture.py KIND: write a capture file to standard output.

The frames are those of a small home: a camera (02:00:00:00:77:10) that talks
to its resolver, to a rendezvous host, to the phone (02:00:00:00:77:13), and
gets an answer. KIND says in which file format, and what is wrong with it.
"""
import struct
import sys

CAMERA, PHONE, ROUTER = "020000007710", "020000007713", "020000007701"
STRANGER = "020000007799"


def ipv4(text):
    return bytes(int(x) for x in text.split("."))


def udp(src_mac, dst_mac, src, dst, sport, dport, payload=b"x" * 20):
    segment = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, 17, 0, ipv4(src), ipv4(dst)) + segment
    return bytes.fromhex(dst_mac + src_mac) + b"\x08\x00" + packet


def tcp_syn(src_mac, dst_mac, src, dst, sport, dport):
    segment = struct.pack(">HHIIBBHHH", sport, dport, 1, 0, 0x50, 2, 1024, 0, 0)
    packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, 6, 0, ipv4(src), ipv4(dst)) + segment
    return bytes.fromhex(dst_mac + src_mac) + b"\x08\x00" + packet


def arp(src_mac, src):
    return (bytes.fromhex("ffffffffffff" + src_mac) + b"\x08\x06" +
            struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + bytes.fromhex(src_mac) + ipv4(src) + bytes(6) + ipv4("192.168.77.1"))


# One line for each frame: what tests/cli/replay.sh expects of it.
HOME = [
    arp(CAMERA, "192.168.77.10"),                                                       # 1 pass link
    udp(CAMERA, ROUTER, "192.168.77.10", "203.0.113.9", 4000, 32100),                   # 2 drop rule-deny
    udp(ROUTER, CAMERA, "203.0.113.9", "192.168.77.10", 32100, 4000),                   # 3 drop inbound-deny
    tcp_syn(CAMERA, ROUTER, "192.168.77.10", "203.0.113.17", 4001, 443),                # 4 pass rule
    tcp_syn(CAMERA, ROUTER, "192.168.77.10", "203.0.113.17", 4001, 22),                 # 5 drop default-deny
    tcp_syn(PHONE, CAMERA, "192.168.77.13", "192.168.77.10", 5000, 554),                # 6 pass default-allow, both
    tcp_syn(PHONE, CAMERA, "192.168.77.13", "192.168.77.10", 5000, 23),                 # 7 drop inbound-deny, to
    udp(STRANGER, ROUTER, "192.168.77.99", "203.0.113.9", 4000, 53),                    # 8 unpoliced, or unknown
    udp(CAMERA, ROUTER, "192.168.77.10", "8.8.8.8", 4000, 53),                          # 9 drop untrusted-resolver
]


def pcap(frames, magic=0xA1B2C3D4, link=1, unit=1000000, snaplen=262144):
    out = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for i, frame in enumerate(frames):
        frame, wire = frame if isinstance(frame, tuple) else (frame, len(frame))
        out += [struct.pack("<IIII", 1461234567 + i, unit // 1000 * 123 + i % 1000, len(frame), wire), frame]
    return b"".join(out)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(frames):
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 262144))
    for i, frame in enumerate(frames):
        ts = (1461234567 + i) * 1000000 + 123000 + i
        out += block(6, struct.pack("<IIIII", 0, ts >> 32, ts & 0xFFFFFFFF, len(frame), len(frame)) + frame)
    return out


KINDS = {
    "home": lambda: pcap(HOME),
    "nano": lambda: pcap(HOME, magic=0xA1B23C4D, unit=1000000000),
    "pcapng": lambda: pcapng(HOME),
    "truncated": lambda: pcap(HOME)[:-10],
    "empty": lambda: pcap([]),
    "no-bytes": lambda: b"",
    "not-a-capture": lambda: b"this is no capture\n" * 10,
    "sll": lambda: pcap(HOME, link=113),
    "raw": lambda: pcap([frame[14:] for frame in HOME], link=101),
    # A frame without a byte, one that ends within the addresses, one that is an Ethernet header alone.
    "short": lambda: pcap([b"", HOME[1][:10], HOME[1][:14], HOME[1]]),
    # The most that an IPv4 packet can be, and captures of it that were cut.
    "long": lambda: pcap([udp(CAMERA, ROUTER, "192.168.77.10", "203.0.113.9", 4000, 32100, bytes(65535 - 28)),
                          (HOME[1][:60], 1514), (HOME[1][:20], 1514)]),
    # Time that goes back, and time that leaps by a century.
    "time": lambda: (pcap([])
                     + b"".join(struct.pack("<IIII", t, 0, len(HOME[3]), len(HOME[3])) + HOME[3]
                                for t in (1461234567, 1461234500, 0, 4294967295))),
    # More frames than a screen, for memory and progress.
    "many": lambda: pcap(HOME * 20000),
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in KINDS:
        sys.exit("usage: capture.py " + "|".join(KINDS))
    sys.stdout.buffer.write(KINDS[sys.argv[1]]())
