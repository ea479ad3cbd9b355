# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the live tests (live-*) have in common: a small home around a bridge, in namespaces of its own, with ringfenced on it. Sourced, never run.
#
# The script is started again in new mount, network and process namespaces with a bpffs and a /run of its own: it can neither meet another ringfence
# on the machine nor leave anything behind, and every process that it started ends with it. It runs alike in the virtual machine and on the host.
#
#	cam, nas, ... (namespaces)  ──p-NAME── br0 192.168.77.1 ──wan0── wan 203.0.113.7, .66
#
# Expectations are counted where the frames arrive (nftables counters in the receiving namespace), not by what ringfence says of itself.

LIVE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# How long something may take that depends on the daemon or the peer. Under TCG loading the programs alone takes half a minute.
readonly LIVE_PATIENCE_S=240
readonly LIVE_MAC_PREFIX=02:00:00:00:77
PATH=$PATH:/usr/sbin:/sbin

live_passed=0
live_failed=0
live_skipped=0

live_skip_all()
{
	printf 'SKIP: %s\n' "$*"
	exit 77
}

# live_start SCRIPT ARGUMENTS...: the first line of every test. Returns inside of the namespaces.
live_start()
{
	local tool

	for tool in ip tc nft jq socat unshare nsenter; do
		command -v "$tool" >/dev/null || live_skip_all "$tool is not installed"
	done
	if [ -z "${LIVE_INSIDE:-}" ]; then
		LIVE_INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- "$BASH" "$@"
	fi
	mount -t sysfs sysfs /sys
	mount -t bpf bpf /sys/fs/bpf
	mount -t tmpfs tmpfs /run
	mkdir -p /run/netns /run/ringfence /run/live
	cd "$LIVE_ROOT" || exit 1
	trap live_end EXIT
	ip link set lo up
}

live_end()
{
	local status=$?

	[ "$status" -ne 77 ] || [ "$live_failed" -ne 0 ] || return 0
	# A script that dies halfway must not look like one that had little to check.
	[ "$status" -eq 0 ] || { live_failed=$((live_failed + 1)); printf 'FAIL  the script ended early, status %s\n' "$status"; }
	[ "$live_failed" -eq 0 ] || [ ! -s /run/live/ringfenced.log ] || sed 's/^/      ringfenced: /' /run/live/ringfenced.log | tail -n 30
	printf '%d passed, %d failed, %d skipped\n' "$live_passed" "$live_failed" "$live_skipped"
	[ "$live_failed" -eq 0 ] || exit 1
}

# check WHAT EXPECTED ACTUAL
check()
{
	if [ "$2" = "$3" ]; then
		live_passed=$((live_passed + 1))
		printf 'ok    %s (%s)\n' "$1" "$3"
	else
		live_failed=$((live_failed + 1))
		printf 'FAIL  %s: expected "%s", got "%s"\n' "$1" "$2" "$3"
	fi
}

# check_that WHAT COMMAND...: passes when the command succeeds; what it said is shown when it does not.
check_that()
{
	local what=$1 said

	shift
	if said=$("$@" 2>&1); then
		live_passed=$((live_passed + 1))
		printf 'ok    %s\n' "$what"
	else
		live_failed=$((live_failed + 1))
		printf 'FAIL  %s: %s\n' "$what" "${said:-$*}"
	fi
}

skip_one()
{
	live_skipped=$((live_skipped + 1))
	printf 'SKIP  %s\n' "$*"
}

# wait_for COMMAND...: 1 when it has not succeeded in time.
wait_for()
{
	local end=$((SECONDS + LIVE_PATIENCE_S))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

within()
{
	local where=$1

	shift
	nsenter --net="/run/netns/$where" -- "$@"
}

# A namespace whose own IPv6 chatter does not disturb the counts.
net_space()
{
	ip netns add "$1"
	within "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	ip -n "$1" link set lo up
}

net_home()
{
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	echo 1 >/proc/sys/net/ipv4/ip_forward
	ip link add br0 address "$LIVE_MAC_PREFIX:01" type bridge stp_state 0 forward_delay 0
	ip addr add 192.168.77.1/24 dev br0
	ip link set br0 up
	net_space wan
	ip link add wan0 type veth peer name eth0 netns wan
	ip addr add 203.0.113.1/24 dev wan0
	ip link set wan0 up
	ip -n wan addr add 203.0.113.7/24 dev eth0
	ip -n wan addr add 203.0.113.66/24 dev eth0
	ip -n wan link set eth0 up
	ip -n wan route add default via 203.0.113.1
	net_count wan
}

# net_count NAMESPACE: counts the UDP that arrives on 5000 and 6000, and takes it away, so that nothing answers.
net_count()
{
	within "$1" nft -f - <<-'END'
	table inet seen {
		counter udp5000 { }
		counter udp6000 { }
		chain input {
			type filter hook input priority 0
			udp dport 5000 counter name udp5000 drop
			udp dport 6000 counter name udp6000 drop
		}
	}
	END
}

# seen NAMESPACE PORT: how many datagrams have arrived there so far.
seen()
{
	within "$1" nft list counter inet seen "udp$2" | awk '$1 == "packets" { print $2 }'
}

# net_device NAME NUMBER: MAC address and last byte of the IPv4 address are the number.
net_device()
{
	local name=$1 number=$2

	net_space "$name"
	ip link add "p-$name" type veth peer name eth0 netns "$name"
	ip link set "p-$name" master br0 up
	ip -n "$name" link set eth0 address "$(printf '%s:%02x' "$LIVE_MAC_PREFIX" "$number")" up
	ip -n "$name" addr add "192.168.77.$number/24" dev eth0
	ip -n "$name" route add default via 192.168.77.1
	net_count "$name"
}

# send NAMESPACE ADDRESS PORT COUNT [PORT]: that many datagrams to each port, each from a socket of its own.
send()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	within "$1" "$BASH" -c '
		for port in "$2" $4; do
			for ((i = 0; i < $3; i++)); do
				echo "$i" 2>/dev/null >"/dev/udp/$1/$port"
			done
		done' - "$2" "$3" "$4" "${5:-}"
}

