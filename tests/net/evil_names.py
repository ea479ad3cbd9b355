#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""evil_names.py: DNS names that are meant for whoever reads the log.

  evil_names.py serve ADDRESS NETWORK    a resolver that gives each question the next address of NETWORK (three numbers)
  evil_names.py ask SERVER               ask it for each of the names
  evil_names.py check < OUTPUT           exit status 1 if the output has what only a name can have brought there
  evil_names.py raw                      the names as they are
"""

import socket
import struct
import sys

# As labels on the wire: any byte may stand in one (RFC 2181 11). Each is below a wildcard that the policy allows.
LABELS = [
    b"\x1b]0;FORGED\x07",                 # sets a terminal's title
    b"\x1b[2J\x1b[31mFORGED",             # clears it, writes in red
    b"a\nFORGED drop nothing",            # a line of its own
    b"a\rFORGED",                         # over the line that is there
    b'","device":"FORGED',                # ends a JSON string
    b"\xe2\x80\xaeFORGED",                # right to left
    b"\x9b31mFORGED",                     # the same command in one byte
    b"dot.FORGED",                        # a dot inside of a label
    b"back\\slash\\x1b",
    b"\x00nul\x7fdel",
]
ZONE = b"\x03cdn\x07example\x00"
# What no output of the fence's own has (lower case, as names are kept): a title, these colours, a line or a control that begins so.
FORBIDDEN = [b"\x1b]0;", b"\x1b[31mforged", b"\rforged", b"\nforged", b"\xe2\x80\xae", b"\x9b", b"\x07", b"\x00", b"\x7f"]


def question(ident, label):
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + bytes([len(label)]) + label + ZONE + struct.pack("!HH", 1, 1)


def serve(address, network):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 53))
    for number in range(1, 255):
        data, client = sock.recvfrom(2048)
        record = struct.pack("!HHHIH", 0xC00C, 1, 1, 300, 4) + socket.inet_aton("%s.%d" % (network, number))
        sock.sendto(data[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + data[12:] + record, client)


def ask(server):
    for number, label in enumerate(LABELS):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(3)
        sock.sendto(question(number + 1, label), (server, 53))
        sock.recvfrom(2048)
    print(len(LABELS))


def check(output):
    found = [word for word in FORBIDDEN if word in output.lower()]
    for word in found:
        print("in the output: %r" % word)
    return 1 if found else 0


def main():
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "ask":
        ask(sys.argv[2])
    elif sys.argv[1] == "raw":
        sys.stdout.buffer.write(b"\n".join(LABELS))
    else:
        sys.exit(check(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
