# SPDX-License-Identifier: GPL-2.0-only
#
# Reads TAP, prints every result as one line with a full name and appends
# "pass|fail|skip<TAB>name" to a file for the sum at the end. Needs where.awk and
# skips.awk.
#
#   -v prefix=NAME    first part of every name: "lint", "6.1"
#   -v results=FILE   where results are appended
#   -v again=COMMAND  runs the failed test again
#
# For the TAP of a guest, where each program has a line "# program NAME" before its
# output, and a line "# exit NAME STATUS, ..." after it:
#
#   -v words=WORDS    the kernel: "6.12 arm64 -". A skip is a failure unless a row of
#                     the table of skips allows it.
#   -v skips=FILE     the table
#   -v used=FILE      where the lines of rows that apply ("row N") and of rows that
#                     allowed a skip ("used N") are appended
#
# A program fails as a whole if it ends early, runs fewer tests than it planned,
# fails without a failed test, or runs no test.

BEGIN {
	if (words)
		begin_skips()
}

function begin_skips(	i, n, pattern, row)
{
	load_skips(skips, words)
	for (pattern in allowed) {
		n = split(allowed[pattern], row)
		for (i = 1; i <= n; i++)
			print "row " row[i] >> used
	}
}

function result(status, name, why)
{
	if (status == "skip" && words && !is_allowed(program "/" name)) {
		status = "fail"
		why = "skipped, and tables/skips does not allow it: " why
	}
	if (status == "skip")
		why = "SKIP " why
	test = name
	name = prefix (program ? "/" program : "") "/" name
	print status "\t" name >> results
	if (status == "fail")
		printf "%s", before
	print (status == "fail" ? "not ok " : "ok ") name (why ? " # " why : "")
	if (status == "fail")
		print_again(test)
	before = ""
	seen++
	if (status == "fail")
		failed++
}

# A test that the harness ran has a name like "fixture.variant.test".
function print_again(test)
{
	if (!again)
		return
	if (!program)
		print "    again: " again
	else if (test ~ /^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/)
		print "    again: " again " TEST=" program "/" test
	else
		print "    again: " again " TEST=" program
}

function is_allowed(name,	pattern, row, n, found)
{
	gsub(/[ \t]+/, "_", name)
	for (pattern in allowed) {
		if (name !~ "^(" pattern ")$")
			continue
		n = split(allowed[pattern], row)
		while (n)
			print "used " row[n--] >> used
		found = 1
	}
	return found
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

# The harness of 6.1 prints no name in the line of a skipped test.
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

# Printed if the test that they belong to fails.
/^#/ || words { before = before "    " $0 "\n" }

END {
	if (program)
		result("fail", "program", "the machine ended while it ran")
}
