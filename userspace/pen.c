// SPDX-License-Identifier: GPL-2.0-only
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
