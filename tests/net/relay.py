#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""relay.py: a UDP server, a host that carries on to it what it gets, and who asks either.

  relay.py serve ADDRESS PORT            answers each datagram with itself; ended, says how many there were
  relay.py relay ADDRESS PORT TO TOPORT  carries datagrams on, and answers back to who sent last
  relay.py ask ADDRESS PORT COUNT        datagrams one after the other; says how many were answered

Ordinary sockets: what is tried is the way, not the frame.
"""

import signal
import socket
import sys

SIZE = 500
# An answer comes in well under a millisecond; what is dropped has none.
WAIT_S = 0.5


class Ended(Exception):
    """By a signal."""


def end(number, frame):
    raise Ended


def bound(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, int(port)))
    return sock


def serve(address, port):
    sock, count = bound(address, port), 0
    signal.signal(signal.SIGTERM, end)
    try:
        while True:
            data, sender = sock.recvfrom(65535)
            count += 1
            sock.sendto(data, sender)
    except Ended:
        print(count)


def relay(address, port, to, to_port):
    near, far = bound(address, port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.connect((to, int(to_port)))
    while True:
        data, sender = near.recvfrom(65535)
        far.send(data)
        near.sendto(far.recv(65535), sender)


def ask(address, port, count):
    sock, answered = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0
    sock.settimeout(WAIT_S)
    for number in range(int(count)):
        data = b"%d" % number + b"." * (SIZE - len(b"%d" % number))
        sock.sendto(data, (address, int(port)))
        try:
            answered += sock.recv(65535) == data
        except OSError:
            pass
    print(answered)


if __name__ == "__main__":
    {"serve": serve, "relay": relay, "ask": ask}[sys.argv[1]](*sys.argv[2:])
