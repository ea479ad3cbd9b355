#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 68-names-hostile: a device that wants more than its rules say, by DNS. Whatever it forges, guesses, asks or floods opens nothing, neither for
# itself nor for another device, and takes nothing from anybody. Each attack is shown to fail by what arrives outside; a control in the
# same case shows that the same frame would have worked from the right sender.
#
# B is hostile; A is its victim, or C its friend. B and C may speak to everything in the house: so may a NAS.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=names.sh
. "$(dirname "$0")/names.sh"

# What no answer of the believed resolver names.
EVIL=203.0.113.4
ASKED_PORT=40053
ASKED_ID=4711

hostile_policy()
{
	policy <<-YAML
	attach: {bridge: br0, uplinks: [up0]}
	network: {local: [192.168.88.0/24, "fd00:88::/64"], gateway: [192.168.88.1], resolvers: [192.168.88.1]}
	unknown: quarantine
	profiles:
	  victim:
	    default: deny
	    services: [dns]
	    rules: [{allow: "*.cdn.example", proto: udp, port: 7000}]
	  hostile:
	    default: deny
	    services: [dns]
	    rules:
	      - {allow: local}
	      - {allow: "*.cdn.example", proto: udp, port: 7000}
	      - {allow: "*.race.example", proto: udp, port: 7000}
	      - {allow: 203.0.113.9, proto: udp, port: 53}
	devices:
	  a: {mac: "$LAN_MAC:01", profile: victim}
	  b: {mac: "$LAN_MAC:02", profile: hostile}
	  c: {mac: "$LAN_MAC:03", profile: hostile}
	YAML
}

# slow.cdn.example is asked of a server that is not there: the question stays open, and nobody is faster than the forger.
hostile_home()
{
	need jq
	hostile_policy
	names_net_up
	start_dnsmasq_with_zone R 192.168.88.1 --server=/slow.cdn.example/203.0.113.77 \
		--host-record=www.cdn.example,203.0.113.1 --host-record=shared.cdn.example,203.0.113.2
	start_daemon
}

dns() { in_ns "$1" "$PYTHON" "$NET_SRC/dns_frames.py" "${@:2}" || fail "cannot send from $1: ${*:2}"; }

address_of() { case $1 in A) echo 192.168.88.11 ;; B) echo 192.168.88.12 ;; C) echo 192.168.88.13 ;; esac; }
mac_of() { case $1 in A) echo "$LAN_MAC:01" ;; B) echo "$LAN_MAC:02" ;; C) echo "$LAN_MAC:03" ;; esac; }

# asks NAMESPACE: for the name that nobody will answer.
asks()
{
	dns "$1" ask eth0 --name slow.cdn.example --id "$ASKED_ID" --sport "$ASKED_PORT" --src "$(address_of "$1")" \
		--dst 192.168.88.1 --dst-mac "$ROUTER_MAC"
}

# forged FROM-NAMESPACE INTERFACE TO-NAMESPACE OPTION...: an answer with the resolver's address that says that the name is EVIL.
forged()
{
	dns "$1" answer "$2" --name slow.cdn.example --address "$EVIL" --id "$ASKED_ID" --dport "$ASKED_PORT" --src 192.168.88.1 \
		--dst "$(address_of "$3")" --dst-mac "$(mac_of "$3")" "${@:4}"
}

# tries NAMESPACE TAG: 20 packets to EVIL, from a new port each time so that no connection helps.
TRY_PORT=41000
tries()
{
	TRY_PORT=$((TRY_PORT + 1))
	send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "$(address_of "$1")" --sport "$TRY_PORT" --dst "${3:-$EVIL}" --dport 7000 --tag "$2" --count 20
}

# learned NAMESPACE ADDRESS: how many lines `ringfence names' has of it.
learned() { rf names "${1,}" --json | jq -s --arg address "$2" '[.[] | select(.address == $address)] | length'; }

is_learned() { [ "$(learned "$1" "$2")" = 1 ]; }

# closed NAMESPACE TAG...: nothing of these arrived, and nothing was learned.
closed()
{
	local where=$1 tag
	shift
	for tag in "$@"; do
		is "packets outside: $tag" "$(seen O eth0 "$tag")" 0
	done
	is "names that lead to $EVIL" "$(learned "$where" "$EVIL")" 0
}

# From its own port, with the resolver's addresses, or only one of them, to itself.
test_forges_to_itself()
{
	hostile_home
	watch_for O eth0
	asks B
	forged B eth0 B
	forged B eth0 B --src-mac "$ROUTER_MAC"
	forged B eth0 B --dst-mac "$ROUTER_MAC"
	tries B self
	# The resolver itself says it: the frame is one that works.
	forged R p2 B --src-mac "$ROUTER_MAC"
	tries B resolver
	settle
	is "packets outside: self" "$(seen O eth0 self)" 0
	is "packets outside: resolver (control)" "$(seen O eth0 resolver)" 20
	is "names that lead to $EVIL (control)" "$(learned B "$EVIL")" 1
}

