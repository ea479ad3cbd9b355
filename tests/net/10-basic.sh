#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 10-basic: what is counted is what was sent, and what was sent is what arrives or does not.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

basic_policy()
{
	policy <<-YAML
	attach: {bridge: br0}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1]}
	unknown: quarantine
	profiles:
	  fenced:
	    default: deny
	    rules:
	      - {allow: 203.0.113.0/30, proto: udp, port: 5000}
	      - {allow: 203.0.113.1, proto: tcp, port: 8080}
	      - {deny: 203.0.113.4, note: never}
	      - {allow: "device:b", proto: udp, port: 5000}
	    inbound: []
	  open:
	    default: allow
	    inbound:
	      - {allow: local, proto: udp, port: 5000}
	      - {allow: "group:friends", proto: udp, port: 5003}
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: fenced}
	  b: {mac: "02:00:00:00:99:02", profile: open}
	  c: {mac: "02:00:00:00:99:03", profile: fenced, mode: monitor}
	groups:
	  friends: [c]
	YAML
}

to_outside() { send "$1" eth0 --dst-mac "$ROUTER_MAC" "${@:2}"; }

test_from_device()
{
	basic_policy
	mute O
	start_daemon
	watch_for O eth0
	to_outside A --src 192.168.88.11 --dst 203.0.113.2 --dport 5000 --count 500 --tag allowed
	to_outside A --src 192.168.88.11 --dst 203.0.113.2 --dport 5001 --count 300 --tag wrong-port
	to_outside A --src 192.168.88.11 --dst 198.51.100.2 --dport 5000 --count 100 --tag wrong-host
	to_outside A --src 192.168.88.11 --dst 203.0.113.4 --dport 5000 --count 50 --tag denied
	to_outside C --src 192.168.88.13 --dst 203.0.113.2 --dport 5001 --count 40 --tag monitored
	to_outside B --src-mac 02:00:00:00:99:77 --src 192.168.88.77 --dst 203.0.113.2 --count 30 --tag unknown
	settle

	is "allowed frames outside" "$(seen O eth0 allowed)" 500
	is "frames to a wrong port outside" "$(seen O eth0 wrong-port)" 0
	is "frames to a wrong host outside" "$(seen O eth0 wrong-host)" 0
	is "denied frames outside" "$(seen O eth0 denied)" 0
	is "frames in monitor mode outside" "$(seen O eth0 monitored)" 40
	is "unknown frames outside" "$(seen O eth0 unknown)" 0
	is "passed" "$(stat_of a from passed packets)" 500
	is "bytes passed" "$(stat_of a from passed bytes)" $((500 * (14 + 20 + 8 + 64)))
	is "dropped" "$(stat_of a from dropped packets)" 450
	is "bytes dropped" "$(stat_of a from dropped bytes)" $((450 * (14 + 20 + 8 + 64)))
	is "rule" "$(stat_of a by_reason rule)" 500
	is "default-deny" "$(stat_of a by_reason default-deny)" 400
	is "rule-deny" "$(stat_of a by_reason rule-deny)" 50
	is "would drop" "$(stat_of c from would_drop packets)" 40
	is "dropped in monitor mode" "$(stat_of c from dropped packets)" 0
	is "dropped of unknown" "$(stat_of unknown from dropped packets)" 30
}

test_to_device()
{
	basic_policy
	mute A O
	start_daemon
	watch_for A eth0
	to_outside A --src 192.168.88.11 --dst 203.0.113.2 --sport 40000 --dport 5000 --count 1 --tag opens
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.2 --dst 192.168.88.11 \
		--sport 5000 --dport 40000 --count 200 --tag answer
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.2 --dst 192.168.88.11 \
		--sport 5000 --dport 40001 --count 100 --tag other-port
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.3 --dst 192.168.88.11 \
		--sport 5000 --dport 40000 --count 100 --tag other-host
	settle

	is "answers" "$(seen A eth0 answer)" 200
	is "frames to another port of the device" "$(seen A eth0 other-port)" 0
	is "frames from another host" "$(seen A eth0 other-host)" 0
	is "passed to" "$(stat_of a to passed packets)" 200
	is "dropped to" "$(stat_of a to dropped packets)" 200
	is "established" "$(stat_of a by_reason established)" 200
	is "inbound-deny" "$(stat_of a by_reason inbound-deny)" 200
}

