#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# live: stats, devices, status, events, explain, reload and detach with a daemon that fences a bridge of this test's own.

# Tests are called by name.
# shellcheck disable=SC2317,SC2154 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

RINGFENCED=${RINGFENCED:-$(dirname "$RINGFENCE")/ringfenced}
NET=rfcli$$
START_S=60 # loading takes two seconds on an idle machine
WAIT_S=30

keys() { json "sorted($1)"; }

# in_net COMMAND: in the router's network namespace, but with this mount namespace: bpffs must be seen
in_net() { nsenter --net="/run/netns/$NET" "$@"; }
rf_live()
{
	code=0
	in_net timeout 60 "$RINGFENCE" "$@" >out 2>err || code=$?
	out=$(<out) err=$(<err)
}

# until_true WHAT COMMAND...: what others do beside us takes as long as they get no processor.
until_true()
{
	local what=$1 until=$((SECONDS + WAIT_S))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || fail "still not after $WAIT_S s: $what"
		sleep 0.1
	done
}

# The device sends a datagram that is dropped.
send_to_port() { ip netns exec "$NET-c" bash -c "echo > /dev/udp/203.0.113.7/$1"; }

# told_of PORT FILE: sends until the file tells it: whoever follows events is connected then.
told_of()
{
	send_to_port "$1"
	sleep 0.2
	grep -q "\"dport\": *$1[,}]" "$2"
}

clean_up()
{
	[ -z "${daemon-}" ] || kill "$daemon" 2>/dev/null
	wait 2>/dev/null
	in_net "$RINGFENCE" detach >/dev/null 2>&1
	ip netns del "$NET" 2>/dev/null
	ip netns del "$NET-c" 2>/dev/null
}

make_home()
{
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	[ -x "$RINGFENCED" ] || fail "$RINGFENCED is not built"
	export RINGFENCE_RUN_DIR=$PWD/run RINGFENCE_PIN_DIR=/sys/fs/bpf/$NET
	trap clean_up EXIT
	ip netns add "$NET" || fail "no network namespaces"
	ip netns add "$NET-c"
	ip -n "$NET" link add br0 type bridge && ip -n "$NET" link set br0 up
	ip -n "$NET" addr add 192.168.77.1/24 dev br0
	ip -n "$NET" link add cam type veth peer name eth0 netns "$NET-c"
	ip -n "$NET" link set cam master br0 up
	ip -n "$NET-c" link set eth0 address 02:00:00:00:77:10 up
	ip -n "$NET-c" addr add 192.168.77.10/24 dev eth0
	ip -n "$NET-c" route add default via 192.168.77.1
	sed 's/bridge: br-lan/bridge: br0/' "$HOME_POLICY" >policy.yaml
	mkdir -p run
	start_daemon
}

start_daemon()
{
	local i

	nsenter --net="/run/netns/$NET" "$RINGFENCED" -c policy.yaml --run-dir "$RINGFENCE_RUN_DIR" --pin-dir "$RINGFENCE_PIN_DIR" >>daemon.log 2>&1 &
	daemon=$!
	for ((i = 0; i < START_S * 5; i++)); do
		rf_live status --json
		[ "$code" -ne 0 ] || [ "$(json 'o[0]["daemon"] is None')" = True ] || return 0
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.2
	done
	fail "the fence does not come up: $(<daemon.log)"
}

# a datagram that is dropped and one that is not, and one of somebody whom the policy does not know
talk()
{
	ip netns exec "$NET-c" bash -c 'echo > /dev/udp/203.0.113.7/999; echo > /dev/udp/192.168.77.1/123'
	ip -n "$NET-c" link set eth0 address 02:00:00:00:77:99
	ip netns exec "$NET-c" bash -c 'echo > /dev/udp/203.0.113.7/999' 2>/dev/null
	ip -n "$NET-c" link set eth0 address 02:00:00:00:77:10
	ip -n "$NET-c" route replace default via 192.168.77.1
}

two_pictures() { [ "$(wc -l <out)" -ge 2 ]; }

