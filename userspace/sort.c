// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "sort.h"

/**
 * struct kept_row - a row that waits to be printed
 * @number: its cell in the column, if that is a number
 * @word: the cell as text, NULL if it is empty
 * @cells: its cells, one after the other, each with a NUL
 * @index: number of the row: of two that are equal, the first one stays first
 */
struct kept_row {
	long double number;
	char *word;
	char *cells;
	size_t index;
};

/**
 * struct sorter - all rows of a table
 * @opt: the options
 * @exact: the same, but for exact numbers
 * @col: the column to sort by
 * @row: the rows
 * @nr: number of them
 * @room: number allocated
 * @key: the current key
 */
struct sorter {
	const struct options *opt;
	struct options exact;
	const struct column *col;
	struct kept_row *row;
	size_t nr;
	size_t room;
	struct text key;
};

/**
 * sorter_new - begin to sort
 * @opt: the options, with --sort
 *
 * Return: the sorter; end it with sorter_free()
 */
struct sorter *sorter_new(const struct options *opt)
{
	struct sorter *sorter = grow(NULL, 1, sizeof(*sorter));

	*sorter = (struct sorter){
		.opt = opt,
		.exact = *opt,
		.col = &opt->cmd->columns[opt->sort - 1],
	};
	/* Cells for JSON have sizes in bytes. */
	sorter->exact.json = true;
	return sorter;
}

static char *copy_cells(const struct table *t)
{
	size_t len = 0;
	char *cells, *to;

	for (size_t i = 0; i < t->nr; i++)
		len += t->slot[i].cell.len + 1;
	cells = grow(NULL, len, 1);
	to = cells;
	for (size_t i = 0; i < t->nr; i++) {
		memcpy(to, t->slot[i].cell.s, t->slot[i].cell.len + 1);
		to += t->slot[i].cell.len + 1;
	}
	return cells;
}

static char *copy_key(const struct text *key)
{
	char *copy;

	if (!key->len)
		return NULL;
	copy = grow(NULL, key->len + 1, 1);
	return memcpy(copy, key->s, key->len + 1);
}

/**
 * sorter_add - keep a row
 * @sorter: the sorter
 * @t: the table, with the cells of the row
 * @row: argument of the columns' cell functions
 */
void sorter_add(struct sorter *sorter, const struct table *t, const void *row)
{
	struct kept_row *kept;

	text_clear(&sorter->key);
	sorter->col->cell(&sorter->key, row, &sorter->exact);
	sorter->row = more(sorter->row, sorter->nr, &sorter->room,
			   sizeof(*sorter->row));
	kept = &sorter->row[sorter->nr];
	*kept = (struct kept_row){
		.word = copy_key(&sorter->key),
		.cells = copy_cells(t),
		.index = sorter->nr++,
	};
	/* Numbers have up to 64 bits, and addresses begin with 0x. */
	if (kept->word && *kept->word >= '0' && *kept->word <= '9')
		kept->number = strtold(kept->word, NULL);
}

static bool has_numbers(const struct column *col)
{
	return col->flags & (COL_NUMBER | COL_ADDRESS | COL_RANGE | COL_RIGHT);
}

static int compare(const void *first, const void *second, void *arg)
{
	const struct kept_row *a = first, *b = second;
	const struct sorter *sorter = arg;
	int order = 0;

	/* Empty cells come last in both directions. */
	if (!a->word != !b->word)
		return a->word ? -1 : 1;
	if (has_numbers(sorter->col))
		order = (a->number > b->number) - (a->number < b->number);
	else if (a->word)
		order = strcmp(a->word, b->word);
	if (order)
		return sorter->opt->descending ? -order : order;
	return (a->index > b->index) - (a->index < b->index);
}

static void load_cells(struct table *t, const char *cell)
{
	for (size_t i = 0; i < t->nr; i++) {
		size_t len = strlen(cell);

		text_clear(&t->slot[i].cell);
		text_add(&t->slot[i].cell, cell, len);
		cell += len + 1;
	}
}

/**
 * sorter_print - print the rows in order, and forget them
 * @sorter: the sorter
 * @t: the table
 */
void sorter_print(struct sorter *sorter, struct table *t)
{
	if (sorter->nr)
		qsort_r(sorter->row, sorter->nr, sizeof(*sorter->row), compare,
			sorter);
	for (size_t i = 0; i < sorter->nr; i++) {
		load_cells(t, sorter->row[i].cells);
		t->format->row(t, 0);
		output_lines(&t->out, t->opt->tty);
		free(sorter->row[i].word);
		free(sorter->row[i].cells);
	}
	sorter->nr = 0;
}

/**
 * sorter_free - end a sorter whose rows were printed
 * @sorter: the sorter, or NULL
 */
void sorter_free(struct sorter *sorter)
{
	if (!sorter)
		return;
	text_free(&sorter->key);
	free(sorter->row);
	free(sorter);
}
