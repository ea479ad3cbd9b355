# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Bash completion of ringfence(8). Install as
# /usr/share/bash-completion/completions/ringfence.
#
# Commands, options, kinds of arguments and their words come from `ringfence
# --completion-data', which prints the program's own command table: nothing is
# listed twice. Device names come from --policy FILE where it is given, else
# from the fence that is up. Needs no package bash-completion.

# The policy on this command line, or nothing.
_ringfence_policy()
{
	local i

	for ((i = 1; i < ${#COMP_WORDS[@]} - 1; i++)); do
		if [[ ${COMP_WORDS[i]} == --policy || ${COMP_WORDS[i]} == -p ]]; then
			printf '%s\n' "${COMP_WORDS[i + 1]}"
			return
		fi
	done
}

_ringfence_devices()
{
	local policy

	policy=$(_ringfence_policy)
	if [[ $policy ]]; then
		# Canonical YAML: names stand two spaces deep below `devices:'.
		ringfence check --print "$policy" 2>/dev/null |
			awk '/^[^ ]/ { in_devices = $1 == "devices:" } in_devices && /^  [^ ]/ { sub(/:.*/, "", $1); gsub(/"/, "", $1); print $1 }'
	else
		ringfence devices 2>/dev/null | awk 'NR > 1 && $1 !~ /^\(/ { print $1 }'
	fi
}

# Fill COMPREPLY with words of this kind that begin with $2; $3: what --completion-data printed.
_ringfence_kind()
{
	local words=

	case $1 in
	file)
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		compopt -o filenames 2>/dev/null
		return ;;
	dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$2")
		compopt -o filenames 2>/dev/null
		return ;;
	device)	 words=$(_ringfence_devices) ;;
	*)	 words=$(awk -F '\t' -v k="$1" '$1 == "word" && $2 == k { print $3 }' <<<"$3") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
	if [[ $1 == proto && ${COMPREPLY[0]-} == */ ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

_ringfence()
{
	local data word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' place=0 kind i skip=

	COMPREPLY=()
	data=$("${COMP_WORDS[0]}" --completion-data 2>/dev/null) || return
	# Which command, and which of its arguments, is being typed?
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ $skip ]]; then
			skip=
		elif [[ ${COMP_WORDS[i]} == -* ]]; then
			kind=$(_ringfence_option_kind "$data" "${command:-check}" "${COMP_WORDS[i]}")
			[[ $kind && $kind != switch ]] && skip=1
		elif [[ ! $command ]]; then
			command=${COMP_WORDS[i]}
		else
			place=$((place + 1))
		fi
	done
	if [[ $skip ]]; then
		_ringfence_kind "$(_ringfence_option_kind "$data" "${command:-check}" "$before")" "$word" "$data"
	elif [[ ! $command && $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--help --version --run-dir --pin-dir' -- "$word")
	elif [[ ! $command || $command == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(awk -F '\t' '$1 == "command" { print $2 }' <<<"$data") help" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(awk -F '\t' -v c="$command" '$1 == "option" && $2 == c { print $3 }' <<<"$data")" -- "$word")
	else
		_ringfence_kind "$(awk -F '\t' -v c="$command" -v p="$place" '$1 == "arg" && $2 == c && $3 == p { print $4 }' <<<"$data")" "$word" "$data"
	fi
}

# Data, command, option: the kind of its value, `switch', or nothing.
_ringfence_option_kind()
{
	awk -F '\t' -v c="$2" -v o="$3" '$1 == "option" && $2 == c && ($3 == o || $5 == o) { print $4 }' <<<"$1"
}

complete -F _ringfence ringfence
