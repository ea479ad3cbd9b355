# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh: what the tests on a live bridge have in common. A test file sources
# it, defines functions test_WORD and ends with `net_main "$@"'. Each function
# runs by itself in a network of its own:
#
#   R: router with br0 -- p1 A (02:00:00:00:99:01, 192.168.88.11)
#                      -- p2 B (02:00:00:00:99:02, 192.168.88.12)
#                      -- p3 C (02:00:00:00:99:03, 192.168.88.13)
#      wan0 -- O: outside, 198.51.100.2 and 203.0.113.1 to .4
#
# The links are quiet (no IPv6, no ARP needed, no timers), so that a test may
# ask for counters to be equal to what it sent. Names of namespaces, files and
# pins are unique to the process: several runs do not meet.
#
# The tests tell what they found as TAP lines: ok, not ok, ok # SKIP reason.

set -u
umask 077

NET_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$NET_SRC/../.." && pwd)
BUILD=${RINGFENCE_BUILD:-$ROOT/build}
PYTHON=/usr/bin/python3
BPF_FS=/sys/fs/bpf

# The exit status by which a test says "not possible on this machine".
SKIP_STATUS=77
# Loading takes two seconds where nothing else runs.
READY_S=60
# No test needs a minute on an idle machine; one that hangs must not hold up the others.
CASE_LIMIT_S=240

LAN_MAC=02:00:00:00:99
ROUTER_MAC=$LAN_MAC:fe
WAN_MAC=$LAN_MAC:fd
OUTSIDE_MAC=$LAN_MAC:fc
DEVICES='A B C'
# The one rule of fence_policy, unless a case has others.
FENCE_RULE='{allow: 203.0.113.1, proto: udp, port: 5000}'

#
# Telling
#

fail()
{
	printf '# %s\n' "$*"
	if [ -s "$T/daemon.log" ]; then
		sed 's/^/#   ringfenced: /' "$T/daemon.log" | tail -n 15
	fi
	exit 1
}

# note WORD...: what a case found out, told also when it passes.
note() { printf '# note: %s\n' "$*"; }

skip()
{
	printf '%s\n' "$*" >"$SKIP_FILE"
	exit "$SKIP_STATUS"
}

# is WHAT FOUND EXPECTED
is() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }

# at_least WHAT FOUND MINIMUM
at_least() { [ "$2" -ge "$3" ] || fail "$1: found $2, expected at least $3"; }

# matches WHAT TEXT EXTENDED_REGEXP
matches() { grep -qE -- "$3" <<<"$2" || fail "$1: '$2' does not match '$3'"; }

need() { command -v "$1" >/dev/null || skip "$1 is not installed (tools/install-deps test)"; }

# eventually SECONDS WHAT COMMAND...
eventually()
{
	local limit=$1 until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || fail "still not after $limit s: $what"
		sleep 0.05
	done
}

#
# The network
#

ns_path() { echo "/run/netns/$NET-$1"; }

# Only the network namespace: `ip netns exec' would hide the BPF file system.
in_ns()
{
	local where=$1
	shift
	nsenter --net="$(ns_path "$where")" -- "$@"
}

add_ns()
{
	ip netns add "$NET-$1" || fail "cannot make a network namespace"
	in_ns "$1" sysctl -q net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	in_ns "$1" ip link set lo up
}

# add_device NAME PORT NUMBER: a namespace behind a port of br0.
add_device()
{
	local name=$1 port=$2 number=$3

	[ -e "$(ns_path "$name")" ] || add_ns "$name"
	in_ns R ip link add "$port" type veth peer name eth0 netns "$NET-$name"
	in_ns "$name" ip link set eth0 address "$LAN_MAC:$(printf %02x "$number")" up
	in_ns "$name" ip addr add "192.168.88.1$number/24" dev eth0
	in_ns "$name" ip neigh replace 192.168.88.1 lladdr "$ROUTER_MAC" dev eth0 nud permanent
	in_ns "$name" ip route add default via 192.168.88.1
	in_ns R ip neigh replace "192.168.88.1$number" lladdr "$LAN_MAC:$(printf %02x "$number")" dev br0 nud permanent
	in_ns R ip link set "$port" master br0 up
	# Where it is, before it has said a word: else frames to it would leave all ports.
	in_ns R bridge fdb replace "$LAN_MAC:$(printf %02x "$number")" dev "$port" master static
}

