/* SPDX-License-Identifier: GPL-2.0-only */
/* What targets make of their memory. */
#ifndef SHAPES_H
#define SHAPES_H

#include <stddef.h>

/**
 * struct shape - memory of a target, shared with it
 * @make: called in the target to make or to change the shape
 * @amount: how much of it: pages, or mappings
 * @start: where it is
 * @size: of it, in bytes
 */
struct shape {
	void (*make)(struct shape *shape);
	size_t amount;
	char *start;
	size_t size;
};

/* Huge pages, as the kernel hands them out, or each a run of its own. */
void make_thp(struct shape *shape);
void make_thp_apart(struct shape *shape);

/* Small pages: each a run of its own, or as the kernel hands them out. */
void make_scattered(struct shape *shape);
void make_plain(struct shape *shape);

/* One page in 128 touched, and one in three. */
void make_sparse(struct shape *shape);
void make_third(struct shape *shape);

/* Mappings of two pages, one of them touched. */
void make_vmas(struct shape *shape);

/* Mappings of a page of a file that lies deep in the tree. */
void make_paths(struct shape *shape);

/* Before any target: while memory is fresh, frames lie together. */
void shapes_prepare(void);
/* Mappings of one and the same memfd of 64 MiB, each with all its pages. */
void make_entries(struct shape *shape);

/*
 * Two MiB of pages whose frames follow each other, alone or amid 64 GiB. They
 * are what @start and @size tell.
 */
void make_small(struct shape *shape);
void make_huge(struct shape *shape);

/* Small pages that lie together: the huge ones of make_thp() in pieces. */
void split_huge(struct shape *shape);

/* Map anonymous memory for @amount pages, at a multiple of a huge page. */
void shape_map(struct shape *shape);

/* Odd, so that it meets every page of a power of two. */
#define SHAPE_STRIDE	40503

/*
 * What a target does that gets into a struct shape: at step 0, and at each later
 * one, by which time @make may be another function.
 */
void shape_make(void *arg, int step);

#endif
