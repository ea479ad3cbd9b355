/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways.h - the ways around the fence that `ringfence doctor' looks at: each with its key, who looks, and where the manual tells of it.
 *
 * The one list: the enum, the order of the checks, the text, the JSON keys, the table in ringfence(8) and the cross-references in
 * ringfence-bypass(7) come from it. Only data.
 */
#ifndef DOCTOR_WAYS_H
#define DOCTOR_WAYS_H

/* What a check has to know, or it cannot look: which ports are to be policed; which policy is in force. */
enum way_need {
	WAY_NEEDS_NOTHING,
	WAY_NEEDS_PORTS,
	WAY_NEEDS_POLICY,
};

/* X(enum suffix and check, "key", need, "what it looks at", "its name in ringfence-bypass(7)" or "") */
#define WAY_LIST(X)                                                                                                    \
	X(fence, "fence", NOTHING, "is the fence attached, by programs and maps of this version?", "")                 \
	X(policy_file, "policy-file", NOTHING, "which policy is in force, and does its file still say the same?", "")  \
	X(ports, "ports", NOTHING, "has every inside port programs of ours, both ways?", "")                           \
	X(service, "daemon", NOTHING, "does ringfenced run, to follow ports and read what packets cannot?", "")        \
	X(boot, "boot", NOTHING, "will it start with the machine?", "Before the fence stands")                         \
	X(programs, "programs", PORTS, "does anybody's program get frames before ours, and may redirect them?", "")    \
	X(hardware_filters, "hardware-filters", PORTS, "are there filters that a port's hardware runs before ours?",   \
	  "Hardware that forwards by itself")                                                                          \
	X(switch_chip, "switch-chip", PORTS, "are ports sockets of one switch chip, which forwards between them?",     \
	  "Hardware that forwards by itself")                                                                          \
	X(flow_offload, "flow-offload", PORTS, "does nftables hand flows of these ports to hardware?",                 \
	  "Hardware that forwards by itself")                                                                          \
	X(other_ports, "other-ports", PORTS, "which ports of the bridge does `attach.ports` leave out?", "")           \
	X(uppers, "upper-interfaces", PORTS, "does a macvlan, macvtap or ipvlan stand on the bridge, in no port?", "") \
	X(networks, "other-networks", PORTS, "are there other local networks, which have no fence?", "")               \
	X(wifi, "wifi", PORTS, "do stations of an access point reach each other inside of the radio?",                 \
	  "Inside of one wireless network")                                                                            \
	X(packet_sockets, "packet-sockets", PORTS, "which programs read frames before they are judged?",               \
	  "Programs that listen below the fence")                                                                      \
	X(port_mapper, "port-mapper", POLICY, "who may open ports at UPnP, NAT-PMP or PCP on this machine?",           \
	  "The host itself")                                                                                           \
	X(proxy, "proxy", POLICY, "who may use a proxy on this machine, which relays for devices?", "The host itself") \
	X(reflector, "reflector", POLICY, "does this machine repeat mDNS from one network to another?",                \
	  "The host itself")                                                                                           \
	X(gateway, "gateway-addresses", POLICY, "does `deny: gateway` cover all of the router's own addresses?", "")   \
	X(router_mac, "router-mac", POLICY,                                                                            \
	  "can an unknown device take the MAC address of a router behind an uplink?", "The router's own MAC address")  \
	X(unknown, "unknown-devices", POLICY, "what may a MAC address do that no device claims?", "")                  \
	X(modes, "modes", POLICY, "which devices are in mode off or monitor?", "limit-off")                            \
	X(clones, "unbound-devices", POLICY, "whose MAC address works on any port?", "limit-clone")                    \
	X(default_allow, "default-allow", POLICY, "which profiles allow what no rule denies?", "limit-allowed-host")   \
	X(wide_rules, "wide-rules", POLICY, "which rules allow the Internet without protocol or port?",                \
	  "limit-allowed-host")                                                                                        \
	X(web, "web-anywhere", POLICY, "which rules allow TLS to any host (relays, VPN, DNS over HTTPS)?",             \
	  "limit-allowed-host")                                                                                        \
	X(any_names, "any-names", POLICY, "which profiles may ask for any DNS name?", "limit-any-names")               \
	X(wildcards, "wildcards", POLICY, "which rules allow all names of a zone?", "limit-wildcard-names")            \
	X(name_owner, "name-owner", POLICY, "which name rules could be answered with addresses at home?",              \
	  "limit-name-owner")                                                                                          \
	X(shared, "shared-addresses", POLICY, "which profiles reach addresses by name?", "limit-shared-address")       \
	X(embedded, "embedded-ipv4", POLICY, "which IPv4 addresses that are denied have an IPv6 form that is not?",    \
	  "limit-embedded-ipv4")                                                                                       \
	X(ntp, "ntp", POLICY, "which profiles have the service ntp, which reaches any host?", "limit-ntp")             \
	X(ping, "ping", POLICY, "which rules allow ICMP to hosts outside?", "limit-ping-payload")                      \
	X(mdns, "mdns", POLICY, "which profiles have the service mdns, which reaches local hosts?",                    \
	  "limit-mdns-source-port")                                                                                    \
	X(llc, "llc", POLICY, "which profiles list llc, which is all of 802.3?", "limit-llc")                          \
	X(between, "between-devices", POLICY, "which rules lead to other devices, which may carry on?",                \
	  "limit-friend")                                                                                              \
	X(addresses, "unbound-addresses", POLICY, "which devices may claim another's address?",                        \
	  "limit-unbound-address")                                                                                     \
	X(broadcast, "broadcast-addresses", POLICY, "whose address may be taken for a broadcast address?",             \
	  "limit-packet-to-broadcast")                                                                                 \
	X(link_channel, "link-channel", PORTS, "can devices talk by ARP and EAPOL, whatever the rules say?",           \
	  "limit-link-channel")                                                                                        \
	X(dhcp, "dhcp-starvation", NOTHING, "can a device use up the DHCP server's addresses?",                        \
	  "limit-dhcp-starvation")                                                                                     \
	X(behind_switch, "behind-switch", NOTHING, "are there switches or repeaters behind a port?",                   \
	  "Behind a switch")                                                                                           \
	X(flooding, "flooding", NOTHING, "who can read frames that the bridge floods?", "Frames that are flooded")     \
	X(radio, "other-radio", NOTHING, "has a device a radio of its own?", "Another radio")

#define X(name, ...) WAY_##name,
enum way { WAY_LIST(X) WAY_COUNT };
#undef X

const char *way_key(enum way way);
const char *way_asks(enum way way);
/* NULL: the manual of ways around has no more to say. */
const char *way_see(enum way way);

#endif
