// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "table.h"
#include "text.h"

/* Rows that are kept to find the widths of the columns before any is printed. */
#define CHUNK	1024

/* Addresses have more bits only where a mapping asked for them. */
#define ADDRESS_BITS	48u

/* Blanks before the first column for each level of a tree. */
#define INDENT	2u

/* Version of the JSON; bump it when a member changes its meaning. */
#define JSON_FORMAT	3

/**
 * struct table - a table being printed
 * @opt: columns and format
 * @kept: rows not printed yet, the cells of each one after the other, with NUL
 * @nr: number of these rows
 * @flowing: the widths are known, so rows are printed at once
 * @width: by column: of the widest cell so far
 * @digits: of an address of the user half
 * @label: column for the word "total"
 * @total: the current row is that of totals
 * @cell: the current cell
 * @line: the current line
 * @key: JSON: by column: what goes before its values
 * @any: JSON: there was a row
 * @depth: JSON: of the last row in its tree
 * @members: JSON: what follows the rows
 */
struct table {
	const struct options *opt;
	struct text kept;
	size_t nr;
	bool flowing;
	size_t width[COLUMNS_MAX];
	size_t digits;
	size_t label;
	bool total;
	struct text cell;
	struct text line;
	struct text key[COLUMNS_MAX];
	bool any;
	unsigned int depth;
	struct text members;
};

static const struct column *column(const struct table *t, size_t i)
{
	return &t->opt->cmd->columns[t->opt->columns[i]];
}

static bool is_right(const struct table *t, size_t i)
{
	bool tree = !i && t->opt->given & OPT_TREE;

	return !tree && column(t, i)->flags & (COL_RIGHT | COL_NUMBER);
}

static size_t address_digits(const struct mmscope_header *h)
{
	unsigned int bits = header_user_bits(h);

	return ((bits < ADDRESS_BITS ? bits : ADDRESS_BITS) + 3) / 4;
}

/* Lines */

/* Append a cell to the line, filled to the width of its column. */
static void put_cell(struct table *t, size_t i, const char *cell)
{
	bool last = i + 1 == t->opt->nr_columns, right = is_right(t, i);
	size_t width = text_width(cell), fill;

	if (width > t->width[i])
		t->width[i] = width;
	fill = t->width[i] - width;
	if (right && fill)
		text_fill(&t->line, " ", fill);
	text_puts(&t->line, cell);
	if (!last)
		text_fill(&t->line, " ", right ? 1 : fill + 1);
}

/* A terminal gets no more than its width. */
static void end_line(struct table *t)
{
	struct text cut = { 0 };

	while (t->line.len && t->line.s[t->line.len - 1] == ' ')
		t->line.s[--t->line.len] = '\0';
	if (t->opt->tty && text_width(t->line.s) > t->opt->width) {
		text_fit(&cut, t->line.s, t->opt->width, "");
		puts(cut.s);
		text_free(&cut);
	} else {
		text_puts(&t->line, "\n");
		fwrite(t->line.s, 1, t->line.len, stdout);
	}
	output_check();
	text_clear(&t->line);
}

static void print_headings(struct table *t)
{
	if (t->opt->noheadings)
		return;
	for (size_t i = 0; i < t->opt->nr_columns; i++)
		put_cell(t, i, column(t, i)->name);
	end_line(t);
}

/* Later addresses may be longer than the first ones. */
static void widen_addresses(struct table *t)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		unsigned int flags = column(t, i)->flags;
		size_t width = 0;

		if (flags & COL_ADDRESS)
			width = t->digits;
		if (flags & COL_RANGE)
			width = 2 * t->digits + 1;
		if (!i && t->opt->given & OPT_TREE)
			width += INDENT * (MMSCOPE_PGD - MMSCOPE_PTE);
		if (width > t->width[i])
			t->width[i] = width;
	}
}

static void print_kept(struct table *t)
{
	const char *cell = t->kept.s;

	if (!t->nr)
		return;
	print_headings(t);
	for (; t->nr; t->nr--) {
		for (size_t i = 0; i < t->opt->nr_columns; i++) {
			put_cell(t, i, cell);
			cell += strlen(cell) + 1;
		}
		end_line(t);
	}
	text_clear(&t->kept);
	t->flowing = true;
}

