#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 85-doctor: each way around that can be made here is found by `ringfence doctor', and no more when what it advises was done.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# A policy that leaves nothing open that a policy can close.
tight_policy()
{
	fence_policy "$@"
	fence_device a 1 'ports: [p1], addresses: [192.168.88.11]'
	fence_device b 2 'ports: [p2], addresses: [192.168.88.12]'
}

# examine [OPTION...]: its object is in $T/doctor.json, its status in $STATUS.
examine()
{
	STATUS=0
	rf doctor --json "$@" >"$T/doctor.json" || STATUS=$?
}

# told KEY MEMBER: that member of each finding with this key, one a line; lists with blanks.
told()
{
	"$PYTHON" - "$T/doctor.json" "$@" <<-'PYTHON'
	import json, sys
	for finding in json.load(open(sys.argv[1]))["findings"]:
	    if finding["key"] == sys.argv[2]:
	        value = finding[sys.argv[3]]
	        print(" ".join(value) if isinstance(value, list) else "" if value is None else value)
	PYTHON
}

# expect KEY SEVERITY [ABOUT]
expect()
{
	is "severity of $1" "$(told "$1" severity)" "$2"
	[ -z "${3:-}" ] || is "what $1 is about" "$(told "$1" about)" "$3"
}

# counted SEVERITY
counted() { "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$T/doctor.json" "$1"; }

# obey KEY: run the command that was advised.
obey()
{
	local command

	command=$(told "$1" command)
	[ -n "$command" ] || fail "$1 advises no command"
	in_ns R sh -c "$command" || fail "the advice for $1 does not work: $command"
	examine
	expect "$1" ok
}

# What the machine is like, as far as a doctor could have changed it.
condition() { in_ns R sh -c 'ip link; ip addr; ip route; bridge -d link; tc qdisc; nft list ruleset' | sed 's/ valid_lft.*//'; }

test_clean()
{
	local before

	tight_policy
	start_daemon
	before=$(condition)
	examine
	is "exit" "$STATUS" 0
	is "open" "$(counted open)" 0
	is "warnings" "$(counted warning)" 0
	is "unknown" "$(counted unknown)" 0
	expect fence ok
	expect ports ok
	expect daemon ok
	is "the machine afterwards" "$(condition)" "$before"
	matches "the text" "$(rf doctor)" '^0 open, 0 warning, 0 unknown, [0-9]+ advice, [0-9]+ ok$'
	is "lines over 80 columns" "$(rf doctor | awk 'length($0) > 80 && !/^  # /')" ""
}

test_no_fence()
{
	local command

	tight_policy
	examine
	is "exit" "$STATUS" 1
	expect fence open
	expect ports unknown
	expect policy-file unknown
	examine --policy "$T/policy.yaml"
	is "exit with a policy" "$STATUS" 1
	expect ports open 'p1 p2 p3'
	# What is advised, told where this case's fence is, and in such a way that it ends.
	command=$(told fence command)
	is "the advice" "$command" "ringfenced -c $T/policy.yaml"
	mkdir -p "$RUN_DIR"
	# shellcheck disable=SC2086 # words
	in_ns R "$BUILD"/$command --once --run-dir "$RUN_DIR" --pin-dir "$PIN_DIR" >"$T/daemon.log" 2>&1 || fail "it does not start"
	examine --policy "$T/policy.yaml"
	expect fence ok
	expect ports ok
	expect daemon warning
}

# Without the daemon a port that joins is not policed, and which policy is in force is not known.
test_port_without_programs()
{
	tight_policy
	start_daemon
	stop_daemon
	add_device D p4 4
	examine
	is "exit" "$STATUS" 3
	expect fence ok
	expect daemon warning
	expect ports warning p4
	examine --policy "$T/policy.yaml"
	is "exit with a policy" "$STATUS" 1
	expect ports open p4
	in_ns R sh -c "$(told ports command)" || fail "the advice does not work"
	examine --policy "$T/policy.yaml"
	is "exit after it" "$STATUS" 0
	expect ports ok
	in_ns R ip link set p4 master br0
	start_daemon
	examine
	expect ports ok
	expect daemon ok
}

# Only what comes from devices is judged.
test_one_direction()
{
	tight_policy
	start_daemon
	stop_daemon
	rm "$PIN_DIR/links/$(in_ns R ip -o link show p1 | cut -d: -f1)-to" 2>/dev/null ||
		in_ns R tc filter del dev p1 egress || fail "cannot take a program away"
	is_open() { examine --policy "$T/policy.yaml"; [ "$(told ports severity)" = open ]; }
	eventually 10 "the link is gone" is_open
	expect ports open p1
	matches "what is said" "$(told ports seen)" 'one direction'
	start_daemon
	examine
	expect ports ok
}

test_uplinks_and_ports_left_out()
{
	tight_policy 'bridge: br0, uplinks: [p3]'
	start_daemon
	examine
	expect ports ok
	expect other-ports ok
	tight_policy 'ports: [p1, p2]'
	rf reload >/dev/null || fail "reload"
	examine
	expect ports ok
	expect other-ports warning p3
}

