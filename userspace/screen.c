// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <string.h>

#include "screen.h"

/* No name is cut to fewer columns, unless it is at the end of the line. */
#define LEAST	8

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_flexible(const struct slot *slot)
{
	return slot->col->flags & COL_CUT && slot->width > LEAST &&
	       slot->width > strlen(slot->col->name);
}

static struct slot *widest_flexible(struct table *t)
{
	struct slot *widest = NULL;

	for (size_t i = 0; i < t->nr; i++)
		if (is_flexible(&t->slot[i]) &&
		    (!widest || t->slot[i].width > widest->width))
			widest = &t->slot[i];
	return widest;
}

/**
 * screen_more - what stands for a part that was cut off
 * @opt: the options
 *
 * Return: a sign of one column, or three dots in ASCII
 */
const char *screen_more(const struct options *opt)
{
	return opt->utf8 ? "…" : "...";
}

/**
 * screen_is_needed - whether cells are printed by screen_cell()
 * @opt: the options
 *
 * Return: true for colours, or to cut lines
 */
bool screen_is_needed(const struct options *opt)
{
	return opt->colors || opt->cut;
}

/**
 * screen_fit - make columns with names narrower, until lines fit on the terminal
 * @t: the table; the widths of its columns are known
 */
void screen_fit(struct table *t)
{
	struct slot *slot;
	size_t width = t->nr - 1;

	for (size_t i = 0; i < t->nr; i++)
		width += t->slot[i].width;
	for (; t->opt->cut && width > t->opt->width; width--) {
		slot = widest_flexible(t);
		if (!slot)
			return;
		slot->width--;
	}
}

static enum color color_of_name(const char *cell)
{
	char name[32];
	size_t len = strcspn(cell, ":");
	enum segment segment;

	if (len >= sizeof(name))
		return COLOR_NONE;
	memcpy(name, cell, len);
	name[len] = '\0';
	segment = segment_named(name);
	if (segment != SEGMENTS)
		return color_of_segment(segment);
	return !strcmp(name, "kernel") ? COLOR_FAMILY + FAMILY_KERNEL :
	       !strcmp(name, "total") ? COLOR_HEADER : COLOR_QUIET;
}

static enum color color_of(const struct table *t, const struct slot *slot,
			   const char *cell)
{
	if (t->heading)
		return COLOR_HEADER;
	if (slot->col->flags & COL_SEGMENT)
		return color_of_name(cell);
	if (slot->col->flags & COL_RIGHTS && strchr(cell, 'w') &&
	    strchr(cell, 'x'))
		return COLOR_ALERT;
	return COLOR_NONE;
}

/* Columns that a cell may have; in the last column, all that is left. */
static size_t room_for(const struct table *t, const struct slot *slot)
{
	size_t room = t->opt->width > t->used ? t->opt->width - t->used : 0;

	if (!t->opt->cut)
		return SIZE_MAX;
	return slot->col->flags & COL_CUT && !slot->last ?
	       min_size(slot->width, room) : room;
}

/* The end of a path says more than its beginning. */
static void cut_path(struct text *out, const char *path, size_t room,
		     const char *more)
{
	do
		path++;
	while ((*path & 0xc0) == 0x80 ||
	       (*path && text_width(path) + text_width(more) > room));
	if (room >= text_width(more))
		text_puts(out, more);
	text_puts(out, path);
}

static void cut_cell(const struct table *t, struct text *out, const char *cell,
		     size_t room)
{
	const char *more = screen_more(t->opt);

	if (*cell == '/')
		cut_path(out, cell, room, more);
	else
		text_fit(out, cell, room, more);
}

static void put_colored(struct table *t, enum color which, const char *cell)
{
	/* Blanks at the end of a line are removed later: no colours between them. */
	if (!*cell)
		which = COLOR_NONE;
	text_puts(&t->out, color_start(t->opt->colors, which));
	text_puts(&t->out, cell);
	text_puts(&t->out, color_end(t->opt->colors, which));
}

/* Only a sign of the columns that do not fit. */
static void put_rest(struct table *t, size_t room)
{
	const char *more = screen_more(t->opt);

	if (room >= text_width(more))
		text_puts(&t->out, more);
	t->used = t->opt->width;
}

static void put_field(struct table *t, struct slot *slot, enum color which,
		      const char *cell, size_t width)
{
	size_t fill;

	if (width > slot->width)
		slot->width = width;
	fill = slot->width - width;
	if (slot->right)
		text_fill(&t->out, " ", fill);
	put_colored(t, which, cell);
	text_fill(&t->out, " ", slot->right ? 1 : fill + 1);
	t->used += slot->width + 1;
}

/**
 * screen_cell - append a cell to the line
 * @t: the table
 * @slot: its column
 * @cell: the cell
 * @width: its columns on a terminal
 *
 * A name is cut. A number that does not fit is left out: a part of it would be a wrong
 * number.
 */
void screen_cell(struct table *t, struct slot *slot, const char *cell,
		 size_t width)
{
	enum color which = color_of(t, slot, cell);
	struct text part = { 0 };
	size_t room;

	if (slot == t->slot)
		t->used = 0;
	room = room_for(t, slot);
	if (slot->right && (slot->width > room || width > room)) {
		put_rest(t, room);
		return;
	}
	if (width > room) {
		cut_cell(t, &part, cell, room);
		cell = part.s ? part.s : "";
		width = text_width(cell);
	}
	put_field(t, slot, which, cell, width);
	text_free(&part);
}
