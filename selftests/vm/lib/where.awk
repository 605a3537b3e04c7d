# SPDX-License-Identifier: GPL-2.0-only
#
# Terms of the tables that say where a row applies: see ../tables/skips.

# applies(WHERE, WORDS): whether every term of WHERE ("<6.13/arm64") holds for the kernel
# that WORDS describe ("6.12 arm64 -").
function applies(where, words,	term, n)
{
	n = split(where, term, "/")
	while (n && one_holds(term[n], words))
		n--
	return !n
}

# one_holds(TERMS, WORDS): whether one term of "rt|rt-debug" holds.
function one_holds(terms, words,	term, n)
{
	n = split(terms, term, "|")
	while (n && !holds(term[n], words))
		n--
	return n
}

function holds(term, words,	word)
{
	if (term == "*")
		return 1
	if (is_range(term))
		return in_range(term, words)
	word = term
	sub(/^!/, "", word)
	return (index(" " words " ", " " word " ") > 0) == (word == term)
}

function is_range(term)
{
	return term ~ /^(<|<=|>=|>)?[0-9]+\.[0-9]+$/ ||
		term ~ /^[0-9]+\.[0-9]+-[0-9]+\.[0-9]+$/
}

# The version is the first of the words. Both ends of "5.10-6.12" are included.
function in_range(range, words,	version, end)
{
	version = number(words)
	if (split(range, end, "-") == 2)
		return number(end[1]) <= version && version <= number(end[2])
	if (range ~ /^<=/)
		return version <= number(substr(range, 3))
	if (range ~ /^</)
		return version < number(substr(range, 2))
	if (range ~ /^>=/)
		return version >= number(substr(range, 3))
	if (range ~ /^>/)
		return version > number(substr(range, 2))
	return version == number(range)
}

# number("6.12"): versions in their order.
function number(version,	part)
{
	split(version, part, /[. ]/)
	return part[1] * 1000 + part[2]
}

# invalid_term(WHERE): the first term that has no valid syntax, or "".
function invalid_term(where,	term, n, i)
{
	n = split(where, term, /[\/|]/)
	for (i = 1; i <= n; i++)
		if (term[i] != "*" && !is_range(term[i]) &&
		    term[i] !~ /^!?(-|[a-z][a-z0-9_-]*|[0-9]+k)$/)
			return term[i] == "" ? where : term[i]
	return n ? "" : where
}
