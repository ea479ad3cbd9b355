#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""witness.py INTERFACE FILE: counts what reaches the internet of the lab, and from whom.

Runs in the internet namespace, beyond the router, and knows nothing of the
fence: the lab compares what the fence says with what arrived here. FILE gets
"SOURCE DESTINATION PROTO PORT PACKETS" lines when the program is terminated.
"""

import collections
import signal
import socket
import struct
import sys

ETH_P_ALL = 3
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def flow(frame):
    """Source, destination, protocol, destination port of a frame, or None if it is not IP."""
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == 0x0800 and len(frame) >= 34:
        family, proto, transport = socket.AF_INET, frame[23], 14 + (frame[14] & 15) * 4
        source, destination = frame[26:30], frame[30:34]
    elif ethertype == 0x86DD and len(frame) >= 54:
        family, proto, transport = socket.AF_INET6, frame[20], 54
        source, destination = frame[22:38], frame[38:54]
    else:
        return None
    port = 0
    if proto in (6, 17) and len(frame) >= transport + 4:
        port = struct.unpack_from("!H", frame, transport + 2)[0]
    return (
        socket.inet_ntop(family, source),
        socket.inet_ntop(family, destination),
        PROTOCOLS.get(proto, str(proto)),
        port,
    )


def main():
    interface, path = sys.argv[1:3]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((interface, ETH_P_ALL))
    seen = collections.Counter()

    def stop(*_):
        with open(path, "w", encoding="ascii") as out:
            for key, packets in sorted(seen.items()):
                out.write("%s %s %s %d %d\n" % (*key, packets))
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    while True:
        frame, where = sock.recvfrom(2048)
        if where[2] == socket.PACKET_OUTGOING or len(frame) < 34:
            continue
        key = flow(frame)
        if key:
            seen[key] += 1


if __name__ == "__main__":
    main()
