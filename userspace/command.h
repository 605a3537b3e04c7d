/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command is, and what was asked of it. */
#ifndef MMSCOPE_COMMAND_H
#define MMSCOPE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

struct text;
struct options;

enum exit_code {
	EXIT_FINE = 0,
	EXIT_USAGE = 1,
	EXIT_FAILED = 2,
	EXIT_PARTIAL = 3,
};

/* struct column @flags */
#define COL_DEFAULT	(1u << 0)	/* shown without -o */
#define COL_RIGHT	(1u << 1)
#define COL_NUMBER	(1u << 2)	/* a JSON number; to the right, too */
#define COL_RESIDENCY	(1u << 3)	/* needs MMSCOPE_QUERY_RESIDENCY */
#define COL_FACTS	(1u << 4)	/* needs MMSCOPE_QUERY_FACTS */
#define COL_IN_VIEW	(1u << 5)	/* shown with the command's @view */
#define COL_NOT_IN_VIEW	(1u << 6)	/* shown without it */
#define COL_SUM		(1u << 7)	/* makes sense in a line of totals */
#define COL_ADDRESS	(1u << 8)	/* an address of the user half */
#define COL_RANGE	(1u << 9)	/* two of them */
#define COL_JSON	(1u << 10)	/* with --json, its cells are JSON already */

#define COLUMNS_MAX	48

/**
 * struct column - one column of a command's table
 * @name: heading; in JSON, in lower case, the member
 * @flags: COL_*
 * @cell: append what stands in it; nothing for an empty cell
 * @help: what it is
 */
struct column {
	const char *name;
	unsigned int flags;
	void (*cell)(struct text *out, const void *row,
		     const struct options *opt);
	const char *help;
};

/* Options a command takes, struct command @options */
#define OPT_INPUT	(1u << 0)
#define OPT_TABLE	(1u << 1)	/* --json, -o COLUMNS, -n */
#define OPT_COLOR	(1u << 2)
#define OPT_BYTES	(1u << 3)
#define OPT_ALL		(1u << 4)
#define OPT_WIDTH	(1u << 5)
#define OPT_FILE	(1u << 6)	/* -o FILE */
#define OPT_ALWAYS	(1u << 7)	/* -h, -V */
#define OPT_EACH	(1u << 8)
#define OPT_TREE	(1u << 9)
#define OPT_ONLY	(1u << 10)
#define OPT_FACTS	(1u << 11)
#define OPT_FRAME	(1u << 12)
#define OPT_RESIDENCY	(1u << 13)
#define OPT_CONSISTENT	(1u << 14)
#define OPT_VMAS	(1u << 15)

/**
 * struct command - one command, as the table in main.c lists them
 * @name: what is typed
 * @operands: what follows PID, for --help
 * @summary: one line
 * @options: OPT_* it takes
 * @view: the one of these that changes which columns are shown
 * @everybody: it takes no PID
 * @draws: it prints its table for -o and --json only
 * @least: operands it needs after PID
 * @most: operands it takes after PID
 * @columns: of its table
 * @nr_columns: how many
 * @run: do it; returns an enum exit_code
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	unsigned int options;
	unsigned int view;
	bool everybody;
	bool draws;
	int least;
	int most;
	const struct column *columns;
	size_t nr_columns;
	int (*run)(const struct options *opt);
};

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/**
 * struct options - what was asked for
 * @cmd: the command
 * @pid: whom; 0 with @input
 * @input: -i FILE
 * @operands: what stands behind PID
 * @nr_operands: how many
 * @output: -o: column list or file
 * @columns: indexes into @cmd->columns that are to be shown
 * @nr_columns: how many
 * @json: --json
 * @noheadings: -n
 * @bytes: -b
 * @all: -a
 * @given: OPT_* of the options that are given or not, and have no more to say
 * @filter: --only, --frame
 * @width: --width, else that of the terminal, else 80
 * @when: --color
 * @color: colours are to be used
 * @utf8: characters outside ASCII may be used
 */
struct options {
	const struct command *cmd;
	int pid;
	const char *input;
	char **operands;
	int nr_operands;
	const char *output;
	size_t columns[COLUMNS_MAX];
	size_t nr_columns;
	bool json;
	bool noheadings;
	bool bytes;
	bool all;
	unsigned int given;
	struct filter filter;
	unsigned int width;
	enum color_when when;
	bool color;
	bool utf8;
};

extern const struct command cmd_picture, cmd_mm, cmd_vmas, cmd_pagetable,
			    cmd_translate, cmd_tables, cmd_who, cmd_snapshot;

int options_parse(struct options *opt, int argc, char **argv);
void options_help(const struct command *cmd);
bool options_table(const struct options *opt);
bool options_want(const struct options *opt, unsigned int column_flags);
int options_range(const struct options *opt, uint64_t *start, uint64_t *end);
bool options_frames(struct filter *f, const char *s);

int complain(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