add_outside()
{
	local last

	add_ns O
	in_ns R ip link add wan0 type veth peer name eth0 netns "$NET-O"
	in_ns R ip addr add 198.51.100.1/24 dev wan0
	in_ns R ip link set wan0 address "$WAN_MAC" up
	in_ns R ip route add default via 198.51.100.2
	in_ns R ip neigh replace 198.51.100.2 lladdr "$OUTSIDE_MAC" dev wan0 nud permanent
	in_ns O ip addr add 198.51.100.2/24 dev eth0
	in_ns O ip link set eth0 address "$OUTSIDE_MAC" up
	in_ns O ip neigh replace 198.51.100.1 lladdr "$WAN_MAC" dev eth0 nud permanent
	in_ns O ip route add default via 198.51.100.1
	for last in 1 2 3 4; do
		in_ns O ip addr add "203.0.113.$last/32" dev lo
	done
}

# mute NAMESPACE...: what arrives there is seen and not answered, not even with an ICMP error.
mute()
{
	local name

	for name in "$@"; do
		in_ns "$name" ip addr flush dev lo scope global
		in_ns "$name" ip addr flush dev eth0
		in_ns "$name" ip link set eth0 arp off
	done
}

net_up()
{
	local name number=0

	add_ns R
	in_ns R sysctl -q net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
	in_ns R ip link add br0 address "$ROUTER_MAC" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	in_ns R ip addr add 192.168.88.1/24 dev br0
	in_ns R ip link set br0 up
	add_outside
	for name in $DEVICES; do
		number=$((number + 1))
		add_device "$name" "p$number" "$number"
	done
}

# Everything in the namespaces of a case was started by it.
net_down()
{
	local space pids signal

	[ -z "${DAEMON:-}" ] || stop_daemon KILL
	if [ -d "$PIN_DIR" ]; then
		rf detach >/dev/null 2>&1
		rm -rf "$PIN_DIR"
	fi
	for signal in TERM KILL; do
		for space in /run/netns/"$NET"-*; do
			[ -e "$space" ] || continue
			pids=$(ip netns pids "${space##*/}" 2>/dev/null)
			# shellcheck disable=SC2086 # numbers, one a line
			[ -z "$pids" ] || kill -"$signal" $pids 2>/dev/null
		done
		[ "$signal" = KILL ] || sleep 0.1
	done
	for space in /run/netns/"$NET"-*; do
		[ ! -e "$space" ] || ip netns del "${space##*/}"
	done
	rm -rf "$T"
}

#
# The fence
#

# policy <<YAML: the policy of the case.
policy() { cat >"$T/policy.yaml"; }

# fence_policy [ATTACH [RULES]]: what most cases need: a profile "fenced" that may do what the rules say and is reached by nobody. The devices
# that have it follow: see fence_device.
fence_policy()
{
	policy <<-YAML
	attach: {${1:-bridge: br0}}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1]}
	profiles:
	  fenced:
	    default: deny
	    rules: [${2:-$FENCE_RULE}]
	    inbound: []
	devices:
	YAML
}

# fence_device NAME NUMBER [MORE]: the NUMBERth of the network; MORE is what else the policy says of it.
fence_device() { printf '  %s: {mac: "%s:%02x", profile: fenced%s}\n' "$1" "$LAN_MAC" "$2" "${3:+, $3}" >>"$T/policy.yaml"; }

# fence_crowd N: as many devices more, none of which is there: a policy that needs room.
fence_crowd()
{
	local i

	for ((i = 0; i < $1; i++)); do
		printf '  x%d: {mac: "02:00:00:01:%02x:%02x", profile: fenced}\n' "$i" $((i >> 8)) $((i & 255))
	done >>"$T/policy.yaml"
}

# The command line, told where the case's fence is.
rf() { in_ns R "$BUILD/ringfence" --run-dir "$RUN_DIR" --pin-dir "$PIN_DIR" "$@"; }

