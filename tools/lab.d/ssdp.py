#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""ssdp.py TARGET: one SSDP search (UPnP Device Architecture 1.1); exit status 0 if anything answered."""

import socket
import sys

GROUP = ("239.255.255.250", 1900)
WAIT_S = 2


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(WAIT_S)
    search = 'M-SEARCH * HTTP/1.1\r\nHOST: %s:%d\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: %s\r\n\r\n' % (*GROUP, sys.argv[1])
    sock.sendto(search.encode(), GROUP)
    try:
        answer = sock.recv(2048)
    except socket.timeout:
        return 1
    return 0 if answer.startswith(b"HTTP/1.1 200") else 1


if __name__ == "__main__":
    sys.exit(main())