# C plays resolver for its friend B, who tells it id and port; then for A, whose id and port it guesses. With the router's MAC address.
both_are_lied_to()
{
	watch_for O eth0
	asks B
	forged C eth0 B --src-mac "$ROUTER_MAC"
	tries B friend-mac
	asks A
	forged C eth0 A --src-mac "$ROUTER_MAC"
	tries A victim-mac
	settle
	closed B friend-mac
	closed A victim-mac
}

# The router's MAC address on an inside port is nobody's of the policy.
test_spoofs_resolver()
{
	hostile_home
	both_are_lied_to
	at_least "dropped of nobody" "$(stat_of unknown from dropped packets)" 2
}

# The friend is bound to its own address.
test_spoofs_resolver_from_bound_device()
{
	hostile_home
	sed -i 's/\(c: {.*profile: hostile\)}/\1, addresses: [192.168.88.13]}/' "$T/policy.yaml"
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	watch_for O eth0
	asks B
	forged C eth0 B
	tries B friend-ip
	settle
	closed B friend-ip
	is "spoofed-source" "$(stat_of c by_reason spoofed-source)" 1
}

# With the resolver's address only, from a device that no `addresses' bind.
test_spoofs_resolver_address()
{
	hostile_home
	watch_for O eth0
	asks B
	forged C eth0 B
	tries B friend-ip
	asks A
	forged C eth0 A
	tries A victim-ip
	settle
	closed B friend-ip
	closed A victim-ip
	is "spoofed-source" "$(stat_of c by_reason spoofed-source)" 2
}

# The answer comes in fragments, and C, with the resolver's address, sends the last one before the resolver does; the address stands in that one. Its own
# first, to another port, lets it out.
test_sends_the_last_fragment()
{
	hostile_home
	watch_for O eth0
	asks A
	forged C eth0 A --sport 999 --dport 999 --fragment first --packet-id 77
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment first --packet-id 77
	forged C eth0 A --fragment last --packet-id 77
	is "C's last fragment passed" "$(stat_of c by_reason established)" 1
	sleep 0.3	# the daemon would be done
	tries A spliced
	is "what the daemon learned" "$(rf status --json | jq .dns.by_daemon.learned)" 0
	# The resolver itself says it: the frames are such that work.
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment first --packet-id 78
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment last --packet-id 78
	eventually 20 "the daemon has learned" is_learned A "$EVIL"
	tries A resolver
	settle
	is "packets outside: spliced" "$(seen O eth0 spliced)" 0
	is "packets outside: resolver (control)" "$(seen O eth0 resolver)" 20
}

# The last fragment of an answer that nobody asked for, behind the first of one that was asked: the same sender, the same id.
test_splices_two_answers()
{
	hostile_home
	watch_for O eth0
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment first --packet-id 77
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment first --packet-id 77 --id $((ASKED_ID + 1))
	forged R p1 A --src-mac "$ROUTER_MAC" --fragment last --packet-id 77
	sleep 0.3
	tries A spliced
	settle
	closed A spliced
}

# As before, where an unknown MAC address may do what a device may.
test_spoofs_resolver_where_unknown_may()
{
	hostile_home
	sed -i 's/^unknown: .*/unknown: hostile/' "$T/policy.yaml"
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	both_are_lied_to
}

# From where the resolver is, but without knowing what was asked: all ids to the wrong port, all but the right one to the right port, another name.
# Asked anew each time, as a question is remembered for 20 s, and guessing takes its time.
test_guesses()
{
	hostile_home
	watch_for O eth0
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --ids 0-65535 --dport $((ASKED_PORT + 1))
	tries A guessed
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --ids 0-$((ASKED_ID - 1))
	forged R p1 A --src-mac "$ROUTER_MAC" --ids $((ASKED_ID + 1))-65535
	tries A guessed
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --name other.cdn.example
	forged R p1 A --src-mac "$ROUTER_MAC" --src 192.168.88.2
	tries A guessed
	forged R p1 A --src-mac "$ROUTER_MAC"
	tries A right
	settle
	is "packets outside: guessed" "$(seen O eth0 guessed)" 0
	is "packets outside: right (control)" "$(seen O eth0 right)" 20
}

# Two answers to one question: the second comes too late, whoever sends it.
test_answers_twice()
{
	hostile_home
	watch_for O eth0
	asks A
	forged R p1 A --src-mac "$ROUTER_MAC" --address 203.0.113.1
	forged R p1 A --src-mac "$ROUTER_MAC"
	tries A first 203.0.113.1
	tries A second
	settle
	is "packets outside: first" "$(seen O eth0 first)" 20
	closed A second
}

# friendly_resolver NAMESPACE: one that says what B would like to hear, on all its addresses.
friendly_resolver()
{
	nsenter --net="$(ns_path "$1")" -- dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root \
		--pid-file= --bind-dynamic --except-interface=nothing --address="/cdn.example/$EVIL" >"$T/friend-$1" 2>&1 &
	eventually 20 "the friendly resolver in $1 listens" in_ns "$1" sh -c 'ss -Hlun "sport = :53" | grep -q .'
}

