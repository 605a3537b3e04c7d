// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "option_table.h"

const struct known known[] = {
	{ 'i', "input", "FILE", OPT_INPUT,
	  "read a snapshot; - is standard input" },
	{ 'J', "json", "lines", OPT_TABLE,
	  "print JSON, or one object a line; sizes in bytes" },
	{ 'r', "raw", NULL, OPT_TABLE, "print fields with one blank between them" },
	{ 'P', "pairs", NULL, OPT_TABLE, "print NAME=\"VALUE\" for a shell" },
	{ LONG_CSV, "csv", NULL, OPT_TABLE, "print CSV; sizes in bytes" },
	{ 'o', "output", "COLUMNS", OPT_TABLE,
	  "columns to print; +COLUMNS adds to the default" },
	{ LONG_EVERY_COLUMN, "output-all", NULL, OPT_TABLE, "print all columns" },
	{ LONG_SORT, "sort", "COLUMN", OPT_TABLE,
	  "sort rows by COLUMN; -COLUMN: largest first" },
	{ 'H', "list-columns", NULL, OPT_TABLE, "list the columns and exit" },
	{ LONG_SCHEMA, "schema", NULL, OPT_TABLE,
	  "print the JSON Schema of --json and exit" },
	{ 'o', "output", "FILE", OPT_FILE,
	  "write to FILE; - is standard output" },
	{ 'n', "noheadings", NULL, OPT_TABLE, "print no headings and no totals" },
	{ 'u', "notruncate", NULL, OPT_TABLE,
	  "do not cut lines to the width of the terminal" },
	{ 'B', "before", "N", OPT_NEIGHBOURS, "also N mappings before RANGE" },
	{ 'A', "after", "N", OPT_NEIGHBOURS, "also N mappings after RANGE" },
	{ 'b', "bytes", NULL, OPT_BYTES, "print sizes in bytes" },
	{ 'a', "all", NULL, OPT_ALL, "draw every mapping, to a logarithmic scale" },
	{ GIVEN(OPT_EACH), "each", NULL, OPT_EACH,
	  "print one line for each entry instead of each run" },
	{ GIVEN(OPT_TREE), "tree", NULL, OPT_TREE,
	  "also show the tables above the entries" },
	{ LONG_ONLY, "only", "NAMES", OPT_ONLY,
	  "only entries that match NAMES, see below" },
	{ LONG_FRAME, "frame", "FRAMES", OPT_FRAME,
	  "only entries that map FRAME, START-END or START+COUNT" },
	{ LONG_USER, "user", "USER", OPT_USER,
	  "only processes of USER, a name or a number" },
	{ LONG_CGROUP, "cgroup", "PATH", OPT_CGROUP,
	  "processes in the cgroup PATH, or in one below it" },
	{ LONG_FAMILY, "family", "PID", OPT_FAMILY,
	  "this process and all that descend from it" },
	{ GIVEN(OPT_FACTS), "facts", NULL, OPT_FACTS,
	  "include page facts: flags, sharing, NUMA node" },
	{ GIVEN(OPT_RESIDENCY), "residency", NULL, OPT_RESIDENCY,
	  "show how much is resident, and of what kind" },
	{ GIVEN(OPT_CONSISTENT), "consistent", NULL, OPT_CONSISTENT,
	  "list all mappings under one hold of mmap_lock" },
	{ GIVEN(OPT_VMAS), "vmas", NULL, OPT_VMAS,
	  "list tables by the mapping that needs them" },
	{ GIVEN(OPT_SECTIONS), "sections", NULL, OPT_SECTIONS,
	  "read the mapped ELF files, name their sections" },
	{ GIVEN(OPT_RUNS), "runs", NULL, OPT_RUNS,
	  "list the runs of page-table entries, not regions" },
	{ GIVEN(OPT_NO_PAGER), "no-pager", NULL, OPT_NO_PAGER,
	  "print long output without a pager" },
	{ LONG_WIDTH, "width", "COLUMNS", OPT_WIDTH,
	  "width of the picture or of sentences" },
	{ LONG_COLOR, "color", "WHEN", OPT_TABLE,
	  "auto (default), always or never; always without WHEN" },
	{ 'h', "help", NULL, OPT_ALWAYS, "print this help" },
	{ 'V', "version", NULL, OPT_ALWAYS, "print the version" },
};

const size_t nr_known = ARRAY_SIZE(known);
_Static_assert(ARRAY_SIZE(known) <= KNOWN_MAX, "increase KNOWN_MAX");

/**
 * option_taken - whether an option is among those of a command
 * @k: the option
 * @options: OPT_* that the command takes
 *
 * Return: true if it is, or if all commands take it
 */
bool option_taken(const struct known *k, unsigned int options)
{
	return k->mask & (options | OPT_ALWAYS);
}

/**
 * option_is_optional - whether an option can do without its argument
 * @k: the option
 *
 * Return: true if it can
 */
bool option_is_optional(const struct known *k)
{
	return k->val == LONG_COLOR || k->val == 'J';
}

/**
 * option_find - find an option by what getopt_long(3) returned
 * @val: letter or LONG_*
 * @options: OPT_* that the command takes
 *
 * Return: the option, NULL if the command does not take it
 */
const struct known *option_find(int val, unsigned int options)
{
	for (size_t i = 0; i < nr_known; i++)
		if (known[i].val == val && option_taken(&known[i], options))
			return &known[i];
	return NULL;
}

/**
 * options_accept - describe options for getopt_long(3)
 * @a: result; must be zero
 * @options: OPT_*
 * @mode: the characters that come first, such as "-" to return operands in order
 */
void options_accept(struct accepted *a, unsigned int options, const char *mode)
{
	struct option *longer = a->longer;
	char *brief = a->brief;

	while (*mode)
		*brief++ = *mode++;
	for (size_t i = 0; i < nr_known; i++) {
		const struct known *k = &known[i];

		if (!option_taken(k, options))
			continue;
		*longer++ = (struct option){
			.name = k->name,
			.has_arg = option_is_optional(k) ? optional_argument :
				   k->arg ? required_argument : no_argument,
			.val = k->val,
		};
		if (k->val >= NO_LETTER)
			continue;
		*brief++ = (char)k->val;
		if (k->arg && !option_is_optional(k))
			*brief++ = ':';
	}
}
