#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py LAB_DIR PROJECT: what the home did without and with the fence, as tables.

Three sources that know nothing of each other must agree: what the devices
noticed (*.results), what arrived beyond the router (*.witness), and what the
fence counted (stats.json) and learned (names.json, status.json). Exit status 0 if the fence held and nothing that the
policy allows broke; 1 if not.
"""

import ipaddress
import json
import os
import re
import sys

DEVICES = {"10": "camera", "11": "tv", "12": "nas", "13": "phone"}
LAN4 = ipaddress.ip_network("192.168.77.0/24")
NTP = ("udp", 123)

# What user/examples/home.yaml lets each device send beyond the router; None is everything.
ALLOWED = {
    "camera": {("203.0.113.17", "tcp", 443), ("203.0.113.34", "tcp", 443)},
    "tv": {("203.0.113.33", "tcp", 443), ("203.0.113.34", "tcp", 80)},
    "nas": {("203.0.113.40", "tcp", 443)},
    "phone": None,
    "visitor": set(),
}
MAY_NTP = ("camera", "tv", "nas")

# A slow machine may lose one try of what is allowed; the policy would cut all of them.
ENOUGH = 0.75


def device_of(source):
    """The device that has this address: by lease, or by the MAC address in an IPv6 one (RFC 4291 A)."""
    address = ipaddress.ip_address(source)
    if address.version == 4:
        return DEVICES.get(source.rsplit(".", 1)[1], "visitor") if address in LAN4 else None
    return DEVICES.get(address.exploded[-2:], "visitor") if source.startswith("fd00:77:") else None


def read_results(path):
    results = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            device, what, want, tried, worked = line.rstrip("\n").split("\t")
            results[device, what] = (want, int(tried), int(worked))
    return results


def read_witness(path):
    """{device: packets that the policy forbids and that arrived beyond the router}"""
    leaks = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            source, destination, proto, port, packets = line.split()
            device = device_of(source)
            allowed = ALLOWED.get(device)
            if device is None or allowed is None or (destination, proto, int(port)) in allowed:
                continue
            if device in MAY_NTP and (proto, int(port)) == NTP:
                continue
            leaks.setdefault(device, []).append((int(packets), "%s %s/%s" % (destination, proto, port)))
    return leaks


def read_drop_reasons(header):
    """The drop reasons by their names in JSON, from the one list of them."""
    with open(header, encoding="ascii") as text:
        return set(re.findall(r'X\(\w+, "([a-z-]+)", RF_DROP', text.read()))


def print_table(head, rows):
    widths = [max(len(str(r[i])) for r in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        cells = [str(c).rjust(w) if isinstance(c, int) else str(c).ljust(w) for c, w in zip(row, widths)]
        print("  " + "  ".join(cells).rstrip())


def packets(entry, direction, verdict):
    return entry.get(direction, {}).get(verdict, {}).get("packets", 0)


def print_counters(stats, drop_reasons):
    rows = []
    for entry in stats["devices"]:
        drops = {k: v for k, v in entry.get("by_reason", {}).items() if k in drop_reasons and v}
        ways = [packets(entry, d, v) for d in ("from", "to") for v in ("passed", "dropped")]
        if any(ways):
            why = ", ".join("%s %d" % item for item in sorted(drops.items(), key=lambda i: -i[1]))
            rows.append((entry["name"], entry.get("port") or "-", *ways, why))
    unknown = stats.get("unknown", {})
    ways = [packets(unknown, d, v) for d in ("from", "to") for v in ("passed", "dropped")]
    rows.append(("(unknown)", "-", *ways, ", ".join("%s %d" % i for i in unknown.get("by_reason", {}).items() if i[0] in drop_reasons)))
    print("\nWhat the fence counted, in packets:")
    print_table(("device", "port", "sent: passed", "dropped", "received: passed", "dropped", "dropped for"), rows)


def print_names(names, dns, project):
    """Every name that a device was answered is known; a rule is named where one lists it."""
    rows = []
    for entry in sorted(names, key=lambda e: (e["device"] or "~", e["name"], e["address"])):
        rule = (entry["rule"] or "-").replace(os.path.join(project, ""), "")
        rows.append((entry["device"] or "(unknown)", entry["name"], entry["address"], rule, "yes" if entry["used"] else "no"))
    print("\nWhat the devices asked for by name, and the rule that opened the answer's address for that device:")
    print_table(("device", "name", "address", "rule", "used"), rows)
    print(
        "  %d answers were read in the kernel on their way to the device, %d by the daemon; %d addresses were learned or renewed."
        % (dns["answers"], dns["by_daemon"]["answers"], dns["learned"] + dns["by_daemon"]["learned"])
    )


def judge(before, after):
    """Rows of the table of what was tried, and whether all of them are as the policy wants."""
    rows, good = [], True
    for key in sorted(set(before) | set(after)):
        want, tried, worked = after.get(key, (before.get(key, ("?",))[0], 0, 0))
        _, tried_before, worked_before = before.get(key, (want, 0, 0))
        held = tried > 0 and (worked == 0 if want == "block" else worked >= tried * ENOUGH)
        verdict = {"block": "stopped", "pass": "works"}[want] if held else "NOT AS THE POLICY SAYS"
        if worked_before == 0:
            held, verdict = False, "DID NOT WORK WITHOUT THE FENCE EITHER"
        good = good and held
        rows.append((*key, "%d of %d" % (worked_before, tried_before), "%d of %d" % (worked, tried), verdict))
    print("\nWhat the devices tried, and how often it worked:")
    print_table(("device", "what", "before", "with the fence", ""), rows)
    return good


def count_lines(path):
    with open(path, encoding="ascii") as lines:
        return sum(1 for _ in lines)


def sum_p2p(results):
    rows = [results["camera", "P2P rendezvous by " + way] for way in ("name", "literal address")]
    return sum(r[1] for r in rows), sum(r[2] for r in rows)


def main():
    lab, project = sys.argv[1:3]
    before, after = (read_results(os.path.join(lab, phase + ".results")) for phase in ("before", "after"))
    leaks_before, leaks = (read_witness(os.path.join(lab, phase + ".witness")) for phase in ("before", "after"))
    with open(os.path.join(lab, "stats.json"), encoding="utf-8") as stats:
        counted = json.load(stats)
    with open(os.path.join(lab, "names.json"), encoding="utf-8") as lines:
        names = [json.loads(line) for line in lines]
    with open(os.path.join(lab, "status.json"), encoding="utf-8") as status:
        dns = json.load(status)["dns"]
    print_counters(counted, read_drop_reasons(os.path.join(project, "include", "reason.h")))
    print_names(names, dns, project)
    good = judge(before, after)
    print()
    for device, flows in sorted(leaks.items()):
        good = False
        for number, flow in sorted(flows, reverse=True):
            print("LEAK: %d packets of the %s reached %s" % (number, device, flow))
    mappings = [count_lines(os.path.join(lab, phase + ".mappings")) for phase in ("before", "after")]
    print("Port mappings that the router was asked for: %d before, %d with the fence." % tuple(mappings))
    good = good and mappings[1] == 0
    tried, answered = sum_p2p(before)
    print(
        "Before: the camera called its rendezvous hosts %d times, was answered %d times, and %d packets\n"
        "that the policy forbids went out." % (tried, answered, sum(n for n, _ in leaks_before.get("camera", [])))
    )
    tried, answered = sum_p2p(after)
    print(
        "Now:    it called %d times, was answered %d times, and %d packets went out. %s"
        % (tried, answered, sum(n for n, _ in leaks.get("camera", [])), "The fence held." if good else "THE FENCE DID NOT HOLD.")
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
