#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 71-names-told: what people are told of names: `names' with rule, end and use; events of what gives way and of what cannot be read; and what is stopped
# because it cannot be read.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

told_policy()
{
	policy <<-YAML
	attach: {bridge: br0}
	network: {local: [192.168.88.0/24], gateway: [192.168.88.1], resolvers: [192.168.88.1]}
	profiles:
	  named:
	    default: deny
	    services: [dns]
	    rules:
	      - {allow: www.example, proto: tcp, port: 8080}
	      - {allow: "*.cdn.example", proto: tcp, port: 8080}
	    inbound: []
	  denies:
	    default: deny
	    services: [dns]
	    deny-names: ["*.ads.example"]
	    rules: [{allow: www.example, proto: tcp, port: 8080}]
	    inbound: []
	devices:
	  a: {mac: "02:00:00:00:99:01", profile: named}
	  b: {mac: "02:00:00:00:99:02", profile: named}
	  c: {mac: "02:00:00:00:99:03", profile: denies}
	YAML
}

# resolver [TTL]: big.cdn.example has more addresses than go into one frame.
resolver()
{
	local last

	need dig
	for last in $(seq 1 120); do
		echo "203.0.113.$last big.cdn.example"
	done >"$T/hosts"
	run_dnsmasq R br0 53 --addn-hosts="$T/hosts" --local=/example/ --edns-packet-max=4096 \
		--host-record=www.example,203.0.113.1 --address=/many.cdn.example/203.0.113.2 --host-record=x.ads.example,203.0.113.3 \
		--host-record=other.example,203.0.113.4 --local-ttl="${1:-100}"
}

home()
{
	told_policy
	resolver "$@"
	start_daemon
}

# ask DEVICE NAME [DIG-OPTION...]: the addresses, one a line. Asked once, as what is counted is what was asked; where nothing may come, +time=1.
ask()
{
	local where=$1 name=$2
	shift 2
	in_ns "$where" dig +short +time=5 +tries=1 "$@" @192.168.88.1 "$name" A | grep '^[0-9]'
}

# knock DEVICE LAST [SECONDS]: a packet to the address, which refuses it. Few seconds where the fence drops it.
knock() { in_ns "$1" timeout "${3:-5}" bash -c "exec 3<>/dev/tcp/203.0.113.$2/8080" 2>/dev/null; return 0; }

# field NAME KEY [OPTION...]: of the first object of `names --json' with that name, as JSON; "" if there is none.
field()
{
	local name=$1 key=$2
	shift 2
	rf names "$@" --json | "$PYTHON" -c '
import json, sys
for line in sys.stdin:
    entry = json.loads(line)
    if entry["name"] == sys.argv[1]:
        print(json.dumps(entry[sys.argv[2]]))
        break' "$name" "$key"
}

