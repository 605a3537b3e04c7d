// SPDX-License-Identifier: GPL-2.0-only
/* Tables for people: lines with aligned columns. */
#include <string.h>

#include "ascii.h"
#include "format.h"
#include "header.h"
#include "screen.h"
#include "series.h"

/*
 * Rows that are kept to find the widths of the columns before any is printed.
 * Memory must not grow with the number of rows, so a wider cell that comes later
 * moves the rest of its line, and widens its column from there on.
 */
#define CHUNK	1024

/* Addresses have more bits only where a mapping asked for them. */
#define ADDRESS_BITS	48u

static size_t address_digits(const struct mmscope_header *h)
{
	unsigned int bits = header_user_bits(h);

	return ((bits < ADDRESS_BITS ? bits : ADDRESS_BITS) + 3) / 4;
}

/* Write blanks: too many of them, but no more than there is slack. */
static char *put_blanks(char *to, size_t nr)
{
	static const char blanks[] = "                ";

	for (size_t i = 0; i < nr; i += sizeof(blanks) - 1)
		memcpy(to + i, blanks, sizeof(blanks) - 1);
	return to + nr;
}

/* The cell is part of a text, so that its slack can be copied with it. */
static char *put_bytes(char *to, const char *cell, size_t len)
{
	if (len <= TEXT_SLACK)
		memcpy(to, cell, TEXT_SLACK);
	else
		memcpy(to, cell, len);
	return to + len;
}

/* Append a cell of that width to the line, filled to the width of its column. */
static void put_cell(struct table *t, struct slot *slot, const char *cell,
		     size_t len, size_t width)
{
	size_t fill;
	char *to;

	if (width > slot->width)
		slot->width = width;
	fill = slot->width - width;
	to = text_end(&t->out, len + fill + 1);
	if (slot->right) {
		to = put_blanks(to, fill);
		to = put_bytes(to, cell, len);
		*to++ = ' ';
	} else {
		to = put_bytes(to, cell, len);
		to = put_blanks(to, fill + 1);
	}
	t->out.len = (size_t)(to - t->out.s);
}

static void print_cell(struct table *t, struct slot *slot, const char *cell,
		       size_t len, size_t width)
{
	if (t->screen)
		screen_cell(t, slot, cell, width);
	else
		put_cell(t, slot, cell, len, width);
}

static void end_line(struct table *t, size_t start)
{
	while (t->out.len > start && t->out.s[t->out.len - 1] == ' ')
		t->out.len--;
	text_putc(&t->out, '\n');
}

static void put_headings(struct table *t)
{
	size_t start = t->out.len;

	if (t->opt->noheadings)
		return;
	t->heading = true;
	for (size_t i = 0; i < t->nr; i++) {
		struct text name = { 0 };

		text_puts(&name, t->slot[i].col->name);
		print_cell(t, &t->slot[i], name.s, name.len, name.len);
		text_free(&name);
	}
	t->heading = false;
	end_line(t, start);
}

/* Later addresses may be longer than the first ones. */
static void widen_addresses(struct table *t)
{
	size_t digits = address_digits(t->header);

	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];
		size_t width = 0;

		if (slot->col->flags & COL_ADDRESS)
			width = digits;
		if (slot->col->flags & COL_RANGE)
			width = 2 * digits + 1;
		if (!i && t->opt->given & OPT_TREE)
			width += INDENT * (MMSCOPE_PGD - MMSCOPE_PTE);
		if (width > slot->width)
			slot->width = width;
	}
}

static void put_kept(struct table *t)
{
	const char *cell = t->kept.s;

	if (!t->nr_kept)
		return;
	if (t->screen)
		screen_fit(t);
	put_headings(t);
	for (; t->nr_kept; t->nr_kept--) {
		size_t start = t->out.len;

		for (size_t i = 0; i < t->nr; i++) {
			size_t len = strlen(cell);

			print_cell(t, &t->slot[i], cell, len, text_width(cell));
			cell += len + 1;
		}
		end_line(t, start);
	}
	text_free(&t->kept);
	t->flowing = true;
}

static void keep_cell(struct table *t, struct slot *slot, size_t width)
{
	text_add(&t->kept, slot->cell.s, slot->cell.len + 1);
	if (width > slot->width)
		slot->width = width;
}

static void keep_row(struct table *t)
{
	if (++t->nr_kept < CHUNK)
		return;
	widen_addresses(t);
	put_kept(t);
}

/*
 * In piped output, each cell is one field: not empty, and without blanks. Nearly
 * all cells are so.
 *
 * Return: the width of the cell.
 */
static size_t make_field(struct slot *slot, bool piped)
{
	struct text *cell = &slot->cell;

	if (slot->plain ||
	    !ascii_has_padded(cell->s, cell->len, ASCII_BLANK | ASCII_NONE)) {
		if (piped && !cell->len)
			text_putc(cell, '-');
		return cell->len;
	}
	if (piped && !slot->last)
		field_escape(cell);
	return text_width(cell->s);
}

static void indent(struct text *cell, size_t blanks)
{
	text_end(cell, blanks);
	memmove(cell->s + blanks, cell->s, cell->len);
	memset(cell->s, ' ', blanks);
	text_wrote(cell, blanks);
}

static void lines_head(struct table *t, const struct stream *s)
{
	(void)s;
	if (!t->opt->noheadings)
		series_heading(t->opt);
	t->screen = screen_is_needed(t->opt);
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];
		unsigned int flags = slot->col->flags;

		slot->right = flags & (COL_RIGHT | COL_NUMBER) &&
			      !(!i && t->opt->given & OPT_TREE);
		slot->plain = flags & (COL_PLAIN | COL_ADDRESS | COL_RANGE);
		if (!t->opt->noheadings)
			slot->width = strlen(slot->col->name);
	}
}

static void lines_row(struct table *t, unsigned int depth)
{
	size_t start = t->out.len;

	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];
		size_t width = make_field(slot, !t->opt->tty);

		if (!i && depth) {
			indent(&slot->cell, INDENT * depth);
			width += INDENT * depth;
		}
		if (t->flowing)
			print_cell(t, slot, slot->cell.s, slot->cell.len, width);
		else
			keep_cell(t, slot, width);
	}
	if (t->flowing)
		end_line(t, start);
	else
		keep_row(t);
}

static void lines_tail(struct table *t, const struct stream *s)
{
	(void)s;
	put_kept(t);
}

const struct format format_lines = {
	.totals = true,
	.head = lines_head,
	.row = lines_row,
	.tail = lines_tail,
};
