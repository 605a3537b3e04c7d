# SPDX-License-Identifier: GPL-2.0-only
#
# Reads TAP, prints every result as one line with a full name and appends
# "pass|fail|skip<TAB>name" to a file for the sum at the end.
#
#   -v prefix=NAME    put before every name: "lint", "6.1"
#   -v results=FILE   where results are appended
#   -v words=WORDS    what kernel it is ("6.12 arm64 -"), if the TAP comes from
#                     the guest, where each program has a "# program NAME"
#                     before it and a "# exit NAME STATUS, ..." after it, and a skip
#                     counts only if a row of skips has it
#   -v skips=FILE     rows of: pattern, words or *, reason
#
# What no program may do unnoticed: end early, report less than it planned,
# fail without saying which test, or run no test.

BEGIN {
	while (words && (getline line < skips) > 0) {
		if (line ~ /^[ \t]*(#|$)/)
			continue
		split(line, field)
		if (applies(field[2]))
			allowed[field[1]]
	}
}

# applies(WHERE): "6.12/arm64" needs both words.
function applies(where,	word, n)
{
	n = split(where, word, "/")
	while (n && (word[n] == "*" || index(" " words " ", " " word[n] " ")))
		n--
	return !n
}

function result(status, name, why)
{
	if (status == "skip" && words && !listed(program "/" name)) {
		status = "fail"
		why = "skipped, and ./skips does not list it: " why
	}
	if (status == "skip")
		why = "SKIP " why
	name = prefix (program ? "/" program : "") "/" name
	print status "\t" name >> results
	if (status == "fail")
		printf "%s", before
	print (status == "fail" ? "not ok " : "ok ") name (why ? " # " why : "")
	before = ""
	seen++
	if (status == "fail")
		failed++
}

function listed(name,	pattern)
{
	gsub(/[ \t]+/, "_", name)
	for (pattern in allowed)
		if (name ~ "^(" pattern ")$")
			return 1
	return 0
}

function begin()
{
	seen = failed = 0
	planned = -1
	before = running = ""
}

function end(status,	ran)
{
	ran = seen
	if (status == 124 || status == 137)
		result("fail", "program", "stopped after its time limit")
	else if (status && !failed && !(status == 4 && ran))
		result("fail", "program", "exit status " status)
	if (planned > ran)
		result("fail", "program", "planned " planned " tests, ran " ran)
	if (!ran)
		result("fail", "program", "ran no test")
}

{ sub(/\r$/, "") }

/^# program / {
	begin()
	program = $3
	next
}

/^# exit / && $3 == program {
	end($4 + 0)
	program = ""
	next
}

/^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0
	if (!planned && match($0, /# *SKIP/))
		result("skip", "program", substr($0, RSTART + RLENGTH + 1))
	next
}

# The harness of 6.1 leaves the name out of the line of a skipped test.
/^#  RUN / { running = $3 }

/^(not )?ok( |$)/ {
	status = $1 == "ok" ? "pass" : "fail"
	name = $0
	why = ""
	sub(/^(not )?ok *[0-9]* *(- )?/, "", name)
	if (match(name, /# *(SKIP|XFAIL|TODO) */)) {
		status = "skip"
		why = substr(name, RSTART + RLENGTH)
		name = substr(name, 1, RSTART - 1)
	}
	sub(/[ #]*$/, "", name)
	result(status, name ? name : running ? running : "test " seen + 1, why)
	running = ""
	next
}

# Kept for the case that the test they belong to fails.
/^#/ || words { before = before "    " $0 "\n" }

END {
	if (program)
		result("fail", "program", "the machine ended while it ran")
}
