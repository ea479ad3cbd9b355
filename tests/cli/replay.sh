#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# replay: verdicts, JSON and bad captures, natively; and the kernel engine against the native one.

# Tests are called by name.
# shellcheck disable=SC2317,SC2154 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

WANT="1 from camera pass link
2 from camera drop rule-deny
3 to camera drop inbound-deny
4 from camera pass rule
5 from camera drop default-deny
6 from phone pass default-allow
7 to camera drop inbound-deny
8 None None pass unpoliced
9 from camera drop untrusted-resolver"

# verdicts: a line for each frame in $out
verdicts()
{
	json '"\n".join(" ".join(str(f[k]) for k in ("frame", "direction", "device", "verdict", "reason")) for f in o if "frame" in f)'
}

need_root() { [ "$(id -u)" -eq 0 ] || skip "the kernel engine needs root"; }

test_verdicts()
{
	for kind in home nano pcapng; do
		capture "$kind" >c
		rf replay --json -p "$HOME_POLICY" c
		is "exit of $kind" "$code" 0
		is "verdicts of $kind" "$(verdicts)" "$WANT"
	done
}

test_stdin()
{
	code=0
	capture home | "$RINGFENCE" replay --json -p "$HOME_POLICY" - >out || code=$?
	is "exit" "$code" 0
	is "verdicts" "$(verdicts)" "$WANT"
}

test_json()
{
	capture home >c
	rf replay --json -p "$HOME_POLICY" c
	is "objects" "$(json 'len(o)')" 10
	is "keys" "$(json 'set.union(*(set(f) for f in o[:-1])) == set.intersection(*(set(f) for f in o[:-1])) == {"frame", "time", "direction", "device",
		"mac", "verdict", "reason", "rule", "l3", "proto", "src", "dst", "sport", "dport", "name"}')" True
	is "frame 2" "$(json '[o[1][k] for k in ("time", "mac", "l3", "proto", "src", "dst", "sport", "dport", "name")]')" \
		"['1461234568.123001', '02:00:00:00:77:10', 'ipv4', 'udp', '192.168.77.10', '203.0.113.9', 4000, 32100, None]"
	is "rule of frame 2" "$(json 'o[1]["rule"]')" \
		"$HOME_POLICY:$(grep -n 'deny: internet, proto: udp, port: \[32100' "$HOME_POLICY" | cut -d: -f1)"
	is "rule of frame 5" "$(json 'o[4]["rule"]')" None
	is "frame 8" "$(json '[o[7][k] for k in ("direction", "device", "verdict", "reason")]')" "[None, None, 'pass', 'unpoliced']"
	is "frame 1" "$(json '[o[0][k] for k in ("l3", "proto", "src", "sport")]')" "['arp', None, None, None]"
	is "summary" "$(json 'o[9]["summary"]')" "{'frames': 9, 'from': {'pass': 3, 'drop': 3}, 'to': {'pass': 0, 'drop': 2}, 'unpoliced': 1, \
'by_reason': {'rule': 1, 'default-allow': 1, 'link': 1, 'unpoliced': 1, 'default-deny': 1, 'rule-deny': 1, 'inbound-deny': 2, 'untrusted-resolver': 1}, \
'devices': {'camera': {'pass': 2, 'drop': 5}, 'phone': {'pass': 1, 'drop': 0}}}"
	capture nano >c
	rf replay --json -p "$HOME_POLICY" c
	is "nanoseconds" "$(json 'o[1]["time"]')" 1461234568.123000001
}

test_unknown()
{
	capture home >c
	rf replay --json --unknown -p "$HOME_POLICY" c
	keys_are_told replay
	is "frame 8" "$(json '[o[7][k] for k in ("direction", "device", "mac", "verdict", "reason")]')" \
		"['from', None, '02:00:00:00:77:99', 'drop', 'unknown-device']"
	is "unpoliced" "$(json 'o[-1]["summary"]["unpoliced"]')" 0
}

test_monitor()
{
	sed '/^  camera:/,/profile: camera/s/profile: camera/profile: camera\n    mode: monitor/' "$HOME_POLICY" >p.yaml
	capture home >c
	rf replay --json -p p.yaml c
	is "frame 2" "$(json '[o[1][k] for k in ("verdict", "reason", "would")]')" "['pass', 'would-drop', 'rule-deny']"
	is "drops" "$(json 'o[-1]["summary"]["devices"]["camera"]["drop"]')" 0
	keys_are_told replay
}

test_text()
{
	capture home >c
	rf replay -p "$HOME_POLICY" c
	is "exit" "$code" 0
	is "errors" "$err" ""
	like "first line" "$out" "^9 frames in 8.0 s: 3 passed, 5 dropped, 1 of no device"
	like "reasons" "$out" "camera +from +drop +rule-deny +1 +62"
	like "drops" "$out" "2 +1.000 s +1 +camera +from +rule-deny +udp 192.168.77.10:4000 > 203.0.113.9:32100"
	rf replay --drops 1 -p "$HOME_POLICY" c
	like "the rest" "$out" "and 4 more drops of other kinds"
}

