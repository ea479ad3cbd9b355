#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 69-names-change: what was learned by name, and learning itself, while the daemon dies and comes back and the policy changes; and what the packet
# programs do not read: DNS over TCP, answers that are too large.

# Cases are called by name; they exit where they fail.
# shellcheck disable=SC2317,SC2119 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=names.sh
. "$(dirname "$0")/names.sh"

MANY=32		# addresses of an answer that the programs must read (RF_DNS_RECORDS_MAX is above it)
TOO_MANY=42	# the daemon must
# So many do not fit into one frame. Nor does a device have room for all that it might learn (256 in sets of 8, by hash): most of them stay.
HUGE=100
HUGE_LEARNED=90
TCP_QUESTIONS=${NAMES_TCP_COUNT:-100}
# By then the daemon has learned what came by TCP, however busy the machine is.
TCP_PATIENCE_MS=2000
SMALL_MTU=68	# the question fits into the first fragment, the address does not

# rules_policy RULE-OF-A RULE-OF-B
rules_policy()
{
	policy <<-YAML
	attach: {bridge: br0, uplinks: [up0]}
	network: {local: [192.168.88.0/24, "fd00:88::/64"], gateway: [192.168.88.1], resolvers: [192.168.88.1, "fd00:88::1"]}
	profiles:
	  one: {default: deny, services: [dns], rules: [$1], inbound: []}
	  two: {default: deny, services: [dns], rules: [${2:-$1}], inbound: []}
	devices:
	  a: {mac: "$LAN_MAC:01", profile: one}
	  b: {mac: "$LAN_MAC:02", profile: two}
	YAML
}

WWW='{allow: www.cdn.example, proto: [tcp, udp], port: 7000}'
CDN='{allow: "*.cdn.example", proto: [tcp, udp], port: 7000}'
OTHER='{allow: www.other.example, proto: [tcp, udp], port: 7000}'
OTHER_PORT='{allow: www.cdn.example, proto: [tcp, udp], port: 7001}'

# addresses NAME N [PREFIX]: N host records of one name.
addresses()
{
	local i

	for ((i = 0; i < $2; i++)); do
		echo "--host-record=$1,${3:-198.19.0.}$((i + 1))"
	done
}

change_home()
{
	need jq
	rules_policy "$@"
	names_net_up
	# shellcheck disable=SC2046 # options
	start_dnsmasq_with_zone R 192.168.88.1 --edns-packet-max=4096 --host-record=www.cdn.example,203.0.113.1 \
		$(addresses many.cdn.example "$MANY") $(addresses toomany.cdn.example "$TOO_MANY") $(addresses huge.cdn.example "$HUGE") \
		$(addresses huge6.cdn.example "$HUGE" 2001:db8:5::)
	start_daemon
}

number_of() { case $1 in A) echo 1 ;; B) echo 2 ;; esac; }

asks() { in_ns "$1" dig +short +time=5 +tries=2 @192.168.88.1 "${@:2}" | grep -E '^[0-9.]+$'; }

# sends NAMESPACE TAG OPTION...: to 203.0.113.1 port 7000 unless the options say otherwise.
sends()
{
	send "$1" eth0 --dst-mac "$ROUTER_MAC" --src "192.168.88.1$(number_of "$1")" --dst 203.0.113.1 --dport 7000 --tag "$2" "${@:3}"
}

# The daemon killed and started again, the policy loaded again, all of it while names are asked: five of each at least.
test_race_through_death_and_reload()
{
	local racer rounds=0

	names_net_up
	need jq
	names_policy
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	start_counter
	(while [ ! -e "$T/enough" ]; do
		race A -n "$ZONE_SIZE" 192.168.88.1 race.example
		jq -r '[.answered, .sent] | @tsv' "$T/race-A" >>"$T/races"
	done) &
	racer=$!
	while [ "$rounds" -lt 5 ]; do
		stop_daemon KILL
		sleep 0.2
		start_daemon
		rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
		rounds=$((rounds + 1))
	done
	: >"$T/enough"
	wait "$racer" || fail "the race: $(cat "$T/race-A.error")"
	stop_counter
	note "$(wc -l <"$T/races") times $ZONE_SIZE names while the daemon was killed, started and told to reload $rounds times: none lost"
	is "answers" "$(awk '{ n += $1 } END { print n }' "$T/races")" $((ZONE_SIZE * $(wc -l <"$T/races")))
	# The same names again and again: each time but the first they are repeated.
	is "first packets that arrived" $(($(counted first) + $(counted repeated))) "$(awk '{ n += $2 } END { print n }' "$T/races")"
	is "dropped" "$(stat_of a from dropped packets)" 0
}

