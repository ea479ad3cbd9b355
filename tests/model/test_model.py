#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The model against expectations written by hand from the contract, sentence by sentence.

Also the capture reader, the generator's promises and the shrinker.  With DATA=FOLDER (a folder
that has cases/ and data/pcap/) the model is held against those captures, whose expectations are
display filters of tshark.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import build as b                           # noqa: E402
import capture                              # noqa: E402
import gen                                  # noqa: E402
from ringfence_model import Model           # noqa: E402
from shrink import shrink                   # noqa: E402
from stories import Story                   # noqa: E402
from yamltext import PolicyError            # noqa: E402

CAM, NVR, GW, STRANGER = ("02:00:00:00:00:%02x" % i for i in (0x10, 0x11, 1, 0xee))
ME, ME6, GATE, RESOLVER = "192.168.1.10", "fd00:1::10", "192.168.1.1", "192.168.1.1"
FAR, FAR2 = "203.0.113.7", "203.0.113.8"
BROADCAST = "ff:ff:ff:ff:ff:ff"
TCP, UDP, ICMP, ICMPV6, IGMP = 6, 17, 1, 58, 2
FIN, SYN, RST, ACK = 1, 2, 4, 16

POLICY = """
network:
  local: [192.168.1.0/24, "fd00:1::/64"]
  gateway: [192.168.1.1, "fe80::1"]
  resolvers: [192.168.1.1]
profiles:
  camera:
    default: %(default)s
    services: [%(services)s]
    %(profile)s
    rules: [%(rules)s]
    inbound: [%(inbound)s]
devices:
  cam: {mac: "02:00:00:00:00:10", profile: camera%(cam)s}
  nvr: {mac: "02:00:00:00:00:11", profile: camera}
groups: {tvs: [nvr]}
%(top)s
"""


class Bench:
    """A policy and a clock; each method sends one frame and gives `reason` or `reason:would`."""

    def __init__(self, unknown=False, **parts):
        fill = {"default": "deny", "services": "dhcp, dns", "rules": "", "inbound": "allow: local",
                "cam": "", "top": "", "profile": "dns: any"}
        fill.update(parts)
        self.model = Model(POLICY % fill, "p", unknown)
        self.time = 10**18

    def wait(self, seconds):
        self.time += int(seconds * 10**9)

    def object(self, data, wire=None):
        self.time += 1000
        return self.model.frame(self.time, data, wire)

    def raw(self, data, wire=None):
        item = self.object(data, wire)
        return item["reason"] + (":" + item["would"] if "would" in item else "")

    def out4(self, dst, proto, payload, src=ME, mac=GW, smac=CAM, tags=(), **extra):
        return self.raw(b.eth(mac, smac, 0x800, b.ip4(src, dst, proto, payload, **extra), tags))

    def in4(self, src, proto, payload, dst=ME, mac=GW, **extra):
        return self.raw(b.eth(CAM, mac, 0x800, b.ip4(src, dst, proto, payload, **extra)))

    def out6(self, dst, proto, payload, src=ME6, mac=GW, **extra):
        return self.raw(b.eth(mac, CAM, 0x86dd, b.ip6(src, dst, proto, payload, **extra)))

    def in6(self, src, proto, payload, dst=ME6, **extra):
        return self.raw(b.eth(CAM, GW, 0x86dd, b.ip6(src, dst, proto, payload, **extra)))

    def udp(self, dst, port, sport=4000, **extra):
        return self.out4(dst, UDP, b.udp(sport, port), **extra)

    def tcp(self, dst, port, flags=SYN, **extra):
        return self.out4(dst, TCP, b.tcp(4000, port, flags), **extra)