test_changed_policy()
{
	tight_policy
	start_daemon
	examine
	expect policy-file ok
	echo '# one more line' >>"$T/policy.yaml"
	examine
	expect policy-file warning
	is "the advice" "$(told policy-file command)" 'ringfence reload'
	rf reload >/dev/null || fail "reload"
	examine
	expect policy-file ok
}

test_xdp_program_ahead()
{
	tight_policy 'bridge: br0, hook: tc'
	start_daemon
	"$PYTHON" "$NET_SRC/foreign.py" xdp "$PIN_DIR/somebody" || fail "cannot load somebody's program"
	in_ns R ip link set dev p1 xdp pinned "$PIN_DIR/somebody" || fail "cannot attach somebody's program"
	rm "$PIN_DIR/somebody"
	examine
	is "exit" "$STATUS" 0
	expect programs warning p1
	matches "what is said" "$(told programs seen)" 'XDP program somebody'
	obey programs
}

test_tcx_program_ahead()
{
	local holder

	tight_policy 'bridge: br0, hook: tc'
	start_daemon
	[ "$(port_of p1 from)" = tcx ] || skip "this kernel has no TCX"
	nsenter --net="$(ns_path R)" "$PYTHON" "$NET_SRC/foreign.py" tcx p1 >"$T/foreign" 2>&1 &
	holder=$!
	eventually 10 "somebody's program is attached" grep -q ready "$T/foreign"
	# Behind ours, and no way around.
	"$PYTHON" "$NET_SRC/foreign.py" cls "$PIN_DIR/somebody" || fail "cannot load somebody's program"
	in_ns R tc qdisc add dev p2 clsact
	in_ns R tc filter add dev p2 ingress pref 7 bpf direct-action pinned "$PIN_DIR/somebody" || fail "cannot add a filter"
	rm "$PIN_DIR/somebody"
	examine
	expect programs warning p1
	matches "what is said" "$(told programs seen)" 'TCX program somebody .* from devices before ours'
	kill "$holder"
	wait "$holder"
	examine
	expect programs ok
}

# Where our programs are filters of clsact, another's filter of the same priority that came later stands before them.
test_filter_ahead()
{
	tight_policy 'bridge: br0, hook: tc'
	start_daemon
	[ "$(port_of p1 from)" = clsact ] || skip "our programs are at $(port_of p1 from), before every filter"
	"$PYTHON" "$NET_SRC/foreign.py" cls "$PIN_DIR/somebody" || fail "cannot load somebody's program"
	in_ns R tc filter add dev p1 ingress pref 7 bpf direct-action pinned "$PIN_DIR/somebody" || fail "cannot add a filter"
	examine
	expect programs ok
	in_ns R tc filter add dev p1 ingress pref 1 bpf direct-action pinned "$PIN_DIR/somebody" || fail "cannot add a filter"
	rm "$PIN_DIR/somebody"
	examine
	expect programs warning p1
	obey programs
	expect fence ok
}

test_macvlan()
{
	tight_policy
	start_daemon
	in_ns R ip link add mv0 link br0 type macvlan mode bridge || skip "this kernel has no macvlan"
	examine
	expect upper-interfaces warning mv0
	obey upper-interfaces
}

test_other_network()
{
	tight_policy
	sed -i 's|local: .192.168.88.0/24|&, 192.168.99.0/24|' "$T/policy.yaml"
	start_daemon
	in_ns R ip link add br1 type bridge
	add_ns E
	in_ns R ip link add e1 type veth peer name eth0 netns "$NET-E"
	in_ns E ip link set eth0 up
	in_ns R ip link set e1 master br1 up
	in_ns R ip link set br1 up
	in_ns R ip addr add 192.168.99.1/24 dev br1
	examine
	expect other-networks warning 'br1 (192.168.99.1)'
	# On the fenced bridge, and so behind the fence.
	in_ns R ip addr del 192.168.99.1/24 dev br1
	in_ns R ip addr add 192.168.99.1/24 dev br0
	examine
	expect other-networks ok
}

# listen PROTO ADDRESS PORT: a process of the router that waits there; in $LISTENER.
listen()
{
	rm -f "$T/listener" # of an earlier one
	nsenter --net="$(ns_path R)" "$PYTHON" -c '
import socket, sys, time
kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[sys.argv[1]]
server = socket.socket(socket.AF_INET, kind)
server.bind((sys.argv[2], int(sys.argv[3])))
if kind == socket.SOCK_STREAM:
    server.listen()
print("ready", flush=True)
time.sleep(600)' "$@" >"$T/listener" 2>&1 &
	LISTENER=$!
	eventually 10 "$* is listened on" grep -q ready "$T/listener"
}

end_listener()
{
	kill "$LISTENER"
	wait "$LISTENER" 2>/dev/null
}

