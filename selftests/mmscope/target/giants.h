/* SPDX-License-Identifier: GPL-2.0-only */
/* Targets that are larger than one slice. */
#ifndef GIANTS_H
#define GIANTS_H

#include <stddef.h>

/**
 * struct giant - a large mapping; shared with the target
 * @start: its first address
 * @size: in bytes
 * @touched: number of pages that are touched
 * @replaced: a mapping next to it, for GIANT_REPLACE
 * @make: makes the mapping; called in the target
 */
struct giant {
	char *start;
	size_t size;
	size_t touched;
	char *replaced;
	void (*make)(struct giant *giant);
};

#define MANY_VMAS	2000

void giant_sparse(struct giant *giant);
void giant_strewn(struct giant *giant);
void giant_hollow(struct giant *giant);
void giant_many(struct giant *giant);
void giant_most(struct giant *giant);
void giant_dense(struct giant *giant);

/* How many VMAs giant_most() makes. */
size_t giant_most_vmas(void);

/* Steps of giant_live(): map more; unmap some, and map the same again. */
#define GIANT_CHANGE	1
#define GIANT_REPLACE	2

/* The target function; @arg is a struct giant. Step 0 makes it. */
void giant_live(void *arg, int step);

#endif
