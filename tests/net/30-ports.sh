#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 30-ports: the fence follows the ports of the bridge: join, leave, rename, come back.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

ports_policy()
{
	fence_policy 'bridge: br0, uplinks: [p3]'
	fence_device a 1
	fence_device d 4
}

denied() { send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "192.168.88.1$2" --dst 203.0.113.2 --tag "$3" --count 50; }

is_enforced() { [ "$(port_of "$1" enforced)" = true ]; }
is_not_listed() { [ "$(port_of "$1" enforced)" != true ]; }
has_programs() { in_ns R "$PYTHON" "$NET_SRC/programs.py" "$1" | grep -q ' rf_'; }
# For eventually: a `!' is no command.
has_no_programs() { ! has_programs "$1"; }

test_each_port()
{
	ports_policy
	start_daemon
	is "p1" "$(port_of p1 enforced)" true
	is "p2" "$(port_of p2 enforced)" true
	is_not_listed p3 || fail "the uplink is policed"
	has_programs p1 || fail "the kernel shows no program of ours on p1"
	has_programs p3 && fail "the kernel shows a program of ours on the uplink"
	has_programs br0 && fail "the kernel shows a program of ours on the bridge itself"
	matches "hook" "$(port_of p1 from)" '^(tcx|clsact|xdp-)'
}

test_join()
{
	ports_policy
	start_daemon
	watch_for O eth0
	add_device D p4 4
	eventually 20 "the new port is enforced" is_enforced p4
	denied D 4 joined
	settle
	is "denied frames of the new port outside" "$(seen O eth0 joined)" 0
	is "dropped" "$(stat_of d from dropped packets)" 50
}

test_leave()
{
	ports_policy
	start_daemon
	in_ns R ip link set p1 nomaster
	eventually 20 "p1 has no programs after it left" has_no_programs p1
	is_not_listed p1 || fail "status still lists p1"
	in_ns R ip link set p1 master br0
	eventually 20 "p1 is enforced after it came back" is_enforced p1
	watch_for O eth0
	denied A 1 back
	settle
	is "denied frames outside" "$(seen O eth0 back)" 0
	is "dropped" "$(stat_of a from dropped packets)" 50
}

test_rename()
{
	ports_policy
	start_daemon
	watch_for O eth0
	in_ns R ip link set p1 down
	in_ns R ip link set p1 name den0 up
	eventually 20 "the new name is in the status" is_enforced den0
	is_not_listed p1 || fail "the old name is still in the status"
	denied A 1 renamed
	settle
	is "denied frames outside" "$(seen O eth0 renamed)" 0
}

# The same name, another interface: the cable was pulled and another put in.
test_deleted_and_made_again()
{
	ports_policy
	start_daemon
	watch_for O eth0
	in_ns R ip link del p1
	eventually 20 "the deleted port is gone from the status" is_not_listed p1
	add_device A p1 1
	eventually 20 "the new p1 is enforced" is_enforced p1
	denied A 1 again
	settle
	is "denied frames outside" "$(seen O eth0 again)" 0
	is "dropped" "$(stat_of a from dropped packets)" 50
}

test_flap()
{
	local round

	ports_policy
	start_daemon
	watch_for O eth0
	for round in 1 2 3 4 5; do
		in_ns R ip link set p1 down
		in_ns R ip link set p1 up
		denied A 1 "flap$round"
	done
	settle
	for round in 1 2 3 4 5; do
		is "denied frames outside, round $round" "$(seen O eth0 "flap$round")" 0
	done
	is "p1" "$(port_of p1 enforced)" true
}

test_bridge_made_again()
{
	ports_policy
	start_daemon
	in_ns R ip link del br0
	in_ns R ip link add br0 address "$ROUTER_MAC" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	in_ns R ip addr add 192.168.88.1/24 dev br0
	in_ns R ip link set br0 up
	in_ns R ip link set p1 master br0
	in_ns R ip neigh replace 192.168.88.11 lladdr "$LAN_MAC:01" dev br0 nud permanent
	eventually 20 "p1 is enforced on the new bridge" is_enforced p1
	watch_for O eth0
	denied A 1 rebuilt
	settle
	is "denied frames outside" "$(seen O eth0 rebuilt)" 0
}

# Ports that joined and left while no daemon ran are put right by the next one.
test_changes_without_daemon()
{
	ports_policy
	start_daemon
	stop_daemon KILL
	in_ns R ip link set p2 nomaster
	add_device D p4 4
	start_daemon
	eventually 20 "p4 is enforced" is_enforced p4
	eventually 20 "p2, which left, has no programs" has_no_programs p2
}

# A device that is bound to a port is bound to its name: what has the name later is the port, whatever its index.
test_bound_device()
{
	fence_policy 'bridge: br0, uplinks: [p3]'
	fence_device a 1 'ports: [p1]'
	start_daemon
	watch_for O eth0
	bound() { send "$1" eth0 --src-mac "$LAN_MAC:01" --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.1 --count 50 --tag "$2"; }
	bound A own-port
	bound B impostor
	in_ns R ip link del p1
	eventually 20 "the deleted port is gone from the status" is_not_listed p1
	add_device A p1 1
	eventually 20 "the new p1 is enforced" is_enforced p1
	bound A new-port
	bound B impostor-again
	settle
	is "from its port" "$(seen O eth0 own-port)" 50
	is "from another port" "$(seen O eth0 impostor)" 0
	is "from its port, made again" "$(seen O eth0 new-port)" 50
	is "from another port after that" "$(seen O eth0 impostor-again)" 0
	is "wrong-port" "$(stat_of a by_reason wrong-port)" 100
}

net_main "$@"
