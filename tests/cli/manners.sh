#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# manners: help, exit codes, errors, terminals and pipes; everything that is not what a command is about.

# Tests are called by name.
# shellcheck disable=SC2317,SC2154 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

commands() { "$RINGFENCE" --completion-data | awk -F '\t' '$1 == "command" { print $2 }'; }

test_help()
{
	rf --help
	is "exit" "$code" 0
	is "errors" "$err" ""
	local all=$out
	for command in $(commands); do
		like "help" "$all" "  $command +[A-Z]"
		rf help "$command"
		is "exit of help $command" "$code" 0
		like "help $command" "$out" "^usage: ringfence $command"
		is "$command --help" "$("$RINGFENCE" "$command" --help)" "$out"
		is "$command -h" "$("$RINGFENCE" "$command" -h)" "$out"
	done
}

test_version()
{
	rf --version
	is "exit" "$code" 0
	like "version" "$out" '^ringfence [0-9]'
}

test_misuse()
{
	rf
	is "exit without a command" "$code" 2
	like "no command" "$err" "usage: ringfence"
	rf frobnicate
	is "exit of no such command" "$code" 2
	like "no such command" "$err" "^ringfence: no command .frobnicate"
	rf chekc
	is "exit" "$code" 2
	like "a near miss" "$err" "did you mean .check'"
	rf check --jsno x
	is "exit" "$code" 2
	like "an option's near miss" "$err" "did you mean --json"
	rf check
	is "exit without an argument" "$code" 2
	rf check a b
	is "exit with an argument too many" "$code" 2
	like "one too many" "$err" "one argument too many"
	rf replay --policy
	is "exit without an option's value" "$code" 2
	like "a missing value" "$err" "--policy needs a value"
	rf stats -x
	is "exit of an unknown letter" "$code" 2
	like "an unknown letter" "$err" "no option -x"
	rf stats --watch=5
	is "exit of a switch with a value" "$code" 2
	like "a switch with a value" "$err" "--watch takes no value"
	rf --run-dir
	is "exit without a leading option's value" "$code" 2
	like "a leading option without its value" "$err" "--run-dir needs a value"
	rf help check stats
	is "exit of help with too much" "$code" 2
	rf --version now
	is "exit of --version with too much" "$code" 2
	rf stats --watch --interval 0
	is "exit of a bad number" "$code" 2
	rf events --since yesterday
	is "exit of a bad time" "$code" 2
	like "a bad time" "$err" "--since yesterday"
	rf events --type drops
	is "exit of a bad type" "$code" 2
	like "a bad type" "$err" "did you mean drop"
	rf events --type rollback
	is "exit of a type that nothing tells" "$code" 2
}

test_not_built()
{
	for command in top allow deny quarantine learn export; do
		rf "$command"
		is "exit of $command" "$code" 3
		like "$command" "$err" "not built yet"
	done
}

# Every option of every command is told of, in help and in the manual.
test_manual()
{
	local command option page

	page=$REPO/user/man/ringfence.8.scd
	while IFS=$'\t' read -r kind command option _; do
		[ "$kind" = option ] || continue
		like "help $command" "$("$RINGFENCE" help "$command")" "$option"
		grep -q -e "\\*$option\\*" "$page" || fail "ringfence.8 does not know $option of $command"
	done < <("$RINGFENCE" --completion-data)
	for command in $(commands); do
		grep -q "^\\*$command\\*" "$page" || fail "ringfence.8 does not know $command"
	done
}

# What needs the fence or the daemon says so when neither is there, and what to do.
test_nothing_there()
{
	for command in stats devices names events reload "explain camera tcp/1 192.0.2.1"; do
		# shellcheck disable=SC2086
		rf $command
		is "exit of $command" "$code" 3
		is "output of $command" "$out" ""
		like "$command" "$err" "^ringfence: .{20}"
	done
	rf status
	is "exit of status" "$code" 1
	like "status" "$out" "NOT enforcing"
	rf status --json
	is "exit of status --json" "$code" 1
	is "enforcing" "$(json 'o[0]["enforcing"]')" False
	is "objects" "$(json 'len(o)')" 1
}

