# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# names.sh: for the tests that learn thousands of names: the network of lib.sh with IPv6, a zone in which each name has an address of its own,
# resolvers that serve it, a client that is as fast as it can be (names_race.c) and a counter of what arrives outside (names_count.c).
#
#   R fd00:88::1 -- A fd00:88::11, B ::12, C ::13      O 2001:db8:1::2, all of 198.18.0.0/15 and 2001:db8:5::/48
#   br0 -- up0 N: a resolver on the other side of the bridge (192.168.88.153, fd00:88::153), not policed
#
#   n<i>.race.example, n<i>.brief.example: 198.18.1.0 + i, 2001:db8:5::1:0 + i
#
# Sourced after lib.sh. Nothing here knows whether there is a fence.

ZONE_SIZE=${NAMES_RACE_COUNT:-10000}
RACE_PORT=7000
# unbound reads its 40,000 records first.
RESOLVER_READY_S=20
# Thousands of names on a machine that does other things, too.
# shellcheck disable=SC2034 # lib.sh reads it
CASE_LIMIT_S=300

#
# The network
#

# ipv6 NAMESPACE INTERFACE ADDRESS: without anything that happens by itself.
ipv6()
{
	in_ns "$1" sysctl -q net.ipv6.conf.all.disable_ipv6=0 "net.ipv6.conf.$2.disable_ipv6=0" "net.ipv6.conf.$2.accept_ra=0" \
		"net.ipv6.conf.$2.router_solicitations=0" "net.ipv6.conf.$2.addr_gen_mode=1"
	in_ns "$1" ip addr add "$3/64" dev "$2" nodad
}

# neighbour6 NAMESPACE INTERFACE ADDRESS MAC
neighbour6() { in_ns "$1" ip neigh replace "$3" lladdr "$4" dev "$2" nud permanent; }

device6()
{
	local name=$1 number=$2

	ipv6 "$name" eth0 "fd00:88::1$number"
	neighbour6 "$name" eth0 fd00:88::1 "$ROUTER_MAC"
	in_ns "$name" ip -6 route add default via fd00:88::1
	neighbour6 R br0 "fd00:88::1$number" "$LAN_MAC:$(printf %02x "$number")"
}

# What names_race sends to is outside, and all of it is there.
outside_names()
{
	in_ns O ip route add local 198.18.0.0/15 dev lo
	in_ns O ip -6 route add local 2001:db8:5::/48 dev lo
	in_ns R ip -6 route add default via 2001:db8:1::2
}

names_net_up()
{
	local name number=0

	ipv6 R br0 fd00:88::1
	ipv6 R wan0 2001:db8:1::1
	in_ns R sysctl -q net.ipv6.conf.all.forwarding=1
	ipv6 O eth0 2001:db8:1::2
	in_ns O sysctl -q net.ipv6.conf.lo.disable_ipv6=0
	in_ns O ip -6 route add default via 2001:db8:1::1
	neighbour6 O eth0 2001:db8:1::1 "$WAN_MAC"
	neighbour6 R wan0 2001:db8:1::2 "$OUTSIDE_MAC"
	outside_names
	for name in $DEVICES; do
		number=$((number + 1))
		device6 "$name" "$number"
	done
	add_device N up0 53
	device6 N 53
	for name in $DEVICES; do
		neighbour6 "$name" eth0 fd00:88::153 "$LAN_MAC:35"
		in_ns "$name" ip neigh replace 192.168.88.153 lladdr "$LAN_MAC:35" dev eth0 nud permanent
	done
	number=0
	for name in $DEVICES; do
		number=$((number + 1))
		neighbour6 N eth0 "fd00:88::1$number" "$LAN_MAC:0$number"
		in_ns N ip neigh replace "192.168.88.1$number" lladdr "$LAN_MAC:0$number" dev eth0 nud permanent
	done
}

# Devices a, b and c may reach what is in the zone; d (no such device in the network) only says that other rules have their place in the tables, too.
names_policy()
{
	policy <<-YAML
	attach: {bridge: br0, uplinks: [up0]}
	network:
	  local: [192.168.88.0/24, "fd00:88::/64"]
	  gateway: [192.168.88.1, "fd00:88::1"]
	  resolvers: [192.168.88.1, "fd00:88::1", 192.168.88.153, "fd00:88::153", 198.51.100.2, "2001:db8:1::2"]
	profiles:
	  racer:
	    default: deny
	    services: [dns]
	    rules:
	      - {allow: "*.race.example", proto: udp, port: $RACE_PORT}
	      - {allow: "*.brief.example", proto: udp, port: $RACE_PORT}
	    inbound: []
	  other:
	    default: deny
	    services: [dns]
	    rules: [{allow: "*.other.example", proto: udp, port: $RACE_PORT}, {allow: n7.race.example, proto: tcp}]
	    inbound: []
	devices:
	  a: {mac: "$LAN_MAC:01", profile: racer}
	  b: {mac: "$LAN_MAC:02", profile: racer}
	  c: {mac: "$LAN_MAC:03", profile: ${1:-racer}}
	  d: {mac: "$LAN_MAC:77", profile: other}
	YAML
}

#
# Resolvers
#

# zone hosts|unbound: every name of the zone, as dnsmasq's hosts file or as unbound's local data.
zone()
{
	awk -v n="$ZONE_SIZE" -v kind="$1" '
	function record(name, ttl, v4, v6)
	{
		if (kind == "hosts")
			printf "%s %s\n%s %s\n", v4, name, v6, name
		else
			printf "local-data: \"%s. %d IN A %s\"\nlocal-data: \"%s. %d IN AAAA %s\"\n", name, ttl, v4, name, ttl, v6
	}
	BEGIN {
		for (i = 0; i < n; i++) {
			v4 = sprintf("198.18.%d.%d", 1 + int(i / 256), i % 256)
			v6 = sprintf("2001:db8:5::1:%x", i)
			record("n" i ".race.example", 300, v4, v6)
			record("n" i ".brief.example", 1, v4, v6)
		}
	}'
}