check_stats()
{
	rf_live stats --json
	is "exit of stats" "$code" 0
	is "objects" "$(json 'len(o)')" 1
	is "keys" "$(keys 'o[0]')" "['devices', 'events', 'generation', 'policy', 'unknown']"
	is "keys of a device" "$(json '{"name", "mac", "profile", "mode", "port", "last_seen", "from", "to", "by_reason"} <= set(o[0]["devices"][0])')" True
	is "default-deny" "$(json '[d["by_reason"].get("default-deny") for d in o[0]["devices"] if d["name"] == "camera"]')" "[1]"
	is "port" "$(json '[d["port"] for d in o[0]["devices"] if d["name"] == "camera"]')" "['cam']"
	is "counts" "$(json '[sorted(d["from"]["dropped"]) for d in o[0]["devices"][:1]]')" "[['bytes', 'packets']]"
	[ "$(json 'o[0]["unknown"]["from"]["dropped"]["packets"]')" -ge 1 ] || fail "no drop of the unknown device: $out"
	keys_are_told stats
	rf_live stats camera
	like "stats camera" "$out" "default-deny +1 +no rule matched"
	rf_live stats 02:00:00:00:77:10
	like "stats by MAC" "$out" "^camera "
	rf_live stats nobody
	is "exit for nobody" "$code" 1
	nsenter --net="/run/netns/$NET" "$RINGFENCE" stats --watch --json >out &
	until_true "--watch shows two pictures" two_pictures
	kill -INT $!
	code=0
	wait $! || code=$?
	is "exit of --watch" "$code" 0
	json 'o' >/dev/null
}

check_devices()
{
	rf_live devices --json
	is "exit of devices" "$code" 0
	keys_are_told devices
	is "camera" "$(json '[(d["mac"], d["mode"], d["port"], d["addresses"][0]) for d in o if d["name"] == "camera"]')" \
		"[(['02:00:00:00:77:10'], 'enforce', 'cam', '192.168.77.10')]"
	rf_live devices
	like "an unknown device" "$out" '\(unknown\) +02:00:00:00:77:99 +- +quarantine +cam +[0-9]+ s '
	rf_live devices --json
	is "unknown" "$(json '[(d["mac"], d["known"], d["mode"]) for d in o if not d["known"]]')" "[(['02:00:00:00:77:99'], False, 'quarantine')]"
}

check_events()
{
	rf_live events --json --type drop --device camera
	is "exit of events" "$code" 0
	is "keys" "$(json '{"time", "type", "device", "mac", "port", "direction", "reason", "rule", "proto", "src", "sport", "dst", "dport", "name", "packets",
		"bytes", "first", "last"} <= set(o[0])')" True
	is "event" "$(json '[o[0][k] for k in ("device", "direction", "reason", "proto", "dst", "dport")]')" \
		"['camera', 'from', 'default-deny', 'udp', '203.0.113.7', 999]"
	rf_live events --json
	keys_are_told events
	rf_live events
	like "text" "$out" "drop camera from default-deny udp 192.168.77.10:[0-9]+ > 203.0.113.7:999 on cam"
	rf_live events --since 2000-01-01 --lines 1 --json
	is "--lines" "$(json 'len(o)')" 1
	nsenter --net="/run/netns/$NET" "$RINGFENCE" events --follow --lines 0 --json >followed &
	until_true "--follow tells of a drop" told_of 1001 followed
	kill -INT $!
	wait $!
	cp followed out
	is "--follow" "$(json 'sorted({e["dport"] for e in o if e["type"] == "drop"})')" "[1001]"
}

# No line is wider than the terminal; what has no room is named, and nothing of it is missing in a pipe.
check_width()
{
	local columns command wide who=02:00:00:00:77:99

	for columns in 40 60 80 132; do
		for command in devices stats 'stats camera' status names events; do
			on_terminal "$columns" "NO_COLOR=1 nsenter --net=/run/netns/$NET $RINGFENCE $command"
			is "exit of $command at $columns" "$code" 0
			[ "$(widest "$out")" -le "$columns" ] || fail "$command is wider than $columns: $out"
		done
	done
	on_terminal 40 "NO_COLOR=1 nsenter --net=/run/netns/$NET $RINGFENCE devices"
	like "devices at 40" "$out" "\(unknown\) +$who +[0-9]+ (s|min)"
	like "what devices at 40 has no room for" "$out" "no room for PROFILE, MODE, PORT,"$'\n'"ADDRESSES"
	on_terminal 40 "NO_COLOR=1 nsenter --net=/run/netns/$NET $RINGFENCE stats"
	like "stats at 40" "$out" "camera +[1-9][0-9]* +[1-9]"
	like "what stats at 40 has no room for" "$out" "no room for MODE, PORT, SEEN, WHY"
	on_terminal 40 "NO_COLOR=1 nsenter --net=/run/netns/$NET $RINGFENCE stats camera"
	like "a sentence at 40" "$out" "default-deny +[0-9]+  no rule matched,"$'\n'" +and the profile's"$'\n'" +default is deny"
	on_terminal 40 "NO_COLOR=1 nsenter --net=/run/netns/$NET $RINGFENCE events"
	like "an event at 40" "$out" "drop camera"$'\n'"    from default-deny udp"
	# A colour takes no room.
	on_terminal 60 "nsenter --net=/run/netns/$NET $RINGFENCE events"
	like "events" "$out" $'\033'
	wide=$(widest "$(tr -d '\r' <out | sed 's/\x1b\[[0-9]*m//g')")
	((wide <= 60 && wide > 50)) || fail "events in colour take $wide columns of 60: $out"
	rf_live devices
	unlike "devices in a pipe" "$out" "no room"
	like "devices in a pipe" "$out" "DEVICE +MAC +PROFILE +MODE +PORT +SEEN +ADDRESSES"
}

