/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables, walked as the processor does, through /proc/kcore. */
#ifndef KWALK_H
#define KWALK_H

#include <linux/types.h>
#include <sys/types.h>

#include "oracle/proc.h"

#define NR_LEVELS	8

/**
 * struct kwalk - page tables that one mapping was the first to need
 * @pages: by level, as in struct mmscope_tables
 * @used: entries of the mapping, but for those that lead to tables of others
 */
struct kwalk {
	__u64 pages[NR_LEVELS];
	__u64 used[NR_LEVELS];
};

/* Of each mapping of a target that keeps still; free() it. */
struct kwalk *kwalk(pid_t pid, const struct proc_maps *maps);

#endif
