#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""ntp.py ADDRESS: an NTP server (RFC 5905, server mode only) for the emulated internet.

Debian's NTP servers replace the machine's own time daemon when they are
installed, so the lab does not install one for a few answers a day.
"""

import socket
import struct
import sys
import time

EPOCH_OFFSET_S = 2208988800  # 1900 to 1970
PACKET_LEN = 48


def stamp(seconds):
    whole = int(seconds)
    return struct.pack("!II", (whole + EPOCH_OFFSET_S) & 0xFFFFFFFF, int((seconds - whole) * 2**32))


def answer(question, received):
    version = (question[0] >> 3) & 7
    head = struct.pack("!BBbb", version << 3 | 4, 1, question[2] & 0x7F, -20)
    root = struct.pack("!II4s", 0, 0x100, b"LOCL")
    return head + root + stamp(received) + question[40:48] + stamp(received) + stamp(time.time())


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[1], 123))
    while True:
        question, peer = sock.recvfrom(512)
        received = time.time()
        if len(question) >= PACKET_LEN and question[0] & 7 == 3:
            sock.sendto(answer(question, received), peer)


if __name__ == "__main__":
    main()
