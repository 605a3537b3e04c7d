/* SPDX-License-Identifier: GPL-2.0-only */
/* Colours: what has one, and which one the user has chosen in terminal-colors.d(5). */
#ifndef MMSCOPE_COLORS_H
#define MMSCOPE_COLORS_H

#include <stdbool.h>

#include "segment.h"

/* What is coloured. colors.c has the names that scheme files use. */
enum color {
	COLOR_NONE,
	COLOR_HEADER,			/* headings of tables and texts */
	COLOR_QUIET,			/* borders, and what is not memory */
	COLOR_MARK,			/* addresses that fields of the mm name */
	COLOR_ALERT,			/* both writable and executable */
	COLOR_FAMILY,			/* and above: segments, by enum family */
	COLORS = COLOR_FAMILY + FAMILIES,
};

/* Bytes of an escape sequence, with its NUL. */
#define COLOR_SIZE	32

/**
 * struct colors - a scheme
 * @start: by enum color, the escape sequence that starts it; empty for none
 */
struct colors {
	char start[COLORS][COLOR_SIZE];
};

bool colors_read(struct colors *c, const char *user, const char *global,
		 const char *term);
enum color color_of_segment(enum segment segment);
const char *color_start(const struct colors *c, enum color which);
const char *color_end(const struct colors *c, enum color which);

#endif
