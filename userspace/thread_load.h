/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads and their stacks, read from the module or a file. */
#ifndef MMSCOPE_THREAD_LOAD_H
#define MMSCOPE_THREAD_LOAD_H

#include "source.h"
#include "thread.h"

uint32_t threads_parts(const struct options *opt, bool stacks);
int threads_load(struct threads *all, struct space *sp, struct source *src,
		 const struct options *opt, bool stacks);

#endif