# In the house and outside, even where a rule allows the packets: what it says is heard and opens nothing.
test_friendly_resolver()
{
	hostile_home
	in_ns O ip addr add 203.0.113.9/32 dev lo
	friendly_resolver O
	friendly_resolver C
	watch_for O eth0
	is "the friend outside answers" "$(in_ns B dig +short +time=5 +tries=1 @203.0.113.9 www.cdn.example A)" "$EVIL"
	tries B outside
	is "the friend in the house answers" "$(in_ns B dig +short +time=5 +tries=1 @192.168.88.13 www.cdn.example A)" "$EVIL"
	tries B inside
	# A may not even ask.
	in_ns A dig +short +time=1 +tries=1 @203.0.113.9 www.cdn.example A >"$T/A-hears"
	matches "what A hears" "$(cat "$T/A-hears")" 'timed out|no servers could be reached|communications error'
	is "untrusted-resolver" "$(stat_of a by_reason untrusted-resolver)" 1
	tries A asked
	settle
	closed B outside inside
	closed A asked
}

# names_of NAMESPACE: what it has learned, without what time changes.
names_of() { rf names "${1,}" --json | jq -c '[.name, .address]' | sort; }

# What A has learned and what it sends is the same before, while and after B asks 60,000 questions and learns thousands of addresses.
test_floods_questions()
{
	local before flood answered

	hostile_home
	answered=$(in_ns A dig +short +time=5 +tries=2 @192.168.88.1 www.cdn.example A)
	is "the answer" "$answered" 203.0.113.1
	before=$(names_of A)
	watch_for O eth0
	dns B flood eth0 --name race.example --count 60000 --rate 20000 --src 192.168.88.12 --dst 192.168.88.1 --dst-mac "$ROUTER_MAC" &
	flood=$!
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.1 --dport 7000 --tag during --count 500 --rate 500
	kill -0 "$flood" 2>/dev/null || fail "the flood was over too early: nothing was shown"
	is "a name asked for during the flood" "$(in_ns A dig +short +time=2 +tries=5 @192.168.88.1 shared.cdn.example A)" 203.0.113.2
	tries A asked-during 203.0.113.2
	wait "$flood"
	tries A after 203.0.113.1
	tries B evil
	settle
	is "packets of A during the flood" "$(seen O eth0 during)" 500
	is "packets of A to what it asked for during the flood" "$(seen O eth0 asked-during)" 20
	is "packets of A after the flood" "$(seen O eth0 after)" 20
	is "dropped of A" "$(stat_of a from dropped packets)" 0
	is "what A had learned and does not have now" "$(comm -23 <(echo "$before") <(names_of A))" ""
	at_least "addresses that B has learned" "$(names_of B | wc -l)" 32
	at_least "B has room for so many names" 64 "$(names_of B | jq -r '.[0]' | sort -u | wc -l)"
	at_least "evictions that are counted" "$(rf status --json | jq '.dns.evicted')" 1000
	closed B evil
}

# Both reach the one address by names of their own; what one may do there the other may not.
test_shared_address()
{
	policy <<-YAML
	attach: {bridge: br0, uplinks: [up0]}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1], resolvers: [192.168.88.1]}
	profiles:
	  web: {default: deny, services: [dns], rules: [{allow: web.cdn.example, proto: udp, port: 7000}]}
	  films: {default: deny, services: [dns], rules: [{allow: films.cdn.example, proto: udp, port: 7001}]}
	  nothing: {default: deny, services: [dns]}
	devices:
	  a: {mac: "$LAN_MAC:01", profile: web}
	  b: {mac: "$LAN_MAC:02", profile: films}
	  c: {mac: "$LAN_MAC:03", profile: nothing}
	YAML
	names_net_up
	start_dnsmasq_with_zone R 192.168.88.1 --host-record=edge.cdn.example,203.0.113.2 --cname=web.cdn.example,edge.cdn.example \
		--cname=films.cdn.example,edge.cdn.example
	start_daemon
	watch_for O eth0
	local where name port

	for where in A B C; do
		for name in web films; do
			is "$name for $where" "$(in_ns "$where" dig +short +time=5 +tries=2 @192.168.88.1 "$name.cdn.example" A | tail -n 1)" 203.0.113.2
		done
		for port in 7000 7001; do
			send "$where" eth0 --dst-mac "$ROUTER_MAC" --src "$(address_of "$where")" --dst 203.0.113.2 --dport "$port" \
				--tag "$where-$port" --count 20
		done
	done
	settle
	is "A by its own name's rule" "$(seen O eth0 A-7000)" 20
	is "A by B's rule" "$(seen O eth0 A-7001)" 0
	is "B by A's rule" "$(seen O eth0 B-7000)" 0
	is "B by its own name's rule" "$(seen O eth0 B-7001)" 20
	is "C by A's rule" "$(seen O eth0 C-7000)" 0
	is "C by B's rule" "$(seen O eth0 C-7001)" 0
}

net_main "$@"
