# SPDX-License-Identifier: GPL-2.0-only
"""The policy file as objects: networks, profiles, devices, rules.

Reads what yamltext.py gives; judge.py asks.  Holds no state and no packet.  Errors are raised
at the first one found: the model is for files that are valid (the compiler's own tests are for
the rest), but it refuses what it does not understand rather than ignore it.
Quoted sentences are the contract's; "reading N" is the numbered list in README.md.
"""

import re

import address as ip
from yamltext import Map, PolicyError, Seq, Text, load

PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "icmpv6": 58,
             "sctp": 132}
WITH_PORTS = {6, 17, 132}
SERVICES = ("dhcp", "dns", "ntp", "mdns", "ssdp", "ping")
KEYWORDS = ("any", "local", "internet", "gateway", "resolvers", "multicast", "broadcast")
MODES = ("enforce", "monitor", "quarantine", "off")
# "network.local ... default: RFC 1918, link-local, ULA"
DEFAULT_LOCAL = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                 "fe80::/10", "fc00::/7")
NOT_BUILT = {"rules": ("rate", "when"), "profile": ("limit",), "top": ("lists", "schedules")}


class Rule:
    """One rule: what it does and what it matches; ports are (low, high) pairs or None for all."""

    def __init__(self, action, destinations, protocols, ports, line):
        self.action = action
        self.destinations = destinations
        self.protocols = protocols
        self.ports = ports
        self.line = line


class Profile:
    def __init__(self, name):
        self.name = name
        self.default = None
        self.services = ("dhcp", "dns")     # "services ... default [dhcp, dns]"
        self.dns = "any"
        self.rules = []
        # "inbound default when the key is absent: [{allow: local}]"
        self.inbound = [Rule("allow", [("local", None)], None, None, None)]
        self.ethertypes = set()
        self.deny_names = []


class Device:
    def __init__(self, name):
        self.name = name
        self.macs = []
        self.profile = None
        self.mode = "enforce"               # "Default: enforce"
        self.ports = None
        self.vlan = None
        self.addresses = None
        self.rules = []


class Policy:
    def __init__(self):
        self.local = []
        self.gateway = []
        self.resolvers = []
        self.unknown = "quarantine"         # "unknown: quarantine (default), monitor, or a profile"
        self.profiles = {}
        self.devices = {}
        self.groups = {}
        self.by_mac = {}

    # --- what kind of address is it -------------------------------------------------------

    def is_broadcast(self, addr):
        """Reading 3: 255.255.255.255 and the last address of each IPv4 local prefix up to /30."""
        if addr == ip.V4_BROADCAST:
            return True
        for family, number, length in self.local:
            if family == 4 and length <= 30:
                if addr == (4, number | (1 << (32 - length)) - 1):
                    return True
        return False

    def is_local(self, addr):
        """Unicast inside `network.local`, and link-local always (reading 4)."""
        if ip.is_multicast(addr) or self.is_broadcast(addr):
            return False
        return ip.within_any(addr, self.local)

    def is_internet(self, addr):
        """"internet (= not local, multicast or broadcast)"."""
        return not (self.is_local(addr) or ip.is_multicast(addr) or self.is_broadcast(addr))


# --- scalars ----------------------------------------------------------------------------------

def scalar(value, what):
    if not isinstance(value, Text):
        raise PolicyError(value, "%s must be a single value" % what)
    return value


def several(value):
    """A list, or one value that stands for a list of one."""
    return value if isinstance(value, Seq) else Seq([value])


def number(value, low, high, what):
    word = scalar(value, what)
    try:
        result = int(word, 0)
    except ValueError:
        raise PolicyError(value, "%s must be a number" % what)
    if not low <= result <= high:
        raise PolicyError(value, "%s must be %d to %d" % (what, low, high))
    return result


def mac(value):
    word = scalar(value, "mac").lower().replace("-", ":")
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", word):
        raise PolicyError(value, "'%s' is no MAC address" % value)
    return word


def convert(function, value, what):
    try:
        return function(str(scalar(value, what)))
    except ValueError as error:
        raise PolicyError(value, "bad %s: %s" % (what, error))


