// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "table.h"
#include "text.h"

/* Rows that the library holds at a time; the first ones set the widths. */
#define CHUNK	1024

/* No mapping gets addresses of more bits but the one that asks for them. */
#define ADDRESS_BITS	48u

/* What --json looks like; bump it when a member changes its meaning. */
#define JSON_FORMAT	2

/**
 * struct table - rows on their way out
 * @opt: which columns, and how
 * @lib: the library's table, a chunk of rows at a time
 * @rows: in @lib
 * @chunks: printed so far
 * @width: by column: of the widest cell so far
 * @digits: of an address of the user half
 * @label: column in which a row of totals is called that
 * @total: the row being made is one of totals
 * @cell: for the cell being made
 * @members: JSON that stands behind the rows
 */
struct table {
	const struct options *opt;
	struct libscols_table *lib;
	size_t rows;
	size_t chunks;
	size_t width[COLUMNS_MAX];
	size_t digits;
	size_t label;
	bool total;
	struct text cell;
	struct text members;
};

static const struct column *column(const struct table *t, size_t i)
{
	return &t->opt->cmd->columns[t->opt->columns[i]];
}

static bool is_right(const struct table *t, size_t i)
{
	return column(t, i)->flags & (COL_RIGHT | COL_NUMBER);
}

static bool is_tree(const struct table *t)
{
	return t->opt->given & OPT_TREE;
}

static void need(bool ok)
{
	if (!ok)
		errx(EXIT_FAILED, "out of memory");
}

static void add_columns(struct table *t)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		const struct column *col = column(t, i);
		struct libscols_column *cl;
		int flags = is_right(t, i) ? SCOLS_FL_RIGHT : 0;

		if (is_tree(t) && !i)
			flags = SCOLS_FL_TREE;
		cl = scols_table_new_column(t->lib, col->name, 0, flags);
		need(cl);
		if (col->flags & (COL_NUMBER | COL_JSON))
			scols_column_set_json_type(cl, SCOLS_JSON_NUMBER);
		t->width[i] = t->opt->noheadings ? 0 : strlen(col->name);
	}
}

/* The first that is no sum. */
static size_t label_column(const struct table *t)
{
	size_t i = 0;

	while (i < t->opt->nr_columns && column(t, i)->flags & COL_SUM)
		i++;
	return i;
}

static size_t address_digits(const struct mmscope_header *h)
{
	unsigned int bits = header_user_bits(h);

	return ((bits < ADDRESS_BITS ? bits : ADDRESS_BITS) + 3) / 4;
}

/* Addresses ascend: what comes first may be half as long as the last. */
static void make_room(struct table *t)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		struct libscols_column *cl = scols_table_get_column(t->lib, i);
		size_t width = 0;

		if (column(t, i)->flags & COL_ADDRESS)
			width = t->digits;
		if (column(t, i)->flags & COL_RANGE)
			width = 2 * t->digits + 1;
		if (width <= t->width[i])
			continue;
		t->width[i] = width;
		need(!scols_column_set_whint(cl, (double)width));
	}
}

static void say_task(struct text *out, const struct mmscope_task *task)
{
	text_printf(out, ", \"pid\": %" PRId32 ", \"tgid\": %" PRId32
			 ", \"comm\": ",
		    task->pid, task->tgid);
	text_json(out, task->comm);
}

static void print_json_head(const struct table *t, const struct stream *s)
{
	struct text out = { 0 };

	text_printf(&out, "{\n   \"mmscope\": {\"json\": %d, \"abi\": %" PRIu32,
		    JSON_FORMAT, s->header.abi);
	text_puts(&out, ", \"release\": ");
	text_json(&out, s->header.release);
	text_printf(&out, ", \"time_ns\": %" PRIu64,
		    (uint64_t)s->header.time_ns);
	if (!t->opt->cmd->everybody)
		say_task(&out, &s->task);
	text_printf(&out, "},\n   \"%s\": [", t->opt->cmd->name);
	fputs(out.s, stdout);
	text_free(&out);
}

static void print_json_tail(const struct table *t, const struct stream *s)
{
	const struct mmscope_end *end = &s->end;

	printf("\n   ]%s,\n   \"end\": ", t->members.len ? t->members.s : "");
	if (!s->ended) {
		printf("null\n}\n");
		return;
	}
	printf("{\"status\": %" PRIu32 ", \"changed\": %s, \"holds\": %" PRIu64
	       ", \"longest_ns\": %" PRIu64 "}\n}\n",
	       end->status, end->flags & MMSCOPE_END_CHANGED ? "true" : "false",
	       (uint64_t)end->holds, (uint64_t)end->longest_ns);
}