# Killed, a new name, started: old and new stay, also in what `names' shows, and nothing has to be asked again.
test_restart_keeps()
{
	local killed

	change_home "$CDN"
	is "the answer" "$(asks A www.cdn.example)" 203.0.113.1
	watch_for O eth0
	stop_daemon KILL
	sends A killed
	is "addresses of an answer without the daemon" "$(asks A many.cdn.example | wc -l)" "$MANY"
	sends A new-killed --dst 198.19.0.7
	killed=$(rf names a --json | jq -c '[.name, .address, .until]' | sort)
	at_least "what is learned without the daemon" "$(wc -l <<<"$killed")" $((MANY + 1))
	start_daemon
	sends A restarted
	sends A new-restarted --dst 198.19.0.7
	settle
	is "learned before, while it was dead" "$(seen O eth0 killed)" 1
	is "learned while it was dead" "$(seen O eth0 new-killed)" 1
	is "learned before, after the restart" "$(seen O eth0 restarted)" 1
	is "learned while it was dead, after the restart" "$(seen O eth0 new-restarted)" 1
	is "what names shows after the restart" "$(rf names a --json | jq -c '[.name, .address]' | sort)" "$(jq -c '.[:2]' <<<"$killed" | sort)"
	is "dropped" "$(stat_of a from dropped packets)" 0
}

# A second watcher of the same place, which began later.
watch_from_now()
{
	stop_watchers	# A sender that passes goes on: it is not quiet.
	cp "$T/seen-O-eth0" "$T/seen-before"
	watch_for O eth0
}

has_passed() { [ "$(stat_of "$1" from passed packets)" -ge "$2" ]; }

# bytes_of FILE
bytes_of() { stat -c %s "$1"; }

# What A does runs while its name leaves the policy, B's stays: A stops at once, B loses nothing.
test_reload_without_the_name()
{
	local streams=() got dropped

	change_home "$WWW" "$WWW"
	need socat
	nsenter --net="$(ns_path O)" -- socat -u SYSTEM:'while sleep 0.01; do echo tick; done' TCP-LISTEN:7000,bind=203.0.113.1,reuseaddr >/dev/null 2>&1 &
	eventually 20 "the server listens" in_ns O sh -c 'ss -Hltn "sport = :7000" | grep -q .'
	is "A's answer" "$(asks A www.cdn.example)" 203.0.113.1
	is "B's answer" "$(asks B www.cdn.example)" 203.0.113.1
	nsenter --net="$(ns_path A)" -- socat -u TCP:203.0.113.1:7000 OPEN:"$T/got",creat >/dev/null 2>&1 &
	watch_for O eth0
	sends A stream --count 8000 --rate 1000 & streams+=("$!")
	sends B kept --count 8000 --rate 1000 & streams+=("$!")
	eventually 20 "A sends" has_passed a 500
	eventually 20 "B sends" has_passed b 500
	eventually 20 "the connection runs" test -s "$T/got"
	rules_policy "$OTHER" "$WWW"
	rf reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	dropped=$(stat_of a from dropped packets)
	watch_from_now
	got=$(bytes_of "$T/got")
	sleep 1
	is "bytes on A's connection after the reload" "$(bytes_of "$T/got")" "$got"
	wait "${streams[@]}"
	settle
	at_least "A's packets before the reload" "$(awk '$1 == "stream" { print $2 }' "$T/seen-before")" 500
	is "A's packets after the reload" "$(seen O eth0 stream)" 0
	at_least "A's packets that were dropped after the reload" "$(stat_of a from dropped packets)" $((dropped + 100))
	is "B: dropped" "$(stat_of b from dropped packets)" 0
	is "B's names" "$(rf names b --json | jq -r 'select(.listed) | .name')" www.cdn.example
}

