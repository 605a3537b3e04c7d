/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare translations with pagemap and with the page tables in /proc/kcore. */
#ifndef WALKS_H
#define WALKS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "stream/stream.h"

/* The walk to an address. */
struct stream *walk_of(pid_t pid, __u64 addr);

/* The same; @page is the entry in pagemap, before and after the walk. */
struct stream *walk_still(pid_t pid, __u64 addr, __u64 *page);

/*
 * Check the way down: no level is left out, each table is the one that the entry
 * above leads to, and each entry is the one in kcore. That the first table is
 * mm->pgd is a test of its own. Return the number of wrong steps, and note them.
 */
size_t walk_wrong_steps(const struct stream *s);

/*
 * A step's entry in kcore; in a contiguous block, with accessed and dirty of all
 * its entries.
 */
__u64 walk_raw_in_kcore(const struct stream *s, const struct mmscope_step *step);

/*
 * Check everything about a walk that has to find a page, or a gap between two
 * mappings. Return the number of differences, and note them.
 */
size_t walk_wrong_page(pid_t pid, __u64 addr, unsigned int kind,
		       unsigned int level);
size_t walk_wrong_gap(pid_t pid, __u64 addr, __u64 start, __u64 end);

#endif