def dns_name(word):
    """A name as a tuple of lower-case labels, as names.py reads them from the wire."""
    return tuple(label.encode() for label in word.rstrip(".").lower().split("."))


def pattern(word):
    """"a.example.com (that name only), *.example.com (any depth below, not the name itself)"."""
    if word.startswith("*."):
        return ("below", dns_name(word[2:]))
    return ("name", dns_name(word))


def only_keys(value, known, what, not_built=()):
    if not isinstance(value, Map):
        raise PolicyError(value, "%s must be a map" % what)
    for key in value:
        if key in not_built:
            raise PolicyError(key, "'%s' is not in the model" % key)
        if key not in known:
            raise PolicyError(key, "unknown key '%s' in %s" % (key, what))


# --- rules ------------------------------------------------------------------------------------

def destination(value, policy):
    word = scalar(value, "destination")
    if word in KEYWORDS:
        return (str(word), None)
    for kind, table in (("device", policy.devices), ("group", policy.groups)):
        if word.startswith(kind + ":"):
            name = word[len(kind) + 1:]
            if name not in table:
                raise PolicyError(value, "no %s '%s'" % (kind, name))
            return (kind, name)
    if word.startswith("list:"):
        raise PolicyError(value, "lists are not in the model")
    try:
        return ("prefix", ip.prefix(str(word)))
    except ValueError as error:
        if "/" in word or ":" in word or re.fullmatch(r"[0-9.]+", word):
            raise PolicyError(value, "bad prefix: %s" % error)
    return pattern(word)


def protocol(value):
    word = scalar(value, "proto")
    return PROTOCOLS[word] if word in PROTOCOLS else number(value, 0, 255, "proto")


def port_range(value):
    word = scalar(value, "port")
    low, dash, high = word.partition("-")
    place = Text(low), Text(high if dash else low)
    for part in place:
        part.line, part.column = value.line, value.column
    return (number(place[0], 0, 65535, "port"), number(place[1], 0, 65535, "port"))


def rule(value, policy, where):
    """"A rule is one map with exactly one of allow, deny, reject and optional proto, port, ..."."""
    only_keys(value, ("allow", "deny", "proto", "port", "log", "note"), where,
              NOT_BUILT["rules"] + ("reject",))
    actions = [key for key in ("allow", "deny") if key in value]
    if len(actions) != 1:
        raise PolicyError(value, "a rule has exactly one of allow and deny")
    action = actions[0]
    for key in (action, "proto", "port"):
        if not several(value.get(key, "any")):
            raise PolicyError(value, "%s must not be an empty list" % key)
    destinations = [destination(item, policy) for item in several(value[action])]
    protocols = ports = None
    if "proto" in value:
        protocols = {protocol(item) for item in several(value["proto"])}
    if "port" in value:
        # "port: a number, lo-hi, or a list; only with tcp/udp/sctp"
        if not protocols or not protocols <= WITH_PORTS:
            raise PolicyError(value["port"], "port needs proto tcp, udp or sctp")
        ports = [port_range(item) for item in several(value["port"])]
    # "Names can only be allowed, not denied, in rules"
    if action == "deny" and any(kind in ("name", "below") for kind, _ in destinations):
        raise PolicyError(value, "a name can only be allowed")
    return Rule(action, destinations, protocols, ports, value.line)


def rule_list(value, policy, where):
    if not isinstance(value, Seq):
        raise PolicyError(value, "%s must be a list" % where)
    return [rule(item, policy, where) for item in value]


# --- sections ---------------------------------------------------------------------------------

def read_network(section, policy):
    only_keys(section, ("local", "gateway", "resolvers"), "network")
    local = section.get("local")
    words = [Text(word) for word in DEFAULT_LOCAL] if local is None else several(local)
    policy.local = [convert(ip.prefix, word, "prefix") for word in words]
    # Reading 4: link-local addresses are local also when `local` is given.
    policy.local += [ip.V4_LINK_LOCAL, ip.V6_LINK_LOCAL]
    policy.gateway = [convert(ip.address, word, "address")
                      for word in several(section.get("gateway", Seq()))]
    # "resolvers ... default: gateway"
    policy.resolvers = [convert(ip.address, word, "address")
                        for word in several(section["resolvers"])] \
        if "resolvers" in section else list(policy.gateway)


