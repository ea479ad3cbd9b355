#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 70-fragments: the first fragment decides and the others follow it, whatever order they are sent in.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fragment_policy()
{
	fence_policy 'bridge: br0' "$FENCE_RULE, {allow: 203.0.113.1, proto: icmp}"
	fence_device a 1
}

datagrams() { send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --size 3000 --fragment 1200 "$@"; }

# 3008 bytes of UDP in pieces of 1200 are three fragments.
test_counts()
{
	fragment_policy
	start_daemon
	watch_for O eth0
	datagrams --dst 203.0.113.1 --dport 5000 --count 30 --tag allowed
	datagrams --dst 203.0.113.1 --dport 5001 --ident 1000 --count 20 --tag denied
	settle
	is "first fragments outside" "$(seen O eth0 allowed)" 30
	is "later fragments outside" "$(seen O eth0 allowed-later)" 60
	is "first fragments, denied" "$(seen O eth0 denied)" 0
	is "later fragments, denied" "$(seen O eth0 denied-later)" 0
	is "passed" "$(stat_of a from passed packets)" 90
}

# The identification is that of an allowed datagram, the destination is another: it is not a fragment of that one.
test_without_first()
{
	fragment_policy
	start_daemon
	watch_for O eth0
	datagrams --dst 203.0.113.1 --dport 5000 --count 10 --tag allowed
	datagrams --dst 203.0.113.2 --dport 5000 --skip-fragments 1 --count 10 --tag other-host
	datagrams --dst 203.0.113.1 --dport 5000 --ident 1000 --skip-fragments 1 --count 10 --tag headless
	settle
	is "fragments to another host outside" "$(seen O eth0 other-host-later)" 0
	is "fragments of nothing outside" "$(seen O eth0 headless-later)" 0
	is "fragment" "$(stat_of a by_reason fragment)" 40
}

# The kernel's own fragments, there and back.
test_ping()
{
	fragment_policy
	start_daemon
	in_ns A ping -c 3 -i 0.2 -W 10 -s 4000 203.0.113.1 >"$T/out" || fail "$(cat "$T/out")"
	in_ns A ping -c 1 -W 1 -s 4000 203.0.113.2 >/dev/null && fail "a host that is not allowed answers"
	in_ns A ping -c 1 -W 1 203.0.113.2 >/dev/null && fail "a host that is not allowed answers"
	at_least "passed from" "$(stat_of a from passed packets)" 9
	at_least "passed to" "$(stat_of a to passed packets)" 9
	is "dropped to" "$(stat_of a to dropped packets)" 0
}

net_main "$@"