is_enforcing() { rf status --json | grep -q '"enforcing": *true'; }

# launch_daemon [OPTION...]: in the background; its process in $DAEMON.
launch_daemon()
{
	mkdir -p "$RUN_DIR"
	nsenter --net="$(ns_path R)" -- "$BUILD/ringfenced" -c "$T/policy.yaml" \
		--run-dir "$RUN_DIR" --pin-dir "$PIN_DIR" "$@" </dev/null >>"$T/daemon.log" 2>&1 &
	DAEMON=$!
}

answers() { rf status --json | grep -q '"pid"'; }

# Ready, or ended: then there is nothing to wait for.
is_settled() { { answers && is_enforcing; } || ! kill -0 "$DAEMON"; }

start_daemon()
{
	launch_daemon "$@"
	eventually "$READY_S" "ringfenced answers and enforces" is_settled
	kill -0 "$DAEMON" 2>/dev/null || fail "ringfenced ended"
}

stop_daemon()
{
	kill -"${1:-TERM}" "$DAEMON" 2>/dev/null
	wait "$DAEMON" 2>/dev/null
	DAEMON=
}

# run_daemon [OPTION...]: in the foreground, for what is to fail or to end; all it said is in $OUT, its status in $STATUS.
run_daemon()
{
	mkdir -p "$RUN_DIR"
	STATUS=0
	# shellcheck disable=SC2034 # for the test
	OUT=$(in_ns R timeout "$READY_S" "$BUILD/ringfenced" -c "$T/policy.yaml" \
		--run-dir "$RUN_DIR" --pin-dir "$PIN_DIR" "$@" 2>&1 </dev/null) || STATUS=$?
}

# stat KEY...: a number of `stats --json'; the device first, or `unknown'. 0 if it is not there.
stat_of() { rf stats --json | "$PYTHON" "$NET_SRC/json_path.py" stats "$@"; }

# port_of PORT KEY: of `status --json', "" if the port is not listed.
port_of() { rf status --json | "$PYTHON" "$NET_SRC/json_path.py" port "$@"; }

status_of() { rf status --json | "$PYTHON" "$NET_SRC/json_path.py" status "$@"; }

#
# Servers
#

# run_dnsmasq NAMESPACE INTERFACE PORT OPTION...: knows nothing but what the options say. Back when it listens on the UDP port; what it says is in $T/dnsmasq-NAMESPACE.
run_dnsmasq()
{
	local where=$1 interface=$2 port=$3
	shift 3
	need dnsmasq
	nsenter --net="$(ns_path "$where")" -- dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--user=root --pid-file= --bind-dynamic --interface="$interface" --except-interface=lo "$@" >"$T/dnsmasq-$where" 2>&1 &
	eventually 20 "dnsmasq listens in $where" in_ns "$where" sh -c "ss -Hlun 'sport = :$port' | grep -q ."
}

#
# Frames
#

# send NAMESPACE OPTION...: see frames.py.
send()
{
	local where=$1
	shift
	in_ns "$where" "$PYTHON" "$NET_SRC/frames.py" send "$@" || fail "cannot send from $where: $*"
}

# watch_for NAMESPACE INTERFACE: count test frames that arrive, from now on.
watch_for()
{
	local file="$T/seen-$1-$2"

	rm -f "$file.ready"	# of an earlier watcher
	nsenter --net="$(ns_path "$1")" -- "$PYTHON" "$NET_SRC/frames.py" watch "$2" "$file" >"$file.ready" 2>&1 &
	WATCHERS+=("$!")
	WATCHED+=("$1")
	eventually 20 "the watcher of $2 in $1 runs" grep -q ready "$file.ready"
}

# What the interfaces of these namespaces have received.
received()
{
	local name

	for name in "$@"; do
		# shellcheck disable=SC2016 # awk's fields
		in_ns "$name" awk '/:/ { print $1, $3 }' /proc/net/dev
	done
}

