/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables, walked the way the processor does, through /proc/kcore. */
#ifndef KWALK_H
#define KWALK_H

#include <linux/types.h>
#include <sys/types.h>

#include "oracle/proc.h"

#define NR_LEVELS	8

/**
 * struct kwalk - page tables that no mapping before this one needs
 * @pages: by level, as in struct mmscope_tables
 * @used: entries of the mapping, without those that lead to a table of an
 *	earlier mapping
 */
struct kwalk {
	__u64 pages[NR_LEVELS];
	__u64 used[NR_LEVELS];
};

/**
 * struct kentry - an entry that leads to a table
 * @level: enum mmscope_level
 * @start: first address that it maps
 * @raw: the entry
 * @table: physical address of the table that the entry is in
 */
struct kentry {
	unsigned int level;
	__u64 start;
	__u64 raw;
	__u64 table;
};

typedef void (*kentry_fn)(void *arg, const struct kentry *entry);

/*
 * One for each mapping of a target that keeps still; free() it. Call @fn, unless it
 * is NULL, once for each entry that leads to a table, by ascending address.
 */
struct kwalk *kwalk(pid_t pid, const struct proc_maps *maps, kentry_fn fn,
		    void *arg);

typedef void (*kwalk_fn)(void *arg, __u64 start, __u64 end);

/*
 * Call @fn for each range of [start, end) with entries above the level of PTEs,
 * by ascending address: there are no pages outside of these ranges.
 */
void kwalk_populated(pid_t pid, __u64 start, __u64 end, kwalk_fn fn, void *arg);

#endif