# Seconds from now to the time in the field.
ahead() { field "$@" | "$PYTHON" -c '
import datetime, sys
then = datetime.datetime.strptime(sys.stdin.read().strip().strip("\""), "%Y-%m-%dT%H:%M:%S.%fZ")
print(round((then - datetime.datetime.utcnow()).total_seconds()))'; }

test_command()
{
	local left

	home
	matches "nothing learned" "$(rf names)" "no name is learned"
	is "the answer" "$(ask A WWW.example)" 203.0.113.1
	is "the answer for what no rule names" "$(ask A other.example)" 203.0.113.4
	is "device" "$(field www.example device)" '"a"'
	is "address" "$(field www.example address)" '"203.0.113.1"'
	is "listed" "$(field www.example listed)" true
	is "rule" "$(field www.example rule)" "\"$T/policy.yaml:8\""
	is "not yet used" "$(field www.example used)" null
	left=$(ahead www.example until)
	at_least "ends in" "$left" 65	# more than the floor
	at_least "ends in no more than its TTL" 100 "$left"
	is "a name that no rule names is not listed" "$(field other.example listed)" false
	is "and has no rule" "$(field other.example rule)" null
	knock A 1
	at_least "used when" "$(ahead www.example used)" -30
	is "its rule after use" "$(field www.example rule)" "\"$T/policy.yaml:8\""
	is "of another device" "$(field www.example name b)" ""
	is "of the device" "$(field www.example name a)" '"www.example"'
	matches "as text" "$(rf names a)" "a +www\.example +203\.0\.113\.1 +[0-9]+ s.*policy\.yaml:8"
	rf names nobody >/dev/null 2>&1
	is "a device that is not there" $? 1
}

test_command_without_daemon_and_after_reload()
{
	home
	is "the answer" "$(ask A www.example)" 203.0.113.1
	knock A 1
	stop_daemon KILL
	is "with the daemon dead" "$(field www.example address 2>/dev/null)" '"203.0.113.1"'
	is "the line is not known then" "$(field www.example rule 2>/dev/null)" null
	matches "and it says so" "$(rf names 2>&1)" "does not answer"
	sed -i '/allow: www.example/d' "$T/policy.yaml"
	start_daemon
	knock A 1 1
	is "no rule lists it any more" "$(field www.example listed)" false
	is "and none is told" "$(field www.example rule)" null
}

# The daemon reads what the programs hand over when it has its turn.
is_told() { rf events --type "$1" --json | grep -q .; }

# has_names DEVICE N: at least so many addresses. Not all of a large answer stay: a device has room for 256, in sets of 8 by hash.
has_names() { [ "$(rf names "$1" --json | wc -l)" -ge "$2" ]; }

# More names than a device has room for: what gives way is told, by name.
test_evicted()
{
	local n

	home
	for n in $(seq 1 90); do
		echo "n$n.many.cdn.example A"
	done >"$T/names"
	in_ns A dig +short +time=5 +tries=1 @192.168.88.1 -f "$T/names" >"$T/answers"
	is "answers" "$(grep -c '^203\.0\.113\.2$' "$T/answers")" 90
	at_least "evicted" "$(status_of dns evicted)" 26
	eventually 20 "an eviction is told" is_told evicted
	matches "by name" "$(rf events --type evicted --json | head -n 1)" '"device": *"a".*"name": *"n[0-9]+\.many\.cdn\.example"'
	matches "as text" "$(rf events --type evicted | head -n 1)" 'evicted a .*\(n[0-9]+\.many\.cdn\.example\)'
	is "nothing else of other devices" "$(rf events --type evicted --device b --json | wc -l)" 0
}

# An answer in fragments passes, is counted and told as one that the programs did not read, and is learned by the daemon.
test_fragmented_answer()
{
	home
	is "addresses in the answer" "$(ask A big.cdn.example +bufsize=4096 +ignore | wc -l)" 120
	is "unread" "$(status_of dns unread)" 1
	is "learned by the programs" "$(status_of dns learned)" 0
	eventually 20 "it is told" is_told unread
	matches "told" "$(rf events --type unread --json)" '"device": *"a"'
	eventually 20 "the daemon learns it" has_names a 105
}

# dropped_to LAST KEY: of the first event of a drop to that address, as JSON.
dropped_to()
{
	rf events --type drop --json | "$PYTHON" -c '
import json, sys
for line in sys.stdin:
    event = json.loads(line)
    if event["dst"] == sys.argv[1]:
        print(json.dumps(event[sys.argv[2]]))
        break' "203.0.113.$1" "$2"
}

is_dropped_to() { [ -n "$(dropped_to "$1" dst)" ]; }

# probe DEVICE LAST NUMBER: a datagram that no rule allows.
probe() { send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "192.168.88.1$3" --dst "203.0.113.$2" --dport 9999 --tag probe; }

# A drop is told with the name that the device knows the address by: by a rule's name, by one that no rule lists; another device's is not its own.
test_drops_by_name()
{
	home
	is "the answer" "$(ask A www.example)" 203.0.113.1
	is "the answer for what no rule names" "$(ask A other.example)" 203.0.113.4
	probe A 1 1
	probe A 4 1
	probe A 3 1
	eventually 20 "the last drop is told" is_dropped_to 3
	is "name of a listed one" "$(dropped_to 1 name)" '"www.example"'
	is "reason" "$(dropped_to 1 reason)" '"default-deny"'
	is "name of one that no rule lists" "$(dropped_to 4 name)" '"other.example"'
	is "name of what it never asked for" "$(dropped_to 3 name)" null
	matches "as text" "$(rf events --type drop | grep ' > 203\.0\.113\.1')" '203\.0\.113\.1:9999.*www\.example'
	# B did not ask, A did.
	is "the answer for A" "$(ask A many.cdn.example)" 203.0.113.2
	probe B 2 2
	eventually 20 "B's drop is told" is_dropped_to 2
	is "name of what another device asked for" "$(dropped_to 2 name)" null
}

is_over() { [ "$(field "$1" expired)" = true ] || [ -z "$(field "$1" expired)" ]; }

# By the real clock: a TTL of a second is a minute, with which nothing is used that would keep it; then the rule allows nothing there, and the drop has the name.
test_name_is_over()
{
	local asked

	home 1
	asked=$SECONDS
	is "the answer" "$(ask A www.example)" 203.0.113.1
	at_least "ends in" "$(ahead www.example until)" 40
	at_least "ends in no more than the floor" 60 "$(ahead www.example until)"
	sleep 50
	eventually 60 "it is over" is_over www.example
	sleep 1 # the list goes by a clock of its own: ticks are turned into time
	at_least "seconds that it lasted" $((SECONDS - asked)) 59
	knock A 1 1
	eventually 20 "the drop is told" is_dropped_to 1
	is "reason" "$(dropped_to 1 reason)" '"default-deny"'
	is "name" "$(dropped_to 1 name)" '"www.example"'
	is "the answer, asked again" "$(ask A www.example)" 203.0.113.1
	knock A 1
	matches "used by its rule" "$(field www.example rule)" 'policy.yaml:8'
	at_least "used when" "$(ahead www.example used)" -30
}

# Where a name is denied, nothing that hides names is let out.
test_denied_over_tcp()
{
	home
	is "an allowed name" "$(ask C www.example)" 203.0.113.1
	is "a denied name over TCP" "$(ask C x.ads.example +tcp +time=1)" ""
	at_least "name-denied" "$(stat_of c by_reason name-denied)" 1
	is "an allowed name over TCP" "$(ask C www.example +tcp +time=1)" ""
	is "over TCP where no name is denied" "$(ask A www.example +tcp)" 203.0.113.1
}

net_main "$@"