/**
 * table_open - begin a table of the columns that were asked for
 * @opt: the options
 * @s: the stream, its task already known
 *
 * Return: the table; ends with table_close()
 */
struct table *table_open(const struct options *opt, const struct stream *s)
{
	struct table *t = grow(NULL, 1, sizeof(*t));

	*t = (struct table){ .opt = opt, .lib = scols_new_table() };
	need(t->lib);
	scols_table_set_termforce(t->lib, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_noencoding(t->lib, 1);
	scols_table_enable_ascii(t->lib, !opt->utf8);
	scols_table_enable_noheadings(t->lib, opt->noheadings);
	scols_table_enable_json(t->lib, opt->json);
	scols_table_set_name(t->lib, "rows");
	add_columns(t);
	t->digits = address_digits(&s->header);
	t->label = label_column(t);
	if (opt->json)
		print_json_head(t, s);
	return t;
}

/* What stands between the brackets of the library's {"rows": [ ... ]}. */
static void print_json_rows(const struct table *t, char *out)
{
	char *first = strchr(out, '[');
	char *last = strrchr(out, ']');

	if (!first || !last)
		return;
	first++;
	while (last > first && (last[-1] == ' ' || last[-1] == '\n'))
		last--;
	if (t->chunks) {
		putchar(',');
		while (*first == ' ' || *first == '\n')
			first++;
	}
	fwrite(first, 1, (size_t)(last - first), stdout);
}

static void flush(struct table *t)
{
	char *out = NULL;

	if (!t->rows)
		return;
	need(!scols_print_table_to_string(t->lib, &out));
	if (t->opt->json)
		print_json_rows(t, out);
	else
		puts(out);
	free(out);
	output_check();
	scols_table_remove_lines(t->lib);
	t->rows = 0;
	t->chunks++;
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

/*
 * Once a chunk has shown how wide the columns are, rows need nothing more from
 * the library, and are ten times as fast without it.
 */
static void print_row(struct table *t, const void *row)
{
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		bool last = i + 1 == t->opt->nr_columns;
		size_t width, fill;

		make_cell(t, i, row);
		width = text_width(t->cell.s);
		if (width > t->width[i])
			t->width[i] = width;
		fill = t->width[i] - width;
		if (is_right(t, i))
			printf("%*s%s", (int)fill, "", t->cell.s);
		else
			printf("%s%*s", t->cell.s, last ? 0 : (int)fill, "");
		putchar(last ? '\n' : ' ');
	}
}

static struct libscols_line *add_row(struct table *t,
				     struct libscols_line *parent,
				     const void *row)
{
	struct libscols_line *line = scols_table_new_line(t->lib, parent);

	need(line);
	for (size_t i = 0; i < t->opt->nr_columns; i++) {
		size_t width;

		make_cell(t, i, row);
		width = text_width(t->cell.s);
		if (width > t->width[i])
			t->width[i] = width;
		if (t->cell.len)
			need(!scols_line_set_data(line, i, t->cell.s));
	}
	t->rows++;
	return line;
}

/**
 * table_row - add a row, which may print earlier ones
 * @t: the table
 * @row: what its cells take
 */
void table_row(struct table *t, const void *row)
{
	if (t->chunks && !t->opt->json) {
		print_row(t, row);
		output_check();
		return;
	}
	add_row(t, NULL, row);
	if (t->rows < CHUNK)
		return;
	make_room(t);
	flush(t);
}

/**
 * table_child - add a row to a tree; all of it is kept until table_close()
 * @t: a table with --tree
 * @parent: what it returned for the row above, NULL for a root
 * @row: what its cells take
 *
 * Return: the row, for those below
 */
struct libscols_line *table_child(struct table *t, struct libscols_line *parent,
				  const void *row)
{
	return add_row(t, parent, row);
}

/**
 * table_total - end with a line of totals, if a cell can say that it is one
 * @t: the table; not for programs
 * @row: what the cells with COL_SUM take
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
 * table_member - JSON that stands behind the rows
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
 * @s: the stream after its end, for the end of the JSON
 */
void table_close(struct table *t, const struct stream *s)
{
	flush(t);
	if (t->opt->json)
		print_json_tail(t, s);
	scols_unref_table(t->lib);
	text_free(&t->cell);
	text_free(&t->members);
	free(t);
}