class Rules(unittest.TestCase):
    def test_first_match_decides(self):
        t = Bench(rules="{deny: 203.0.113.7, proto: udp}, {allow: 203.0.113.0/24}")
        self.assertEqual(t.udp(FAR, 9), "rule-deny")
        self.assertEqual(t.udp(FAR2, 9), "rule")
        self.assertEqual(t.tcp(FAR, 9), "rule")
        self.assertEqual(t.udp("198.51.100.1", 9), "default-deny")

    def test_device_before_profile(self):
        t = Bench(rules="{deny: any}", cam=", rules: [{allow: internet, proto: udp, port: 1-5}]")
        self.assertEqual(t.udp(FAR, 5), "rule")
        self.assertEqual(t.udp(FAR, 6), "rule-deny")

    def test_services_before_rules(self):
        t = Bench(rules="{deny: any}")
        self.assertEqual(t.tcp(RESOLVER, 53), "service")

    def test_default_allow(self):
        self.assertEqual(Bench(default="allow").udp(FAR, 1), "default-allow")

    def test_rule_line(self):
        t = Bench(rules="\n      {deny: any, proto: tcp},\n      {allow: any}\n    ")
        item = t.object(b.eth(GW, CAM, 0x800, b.ip4(ME, FAR, UDP, b.udp(1, 2))))
        wanted = POLICY.split("%(rules)s")[0].count("\n") + 3
        self.assertEqual(item["rule"], "p:%d" % wanted)

    def test_keywords(self):
        for word, yes, no in (
                ("local", "192.168.1.9", "192.168.1.255"), ("local", "169.254.1.1", "10.0.0.1"),
                ("internet", "10.0.0.1", "192.168.1.9"), ("internet", FAR, "224.0.0.5"),
                ("internet", FAR, "192.168.1.255"), ("gateway", GATE, "192.168.1.2"),
                ("multicast", "239.1.2.3", "255.255.255.255"), ("any", "224.0.0.9", None),
                ("broadcast", "192.168.1.255", "192.168.1.254"),
                ("broadcast", "255.255.255.255", "239.1.2.3"), ("resolvers", RESOLVER, FAR)):
            t = Bench(rules="{allow: %s}" % word, services="ping")
            self.assertEqual(t.udp(yes, 7), "rule", word)
            if no:
                self.assertEqual(t.udp(no, 7), "default-deny", word)

    def test_device_by_mac(self):
        t = Bench(rules="{allow: device:nvr}, {deny: group:tvs}")
        self.assertEqual(t.udp("192.168.1.11", 7, mac=NVR), "rule")
        self.assertEqual(t.udp("192.168.1.11", 7, mac=GW), "default-deny")

    def test_protocols(self):
        t = Bench(rules="{allow: any, proto: [esp, icmpv6, 41]}")
        self.assertEqual(t.out4(FAR, 50, b"12345678"), "rule")
        self.assertEqual(t.out4(FAR, 41, b""), "rule")
        self.assertEqual(t.out4(FAR, 47, b"1234"), "default-deny")

    def test_untrusted_resolver(self):
        t = Bench(rules="{deny: 9.9.9.9}, {allow: 8.8.8.8}")
        self.assertEqual(t.udp("1.1.1.1", 53), "untrusted-resolver")
        self.assertEqual(t.tcp("1.1.1.1", 53), "untrusted-resolver")
        self.assertEqual(t.udp("9.9.9.9", 53), "rule-deny")
        self.assertEqual(t.udp("8.8.8.8", 53), "rule")
        self.assertEqual(Bench(services="").udp(RESOLVER, 53), "default-deny")

    def test_refused(self):
        for rules in ("{deny: a.example.com}", "{allow: any, port: 5}", "{allow: any, deny: any}",
                      "{allow: 192.168.1.1/24}", "{allow: device:none}", "{allow: any, colour: 1}",
                      "{allow: any, proto: icmp, port: 1}", "{allow: any, rate: 1/s}"):
            with self.assertRaises(PolicyError, msg=rules):
                Bench(rules=rules)
        with self.assertRaises(PolicyError):
            Model("devices: {}\ndevices: {}\n", "p")
        with self.assertRaises(PolicyError):
            Model("unknown: &a quarantine\n", "p")


class Services(unittest.TestCase):
    def test_dhcp(self):
        t = Bench(inbound="")
        self.assertEqual(t.udp("255.255.255.255", 67, 68, src="0.0.0.0", mac=BROADCAST), "service")
        self.assertEqual(t.udp(GATE, 67, 68), "service")
        self.assertEqual(t.udp(FAR, 67, 68), "default-deny")
        self.assertEqual(t.in4("192.168.1.2", UDP, b.udp(67, 68)), "service")
        self.assertEqual(t.in4(FAR2, UDP, b.udp(67, 68)), "inbound-deny")
        self.assertEqual(t.out6("ff02::1:2", UDP, b.udp(546, 547)), "service")
        self.assertEqual(t.in6("fe80::1", UDP, b.udp(547, 546)), "service")

    def test_mdns_ssdp_ntp_ping(self):
        t = Bench(services="mdns, ssdp, ntp, ping", inbound="")
        self.assertEqual(t.udp("224.0.0.251", 5353, 5353), "service")
        self.assertEqual(t.udp("224.0.0.252", 5353, 5353), "default-deny")
        self.assertEqual(t.udp("192.168.1.3", 1234, 5353), "service")
        self.assertEqual(t.udp(FAR, 5353, 5353), "default-deny")
        self.assertEqual(t.in4("192.168.1.3", UDP, b.udp(5353, 99)), "service")
        self.assertEqual(t.in4(FAR, UDP, b.udp(5353, 99)), "inbound-deny")
        self.assertEqual(t.udp("239.255.255.250", 1900), "service")
        self.assertEqual(t.in4("192.168.1.3", UDP, b.udp(1900, 4444)), "service")
        self.assertEqual(t.udp(FAR, 123), "service")
        self.assertEqual(t.out4("192.168.1.3", ICMP, b.echo(8, 1)), "service")
        self.assertEqual(t.out4(FAR, ICMP, b.echo(8, 1)), "default-deny")