# A frame from a device to a device is judged twice, and the first no is the last.
test_device_to_device()
{
	basic_policy
	mute A B C
	start_daemon
	watch_for B eth0
	send A eth0 --dst-mac "$LAN_MAC:02" --src 192.168.88.11 --dst 192.168.88.12 --dport 5000 --count 120 --tag both-allow
	send A eth0 --dst-mac "$LAN_MAC:02" --src 192.168.88.11 --dst 192.168.88.12 --dport 5001 --count 60 --tag sender-denies
	send C eth0 --dst-mac "$LAN_MAC:02" --src 192.168.88.13 --dst 192.168.88.12 --dport 5002 --count 30 --tag receiver-denies
	send C eth0 --dst-mac "$LAN_MAC:02" --src 192.168.88.13 --dst 192.168.88.12 --dport 5003 --count 20 --tag friend
	send O eth0 --dst-mac "$WAN_MAC" --src 203.0.113.2 --dst 192.168.88.12 --dport 5003 --count 10 --tag stranger
	settle

	is "allowed by both" "$(seen B eth0 both-allow)" 120
	is "denied to the sender" "$(seen B eth0 sender-denies)" 0
	is "denied by the receiver" "$(seen B eth0 receiver-denies)" 0
	is "from a friend" "$(seen B eth0 friend)" 20
	is "from a stranger" "$(seen B eth0 stranger)" 0
	is "a: passed" "$(stat_of a from passed packets)" 120
	is "a: dropped" "$(stat_of a from dropped packets)" 60
	is "b: passed to" "$(stat_of b to passed packets)" 140
	is "b: dropped to" "$(stat_of b to dropped packets)" 40
	is "b: inbound-deny" "$(stat_of b by_reason inbound-deny)" 40
}

# Packets of all events of drops.
told() { rf events --json --type drop | "$PYTHON" -c 'import json, sys; print(sum(json.loads(line)["packets"] for line in sys.stdin))'; }

all_are_told() { [ "$(told)" -ge "$1" ]; }

test_every_drop_is_in_the_events()
{
	basic_policy
	start_daemon
	to_outside A --src 192.168.88.11 --dst 198.51.100.2 --dport 7 --count 1000 --rate 2000 --tag repeated
	to_outside A --src 192.168.88.11 --dst 203.0.113.4 --dport 5000 --count 3 --tag few
	eventually 20 "all of them are told" all_are_told 1003
	is "packets of all events" "$(told)" 1003
	is "dropped" "$(stat_of a from dropped packets)" 1003
	is "lost" "$(stat_of events lost)" 0
	at_least "1003 drops are few events" 10 "$(stat_of events emitted)"
}

web_server()
{
	need busybox
	nsenter --net="$(ns_path O)" -- busybox httpd -f -p "203.0.113.1:$1" -h "$T/www" >/dev/null 2>&1 &
	eventually 20 "the web server runs" in_ns O curl -s -o /dev/null --noproxy '*' "http://203.0.113.1:$1/"
}

# Real programs, over what the policy allows and over what it does not.
test_real_clients()
{
	need curl
	basic_policy
	start_daemon
	mkdir "$T/www"
	echo hello >"$T/www/index.html"
	web_server 8080
	web_server 8081
	in_ns A curl -sf -m 20 -o "$T/page" --noproxy '*' http://203.0.113.1:8080/ || fail "the allowed page does not load"
	[ -s "$T/page" ] || fail "the allowed page is empty"
	in_ns A curl -sf -m 2 -o /dev/null --noproxy '*' http://203.0.113.1:8081/ && fail "a page on another port loads"
	in_ns A ping -c 1 -W 1 203.0.113.1 >/dev/null && fail "an echo request is answered"
	in_ns B curl -sf -m 20 -o /dev/null --noproxy '*' http://203.0.113.1:8081/ || fail "an open device cannot load a page"
	at_least "default-deny" "$(stat_of a by_reason default-deny)" 2
	is "dropped of b" "$(stat_of b from dropped packets)" 0
}

# Frames of 64 KiB (segmentation offload) are whole packets to the programs.
test_bulk()
{
	need curl
	basic_policy
	start_daemon
	mkdir "$T/www"
	head -c 20000000 /dev/urandom >"$T/www/bulk"
	web_server 8080
	in_ns A curl -sf -m 30 -o "$T/bulk" --noproxy '*' http://203.0.113.1:8080/bulk || fail "the download fails"
	cmp "$T/www/bulk" "$T/bulk" || fail "the download is not what was sent"
	is "dropped to" "$(stat_of a to dropped packets)" 0
	is "dropped from" "$(stat_of a from dropped packets)" 0
	at_least "bytes to" "$(stat_of a to passed bytes)" 20000000
}

net_main "$@"
