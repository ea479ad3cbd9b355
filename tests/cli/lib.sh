# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh: what the tests of the command line share. A test file defines
# functions test_NAME and calls run_tests "$@"; each runs in a shell of its own, in a
# fresh directory, and fails by fail() or is left out by skip().

# Tests use what is set here, and the other way round.
# shellcheck disable=SC2034

CLI_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$CLI_SRC/../.." && pwd)
RINGFENCE=${RINGFENCE:-$REPO/build/ringfence}
HOME_POLICY=$REPO/user/examples/home.yaml
# Nothing of this machine's may be seen: no fence, no daemon.
export RINGFENCE_RUN_DIR=/nonexistent/run RINGFENCE_PIN_DIR=/nonexistent/pins
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR COLUMNS

fail() { echo "# $*"; exit 1; }
skip() { echo "# SKIP $*"; exit 77; }

# is WHAT HAVE WANT
is()
{
	[ "$2" = "$3" ] || fail "$1 is \`$2', not \`$3'"
}

# like WHAT TEXT PATTERN: TEXT matches the extended regular expression
like()
{
	[[ $2 =~ $3 ]] || fail "$1 is \`$2', which is not like \`$3'"
}

unlike()
{
	! [[ $2 =~ $3 ]] || fail "$1 is \`$2', which is like \`$3'"
}

# rf ARGUMENTS: run; sets $out, $err, $code
rf()
{
	code=0
	timeout 120 "$RINGFENCE" "$@" >out 2>err || code=$?
	out=$(<out) err=$(<err)
}

# on_terminal COLUMNS COMMAND: run on a terminal of this width; sets $out (both streams), $code
on_terminal()
{
	code=0
	timeout 120 script -q -e -c "stty cols $1 rows 50; $2" /dev/null >out 2>&1 </dev/null || code=$?
	out=$(tr -d '\r' <out)
}

# widest TEXT: columns of its longest line
widest() { awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }' <<<"$1"; }

# json EXPRESSION: evaluate Python's EXPRESSION with `o' as the list of the objects in $out
json()
{
	python3 -c 'import json, sys
o = [json.loads(line) for line in open("out")]
print(eval(sys.argv[1]))' "$1" || fail "not JSON: $out"
}

# keys_are_told COMMAND: each key of the objects in ./out stands in what ringfence.8 says of the command's JSON. Keys that are names or reasons do not.
keys_are_told()
{
	local unknown

	unknown=$(python3 - "$1" "$REPO/user/man/ringfence.8.scd" <<-'PYTHON'
	import json, re, sys

	def keys(value, path=()):
	    for key, below in value.items() if isinstance(value, dict) else ():
	        if path[-1:] != ("by_reason",) and path != ("summary", "devices"):
	            yield key
	        yield from keys(below, path + (key,))
	    for item in value if isinstance(value, list) else ():
	        yield from keys(item, path)

	page = open(sys.argv[2]).read().split("# JSON\n")[1].split("\n# ")[0]
	text = re.search(r"^\*%s\*\n((?:\t.*\n)+)" % sys.argv[1], page, re.M).group(1)
	if "as in *stats*" in text:
	    text += re.search(r"^\*stats\*\n((?:\t.*\n)+)", page, re.M).group(1)
	if "what *status* says" in text:
	    text += re.search(r"^\*status\*\n((?:\t.*\n)+)", page, re.M).group(1)
	told = set(re.findall(r"\*([a-z_0-9]+)\*", text))
	print(*sorted({key for line in open("out") for key in keys(json.loads(line))} - told))
	PYTHON
	) || fail "the JSON of $1 is not in the manual, or is none"
	is "keys of $1 that ringfence.8 does not know" "$unknown" ""
}

capture() { timeout 60 python3 "$CLI_SRC/capture.py" "$1"; }

run_one()
{
	local name=$1 dir said code=0

	dir=$(mktemp -d)
	said=$(cd "$dir" && set -u && "test_$name" 2>&1) || code=$?
	rm -rf "$dir"
	case $code in
	0)  echo "ok - cli $FILE/$name" ;;
	77) echo "ok - cli $FILE/$name # SKIP ${said##*# SKIP }" ;;
	*)  echo "not ok - cli $FILE/$name"
	    awk '{ print (/^#/ ? "" : "# ") $0 }' <<<"$said" ;;
	esac
}

run_tests()
{
	local name

	FILE=$(basename "$0" .sh)
	[ -x "$RINGFENCE" ] || { echo "not ok - cli $FILE: $RINGFENCE is not built"; exit 1; }
	[ $# -gt 0 ] || mapfile -t set_of_tests < <(declare -F | awk '$3 ~ /^test_/ { print substr($3, 6) }')
	[ $# -gt 0 ] || set -- "${set_of_tests[@]}"
	for name; do
		run_one "$name"
	done
}