class Safety(unittest.TestCase):
    def arp(self, t, mac=CAM, addr=ME):
        return t.raw(b.eth(BROADCAST, CAM, 0x806, b.arp(1, mac, addr, "00:00:00:00:00:00", GATE)))

    def test_arp(self):
        t = Bench()
        self.assertEqual(self.arp(t), "link")
        self.assertEqual(self.arp(t, mac=NVR), "spoofed-source")
        self.assertEqual(self.arp(t, addr=GATE), "spoofed-source")
        t = Bench(cam=", addresses: [192.168.1.10]")
        self.assertEqual(self.arp(t), "link")
        self.assertEqual(self.arp(t, addr="0.0.0.0"), "link")
        self.assertEqual(self.arp(t, addr="192.168.1.44"), "spoofed-source")

    def test_neighbours(self):
        t = Bench()
        send = lambda *a, hops=255, **k: t.out6("ff02::1", ICMPV6, b.nd(*a), hops=hops, **k)
        self.assertEqual(send(135, "fe80::9", 1, CAM), "link")
        self.assertEqual(send(135, "fe80::9", 1, NVR), "spoofed-source")
        self.assertEqual(send(136, "fe80::10", 2, CAM), "link")
        self.assertEqual(send(136, "fe80::1", 2, CAM), "spoofed-source")
        self.assertEqual(send(135, "fe80::9", 1, CAM, hops=64), "malformed")
        self.assertEqual(send(134), "rogue-server")
        self.assertEqual(t.out6("fe80::1", ICMPV6, b.nd(137, "fe80::9")), "rogue-server")
        self.assertEqual(t.in6("fe80::1", ICMPV6, b.nd(134), hops=255), "link")
        self.assertEqual(t.in6("fe80::1", ICMPV6, b.nd(134), hops=64), "inbound")

    def test_rogue(self):
        t = Bench(default="allow")
        self.assertEqual(t.udp("192.168.1.3", 68, 67), "rogue-server")
        self.assertEqual(t.out6("fe80::3", UDP, b.udp(547, 546)), "rogue-server")
        self.assertEqual(t.out4("192.168.1.3", ICMP, b.icmp(5)), "rogue-server")

    def test_groups_and_eapol(self):
        t = Bench()
        self.assertEqual(t.out4("224.0.0.22", IGMP, b.igmp(0x22)), "link")
        self.assertEqual(t.out4("224.0.0.1", IGMP, b.igmp(0x11)), "default-deny")
        self.assertEqual(t.out4("192.168.1.2", IGMP, b.igmp(0x16)), "default-deny")
        chain = b.ip6_option_header(ICMPV6) + b.icmp(143)
        self.assertEqual(t.out6("ff02::16", 0, chain, hops=1), "link")
        self.assertEqual(t.raw(b.eth("01:80:c2:00:00:03", CAM, 0x888e, b"\1\1\0\0")), "link")

    def test_ethertypes(self):
        hidden = b.ip4(ME, FAR, UDP, b.udp(1, 2))
        snap = b.llc(GW, CAM, b"\xaa\xaa\3\0\0\0\x08\0" + hidden)
        plain = b.llc(GW, CAM, b"\x42\x42\3" + bytes(20))
        t = Bench(default="allow")
        self.assertEqual(t.raw(b.eth(GW, CAM, 0x88e1, bytes(40))), "ethertype")
        self.assertEqual(t.raw(plain), "ethertype")
        t = Bench(profile="ethertypes: [0x88e1, llc]")
        self.assertEqual(t.raw(b.eth(GW, CAM, 0x88e1, bytes(40))), "rule")
        self.assertEqual(t.raw(plain), "rule")
        self.assertEqual(t.raw(snap), "ethertype")

    def test_identity(self):
        t = Bench(cam=", vlan: 20, addresses: [192.168.1.10]", rules="{allow: any}")
        self.assertEqual(t.udp(FAR, 1), "wrong-vlan")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 20)]), "rule")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 21), (0x8100, 20)]), "wrong-vlan")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 20), (0x8100, 21)]), "wrong-vlan")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 0), (0x8100, 20)]), "rule")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 20)], src=FAR2), "spoofed-source")


class Malformed(unittest.TestCase):
    def test_lengths(self):
        t = Bench(default="allow")
        for extra in ({"ihl": 4}, {"total": 19}, {"total": 200}, {"version": 6}):
            self.assertEqual(t.out4(FAR, UDP, b.udp(1, 2), **extra), "malformed", extra)
        self.assertEqual(t.out4(FAR, UDP, b.udp(1, 2, length=7)), "malformed")
        self.assertEqual(t.out4(FAR, UDP, b.udp(1, 2, length=9)), "malformed")
        self.assertEqual(t.out4(FAR, UDP, b.udp(1, 2)[:7]), "malformed")
        self.assertEqual(t.out4(FAR, TCP, b.tcp(1, 2, ACK, doff=4)), "malformed")
        self.assertEqual(t.out4(FAR, TCP, b.tcp(1, 2, ACK, doff=6)), "malformed")
        for flags in (0, 8, SYN | FIN, SYN | RST):
            self.assertEqual(t.out4(FAR, TCP, b.tcp(1, 2, flags)), "malformed")
        self.assertEqual(t.raw(b.eth(GW, CAM, 0x800, b"")), "malformed")

    def test_padding_and_snap_length(self):
        t = Bench(default="allow")
        frame = b.eth(GW, CAM, 0x800, b.ip4(ME, FAR, UDP, b.udp(1, 2, bytes(100))))
        self.assertEqual(t.raw(frame + bytes(9)), "default-allow")
        self.assertEqual(t.raw(frame[:60], len(frame)), "default-allow")
        self.assertEqual(t.raw(frame[:60]), "malformed")
        self.assertEqual(t.raw(frame[:38], len(frame)), "malformed")

    def test_sources(self):
        t = Bench(default="allow")
        for src in ("224.0.0.1", "255.255.255.255", "127.0.0.1"):
            self.assertEqual(t.udp(FAR, 1, src=src), "malformed")
        for src in ("ff02::1", "::1", "::ffff:1.2.3.4"):
            self.assertEqual(t.out6("2001:db8::1", UDP, b.udp(1, 2), src=src), "malformed")
        for dst in ("0.0.0.0", "127.0.0.1"):
            self.assertEqual(t.udp(dst, 1), "malformed")
        for options, wanted in ((b"\x94\4\0\0", "default-allow"), (b"\x83\3\4\0", "malformed"),
                                (b"\1\x89\3\4", "malformed"), (b"\7\1\0\0", "malformed"),
                                (b"\0\x83\3\4", "default-allow")):
            self.assertEqual(t.out4(FAR, UDP, b.udp(1, 2), options=options), wanted)

    def test_tags(self):
        t = Bench(default="allow")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x88a8, 1), (0x8100, 2)]), "default-allow")
        self.assertEqual(t.udp(FAR, 1, tags=[(0x8100, 1)] * 3), "malformed")

    def test_extension_headers(self):
        t = Bench(default="allow")
        send = lambda proto, payload: t.out6("2001:db8::1", proto, payload)
        options = b.ip6_option_header
        self.assertEqual(send(0, options(60) + options(UDP) + b.udp(1, 2)), "default-allow")
        self.assertEqual(send(60, options(0) + options(UDP) + b.udp(1, 2)), "malformed")
        self.assertEqual(send(43, options(UDP, routing_type=0) + b.udp(1, 2)), "malformed")
        self.assertEqual(send(43, options(UDP, routing_type=4) + b.udp(1, 2)), "default-allow")
        self.assertEqual(send(60, options(60) * 8 + options(UDP) + b.udp(1, 2)), "malformed")
        self.assertEqual(send(60, options(60) * 7 + options(UDP) + b.udp(1, 2)), "default-allow")
        self.assertEqual(send(60, options(UDP, 30) + b.udp(1, 2)), "malformed")
        self.assertEqual(send(60, options(UDP, 40) + b.udp(1, 2)), "malformed")
        self.assertEqual(t.out6("2001:db8::1", UDP, b"", length=0), "malformed")

    def test_monitor_still_drops(self):
        t = Bench(cam=", mode: monitor")
        self.assertEqual(t.out4(FAR, UDP, b"1234"), "malformed")


