#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# explain: verdict, reason and deciding line, for every kind of destination.

# Tests are called by name.
# shellcheck disable=SC2317,SC2154 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# line TEXT: FILE:LINE of the first line of the policy with this text, after the line with $2
line()
{
	awk -v t="$1" -v after="${2-}" 'index($0, after) { seen = 1 } seen && index($0, t) { print FILENAME ":" NR; exit }' "$HOME_POLICY"
}

# answer VERDICT REASON RULE ARGUMENTS...: RULE is FILE:LINE or None
answer()
{
	local verdict=$1 reason=$2 rule=$3

	shift 3
	rf explain --json -p "$HOME_POLICY" "$@"
	is "exit of $*" "$code" 0
	is "$*" "$(json '"%s %s %s" % (o[0]["verdict"], o[0]["reason"], o[0]["rule"])')" "$verdict $reason $rule"
}

test_rules()
{
	answer drop rule-deny "$(line 'deny: internet, proto: udp')" camera udp/32100 198.51.100.7
	answer pass rule "$(line '203.0.113.16/28')" camera tcp/443 203.0.113.20
	answer drop default-deny "$(line 'default: deny' '  camera:')" camera tcp/80 203.0.113.20
	answer pass default-allow "$(line 'default: allow' '  trusted:')" phone tcp/80 203.0.113.20
	answer pass service "$(line 'services:' '  camera:')" camera udp/53 gateway
	answer pass service "$(line 'services:' '  camera:')" camera tcp/53 resolvers
	answer pass service "$(line 'services:' '  camera:')" camera udp/67 broadcast
	answer drop untrusted-resolver "$(line 'default: deny' '  camera:')" camera udp/53 8.8.8.8
	answer drop default-deny "$(line 'default: deny' '  camera:')" camera icmp internet
	answer drop default-deny "$(line 'default: deny' '  camera:')" camera icmpv6 2001:db8::1
	answer pass default-allow "$(line 'default: allow' '  trusted:')" phone 47 2001:db8::1
}

test_devices()
{
	answer pass rule "$(line 'allow: device:hub')" plug tcp/1883 device:hub
	answer drop default-deny "$(line 'default: deny' '  gadget:')" plug tcp/22 device:hub
	answer pass inbound "$(line 'port: 554')" camera tcp/554 device:phone --inbound
	answer drop inbound-deny "$(line '  camera:')" camera tcp/23 device:phone --inbound
	answer drop inbound-deny "$(line '  camera:')" phone tcp/23 device:camera
	is "who decided" "$(json 'o[0]["decided_by"]')" camera
	answer pass inbound None laptop tcp/22 192.168.77.3 --inbound
	answer drop unknown-device None 02:00:00:00:99:99 tcp/80 internet
	answer pass rule "$(line '203.0.113.16/28')" 02:00:00:00:77:10 tcp/443 203.0.113.20
}

test_names()
{
	answer pass rule "$(line 'firmware.camera.example')" camera tcp/443 firmware.camera.example
	keys_are_told explain
	is "name" "$(json 'o[0]["name"], o[0]["question"]')" "('firmware.camera.example', 'listed')"
	answer pass rule "$(line 'firmware.camera.example')" camera tcp/443 Firmware.Camera.EXAMPLE.
	answer drop default-deny "$(line 'default: deny' '  camera:')" camera tcp/80 firmware.camera.example
	answer pass rule "$(line '.cdn.example')" tv tcp/80 a.b.cdn.example
	answer drop default-deny "$(line 'default: deny' '  tv:')" tv tcp/80 cdn.example
	answer drop default-deny "$(line 'default: deny' '  tv:')" tv tcp/80 x.ads.tv.example
	is "question" "$(json 'o[0]["question"]')" name-denied
	answer drop default-deny "$(line 'default: deny' '  storage:')" nas tcp/80 www.example.com
	is "question" "$(json 'o[0]["question"]')" name-not-listed
}

# A rule before the name's decides, one behind it does not.
test_order()
{
	cat >p.yaml <<-YAML
	network: {gateway: [192.168.1.1]}
	profiles:
	  p:
	    default: deny
	    rules:
	      - {deny: internet, proto: tcp, port: 80}
	      - {allow: a.example, proto: tcp}
	      - {deny: internet, proto: tcp}
	devices:
	  x: {mac: "02:00:00:00:00:01", profile: p, addresses: [192.168.1.7]}
	YAML
	HOME_POLICY=p.yaml
	answer drop rule-deny p.yaml:6 x tcp/80 a.example
	answer pass rule p.yaml:7 x tcp/443 a.example
	answer drop rule-deny p.yaml:8 x tcp/443 b.example
	answer drop spoofed-source p.yaml:10 x tcp/443 192.0.2.1 --from 192.168.1.8
	is "its own address" "$(rf explain --json -p p.yaml x tcp/1 192.0.2.1; json 'o[0]["local"]')" 192.168.1.7
}

test_modes()
{
	for mode in monitor quarantine off; do
		sed '/^  camera:/,/profile: camera/s/profile: camera/profile: camera\n    mode: '$mode'/' "$HOME_POLICY" >p-$mode.yaml
	done
	rf explain --json -p p-monitor.yaml camera udp/32100 198.51.100.7
	keys_are_told explain
	is "monitor" "$(json '[o[0][k] for k in ("verdict", "reason", "would")]')" "['pass', 'would-drop', 'rule-deny']"
	rf explain --json -p p-quarantine.yaml camera tcp/443 203.0.113.20
	is "quarantine" "$(json '[o[0][k] for k in ("verdict", "reason", "text")]')" "['drop', 'quarantined', 'mode: quarantine']"
	rf explain --json -p p-off.yaml camera udp/32100 198.51.100.7
	is "off" "$(json '[o[0][k] for k in ("verdict", "reason", "text")]')" "['pass', 'mode-off', 'mode: off']"
}

test_text()
{
	rf explain -p "$HOME_POLICY" camera udp/32100 198.51.100.7
	like "text" "$out" "^drop rule-deny: a deny or reject rule matched"
	like "text" "$out" "rule +$(line 'deny: internet, proto: udp'): \{deny: internet, proto: udp, port: \[32100, 34781\]"
}

test_misuse()
{
	for words in "camera tcp 192.0.2.1" "camera icmp/1 192.0.2.1" "camera tcp/99999 192.0.2.1" "camera tcp/1 any" "camera tcp/1 local" \
		"camera tcp/1 192.0.2.0/24" "camera frob/1 192.0.2.1" "camera tcp/1 1.2.3" "camera tcp/1 group:media" "camera icmpv6 192.0.2.1" \
		"camera tcp/1 192.0.2.1 --from 2001:db8::1" "camera tcp/1 www.example.com --inbound" "camera tcp/1"; do
		# shellcheck disable=SC2086
		rf explain -p "$HOME_POLICY" $words
		is "exit of $words" "$code" 2
		like "$words" "$err" "^ringfence: explain: "
	done
	for words in "nobody tcp/1 192.0.2.1" "camera tcp/1 device:nobody"; do
		# shellcheck disable=SC2086
		rf explain -p "$HOME_POLICY" $words
		is "exit of $words" "$code" 1
		like "$words" "$err" "no device .nobody'"
	done
}

run_tests "$@"
