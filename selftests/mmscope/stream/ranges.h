/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the runs of a range with those of the whole address space. */
#ifndef RANGES_H
#define RANGES_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Compare ranges that begin and end inside, before and after a mapping of a
 * target that keeps still. Return the number of runs that differ, and note them.
 */
size_t ranges_compare(pid_t pid, __u64 start, __u64 size);

#endif
