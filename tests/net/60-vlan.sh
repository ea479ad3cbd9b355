#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 60-vlan: tags, in the frame or taken off by the kernel, neither hide a frame nor make it another.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Tagged frames do not reach the router, whose bridge has no VLAN interface: B is where they arrive.
vlan_policy()
{
	policy <<-YAML
	attach: {bridge: br0}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1]}
	profiles:
	  fenced:
	    default: deny
	    rules: [{allow: 192.168.88.12, proto: udp, port: 5000}]
	  open: {default: allow}
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: fenced}
	  b: {mac: "02:00:00:00:99:02", profile: open}
	  c: {mac: "02:00:00:00:99:03", profile: fenced, vlan: 20}
	YAML
}

to_b() { send "$1" eth0 --dst-mac "$LAN_MAC:02" --src "192.168.88.1$2" --dst 192.168.88.12 "${@:3}"; }

test_one_tag()
{
	vlan_policy
	start_daemon
	watch_for B eth0
	to_b A 1 --dport 5000 --count 40 --tag plain-allowed
	to_b A 1 --dport 5000 --vlan 30 --count 40 --tag tagged-allowed
	to_b A 1 --dport 5001 --vlan 30 --count 40 --tag tagged-denied
	to_b A 1 --dport 5001 --vlan 0 --count 40 --tag priority-denied
	settle
	is "untagged" "$(seen B eth0 plain-allowed)" 40
	is "tagged, allowed" "$(seen B eth0 tagged-allowed)" 40
	is "tagged, denied" "$(seen B eth0 tagged-denied)" 0
	is "priority-tagged, denied" "$(seen B eth0 priority-denied)" 0
	is "default-deny" "$(stat_of a by_reason default-deny)" 80
}

test_two_tags()
{
	vlan_policy
	start_daemon
	watch_for B eth0
	to_b A 1 --dport 5000 --vlan 100 --vlan 30 --count 40 --tag allowed
	to_b A 1 --dport 5001 --vlan 100 --vlan 30 --count 40 --tag denied
	settle
	is "allowed" "$(seen B eth0 allowed)" 40
	is "denied" "$(seen B eth0 denied)" 0
	is "default-deny" "$(stat_of a by_reason default-deny)" 40
}

test_too_many_tags()
{
	vlan_policy
	start_daemon
	watch_for B eth0
	to_b A 1 --dport 5000 --vlan 1 --vlan 2 --vlan 3 --count 40 --tag hidden
	settle
	is "three tags" "$(seen B eth0 hidden)" 0
	is "malformed" "$(stat_of a by_reason malformed)" 40
}

test_bound_to_a_vlan()
{
	vlan_policy
	start_daemon
	watch_for B eth0
	to_b C 3 --dport 5000 --vlan 20 --count 40 --tag right
	to_b C 3 --dport 5000 --vlan 21 --count 40 --tag wrong
	to_b C 3 --dport 5000 --count 40 --tag none
	settle
	is "in its VLAN" "$(seen B eth0 right)" 40
	is "in another" "$(seen B eth0 wrong)" 0
	is "in none" "$(seen B eth0 none)" 0
	is "wrong-vlan" "$(stat_of c by_reason wrong-vlan)" 80
}

net_main "$@"