# It was stopped, the file was changed, it was started: what the new policy does not say is over, what it says needs no new question.
test_restart_with_another_policy()
{
	change_home "$WWW" "$WWW"
	asks A www.cdn.example >/dev/null
	asks B www.cdn.example >/dev/null
	watch_for O eth0
	sends A before
	stop_daemon KILL
	rules_policy "$OTHER" "$OTHER_PORT"
	start_daemon
	sends A after --count 10
	sends B old-port --count 10
	sends B new-port --count 10 --dport 7001
	settle
	is "A before" "$(seen O eth0 before)" 1
	is "A after" "$(seen O eth0 after)" 0
	is "B by the old rule" "$(seen O eth0 old-port)" 0
	is "B by the new rule, without asking again" "$(seen O eth0 new-port)" 10
}

# The name comes back: what was learned and has time left is as good as before, as the manual says.
test_reload_there_and_back()
{
	change_home "$WWW"
	asks A www.cdn.example >/dev/null
	watch_for O eth0
	sends A before
	rules_policy "$OTHER"
	rf reload >/dev/null || fail "reload"
	sends A between --count 10
	rules_policy "$WWW"
	rf reload >/dev/null || fail "reload"
	sends A back
	settle
	is "before" "$(seen O eth0 before)" 1
	is "between" "$(seen O eth0 between)" 0
	is "back" "$(seen O eth0 back)" 1
}

# each_address NAMESPACE N TAG [PREFIX]: one packet to each of them.
each_address()
{
	# shellcheck disable=SC2016 # the other shell's variables
	in_ns "$1" bash -c 'for ((i = 1; i <= $1; i++)); do printf "rfnet:%s:" "$2" >"/dev/udp/$3$i/7000" || exit; done' - "$2" "$3" "${4:-198.19.0.}" ||
		fail "cannot send from $1"
}

# As many addresses as the programs promise to read: each is open at its first packet.
test_answer_with_many_addresses()
{
	change_home "$CDN"
	stop_daemon KILL	# it must not be needed
	watch_for O eth0
	is "addresses of the answer" "$(asks A many.cdn.example | wc -l)" "$MANY"
	each_address A "$MANY" first
	settle
	is "first packets" "$(seen O eth0 first)" "$MANY"
	is "dropped" "$(stat_of a from dropped packets)" 0
}

daemon_learned() { [ "$(rf status --json | jq '.dns.by_daemon.learned')" -ge "$1" ]; }

# Too many for the programs, in one frame all the same: the daemon learns them.
test_answer_with_too_many_addresses()
{
	change_home "$CDN"
	watch_for O eth0
	is "addresses of the answer" "$(asks A +bufsize=1400 +notcp +ignore toomany.cdn.example | wc -l)" "$TOO_MANY"
	eventually 20 "the daemon has learned" daemon_learned "$TOO_MANY"
	each_address A "$TOO_MANY" each
	settle
	is "packets to each address" "$(seen O eth0 each)" "$TOO_MANY"
}

# Without EDNS the answer does not fit and says so; the client asks again over TCP, and the daemon learns what it hears.
test_truncated_answer()
{
	change_home "$CDN"
	watch_for O eth0
	is "addresses of the answer" "$(asks A +noedns toomany.cdn.example | wc -l)" "$TOO_MANY"
	eventually 20 "the daemon has learned" daemon_learned "$TOO_MANY"
	each_address A "$TOO_MANY" each
	is "the truncated one says" "$(in_ns A dig +noedns +ignore @192.168.88.1 toomany.cdn.example | grep -cE '^;; flags:.* tc')" 1
	settle
	is "packets to each address" "$(seen O eth0 each)" "$TOO_MANY"
}

# fragments_of KEY: IPv4 (IpFragCreates) or IPv6 (Ip6FragCreates) fragments that the resolver's host sent.
fragments_of() { in_ns R nstat -asz "$1" | awk -v key="$1" '$1 == key { print $2 }'; }

# In IP fragments the programs cannot read it. They hand them over, and the daemon learns from the whole.
test_answer_in_fragments()
{
	change_home "$CDN"
	watch_for O eth0
	is "addresses of the answer" "$(asks A +bufsize=4096 +notcp +ignore huge.cdn.example | wc -l)" "$HUGE"
	at_least "fragments" "$(fragments_of IpFragCreates)" 2
	eventually 20 "the daemon has learned" daemon_learned "$HUGE"
	each_address A "$HUGE" learned
	settle
	at_least "packets after the answer in fragments" "$(seen O eth0 learned)" "$HUGE_LEARNED"
	is "what the daemon put together" "$(rf status --json | jq -c '.dns.by_daemon | [.answers, .unread]')" "[1,0]"
}

