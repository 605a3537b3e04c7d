/* SPDX-License-Identifier: GPL-2.0-only */
/* A table on its way out, and the formats that it can have. */
#ifndef MMSCOPE_FORMAT_H
#define MMSCOPE_FORMAT_H

#include "options.h"
#include "stream.h"
#include "text.h"

/* Blanks before the first column for each level of a tree. */
#define INDENT	2u

struct sorter;

/**
 * struct slot - a column of the table
 * @col: the column
 * @cell: its cell in the current row
 * @key: what a format prints before each cell, if it prints the name
 * @width: lines: of the widest cell so far
 * @right: lines: cells are aligned to the right
 * @plain: lines: cells are ASCII without blanks
 * @last: no column follows
 */
struct slot {
	const struct column *col;
	struct text cell;
	struct text key;
	size_t width;
	bool right;
	bool plain;
	bool last;
};

/**
 * struct table - a table being printed
 * @opt: the options
 * @format: how it is printed
 * @header: of the stream
 * @slot: its columns
 * @nr: number of columns
 * @label: column for the word "total"
 * @out: what was not written yet
 * @kept: lines: cells of rows not printed yet, one after the other, with NUL
 * @nr_kept: lines: number of these rows
 * @flowing: lines: the widths are known, so rows are printed at once
 * @screen: lines: cells are printed by screen_cell()
 * @heading: screen: the line is that of the headings
 * @used: screen: columns of the line so far
 * @any: JSON: there was a row
 * @depth: JSON: of the last row in its tree
 * @members: JSON: what follows the rows
 * @sorter: the rows to sort, or NULL
 */
struct table {
	const struct options *opt;
	const struct format *format;
	const struct mmscope_header *header;
	struct slot slot[COLUMNS_MAX + 1];
	size_t nr;
	size_t label;
	struct text out;
	struct text kept;
	size_t nr_kept;
	bool flowing;
	bool screen;
	bool heading;
	size_t used;
	bool any;
	unsigned int depth;
	struct text members;
	struct sorter *sorter;
};

/**
 * struct format - how tables are printed
 * @totals: rows of totals are printed
 * @head: called before the first row
 * @row: print a row, whose cells are in the slots; its depth is 0 unless it is part
 *	of a tree
 * @tail: called after the last row
 */
struct format {
	bool totals;
	void (*head)(struct table *t, const struct stream *s);
	void (*row)(struct table *t, unsigned int depth);
	void (*tail)(struct table *t, const struct stream *s);
};

extern const struct format format_lines;
extern const struct format format_raw;
extern const struct format format_pairs;
extern const struct format format_csv;
extern const struct format format_json;
extern const struct format format_json_lines;

/* The text of a cell in which blanks are escaped as in /proc/mounts. */
void field_escape(struct text *cell);

#endif