class Modes(unittest.TestCase):
    def test_monitor(self):
        t = Bench(cam=", mode: monitor", inbound="")
        self.assertEqual(t.udp(FAR, 1), "would-drop:default-deny")
        self.assertEqual(t.in4(FAR, UDP, b.udp(1, 4000)), "would-drop:inbound-deny")
        self.assertEqual(t.udp("192.168.1.3", 68, 67), "would-drop:rogue-server")

    def test_quarantine(self):
        t = Bench(cam=", mode: quarantine", rules="{allow: any}")
        self.assertEqual(t.udp(GATE, 67, 68), "service")
        self.assertEqual(t.udp(RESOLVER, 53), "quarantined")
        self.assertEqual(t.in4("192.168.1.200", UDP, b.udp(1, 2)), "quarantined")
        self.assertEqual(t.in4(GATE, UDP, b.udp(67, 68)), "established")
        self.assertEqual(Safety().arp(t), "link")

    def test_off(self):
        t = Bench(cam=", mode: off")
        self.assertEqual(t.out4(FAR, UDP, b"1234"), "mode-off")
        self.assertEqual(t.udp("192.168.1.3", 68, 67), "mode-off")

    def test_whose(self):
        t = Bench()
        self.assertEqual(t.udp(FAR, 1, smac=STRANGER), "unpoliced")
        t = Bench(unknown=True)
        self.assertEqual(t.udp(FAR, 1, smac=STRANGER), "unknown-device")
        self.assertEqual(t.udp(GATE, 67, 68, smac=STRANGER), "service")
        t = Bench(unknown=True, top="unknown: monitor")
        self.assertEqual(t.udp(FAR, 1, smac=STRANGER), "would-drop:unknown-device")
        t = Bench(unknown=True, top="unknown: camera", rules="{allow: 203.0.113.7}")
        self.assertEqual(t.udp(FAR, 1, smac=STRANGER), "rule")
        self.assertEqual(t.udp(FAR2, 1, smac=STRANGER), "default-deny")

    def test_device_to_device(self):
        t = Bench(rules="{allow: local}", inbound="")
        frame = b.eth(NVR, CAM, 0x800, b.ip4(ME, "192.168.1.11", UDP, b.udp(1, 2)))
        self.assertEqual(t.raw(frame), "inbound-deny")
        t = Bench(inbound="allow: any")
        self.assertEqual(t.raw(frame), "default-deny")
        t = Bench(rules="{allow: local}")
        self.assertEqual(t.raw(frame), "rule")
        # What nvr answers belongs to what was opened to it, and to what cam opened.
        back = b.eth(CAM, NVR, 0x800, b.ip4("192.168.1.11", ME, UDP, b.udp(2, 1)))
        self.assertEqual(t.raw(back), "rule")

    def test_groups_are_unpoliced(self):
        t = Bench()
        self.assertEqual(t.raw(b.eth(BROADCAST, GW, 0x800, b.ip4(GATE, "255.255.255.255", UDP,
                                                                 b.udp(67, 68)))), "unpoliced")


