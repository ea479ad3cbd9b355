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

net_main "$@"