/* In piped output, each cell is one field: not empty, and without blanks. */
static void make_field(struct text *cell, bool last)
{
	struct text field = { 0 };

	if (!cell->len)
		text_puts(cell, "-");
	if (last || !strchr(cell->s, ' '))
		return;
	for (const char *s = cell->s; *s; s++)
		if (*s == ' ')
			text_puts(&field, "\\040");
		else
			text_add(&field, s, 1);
	text_clear(cell);
	text_add(cell, field.s, field.len);
	text_free(&field);
}

static void make_cell(struct table *t, size_t i, const void *row)
{
	text_clear(&t->cell);
	text_puts(&t->cell, "");
	if (!t->total || column(t, i)->flags & COL_SUM)
		column(t, i)->cell(&t->cell, row, t->opt);
	else if (i == t->label)
		text_puts(&t->cell, "total");
}

static void indent(struct text *cell, size_t blanks)
{
	struct text indented = { 0 };

	text_fill(&indented, " ", blanks);
	text_add(&indented, cell->s, cell->len);
	text_free(cell);
	*cell = indented;
}

static void text_row(struct table *t, const void *row, unsigned int depth)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		size_t width;

		make_cell(t, i, row);
		if (!t->opt->tty)
			make_field(&t->cell, i + 1 == t->opt->nr_columns);
		if (!i && depth)
			indent(&t->cell, INDENT * depth);
		if (t->flowing) {
			put_cell(t, i, t->cell.s);
			continue;
		}
		text_add(&t->kept, t->cell.s, t->cell.len + 1);
		width = text_width(t->cell.s);
		if (width > t->width[i])
			t->width[i] = width;
	}
	if (t->flowing) {
		end_line(t);
	} else if (++t->nr == CHUNK) {
		widen_addresses(t);
		print_kept(t);
	}
}

/* JSON */

static void put_number(struct text *out, const char *s)
{
	if (s[strspn(s, "0123456789")])
		text_puts(out, s);
	else
		text_json_number(out, strtoull(s, NULL, 10));
}

/* What goes before a value: a comma and the name of the member. */
static void make_keys(struct table *t)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		text_puts(&t->key[i], i ? ", \"" : "\"");
		for (const char *s = column(t, i)->name; *s; s++)
			text_add(&t->key[i], &(char){ (char)tolower(*s) }, 1);
		text_puts(&t->key[i], "\": ");
	}
}

static void put_member(struct table *t, size_t i)
{
	const struct column *col = column(t, i);

	text_add(&t->line, t->key[i].s, t->key[i].len);
	if (!t->cell.len)
		text_puts(&t->line, "null");
	else if (col->flags & COL_JSON)
		text_puts(&t->line, t->cell.s);
	else if (col->flags & COL_NUMBER)
		put_number(&t->line, t->cell.s);
	else
		text_json(&t->line, t->cell.s);
}

/* End the last row, and the lists of children that end with it. */
static void end_rows(struct table *t, unsigned int depth)
{
	if (!t->any)
		return;
	text_puts(&t->line, "}");
	for (; t->depth > depth; t->depth--)
		text_puts(&t->line, "]}");
}

/* A row stays open until it is known that it has no children. */
static void json_row(struct table *t, const void *row, unsigned int depth)
{
	if (t->any && depth > t->depth) {
		text_puts(&t->line, ", \"children\": [");
	} else if (t->any) {
		end_rows(t, depth);
		text_puts(&t->line, ",");
	}
	text_puts(&t->line, "\n      ");
	text_fill(&t->line, " ", INDENT * depth);
	text_puts(&t->line, "{");
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		make_cell(t, i, row);
		put_member(t, i);
	}
	t->any = true;
	t->depth = depth;
	fwrite(t->line.s, 1, t->line.len, stdout);
	output_check();
	text_clear(&t->line);
}

