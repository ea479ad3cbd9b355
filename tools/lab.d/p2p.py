#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""p2p.py DEVICE SECONDS RESULTS: the part of the camera that never gives up.

Registers with rendezvous hosts by name and by literal address, on UDP 32100
and 34781, as cameras seen in real captures do: a four-byte greeting that begins
with F1 00, a STUN binding request (RFC 8489) and a TURN allocation with refreshes
(RFC 8656). Appends to RESULTS what it tried and what answered.
"""

import collections
import hashlib
import hmac
import os
import select
import socket
import struct
import subprocess
import sys
import time

NAMES = ("p2p1.rendezvous.example", "p2p2.rendezvous.example")
LITERALS = ("198.51.100.63", "198.51.100.64", "2001:db8:0:3::65")
PORTS = (32100, 34781)
TURN_PORT = 34781
USER, PASSWORD = b"camera", b"rendezvous"

HELLO = bytes((0xF1, 0x00, 0x00, 0x00))
MAGIC = 0x2112A442
BINDING, ALLOCATE, REFRESH = 0x0001, 0x0003, 0x0004
SUCCESS, FAILURE = 0x0100, 0x0110
USERNAME, INTEGRITY, LIFETIME, REALM, NONCE, TRANSPORT = 0x06, 0x08, 0x0D, 0x14, 0x15, 0x19

ROUND_S = 0.5
LISTEN_S = 0.25


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(kind, body=b""):
    return struct.pack("!HHI", kind, len(body), MAGIC) + os.urandom(12) + body


def signed(kind, body, login):
    realm, nonce = login
    body += attribute(USERNAME, USER) + attribute(REALM, realm) + attribute(NONCE, nonce)
    key = hashlib.md5(USER + b":" + realm + b":" + PASSWORD).digest()
    head = struct.pack("!HHI", kind, len(body) + 24, MAGIC) + os.urandom(12)
    return head + body + attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())


def attributes(data):
    found, at = {}, 20
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("!HH", data, at)
        found[kind] = data[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
    return found


class Rendezvous:
    """One host and port, how far the camera has got with it, and what it counts there: `way' is how it came by the address."""

    def __init__(self, address, port, way):
        self.peer = (address, port)
        self.way = way
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.login = None
        self.allocated = False

    def send(self, count):
        batch = [HELLO, message(BINDING)]
        if self.peer[1] == TURN_PORT:
            batch.append(self.turn_request())
        for datagram in batch:
            count["tried", self.way] += 1
            try:
                self.sock.sendto(datagram, self.peer)
            except OSError:
                pass  # no address or route yet: the camera does not care, it tries again

    def turn_request(self):
        transport = attribute(TRANSPORT, bytes((17, 0, 0, 0)))
        if not self.login:
            return message(ALLOCATE, transport)
        if self.allocated:
            return signed(REFRESH, attribute(LIFETIME, struct.pack("!I", 600)), self.login)
        return signed(ALLOCATE, transport, self.login)

    def receive(self, count):
        try:
            data = self.sock.recv(2048)
        except OSError:
            return
        count["answered", self.way] += 1
        kind = struct.unpack_from("!H", data)[0] if len(data) >= 20 else 0
        if kind == ALLOCATE | FAILURE:
            found = attributes(data)
            self.login = (found.get(REALM, b""), found.get(NONCE, b""))
        elif kind == ALLOCATE | SUCCESS:
            self.allocated = True
            count["allocated"] += 1


def resolve(name):
    command = ["dig", "+short", "+time=1", "+tries=1", name, "A"]
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    return [line for line in out.split() if line[0].isdigit()]


def main():
    device, seconds, results = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    end = time.monotonic() + seconds
    count = collections.Counter()
    hosts = {}
    while time.monotonic() < end:
        addresses = [(address, "literal address") for address in LITERALS]
        if len(hosts) < len(PORTS) * (len(NAMES) + len(LITERALS)):
            addresses += [(address, "name") for name in NAMES for address in resolve(name)]
        for address, way in addresses:
            for port in PORTS:
                if (address, port) not in hosts:
                    hosts[address, port] = Rendezvous(address, port, way)
        for host in hosts.values():
            host.send(count)
        until = time.monotonic() + LISTEN_S
        while time.monotonic() < until:
            for sock in select.select([h.sock for h in hosts.values()], [], [], LISTEN_S)[0]:
                next(h for h in hosts.values() if h.sock is sock).receive(count)
        time.sleep(max(0, ROUND_S - LISTEN_S))
    with open(results, "a", encoding="ascii") as out:
        for way in ("name", "literal address"):
            out.write("%s\tP2P rendezvous by %s\tblock\t%d\t%d\n" % (device, way, count["tried", way], count["answered", way]))
        turn_hosts = sum(1 for h in hosts.values() if h.peer[1] == TURN_PORT)
        out.write("%s\tTURN relay allocated\tblock\t%d\t%d\n" % (device, turn_hosts, count["allocated"]))


if __name__ == "__main__":
    main()
