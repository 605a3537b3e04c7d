// SPDX-License-Identifier: GPL-2.0-only
#include "wrap.h"

static void draw_line(struct wrap *wrap)
{
	pen_text(wrap->pen, wrap->region, "", wrap->line.s, COLOR_NONE);
	text_clear(&wrap->line);
	wrap->lines++;
}

/**
 * wrap_add - append an item
 * @wrap: the list
 * @item: the item, escaped
 */
void wrap_add(struct wrap *wrap, const char *item)
{
	const char *more = wrap->pen->glyph->more;
	size_t room = wrap->pen->inner, used;
	struct text *line = &wrap->line;

	if (wrap->full)
		return;
	used = line->len ? text_width(line->s) + 2 : wrap->indent;
	/* The last line has to have room for the sign that more would follow. */
	if (wrap->lines + 1 == wrap->most)
		room -= 2 + text_width(more);
	if (line->len && used + text_width(item) + 1 > room) {
		text_puts(line, ",");
		if (wrap->lines + 1 == wrap->most) {
			text_printf(line, " %s", more);
			wrap->full = true;
		}
		draw_line(wrap);
		if (wrap->full)
			return;
	}
	if (line->len)
		text_puts(line, ", ");
	else
		text_fill(line, " ", wrap->indent);
	text_puts(line, item);
}

/**
 * wrap_is_full - whether an item was left out
 * @wrap: the list
 *
 * Return: true if so: others will be, too
 */
bool wrap_is_full(const struct wrap *wrap)
{
	return wrap->full;
}

/**
 * wrap_end - draw the last line, free the memory
 * @wrap: the list
 */
void wrap_end(struct wrap *wrap)
{
	if (wrap->line.len)
		draw_line(wrap);
	text_free(&wrap->line);
}
