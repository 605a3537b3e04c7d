/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command is: its options, operands and columns. */
#ifndef MMSCOPE_COMMAND_H
#define MMSCOPE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;
struct options;

/* struct column @flags */
#define COL_DEFAULT	(1u << 0)	/* shown without -o */
#define COL_RIGHT	(1u << 1)	/* aligned to the right */
#define COL_NUMBER	(1u << 2)	/* a JSON number; also aligned so */
#define COL_RESIDENCY	(1u << 3)	/* needs MMSCOPE_QUERY_RESIDENCY */
#define COL_FACTS	(1u << 4)	/* needs MMSCOPE_QUERY_FACTS */
#define COL_IN_VIEW	(1u << 5)	/* shown with the command's @view */
#define COL_NOT_IN_VIEW	(1u << 6)	/* shown without it */
#define COL_SUM		(1u << 7)	/* has a value in the row of totals */
#define COL_ADDRESS	(1u << 8)	/* an address */
#define COL_RANGE	(1u << 9)	/* START-END */
#define COL_JSON	(1u << 10)	/* with --json, its cells are JSON */
#define COL_STACK	(1u << 11)	/* needs the stacks of threads */
#define COL_SECTIONS	(1u << 12)	/* needs the ELF files of mappings */
#define COL_PLAIN	(1u << 13)	/* cells are ASCII without blanks; so are
					 * those of COL_ADDRESS and COL_RANGE
					 */
#define COL_CUT		(1u << 14)	/* cut if the terminal is too narrow */
#define COL_SEGMENT	(1u << 15)	/* the name of a segment */
#define COL_RIGHTS	(1u << 16)	/* letters; w and x together are an alert */
#define COL_HEX		(1u << 17)	/* another hexadecimal number */
#define COL_BOOLEAN	(1u << 18)	/* with COL_JSON: true or false */
#define COL_LIST	(1u << 19)	/* with COL_JSON: an array of strings */

#define COLUMNS_MAX	48

/**
 * struct column - one column of a command's table
 * @name: heading; in JSON, in lower case, the name of the member
 * @flags: COL_*
 * @cell: append the cell; nothing for an empty one, which is null in JSON
 * @help: description
 */
struct column {
	const char *name;
	unsigned int flags;
	void (*cell)(struct text *out, const void *row,
		     const struct options *opt);
	const char *help;
};

/* Return: a number that stands for the cell of a row. */
typedef uint64_t column_key_fn(const void *row);

/**
 * struct column_key - a number that the cells of a column depend on, and nothing else
 * @cell: the column's function
 * @key: return the number; a row with that of the row before keeps its cell
 */
struct column_key {
	void (*cell)(struct text *out, const void *row,
		     const struct options *opt);
	column_key_fn *key;
};

/* Options that a command takes: struct command @options */
#define OPT_INPUT	(1u << 0)
#define OPT_TABLE	(1u << 1)	/* --json, -o COLUMNS, -n */
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
#define OPT_SECTIONS	(1u << 16)
#define OPT_RUNS	(1u << 17)
#define OPT_NO_PAGER	(1u << 18)
#define OPT_USER	(1u << 19)
#define OPT_CGROUP	(1u << 20)
#define OPT_FAMILY	(1u << 24)
#define OPT_NEIGHBOURS	(1u << 25)

/**
 * struct command - one command
 * @name: what the user types
 * @operands: operands after PID, for --help
 * @summary: one line
 * @example: for --help: a sentence, and command lines indented by two blanks; each
 *	line ends with a newline
 * @options: OPT_* that it takes
 * @view: one of these, which changes the default columns
 * @all_processes: it reads all processes and takes no PID
 * @pid_optional: without a PID, it reads its own process
 * @several: its operands are all PIDs; with -i FILE, further files
 * @repeats: it takes several PIDs, and runs once for each of them
 * @draws: it prints a table only with -o or --json
 * @least: number of operands after PID, at least
 * @most: number of operands after PID, at most
 * @columns: of its table
 * @nr_columns: number of columns
 * @keys: of the columns that have them; the last one is empty; or NULL
 * @run: run the command; returns an enum exit_code
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *example;
	unsigned int options;
	unsigned int view;
	bool all_processes;
	bool pid_optional;
	bool several;
	bool repeats;
	bool draws;
	int least;
	int most;
	const struct column *columns;
	size_t nr_columns;
	const struct column_key *keys;
	int (*run)(const struct options *opt);
};

#endif
