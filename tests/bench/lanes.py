# SPDX-License-Identifier: GPL-2.0-only
"""lanes.py - networks to measure in: one for each filter, so that all stand ready at the same time and can be measured by turns.

A lane is a bridge in a namespace of its own with p1 (the device's port; its peer is eth0 in the device's namespace), p2 (the way out, whose frames are
counted and dropped there) and, where asked for, p3 (its peer is eth0 in the server's namespace). Names are unique to the process. Nothing of
it touches the networks of the machine.
"""
import atexit
import glob
import os
import shutil
import subprocess

ROUTER_MAC = "06:00:00:00:00:fe"
SERVER_MAC = "06:00:00:00:00:01"
FIRST_IFINDEX = 1000  # of p1: different in each lane, as the pins of one datapath are named by it


@atexit.register
def remove_pins():
    """Of what was killed: pinned programs and maps stay otherwise."""
    for folder in glob.glob(f"/sys/fs/bpf/rfbench-{os.getpid()}-*"):
        shutil.rmtree(folder, ignore_errors=True)


class Missing(Exception):
    """A peer that is not installed, or that cannot hold what it is asked to; the text says why."""


def run(*command, text=None, limit=120):
    """A command that must succeed; what it printed."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=limit, check=False)
    except FileNotFoundError:
        raise Missing(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Missing(f"{command[0]} did not end within {limit} s") from None
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]}: {done.stderr.strip()[-500:]}")
    return done.stdout


class Lane:
    """One filter's network. `kind` is what tests/bench/lane.h says."""

    made = 0

    def __init__(self, name, kind="plain", server=False):
        Lane.made += 1
        self.name, self.kind = name, kind
        self.base = f"rfbench-{os.getpid()}-{Lane.made}"
        self.bridge, self.device, self.server = f"{self.base}-b", f"{self.base}-d", f"{self.base}-s"
        self.spaces = [self.bridge, self.device] + ([self.server] if server else [])
        atexit.register(self.down)
        self.up(FIRST_IFINDEX + Lane.made, server)

    def up(self, ifindex, server):
        for space in self.spaces:
            run("ip", "netns", "add", space)
            for key in ("all", "default"):
                self.inside(space, "sysctl", "-q", f"net.ipv6.conf.{key}.disable_ipv6=1")
            self.inside(space, "ip", "link", "set", "lo", "up")
        links = f"""link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
            link add p1 index {ifindex} type veth peer name eth0 netns {self.device}
            link add p2 type veth peer name out
            link set p1 master br0 up
            link set p2 master br0 up
            link set out up
            link set br0 up"""
        if server:
            links += f"""
                link add p3 type veth peer name eth0 netns {self.server}
                link set p3 master br0 up"""
        self.inside(self.bridge, "ip", "-batch", "-", text="\n".join(line.strip() for line in links.splitlines()))
        self.inside(self.device, "ip", "link", "set", "eth0", "up")
        if server:
            self.inside(self.server, "ip", "link", "set", "eth0", "up")
        # Where br_netfilter is in the kernel, bridged frames would go through iptables' hooks, too, and be dropped for their checksums.
        if os.path.exists("/proc/sys/net/bridge/bridge-nf-call-iptables"):
            for table in ("iptables", "ip6tables", "arptables"):
                self.inside(self.bridge, "sysctl", "-q", f"net.bridge.bridge-nf-call-{table}=0")
        self.inside(self.bridge, "bridge", "fdb", "replace", ROUTER_MAC, "dev", "p2", "master", "static")

    def inside(self, space, *command, **options):
        return run("nsenter", f"--net=/run/netns/{space}", "--", *command, **options)

    def talk(self, mac):
        """Give the device and the server their addresses: they reach each other, without ARP."""
        for space, own_mac, address, peer_mac, peer in ((self.device, mac, DEVICE, SERVER_MAC, SERVER), (self.server, SERVER_MAC, SERVER, mac, DEVICE)):
            self.inside(space, "ip", "link", "set", "eth0", "address", own_mac)
            self.inside(space, "ip", "addr", "add", f"{address}/16", "dev", "eth0")
            self.inside(space, "ip", "neigh", "replace", peer, "lladdr", peer_mac, "dev", "eth0", "nud", "permanent")

    def argument(self):
        """For build/bench/wire."""
        return f"--lane={self.name}:{self.kind}:{self.bridge}:{self.device}"

    def down(self):
        for space in self.spaces:
            subprocess.run(("ip", "netns", "del", space), capture_output=True, check=False)
        self.spaces = []


# ---- rules: the same policy in the languages of others ---------------------------------------------------------------

PORTS = "4000-4999"  # of the scene's rule, tests/bench/scene.c
DEVICE = "192.168.1.0"  # of its first device
SERVER, SERVER_PORTS = "192.168.200.1", "5201-5202"  # what each device may reach by TCP
FLOW = f"ip daddr {SERVER} tcp dport {SERVER_PORTS} accept\n"


def elements(values):
    return "{ " + ", ".join(values) + " }"


