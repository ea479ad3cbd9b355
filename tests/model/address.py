# SPDX-License-Identifier: GPL-2.0-only
"""Addresses and prefixes as plain tuples: (family, number) and (family, number, length).

Used by every other module; knows nothing of policies.
"""

import ipaddress

BITS = {4: 32, 6: 128}


def address(text):
    value = ipaddress.ip_address(text)
    return (value.version, int(value))


def prefix(text):
    """An address is a prefix of full length; host bits that are set are an error."""
    value = ipaddress.ip_network(text)
    return (value.version, int(value.network_address), value.prefixlen)


def host(addr):
    """The prefix of that address alone."""
    return (*addr, BITS[addr[0]])


def of_bytes(data):
    return (4 if len(data) == 4 else 6, int.from_bytes(data, "big"))


def text(addr):
    if addr is None:
        return None
    family, number = addr
    return str(ipaddress.IPv4Address(number) if family == 4 else ipaddress.IPv6Address(number))


def within(addr, pref):
    family, number, length = pref
    shift = BITS[family] - length
    return addr[0] == family and addr[1] >> shift == number >> shift


def within_any(addr, prefixes):
    return any(within(addr, pref) for pref in prefixes)


V4_ANY = address("0.0.0.0")
V4_BROADCAST = address("255.255.255.255")
V4_MULTICAST = prefix("224.0.0.0/4")
V4_RESERVED = prefix("240.0.0.0/4")
V4_LOOPBACK = prefix("127.0.0.0/8")
V4_LINK_LOCAL = prefix("169.254.0.0/16")
V6_ANY = address("::")
V6_LOOPBACK = address("::1")
V6_MULTICAST = prefix("ff00::/8")
V6_MAPPED = prefix("::ffff:0:0/96")
V6_LINK_LOCAL = prefix("fe80::/10")
V6_LINK_LOCAL_NET = prefix("fe80::/64")


def is_multicast(addr):
    return within(addr, V4_MULTICAST if addr[0] == 4 else V6_MULTICAST)


def is_nobodys(addr):
    """No single host can be reached there."""
    return (is_multicast(addr) or addr in (V4_ANY, V4_BROADCAST, V6_ANY, V6_LOOPBACK)
            or within(addr, V4_LOOPBACK))
