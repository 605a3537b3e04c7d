/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads in a few lines of an overview: their names, each with its ids. */
#ifndef MMSCOPE_THREAD_NAMES_H
#define MMSCOPE_THREAD_NAMES_H

#include "pen.h"

void thread_names_draw(const struct pen *pen, const struct region *region,
		       const char *title, const struct thread *const *threads,
		       size_t nr);

#endif
