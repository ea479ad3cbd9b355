#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 67-names-race: the packet that a device sends in the moment in which the answer has come is never lost: 10,000 names one after the other, from
# each kind of resolver, IPv4 and IPv6. Shown by counting: what arrived outside is what was sent, and the fence dropped nothing.
#
# NAMES_RACE_COUNT=N: so many names in place of 10,000.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=names.sh
. "$(dirname "$0")/names.sh"

race_home()
{
	need jq
	names_net_up
	names_policy "$@"
}

# The resolver is the gateway: its answers begin in the machine that the fence runs on.
test_dnsmasq_on_gateway()
{
	race_home
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	no_first_packet_lost "dnsmasq, TTL 1, IPv4" A -n "$ZONE_SIZE" 192.168.88.1 race.example
	no_first_packet_lost "dnsmasq, TTL 1, IPv6" B -6 -n "$ZONE_SIZE" fd00:88::1 race.example
}

# A cache that has nothing, one that has everything, and one from which everything is gone again.
test_dnsmasq_cold_and_warm()
{
	local forwarded

	race_home
	start_unbound O 198.51.100.2
	start_dnsmasq R 192.168.88.1 --server=198.51.100.2 --cache-size=$((ZONE_SIZE * 5))
	start_daemon
	forwarded=$(dnsmasq_counter 'queries forwarded')
	no_first_packet_lost "dnsmasq, cold, IPv4" A -n "$ZONE_SIZE" 192.168.88.1 race.example
	at_least "questions that dnsmasq had to ask" "$(dnsmasq_counter 'queries forwarded')" $((forwarded + ZONE_SIZE - 1))
	forwarded=$(dnsmasq_counter 'queries forwarded')
	no_first_packet_lost "dnsmasq, warm, IPv4" B -n "$ZONE_SIZE" 192.168.88.1 race.example
	is "questions that dnsmasq had to ask when it knew" "$(dnsmasq_counter 'queries forwarded')" "$forwarded"
	no_first_packet_lost "dnsmasq, cold, TTL 1, IPv6" A -6 -n "$ZONE_SIZE" fd00:88::1 brief.example
	forwarded=$(dnsmasq_counter 'queries forwarded')
	sleep 1.5
	no_first_packet_lost "dnsmasq, TTL 1 over, IPv6" A -6 -n "$ZONE_SIZE" fd00:88::1 brief.example
	at_least "questions that dnsmasq had to ask again" "$(dnsmasq_counter 'queries forwarded')" $((forwarded + ZONE_SIZE))
}

test_unbound_on_gateway()
{
	race_home
	start_unbound R 192.168.88.1
	start_daemon
	no_first_packet_lost "unbound, IPv4" A -n "$ZONE_SIZE" 192.168.88.1 brief.example
	no_first_packet_lost "unbound, IPv6" B -6 -n "$ZONE_SIZE" fd00:88::1 race.example
}

# The answers are bridged: they never enter the machine's own stack.
test_across_bridge()
{
	race_home
	start_unbound N 192.168.88.153
	start_daemon
	no_first_packet_lost "unbound across the bridge, IPv4" A -n "$ZONE_SIZE" 192.168.88.153 race.example
	no_first_packet_lost "unbound across the bridge, IPv6" B -6 -n "$ZONE_SIZE" fd00:88::153 brief.example
}

# The answers are routed.
test_beyond_router()
{
	race_home
	start_dnsmasq_with_zone O 198.51.100.2
	start_daemon
	no_first_packet_lost "dnsmasq beyond the router, IPv4" A -n "$ZONE_SIZE" 198.51.100.2 race.example
	no_first_packet_lost "dnsmasq beyond the router, IPv6" B -6 -n "$ZONE_SIZE" 2001:db8:1::2 race.example
}

# Three that race each other too: each has names of its own, so that each datagram can be told.
test_three_devices_at_once()
{
	local part=$((ZONE_SIZE / 3)) number=0 where racers=() sent=0

	race_home
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	start_counter
	for where in A B C; do
		race "$where" -n "$part" -f $((part * number)) 192.168.88.1 race.example &
		racers+=("$!")
		number=$((number + 1))
	done
	wait "${racers[@]}"
	stop_counter
	for where in A B C; do
		race_note "one of three, $where" "$where"
		is "answers of $where" "$(raced "$where" answered)" "$part"
		is "dropped, $where" "$(stat_of "${where,}" from dropped packets)" 0
		sent=$((sent + $(raced "$where" sent)))
	done
	is "first packets that arrived" "$(counted first)" "$sent"
}

# That the others can fail: the same race for names that no rule of the device lists.
test_control_not_listed()
{
	race_home other
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	start_counter
	race C -n 500 192.168.88.1 race.example
	stop_counter
	is "answers" "$(raced C answered)" 500
	is "sent" "$(raced C sent)" 500
	is "arrived" "$(counted first)" 0
	is "dropped" "$(stat_of c from dropped packets)" 500
}

net_main "$@"
