#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: what `ringfence check' says of good and bad policies.

# Tests are called by name.
# shellcheck disable=SC2317,SC2154 source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

test_good()
{
	for file in "$REPO"/user/examples/*.yaml; do
		rf check "$file"
		is "exit of $file" "$code" 0
		like "$file" "$out" "^$file: ok, [0-9]+ devices, [0-9]+ profiles, [0-9]+ rules"
	done
}

test_counts()
{
	cat >p.yaml <<-YAML
	profiles:
	  a: {default: deny, rules: [{allow: local}, {allow: any, proto: tcp, port: 1}], inbound: [{allow: local}]}
	  b: {default: allow}
	devices:
	  x: {mac: "02:00:00:00:00:01", profile: a, rules: [{deny: any, proto: udp}]}
	YAML
	rf check p.yaml
	is "output" "$out" "p.yaml: ok, 1 devices, 2 profiles, 4 rules"
	rf check --json p.yaml
	keys_are_told check
	is "JSON" "$(json '[o[0][k] for k in ("file", "ok", "devices", "profiles", "rules", "errors")]')" \
		"['p.yaml', True, 1, 2, 4, 0]"
	is "objects" "$(json 'len(o)')" 1
}

test_bad()
{
	printf 'profiles:\n  a: {default: perhaps, rulez: []}\n' >bad.yaml
	rf check bad.yaml
	is "exit" "$code" 1
	is "output" "$out" ""
	like "errors" "$err" "bad.yaml:2:[0-9]+: "
	like "the end" "$err" "ringfence: bad.yaml: [0-9]+ errors"
	rf check --json bad.yaml
	is "exit with --json" "$code" 1
	is "ok" "$(json 'o[0]["ok"]')" False
	is "place" "$(json 'sorted({d["line"] for d in o[0]["diagnostics"]})')" "[2]"
	is "keys" "$(json 'sorted(o[0]["diagnostics"][0])')" "['column', 'hint', 'line', 'message', 'severity']"
	keys_are_told check
}

test_no_file()
{
	rf check nothing.yaml
	is "exit" "$code" 1
	like "error" "$err" "nothing.yaml"
	rf check .
	is "exit of a directory" "$code" 1
	: >empty.yaml
	rf check empty.yaml
	is "exit of an empty file" "$code" 1
	head -c 65536 /dev/urandom >binary.yaml
	rf check binary.yaml
	is "exit of a binary file" "$code" 1
	head -c 10485760 /dev/zero | tr '\0' '#' >huge.yaml
	rf check huge.yaml
	is "exit of 10 MiB" "$code" 1
}

# Canonical YAML of canonical YAML is itself.
test_print()
{
	for file in "$REPO"/user/examples/*.yaml; do
		"$RINGFENCE" check --print "$file" >once.yaml || fail "--print of $file"
		"$RINGFENCE" check --print once.yaml >twice.yaml || fail "--print of its own text for $file"
		cmp once.yaml twice.yaml || fail "not the same for $file"
	done
}

test_compiled()
{
	rf check --compiled "$HOME_POLICY"
	is "exit" "$code" 0
	[ "$(wc -l <out)" -gt 20 ] || fail "only $(wc -l <out) lines"
	is "again" "$("$RINGFENCE" check --compiled "$HOME_POLICY" | sha256sum)" "$(sha256sum <out)"
}

run_tests "$@"
