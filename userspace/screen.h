/* SPDX-License-Identifier: GPL-2.0-only */
/* What only a terminal gets of a table: colours, and no more than its width. */
#ifndef MMSCOPE_SCREEN_H
#define MMSCOPE_SCREEN_H

#include "format.h"

const char *screen_more(const struct options *opt);
bool screen_is_needed(const struct options *opt);
void screen_fit(struct table *t);
void screen_cell(struct table *t, struct slot *slot, const char *cell,
		 size_t width);

#endif
