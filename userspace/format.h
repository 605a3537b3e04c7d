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
 * @key_of: the number that @cell depends on, or NULL
 * @key: of @cell, if @has_key
 * @has_key: @key is valid
 * @other_cell: the last cell that had another key
 * @other_key: of @other_cell
 * @has_other: @other_key is valid
 * @same: @cell is that of the row before
 * @name: what a format prints before each cell, if it prints the name
 * @member: JSON: @name and @cell as they are printed
 * @width: lines: of the widest cell so far
 * @at: lines: where its field starts in the line
 * @size: lines: bytes of the field
 * @cell_at: lines: where the cell starts that is in the line
 * @cell_width: lines: of that cell
 * @len: lines: bytes of that cell
 * @right: lines: cells are aligned to the right
 * @plain: lines: cells are ASCII without blanks
 * @last: no column follows
 */
struct slot {
	const struct column *col;
	struct text cell;
	column_key_fn *key_of;
	uint64_t key;
	bool has_key;
	struct text other_cell;
	uint64_t other_key;
	bool has_other;
	bool same;
	struct text name;
	struct text member;
	size_t width;
	size_t at;
	size_t size;
	size_t cell_at;
	size_t cell_width;
	size_t len;
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
 * @line: lines: the last line, with the blanks at its end
 * @kept: lines: cells of rows not printed yet, each after a struct kept_cell
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
	struct text line;
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