# The same over IPv6, where fragments have a header of their own.
test_answer_in_ipv6_fragments()
{
	change_home "$CDN"
	watch_for O eth0
	is "addresses of the answer" "$(in_ns A dig +short +time=5 +bufsize=4096 +notcp +ignore @fd00:88::1 huge6.cdn.example AAAA | wc -l)" "$HUGE"
	at_least "fragments" "$(fragments_of Ip6FragCreates)" 2
	eventually 20 "the daemon has learned" daemon_learned "$HUGE"
	each_address A "$HUGE" learned 2001:db8:5::
	settle
	at_least "packets after the answer in fragments" "$(seen O eth0 learned)" "$HUGE_LEARNED"
}

# Without the daemon nobody puts them together, and nobody guesses: the client has its answer, and opens nothing by it.
test_answer_in_fragments_without_the_daemon()
{
	change_home "$CDN"
	watch_for O eth0
	stop_daemon KILL
	is "addresses of the answer" "$(asks A +bufsize=4096 +notcp +ignore huge.cdn.example | wc -l)" "$HUGE"
	each_address A 10 guessed
	settle
	is "packets after an answer in fragments" "$(seen O eth0 guessed)" 0
}

# Longer than one frame may be, over TCP: in pieces.
test_long_answer_over_tcp()
{
	change_home "$CDN"
	watch_for O eth0
	is "addresses of the answer" "$(asks A +tcp huge.cdn.example | wc -l)" "$HUGE"
	eventually 20 "the daemon has learned" daemon_learned "$HUGE"
	each_address A "$HUGE" learned
	settle
	at_least "packets after the answer over TCP" "$(seen O eth0 learned)" "$HUGE_LEARNED"
}

# What DNS over TCP costs: the daemon reads the answer beside the device, and may be the slower one. How often is told, that the repetition passes is tested.
test_tcp_costs_a_first_packet()
{
	names_net_up
	need jq
	names_policy
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	start_counter
	race A -t -n "$TCP_QUESTIONS" -w "$TCP_PATIENCE_MS" 192.168.88.1 race.example
	stop_counter
	note "of $(raced A sent) first packets after an answer over TCP $(($(raced A sent) - $(counted first))) were lost" \
		"(sent $(raced A gap_us_median) µs after the answer, median)"
	is "answers" "$(raced A answered)" "$TCP_QUESTIONS"
	is "packets after $TCP_PATIENCE_MS ms" "$(counted again)" "$TCP_QUESTIONS"
	is "dropped, all of them first ones" "$(stat_of a from dropped packets)" $(($(raced A sent) - $(counted first)))
	is "learned by the daemon" "$(rf status --json | jq '.dns.by_daemon.learned')" "$TCP_QUESTIONS"
}

# The same of answers in fragments: a route on which they do not fit into one packet.
test_fragments_cost_a_first_packet()
{
	names_net_up
	need jq
	names_policy
	start_dnsmasq_with_zone R 192.168.88.1
	start_daemon
	in_ns R ip route add 192.168.88.11/32 dev br0 src 192.168.88.1 mtu "$SMALL_MTU"
	start_counter
	race A -n "$TCP_QUESTIONS" -w "$TCP_PATIENCE_MS" 192.168.88.1 race.example
	stop_counter
	note "of $(raced A sent) first packets after an answer in fragments $(($(raced A sent) - $(counted first))) were lost" \
		"(sent $(raced A gap_us_median) µs after the answer, median)"
	at_least "fragments" "$(fragments_of IpFragCreates)" $((2 * TCP_QUESTIONS))
	is "answers" "$(raced A answered)" "$TCP_QUESTIONS"
	is "packets after $TCP_PATIENCE_MS ms" "$(counted again)" "$TCP_QUESTIONS"
	is "dropped, all of them first ones" "$(stat_of a from dropped packets)" $(($(raced A sent) - $(counted first)))
	is "learned by the daemon" "$(rf status --json | jq '.dns.by_daemon.learned')" "$TCP_QUESTIONS"
}

net_main "$@"