class State(unittest.TestCase):
    def test_answer(self):
        t = Bench(rules="{allow: internet}", inbound="")
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4000)), "inbound-deny")
        self.assertEqual(t.udp(FAR, 9), "rule")
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4000)), "established")
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4001)), "inbound-deny")
        self.assertEqual(t.in4(FAR2, UDP, b.udp(9, 4000)), "inbound-deny")
        t.wait(179)
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4000)), "established")
        t.wait(181)
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4000)), "inbound-deny")

    def test_inbound(self):
        t = Bench(inbound="{allow: local, proto: tcp, port: 80}")
        self.assertEqual(t.in4("192.168.1.200", TCP, b.tcp(5000, 80, SYN)), "inbound")
        self.assertEqual(t.in4("192.168.1.200", TCP, b.tcp(5000, 80, ACK)), "established")
        self.assertEqual(t.out4("192.168.1.200", TCP, b.tcp(80, 5000, ACK)), "established")
        self.assertEqual(t.out4("192.168.1.200", TCP, b.tcp(80, 5001, ACK)), "default-deny")
        self.assertEqual(t.in4("192.168.1.200", TCP, b.tcp(5000, 81, SYN)), "inbound-deny")
        self.assertEqual(t.in4(FAR, TCP, b.tcp(5000, 80, SYN)), "inbound-deny")

    def test_inbound_default(self):
        text = (POLICY % {"default": "deny", "services": "", "rules": "", "inbound": "", "cam": "",
                          "top": "", "profile": "dns: any"}).replace("    inbound: []\n", "")
        t = Bench()
        t.model = Model(text, "p")
        self.assertEqual(t.in4("192.168.1.200", UDP, b.udp(1, 2)), "inbound")
        self.assertEqual(t.in4(FAR, UDP, b.udp(1, 2)), "inbound-deny")

    def test_tcp_ends(self):
        t = Bench(rules="{allow: internet}", inbound="")
        back = lambda flags: t.in4(FAR, TCP, b.tcp(443, 4000, flags))
        t.tcp(FAR, 443)
        t.wait(7430)
        self.assertEqual(back(SYN | ACK), "established")
        t.wait(7441)
        self.assertEqual(back(ACK), "inbound-deny")
        t.tcp(FAR, 443, RST)
        self.assertEqual(back(ACK), "inbound-deny")
        t.tcp(FAR, 443)
        self.assertEqual(back(RST), "established")
        t.wait(9)
        self.assertEqual(back(ACK), "established")
        t.wait(11)
        self.assertEqual(back(ACK), "inbound-deny")
        t.tcp(FAR, 443)
        t.tcp(FAR, 443, FIN | ACK)
        t.wait(60)
        self.assertEqual(back(FIN | ACK), "established")
        t.wait(11)
        self.assertEqual(back(ACK), "inbound-deny")

    def test_echo(self):
        t = Bench(rules="{allow: internet}", inbound="")
        self.assertEqual(t.out4(FAR, ICMP, b.echo(8, 7)), "rule")
        self.assertEqual(t.in4(FAR, ICMP, b.echo(0, 7)), "established")
        self.assertEqual(t.in4(FAR, ICMP, b.echo(0, 8)), "inbound-deny")
        self.assertEqual(t.in4(FAR, ICMP, b.echo(8, 7)), "inbound-deny")
        t.wait(31)
        self.assertEqual(t.in4(FAR, ICMP, b.echo(0, 7)), "inbound-deny")

    def test_errors(self):
        t = Bench(rules="{allow: internet, proto: udp}", inbound="")
        quote = b.ip4(ME, FAR, UDP, b.udp(4000, 9))
        error = b.icmp(3, 3, 0, quote)
        self.assertEqual(t.in4(FAR2, ICMP, error), "inbound-deny")
        t.udp(FAR, 9)
        self.assertEqual(t.in4(FAR2, ICMP, error), "established")
        self.assertEqual(t.in4(FAR2, ICMP, b.icmp(4, 0, 0, quote)), "inbound-deny")
        wrong = b.icmp(3, 3, 0, b.ip4(ME, FAR, UDP, b.udp(4001, 9)))
        self.assertEqual(t.in4(FAR2, ICMP, wrong), "inbound-deny")
        mine = b.icmp(3, 3, 0, b.ip4(FAR, ME, UDP, b.udp(9, 4000)))
        self.assertEqual(t.out4(FAR, ICMP, mine), "established")
        self.assertEqual(t.out4(FAR2, ICMP, mine), "default-deny")

    def test_fragments(self):
        t = Bench(rules="{allow: 203.0.113.7, proto: udp, port: 9}")
        body = b.udp(4000, 9, bytes(40), length=100)
        rest = dict(ident=5, offset=6)
        self.assertEqual(t.out4(FAR, UDP, bytes(16), **rest), "fragment")
        self.assertEqual(t.out4(FAR, UDP, body, ident=5, more=True), "rule")
        self.assertEqual(t.out4(FAR, UDP, bytes(16), **rest), "established")
        self.assertEqual(t.out4(FAR, UDP, bytes(16), ident=6, offset=6), "fragment")
        self.assertEqual(t.in4(FAR, UDP, bytes(16), **rest), "fragment")
        t.wait(31)
        self.assertEqual(t.out4(FAR, UDP, bytes(16), **rest), "fragment")
        bad = b.udp(4000, 10, bytes(40), length=100)
        t.out4(FAR, UDP, body, ident=5, more=True)
        self.assertEqual(t.out4(FAR, UDP, bad, ident=5, more=True), "default-deny")
        self.assertEqual(t.out4(FAR, UDP, bytes(16), **rest), "fragment")
        self.assertEqual(t.out4(FAR, TCP, bytes(16), ident=9, offset=1), "malformed")
        self.assertEqual(t.out4(FAR, TCP, bytes(16), ident=9, more=True), "malformed")

    def test_two_connections_end(self):
        """Opened to the device and, by what rules allow it to answer, by the device too."""
        t = Bench(rules="{allow: internet}", inbound="allow: any")
        back = lambda flags: t.in4(FAR, TCP, b.tcp(443, 4000, flags))
        self.assertEqual(back(SYN), "inbound")
        self.assertEqual(t.tcp(FAR, 443, SYN | ACK), "rule")
        self.assertEqual(back(RST), "established")
        t.wait(11)
        self.assertEqual(back(ACK), "inbound")

    def test_forged_reset(self):
        t = Bench(rules="{allow: internet}", inbound="")
        back = lambda flags: t.in4(FAR, TCP, b.tcp(443, 4000, flags))
        t.tcp(FAR, 443)
        back(RST)
        t.tcp(FAR, 443, ACK)
        t.wait(11)
        self.assertEqual(back(ACK), "established")

    def test_groups_open_nothing(self):
        t = Bench(rules="{allow: any}", inbound="")
        self.assertEqual(t.udp(FAR, 9, mac=BROADCAST), "rule")
        self.assertEqual(t.in4(FAR, UDP, b.udp(9, 4000)), "inbound-deny")

    def test_fragments6(self):
        t = Bench(rules="{allow: any, proto: udp, port: 9}")
        far = "2001:db8::7"
        send = lambda offset, more, data: t.out6(far, 44, b.ip6_fragment(UDP, offset, more, 77)
                                                 + data)
        self.assertEqual(send(0, 0, b.udp(1, 9)), "rule")
        self.assertEqual(send(2, 0, bytes(8)), "fragment")
        self.assertEqual(send(0, 1, b.udp(1, 9, bytes(8), length=99)), "rule")
        self.assertEqual(send(2, 0, bytes(8)), "established")

    def test_state_is_per_device(self):
        t = Bench(rules="{allow: internet}", inbound="")
        t.udp(FAR, 9)
        self.assertEqual(t.raw(b.eth(NVR, GW, 0x800, b.ip4(FAR, ME, UDP, b.udp(9, 4000)))),
                         "inbound-deny")