test_port_mapper()
{
	tight_policy 'bridge: br0' '{allow: gateway, proto: udp, port: 5351}'
	start_daemon
	examine
	expect port-mapper ok
	listen udp 0.0.0.0 5351
	examine
	expect port-mapper warning 'a b'
	matches "who it is" "$(told port-mapper seen)" "python3.* \(pid $LISTENER, udp/5351\)"
	# The first advice: deny the gateway; the second: stop it.
	sed -i 's/rules: \[{allow: gateway/rules: [{deny: gateway}, {allow: gateway/' "$T/policy.yaml"
	rf reload >/dev/null || fail "reload"
	examine
	expect port-mapper ok
	sed -i 's/{deny: gateway}, //' "$T/policy.yaml"
	rf reload >/dev/null || fail "reload"
	examine
	expect port-mapper warning 'a b'
	end_listener
	examine
	expect port-mapper ok
}

test_proxy()
{
	tight_policy 'bridge: br0' '{allow: local}'
	start_daemon
	listen tcp 127.0.0.1 3128
	examine
	expect proxy ok
	end_listener
	listen tcp 192.168.88.1 3128
	examine
	expect proxy warning 'a b'
	end_listener
	examine
	expect proxy ok
}

test_gateway_addresses()
{
	tight_policy 'bridge: br0' '{deny: gateway}'
	start_daemon
	examine
	expect gateway-addresses warning '198.51.100.1'
	sed -i 's/gateway: .192.168.88.1/&, 198.51.100.1/' "$T/policy.yaml"
	rf reload >/dev/null || fail "reload"
	examine
	expect gateway-addresses ok
}

# A router that is not this machine: whoever has its MAC address has others' traffic.
test_router_mac()
{
	tight_policy
	sed -i 's/gateway: .192.168.88.1/gateway: [192.168.88.13/' "$T/policy.yaml"
	start_daemon
	examine
	expect router-mac warning 192.168.88.13
	fence_device router 3 'ports: [nowhere]'
	rf reload >/dev/null || fail "reload"
	examine
	expect router-mac ok
}

test_packet_socket()
{
	local listener

	tight_policy
	start_daemon
	examine
	expect packet-sockets ok
	nsenter --net="$(ns_path R)" "$PYTHON" -c '
import socket, time
socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)).bind(("p2", 3))
held = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
held.bind(("p2", 3))
print("ready", flush=True)
time.sleep(600)' >"$T/listener" 2>&1 &
	listener=$!
	eventually 10 "the packet socket is there" grep -q ready "$T/listener"
	examine
	expect packet-sockets advice p2
	kill "$listener"
	wait "$listener" 2>/dev/null
	examine
	expect packet-sockets ok
}

test_isolated()
{
	tight_policy
	start_daemon
	examine
	expect link-channel advice
	for port in p1 p2 p3; do
		in_ns R bridge link set dev "$port" isolated on
	done
	examine
	expect link-channel ok
}

test_policy_left_open()
{
	tight_policy 'bridge: br0' '{allow: internet}'
	sed -i '1i unknown: monitor' "$T/policy.yaml"
	sed -i 's/^  a: {/&mode: monitor, /' "$T/policy.yaml"
	start_daemon
	examine
	is "exit" "$STATUS" 1
	expect unknown-devices open
	expect modes warning a
	expect wide-rules advice
	sed -i 's/^unknown: monitor/unknown: quarantine/; s/mode: monitor, //; s/allow: internet/allow: 203.0.113.1/' "$T/policy.yaml"
	rf reload >/dev/null || fail "reload"
	examine
	is "exit after it" "$STATUS" 0
	for key in unknown-devices modes wide-rules; do
		expect "$key" ok
	done
}

# A flowtable in software is no way around: its frames pass the hooks of the ports. One in hardware needs hardware: tests/unit/test_machine.c.
test_flowtable()
{
	tight_policy
	start_daemon
	in_ns R nft 'add table inet t; add flowtable inet t f { hook ingress priority 0; devices = { p1, p2 }; }' 2>/dev/null ||
		skip "this kernel has no flowtables (CONFIG_NF_FLOW_TABLE)"
	examine
	expect flow-offload ok
}

# Interfaces by the thousand, which come and go meanwhile.
test_crowd()
{
	local i churn

	tight_policy
	start_daemon
	for ((i = 0; i < 500; i++)); do
		echo "link add x$i type veth peer name y$i"
	done >"$T/crowd"
	in_ns R ip -batch "$T/crowd" || fail "cannot make a thousand interfaces"
	# As long as the test's folder is there, which a test that fails does not leave behind either.
	while [ -e "$T/crowd" ]; do
		in_ns R ip link add q0 type veth peer name q1
		in_ns R ip link set q0 master br0 up
		in_ns R ip link del q0
	done 2>/dev/null &
	churn=$!
	for ((i = 0; i < 5; i++)); do
		examine
		[ "$STATUS" -le 1 ] || fail "exit $STATUS"
		[ "$(counted ok)" -gt 10 ] || fail "it gave up: $(cat "$T/doctor.json")"
	done
	kill "$churn"
	wait "$churn" 2>/dev/null
	note "the last of five took $({ time -p rf doctor >/dev/null; } 2>&1 | awk '/real/ { print $2 }') s with 1000 interfaces"
}

net_main "$@"
