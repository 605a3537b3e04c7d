// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "pen.h"

/**
 * pen_color - start a colour, if colours are on
 * @pen: the pen
 * @color: which one
 */
void pen_color(const struct pen *pen, enum color color)
{
	fputs(color_start(pen->opt->colors, color), pen->out);
}

/**
 * pen_color_off - end a colour
 * @pen: the pen
 * @color: which one
 */
void pen_color_off(const struct pen *pen, enum color color)
{
	fputs(color_end(pen->opt->colors, color), pen->out);
}

static const char *side_of(const struct pen *pen, const struct region *region)
{
	return region->type == REGION_GAP || region->type == REGION_HOLE ?
		       pen->glyph->gap_side :
		       pen->glyph->side;
}

/**
 * pen_region_color - look up the colour of a region
 * @region: the region
 *
 * Return: that of its segment
 */
enum color pen_region_color(const struct region *region)
{
	if (region->type == REGION_GAP || region->type == REGION_HOLE)
		return COLOR_QUIET;
	if (region->type == REGION_KERNEL)
		return COLOR_FAMILY + FAMILY_KERNEL;
	return color_of_segment(region->segment);
}

/* A line of an overview: without blanks at its end, and without a right side. */
static void draw_brief(const struct pen *pen, const char *margin,
		       const char *side, const char *what, enum color color)
{
	size_t len = strlen(what);

	while (len && what[len - 1] == ' ')
		len--;
	fprintf(pen->out, "%*s ", MARGIN, margin);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen, COLOR_QUIET);
	if (len) {
		pen_color(pen, color);
		fprintf(pen->out, " %.*s", (int)len, what);
		pen_color_off(pen, color);
	}
	fputc('\n', pen->out);
}

/**
 * pen_head - draw the first line of a region of an overview
 * @pen: the pen
 * @margin: an address, or ""
 * @what: the text, escaped
 * @color: which one, or COLOR_NONE
 */
void pen_head(const struct pen *pen, const char *margin, const char *what,
	      enum color color)
{
	struct text side = { 0 };

	text_printf(&side, "%s%s", pen->glyph->left, pen->glyph->line);
	draw_brief(pen, margin, side.s, what, color);
	text_free(&side);
}

/**
 * pen_line - draw one line inside a region
 * @pen: the pen
 * @region: the region
 * @margin: an address, or ""
 * @what: the text, escaped, pen->inner columns wide
 * @color: which one, or COLOR_NONE
 */
void pen_line(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, enum color color)
{
	const char *side = side_of(pen, region);

	if (pen->brief) {
		struct text wide = { 0 };

		text_printf(&wide, "%s ", side);
		draw_brief(pen, margin, wide.s, what, color);
		text_free(&wide);
		return;
	}
	fprintf(pen->out, "%*s ", MARGIN, margin);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen, COLOR_QUIET);
	pen_color(pen, color);
	fprintf(pen->out, " %s ", what);
	pen_color_off(pen, color);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen, COLOR_QUIET);
	fputc('\n', pen->out);
}

/**
 * pen_text - draw text inside a region, cut or filled to its width
 * @pen: the pen
 * @region: the region
 * @margin: an address, or ""
 * @what: the text, escaped
 * @color: which one, or COLOR_NONE
 */
void pen_text(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, enum color color)
{
	struct text line = { 0 };

	text_fit(&line, what, pen->inner, pen->glyph->more);
	pen_line(pen, region, margin, line.s, color);
	text_free(&line);
}
