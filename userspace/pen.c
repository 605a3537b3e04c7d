// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "pen.h"

/**
 * pen_color - start a colour, if colours are on
 * @pen: the pen
 * @code: number of the escape sequence
 */
void pen_color(const struct pen *pen, const char *code)
{
	if (pen->opt->color)
		fprintf(pen->out, "\033[%sm", code);
}

/**
 * pen_color_off - end a colour
 * @pen: the pen
 */
void pen_color_off(const struct pen *pen)
{
	if (pen->opt->color)
		fputs("\033[m", pen->out);
}

static const char *side_of(const struct pen *pen, const struct region *region)
{
	return region->type == REGION_GAP || region->type == REGION_HOLE ?
		       pen->glyph->gap_side :
		       pen->glyph->side;
}

static const char *const family_color[FAMILIES] = {
	[FAMILY_ANON] = "36",	 [FAMILY_PROGRAM] = "32",
	[FAMILY_HEAP] = "33",	 [FAMILY_LIBRARY] = "34",
	[FAMILY_FILE] = "37",	 [FAMILY_SHARED] = "35",
	[FAMILY_STACK] = "31",	 [FAMILY_KERNEL] = "90",
};

/**
 * pen_region_color - look up the colour of a region
 * @region: the region
 *
 * Return: number of the escape sequence
 */
const char *pen_region_color(const struct region *region)
{
	if (region->type == REGION_GAP || region->type == REGION_HOLE)
		return COLOR_QUIET;
	if (region->type == REGION_KERNEL)
		return family_color[FAMILY_KERNEL];
	return family_color[segment_info(region->segment)->family];
}

/* A line of an overview: without blanks at its end, and without a right side. */
static void draw_brief(const struct pen *pen, const char *margin,
		       const char *side, const char *what, const char *code)
{
	size_t len = strlen(what);

	while (len && what[len - 1] == ' ')
		len--;
	fprintf(pen->out, "%*s ", MARGIN, margin);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen);
	if (len) {
		if (code)
			pen_color(pen, code);
		fprintf(pen->out, " %.*s", (int)len, what);
		if (code)
			pen_color_off(pen);
	}
	fputc('\n', pen->out);
}

/**
 * pen_head - draw the first line of a region of an overview
 * @pen: the pen
 * @margin: an address, or ""
 * @what: the text, escaped
 * @code: colour, or NULL
 */
void pen_head(const struct pen *pen, const char *margin, const char *what,
	      const char *code)
{
	struct text side = { 0 };

	text_printf(&side, "%s%s", pen->glyph->left, pen->glyph->line);
	draw_brief(pen, margin, side.s, what, code);
	text_free(&side);
}

/**
 * pen_line - draw one line inside a region
 * @pen: the pen
 * @region: the region
 * @margin: an address, or ""
 * @what: the text, escaped, pen->inner columns wide
 * @code: colour, or NULL
 */
void pen_line(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, const char *code)
{
	const char *side = side_of(pen, region);

	if (pen->brief) {
		struct text wide = { 0 };

		text_printf(&wide, "%s ", side);
		draw_brief(pen, margin, wide.s, what, code);
		text_free(&wide);
		return;
	}
	fprintf(pen->out, "%*s ", MARGIN, margin);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen);
	if (code)
		pen_color(pen, code);
	fprintf(pen->out, " %s ", what);
	if (code)
		pen_color_off(pen);
	pen_color(pen, COLOR_QUIET);
	fputs(side, pen->out);
	pen_color_off(pen);
	fputc('\n', pen->out);
}

/**
 * pen_text - draw text inside a region, cut or filled to its width
 * @pen: the pen
 * @region: the region
 * @margin: an address, or ""
 * @what: the text, escaped
 * @code: colour, or NULL
 */
void pen_text(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, const char *code)
{
	struct text line = { 0 };

	text_fit(&line, what, pen->inner, pen->glyph->more);
	pen_line(pen, region, margin, line.s, code);
	text_free(&line);
}