check_explain()
{
	rf_live explain --json camera udp/123 gateway
	keys_are_told explain
	is "explain" "$(json '[o[0][k] for k in ("verdict", "reason", "changed")]')" "['pass', 'service', False]"
	echo "# one more line" >>policy.yaml
	rf_live explain --json camera udp/123 gateway
	is "explain of a changed file" "$(json 'o[0]["changed"]')" True
	like "its warning" "$err" "changed since it was loaded"
}

check_reload()
{
	rf_live reload --json
	is "exit of reload" "$code" 0
	is "generation" "$(json 'o[0]["generation"]')" 2
	keys_are_told reload
	cp policy.yaml good.yaml
	echo "nonsense: 1" >>policy.yaml
	rf_live reload
	is "exit of a bad reload" "$code" 1
	like "a bad reload" "$err" "policy.yaml:[0-9]+:1: unknown key \"nonsense\" in a policy
    nonsense: 1
    \^
    hint: "
	like "the log of it" "$(<daemon.log)" "error:     nonsense: 1
ringfenced: error:     \^"
	rf_live status --json
	is "generation after it" "$(json 'o[0]["policy"]["generation"]')" 2
	cp good.yaml policy.yaml
}

# 8 MiB at most: a router has little, and what it maps of the kernel's counts.
check_memory()
{
	local kib

	kib=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$daemon/status")
	[ "$kib" -le 8192 ] || fail "ringfenced has $kib KiB resident"
}

# Who follows events goes on with the next daemon, and is told what was dropped in between.
check_follow_restart()
{
	local follower

	nsenter --net="/run/netns/$NET" "$RINGFENCE" events --follow --lines 0 --json >followed 2>follow.err &
	follower=$!
	until_true "--follow tells of a drop" told_of 1004 followed
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	send_to_port 1002
	start_daemon
	until_true "--follow tells of a drop after the restart" told_of 1003 followed
	kill "$follower"
	code=0
	wait "$follower" || code=$?
	cp followed out
	is "--follow over a restart" "$(json 'list(dict.fromkeys(e["dport"] for e in o if e["type"] == "drop"))')" "[1004, 1002, 1003]"
	is "exit of --follow" "$code" 0
	like "what it says" "$(<follow.err)" "waiting for the daemon"
}

# The daemon writes its history as events come.
history_is_written()
{
	rf_live events --json --type drop --device camera
	[ -s out ] || return
	rf_live devices --json
	grep -q '02:00:00:00:77:99' out
}

test_all()
{
	make_home
	talk
	until_true "the daemon knows who talked" history_is_written
	check_stats
	check_devices
	check_events
	check_width
	check_explain
	check_reload
	check_memory
	check_follow_restart
	rf_live status --json
	keys_are_told status
	is "keys of status" "$(json '{"daemon", "enforcing", "bridge", "policy", "ports", "maps", "events"} <= set(o[0])')" True
	is "ports" "$(json '[(p["port"], p["enforced"]) for p in o[0]["ports"]]')" "[('cam', True)]"
	# Without the daemon counters and status go on, events and reload do not; then the fence is opened.
	kill "$daemon"
	wait "$daemon"
	daemon=
	rf_live stats --json
	is "exit of stats without the daemon" "$code" 0
	rf_live status --json
	is "status without the daemon" "$(json 'o[0]["enforcing"], o[0]["daemon"]')" "(True, None)"
	rf_live events
	is "exit of events without the daemon" "$code" 3
	like "events without the daemon" "$err" "not running"
	rf_live devices
	is "exit of devices without the daemon" "$code" 0
	like "its warning" "$err" "unknown devices are not listed"
	rf_live detach
	is "exit of detach" "$code" 0
	like "detach" "$out" "the fence is open"
	rf_live status
	is "exit of status after it" "$code" 1
	rf_live detach
	like "detach again" "$out" "nothing was attached"
}

run_tests "$@"
