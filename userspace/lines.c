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

/* Change the size of a field of the line. */
static void resize_field(struct table *t, struct slot *slot, size_t size)
{
	struct text *line = &t->line;
	size_t end = slot->at + slot->size, rest = line->len - end;
	size_t delta = size - slot->size;	/* may wrap */

	text_end(line, size);
	memmove(line->s + end + delta, line->s + end, rest);
	line->len += delta;
	slot->size = size;
	while (++slot < t->slot + t->nr) {
		slot->at += delta;
		slot->cell_at += delta;
	}
}

/* Make room for a cell in its field, which has the width of its column. Seldom. */
__attribute__((noinline))
static void fit_field(struct table *t, struct slot *slot, size_t len,
		      size_t width)
{
	size_t fill;

	if (width > slot->width)
		slot->width = width;
	fill = slot->width - width;
	if (len + fill != slot->size)
		resize_field(t, slot, len + fill);
	slot->len = len;
	slot->cell_width = width;
	slot->cell_at = slot->right ? slot->at + fill : slot->at;
	memset(t->line.s + slot->at, ' ', slot->size);
}

/* A cell as long as the one before it in the line has its place already. */
static inline void put_cell(struct table *t, struct slot *slot, const char *cell,
			    size_t len, size_t width)
{
	if (len != slot->len || width != slot->cell_width)
		fit_field(t, slot, len, width);
	memcpy(t->line.s + slot->cell_at, cell, len);
}

static void print_cell(struct table *t, struct slot *slot, const char *cell,
		       size_t len, size_t width)
{
	if (t->screen)
		screen_cell(t, slot, cell, width);
	else
		put_cell(t, slot, cell, len, width);
}

/* Where the line ends without the blanks of empty fields. */
static size_t line_end(const struct table *t)
{
	for (size_t i = t->nr; i--;) {
		const struct slot *slot = &t->slot[i];

		if (slot->len)
			return slot->cell_at + slot->len;
	}
	return 0;
}

static void print_line(struct table *t)
{
	struct text *out = &t->out;

	/* On a screen, the cells are there already. */
	if (!t->screen)
		text_add(out, t->line.s, line_end(t));
	while (out->len && out->s[out->len - 1] == ' ')
		out->len--;
	text_putc(out, '\n');
}

static void put_headings(struct table *t)
{
	if (t->opt->noheadings)
		return;
	t->heading = true;
	for (size_t i = 0; i < t->nr; i++) {
		const char *name = t->slot[i].col->name;

		print_cell(t, &t->slot[i], name, strlen(name), strlen(name));
	}
	t->heading = false;
	print_line(t);
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

/**
 * struct kept_cell - goes before each cell of a row that is kept
 * @len: bytes of the cell, which follows with its NUL; KEPT_SAME: the cell of the
 *	row before
 * @width: of the cell
 */
struct kept_cell {
	uint32_t len;
	uint32_t width;
};

#define KEPT_SAME	UINT32_MAX

static void keep_cell(struct table *t, struct slot *slot, size_t width)
{
	const struct kept_cell kept = {
		.len = slot->same ? KEPT_SAME : (uint32_t)slot->cell.len,
		.width = (uint32_t)width,
	};

	text_add(&t->kept, (const char *)&kept, sizeof(kept));
	if (slot->same)
		return;
	text_add(&t->kept, slot->cell.s, slot->cell.len + 1);
	if (width > slot->width)
		slot->width = width;
}

/* Return: the cells of the next row. */
static const char *put_row(struct table *t, const char *cell)
{
	struct kept_cell kept;

	for (size_t i = 0; i < t->nr; i++) {
		memcpy(&kept, cell, sizeof(kept));
		cell += sizeof(kept);
		if (kept.len == KEPT_SAME)
			continue;
		print_cell(t, &t->slot[i], cell, kept.len, kept.width);
		cell += kept.len + 1;
	}
	print_line(t);
	return cell;
}

static void put_kept(struct table *t)
{
	const char *cell = t->kept.s;

	if (!t->nr_kept)
		return;
	if (t->screen)
		screen_fit(t);
	put_headings(t);
	for (; t->nr_kept; t->nr_kept--)
		cell = put_row(t, cell);
	text_free(&t->kept);
	t->flowing = true;
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

/* Return: the width of the blanks. */
static size_t indent(struct text *cell, size_t blanks)
{
	text_end(cell, blanks);
	memmove(cell->s + blanks, cell->s, cell->len);
	memset(cell->s, ' ', blanks);
	text_wrote(cell, blanks);
	return blanks;
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
		/* A screen is printed anew; blanks go before the first cell of a tree. */
		if (t->screen || (!i && t->opt->given & OPT_TREE))
			slot->key_of = NULL;
		if (!t->opt->noheadings)
			slot->width = strlen(slot->col->name);
		slot->at = i;
		slot->cell_at = i;
		slot->len = SIZE_MAX;
	}
	/* The blank after each field. */
	text_fill(&t->line, " ", t->nr);
}

static void lines_row(struct table *t, unsigned int depth)
{
	size_t width = 0;

	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		if (!slot->same) {
			width = make_field(slot, !t->opt->tty);
			if (!i && depth)
				width += indent(&slot->cell, INDENT * depth);
			if (t->flowing)
				print_cell(t, slot, slot->cell.s,
					   slot->cell.len, width);
		}
		if (!t->flowing)
			keep_cell(t, slot, width);
	}
	if (t->flowing)
		print_line(t);
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