class Names(unittest.TestCase):
    def setUp(self):
        self.t = Bench(rules="{allow: '*.example.com', proto: tcp, port: 443}")

    def ask(self, name="a.example.com", ident=7, sport=5000):
        return self.t.out4(RESOLVER, UDP, b.udp(sport, 53, b.dns_query(ident, name)))

    def answer(self, answers, name="a.example.com", ident=7, sport=5000, src=RESOLVER, **extra):
        return self.t.in4(src, UDP, b.udp(53, sport, b.dns_answer(ident, name, answers, **extra)))

    def usable(self, addr=FAR):
        return self.t.tcp(addr, 443) == "rule"

    def test_learned(self):
        self.assertFalse(self.usable())
        self.ask()
        self.assertFalse(self.usable())
        self.assertEqual(self.answer([b.dns_address(12, 300, FAR)], upper=True), "established")
        item = self.t.object(b.eth(GW, CAM, 0x800, b.ip4(ME, FAR, TCP, b.tcp(4000, 443, SYN))))
        self.assertEqual((item["reason"], item["name"]), ("rule", "a.example.com"))
        self.assertEqual(self.t.tcp(FAR, 80), "default-deny")
        self.assertEqual(self.t.tcp(FAR, 443, smac=NVR), "default-deny")

    def test_not_learned(self):
        good = [b.dns_address(12, 300, FAR)]
        for case in ({"ident": 8}, {"sport": 5001}, {"src": "192.168.1.9"},
                     {"name": "b.example.com"}, {"flags": 0x8183}, {"flags": 0x0180}):
            self.ask()
            self.answer(good, **case)
            self.assertFalse(self.usable(), case)
        self.answer([b.dns_address("ns.example.com", 300, FAR)])
        self.assertFalse(self.usable())

    def test_answer_section_only(self):
        self.ask()
        self.answer([b.dns_address(12, 300, FAR2)], additional=[b.dns_address(12, 300, FAR)])
        self.assertTrue(self.usable(FAR2))
        self.assertFalse(self.usable(FAR))

    def test_first_answer_only(self):
        self.ask()
        self.answer([b.dns_address(12, 300, FAR)])
        self.answer([b.dns_address(12, 300, FAR2)])
        self.assertFalse(self.usable(FAR2))

    def test_chain(self):
        self.ask()
        self.answer([b.dns_record(12, 5, 9, b.dns_name("cdn.example.net")),
                     b.dns_address("cdn.example.net", 9, FAR),
                     b.dns_address("x.example.com", 9, FAR2)])
        self.assertTrue(self.usable(FAR))
        self.assertFalse(self.usable(FAR2))

    def test_chain_in_order(self):
        self.ask()
        self.answer([b.dns_address("cdn.example.net", 9, FAR),
                     b.dns_record(12, 5, 9, b.dns_name("cdn.example.net"))])
        self.assertFalse(self.usable(FAR))

    def test_late_answer(self):
        self.ask()
        self.t.wait(21)
        self.answer([b.dns_address(12, 300, FAR)])
        self.assertFalse(self.usable(FAR))

    def test_no_question(self):
        for message in (b"", b.dns_query(7, "a.example.com", flags=0x2100),
                        b.dns_query(7, "a.example.com", count=2),
                        b.dns_query(7, "a.example.com")[:-1]):
            self.assertEqual(self.t.out4(RESOLVER, UDP, b.udp(5000, 53, message)), "malformed")
        # What stands beyond the UDP length is not part of the message.
        query = b.dns_query(7, "a.example.com")
        self.assertEqual(self.t.out4(RESOLVER, UDP, b.udp(5000, 53, query, length=24)), "malformed")

    def test_apex_is_not_below(self):
        self.ask("example.com")
        self.answer([b.dns_address(12, 300, FAR)], name="example.com")
        self.assertFalse(self.usable())

    def test_life(self):
        self.ask()
        self.answer([b.dns_address(12, 1, FAR), b.dns_address(12, 100, FAR2)])
        self.t.wait(59)
        self.assertTrue(self.usable(FAR))
        self.t.wait(42)
        self.assertFalse(self.usable(FAR2))
        self.t.wait(7300)       # the connection to FAR lives
        self.assertTrue(self.usable(FAR))
        self.t.wait(7441)
        self.assertFalse(self.usable(FAR))

    def test_listed_and_denied(self):
        self.t = Bench(rules="{allow: a.example.com}", profile="dns: listed")
        self.assertEqual(self.ask(), "service")
        self.assertEqual(self.ask("b.example.com"), "name-not-listed")
        self.assertEqual(self.t.tcp(RESOLVER, 53), "name-not-listed")
        self.t = Bench(profile="deny-names: ['*.example.com']")
        self.assertEqual(self.ask(), "name-denied")
        self.assertEqual(self.ask("example.com"), "service")


