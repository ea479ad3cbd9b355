#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""frames.py: exact numbers of exact frames, and how many of them arrived.

  frames.py send INTERFACE --tag WORD --dst-mac MAC --src IP --dst IP [...]
  frames.py watch INTERFACE FILE

Frames are UDP with a payload "rfnet:TAG:". The watcher counts incoming ones by
tag until it is terminated, then writes "TAG COUNT" lines to FILE, and a line
LOST if the kernel says that the socket was too slow. Ordinary tools either do
not tell how much they sent or cannot make tagged frames and fragments.
"""

import argparse
import collections
import fcntl
import ipaddress
import os
import re
import select
import signal
import socket
import struct
import time

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_STATISTICS = 6
SO_RCVBUFFORCE = 33
RECEIVE_BUFFER = 32 << 20
SIOCGIFHWADDR = 0x8927
MARK = re.compile(rb"rfnet:([A-Za-z0-9-]+):")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def parse_mac(text):
    return bytes(int(part, 16) for part in text.split(":"))


def own_mac(sock, interface):
    request = struct.pack("16s240x", interface.encode())
    return fcntl.ioctl(sock, SIOCGIFHWADDR, request)[18:24]


def udp(options, source, destination, payload, after=0):
    length = 8 + len(payload)
    head = struct.pack("!HHHH", (options.sport + after) & 0xFFFF, options.dport, length, 0)
    pseudo = source.packed + destination.packed
    pseudo += struct.pack("!IHBB", length, 0, 0, 17) if source.version == 6 else struct.pack("!BBH", 0, 17, length)
    total = checksum(pseudo + head + payload) or 0xFFFF
    return head[:6] + struct.pack("!H", total) + payload


def ipv4(source, destination, ident, offset, more, data):
    flags = (0x2000 if more else 0) | offset // 8
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), ident, flags, 64, 17, 0)
    head += source.packed + destination.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data


def ipv6(source, destination, data):
    return struct.pack("!IHBB", 6 << 28, len(data), 17, 64) + source.packed + destination.packed + data


def link_header(options, source_mac, version):
    head = parse_mac(options.dst_mac) + source_mac
    tags = options.vlan or []
    for depth, vlan in enumerate(tags):
        # The outer of two is a service tag (IEEE 802.1ad), as in real stacked networks.
        outer = len(tags) > 1 and depth == 0
        head += struct.pack("!HH", 0x88A8 if outer else 0x8100, vlan)
    return head + struct.pack("!H", 0x86DD if version == 6 else 0x0800)


def packets(options, number):
    """The IP packets of datagram `number': one, or its fragments."""
    source, destination = ipaddress.ip_address(options.src), ipaddress.ip_address(options.dst)
    payload = b"rfnet:" + options.tag.encode() + b":"
    data = udp(options, source, destination, payload.ljust(options.size, b"."), number if options.next_port else 0)
    if source.version == 6:
        return [ipv6(source, destination, data)]
    ident = (options.ident + number) & 0xFFFF
    if not options.fragment:
        return [ipv4(source, destination, ident, 0, False, data)]
    parts = []
    for offset in range(0, len(data), options.fragment):
        part = data[offset : offset + options.fragment]
        if offset and MARK.search(part) is None:
            # So that the watcher recognises later fragments, too.
            part = (b"rfnet:" + options.tag.encode() + b"-later:").ljust(len(part), b".")[: len(part)]
        parts.append(ipv4(source, destination, ident, offset, offset + len(part) < len(data), part))
    return parts[options.skip_fragments :]


def send(options):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((options.interface, 0))
    source_mac = parse_mac(options.src_mac) if options.src_mac else own_mac(sock, options.interface)
    version = ipaddress.ip_address(options.src).version
    head = link_header(options, source_mac, version)
    start = time.monotonic()
    for number in range(options.count):
        for packet in packets(options, number):
            sock.send(head + packet)
        if options.rate:
            time.sleep(max(0, start + (number + 1) / options.rate - time.monotonic()))


def count_waiting(sock, seen):
    while True:
        try:
            frame, where = sock.recvfrom(65535, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        found = None if where[2] == socket.PACKET_OUTGOING else MARK.search(frame)
        if found:
            seen[found.group(1).decode()] += 1


def watch(options):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
    sock.bind((options.interface, ETH_P_ALL))
    seen = collections.Counter()

    stopped = []
    awake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    print("ready", flush=True)
    while not stopped:
        select.select([sock, awake], [], [])
        # To the last one also when told to stop: what is in the socket has arrived.
        count_waiting(sock, seen)
    _, lost = struct.unpack("II", sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    with open(options.file, "w", encoding="ascii") as out:
        out.writelines("%s %d\n" % item for item in sorted(seen.items()))
        if lost:
            out.write("LOST %d\n" % lost)


def read_options():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    sender = commands.add_parser("send")
    sender.add_argument("interface")
    sender.add_argument("--tag", required=True)
    sender.add_argument("--src-mac", help="default: the interface's own")
    sender.add_argument("--dst-mac", required=True)
    sender.add_argument("--src", required=True)
    sender.add_argument("--dst", required=True)
    sender.add_argument("--sport", type=int, default=40000)
    sender.add_argument("--next-port", action="store_true", help="each datagram from the next source port")
    sender.add_argument("--dport", type=int, default=5000)
    sender.add_argument("--count", type=int, default=1)
    sender.add_argument("--rate", type=float, default=0, help="a second; default: as fast as it goes")
    sender.add_argument("--size", type=int, default=64, help="of the UDP payload")
    sender.add_argument("--vlan", type=int, action="append", help="outer first")
    sender.add_argument("--fragment", type=int, default=0, help="data bytes of an IPv4 fragment, a multiple of 8")
    sender.add_argument("--ident", type=int, default=0, help="IPv4 identification of the first datagram")
    sender.add_argument("--skip-fragments", type=int, default=0, help="do not send that many first ones")
    watcher = commands.add_parser("watch")
    watcher.add_argument("interface")
    watcher.add_argument("file")
    return parser.parse_args()


def main():
    options = read_options()
    (send if options.command == "send" else watch)(options)


if __name__ == "__main__":
    main()
