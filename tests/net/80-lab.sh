#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 80-lab: what `make run' shows, and that nothing of it stays behind.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Of this lab only: others may come and go meanwhile.
left_behind()
{
	ip netns list | grep "rf-$1-"
	ls -d /run/"rf-$1"* "$BPF_FS/rf-$1"* 2>/dev/null
	grep "rf-$1" /proc/mounts
	grep -lsz "[r]f-$1" /proc/[0-9]*/cmdline # which does not find itself
}

test_run()
{
	local status=0

	RINGFENCE_LAB=t$$ "$ROOT/tools/lab" run </dev/null >"$T/out" 2>&1 || status=$?
	is "status; it said: $(tail -n 15 "$T/out")" "$status" 0
	matches "its last line" "$(tail -n 1 "$T/out")" 'and 0 packets went out\. The fence held\.$'
	is "what it leaves behind" "$(left_behind "t$$")" ""
}

test_interrupted()
{
	local lab

	RINGFENCE_LAB=t$$ setsid "$ROOT/tools/lab" run </dev/null >"$T/out" 2>&1 &
	lab=$!
	eventually 60 "the devices do what they do" grep -q 'without a fence' "$T/out"
	sleep 2
	RINGFENCE_LAB=t$$ "$ROOT/tools/lab" down >/dev/null || fail "lab down fails"
	wait "$lab"
	is "what it leaves behind" "$(left_behind "t$$")" ""
}

# A clean home has no way around that is open, and none that could not be asked about.
test_doctor()
{
	local lab status=0

	RINGFENCE_LAB=t$$ setsid "$ROOT/tools/lab" run </dev/null >"$T/out" 2>&1 &
	lab=$!
	lab_fence() { RINGFENCE_LAB=t$$ "$ROOT/tools/lab" fence "$@"; }
	lab_enforces() { lab_fence status --json | grep -q '"enforcing": *true'; }
	eventually 90 "the fence of the lab is up" lab_enforces
	lab_fence doctor >"$T/doctor" || status=$?
	RINGFENCE_LAB=t$$ "$ROOT/tools/lab" down >/dev/null || fail "lab down fails"
	wait "$lab"
	is "status; it said: $(cat "$T/doctor")" "$status" 0
	matches "its last line" "$(tail -n 1 "$T/doctor")" '^0 open, [0-9]+ warning, 0 unknown, '
	# The router of the lab has a UPnP service, which trusted devices may use.
	matches "what it found" "$(cat "$T/doctor")" '^warning  port-mapper'
}

# What `make run BRIDGE=br0 POLICY=FILE' does, but with directories of this case.
bridge_mode() { in_ns R "$ROOT/tools/lab" bridge "$1" "$2" --run-dir "$RUN_DIR" --pin-dir "$PIN_DIR"; }

test_bridge()
{
	policy <<-YAML
	attach: {bridge: br0}
	profiles:
	  fenced: {default: deny, inbound: []}
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: fenced}
	YAML
	mkdir "$RUN_DIR"
	bridge_mode br0 "$T/policy.yaml" >"$T/out" 2>&1 &
	eventually 60 "it enforces" is_enforcing
	watch_for O eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.2 --count 30 --tag denied
	settle
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "dropped" "$(stat_of a from dropped packets)" 30
}

# refuses STATUS PATTERN BRIDGE POLICY
refuses()
{
	local status=0

	bridge_mode "$3" "$4" >"$T/out" 2>&1 || status=$?
	is "status of $3 $4" "$status" "$1"
	matches "what it says" "$(cat "$T/out")" "$2"
}

test_bridge_refused()
{
	policy <<-YAML
	attach: {bridge: br0}
	profiles:
	  fenced: {default: deny}
	YAML
	in_ns R ip link add br1 type bridge
	refuses 3 'no interface br9' br9 "$T/policy.yaml"
	refuses 3 'wan0 is not a bridge' wan0 "$T/policy.yaml"
	refuses 3 'cannot read' br0 "$T/nothing.yaml"
	refuses 1 'fences the bridge br0, not br1' br1 "$T/policy.yaml"
	echo 'profiles: nonsense' >>"$T/policy.yaml"
	refuses 1 'policy.yaml:4:' br0 "$T/policy.yaml"
}

net_main "$@"
