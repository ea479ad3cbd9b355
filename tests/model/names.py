# SPDX-License-Identifier: GPL-2.0-only
"""DNS messages: the question a device asks, and the addresses an answer gives it.

Used by judge.py.  Pure: bytes in, values out; None where the message is not what it should be,
so that what cannot be read opens nothing.  A name is a tuple of lower-case labels.
"""

import address as ip

A, CNAME, AAAA, IN = 1, 5, 28, 1
MAX_NAME = 255
MAX_LINKS = 16              # of a CNAME chain
QR, OPCODE, RCODE = 0x8000, 0x7800, 0x000f


class Unreadable(Exception):
    pass


def read_name(data, offset, pointers=True):
    """(name, offset after it).  A pointer may only point to what stands before it, and not into the header."""
    labels, length, after = [], 1, None
    limit = offset
    while True:
        if offset >= len(data):
            raise Unreadable("name cut short")
        size = data[offset]
        if size == 0:
            return tuple(labels), after if after is not None else offset + 1
        if size & 0xc0 == 0xc0 and pointers:
            if offset + 2 > len(data):
                raise Unreadable("pointer cut short")
            target = int.from_bytes(data[offset:offset + 2], "big") & 0x3fff
            if target >= limit or target < 12:
                raise Unreadable("pointer forwards")
            after = after if after is not None else offset + 2
            offset = limit = target
            continue
        if size > 63:
            raise Unreadable("label type")
        label = data[offset + 1:offset + 1 + size]
        if len(label) < size:
            raise Unreadable("label cut short")
        length += size + 1
        if length > MAX_NAME:
            raise Unreadable("name too long")
        labels.append(label.lower())
        offset += 1 + size


def head(data):
    """(id, flags, questions, answers, authority records)"""
    if len(data) < 12:
        raise Unreadable("header")
    return tuple(int.from_bytes(data[i:i + 2], "big") for i in (0, 2, 4, 6, 8))


def question(data):
    """(id, name) of a well-formed query with one question, else None (reading 16)."""
    try:
        ident, flags, questions, answers, authority = head(data)
        if flags & (QR | OPCODE) or questions != 1 or answers or authority:
            return None
        name, offset = read_name(data, 12, pointers=False)
        if offset + 4 > len(data):
            return None
        return ident, name
    except Unreadable:
        return None


def records(data, offset, count):
    """(owner, type, class, ttl, value) of each, as far as they can be read: value is a name for
    CNAME, an address for A and AAAA."""
    for _ in range(count):
        owner, offset = read_name(data, offset)
        if offset + 10 > len(data):
            raise Unreadable("record cut short")
        kind = int.from_bytes(data[offset:offset + 2], "big")
        klass = int.from_bytes(data[offset + 2:offset + 4], "big")
        ttl = int.from_bytes(data[offset + 4:offset + 8], "big")
        size = int.from_bytes(data[offset + 8:offset + 10], "big")
        offset += 10
        if offset + size > len(data):
            raise Unreadable("record cut short")
        value = None
        if klass == IN and kind in (A, AAAA):
            if size == (4 if kind == A else 16):
                value = ip.of_bytes(data[offset:offset + size])
        elif klass == IN and kind == CNAME:
            value, end = read_name(data, offset)
            if end != offset + size:
                raise Unreadable("target and data differ")
        yield owner, kind, klass, ttl, value
        offset += size


class Answer:
    def __init__(self, ident, name, code, addresses):
        self.ident, self.name, self.code = ident, name, code
        self.addresses = addresses          # [(address, ttl)]


def answer(data):
    """The Answer that a response to one question holds, else None.

    "Only the answer section counts, along the CNAME chain from the question."
    """
    try:
        ident, flags, questions, answers, _ = head(data)
        if not flags & QR or flags & OPCODE or questions != 1:
            return None
        name, offset = read_name(data, 12)
        if offset + 4 > len(data):
            return None
        asked_class = int.from_bytes(data[offset + 2:offset + 4], "big")
        offset += 4
    except Unreadable:
        return None
    addresses, links, owner_now = [], 0, name
    try:
        for owner, kind, klass, ttl, value in records(data, offset, answers):
            if owner != owner_now or klass != IN:
                continue
            if kind == CNAME:
                links += 1
                if links > MAX_LINKS:
                    break
                owner_now = value
            elif value is not None and not ip.is_nobodys(value):
                addresses.append((value, ttl))
    except Unreadable:
        pass                # what stood before it counts (reading 17)
    code = flags & RCODE
    return Answer(ident, name, code, [] if code or asked_class != IN else addresses)


def matches(name, pattern):
    kind, wanted = pattern
    if kind == "name":
        return name == wanted
    return len(name) > len(wanted) and name[-len(wanted):] == wanted


def text(name):
    return ".".join("".join(chr(c) if 0x21 <= c < 0x7f and c not in b".\\" else "\\%03d" % c
                            for c in label) for label in name)
