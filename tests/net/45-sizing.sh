#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 45-sizing: how many rows a device has is chosen at the start, kept over restarts and reloads, and another one costs what devices had open.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# sizing_policy [DEVICES]: so many more than a and b.
sizing_policy()
{
	fence_policy
	fence_device a 1
	fence_device b 2
	fence_crowd "${1:-0}"
}

out() { send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst "203.0.113.$1" --sport 4000 --dport 5000 --tag "$2" --count "${3:-10}"; }

# What the other end of a's connection sends.
back() { send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.1 --dst 192.168.88.11 --sport 5000 --dport 4000 --tag "$1" --count 10; }

# The kernel's own number of connection sets for each device.
sets()
{
	local devices conns

	devices=$(bpftool -j map show pinned "$PIN_DIR/maps/rf_info" | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["max_entries"])')
	conns=$(bpftool -j map show pinned "$PIN_DIR/maps/rf_conns" | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["max_entries"])')
	echo $((conns / devices))
}

test_auto()
{
	need bpftool
	sizing_policy
	start_daemon
	is "sizing" "$(status_of sizing)" home
	is "sets of connections" "$(sets)" 32
	matches "text of status" "$(rf status)" '^sizing: +home'
	stop_daemon
	matches "status without the daemon" "$(rf status)" '^sizing: +home'
}

test_auto_by_devices()
{
	need bpftool
	sizing_policy 4200
	start_daemon
	is "sizing" "$(status_of sizing)" campus
	is "sets of connections" "$(sets)" 8
	watch_for O eth0
	out 1 allowed
	out 2 denied
	settle
	is "allowed" "$(seen O eth0 allowed)" 10
	is "denied" "$(seen O eth0 denied)" 0
}

# A restart without the option keeps the sizing, the connections and the counters, though another would be chosen now.
test_restart_keeps()
{
	sizing_policy
	start_daemon --sizing provider
	is "sizing" "$(status_of sizing)" provider
	out 1 before
	stop_daemon KILL
	start_daemon
	is "sizing after" "$(status_of sizing)" provider
	watch_for A eth0
	back answers
	settle
	is "answers to a connection of before" "$(seen A eth0 answers)" 10
	at_least "passed, over both" "$(stat_of a from passed packets)" 10
	grep -q "could not be carried over" "$T/daemon.log" && fail "the log speaks of another sizing"
	return 0
}

# With another sizing connections end, the log says so, counters go on, and no frame passes that should not.
test_restart_with_another()
{
	need bpftool
	sizing_policy
	start_daemon
	out 1 before
	out 2 dropped-before
	is "sets before" "$(sets)" 32
	stop_daemon
	watch_for A eth0
	back while-down
	settle
	is "answers while no daemon runs" "$(seen A eth0 while-down)" 10
	watch_for O eth0
	out 2 meanwhile 2000 &
	local sender=$!
	start_daemon --sizing campus
	wait "$sender"
	out 1 after
	out 2 dropped-after
	settle
	is "sizing" "$(status_of sizing)" campus
	is "sets after" "$(sets)" 8
	is "denied frames meanwhile" "$(seen O eth0 meanwhile)" 0
	is "allowed after" "$(seen O eth0 after)" 10
	is "denied after" "$(seen O eth0 dropped-after)" 0
	grep -q "it was home: what devices had open and learned could not be carried over" "$T/daemon.log" ||
		fail "the log does not say what was lost"
	at_least "passed, over both" "$(stat_of a from passed packets)" 20 # a tells the other end by ICMP that nobody listens
	at_least "dropped, over both" "$(stat_of a from dropped packets)" 2020
}

# The connection of before is not there any more: an answer to it is not let in.
test_rows_are_not_carried()
{
	sizing_policy
	start_daemon
	out 1 before
	stop_daemon
	start_daemon --sizing provider
	watch_for A eth0
	back answers
	settle
	is "answers to a connection that was forgotten" "$(seen A eth0 answers)" 0
	watch_for A eth0
	out 1 again
	back answers-again
	settle
	is "answers to a connection of now" "$(seen A eth0 answers-again)" 10
}

# A reload that needs more devices grows with the sizing that is there, though auto would choose another now.
test_grows()
{
	need bpftool
	sizing_policy
	start_daemon --sizing provider
	out 1 before
	sizing_policy 5000
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	is "sizing" "$(status_of sizing)" provider
	is "sets of connections" "$(sets)" 4
	watch_for A eth0
	back answers
	settle
	is "answers to a connection of before" "$(seen A eth0 answers)" 10
	at_least "passed, over both" "$(stat_of a from passed packets)" 10
}

test_misuse()
{
	sizing_policy
	run_daemon --sizing town
	is "status" "$STATUS" 2
	matches "message" "$OUT" 'town.*home, campus and provider'
}

net_main "$@"