def masked_sets(prefixes):
    """One hash set a prefix length, and the rules that ask them: no trie, no tree. Longest lists first."""
    by_length = {}
    for prefix in prefixes:
        address, length = prefix.split("/")
        mask = (0xFFFFFFFF << (32 - int(length))) & 0xFFFFFFFF
        number = int.from_bytes(bytes(int(part) for part in address.split(".")), "big") & mask
        by_length.setdefault(int(length), set()).add(".".join(str(byte) for byte in number.to_bytes(4, "big")))
    sets, rules = "", ""
    for length in sorted(by_length, key=lambda each: -len(by_length[each])):
        mask = ".".join(str(byte) for byte in ((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF).to_bytes(4, "big"))
        sets += f"set to{length} {{ type ipv4_addr; elements = {elements(sorted(by_length[length]))} }}\n"
        key = "ip daddr" if length == 32 else f"ip daddr & {mask}"
        rules += f"udp dport {PORTS} {key} @to{length} accept\n"
    return sets, rules


def interval_set(prefixes):
    """What one would write first: a set of prefixes, which nftables keeps in a tree."""
    return (f"set to {{ type ipv4_addr; flags interval; auto-merge; elements = {elements(prefixes)} }}\n",
            f"udp dport {PORTS} ip daddr @to accept\n")


def exact_set(prefixes):
    """Single addresses in a hash: says less than the policy; nothing in nftables is faster."""
    return (f"set to {{ type ipv4_addr; elements = {elements(prefix.split('/')[0] for prefix in prefixes)} }}\n",
            f"udp dport {PORTS} ip daddr @to accept\n")


def nft_rules(family, macs, sets, rules):
    """A verdict map of MACs leads to the chain of the profile; who is in none is dropped at the port."""
    devices = elements(f"{mac} : jump fenced" for mac in macs)
    if family == "bridge":
        entry = 'type filter hook forward priority 0; policy accept;\niifname "p1" ether saddr vmap @macs\niifname "p1" drop'
    else:
        entry = 'type filter hook ingress device "p1" priority 0; policy drop;\nether saddr vmap @macs'
    return f"""table {family} fence {{
        {sets}
        chain fenced {{
            {rules}{FLOW}
            drop
        }}
        map macs {{ type ether_addr : verdict; elements = {devices} }}
        chain entry {{
            {entry}
        }}
    }}
    """


def nft(lane, family, form, macs, prefixes):
    rules = nft_rules(family, macs, *form(prefixes))
    lane.inside(lane.bridge, "nft", "-f", "-", text=rules)


EBTABLES_MAX = 1000  # with 10,000 it takes the command and then matches nothing; with 100,000 it takes minutes


def ebtables_among(lane, macs, prefixes, folder):
    """The nearest form that ebtables has: sets of source MACs and of destinations, single addresses only."""
    if len(macs) > EBTABLES_MAX or len(prefixes) > EBTABLES_MAX:
        raise Missing(f"its lists load up to {EBTABLES_MAX} entries; longer ones are taken and then match nothing")
    sources, destinations = os.path.join(folder, lane.base + "-src"), os.path.join(folder, lane.base + "-dst")
    with open(sources, "w", encoding="ascii") as out:
        out.write(",".join(macs) + "\n")
    with open(destinations, "w", encoding="ascii") as out:
        out.write(",".join([f"{ROUTER_MAC}={prefix.split('/')[0]}" for prefix in prefixes] + [f"{SERVER_MAC}={SERVER}"]) + "\n")
    for rule in (("-A", "FORWARD", "-i", "p1", "--among-src-file", sources, "--among-dst-file", destinations, "-j", "ACCEPT"),
                 ("-A", "FORWARD", "-i", "p1", "-j", "DROP")):
        lane.inside(lane.bridge, "ebtables-nft", *rule)
    os.remove(sources)
    os.remove(destinations)


LINEAR_MAX = 64  # a rule a device: tens of microseconds a frame beyond


def ebtables_linear(lane, macs, prefixes, folder):
    """What one finds in guides: a chain a device. Destinations: as many as there are devices, one each, in turn."""
    if len(macs) > LINEAR_MAX:
        raise Missing(f"a rule a device: only measured up to {LINEAR_MAX} devices")
    del folder
    lane.inside(lane.bridge, "ebtables-nft", "-N", "fenced", "-P", "DROP")
    for prefix in prefixes:
        lane.inside(lane.bridge, "ebtables-nft", "-A", "fenced", "-p", "IPv4", "--ip-dst", prefix, "-j", "ACCEPT")
    for mac in macs:
        lane.inside(lane.bridge, "ebtables-nft", "-A", "FORWARD", "-i", "p1", "-s", mac, "-j", "fenced")
    lane.inside(lane.bridge, "ebtables-nft", "-A", "FORWARD", "-i", "p1", "-j", "DROP")


# name, kind, how to put its rules in place (None: a packet program, or nothing)
FILTERS = (
    ("no filter", "plain", None),
    ("XDP_DROP", "xdp-drop", None),
    ("XDP_PASS", "xdp-pass", None),
    ("ringfence XDP", "ours-xdp", None),
    ("ringfence TC", "ours-tc", None),
    ("xdp-filter", "xdp-filter", None),
    ("nft bridge, masked sets", "rules", lambda lane, macs, prefixes, folder: nft(lane, "bridge", masked_sets, macs, prefixes)),
    ("nft bridge, prefix set", "rules", lambda lane, macs, prefixes, folder: nft(lane, "bridge", interval_set, macs, prefixes)),
    ("nft bridge, address set", "rules", lambda lane, macs, prefixes, folder: nft(lane, "bridge", exact_set, macs, prefixes)),
    ("nft netdev, masked sets", "rules", lambda lane, macs, prefixes, folder: nft(lane, "netdev", masked_sets, macs, prefixes)),
    ("nft netdev, address set", "rules", lambda lane, macs, prefixes, folder: nft(lane, "netdev", exact_set, macs, prefixes)),
    ("ebtables, among", "rules", ebtables_among),
    ("ebtables, linear", "rules", ebtables_linear),
)
XDP_FILTER_MAX = 10000  # entries of its tables
