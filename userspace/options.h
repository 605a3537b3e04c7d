/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. */
#ifndef MMSCOPE_OPTIONS_H
#define MMSCOPE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "colors.h"
#include "command.h"
#include "filter.h"
#include "target.h"
#include "targets.h"

/* Of the picture. */
#define WIDTH_LEAST	60
#define WIDTH_MOST	500

/* Number of -i FILE; there can be any number of operands. */
#define INPUTS_MAX	64

struct series;

enum color_when {
	COLORS_AUTO,
	COLORS_ALWAYS,
	COLORS_NEVER,
};

/* How a table is printed. */
enum table_format {
	FORMAT_LINES,			/* for people: aligned columns */
	FORMAT_RAW,
	FORMAT_PAIRS,
	FORMAT_CSV,
	FORMAT_JSON,
	FORMAT_JSON_LINES,
};

/**
 * struct options - the parsed command line
 * @cmd: the command
 * @named: the command is on the command line
 * @first: what the first operand stands for, if that was looked up already, or NULL
 * @targets: of a command that repeats: the processes
 * @series: of the runs for several of these; NULL for a single process
 * @pid: process or thread; 0 with @input
 * @family: --family PID, 0 without
 * @input: -i FILE
 * @inputs: all -i FILE, of a command that takes several
 * @nr_inputs: number of these
 * @operands: operands after PID
 * @nr_operands: number of operands
 * @output: -o, a list of columns or a file
 * @columns: indexes into @cmd->columns of the columns to print
 * @nr_columns: number of columns
 * @format: --raw, --pairs, --csv, --json
 * @json: cells are for JSON
 * @every_column: --output-all
 * @sort_name: argument of --sort
 * @sort: --sort: index into @cmd->columns plus 1, 0 for none
 * @descending: --sort: the largest first
 * @noheadings: -n
 * @bytes: -b
 * @all: -a
 * @given: OPT_* of the options without an argument that only the command
 *	interprets
 * @filter: --only, --frame
 * @before: --before
 * @after: --after
 * @user: --user, a name or a number
 * @cgroup: --cgroup, a path
 * @width: --width, else COLUMNS, else that of the terminal, else 80
 * @when: --color
 * @colors: what colours look like, NULL to print none
 * @utf8: print characters outside ASCII
 * @tty: standard output is a terminal, and the format is the one for people
 * @whole: --notruncate
 * @cut: lines of tables are cut to @width
 */
struct options {
	const struct command *cmd;
	bool named;
	const struct target *first;
	struct targets targets;
	struct series *series;
	int pid;
	int family;
	const char *input;
	const char *inputs[INPUTS_MAX];
	size_t nr_inputs;
	char **operands;
	int nr_operands;
	const char *output;
	size_t columns[COLUMNS_MAX];
	size_t nr_columns;
	enum table_format format;
	bool json;
	bool every_column;
	const char *sort_name;
	size_t sort;
	bool descending;
	bool noheadings;
	bool bytes;
	bool all;
	unsigned int given;
	struct filter filter;
	size_t before;
	size_t after;
	const char *user;
	const char *cgroup;
	unsigned int width;
	enum color_when when;
	const struct colors *colors;
	bool utf8;
	bool tty;
	bool whole;
	bool cut;
};

int options_first_word(int argc, char **argv, bool *help);
int options_parse(struct options *opt, int argc, char **argv);
bool options_table(const struct options *opt);
bool options_prose(const struct options *opt);
bool options_repeat(const struct options *opt);
bool options_want(const struct options *opt, unsigned int column_flags);
bool options_sections(const struct options *opt);
int options_range(const struct options *opt, uint64_t *start, uint64_t *end);
int options_address(const char *s, uint64_t *addr);
bool options_frames(struct filter *f, const char *s);

#endif
