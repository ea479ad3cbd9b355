# SPDX-License-Identifier: GPL-2.0-only
"""Capture files: pcap and pcapng, both byte orders, micro- and nanoseconds, Ethernet only.

read() gives (time in ns, bytes, length on the wire); write() makes a pcap that read() and every
other tool reads.  Knows nothing of what is in the frames.
"""

import struct

ETHERNET = 1
MICRO, NANO = 0xa1b2c3d4, 0xa1b23c4d
SECTION, INTERFACE, SIMPLE, ENHANCED, OLD_PACKET = 0x0a0d0d0a, 1, 3, 6, 2
BYTE_ORDER = 0x1a2b3c4d
OPTION_RESOLUTION, OPTION_OFFSET = 9, 14
SNAP_LENGTH = 262144


class CaptureError(Exception):
    pass


def read(path):
    with open(path, "rb") as stream:
        data = stream.read()
    if len(data) < 12:
        raise CaptureError("%s: too short for a capture" % path)
    if struct.unpack("<I", data[:4])[0] == SECTION:
        return read_pcapng(data)
    for order in "<>":
        magic = struct.unpack(order + "I", data[:4])[0]
        if magic in (MICRO, NANO):
            return read_pcap(data, order, 1 if magic == NANO else 1000)
    raise CaptureError("%s: neither pcap nor pcapng" % path)


def read_pcap(data, order, tick):
    if len(data) < 24:
        raise CaptureError("pcap header cut short")
    link = struct.unpack(order + "I", data[20:24])[0] & 0xffff
    if link != ETHERNET:
        raise CaptureError("link type %d is not Ethernet" % link)
    offset = 24
    while offset < len(data):
        if offset + 16 > len(data):
            raise CaptureError("record header cut short")
        seconds, part, size, wire = struct.unpack(order + "IIII", data[offset:offset + 16])
        offset += 16
        if offset + size > len(data):
            raise CaptureError("record cut short")
        yield seconds * 10**9 + part * tick, data[offset:offset + size], wire
        offset += size


def options(data, order):
    offset, result = 0, {}
    while offset + 4 <= len(data):
        code, size = struct.unpack(order + "HH", data[offset:offset + 4])
        if code == 0:
            break
        result[code] = data[offset + 4:offset + 4 + size]
        offset += 4 + (size + 3) // 4 * 4
    return result


def interface(body, order):
    """(link type, ticks a second, offset in seconds)"""
    link = struct.unpack(order + "H", body[:2])[0]
    found = options(body[8:], order)
    resolution = found.get(OPTION_RESOLUTION, b"\x06")[0]
    base = 2 if resolution & 0x80 else 10
    shift = struct.unpack(order + "q", found.get(OPTION_OFFSET, bytes(8)))[0]
    return link, base ** (resolution & 0x7f), shift


def read_pcapng(data):
    offset, order, interfaces = 0, "<", []
    while offset + 12 <= len(data):
        kind = struct.unpack(order + "I", data[offset:offset + 4])[0]
        if kind == SECTION:
            order = "<" if struct.unpack("<I", data[offset + 8:offset + 12])[0] == BYTE_ORDER \
                else ">"
            interfaces = []
        size = struct.unpack(order + "I", data[offset + 4:offset + 8])[0]
        if size < 12 or offset + size > len(data):
            raise CaptureError("block cut short")
        body = data[offset + 8:offset + size - 4]
        offset += size
        if kind == INTERFACE:
            interfaces.append(interface(body, order))
        elif kind in (ENHANCED, OLD_PACKET):
            layout = "IIIII" if kind == ENHANCED else "HHIIII"
            fields = struct.unpack(order + layout, body[:20])
            index, (high, low, captured, wire) = fields[0], fields[-4:]
            link, ticks, shift = interfaces[index]
            if link != ETHERNET:
                raise CaptureError("link type %d is not Ethernet" % link)
            time = (high << 32 | low) * 10**9 // ticks + shift * 10**9
            yield time, body[20:20 + captured], wire
        elif kind == SIMPLE:
            wire = struct.unpack(order + "I", body[:4])[0]
            yield 0, body[4:4 + wire], wire


def write(path, frames):
    """frames: (time in ns, bytes[, wire length]); written as a nanosecond pcap."""
    with open(path, "wb") as stream:
        stream.write(struct.pack("<IHHiIII", NANO, 2, 4, 0, 0, SNAP_LENGTH, ETHERNET))
        for time, data, *wire in frames:
            stream.write(struct.pack("<IIII", time // 10**9, time % 10**9, len(data),
                                     wire[0] if wire else len(data)))
            stream.write(data)
