/* SPDX-License-Identifier: GPL-2.0-only */
/* The text in a box of the picture. */
#ifndef MMSCOPE_LABEL_H
#define MMSCOPE_LABEL_H

#include "pen.h"

void label_head(const struct pen *pen, const struct region *region,
		struct text *out);
void label_plain(const struct pen *pen, const struct region *region,
		 struct text *out);
void label_headings(const struct pen *pen, struct text *out);
unsigned int label_parts(const struct pen *pen, const struct region *region);

#endif
