# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts of tests/vm have in common: where things are kept and how they end. Sourced, never run. It must not start anything.

# The exit status by which a test says "not possible on this machine" (automake's, and xdp-tools').
readonly SKIP_STATUS=77
# The exit status of a harness that could not bring the commands' own statuses home (as `git bisect run` and `docker run` use it).
readonly HARNESS_STATUS=125

VM_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$VM_SRC/../.." && pwd)
# Kernels and images are kept here between runs; a CI may point it outside of the checkout.
VM_DIR=${RINGFENCE_VM_DIR:-$ROOT/build/vm}
readonly VM_SRC ROOT VM_DIR

say()
{
	printf 'vm: %s\n' "$*" >&2
}

skip()
{
	printf 'vm: SKIP: %s\n' "$*" >&2
	exit "$SKIP_STATUS"
}

fail()
{
	printf 'vm: FAIL: %s\n' "$*" >&2
	exit "$HARNESS_STATUS"
}

# need COMMAND PACKAGE: without it nothing here can work, so the caller ends as a skip that names the package.
need()
{
	command -v "$1" >/dev/null || skip "$1 is not installed (apt-get install $2)"
}

# Only one process at a time may fetch kernels or write images; the lock goes with the caller.
lock_vm_dir()
{
	local fd

	mkdir -p "$VM_DIR"
	exec {fd}>"$VM_DIR/lock"
	flock -w 300 "$fd" || fail "another run has held $VM_DIR/lock for 300 s"
}

# elf_libs FILE...: the shared objects (loader included) that the given ELF programs need, one path a line.
elf_libs()
{
	local file

	for file in "$@"; do
		# ldd fails on static programs and on BPF objects; both need nothing.
		{ ldd "$file" 2>/dev/null || true; } | awk '
			$2 == "=>" && $3 == "not" { print "missing:" $1; next }
			$2 == "=>" { print $3; next }
			$1 ~ /^\// { print $1 }'
	done | sort -u
}