test_bad_captures()
{
	for kind in no-bytes not-a-capture; do
		capture "$kind" >c
		rf replay -p "$HOME_POLICY" c
		is "exit of $kind" "$code" 1
		like "$kind" "$err" "^ringfence: c: not a capture"
	done
	for kind in sll raw; do
		capture "$kind" >c
		rf replay -p "$HOME_POLICY" c
		is "exit of $kind" "$code" 1
		like "$kind" "$err" "^ringfence: c: link type .*only Ethernet"
	done
	rf replay -p "$HOME_POLICY" nothing.pcap
	is "exit of no file" "$code" 1
	like "no file" "$err" "nothing.pcap: No such file"
	rf replay nothing.pcap
	is "exit without a policy" "$code" 2
	rf replay -p "$HOME_POLICY" -e quantum nothing.pcap
	is "exit of an unknown engine" "$code" 1
}

test_truncated()
{
	capture truncated >c
	rf replay --json -p "$HOME_POLICY" c
	is "exit" "$code" 1
	is "verdicts" "$(verdicts)" "$(sed '$d' <<<"$WANT")"
	is "summary" "$(json 'o[-1]["summary"]["frames"]')" 8
	like "error" "$err" "damaged after frame 8"
}

test_empty()
{
	capture empty >c
	rf replay --json -p "$HOME_POLICY" c
	is "exit" "$code" 0
	is "summary" "$(json 'o[-1]["summary"]["frames"]')" 0
	rf replay -p "$HOME_POLICY" c
	is "exit as text" "$code" 0
}

test_short_frames()
{
	capture short >c
	rf replay --json --unknown -p "$HOME_POLICY" c
	is "exit" "$code" 0
	is "verdicts" "$(verdicts)" "1 None None pass unpoliced
2 None None pass unpoliced
3 from camera drop malformed
4 from camera drop rule-deny"
}

test_long_frames()
{
	capture long >c
	rf replay --json -p "$HOME_POLICY" c
	is "exit" "$code" 0
	is "frame of 64 KiB" "$(json '[o[0][k] for k in ("verdict", "reason", "dport")]')" "['drop', 'rule-deny', 32100]"
	is "cut in the payload" "$(json '[o[1][k] for k in ("verdict", "reason")]')" "['drop', 'rule-deny']"
	is "cut in the header" "$(json '[o[2][k] for k in ("verdict", "reason")]')" "['drop', 'malformed']"
}

# Time that goes back or leaps does no harm.
test_time()
{
	capture time >c
	rf replay --json -p "$HOME_POLICY" c
	is "exit" "$code" 0
	is "verdicts" "$(json '{f["verdict"] for f in o[:-1]}')" "{'pass'}"
}

# Memory does not grow with the capture: 180,000 frames in what nine take, and a little.
test_memory()
{
	local few many

	[ -x /usr/bin/python3 ] || skip "no python3"
	peak() { python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"; }
	capture home >home.pcap
	capture many >many.pcap
	few=$(peak "$RINGFENCE" replay --json -p "$HOME_POLICY" home.pcap) || fail "replay"
	many=$(peak "$RINGFENCE" replay --json -p "$HOME_POLICY" many.pcap) || fail "replay"
	[ "$many" -lt $((few + 2048)) ] || fail "$few KiB for 9 frames, $many KiB for 180,000"
}

# How many rows a device has is said by one word, and means the same to both engines.
test_sizing()
{
	capture home >c
	rf replay --sizing town -p "$HOME_POLICY" c
	is "exit of an unknown sizing" "$code" 2
	like "error" "$err" "auto, home, campus and provider"
	for sizing in auto home campus provider; do
		rf replay --json --sizing "$sizing" -p "$HOME_POLICY" c
		is "exit of $sizing" "$code" 0
		is "verdicts of $sizing" "$(verdicts)" "$WANT"
	done
	need_root
	rf replay --json --sizing provider -e kernel -p "$HOME_POLICY" c
	is "exit of the kernel engine" "$code" 0
	is "verdicts of the kernel engine" "$(verdicts)" "$WANT"
}

# The same output, byte for byte, of both engines.
test_kernel()
{
	need_root
	for kind in home nano short long truncated time; do
		for option in --json --unknown; do
			capture "$kind" >c
			rf replay --json $option -p "$HOME_POLICY" c
			cp out native
			native=$code
			rf replay --json $option -e kernel -p "$HOME_POLICY" c
			is "exit for $kind" "$code" "$native"
			cmp native out || fail "$kind $option: the engines differ"
		done
	done
}

run_tests "$@"
