/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads whose stacks are in a part of the picture. */
#ifndef MMSCOPE_THREAD_LIST_H
#define MMSCOPE_THREAD_LIST_H

#include "pen.h"

void thread_list_init(struct pen *pen);
void thread_list_free(struct pen *pen);
unsigned int thread_list_draw(const struct pen *pen,
			      const struct region *region, uint64_t start,
			      uint64_t last, const struct thread *named);

#endif