# Without a fence its finding is just that; whoever runs it may have a fence that is not told of here.
test_doctor_nothing()
{
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	rf doctor
	is "exit" "$code" 1
	like "doctor" "$out" "^open  fence
  no program of ours is attached"
	like "its end" "$out" $'\n''1 open, [0-9]+ warning, [0-9]+ unknown, [0-9]+ advice, [0-9]+ ok$'
	rf doctor --json
	is "exit of --json" "$code" 1
	is "objects" "$(json 'len(o)')" 1
	is "open" "$(json '[f["key"] for f in o[0]["findings"] if f["severity"] == "open"]')" "['fence']"
	keys_are_told doctor
	rf doctor --policy nothing.yaml
	is "exit without the policy" "$code" 1
	like "without the policy" "$err" "nothing.yaml"
	rf doctor --policy "$HOME_POLICY"
	is "exit with a policy" "$code" 1
	like "with a policy" "$out" "any-names"
	cp "$HOME_POLICY" home.yaml
	for columns in 40 80; do
		on_terminal "$columns" "NO_COLOR=1 $RINGFENCE doctor --policy home.yaml"
		is "exit at $columns" "$code" 1
		[ "$(widest "$(grep -v '^  # \|ok$' <<<"$out")")" -le "$columns" ] || fail "wider than $columns: $out"
	done
	on_terminal 80 "$RINGFENCE doctor"
	like "colour" "$out" $'\033''\[31mopen'
}

# Each key of the list is told once at least where everything can be looked at, and stands in the manual.
test_doctor_keys()
{
	local key

	while read -r key; do
		grep -q -e "^|  $key\$" <<<"$("$REPO/tools/bypass-table" ways)" || fail "the manual does not know $key"
	done < <(sed -n 's/.*X([a-z_]*, "\([^"]*\)".*/\1/p' "$REPO/user/doctor/ways.h")
	like "the manual" "$(<"$REPO/user/man/ringfence.8.scd")" "@WAYS@"
}

test_detach_nothing()
{
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	rf detach
	is "exit" "$code" 0
	like "detach" "$out" "nothing was attached"
}

test_unprivileged()
{
	[ "$(id -u)" -eq 0 ] || skip "needs root, to give it up"
	cp "$RINGFENCE" ./rf
	capture home >home.pcap
	cp "$HOME_POLICY" home.yaml && chmod 644 home.yaml home.pcap
	chmod 755 . rf
	code=0
	out=$(setpriv --reuid 65534 --regid 65534 --clear-groups ./rf detach 2>&1) || code=$?
	is "exit of detach" "$code" 3
	like "detach" "$out" "root"
	code=0
	out=$(setpriv --reuid 65534 --regid 65534 --clear-groups ./rf doctor 2>&1) || code=$?
	is "exit of doctor" "$code" 3
	like "doctor" "$out" "root"
	code=0
	out=$(setpriv --reuid 65534 --regid 65534 --clear-groups ./rf replay --engine kernel -p home.yaml home.pcap 2>&1) || code=$?
	is "exit of replay --engine kernel" "$code" 3
	like "replay" "$out" "root"
	setpriv --reuid 65534 --regid 65534 --clear-groups ./rf check home.yaml >/dev/null || fail "check needs privilege"
	setpriv --reuid 65534 --regid 65534 --clear-groups ./rf replay -p home.yaml home.pcap >/dev/null || fail "replay needs privilege"
}

test_full_disk()
{
	[ -w /dev/full ] || skip "no /dev/full"
	code=0
	err=$("$RINGFENCE" check "$HOME_POLICY" 2>&1 >/dev/full) || code=$?
	is "exit" "$code" 3
	like "error" "$err" "cannot write"
	code=0
	err=$("$RINGFENCE" status --json 2>&1 >/dev/full) || code=$?
	is "exit of JSON" "$code" 3
	like "error of JSON" "$err" "No space left"
	[ "$(id -u)" -eq 0 ] || return 0
	code=0
	err=$("$RINGFENCE" doctor --json 2>&1 >/dev/full) || code=$?
	is "exit of doctor" "$code" 3
	like "error of doctor" "$err" "No space left"
}

