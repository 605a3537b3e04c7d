/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads whose stacks an area has. */
#ifndef MMSCOPE_THREAD_LIST_H
#define MMSCOPE_THREAD_LIST_H

#include "pen.h"

void thread_list_draw(const struct pen *pen, const struct region *region,
		      size_t first, size_t end);

#endif
