#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 66-names: what a rule allows by name is open from the answer on, for the device that asked, and for nobody else.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

names_policy()
{
	policy <<-YAML
	attach: {bridge: br0}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1], resolvers: [192.168.88.1]}
	profiles:
	  named:
	    default: deny
	    services: [dns]
	    deny-names: ["*.ads.example"]
	    rules:
	      - {allow: www.example, proto: tcp, port: 8080}
	      - {allow: "*.cdn.example", proto: tcp, port: 8080}
	    inbound: []
	  listed:
	    default: deny
	    services: [dns]
	    dns: listed
	    rules: [{allow: www.example, proto: tcp, port: 8080}]
	    inbound: []
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: named}
	  b: {mac: "02:00:00:00:99:02", profile: named}
	  c: {mac: "02:00:00:00:99:03", profile: listed}
	YAML
}

# resolver [OPTION...]: web.cdn.example is an alias, as it is at every content network.
resolver()
{
	need dig
	run_dnsmasq R br0 53 --local=/example/ --host-record=www.example,203.0.113.1 --host-record=edge7.example,203.0.113.2 \
		--cname=web.cdn.example,edge7.example --host-record=x.ads.example,203.0.113.3 \
		--host-record=other.example,203.0.113.4 --local-ttl=60 "$@"
}

web_servers()
{
	local last

	need busybox
	need curl
	mkdir "$T/www"
	echo hello >"$T/www/index.html"
	for last in 1 2 3 4; do
		nsenter --net="$(ns_path O)" -- busybox httpd -f -p "203.0.113.$last:8080" -h "$T/www" >/dev/null 2>&1 &
		eventually 20 "web server $last runs" in_ns O curl -s -o /dev/null --noproxy '*' "http://203.0.113.$last:8080/"
	done
}

ask() { in_ns "$1" dig +short +time=5 +tries=1 @192.168.88.1 "$2" A | tail -n 1; }
# page NAMESPACE LAST [SECONDS]: does it load? Few seconds where it must not.
page() { in_ns "$1" curl -sf -m "${3:-10}" -o /dev/null --noproxy '*' "http://203.0.113.$2:8080/"; }

home_with_names()
{
	names_policy
	resolver
	web_servers
	start_daemon
}

test_learned()
{
	home_with_names
	page A 1 1 && fail "an address is open before the name was asked for"
	is "the answer" "$(ask A www.example)" 203.0.113.1
	page A 1 || fail "the address of the answer is closed"
	page A 4 1 && fail "another address is open"
	page B 1 1 && fail "it is open for a device that did not ask"
	is "the answer through an alias" "$(ask A web.cdn.example)" 203.0.113.2
	page A 2 || fail "the address behind the alias is closed"
	is "the answer for what no rule names" "$(ask A other.example)" 203.0.113.4
	page A 4 1 && fail "a name that no rule names opens an address"
	return 0
}

# The packet right after the answer is the one that a slow learner loses: no SYN may need a second try.
test_no_first_packet_is_lost()
{
	local round before

	home_with_names
	for round in 1 2 3 4 5 6 7 8 9 10; do
		is "the answer, round $round" "$(ask A www.example)" 203.0.113.1
		page A 1 || fail "closed in round $round"
	done
	before=$(stat_of a from dropped packets)
	is "dropped" "$before" 0
}

test_learning_goes_on_without_daemon()
{
	home_with_names
	is "the answer before" "$(ask A www.example)" 203.0.113.1
	stop_daemon KILL
	page A 1 || fail "what was learned is gone with the daemon"
	is "the answer after" "$(ask A web.cdn.example)" 203.0.113.2
	page A 2 || fail "nothing is learned without the daemon"
	start_daemon
	page A 1 || fail "what was learned is gone after the restart"
	page A 2 || fail "what was learned in between is gone after the restart"
}

test_denied_and_not_listed()
{
	home_with_names
	is "a denied name" "$(in_ns A dig +short +time=1 +tries=1 @192.168.88.1 x.ads.example A | grep -c '^203')" 0
	is "name-denied" "$(stat_of a by_reason name-denied)" 1
	is "a name that is not listed" "$(in_ns C dig +short +time=1 +tries=1 @192.168.88.1 other.example A | grep -c '^203')" 0
	is "name-not-listed" "$(stat_of c by_reason name-not-listed)" 1
	is "a listed name" "$(ask C www.example)" 203.0.113.1
	page C 1 || fail "the address of the listed name is closed"
}

# An answer that nobody asked for, or from somebody else, opens nothing: C plays resolver for A.
test_foreign_answer()
{
	home_with_names
	in_ns C ip addr add 203.0.113.9/32 dev lo
	run_dnsmasq C eth0 53 --host-record=www.example,203.0.113.4
	in_ns A dig +short +time=1 +tries=1 @192.168.88.13 www.example A >/dev/null
	page A 4 1 && fail "another resolver's answer opens an address"
	at_least "untrusted-resolver" "$(stat_of a by_reason untrusted-resolver)" 1
}

# As many names as a policy may have, half of them wildcards. The device has the last profile; its names are the last of 512.
many_names_policy()
{
	awk -v mac="$LAN_MAC" '
	function profile(n,	i)
	{
		printf "  p%d:\n    default: deny\n    services: [dns]\n    rules:\n      - proto: tcp\n        port: 8080\n        allow:\n", n
		for (i = 0; i < 512; i++)
			printf "        - \"%sn%d.p%d.example\"\n", i % 2 ? "*." : "", i, n
	}
	BEGIN {
		print "attach: {bridge: br0}"
		print "network: {local: [192.168.88.0/24], gateway: [192.168.88.1], resolvers: [192.168.88.1]}"
		print "profiles:"
		for (n = 0; n < 128; n++)
			profile(n)
		print "devices:"
		printf "  a: {mac: \"%s:01\", profile: p127}\n  b: {mac: \"%s:02\", profile: p0}\n", mac, mac
		for (n = 1; n < 127; n++)
			printf "  d%d: {mac: \"02:00:00:01:00:%02x\", profile: p%d}\n", n, n, n
	}' >"$T/policy.yaml"
}

# Once loaded they are all the same; nothing of it is asked of the daemon.
test_as_many_names_as_there_may_be()
{
	many_names_policy
	resolver --address=/p127.example/203.0.113.1 --address=/p0.example/203.0.113.2
	web_servers
	start_daemon
	stop_daemon KILL
	is "the answer for the last name" "$(ask A n510.p127.example)" 203.0.113.1
	page A 1 || fail "the address of the last name is closed"
	is "the answer below the last wildcard" "$(ask A x.y.n511.p127.example)" 203.0.113.1
	is "names of A that a rule lists" "$(rf names a --json 2>/dev/null | grep -c '"listed": *true')" 2
	is "the answer for the first name, for B" "$(ask B n0.p0.example)" 203.0.113.2
	page B 2 || fail "the address of the first name is closed"
	is "the answer for a name of B's, for A" "$(ask A n0.p0.example)" 203.0.113.2
	page A 2 1 && fail "a name of another profile opens an address"
	is "the answer for a wildcard's own name" "$(ask A n511.p127.example)" 203.0.113.1
	is "names of A that a rule lists, after that" "$(rf names a --json 2>/dev/null | grep -c '"listed": *true')" 2
}

net_main "$@"