static void json_head(struct table *t, const struct stream *s)
{
	struct text *out = &t->line;

	text_printf(out, "{\n   \"mmscope\": {\"json\": %d, \"abi\": %" PRIu32,
		    JSON_FORMAT, s->header.abi);
	text_puts(out, ", \"release\": ");
	text_json(out, s->header.release);
	text_printf(out, ", \"time_ns\": \"%" PRIu64 "\"",
		    (uint64_t)s->header.time_ns);
	if (!t->opt->cmd->all_processes) {
		text_printf(out, ", \"pid\": %" PRId32 ", \"tgid\": %" PRId32,
			    s->task.pid, s->task.tgid);
		text_puts(out, ", \"comm\": ");
		text_json(out, s->task.comm);
	}
	text_printf(out, "},\n   \"%s\": [", t->opt->cmd->name);
	fputs(out->s, stdout);
	text_clear(out);
}

static void json_tail(struct table *t, const struct stream *s)
{
	const struct mmscope_end *end = &s->end;

	end_rows(t, 0);
	text_printf(&t->line, "\n   ]%s,\n   \"end\": ",
		    t->members.len ? t->members.s : "");
	if (s->ended) {
		text_printf(&t->line,
			    "{\"status\": %" PRIu32 ", \"changed\": %s, \"holds\": ",
			    end->status,
			    end->flags & MMSCOPE_END_CHANGED ? "true" : "false");
		text_json_number(&t->line, end->holds);
		text_puts(&t->line, ", \"longest_ns\": ");
		text_json_number(&t->line, end->longest_ns);
		text_puts(&t->line, "}\n}\n");
	} else {
		text_puts(&t->line, "null\n}\n");
	}
	fputs(t->line.s, stdout);
}

/**
 * table_open - begin a table
 * @opt: columns and format
 * @s: the stream, its TASK record already read
 *
 * Return: the table; the caller ends it with table_close()
 */
struct table *table_open(const struct options *opt, const struct stream *s)
{
	struct table *t = grow(NULL, 1, sizeof(*t));

	*t = (struct table){
		.opt = opt,
		.digits = address_digits(&s->header),
	};
	while (t->label < opt->nr_columns &&
	       column(t, t->label)->flags & COL_SUM)
		t->label++;
	for (size_t i = 0; i < opt->nr_columns && !opt->noheadings; i++)
		t->width[i] = strlen(column(t, i)->name);
	if (opt->json) {
		make_keys(t);
		json_head(t, s);
	}
	return t;
}

/**
 * table_row - add a row
 * @t: the table
 * @row: argument of the columns' cell functions
 */
void table_row(struct table *t, const void *row)
{
	table_branch(t, row, 0);
}

/**
 * table_branch - add a row of a tree
 * @t: a table with --tree
 * @row: argument of the columns' cell functions
 * @depth: 0 for a root; at most one more than that of the row before
 */
void table_branch(struct table *t, const void *row, unsigned int depth)
{
	if (t->opt->json)
		json_row(t, row, depth);
	else
		text_row(t, row, depth);
}

/**
 * table_total - add a row of totals, labelled in the first column that is no sum
 * @t: the table; JSON and tables without headings have no totals
 * @row: argument of the cell functions of columns with COL_SUM
 */
void table_total(struct table *t, const void *row)
{
	if (t->opt->json || t->opt->noheadings ||
	    t->label == t->opt->nr_columns)
		return;
	t->total = true;
	table_row(t, row);
	t->total = false;
}

/**
 * table_member - add a JSON member after the rows
 * @t: the table
 * @name: of the member
 * @json: its value
 */
void table_member(struct table *t, const char *name, const char *json)
{
	text_printf(&t->members, ",\n   \"%s\": %s", name, json);
}

/**
 * table_close - print what is left, and free the table
 * @t: the table
 * @s: the stream after its end, for the JSON
 */
void table_close(struct table *t, const struct stream *s)
{
	if (t->opt->json)
		json_tail(t, s);
	else
		print_kept(t);
	text_free(&t->kept);
	text_free(&t->cell);
	text_free(&t->line);
	text_free(&t->members);
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		text_free(&t->key[i]);
	free(t);
}