def ethertype(value):
    word = scalar(value, "ethertype")
    return "llc" if word == "llc" else number(value, 0x600, 0xffff, "ethertype")


def read_profile(name, section, policy):
    only_keys(section, ("default", "services", "dns", "rules", "inbound", "ethertypes",
                        "deny-names"), "profile", NOT_BUILT["profile"])
    profile = Profile(str(name))
    if section.get("default") not in ("allow", "deny"):
        raise PolicyError(section, "profile '%s' needs default: allow or deny" % name)
    profile.default = str(section["default"])
    if "services" in section:
        profile.services = tuple(str(word) for word in several(section["services"]))
        for word in section["services"]:
            if word not in SERVICES:
                raise PolicyError(word, "unknown service '%s'" % word)
    profile.dns = str(section.get("dns", "any"))
    if profile.dns not in ("any", "listed"):
        raise PolicyError(section["dns"], "dns is any or listed")
    if "rules" in section:
        profile.rules = rule_list(section["rules"], policy, "rules")
    if "inbound" in section:
        profile.inbound = rule_list(section["inbound"], policy, "inbound")
    profile.ethertypes = {ethertype(word) for word in several(section.get("ethertypes", Seq()))}
    profile.deny_names = [pattern(scalar(word, "name"))
                          for word in several(section.get("deny-names", Seq()))]
    return profile


def read_device(device, section, policy):
    only_keys(section, ("mac", "profile", "mode", "ports", "vlan", "addresses", "rules"), "device")
    if not several(section.get("mac", Seq())):
        raise PolicyError(section, "device '%s' needs a mac" % device.name)
    device.macs = [mac(word) for word in several(section["mac"])]
    for word in device.macs:
        if word in policy.by_mac:
            raise PolicyError(section["mac"], "MAC %s belongs to two devices" % word)
        policy.by_mac[word] = device
    if section.get("profile") not in policy.profiles:
        raise PolicyError(section, "device '%s' needs a profile that exists" % device.name)
    device.profile = policy.profiles[section["profile"]]
    device.mode = str(section.get("mode", "enforce"))
    if device.mode not in MODES:
        raise PolicyError(section["mode"], "unknown mode '%s'" % device.mode)
    if "ports" in section:
        device.ports = {str(scalar(word, "port")) for word in several(section["ports"])}
    if "vlan" in section:
        device.vlan = number(section["vlan"], 1, 4094, "vlan")
    if "addresses" in section:
        device.addresses = [convert(ip.prefix, word, "address")
                            for word in several(section["addresses"])]
    if "rules" in section:
        device.rules = rule_list(section["rules"], policy, "rules")


def parse(text):
    """The Policy that the text of a policy file says."""
    tree = load(text)
    only_keys(tree, ("attach", "network", "unknown", "profiles", "devices", "groups"), "policy",
              NOT_BUILT["top"])
    policy = Policy()
    read_network(tree.get("network", Map()), policy)
    devices = tree.get("devices", Map())
    # Names first: rules may refer to devices and groups that stand further down.
    for name in devices:
        policy.devices[str(name)] = Device(str(name))
    for name, members in tree.get("groups", Map()).items():
        for member in several(members):
            if member not in policy.devices:
                raise PolicyError(member, "no device '%s'" % member)
        policy.groups[str(name)] = [str(member) for member in several(members)]
    for name, section in tree.get("profiles", Map()).items():
        policy.profiles[str(name)] = read_profile(name, section, policy)
    for name, section in devices.items():
        read_device(policy.devices[str(name)], section, policy)
    policy.unknown = str(tree.get("unknown", "quarantine"))
    if policy.unknown not in ("quarantine", "monitor") and policy.unknown not in policy.profiles:
        raise PolicyError(tree["unknown"], "no profile '%s'" % policy.unknown)
    return policy
