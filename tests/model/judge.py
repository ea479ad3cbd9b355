# SPDX-License-Identifier: GPL-2.0-only
"""The verdict on one frame: the contract's sentences, in the order in which they apply.

Takes a Policy and Frames, keeps a DeviceState per device.  Reads no file and knows no capture
format.  Each decision quotes the sentence that it implements; "reading N" is in README.md.
"""

import address as ip
import names
from frame import ACK, ECHO_REQUEST, FIN, ICMP, ICMPV6, IGMP, MAX_CHAIN_END, RST, SCTP, SYN, TCP, UDP
from services import PORT_DNS, service_from, service_to
from state import DeviceState

ROUTER_SOLICIT, ROUTER_ADVERT, NEIGHBOUR_SOLICIT, NEIGHBOUR_ADVERT, ND_REDIRECT = \
    133, 134, 135, 136, 137
# Fixed part of each message that hosts send, before the options (RFC 4861, 4).
ND_HEADER = {ROUTER_SOLICIT: 8, NEIGHBOUR_SOLICIT: 24, NEIGHBOUR_ADVERT: 24}
MAX_ND_OPTIONS = 4          # reading 8
FROM_ROUTERS = (ROUTER_ADVERT, ND_REDIRECT)
LINK_ADDRESS_OPTIONS = (1, 2)
MLD_REPORTS = (131, 132, 143)
ARP_REQUEST_OR_REPLY = (b"\0\1", b"\0\2")
IGMP_REPORTS = (0x12, 0x16, 0x22, 0x17)
ICMP_FROM_ROUTERS = (5, 9)      # redirect; router advertisement (RFC 1256)


UPLINK = "uplink"           # "a bridge port that leads to the rest of the world: never policed"


class Verdict:
    def __init__(self, verdict, reason, rule=None, name=None, candidates=()):
        self.verdict, self.reason = verdict, reason
        self.rule = rule                # line, or None
        self.name = name                # labels, or None
        self.candidates = candidates    # every name that would do
        self.would = None
        self.direction = self.device = None

    @property
    def passed(self):
        return self.verdict == "pass"


def allow(reason, rule=None, name=None, candidates=()):
    return Verdict("pass", reason, rule, name, candidates)


def drop(reason, rule=None):
    return Verdict("drop", reason, rule)


def is_group_mac(mac):
    return int(mac[:2], 16) & 1


class Subject:
    """A device as the judge sees it; an unknown MAC is one too, without a name."""

    def __init__(self, name, macs, profile, mode, device=None):
        self.name, self.macs, self.profile, self.mode = name, macs, profile, mode
        self.rules = device.rules if device else []
        self.ports = device.ports if device else None
        self.vlan = device.vlan if device else None
        self.addresses = device.addresses if device else None
        self.state = DeviceState()
        self.fenced = "quarantined" if mode == "quarantine" else None


class Opening:
    """The packet that would begin a connection now: what is asked after a change of policy."""

    def __init__(self, conn, remote_mac):
        self.proto, own_port, remote, remote_port = conn.key
        self.kind = "ipv4" if remote[0] == 4 else "ipv6"
        self.icmp_type = ECHO_REQUEST[remote[0]] if self.proto in (ICMP, ICMPV6) else None
        if conn.opener == "device":
            self.sport, self.dport = own_port, remote_port
            self.dst, self.dst_mac = remote, remote_mac
        else:
            self.sport, self.dport = remote_port, own_port
            self.src, self.src_mac = remote, remote_mac
        if self.proto not in (TCP, UDP, SCTP):
            self.sport = self.dport = None


