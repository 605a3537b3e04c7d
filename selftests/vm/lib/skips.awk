# SPDX-License-Identifier: GPL-2.0-only
#
# Reads the rows of ../tables/skips, and checks their syntax. Needs where.awk.

# load_skips(FILE, WORDS): fills allowed[pattern], with the line number of the row, for
# the rows that apply to the kernel that WORDS describe ("6.12 arm64 -"). Fills
# faults[n] with the messages about invalid rows. Returns how many are invalid.
function load_skips(file, words,	line, row, n, field, fault)
{
	while ((getline line < file) > 0) {
		row++
		if (line ~ /^[ \t]*(#|$)/)
			continue
		split(line, field)
		fault = fault_of_row(line, field)
		if (fault)
			faults[++n] = "line " row ": " fault
		else if (words && applies(field[2], words))
			allowed[field[1]] = allowed[field[1]] " " row
	}
	close(file)
	return n + 0
}

function fault_of_row(line, field,	term)
{
	if (split(line, field) < 3)
		return "no reason"
	if (field[1] !~ /\// || field[1] !~ /^[][A-Za-z0-9_.*+?()|\/\\^$-]+$/)
		return "invalid pattern: " field[1]
	term = invalid_term(field[2])
	return term ? "invalid range or word: " term : ""
}
