#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""foreign.py xdp PATH | cls PATH | tcx INTERFACE: somebody else's BPF program, which passes everything.

xdp and cls pin it to PATH, for `ip link' and `tc filter'; tcx attaches it before all others on ingress, prints "ready"
and holds it until it is ended. Asks bpf(2) itself: Debian 12's tools do not know TCX.
"""

import ctypes
import os
import socket
import struct
import sys
import time

from programs import bpf

BPF_PROG_LOAD, BPF_OBJ_PIN, BPF_LINK_CREATE = 5, 6, 28
SCHED_CLS, XDP = 3, 6
TCX_INGRESS = 46
BEFORE = 1 << 3
# r0 = verdict; exit
PASS = {SCHED_CLS: -1, XDP: 2}


def load(kind):
    instructions = struct.pack("<BBhi", 0xB7, 0, 0, PASS[kind]) + struct.pack("<BBhi", 0x95, 0, 0, 0)
    code, licence = ctypes.create_string_buffer(instructions), ctypes.create_string_buffer(b"GPL")
    request = struct.pack("<IIQQIIQIi16s", kind, 2, ctypes.addressof(code), ctypes.addressof(licence), 0, 0, 0, 0, 0, b"somebody")
    return bpf(BPF_PROG_LOAD, ctypes.create_string_buffer(request, 72))


def pin(kind, path):
    name = ctypes.create_string_buffer(path.encode())
    bpf(BPF_OBJ_PIN, ctypes.create_string_buffer(struct.pack("<QI", ctypes.addressof(name), load(kind)), 16))


def hold(interface):
    request = struct.pack("<IIII", load(SCHED_CLS), socket.if_nametoindex(interface), TCX_INGRESS, BEFORE)
    link = bpf(BPF_LINK_CREATE, ctypes.create_string_buffer(request, 64))
    print("ready", flush=True)
    while os.fstat(link):
        time.sleep(60)


def main(how, where):
    if how == "tcx":
        hold(where)
    else:
        pin({"xdp": XDP, "cls": SCHED_CLS}[how], where)


if __name__ == "__main__":
    main(*sys.argv[1:])