class Judge:
    def __init__(self, policy, unknown=False):
        self.judge_unknown = unknown
        self.number = 0         # of the policy in force
        self.strangers = {}     # MAC -> Subject of a device that no policy knows
        self.by_mac = {}
        self.put_in_force(policy)

    def put_in_force(self, policy):
        """"A change of policy applies to running connections at once": what is remembered stays,
        what it allows is asked anew (reading 21)."""
        states = {subject.name: subject.state for subject in self.by_mac.values()}
        self.policy, self.by_mac = policy, {}
        self.number += 1
        for device in policy.devices.values():
            subject = Subject(device.name, device.macs, device.profile, device.mode, device)
            subject.state = states.get(device.name, subject.state)
            for mac in device.macs:
                self.by_mac[mac] = subject
        for mac, old in list(self.strangers.items()):
            self.strangers[mac] = self.stranger(mac, old.state)

    # --- whose frame is it ------------------------------------------------------------------

    def stranger(self, mac, state):
        """"unknown: a MAC that no device claims: quarantine (default), monitor, or a profile
        name"."""
        choice = self.policy.unknown
        profile = self.policy.profiles.get(choice)
        subject = Subject(None, [mac], profile, "monitor" if choice == "monitor" else "enforce")
        subject.state = state
        if profile is None:
            subject.fenced = "unknown-device"
        return subject

    def unknown_subject(self, mac):
        if mac not in self.strangers:
            self.strangers[mac] = self.stranger(mac, DeviceState())
        return self.strangers[mac]

    def hooks(self, frame, now):
        """(direction, verdict) at each hook that the frame meets on its way to an inside port: what
        comes in by another is judged there, whoever sent it, and what passes where it leaves."""
        verdicts = []
        if frame.port != UPLINK:
            source = self.by_mac.get(frame.src_mac) or self.unknown_subject(frame.src_mac)
            verdicts.append(("from", self.one_side(frame, source, now, "from")))
        if not verdicts or verdicts[0][1].passed:
            verdicts.append(("to", self.leaving(frame, now)))
        return verdicts

    def leaving(self, frame, now):
        """The verdict on a frame that leaves by an inside port: what goes to a device is judged."""
        target = self.by_mac.get(frame.dst_mac)
        if target:
            return self.one_side(frame, target, now, "to")
        self.overhear(frame, now)
        return allow("unpoliced")

    def judge(self, frame, now):
        """ringfence(8), replay: direction is from when the source MAC is a device's, else to when the destination
        MAC is a device's. A frame that is both is judged from first, then, if it passed, to."""
        source = self.by_mac.get(frame.src_mac)
        target = self.by_mac.get(frame.dst_mac)
        if not source and self.judge_unknown and frame.src_mac and not is_group_mac(frame.src_mac):
            source = self.unknown_subject(frame.src_mac)
        first = None
        if source:
            first = self.one_side(frame, source, now, "from")
            if not first.passed:
                return first
        if target:
            second = self.one_side(frame, target, now, "to")
            # "it gives one object, with the verdict that stopped it" (reading 2)
            return second if first is None or not second.passed else first
        if first is None:
            first = allow("unpoliced")
        if self.judge_unknown:
            self.overhear(frame, now)
        return first

    def overhear(self, frame, now):
        """What goes to an unknown device is not judged, but the names that it asked for are its own
        as anybody's (reading 16)."""
        if frame.malformed or not frame.dst_mac or is_group_mac(frame.dst_mac):
            return
        subject = self.unknown_subject(frame.dst_mac)
        if subject.profile and frame.is_ip:
            subject.state.forget_names(now)
            self.dns_to(frame, subject, now)

    def one_side(self, frame, subject, now, direction):
        verdict = self.by_mode(frame, subject, now, direction)
        verdict.direction, verdict.device = direction, subject.name
        return verdict

    def by_mode(self, frame, subject, now, direction):
        if subject.mode == "off":
            return allow("mode-off")            # "off passes everything, counted"
        if frame.malformed or self.bad_link_message(frame):
            return drop("malformed")
        if direction == "from" and is_group_mac(frame.src_mac):
            return drop("malformed")            # no station's address (reading 5)
        subject.state.forget_names(now)
        judge = self.judge_from if direction == "from" else self.judge_to
        verdict = judge(frame, subject, now)
        if frame.fragment == "first":
            subject.state.first_fragment(direction, frame.fragment_key, verdict.passed, now,
                                         self.number)
        if subject.mode == "monitor" and not verdict.passed and verdict.reason != "malformed":
            # "monitor passes everything that policy (not malformed-packet safety) would drop and
            # counts and reports it as would-drop"
            shown = allow("would-drop", verdict.rule)
            shown.would = verdict.reason
            return shown
        return verdict

    def bad_link_message(self, frame):
        """ARP that neither asks nor answers, and ND that RFC 4861 tells hosts to discard."""
        if frame.kind == "arp":
            return frame.body[6:8] not in ARP_REQUEST_OR_REPLY
        if frame.kind == "ipv6" and frame.proto == ICMPV6 and frame.icmp_type in ND_HEADER:
            return self.neighbour_options(frame) is None
        return False

    # --- from the device --------------------------------------------------------------------

    def judge_from(self, frame, subject, now):
        verdict = self.identity(frame, subject) or self.link_from(frame, subject)
        if verdict:
            return verdict
        if subject.fenced:
            return self.fenced_from(frame, subject, now)
        if not frame.is_ip:
            return self.other_ethertype(frame, subject)
        if frame.fragment == "later":
            return self.later_fragment(frame, subject, now, "from")
        verdict = self.first_match(frame, subject, now)
        key = connection_key(frame, "from")
        if verdict.passed and self.misleads(frame):
            return drop("inbound-deny")
        if verdict.passed:
            verdict = self.dns_from(frame, subject, now) or verdict
            if verdict.passed and key and not to_group(frame):
                # "A connection that the device was allowed to open ... passes both ways"
                conn = subject.state.find("device", key, now)
                if opens(frame):
                    conn = subject.state.open("device", key, now, self.number)
                if conn:
                    # "as long as a connection to it lives" (reading 19)
                    conn.named = bool(self.names_to(subject, frame.dst, now)) or \
                        conn.named and not begins_anew(frame)
                self.seen(frame, subject, key, now, "device", "device")
        elif frame.quote and self.error_belongs(frame, subject, now, "from"):
            return allow("established")         # "So does the ICMP error that belongs to it."
        elif key and self.live(subject, key, now, frame.dst_mac, ("remote",)):
            # "... and one that was opened to it under inbound, passes both ways until it ends or
            # idles out."
            self.seen(frame, subject, key, now, "device", "remote")
            return allow("established")
        return verdict

    def identity(self, frame, subject):
        # "ports: optional: the MAC anywhere else is an impostor"
        if subject.ports and frame.port is not None and frame.port not in subject.ports:
            return drop("wrong-port")
        # "vlan: optional, likewise" (the MAC anywhere else is an impostor; reading 6)
        if subject.vlan is not None and frame.vlans != [subject.vlan]:
            return drop("wrong-vlan")
        # "addresses: optional: the only source addresses it may use"
        if subject.addresses is not None and frame.is_ip:
            if not ip.within_any(frame.src, subject.addresses) and not self.source_excused(frame):
                return drop("spoofed-source")
        if (frame.sport == PORT_DNS and frame.src in self.policy.resolvers
                and not self.owns(subject, frame.src)
                and (not subject.fenced or subject.mode == "monitor")):
            # "from a believed resolver": not from another device in its name (reading 7)
            return drop("spoofed-source")
        return None

    def source_excused(self, frame):
        """Addresses that a host must use before, or beside, its own (reading 7)."""
        if frame.src == ip.V4_ANY:
            return frame.proto == UDP and (frame.sport, frame.dport) == (68, 67)
        icmp6 = frame.kind == "ipv6" and frame.proto == ICMPV6
        if frame.src == ip.V6_ANY:
            return icmp6 and frame.icmp_type in MLD_REPORTS + (ROUTER_SOLICIT, NEIGHBOUR_SOLICIT)
        if ip.within(frame.src, ip.V6_LINK_LOCAL_NET):
            dhcp = frame.proto == UDP and (frame.sport, frame.dport) == (546, 547)
            return dhcp or icmp6 and (frame.icmp_type in range(ROUTER_SOLICIT, ND_REDIRECT + 1)
                                      or frame.icmp_type in MLD_REPORTS)
        return False

    def claims(self, subject, addr):
        """Whether the device may say that `addr` is its own (reading 8)."""
        if addr in self.policy.gateway:
            # "ARP and ND for an address of gateway by another device than the gateway"
            return self.owns(subject, addr)
        return subject.addresses is None or ip.within_any(addr, subject.addresses)

    def owns(self, subject, addr):
        """By name: a range is nobody's own."""
        return subject.addresses is not None and ip.host(addr) in subject.addresses

    def link_from(self, frame, subject):
        """"Always decided before rules, whatever the profile says"."""
        if frame.kind == "eapol":
            return allow("link")                # "EAPOL passes"
        if frame.kind == "arp":
            return self.arp_from(frame, subject)
        if not frame.is_ip or frame.fragment == "later":
            return None
        if frame.kind == "ipv4" and frame.proto == ICMP and frame.icmp_type in ICMP_FROM_ROUTERS:
            return drop("rogue-server")         # "router advertisements, redirects"
        # "DHCP server messages (rogue-server)"
        server_ports = (67, 68) if frame.kind == "ipv4" else (547, 546)
        if frame.proto == UDP and (frame.sport, frame.dport) == server_ports:
            return drop("rogue-server")
        if frame.kind == "ipv6" and frame.proto == ICMPV6:
            return self.icmp6_from(frame, subject)
        # "IGMP and MLD membership reports pass"
        if (frame.kind == "ipv4" and frame.proto == IGMP and frame.icmp_type in IGMP_REPORTS
                and self.report_stays(frame)):
            return allow("link")
        return None

    def report_stays(self, frame):
        """To a group, and not forwarded: TTL 1, or a group that is not of global scope (reading 8)."""
        if not ip.is_multicast(frame.dst):
            return False
        if frame.hop_limit == 1:
            return True
        if frame.kind == "ipv6":
            return frame.dst[1] >> 112 & 0xf < 0xe
        return frame.dst[1] >> 8 == 0xe00000 or frame.dst[1] >> 24 == 239

    def arp_from(self, frame, subject):
        """"ARP ... by the device for itself pass"."""
        sender_mac, sender = frame.body[8:14].hex(":"), ip.of_bytes(frame.body[14:18])
        if sender_mac != frame.src_mac:
            return drop("spoofed-source")
        if sender != ip.V4_ANY and not self.claims(subject, sender):
            return drop("spoofed-source")
        return allow("link")

    def icmp6_from(self, frame, subject):
        if frame.icmp_type in FROM_ROUTERS:
            return drop("rogue-server")         # "router advertisements, redirects"
        if frame.icmp_type in MLD_REPORTS and self.report_stays(frame):
            return allow("link")
        if frame.icmp_type not in ND_HEADER:
            return None
        # "IPv6 neighbour discovery by the device for itself pass"
        if any(mac != frame.src_mac for mac in self.neighbour_options(frame)):
            return drop("spoofed-source")
        if frame.src in self.policy.gateway and not self.claims(subject, frame.src):
            return drop("spoofed-source")
        if frame.icmp_type == NEIGHBOUR_ADVERT:
            target = ip.of_bytes(frame.body[8:24])
            anyone = target == ip.V6_ANY or ip.within(target, ip.V6_LINK_LOCAL_NET)
            if target in self.policy.gateway or not anyone:
                if not self.claims(subject, target):
                    return drop("spoofed-source")
        # Neighbour discovery is of the link: elsewhere rules decide (reading 8)
        return allow("link") if self.is_on_link(frame.dst) else None

    def is_on_link(self, addr):
        near = any(known[0] == 6 and known[1] >> 64 == addr[1] >> 64 for known in self.policy.gateway)
        return (near or self.policy.is_local(addr) or addr in self.policy.gateway
                or ip.within(addr, ip.V6_LINK_LOCAL_NET) or addr[1] >> 112 == 0xff02)

    def misleads(self, frame):
        """A frame to a group whose packet is for one local host, which its `inbound` could not stop
        (reading 23)."""
        if not is_group_mac(frame.dst_mac) or ip.is_multicast(frame.dst):
            return False
        if self.policy.is_broadcast(frame.dst) or frame.dst in self.policy.gateway:
            return False
        if frame.dst[0] == 4 and frame.dst[1] & 15 == 15:
            return False                        # may be a broadcast address
        return self.is_on_link(frame.dst)

    def neighbour_options(self, frame):
        """The link-layer addresses that the message gives, or None if it is malformed: hop limit
        not 255, code not 0, shorter than its fixed part, a fragment (RFC 6980), or options that do
        not add up (RFC 4861, 6.1 and 7.1) or are too many to be read."""
        length = ND_HEADER[frame.icmp_type]
        if frame.hop_limit != 255 or frame.icmp_code or frame.fragment:
            return None
        # What is read must have been captured: options, and what an advertisement advertises.
        all_read = frame.body_length > length or frame.icmp_type == NEIGHBOUR_ADVERT
        if frame.body_length < length or all_read and len(frame.body) < length:
            return None
        if frame.icmp_type == NEIGHBOUR_ADVERT and frame.body_offset + 8 > MAX_CHAIN_END:
            return None
        at, found, count = length, [], 0
        while at < frame.body_length:
            count += 1
            head = frame.body[at:at + 8]
            if count > MAX_ND_OPTIONS or len(head) < 8 or not head[1]:
                return None
            if at + head[1] * 8 > frame.body_length or frame.body_offset + at > MAX_CHAIN_END:
                return None         # or it begins beyond what is read (reading 8)
            if head[0] in LINK_ADDRESS_OPTIONS:
                found.append(head[2:8].hex(":"))
            at += head[1] * 8
        return found

    def fenced_from(self, frame, subject, now):
        """"quarantine allows ARP, ND, EAPOL and the dhcp service only"; so for an unknown MAC."""
        if frame.is_ip and frame.fragment == "later":
            if subject.state.fragment_follows("from", frame.fragment_key, now, self.number):
                return allow("established")
        elif (frame.is_ip and service_from(self.policy, frame, "dhcp")
              and not self.misleads(frame)):
            key = connection_key(frame, "from")
            if key and not to_group(frame):
                subject.state.open("device", key, now, self.number)
                self.seen(frame, subject, key, now, "device", "device")
            return allow("service")
        return drop(subject.fenced)

    def other_ethertype(self, frame, subject):
        """"Other ethertypes drop (ethertype) unless the profile lists them"."""
        listed = subject.profile.ethertypes if subject.profile else ()
        if frame.kind == "llc" and "llc" in listed:
            return allow("rule")
        if frame.kind == "other" and frame.ethertype in listed:
            return allow("rule")
        return drop("ethertype")

    def later_fragment(self, frame, subject, now, direction):
        """"Fragments: the first decides, the rest follow it; a fragment whose first was not seen
        drops (fragment)."""
        if subject.state.fragment_follows(direction, frame.fragment_key, now, self.number):
            return allow("established")
        return drop("fragment")

    # --- rules ------------------------------------------------------------------------------

    def first_match(self, frame, subject, now):
        """"services, then the device's rules, then the profile's rules, then default. The first
        rule that matches decides."""
        self.names_to(subject, frame.dst, now)
        for service in subject.profile.services:
            if service_from(self.policy, frame, service):
                return allow("service")
        rule, matched = self.first_rule(subject.rules + subject.profile.rules, frame,
                                        (frame.dst, frame.dst_mac), subject)
        if rule and rule.action == "deny":
            return drop("rule-deny", rule.line)
        if rule:
            for name in matched:
                subject.state.use(name, frame.dst, now)
            return allow("rule", rule.line, matched[-1] if matched else None, matched)
        if subject.profile.default == "allow":
            return allow("default-allow")
        # "Port 53 to any other server is decided by rules like everything else, and never believed;
        # where the default denies it the reason is untrusted-resolver."
        if (frame.proto in (UDP, TCP) and frame.dport == PORT_DNS
                and frame.dst not in self.policy.resolvers):
            return drop("untrusted-resolver")
        return drop("default-deny")

    def names_to(self, subject, addr, now):
        """The names under which the device may reach the address now, where its rules list any."""
        rules = subject.rules + subject.profile.rules
        if not any(kind in ("name", "below") for rule in rules for kind, _ in rule.destinations):
            return []
        subject.state.meet(addr, now)
        return subject.state.names_of(addr)

    def first_rule(self, rules, frame, remote, subject):
        """(the first rule that matches, names through which it did), or (None, None)."""
        for rule in rules:
            matched = self.rule_matches(rule, frame, remote, subject)
            if matched is not None:
                return rule, matched
        return None, None

    def rule_matches(self, rule, frame, remote, subject):
        """None, or the names through which it matched (an empty list for other destinations)."""
        if rule.protocols is not None and frame.proto not in rule.protocols:
            return None
        if rule.ports is not None:
            if frame.dport is None:
                return None
            if not any(low <= frame.dport <= high for low, high in rule.ports):
                return None
        addr, mac = remote
        named = []
        for kind, value in rule.destinations:
            if kind in ("name", "below"):
                named += [name for name in subject.state.names_of(addr)
                          if names.matches(name, (kind, value))]
            elif self.destination_is(kind, value, addr, mac):
                return []
        return named or None

    def destination_is(self, kind, value, addr, mac):
        """"Destination: one of, or a list of: ..."."""
        policy = self.policy
        if kind == "prefix":
            return ip.within(addr, value)
        if kind == "device":
            return mac in policy.devices[value].macs
        if kind == "group":
            return any(mac in policy.devices[name].macs for name in policy.groups[value])
        return {"any": lambda: True,
                "local": lambda: policy.is_local(addr),
                "internet": lambda: policy.is_internet(addr),
                "gateway": lambda: addr in policy.gateway,
                "resolvers": lambda: addr in policy.resolvers,
                "multicast": lambda: ip.is_multicast(addr),
                "broadcast": lambda: policy.is_broadcast(addr)}[kind]()

    # --- DNS --------------------------------------------------------------------------------

    def dns_from(self, frame, subject, now):
        """A question that rules allowed: a drop, or None.  Notes what was asked."""
        if frame.dport != PORT_DNS or frame.dst not in self.policy.resolvers:
            return None
        listed = subject.profile.dns == "listed"
        if frame.proto not in (UDP, TCP):
            return None
        if frame.proto == TCP or frame.fragment:
            # "dns: listed drops ... DNS over TCP and in fragments, which the packet program cannot
            # read: no tunnelling through DNS"
            if listed:
                return drop("name-not-listed")
            return drop("name-denied") if subject.profile.deny_names else None      # reading 15
        asked = names.question(frame.payload or b"")
        if asked is None:
            return drop("malformed")            # reading 15
        ident, name = asked
        verdict = None
        # "deny-names ... in a profile drops the DNS query"
        if any(names.matches(name, denied) for denied in subject.profile.deny_names):
            verdict = drop("name-denied")
        # "dns: listed drops a question for any name that the device's rules do not list"
        elif listed and not self.name_listed(name, subject):
            verdict = drop("name-not-listed")
        # In monitor mode it goes out all the same, and its answer counts (reading 15).
        if verdict is None or subject.mode == "monitor":
            subject.state.asked(ident, frame.sport, frame.dst, name, now)
        return verdict

    def name_listed(self, name, subject):
        return any(kind in ("name", "below") and names.matches(name, (kind, value))
                   for rule in subject.rules + subject.profile.rules
                   for kind, value in rule.destinations)

    def dns_to(self, frame, subject, now):
        """"An address becomes reachable under a name rule only when an answer with that name
        travels TO that device, from a believed resolver, to a question that this device asked."""
        if (frame.proto != UDP or frame.fragment == "later" or frame.sport != PORT_DNS
                or frame.src not in self.policy.resolvers):
            return
        got = names.answer(frame.payload or b"")
        if got and subject.state.answered(got.ident, frame.dport, frame.src, got.name, now):
            # "One in fragments uses its question up and opens nothing" (reading 17)
            for addr, ttl in [] if frame.fragment else got.addresses:
                subject.state.learn(got.name, addr, ttl, now)

    # --- to the device ----------------------------------------------------------------------

    def judge_to(self, frame, subject, now):
        if frame.kind in ("arp", "eapol"):
            return allow("link")                # "ARP ... pass; EAPOL passes"
        if frame.kind == "ipv6" and frame.proto == ICMPV6:
            # "IPv6 neighbour discovery ... pass" (reading 11)
            if frame.icmp_type in ND_HEADER:
                return allow("link")
            if frame.icmp_type in FROM_ROUTERS and frame.hop_limit == 255:
                return allow("link")
        if subject.fenced:
            return self.fenced_to(frame, subject, now)
        if not frame.is_ip:
            return self.other_ethertype(frame, subject)
        if frame.fragment == "later":
            return self.later_fragment(frame, subject, now, "to")
        verdict = self.decide_to(frame, subject, now)
        if verdict.passed or subject.mode == "monitor":
            self.dns_to(frame, subject, now)        # it travels to the device (reading 15)
        return verdict

    def fenced_to(self, frame, subject, now):
        if frame.is_ip and frame.fragment == "later":
            if subject.state.fragment_follows("to", frame.fragment_key, now, self.number):
                return allow("established")
        elif frame.is_ip and service_to(self.policy, frame, "dhcp"):
            key = connection_key(frame, "to")
            if key and subject.state.find("device", key, now):
                self.seen(frame, subject, key, now, "remote", "device")
                return allow("established")     # what the device asked, as for any other
            return allow("service")
        return drop(subject.fenced)

    def decide_to(self, frame, subject, now):
        # "So does the ICMP error that belongs to it."
        if frame.quote and self.error_belongs(frame, subject, now, "to"):
            return allow("established")
        key = connection_key(frame, "to")
        live = self.first_live(subject, key, now, frame.src_mac) if key else []
        if live:
            # "A connection that the device was allowed to open, and one that was opened to it under
            # inbound, passes both ways until it ends or idles out."
            self.seen(frame, subject, key, now, "remote", live[0].opener)
            return allow("established")
        for service in subject.profile.services:
            if service_to(self.policy, frame, service):
                return allow("service")
        rule, _ = self.first_rule(subject.profile.inbound, frame, (frame.src, frame.src_mac),
                                  subject)
        if rule and rule.action == "deny":
            return drop("inbound-deny", rule.line)
        if rule:
            if key and opens(frame) and not to_group(frame):
                subject.state.open("remote", key, now, self.number)
                self.seen(frame, subject, key, now, "remote", "remote")
            return allow("inbound", rule.line)
        # "What inbound does not allow is dropped on the way to the device (inbound-deny)."
        return drop("inbound-deny")

    # --- connections ------------------------------------------------------------------------

    def live(self, subject, key, now, remote_mac, openers=("device", "remote")):
        """The live connections with that key that the policy in force allows: "a connection that
        the new policy would not allow stops at the next packet"."""
        result = []
        for opener in openers:
            conn = subject.state.find(opener, key, now)
            if conn and conn.policy != self.number:
                if not self.allows_opening(Opening(conn, remote_mac), conn, subject, now):
                    subject.state.forget(conn)
                    conn = None
            result += [conn] if conn else []
        return result

    def first_live(self, subject, key, now, remote_mac):
        """The one that the device opened, or else the other: nobody asks what need not be asked."""
        return (self.live(subject, key, now, remote_mac, ("device",))
                or self.live(subject, key, now, remote_mac, ("remote",)))

    def allows_opening(self, opening, conn, subject, now):
        if conn.opener == "device":
            self.names_to(subject, opening.dst, now)
            if any(service_from(self.policy, opening, service)
                   for service in subject.profile.services):
                return True
            rule, _ = self.first_rule(subject.rules + subject.profile.rules, opening,
                                      (opening.dst, opening.dst_mac), subject)
            return rule.action == "allow" if rule else subject.profile.default == "allow"
        if any(service_to(self.policy, opening, service) for service in subject.profile.services):
            return True
        rule, _ = self.first_rule(subject.profile.inbound, opening,
                                  (opening.src, opening.src_mac), subject)
        return bool(rule) and rule.action == "allow"

    def seen(self, frame, subject, key, now, side, opener):
        """A packet of the connection with that key passed.  Where both sides have opened one, it is of
        that which let it pass; what ends TCP ends both (reading 10)."""
        remote_mac = frame.dst_mac if side == "device" else frame.src_mac
        openers = ("device", "remote") if frame.tcp_flags & (FIN | RST) else (opener,)
        for conn in self.live(subject, key, now, remote_mac, openers):
            conn.policy = self.number
            conn.seen(now, side, frame.tcp_flags)

    def error_belongs(self, frame, subject, now, direction):
        """Reading 13: the quoted packet is one of a live connection, sent by the side that the
        error goes to."""
        quote = frame.quote
        if frame.dst != quote.src:
            return False
        if direction == "to":
            key = (quote.proto, quote.sport, quote.dst, quote.dport)
        else:
            key = (quote.proto, quote.dport, quote.src, quote.sport)
        remote_mac = frame.src_mac if direction == "to" else frame.dst_mac
        return bool(self.first_live(subject, key, now, remote_mac))


def connection_key(frame, direction):
    """(proto, device's port, remote address, port); None where there is no connection.  The device
    is its MAC, whatever address it uses (reading 14)."""
    if frame.echo_ports:
        sport, dport = frame.echo_ports         # "ICMP echo ... matched by echo id" (reading 10)
    elif frame.icmp_type is not None and frame.proto in (ICMP, ICMPV6):
        return None
    else:
        sport, dport = frame.sport or 0, frame.dport or 0
    if direction == "from":
        return (frame.proto, sport, frame.dst, dport)
    return (frame.proto, dport, frame.src, sport)


def to_group(frame):
    """What is sent to a group is nobody's connection (reading 14)."""
    return is_group_mac(frame.dst_mac) or ip.is_multicast(frame.dst)


def begins_anew(frame):
    return frame.tcp_flags & SYN and not frame.tcp_flags & ACK


def opens(frame):
    """Whether a packet can begin a connection: no TCP reset, no echo reply (reading 10)."""
    if frame.proto == TCP:
        return not frame.tcp_flags & RST
    if frame.echo_ports:
        return frame.icmp_type in ECHO_REQUEST.values()
    return True
