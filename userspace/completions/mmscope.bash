# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Completion for bash: "mmscope --complete" prints the candidates.

_mmscope()
{
	local cur=${2#[=:]} words=() lines=() line last i

	# Bash makes words of their own of "=" and ":", which may be in the middle of one.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		last=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || [[ $last == [=:] ]] || last=$2
		if [[ $i -gt 1 && ($last == [=:] || ${COMP_WORDS[i - 1]} == [=:]) ]]; then
			words[-1]+=$last
		else
			words+=("$last")
		fi
	done
	mapfile -t lines < <(mmscope --complete "${words[@]}" 2>/dev/null)
	COMPREPLY=()
	for line in "${lines[@]}"; do
		if [[ $line == $'\t'* ]]; then
			compopt -o default
			continue
		fi
		# When bash only lists them, it has room for the descriptions.
		if [[ $COMP_TYPE -eq 63 && ${#lines[@]} -gt 1 ]]; then
			line=${line/$'\t'/  }
			line=${line::${COLUMNS:-80} - 2}
		fi
		line=${line%%$'\t'*}
		last=${words[-1]}
		COMPREPLY+=("${line#"${last%"$cur"}"}")
	done
}

complete -F _mmscope mmscope
