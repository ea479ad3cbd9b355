#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""raw.py: frames that no host's stack sends, as hex.

  raw.py INTERFACE [--count N] [--rate N] [--random-source] HEX...

The words are joined; "text:WORD" stands for the word's bytes (with : for each _), "pad:N" fills the frame up to N bytes. With --random-source each frame has
another locally administered source address. frames.py counts such frames by a payload "rfnet:TAG:", wherever it stands in them.
"""

import argparse
import os
import socket
import time


def frame_of(words):
    data = b""
    for word in words:
        kind, _, value = word.rpartition(":")
        if kind == "text":
            data += value.replace("_", ":").encode("ascii")
        elif kind == "pad":
            data = data.ljust(int(value), b"\0")
        else:
            data += bytes.fromhex(word.replace(":", ""))
    return data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("interface")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0, help="a second; default: as fast as it goes")
    parser.add_argument("--random-source", action="store_true")
    parser.add_argument("words", nargs="+")
    options = parser.parse_args()
    data = frame_of(options.words)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((options.interface, 0))
    start = time.monotonic()
    for number in range(options.count):
        if options.random_source:
            data = data[:6] + b"\x02\x77" + os.urandom(4) + data[12:]
        sock.send(data)
        if options.rate:
            time.sleep(max(0, start + (number + 1) / options.rate - time.monotonic()))


if __name__ == "__main__":
    main()
