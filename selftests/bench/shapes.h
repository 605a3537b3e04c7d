/* SPDX-License-Identifier: GPL-2.0-only */
/* Shapes of memory, made by targets. */
#ifndef SHAPES_H
#define SHAPES_H

#include <stddef.h>

/**
 * struct shape - memory of a target; in memory that the bench shares with it
 * @make: called in the target to make or to change the shape
 * @amount: number of pages, of mappings, or of threads
 * @start: first address
 * @size: in bytes
 */
struct shape {
	void (*make)(struct shape *shape);
	size_t amount;
	char *start;
	size_t size;
};

/* Threads that sleep, each with a stack of its own. */
void make_threads(struct shape *shape);

/* Huge pages, in the order of allocation, or each a run of its own. */
void make_thp(struct shape *shape);
void make_thp_apart(struct shape *shape);

/* Small pages: each a run of its own, or in the order of allocation. */
void make_scattered(struct shape *shape);
void make_plain(struct shape *shape);

/* One page in 128 is touched, one in 16, or one in three. */
void make_sparse(struct shape *shape);
void make_sixteenth(struct shape *shape);
void make_third(struct shape *shape);

/* Mappings of two pages, of which one is touched. */
void make_vmas(struct shape *shape);

/* Mappings of one page each of a file with a path of 1,000 bytes. */
void make_paths(struct shape *shape);

/*
 * Mappings of one memfd of 64 MiB, each with all its pages. shapes_prepare() makes
 * the memfd before any target starts, while free frames lie together.
 */
void shapes_prepare(void);
void make_entries(struct shape *shape);

/*
 * Two MiB of pages with consecutive frames, alone or in the middle of 64 GiB;
 * @start and @size are those of the two MiB.
 */
void make_small(struct shape *shape);
void make_huge(struct shape *shape);

/* Small pages with consecutive frames: those of make_thp(), split. */
void split_huge(struct shape *shape);

/* As after split_huge(), but the first of each eight pages is missing. */
void make_blocks(struct shape *shape);

/* Map @amount anonymous pages at a multiple of the size of a huge page. */
void shape_map(struct shape *shape);

/* Odd, so that steps of it reach every page of a power of two. */
#define SHAPE_STRIDE	40503

/*
 * A target_fn for a struct shape: calls @make at each step. Between two steps the
 * bench may set another function.
 */
void shape_make(void *arg, int step);

#endif