# answers_on NAMESPACE ADDRESS: it answers for the last name of the zone.
answers_on() { in_ns "$1" dig +short +time=1 +tries=1 @"$2" "n$((ZONE_SIZE - 1)).race.example" A | grep -q '^198\.18\.'; }

# resolver_ready NAME LOG COMMAND...
resolver_ready()
{
	local until=$((SECONDS + RESOLVER_READY_S)) name=$1 log=$2
	shift 2
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || fail "$name does not answer: $(tail -n 3 "$log")"
		sleep 0.05
	done
}

# start_dnsmasq NAMESPACE ADDRESS OPTION...
start_dnsmasq()
{
	local where=$1 address=$2
	shift 2
	need dnsmasq
	need dig
	nsenter --net="$(ns_path "$where")" -- dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--user=root --pid-file= --bind-dynamic --except-interface=lo --log-facility="$T/dnsmasq-$where" "$@" >"$T/dnsmasq-$where.out" 2>&1 &
	RESOLVER=$!
	resolver_ready dnsmasq "$T/dnsmasq-$where.out" answers_on "$where" "$address"
}

# start_dnsmasq_with_zone NAMESPACE ADDRESS OPTION...: its own names, all of them with a TTL of one second.
start_dnsmasq_with_zone()
{
	zone hosts >"$T/zone.hosts"
	start_dnsmasq "$@" --local=/example/ --local-ttl=1 --addn-hosts="$T/zone.hosts"
}

# dnsmasq_counter TEXT: of the statistics that it writes when it is asked to.
dnsmasq_counter()
{
	local before

	before=$(grep -c 'queries forwarded' "$T/dnsmasq-R")
	kill -USR1 "$RESOLVER"
	eventually 20 "dnsmasq writes its statistics" eval "[ \$(grep -c 'queries forwarded' '$T/dnsmasq-R') -gt $before ]"
	sed -n "s/.*$1 \([0-9]*\).*/\1/p" "$T/dnsmasq-R" | tail -n 1
}

# start_unbound NAMESPACE ADDRESS
start_unbound()
{
	local where=$1 address=$2

	need unbound
	need dig
	{
		cat <<-CONF
		server:
		 interface: 0.0.0.0
		 interface: ::0
		 interface-automatic: yes
		 access-control: 0.0.0.0/0 allow
		 access-control: ::/0 allow
		 do-daemonize: no
		 username: ""
		 chroot: ""
		 directory: "$T"
		 pidfile: ""
		 use-syslog: no
		 logfile: ""
		 module-config: "iterator"
		 num-threads: 1
		 local-zone: "race.example." static
		 local-zone: "brief.example." static
		CONF
		zone unbound
		printf 'remote-control:\n control-enable: no\n'
	} >"$T/unbound-$where.conf"
	nsenter --net="$(ns_path "$where")" -- unbound -d -c "$T/unbound-$where.conf" >"$T/unbound-$where" 2>&1 &
	resolver_ready unbound "$T/unbound-$where" answers_on "$where" "$address"
}

#
# The race
#

start_counter()
{
	[ -x "$BUILD/tests/names_count" ] || fail "$BUILD/tests/names_count is not there: make test-build"
	rm -f "$T/counted"	# or what the one before said would be taken for its word
	nsenter --net="$(ns_path O)" -- "$BUILD/tests/names_count" "$RACE_PORT" >"$T/counted" 2>&1 &
	COUNTER=$!
	eventually 20 "the counter listens" grep -q ready "$T/counted"
}

stop_counter()
{
	quiet O
	kill "$COUNTER"
	wait "$COUNTER"
	is "lost by the counter itself" "$(counted lost)" 0
}

# counted KEY: what arrived outside between start_counter and stop_counter.
counted() { tail -n 1 "$T/counted" | jq ".$1"; }

# race NAMESPACE OPTION... SERVER DOMAIN: names_race there; what it says in $T/race-NAMESPACE.
race()
{
	local where=$1
	shift
	in_ns "$where" "$BUILD/tests/names_race" -p "$RACE_PORT" "$@" >"$T/race-$where" 2>"$T/race-$where.error" ||
		fail "names_race in $where: $(cat "$T/race-$where.error")"
}

# raced NAMESPACE KEY
raced() { jq ".$2" "$T/race-$1"; }

# Of this round: asked for, sent and arrived, and how close behind the answers.
race_note()
{
	note "$1: $(raced "$2" asked) asked, $(raced "$2" sent) sent, $(counted first) arrived; sent $(raced "$2" gap_us_median) µs after the answer" \
		"(median; $(raced "$2" in_same_ms) within 1 ms); $(raced "$2" ms) ms"
}

# no_first_packet_lost WHAT NAMESPACE OPTION... SERVER DOMAIN: ask, send, count; all of them arrive, and the fence counted no drop.
no_first_packet_lost()
{
	local what=$1 where=$2 device=${2,} dropped
	shift

	dropped=$(stat_of "$device" from dropped packets)
	start_counter
	race "$@"
	stop_counter
	race_note "$what" "$where"
	is "$what: answers" "$(raced "$where" answered)" "$(raced "$where" asked)"
	is "$what: first packets that arrived" "$(counted first)" "$(raced "$where" sent)"
	is "$what: first packets that came twice" "$(counted repeated)" 0
	is "$what: dropped by the fence" "$(stat_of "$device" from dropped packets)" "$dropped"
	is "$what: dropped on the way to the device" "$(stat_of "$device" to dropped packets)" 0
}
