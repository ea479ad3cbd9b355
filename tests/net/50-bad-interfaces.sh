#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 50-bad-interfaces: what cannot be fenced is said, with what to do about it, and nothing is half attached.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# The attach section is the argument.
attach_policy()
{
	fence_policy "$1"
	fence_device a 1
}

# cannot WHAT PATTERN: ringfenced ends with status 3 and says it.
cannot()
{
	is "status ($1): $OUT" "$STATUS" 3
	matches "$1" "$OUT" "$2"
	is "pins left ($1)" "$(find "$PIN_DIR" ! -type d 2>/dev/null)" ""
}

test_missing_bridge()
{
	attach_policy 'bridge: br9'
	run_daemon
	cannot "a missing bridge" 'br9'
}

test_not_a_bridge()
{
	attach_policy 'bridge: wan0'
	run_daemon
	cannot "not a bridge" 'wan0.*bridge'
}

test_missing_port()
{
	attach_policy 'ports: [p1, p9]'
	run_daemon
	cannot "a missing port" 'p9'
}

# A bridge that is down is no error: it may come up later, and must then be fenced.
test_bridge_down()
{
	attach_policy 'bridge: br0'
	in_ns R ip link set br0 down
	in_ns R ip link set p1 down
	start_daemon
	in_ns R ip link set br0 up
	in_ns R ip link set p1 up
	watch_for O eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.2 --count 30 --tag denied
	settle
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "dropped" "$(stat_of a from dropped packets)" 30
}

# Somebody's XDP program stays where it is; ours goes to TC and judges what that one lets through.
test_foreign_xdp()
{
	local foreign

	need xdp-loader
	foreign=$(dpkg -L xdp-tools libxdp1 2>/dev/null | grep -m 1 'xdpfilt_alw_udp.o\|xdp_pass.o')
	[ -n "$foreign" ] || skip "no XDP object of somebody else to attach"
	in_ns R ip link set p1 xdpgeneric obj "$foreign" 2>/dev/null ||
		in_ns R xdp-loader load -m skb p1 "$foreign" 2>"$T/loader" ||
		skip "this kernel does not attach it: $(tail -n 1 "$T/loader")"
	foreign=$(in_ns R ip -d link show p1 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')
	[ -n "$foreign" ] || skip "it did not stay attached"
	attach_policy 'bridge: br0, hook: auto'
	start_daemon
	is "p1" "$(port_of p1 enforced)" true
	matches "hook beside somebody's XDP" "$(port_of p1 from)" '^(tcx|clsact|xdp-shared)$'
	is "their program" "$(in_ns R ip -d link show p1 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')" "$foreign"
	stop_daemon
	rf detach >/dev/null
	attach_policy 'bridge: br0, hook: xdp-generic'
	run_daemon
	cannot "XDP wanted where somebody's is" 'p1'
	is "their program after that" "$(in_ns R ip -d link show p1 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')" "$foreign"
}

# All ports or none: one that cannot be fenced leaves none fenced.
test_all_or_none()
{
	attach_policy 'ports: [p1, p2, p9]'
	run_daemon
	cannot "one of three missing" 'p9'
	is "programs on p1" "$(in_ns R "$PYTHON" "$NET_SRC/programs.py" p1)" ""
	is "programs on p2" "$(in_ns R "$PYTHON" "$NET_SRC/programs.py" p2)" ""
}

test_no_privilege()
{
	need setpriv
	attach_policy 'bridge: br0'
	chmod 755 "$T"
	chmod 644 "$T/policy.yaml"
	STATUS=0
	OUT=$(in_ns R setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		timeout "$READY_S" "$BUILD/ringfenced" -c "$T/policy.yaml" --run-dir "$T" --pin-dir "$PIN_DIR" 2>&1) || STATUS=$?
	cannot "no privilege" '(root|privilege|CAP_)'
}

# It is mounted where it is missing. In a mount namespace of its own, so that it is missing for this process only.
test_no_bpf_fs()
{
	attach_policy 'bridge: br0'
	mkdir -p "$RUN_DIR"
	STATUS=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	OUT=$(in_ns R unshare --mount --propagation private sh -c \
		'mount -t tmpfs none /sys/fs/bpf && timeout 60 "$@" && stat -f -c "it is %T" /sys/fs/bpf' sh \
		"$BUILD/ringfenced" --once -c "$T/policy.yaml" --run-dir "$RUN_DIR" --pin-dir "$PIN_DIR" 2>&1) || STATUS=$?
	is "status: $OUT" "$STATUS" 0
	matches "what is there now" "$OUT" 'it is bpf_fs$'
}

test_pins_elsewhere()
{
	attach_policy 'bridge: br0'
	PIN_DIR=$T/pins
	run_daemon
	cannot "pins that are in no BPF file system" 'BPF file system.*mount'
}

test_bad_policy_at_start()
{
	attach_policy 'bridge: br0, hook: sideways'
	run_daemon
	is "status: $OUT" "$STATUS" 1
	matches "what it says" "$OUT" 'policy.yaml:1:[0-9]+: .*sideways'
}

# What was pinned before stays when the next start fails.
test_failed_start_leaves_the_old_fence()
{
	attach_policy 'bridge: br0'
	start_daemon
	stop_daemon KILL
	attach_policy 'bridge: br0, hook: sideways'
	run_daemon
	is "status: $OUT" "$STATUS" 1
	is "still enforced" "$(status_of enforcing)" true
	watch_for O eth0
	send A eth0 --dst-mac "$ROUTER_MAC" --src 192.168.88.11 --dst 203.0.113.2 --count 30 --tag denied
	settle
	is "denied frames outside" "$(seen O eth0 denied)" 0
}

test_second_daemon()
{
	attach_policy 'bridge: br0'
	start_daemon
	run_daemon
	is "status of a second daemon: $OUT" "$STATUS" 3
	matches "what it says" "$OUT" '(already|running|another)'
	kill -0 "$DAEMON" || fail "the first one ended"
	answers || fail "the first one does not answer any more"
}

net_main "$@"
