/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists that are broken into lines of the picture. */
#ifndef MMSCOPE_WRAP_H
#define MMSCOPE_WRAP_H

#include "pen.h"

/**
 * struct wrap - a list; the other fields are zero at first
 * @pen: the pen
 * @region: the region that it is drawn in
 * @most: number of lines; what does not fit is left out
 * @indent: blanks before each line
 */
struct wrap {
	const struct pen *pen;
	const struct region *region;
	unsigned int most;
	unsigned int indent;

	struct text line;
	unsigned int lines;	/* drawn */
	bool full;
};

void wrap_add(struct wrap *wrap, const char *item);
bool wrap_is_full(const struct wrap *wrap);
void wrap_end(struct wrap *wrap);

#endif
