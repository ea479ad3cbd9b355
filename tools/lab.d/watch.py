#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""watch.py PORT...: what a device offers to others in the house.

Answers HTTP GET, and RTSP OPTIONS and DESCRIBE (RFC 2326) so that curl can
look at the camera. It serves one fixed page and reads nothing from disk.
"""

import selectors
import socket
import sys

SDP = b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=live\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
REQUEST_MAX = 4096
TIMEOUT_S = 2


def rtsp_answer(method, headers):
    cseq = next((h.split(b":", 1)[1].strip() for h in headers if h.lower().startswith(b"cseq:")), b"0")
    start = b"RTSP/1.0 200 OK\r\nCSeq: " + cseq + b"\r\n"
    if method == b"DESCRIBE":
        return start + b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP) + SDP
    return start + b"Public: OPTIONS, DESCRIBE\r\n\r\n"


def serve(conn):
    conn.settimeout(TIMEOUT_S)
    pending = b""
    while len(pending) < REQUEST_MAX:
        while b"\r\n\r\n" not in pending:
            more = conn.recv(REQUEST_MAX)
            if not more:
                return
            pending += more
        request, pending = pending.split(b"\r\n\r\n", 1)
        lines = request.split(b"\r\n")
        words = lines[0].split()
        if len(words) == 3 and words[2].startswith(b"RTSP/"):
            conn.sendall(rtsp_answer(words[0], lines[1:]))
        else:
            conn.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nlive\n")
            return


def listen(port):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("::", port))
    sock.listen(16)
    return sock


def main():
    selector = selectors.DefaultSelector()
    for port in sys.argv[1:]:
        selector.register(listen(int(port)), selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            conn, _ = key.fileobj.accept()
            with conn:
                try:
                    serve(conn)
                except OSError:
                    pass  # a client that hangs or goes away is its own problem


if __name__ == "__main__":
    main()
