# SPDX-License-Identifier: GPL-2.0-only
"""The table under "services": what each lets a device send, and what it lets in.

Used by judge.py.  Stateless: what a service let out is answered by connections, this is for
the answers "where they are no reverse 5-tuple".
"""

import address as ip
from frame import ECHO_REQUEST, ICMP, ICMPV6, TCP, UDP

PORT_DNS, PORT_NTP, PORT_MDNS, PORT_SSDP = 53, 123, 5353, 1900
USER, EPHEMERAL = 1024, 32768       # and up (reading 22)
MDNS_GROUPS = {ip.address("224.0.0.251"), ip.address("ff02::fb")}
SSDP_GROUPS = {ip.address("239.255.255.250"), ip.address("ff02::c"), ip.address("ff05::c")}
DHCPV6_SERVERS = ip.address("ff02::1:2")


def service_from(policy, frame, service):
    """The table under "services", on the way out."""
    dst = frame.dst
    if service == "ping":               # "ICMP and ICMPv6 echo to local"
        family = dst[0]
        return (frame.proto == (ICMP if family == 4 else ICMPV6)
                and frame.icmp_type == ECHO_REQUEST[family] and policy.is_local(dst))
    if service == "dns":                # "UDP and TCP 53 to resolvers"
        return (frame.proto in (UDP, TCP) and frame.dport == PORT_DNS
                and dst in policy.resolvers)
    if frame.proto != UDP:
        return False
    if service == "dhcp":
        # "UDP 68->67 to broadcast, gateway or the leasing server" (reading 9);
        # "UDP 546->547 to ff02::1:2"
        if frame.kind == "ipv4":
            return ((frame.sport, frame.dport) == (68, 67)
                    and (policy.is_broadcast(dst) or dst in policy.gateway
                         or policy.is_local(dst)))
        return (frame.sport, frame.dport) == (546, 547) and dst == DHCPV6_SERVERS
    if service == "ntp":                # "UDP 123 to any"
        return frame.dport == PORT_NTP
    if service == "mdns":
        # "UDP 5353 to 224.0.0.251, ff02::fb, and UDP from or to port 5353 of local hosts"
        if dst in MDNS_GROUPS:
            return frame.dport == PORT_MDNS
        if not policy.is_local(dst):
            return False
        # Answers go to those who ask from another port; the gateway's services are not among those
        # (reading 22).
        least = EPHEMERAL if dst in policy.gateway else USER
        return frame.dport == PORT_MDNS or (frame.sport == PORT_MDNS and frame.dport >= least)
    # ssdp: "UDP 1900 to 239.255.255.250, ff02::c, ff05::c"
    return frame.dport == PORT_SSDP and dst in SSDP_GROUPS


def service_to(policy, frame, service):
    """"Each includes the answers to it, also where they are no reverse 5-tuple"."""
    src = frame.src
    if frame.proto != UDP:
        return False
    if service == "dhcp":               # "server answers to it"
        ports = (67, 68) if frame.kind == "ipv4" else (547, 546)
        near = policy.is_local(src) or src in policy.gateway or src == ip.V4_ANY
        return (frame.sport, frame.dport) == ports and near
    if service == "mdns":               # "UDP from or to port 5353 of local hosts"
        return PORT_MDNS in (frame.sport, frame.dport) and policy.is_local(src)
    if service == "ssdp":               # "answers from local hosts' port 1900"
        return frame.sport == PORT_SSDP and policy.is_local(src)
    return False