# delivered FROM TO ADDRESS PORT COUNT: sends, and prints how many of them arrived in the namespace TO.
delivered()
{
	local before

	before=$(seen "$2" "$4")
	send "$1" "$3" "$4" "$5"
	sleep 0.5
	echo $(($(seen "$2" "$4") - before))
}

# seen_both NAMESPACE: the two counts in one go.
seen_both()
{
	within "$1" nft list counters table inet seen | awk '$1 == "packets" { printf "%s ", $2 }'
}

# delivered_both FROM TO ADDRESS COUNT: sends that many to each port, 5000 and 6000, and prints how many of them arrived.
delivered_both()
{
	local was5000 was6000 is5000 is6000

	read -r was5000 was6000 <<<"$(seen_both "$2")"
	send "$1" "$3" 5000 "$4" 6000
	sleep 0.5
	read -r is5000 is6000 <<<"$(seen_both "$2")"
	echo "$((is5000 - was5000)) $((is6000 - was6000))"
}

# tcp_open NAMESPACE ADDRESS PORT: "open" or "closed". The namespace - is the gateway itself.
tcp_open()
{
	local -a enter=()

	[ "$1" = - ] || enter=(within "$1")
	# shellcheck disable=SC2016 # expanded by the inner shell
	if "${enter[@]}" timeout 3 "$BASH" -c ': >"/dev/tcp/$1/$2"' - "$2" "$3" 2>/dev/null; then
		echo open
	else
		echo closed
	fi
}

tcp_serve()
{
	within "$1" socat "TCP-LISTEN:$2,fork,reuseaddr" SYSTEM:cat >/dev/null 2>&1 &
}

# policy HOOK [ATTACH_LINE]: the policy of all live tests, on standard output.
policy()
{
	cat <<-END
	attach:
	  bridge: br0
	  hook: $1
	${2:+  $2}
	network:
	  local: [192.168.77.0/24]
	  gateway: [192.168.77.1]
	  resolvers: [192.168.77.1]
	unknown: quarantine
	profiles:
	  camera:
	    default: deny
	    services: [dhcp, dns]
	    rules:
	      - {allow: 203.0.113.7, proto: udp, port: 5000}
	      - {allow: 203.0.113.7, proto: tcp, port: 8080}
	      - {allow: gateway, proto: icmp}
	    inbound:
	      - {allow: 192.168.77.1, proto: tcp, port: 80}
	      - {allow: 192.168.77.3, proto: udp, port: 5000}
	devices:
	  cam: {mac: "$LIVE_MAC_PREFIX:02", profile: camera}
	  nas: {mac: "$LIVE_MAC_PREFIX:03", profile: camera, mode: off}
	END
}

ringfence()
{
	"$LIVE_ROOT/build/ringfence" "$@"
}

# enforce: ringfenced --once with /run/live/policy.yaml: set up, then only the kernel's part is left.
enforce()
{
	local status=0

	timeout "$LIVE_PATIENCE_S" "$LIVE_ROOT/build/ringfenced" -c /run/live/policy.yaml --once >/run/live/ringfenced.log 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		echo "-- ringfenced --once: status $status, it said:"
		sed 's/^/-- /' /run/live/ringfenced.log
	fi
	return "$status"
}

# Starts ringfenced as a daemon; its process is $daemon.
daemon_start()
{
	"$LIVE_ROOT/build/ringfenced" -c /run/live/policy.yaml >/run/live/ringfenced.log 2>&1 &
	daemon=$!
	wait_for daemon_ready
}

daemon_ready()
{
	kill -0 "$daemon" && ringfence status --json
}

# stat_of DEVICE KEY...: a number of `ringfence stats --json`, 0 where there is none. The key is a path in jq's notation.
stat_of()
{
	ringfence stats --json | jq -r --arg name "$1" "[.devices[] | select(.name == \$name) | $2 // 0] | add // 0"
}

# attached INTERFACE: the hooks on which the kernel has programs, sorted, on one line.
attached()
{
	{
		"$LIVE_ROOT/build/vm/hooks" "$1" | cut -d' ' -f1
		tc filter show dev "$1" ingress 2>/dev/null | grep -q ' name rf_' && echo clsact-ingress
		tc filter show dev "$1" egress 2>/dev/null | grep -q ' name rf_' && echo clsact-egress
	} | sort | xargs
}

# The kernel's name for what `tc` and `auto` on virtual links mean here: TCX came with Linux 6.6.
tc_kind()
{
	local major minor

	IFS=.- read -r major minor _ <<<"$(uname -r)"
	if [ "$major" -gt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -ge 6 ]; }; then
		echo tcx
	else
		echo clsact
	fi
}
