/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc reports of a whole address space at one moment. */
#ifndef SHOT_H
#define SHOT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "oracle/proc.h"
#include "stream/stream.h"

/* If the kernel moves pages in the background, the comparison starts again. */
#define MAX_ATTEMPTS	50

/**
 * struct window - pages in a row of a mapping
 * @start: address of the first one
 * @nr: number of pages
 * @page: each as in pagemap; NULL if there is no page table for them
 */
struct window {
	__u64 start;
	size_t nr;
	__u64 *page;
};

/**
 * struct shot - what /proc reports of an address space
 * @maps: smaps
 * @pages: for each mapping, windows that cover all of it by ascending address
 */
struct shot {
	struct proc_maps *maps;
	struct windows {
		struct window *window;
		size_t nr;
	} *pages;
};

struct shot shot_take(pid_t pid);
void shot_free(struct shot *shot);
bool shot_same(const struct shot *a, const struct shot *b);

/* A stream of a target that keeps still, and /proc before and after it. */
struct stream *shot_with_stream(struct mmscope_query query, struct shot *shot);

#endif
