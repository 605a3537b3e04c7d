// SPDX-License-Identifier: GPL-2.0-only
/* Tables for scripts: fields that need no alignment. */
#include <string.h>

#include "ascii.h"
#include "column.h"
#include "format.h"

/**
 * field_escape - replace the blanks of a cell as /proc/PID/mounts does
 * @cell: the cell
 */
void field_escape(struct text *cell)
{
	struct text field = { 0 };

	for (const char *s = cell->s; *s; s++)
		if (*s == ' ')
			text_puts(&field, "\\040");
		else
			text_putc(&field, *s);
	text_clear(cell);
	if (field.len)
		text_join(cell, &field);
	text_free(&field);
}

static void put_headings(struct table *t, char separator)
{
	if (t->opt->noheadings)
		return;
	for (size_t i = 0; i < t->nr; i++) {
		text_puts(&t->out, t->slot[i].col->name);
		text_putc(&t->out, t->slot[i].last ? '\n' : separator);
	}
}

static void no_tail(struct table *t, const struct stream *s)
{
	(void)t;
	(void)s;
}

/* Raw: one blank between two fields, and no field is empty. */

static void raw_head(struct table *t, const struct stream *s)
{
	(void)s;
	put_headings(t, ' ');
}

static void raw_row(struct table *t, unsigned int depth)
{
	(void)depth;
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		if (!slot->cell.len)
			text_putc(&slot->cell, '-');
		else if (ascii_has(slot->cell.s, slot->cell.len, ASCII_BLANK))
			field_escape(&slot->cell);
		text_join(&t->out, &slot->cell);
		text_putc(&t->out, slot->last ? '\n' : ' ');
	}
}

const struct format format_raw = {
	.head = raw_head,
	.row = raw_row,
	.tail = no_tail,
};

/* Pairs: assignments that a shell can evaluate. */

static void pairs_head(struct table *t, const struct stream *s)
{
	(void)s;
	for (size_t i = 0; i < t->nr; i++) {
		column_variable(&t->slot[i].name, t->slot[i].col);
		text_puts(&t->slot[i].name, "=\"");
	}
}

/* In double quotes, a shell interprets these. */
static void put_quoted(struct text *out, const char *s)
{
	for (size_t len; *s; s += len) {
		len = strcspn(s, "\"\\$`");
		text_add(out, s, len);
		if (!s[len])
			return;
		text_putc(out, '\\');
		text_putc(out, s[len++]);
	}
}

static void pairs_row(struct table *t, unsigned int depth)
{
	(void)depth;
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		text_join(&t->out, &slot->name);
		put_quoted(&t->out, slot->cell.s);
		text_puts(&t->out, slot->last ? "\"\n" : "\" ");
	}
}

const struct format format_pairs = {
	.head = pairs_head,
	.row = pairs_row,
	.tail = no_tail,
};

/* CSV as in RFC 4180, with lines that end as elsewhere in Unix. */

static void csv_head(struct table *t, const struct stream *s)
{
	(void)s;
	put_headings(t, ',');
}

static void csv_quote(struct text *out, const char *s)
{
	text_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			text_putc(out, '"');
		text_putc(out, *s);
	}
	text_putc(out, '"');
}

/* An empty field has quotes where it is the only one: readers skip empty lines. */
static void csv_row(struct table *t, unsigned int depth)
{
	(void)depth;
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		if (slot->cell.s[strcspn(slot->cell.s, ",\"")] ||
		    (t->nr == 1 && !slot->cell.len))
			csv_quote(&t->out, slot->cell.s);
		else if (slot->cell.len)
			text_join(&t->out, &slot->cell);
		text_putc(&t->out, slot->last ? '\n' : ',');
	}
}

const struct format format_csv = {
	.head = csv_head,
	.row = csv_row,
	.tail = no_tail,
};