class Captures(unittest.TestCase):
    FRAMES = [(1461234567123456789, b"a" * 60, 60), (1461234568000000000, b"b" * 20, 100)]

    def read(self, data):
        with tempfile.NamedTemporaryFile() as stream:
            stream.write(data)
            stream.flush()
            return list(capture.read(stream.name))

    def test_pcap(self):
        for order in "<>":
            for magic, tick in ((capture.MICRO, 1000), (capture.NANO, 1)):
                data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
                for time, body, wire in self.FRAMES:
                    data += struct.pack(order + "IIII", time // 10**9, time % 10**9 // tick,
                                        len(body), wire) + body
                wanted = [(time // tick * tick, body, wire) for time, body, wire in self.FRAMES]
                self.assertEqual(self.read(data), wanted)
                with self.assertRaises(capture.CaptureError):
                    self.read(data[:-1])

    def test_pcapng(self):
        for order in "<>":
            def block(kind, body):
                body += bytes(-len(body) % 4)
                size = struct.pack(order + "I", len(body) + 12)
                return struct.pack(order + "I", kind) + size + body + size
            data = block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
            data += block(1, struct.pack(order + "HHIHHB", 1, 0, 0, 9, 1, 9) + bytes(7))
            for time, body, wire in self.FRAMES:
                data += block(6, struct.pack(order + "IIIII", 0, time >> 32, time & 0xffffffff,
                                             len(body), wire) + body)
            self.assertEqual(self.read(data), self.FRAMES)

    def test_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.pcap")
            capture.write(path, self.FRAMES)
            self.assertEqual(list(capture.read(path)), self.FRAMES)


class Generator(unittest.TestCase):
    def test_a_seed_is_a_case(self):
        one, two = gen.make(5, 100), gen.make(5, 100)
        self.assertEqual(one.frames, two.frames)
        self.assertEqual(gen.yaml_text(one.policy), gen.yaml_text(two.policy))

    def test_policies_are_valid_and_reasons_all_come(self):
        reasons = set()
        for seed in range(60):
            case = gen.make(seed, 250)
            model = Model(gen.yaml_text(case.policy), "p", case.unknown)
            reasons |= {model.frame(*frame)["reason"] for frame in case.frames}
        never = {"wrong-port", "rate-limited", "state-full", "internal"}    # no port, no limits
        with open(os.path.join(HERE, "../../include/reason.h"), encoding="utf-8") as stream:
            known = {line.split('"')[1] for line in stream
                     if line.lstrip().startswith("X(") and ("RF_PASS" in line or "RF_DROP" in line)}
        self.assertEqual(known - reasons - never - {"none"}, set())

    def test_shrinking(self):
        case = gen.make(9, 80)
        wanted = [case.steps[20], case.steps[51]]

        def first(candidates):
            for index, one in enumerate(candidates):
                if all(step in one.steps for step in wanted) and "devices" in one.policy:
                    return index
            return None
        small = shrink(case, first)
        self.assertEqual(small.steps, wanted)
        self.assertEqual(small.policy, {"devices": {}})


class Stories(unittest.TestCase):
    """What a capture cannot say: hooks, ports, tags in metadata, changes of policy."""

    def setUp(self):
        self.model = Model(self.policy([]), "p", True)
        self.now = 0

    def hooks(self, data, port=None, tag=None, after=1):
        self.now += after * 10**9
        return ["%s %s" % (direction, verdict.would or verdict.reason) for direction, verdict
                in self.model.hooks(self.now, data, None, port, tag)]

    def out(self, dst=FAR, sport=5000, mac=CAM):
        return b.eth(GW, mac, 0x0800, b.ip4(ME, dst, UDP, b.udp(sport, 7000)))

    def back(self, src=FAR, dport=5000):
        return b.eth(CAM, GW, 0x0800, b.ip4(src, ME, UDP, b.udp(7000, dport)))

    def policy(self, rules, device="", inbound="[]"):
        return ("profiles:\n  p:\n    default: deny\n    inbound: %s\n    rules: [%s]\n"
                "devices:\n  cam: {mac: '%s', profile: p%s}\n"
                % (inbound, ", ".join(rules), CAM, device))

    def test_hooks(self):
        self.model.reload(self.policy(["{allow: %s}" % FAR]))
        self.assertEqual(self.hooks(self.out()), ["from rule", "to unpoliced"])
        self.assertEqual(self.hooks(self.out(FAR2)), ["from default-deny"])
        self.assertEqual(self.hooks(self.back(), "uplink"), ["to established"])
        self.assertEqual(self.hooks(self.back()), ["from unknown-device"])

    def test_ports(self):
        self.model.reload(self.policy(["{allow: any}"], ", ports: [lan1]"))
        self.assertEqual(self.hooks(self.out(), "lan1"), ["from rule", "to unpoliced"])
        self.assertEqual(self.hooks(self.out()), ["from rule", "to unpoliced"])
        self.assertEqual(self.hooks(self.out(), "lan0"), ["from wrong-port"])

    def test_tag_in_metadata(self):
        self.model.reload(self.policy(["{allow: any}"], ", vlan: 20"))
        self.assertEqual(self.hooks(self.out(), tag=20)[0], "from rule")
        self.assertEqual(self.hooks(self.out(), tag=0x6014)[0], "from rule")
        self.assertEqual(self.hooks(self.out(), tag=21), ["from wrong-vlan"])
        self.assertEqual(self.hooks(self.out()), ["from wrong-vlan"])
        inside = self.out()
        double = inside[:12] + b"\x81\0\0\x14\x81\0\0\0" + inside[12:]
        self.assertEqual(self.hooks(double, tag=20), ["from malformed"])

    def test_reload_revokes(self):
        self.model.reload(self.policy(["{allow: any}"]))
        self.hooks(self.out())
        self.hooks(self.out(FAR2))
        self.model.reload(self.policy(["{allow: %s}" % FAR]))
        self.assertEqual(self.hooks(self.back(), "uplink"), ["to established"])
        self.assertEqual(self.hooks(self.back(FAR2), "uplink"), ["to inbound-deny"])
        # Taken away and given back: it began anew only by the device.
        self.model.reload(self.policy(["{allow: any}"]))
        self.assertEqual(self.hooks(self.back(FAR2), "uplink"), ["to inbound-deny"])

    def test_reload_and_fragments(self):
        def part(offset, more):
            return b.eth(GW, CAM, 0x0800, b.ip4(ME, FAR, UDP, b.udp(1, 2, bytes(16), 64),
                                                ident=7, offset=offset, more=more))
        self.model.reload(self.policy(["{allow: any}"]))
        self.assertEqual(self.hooks(part(0, True))[0], "from rule")
        self.assertEqual(self.hooks(part(3, True))[0], "from established")
        self.model.reload(self.policy(["{allow: any}"]))
        self.assertEqual(self.hooks(part(6, False)), ["from fragment"])

    def test_opened_to_a_group(self):
        # Reading 14: nor does a packet to a multicast address, whatever its MAC, open one.
        self.model.reload(self.policy([], inbound="[{allow: any}]"))
        odd = b.eth(CAM, GW, 0x86dd, b.ip6("2001:db8::7", "ff05::1", UDP, b.udp(7000, 5000)))
        self.assertEqual(self.hooks(odd, "uplink"), ["to inbound"])
        self.assertEqual(self.hooks(odd, "uplink"), ["to inbound"])

    def test_as_a_packet_case(self):
        story = Story("seed-3", gen.make_story(3, 100))
        self.assertEqual(story.lines[:2], ["policy seed-3.0.yaml", "case seed-3"])
        frames = [line for line in story.lines if line.split()[0] in ("from", "to")]
        self.assertGreaterEqual(len(frames), story.frames)
        self.assertTrue(all(" => " in line and "device=" in line for line in frames))
        self.assertEqual(len(story.lines), len(story.steps))


class RealCaptures(unittest.TestCase):
    """NAME.policy.yaml + NAME.expect: `VERDICT[/REASON,...][@DNSNAME] | display filter` lines."""

    def setUp(self):
        self.data = os.environ.get("DATA")
        if not self.data:
            self.skipTest("DATA= is not set")
        if not shutil.which("tshark"):
            self.skipTest("tshark is not installed")

    def frames(self, pcap, display_filter):
        run = subprocess.run(["tshark", "-r", pcap, "-Y", display_filter, "-T", "fields", "-e",
                              "frame.number"], capture_output=True, text=True, check=True)
        return [int(word) for word in run.stdout.split()]

    def check(self, base):
        with open(base + ".expect", encoding="utf-8") as stream:
            lines = [line.strip() for line in stream if line.strip() and line[0] != "#"]
        pcap = os.path.join(self.data, "data/pcap", lines[0].split(":", 1)[1].strip())
        run = subprocess.run([os.path.join(HERE, "replay"), "--policy", base + ".policy.yaml",
                              "--json", pcap], capture_output=True, text=True, check=True)
        got = [json.loads(line) for line in run.stdout.splitlines()]
        for line in lines[1:]:
            want, display_filter = [part.strip() for part in line.split("|", 1)]
            want, _, name = want.partition("@")
            verdict, _, reasons = want.partition("/")
            numbers = self.frames(pcap, display_filter)
            self.assertTrue(numbers, "no frame: " + display_filter)
            for item in (got[number - 1] for number in numbers):
                self.assertEqual(item["verdict"], verdict, (line, item))
                self.assertTrue(not reasons or item["reason"] in reasons.split(","), (line, item))
                self.assertTrue(not name or item["name"] == name, (line, item))

    def test_cases(self):
        folder = os.path.join(self.data, "cases")
        names = [name[:-7] for name in sorted(os.listdir(folder)) if name.endswith(".expect")]
        self.assertTrue(names)
        for name in names:
            with self.subTest(name):
                self.check(os.path.join(folder, name))


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed, %d skipped"
          % (result.testsRun - bad - len(result.skipped), bad, len(result.skipped)))
    sys.exit(1 if bad or not result.testsRun else 0)