# Colour on a terminal; none in a pipe, with NO_COLOR, or on a dumb terminal.
test_colour()
{
	local question="$RINGFENCE explain -p $HOME_POLICY camera udp/32100 198.51.100.7"

	on_terminal 80 "$question"
	is "exit" "$code" 0
	like "on a terminal" "$out" $'\033''\[31mdrop'
	on_terminal 80 "NO_COLOR=1 $question"
	unlike "with NO_COLOR" "$out" $'\033'
	on_terminal 80 "NO_COLOR= $question"
	like "with an empty NO_COLOR" "$out" $'\033'
	on_terminal 80 "TERM=dumb $question"
	unlike "on a dumb terminal" "$out" $'\033'
	on_terminal 80 "$question | cat"
	unlike "in a pipe" "$out" $'\033'
}

# Tables are as wide as the terminal at most, and whole in a pipe.
test_width()
{
	capture home >home.pcap
	for columns in 40 60 80 132; do
		on_terminal "$columns" "NO_COLOR=1 $RINGFENCE replay -p $HOME_POLICY home.pcap"
		is "exit at $columns" "$code" 0
		[ "$(widest "$(grep -v '^[0-9]* frames' <<<"$out")")" -le "$columns" ] || fail "wider than $columns: $out"
	done
	rf replay -p "$HOME_POLICY" home.pcap
	like "in a pipe" "$out" "udp 192.168.77.10:4000 > 203.0.113.9:32100 +[0-9]+"
}

test_completion()
{
	local completion=$REPO/user/completion/ringfence.bash

	PATH=$(dirname "$RINGFENCE"):$PATH
	# complete WORD... : what the last word may become
	complete_words()
	{
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_ringfence
		echo "${COMPREPLY[*]-}"
	}
	compopt() { :; }
	# shellcheck source=/dev/null
	. "$completion"
	is "commands" "$(complete_words ringfence '' | tr ' ' '\n' | grep -v '^help$')" "$(commands)"
	is "a command's beginning" "$(complete_words ringfence rep)" replay
	is "options" "$(complete_words ringfence check --co)" --compiled
	is "an option's value" "$(complete_words ringfence replay --engine k)" kernel
	is "the same by letter" "$(complete_words ringfence replay -e k)" kernel
	is "sizings" "$(complete_words ringfence replay --sizing '')" "auto home campus provider"
	is "events" "$(complete_words ringfence events -t l)" "learned lost"
	is "help" "$(complete_words ringfence help st | tr ' ' '\n' | sort | xargs)" "stats status"
	is "devices of a policy" "$(complete_words ringfence explain --policy "$HOME_POLICY" ca)" camera
	is "protocols" "$(complete_words ringfence explain -p x camera ud)" udp/
	is "destinations" "$(complete_words ringfence explain -p x camera udp/1 gat)" gateway
	touch some.yaml
	is "files" "$(complete_words ringfence check so)" some.yaml
}

# What a file or an argument says cannot steer the terminal.
test_hostile_text()
{
	printf 'profiles: {"a\\e[31m\\u202e": {default: deny}}\nbad\033[2J: 1\n' >evil.yaml
	rf check evil.yaml
	is "exit" "$code" 1
	unlike "errors" "$err" $'[\033\u202e]'
	rf check $'no\033[2Jsuch\nfile'
	is "exit of a strange name" "$code" 1
	unlike "errors" "$err" $'\033'
	rf $'\033[2J'
	unlike "errors" "$err" $'\033'
	rf check --json $'\u009b31m.yaml'
	unlike "JSON" "$out" $'\u009b'
}

run_tests "$@"
