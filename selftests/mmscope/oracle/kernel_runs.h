/* SPDX-License-Identifier: GPL-2.0-only */
/* The runs of the kernel half, compared with what others read of its page tables. */
#ifndef KERNEL_RUNS_H
#define KERNEL_RUNS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "stream/stream.h"

/* @last is included. */
struct stream *kernel_runs_get(__u64 start, __u64 last);

/*
 * Are the runs those of the tables in /proc/kcore? Compares runs of a time in which
 * the tables did not change, and notes the first one that differs.
 * @layout: has a KERNEL record
 */
bool kernel_runs_agree(const struct stream *layout, __u64 start, __u64 last);
/* The same with the kernel's own list, whose runs in the areas are added to @nr. */
bool kernel_runs_are_listed(const struct stream *layout, const __u32 *areas,
			    size_t nr_areas, size_t *nr);

#endif
