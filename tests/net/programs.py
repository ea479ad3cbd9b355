#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""programs.py INTERFACE: the names of the BPF programs on it, one a line, as the kernel tells them.

Debian 12's bpftool does not know TCX yet, so this asks the kernel itself: TCX by
bpf(2), clsact by tc, XDP by ip. It shares no code with what it checks.
"""

import ctypes
import os
import platform
import re
import socket
import struct
import subprocess
import sys

SYS_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280}
BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD, BPF_PROG_QUERY = 13, 15, 16
TCX = {"tcx-ingress": 46, "tcx-egress": 47}
PROGRAMS_MAX = 64
INFO_LEN, INFO_NAME = 80, 64  # struct bpf_prog_info up to and including its name

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    result = libc.syscall(SYS_BPF[platform.machine()], command, attributes, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def program_name(number):
    fd = bpf(BPF_PROG_GET_FD_BY_ID, ctypes.create_string_buffer(struct.pack("III", number, 0, 0), 16))
    try:
        info = ctypes.create_string_buffer(INFO_LEN)
        request = struct.pack("IIQ", fd, INFO_LEN, ctypes.addressof(info))
        bpf(BPF_OBJ_GET_INFO_BY_FD, ctypes.create_string_buffer(request, 16))
        return info.raw[INFO_NAME:INFO_LEN].split(b"\0")[0].decode()
    finally:
        os.close(fd)


def tcx_programs(interface, attach_type):
    ids = (ctypes.c_uint32 * PROGRAMS_MAX)()
    request = struct.pack("IIIIQI", socket.if_nametoindex(interface), attach_type, 0, 0, ctypes.addressof(ids), PROGRAMS_MAX)
    answer = ctypes.create_string_buffer(request, 64)
    try:
        bpf(BPF_PROG_QUERY, answer)
    except OSError:
        return []  # a kernel without TCX
    count = struct.unpack_from("I", answer.raw, 24)[0]
    return [program_name(ids[i]) for i in range(count)]


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def main():
    interface = sys.argv[1]
    for hook, attach_type in TCX.items():
        for name in tcx_programs(interface, attach_type):
            print(hook, name)
    for hook in ("ingress", "egress"):
        for name in re.findall(r"handle 0x\S+ (\S+)", run("tc", "filter", "show", "dev", interface, hook)):
            print("clsact-" + hook, name)
    for number in re.findall(r"prog/xdp id (\d+)", run("ip", "-d", "link", "show", "dev", interface)):
        print("xdp", program_name(int(number)))


if __name__ == "__main__":
    main()
