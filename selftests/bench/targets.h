/* SPDX-License-Identifier: GPL-2.0-only */
/* The cases of the bench: processes, and the questions about each. */
#ifndef TARGETS_H
#define TARGETS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct peer;
struct shape;

#define MAX_PEERS	2
#define MAX_CASES	5

/**
 * struct bench_case - a question about a target
 * @name: of the case
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @peer: other interfaces that answer the question
 * @change: if not NULL, called in the target before the question
 */
struct bench_case {
	const char *name;
	__u32 parts;
	__u32 flags;
	const struct peer *peer[MAX_PEERS];
	void (*change)(struct shape *shape);
};

/**
 * struct bench_target - a process, and the questions about it
 * @make: called in the target to make its shape; NULL ends a table
 * @amount: of the shape at size 1
 * @sizes: the largest size: 1, 4 or 16
 * @exists: whether the kernel can make that shape; NULL if every kernel can
 * @cases: the questions
 */
struct bench_target {
	void (*make)(struct shape *shape);
	size_t amount;
	int sizes;
	bool (*exists)(void);
	struct bench_case cases[MAX_CASES];
};

/* Measured size by size. */
extern const struct bench_target growing_targets[];

/* Measured after all others, at size 1. */
extern const struct bench_target shared_targets[];

/*
 * The same two MiB in a small process and in a huge one: the small one is
 * the peer.
 */
extern const struct bench_case range_case;

#endif
