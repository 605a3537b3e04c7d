# SPDX-License-Identifier: GPL-2.0-only
# Completion for fish: "mmscope --complete" prints the candidates.

function __mmscope_complete
	set -l words (commandline -opc)
	set -l last (commandline -ct)
	set -l lines (mmscope --complete $words[2..-1] "$last" 2>/dev/null)

	if string match -q -- \t'*' $lines[1]
		set -l option (string match -r -- '^--[^=]*=' "$last")
		__fish_complete_path (string replace -- "$option" "" "$last") |
			string replace -r -- '^' "$option"
	else
		printf '%s\n' $lines
	end
end

complete -c mmscope -f -a '(__mmscope_complete)'
