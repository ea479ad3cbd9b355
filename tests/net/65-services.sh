#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 65-services: DHCP, DNS and IPv6 with the programs that real devices and routers run.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

services_policy()
{
	policy <<-YAML
	attach: {bridge: br0}
	network: {local: [192.168.88.0/24, "fd00:88::/64"], gateway: [192.168.88.1], resolvers: [192.168.88.1]}
	unknown: quarantine
	profiles:
	  fenced: {default: deny, inbound: []}
	  six:
	    default: deny
	    services: []
	    rules: [{allow: "fd00:88::12", proto: icmpv6}]
	  open: {default: allow}
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: $1}
	  b: {mac: "02:00:00:00:99:02", profile: open}
	YAML
}

# dhcp_client NAMESPACE [TRIES]: the lease is in $T/lease. The client's script only writes down what it was given.
dhcp_client()
{
	rm -f "$T/lease"
	cat >"$T/lease-script" <<-SCRIPT
	#!/bin/sh
	[ "\$1" != bound ] || echo "\$ip" >"$T/lease"
	SCRIPT
	chmod 755 "$T/lease-script"
	in_ns "$1" timeout 60 udhcpc -f -n -q -t "${2:-20}" -T 1 -i eth0 -s "$T/lease-script" >"$T/udhcpc" 2>&1
}

# dhcp_dns_server NAMESPACE INTERFACE FIRST-LAST
dhcp_dns_server()
{
	run_dnsmasq "$1" "$2" 67 --no-ping --dhcp-authoritative --dhcp-leasefile="$T/leases-$1" --dhcp-range="$3,2m" \
		--host-record=www.example,203.0.113.1
}

test_dhcp_and_dns()
{
	need dnsmasq
	need udhcpc
	need dig
	services_policy fenced
	start_daemon
	dhcp_dns_server R br0 192.168.88.50,192.168.88.60
	dhcp_client A || fail "no lease: $(cat "$T/udhcpc")"
	matches "lease" "$(cat "$T/lease")" '^192\.168\.88\.(5[0-9]|60)$'
	is "answer by UDP" "$(in_ns A dig +short +time=5 +tries=2 @192.168.88.1 www.example A)" 203.0.113.1
	is "answer by TCP" "$(in_ns A dig +short +tcp +time=5 +tries=2 @192.168.88.1 www.example A)" 203.0.113.1
	at_least "service" "$(stat_of a by_reason service)" 6
	is "dropped from" "$(stat_of a from dropped packets)" 0
	in_ns A dig +short +time=1 +tries=1 @203.0.113.1 www.example A >/dev/null && fail "a foreign resolver is reached"
	is "untrusted-resolver" "$(stat_of a by_reason untrusted-resolver)" 1
}

# Nobody has named C: it gets an address and nothing else.
test_quarantine()
{
	need dnsmasq
	need udhcpc
	services_policy fenced
	start_daemon
	dhcp_dns_server R br0 192.168.88.50,192.168.88.60
	dhcp_client C || fail "no lease: $(cat "$T/udhcpc")"
	in_ns C dig +time=1 +tries=1 @192.168.88.1 www.example A >/dev/null && fail "it is answered by DNS"
	in_ns C ping -c 1 -W 1 192.168.88.1 >/dev/null && fail "it is answered by the router"
	at_least "dropped of unknown" "$(stat_of unknown from dropped packets)" 2
}

# B is not the router, but would like to be: it gives leases and names to nobody.
test_rogue_server()
{
	need dnsmasq
	need udhcpc
	services_policy fenced
	start_daemon
	dhcp_dns_server B eth0 192.168.88.200,192.168.88.210
	dhcp_client A 3 && fail "A has a lease of B: $(cat "$T/lease")"
	at_least "rogue-server" "$(stat_of b by_reason rogue-server)" 1
}

ipv6_on()
{
	local name number=0

	for name in $DEVICES; do
		number=$((number + 1))
		in_ns "$name" sysctl -q net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_dad=0
		in_ns "$name" ip addr add "fd00:88::1$number/64" dev eth0 nodad
	done
}

# Neighbour discovery works by itself; what comes after it is up to the policy.
test_ipv6()
{
	services_policy six
	start_daemon
	ipv6_on
	in_ns A ping -6 -c 3 -i 0.2 -W 10 fd00:88::12 >"$T/out" || fail "$(cat "$T/out")"
	in_ns A ping -6 -c 2 -i 0.2 -W 10 -s 4000 fd00:88::12 >"$T/out" || fail "in fragments: $(cat "$T/out")"
	at_least "link" "$(stat_of a by_reason link)" 1
	is "default-deny" "$(stat_of a by_reason default-deny)" 0
	in_ns A ping -6 -c 1 -W 1 fd00:88::13 >/dev/null && fail "a host that is not allowed answers"
	in_ns A ping -6 -c 1 -W 1 -s 4000 fd00:88::13 >/dev/null && fail "a host that is not allowed answers fragments"
	at_least "default-deny" "$(stat_of a by_reason default-deny)" 2
}

net_main "$@"
