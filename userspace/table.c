// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "format.h"
#include "output.h"
#include "series.h"
#include "sort.h"
#include "table.h"

static const struct format *const formats[] = {
	[FORMAT_LINES] = &format_lines,
	[FORMAT_RAW] = &format_raw,
	[FORMAT_PAIRS] = &format_pairs,
	[FORMAT_CSV] = &format_csv,
	[FORMAT_JSON] = &format_json,
	[FORMAT_JSON_LINES] = &format_json_lines,
};

static void cell_pid(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)row;
	text_number(out, (uint64_t)opt->pid, 10);
}

/* Before the columns of a command that runs for several processes. */
static const struct column pid_column = {
	"PID", COL_NUMBER | COL_PLAIN, cell_pid, "process",
};

/* Sorted rows are made before the one above them is known. */
static column_key_fn *find_key(const struct table *t,
			       const struct column *col)
{
	const struct column_key *key = t->opt->cmd->keys;

	for (; key && key->cell && !t->sorter; key++)
		if (key->cell == col->cell)
			return key->key;
	return NULL;
}

static void add_slot(struct table *t, const struct column *col)
{
	struct slot *slot = &t->slot[t->nr];

	slot->col = col;
	slot->key_of = find_key(t, col);
	t->nr++;
	text_puts(&slot->cell, "");
	text_puts(&slot->other_cell, "");
	if (t->label + 1 == t->nr && col->flags & COL_SUM)
		t->label++;
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
		.format = formats[opt->format],
		.sorter = opt->sort ? sorter_new(opt) : NULL,
		.header = &s->header,
	};
	series_begin(opt);
	if (series_has_pid(opt))
		add_slot(t, &pid_column);
	for (size_t i = 0; i < opt->nr_columns; i++)
		add_slot(t, &opt->cmd->columns[opt->columns[i]]);
	t->slot[t->nr - 1].last = true;
	t->format->head(t, s);
	return t;
}

/* Keep the cell and its key, and take the last one that had another key. */
static void swap_cells(struct slot *slot)
{
	const struct text cell = slot->cell;
	const uint64_t key = slot->key;
	const bool has_key = slot->has_key;

	slot->cell = slot->other_cell;
	slot->key = slot->other_key;
	slot->has_key = slot->has_other;
	slot->other_cell = cell;
	slot->other_key = key;
	slot->has_other = has_key;
}

/* Find a cell with the key of this row: two kinds of mappings often take turns. */
static bool find_cell(struct slot *slot, const void *row)
{
	uint64_t key = slot->key_of(row);

	slot->same = slot->has_key && slot->key == key;
	if (slot->same)
		return true;
	swap_cells(slot);
	if (slot->has_key && slot->key == key)
		return true;
	slot->key = key;
	slot->has_key = true;
	return false;
}

static void make_cells(struct table *t, const void *row)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		if (slot->key_of && find_cell(slot, row))
			continue;
		text_clear(&slot->cell);
		slot->col->cell(&slot->cell, row, t->opt);
	}
}

static void make_sums(struct table *t, const void *row)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		slot->same = false;
		text_clear(&slot->cell);
		if (slot->col->flags & COL_SUM)
			slot->col->cell(&slot->cell, row, t->opt);
		else if (i == t->label)
			text_puts(&slot->cell, "total");
	}
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
	make_cells(t, row);
	if (t->sorter) {
		sorter_add(t->sorter, t, row);
		return;
	}
	t->format->row(t, depth);
	output_lines(&t->out, t->opt->tty);
}

/**
 * table_total - add a row of totals, labelled in the first column that is no sum
 * @t: the table; only one for people with headings has totals
 * @row: argument of the cell functions of columns with COL_SUM
 */
void table_total(struct table *t, const void *row)
{
	if (!t->format->totals || t->opt->noheadings || t->label == t->nr)
		return;
	if (t->sorter)
		sorter_print(t->sorter, t);
	make_sums(t, row);
	t->format->row(t, 0);
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
	if (t->sorter)
		sorter_print(t->sorter, t);
	sorter_free(t->sorter);
	t->format->tail(t, s);
	output_lines(&t->out, true);
	for (size_t i = 0; i < t->nr; i++) {
		text_free(&t->slot[i].cell);
		text_free(&t->slot[i].other_cell);
		text_free(&t->slot[i].name);
		text_free(&t->slot[i].member);
	}
	text_free(&t->out);
	text_free(&t->line);
	text_free(&t->kept);
	text_free(&t->members);
	free(t);
}