# quiet NAMESPACE...: until nothing arrives there any more. The last frames are in some queue, and whoever empties it may have to wait for a processor.
quiet()
{
	local before='' now limit=$((SECONDS + 20))

	now=$(received "$@")
	while [ "$now" != "$before" ]; do
		[ "$SECONDS" -lt "$limit" ] || fail "it is never quiet: somebody still sends"
		sleep 0.3
		before=$now
		now=$(received "$@")
	done
}

# Stop all watchers, when what was sent has arrived, and keep what they saw for seen().
settle()
{
	quiet "${WATCHED[@]}"
	stop_watchers
}

stop_watchers()
{
	kill "${WATCHERS[@]}"
	wait "${WATCHERS[@]}" 2>/dev/null
	WATCHERS=() WATCHED=()
	if grep -hs LOST "$T"/seen-*; then
		fail "the watcher itself lost frames: the machine is too busy"
	fi
}

# seen NAMESPACE INTERFACE TAG: how many frames of that tag arrived.
seen() { awk -v tag="$3" '$1 == tag { n = $2 } END { print n + 0 }' "$T/seen-$1-$2"; }

#
# Running
#

run_case()
{
	local name=$1

	NET=rfn-$$-$name
	T=/run/$NET
	RUN_DIR=$T/run
	PIN_DIR=$BPF_FS/$NET
	DAEMON=
	WATCHERS=() WATCHED=()
	mkdir "$T" || exit 1
	trap net_down EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	net_up
	"test_$name"
	exit 0
}

# A case is a process group of its own, so that it may exit where it fails and be ended as a whole.
report_case()
{
	local name=$1 label status=0 out

	label="$(basename "$0" .sh)/$name"
	out=$(mktemp)
	timeout -k 10 "$CASE_LIMIT_S" bash "$0" --case "$name" "$out.skip" </dev/null >"$out" 2>&1 &
	CASE=$!
	wait "$CASE" || status=$?
	CASE=
	case $status in
	0)
		echo "ok - $label"
		grep '^# note: ' "$out"
		;;
	"$SKIP_STATUS") echo "ok - $label # SKIP $(cat "$out.skip")" ;;
	*)
		echo "not ok - $label"
		[ "$status" -ne 124 ] || echo "# not finished after $CASE_LIMIT_S s"
		sed 's/^\(# \)\{0,1\}/# /' "$out"
		FAILED=1
		;;
	esac
	rm -f "$out" "$out.skip"
}

interrupted()
{
	[ -z "$CASE" ] || { kill -TERM "$CASE"; wait "$CASE"; } 2>/dev/null
	exit 130
}

check_machine()
{
	local reason=

	if [ "$(id -u)" -ne 0 ]; then
		reason="not root"
	elif [ ! -x "$BUILD/ringfenced" ] || [ ! -x "$BUILD/ringfence" ]; then
		echo "not ok - $(basename "$0" .sh)"
		echo "# $BUILD/ringfenced or ringfence is not there: make"
		exit 1
	elif [ "$(stat -f -c %T "$BPF_FS")" != bpf_fs ] && ! mount -t bpf bpf "$BPF_FS"; then
		reason="no BPF file system"
	fi
	[ -z "$reason" ] || { echo "ok - $(basename "$0" .sh) # SKIP $reason"; exit 0; }
}

# net_main [-l | CASE...]: all cases of the file, or those named. Exit status 1 if one failed.
net_main()
{
	local cases name

	if [ "${1:-}" = --case ]; then
		SKIP_FILE=$3
		run_case "$2"
	fi
	cases=$(sed -n 's/^test_\([a-z0-9_]*\)().*/\1/p' "$0")
	if [ "${1:-}" = -l ]; then
		printf '%s\n' "$cases"
		exit 0
	fi
	check_machine
	FAILED=0
	CASE=
	trap interrupted INT TERM HUP
	# shellcheck disable=SC2086 # words
	[ $# -gt 0 ] || set -- $cases
	for name in "$@"; do
		if ! grep -qx "$name" <<<"$cases"; then
			echo "not ok - $(basename "$0" .sh)/$name"
			echo "# no such case: $(echo "$cases" | tr '\n' ' ')"
			FAILED=1
			continue
		fi
		report_case "$name"
	done
	exit "$FAILED"
}
