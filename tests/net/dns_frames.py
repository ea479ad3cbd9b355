#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""dns_frames.py: DNS messages of any sender to any receiver, as frames, true or forged.

  dns_frames.py ask INTERFACE --name NAME --id ID [...]            one question
  dns_frames.py answer INTERFACE --name NAME --address IP --id ID | --ids LO-HI [...]
  dns_frames.py flood INTERFACE --name DOMAIN --count N [...]      questions for n<i>.DOMAIN, each with an id and a port of its own

The answer is what a resolver sends: the question repeated, one record whose owner
is a pointer to it. With --ids it is sent once for each id, as one who guesses does.
"""

import argparse
import ipaddress
import socket
import struct
import time

from frames import ETH_P_ALL, ipv4, ipv6, link_header, own_mac, parse_mac, udp

A, AAAA, IN = 1, 28, 1
QUESTION_FLAGS, ANSWER_FLAGS = 0x0100, 0x8580
TTL_S = 300
CUT = 48  # of a datagram in two fragments, with the UDP header
FLOOD_PORT = 20000
FLOOD_PORTS = 40000


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"


def question(ident, name, kind):
    return struct.pack("!HHHHHH", ident, QUESTION_FLAGS, 1, 0, 0, 0) + wire_name(name) + struct.pack("!HH", kind, IN)


def answer(ident, name, address):
    kind = AAAA if address.version == 6 else A
    record = struct.pack("!HHHIH", 0xC00C, kind, IN, TTL_S, len(address.packed)) + address.packed
    head = struct.pack("!HHHHHH", ident, ANSWER_FLAGS, 1, 1, 0, 0)
    return head + wire_name(name) + struct.pack("!HH", kind, IN) + record


def packet(options, payload):
    source, destination = ipaddress.ip_address(options.src), ipaddress.ip_address(options.dst)
    data = udp(options, source, destination, payload)
    if source.version == 6:
        return ipv6(source, destination, data)
    if options.fragment == "first":
        return ipv4(source, destination, options.packet_id, 0, True, data[:CUT])
    if options.fragment == "last":
        return ipv4(source, destination, options.packet_id, CUT, False, data[CUT:])
    return ipv4(source, destination, 0, 0, False, data)


def messages(options):
    """The UDP payloads, one after the other; a flood changes the ports of `options' on the way."""
    if options.command == "ask":
        yield question(options.id, options.name, A)
    elif options.command == "answer":
        low, high = (int(n) for n in options.ids.split("-")) if options.ids else (options.id, options.id)
        for ident in range(low, high + 1):
            yield answer(ident, options.name, ipaddress.ip_address(options.address))
    else:
        for number in range(options.count):
            options.sport = FLOOD_PORT + number % FLOOD_PORTS
            yield question(number & 0xFFFF, "n%d.%s" % (number, options.name), A)


def send(options):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((options.interface, 0))
    source_mac = parse_mac(options.src_mac) if options.src_mac else own_mac(sock, options.interface)
    head = link_header(options, source_mac, ipaddress.ip_address(options.src).version)
    start = time.monotonic()
    for number, payload in enumerate(messages(options)):
        sock.send(head + packet(options, payload))
        if options.rate:
            time.sleep(max(0, start + (number + 1) / options.rate - time.monotonic()))


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("ask", "answer", "flood"))
    parser.add_argument("interface")
    parser.add_argument("--name", required=True)
    parser.add_argument("--address", help="of the answer")
    parser.add_argument("--id", type=int, default=0)
    parser.add_argument("--ids", help="LO-HI")
    parser.add_argument("--src-mac", help="default: the interface's own")
    parser.add_argument("--dst-mac", required=True)
    parser.add_argument("--src", required=True)
    parser.add_argument("--dst", required=True)
    parser.add_argument("--sport", type=int)
    parser.add_argument("--dport", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0, help="a second; default: as fast as it goes")
    parser.add_argument("--fragment", choices=("first", "last"), help="only this part, over IPv4")
    parser.add_argument("--packet-id", type=int, default=0, help="of a fragment")
    options = parser.parse_args()
    options.vlan = None
    answers = options.command == "answer"
    options.sport = options.sport or (53 if answers else 40053)
    options.dport = options.dport or (40053 if answers else 53)
    return options


if __name__ == "__main__":
    send(read_options())
