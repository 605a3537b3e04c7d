/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc says of a whole address space at one moment. */
#ifndef SHOT_H
#define SHOT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "oracle/proc.h"
#include "stream/stream.h"

/* Where the kernel moves pages in the background, all is taken again. */
#define MAX_ATTEMPTS	50

/**
 * struct shot - what /proc says of an address space
 * @maps: smaps
 * @page: for each mapping, its pages as in pagemap
 */
struct shot {
	struct proc_maps *maps;
	__u64 **page;
};

size_t vma_pages(const struct proc_vma *vma);

struct shot shot_take(pid_t pid);
void shot_free(struct shot *shot);
bool shot_same(const struct shot *a, const struct shot *b);

/* A stream of a target that keeps still, and /proc before and after it. */
struct stream *shot_with_stream(struct mmscope_query query, struct shot *shot);

#endif
