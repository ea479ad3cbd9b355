#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 25-hooks: every hook that a policy may ask for judges and counts alike, and the status says which one it is.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# judge HOOK PATTERN: run the same frames through it; PATTERN is what the status must call it.
judge()
{
	fence_policy "bridge: br0, hook: $1"
	fence_device a 1
	mute A O
	start_daemon
	matches "hook of p1" "$(port_of p1 from)" "$2"
	watch_for O eth0
	watch_for A eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.1 --dport 5000 --count 200 --tag allowed
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.2 --dport 5000 --count 300 --tag denied
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.1 --dst 192.168.88.11 --sport 5000 --dport 40000 --count 50 --tag answer
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.2 --dst 192.168.88.11 --sport 5000 --dport 40000 --count 60 --tag stranger
	settle
	is "allowed frames outside" "$(seen O eth0 allowed)" 200
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "answers" "$(seen A eth0 answer)" 50
	is "strangers" "$(seen A eth0 stranger)" 0
	is "passed" "$(stat_of a from passed packets)" 200
	is "dropped" "$(stat_of a from dropped packets)" 300
	is "passed to" "$(stat_of a to passed packets)" 50
	is "dropped to" "$(stat_of a to dropped packets)" 60
}

test_tc() { judge tc '^(tcx|clsact)$'; }
test_auto() { judge auto '^(tcx|clsact)$'; }
test_xdp_generic() { judge xdp-generic '^xdp-generic$'; }
test_xdp_native() { judge xdp-native '^xdp-native$'; }

net_main "$@"
