#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20-daemon-kill9: the fence stands without its daemon: killed, stopped, restarted, set up once.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

two_devices()
{
	fence_policy
	fence_device a 1
	fence_device b 2
}

allowed() { send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "192.168.88.1$2" --dst 203.0.113.1 --dport 5000 --tag allowed "${@:3}"; }
denied() { send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "192.168.88.1$2" --dst 203.0.113.2 --dport 5000 --tag denied "${@:3}"; }

has_dropped() { [ "$(stat_of "$1" from dropped packets)" -ge "$2" ]; }

# Both kinds of frames all the time, from before the kill until after the restart.
test_under_traffic()
{
	local senders=() before

	two_devices
	start_daemon
	watch_for O eth0
	allowed A 1 --count 2400 --rate 400 & senders+=($!)
	denied A 1 --count 2400 --rate 400 & senders+=($!)
	denied B 2 --count 2400 --rate 400 & senders+=($!)
	eventually 20 "they send" has_dropped a 200
	stop_daemon KILL
	before=$(stat_of a from dropped packets)
	eventually 20 "it is counted with the daemon dead" has_dropped a $((before + 200))
	start_daemon
	wait "${senders[@]}"
	settle

	is "allowed frames outside" "$(seen O eth0 allowed)" 2400
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "a: passed" "$(stat_of a from passed packets)" 2400
	is "a: dropped" "$(stat_of a from dropped packets)" 2400
	is "b: dropped" "$(stat_of b from dropped packets)" 2400
}

test_killed_and_not_restarted()
{
	two_devices
	start_daemon
	stop_daemon KILL
	watch_for O eth0
	allowed A 1 --count 100
	denied A 1 --count 200
	settle
	is "allowed frames outside" "$(seen O eth0 allowed)" 100
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "passed" "$(stat_of a from passed packets)" 100
	is "dropped" "$(stat_of a from dropped packets)" 200
	is "status says that it is enforced" "$(status_of enforcing)" true
	rf reload >"$T/out" 2>&1 && fail "reload says done without a daemon"
	matches "what reload says" "$(cat "$T/out")" 'ringfence: .*(running|daemon)'
}

test_stop_is_not_detach()
{
	two_devices
	start_daemon
	stop_daemon TERM
	watch_for O eth0
	denied A 1 --count 50
	is "status after stop" "$(status_of enforcing)" true
	rf detach >"$T/out" 2>&1 || fail "detach: $(cat "$T/out")"
	denied A 1 --count 25
	settle
	is "frames that went out only after detach" "$(seen O eth0 denied)" 25
	is "pins left by detach" "$(find "$PIN_DIR" 2>/dev/null)" ""
	rf detach >"$T/out" 2>&1
	matches "a second detach" "$(cat "$T/out")" '(nothing|not|no )'
}

test_once()
{
	two_devices
	run_daemon --once
	is "status of --once ($OUT)" "$STATUS" 0
	watch_for O eth0
	allowed A 1 --count 20
	denied A 1 --count 20
	settle
	is "allowed frames outside" "$(seen O eth0 allowed)" 20
	is "denied frames outside" "$(seen O eth0 denied)" 0
}

# A connection that is open when the daemon dies goes on, also after its restart.
test_connection_survives()
{
	two_devices
	start_daemon
	watch_for A eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.1 --sport 41000 --dport 5000 --tag opens
	stop_daemon KILL
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.1 --dst 192.168.88.11 \
		--sport 5000 --dport 41000 --count 10 --tag while-dead
	start_daemon
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.1 --dst 192.168.88.11 \
		--sport 5000 --dport 41000 --count 10 --tag after-restart
	settle
	is "answers while it was dead" "$(seen A eth0 while-dead)" 10
	is "answers after the restart" "$(seen A eth0 after-restart)" 10
}

net_main "$@"
