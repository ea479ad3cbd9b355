#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 40-reload: a new policy is in force at once and as a whole, a bad one changes nothing.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# The one rule of the policy is the argument.
rule_policy()
{
	fence_policy 'bridge: br0' "$1"
	fence_device a 1
	fence_device b 2
}

OLD=$FENCE_RULE
NEW='{allow: 203.0.113.2, proto: udp, port: 5000}'

to_host() { send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst "203.0.113.$1" --dport 5000 --tag "$2" --count "${3:-20}"; }

test_good()
{
	local before

	rule_policy "$OLD"
	start_daemon
	before=$(stat_of generation)
	watch_for O eth0
	to_host 1 old-before
	to_host 2 new-before
	rule_policy "$NEW"
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	# The connection of before is under the new policy, too.
	to_host 1 old-after
	to_host 2 new-after
	settle
	is "old host before" "$(seen O eth0 old-before)" 20
	is "new host before" "$(seen O eth0 new-before)" 0
	is "old host after" "$(seen O eth0 old-after)" 0
	is "new host after" "$(seen O eth0 new-after)" 20
	at_least "generation" "$(stat_of generation)" $((before + 1))
	is "passed, over both policies" "$(stat_of a from passed packets)" 40
	is "dropped, over both policies" "$(stat_of a from dropped packets)" 40
}

test_sighup()
{
	rule_policy "$OLD"
	start_daemon
	rule_policy "$NEW"
	local before
	before=$(stat_of generation)
	kill -HUP "$DAEMON"
	eventually 20 "the generation goes up" eval "[ \"\$(stat_of generation)\" -gt $before ]"
	watch_for O eth0
	to_host 1 old
	to_host 2 new
	settle
	is "old host" "$(seen O eth0 old)" 0
	is "new host" "$(seen O eth0 new)" 20
}

# refused WHAT PATTERN: the policy that is there now is refused with that message and changes nothing.
refused()
{
	local generation hash status=0

	generation=$(stat_of generation)
	hash=$(stat_of policy)
	rf reload >"$T/out" 2>&1 || status=$?
	is "status of reload ($1)" "$status" 1
	matches "what reload says ($1)" "$(cat "$T/out")" "$2"
	is "generation after $1" "$(stat_of generation)" "$generation"
	is "policy after $1" "$(stat_of policy)" "$hash"
	kill -0 "$DAEMON" || fail "ringfenced ended at $1"
}

test_bad()
{
	rule_policy "$OLD"
	start_daemon
	watch_for O eth0
	rule_policy '{alow: 203.0.113.2, proto: udp, port: 5000}'
	refused "an unknown key" "policy.yaml:6:[0-9]+: .*alow"
	rule_policy '{allow: 203.0.113.2, proto: udp, port: 70000}'
	refused "a port out of range" "policy.yaml:6:[0-9]+: "
	rule_policy '{allow: 203.0.113.2/24}'
	refused "host bits" "policy.yaml:6:[0-9]+: "
	: >"$T/policy.yaml"
	refused "an empty file" "policy.yaml"
	head -c 4096 /dev/urandom >"$T/policy.yaml"
	refused "binary" "policy.yaml"
	rm "$T/policy.yaml"
	refused "a vanished file" "policy.yaml"
	to_host 1 old
	to_host 2 new
	settle
	is "old host" "$(seen O eth0 old)" 20
	is "new host" "$(seen O eth0 new)" 0
}

# All ports of one datagram go to either host under one of two policies that differ in everything: whatever passes
# must be what one of them allows, and what both deny must never pass.
test_storm()
{
	local sender round

	rule_policy "$OLD"
	start_daemon
	watch_for O eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.3 --dport 5000 --tag never --count 4000 --rate 1000 &
	sender=$!
	for round in 1 2 3 4 5 6 7 8 9 10; do
		rule_policy "$NEW"
		rf reload >/dev/null || fail "reload, round $round"
		rule_policy "$OLD"
		rf reload >/dev/null || fail "reload, round $round"
	done
	wait "$sender"
	to_host 1 last
	settle
	is "frames that both policies deny" "$(seen O eth0 never)" 0
	is "frames of the last policy" "$(seen O eth0 last)" 20
	is "dropped" "$(stat_of a from dropped packets)" 4000
}

# A policy that needs much more room than the one before.
test_grows()
{
	rule_policy "$OLD"
	start_daemon
	to_host 2 counted-before 7
	rule_policy "$NEW"
	fence_crowd 3000
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	watch_for O eth0
	to_host 1 old
	to_host 2 new
	settle
	is "old host" "$(seen O eth0 old)" 0
	is "new host" "$(seen O eth0 new)" 20
	is "counters are kept" "$(stat_of a from dropped packets)" 27
	is "p1" "$(port_of p1 enforced)" true
}

net_main "$@"
