/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that fields of the mm name. */
#ifndef MMSCOPE_MARK_H
#define MMSCOPE_MARK_H

#include "pen.h"

void marks_collect(struct pen *pen);
unsigned int marks_draw(const struct pen *pen, const struct region *region,
			size_t indent);

#endif
