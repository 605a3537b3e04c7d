/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TABLES_H
#define _MMSCOPE_TABLES_H

#include <linux/types.h>

#include "pgwalk.h"

struct mmscope_buf;

/**
 * struct mmscope_table_count - a walk that counts page tables
 * @walk: the walk
 * @buf: takes the records
 * @vma: record of the current VMA; its @end is 0 if there is none
 * @sum: the sums over all VMAs
 * @parent: by level, the entry that leads to the current table
 * @used: by level, entries in use in that table
 */
struct mmscope_table_count {
	struct mmscope_pgwalk walk;
	struct mmscope_buf *buf;
	struct mmscope_tables vma;
	struct mmscope_tables_sum sum;
	const void *parent[MMSCOPE_LEVEL_SLOTS];
	u32 used[MMSCOPE_LEVEL_SLOTS];
};

#endif
