/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory as the kernel sees it, read through /proc/kcore. */
#ifndef KCORE_H
#define KCORE_H

#include <linux/types.h>
#include <stddef.h>

/* Eight bytes at a physical or a kernel virtual address; die on failure. */
__u64 kcore_phys(__u64 phys);
__u64 kcore_virt(__u64 virt);

/* Entries of a page table that is a page, and how many there are at most. */
#define MAX_TABLE_ENTRIES	8192
size_t table_entries(void);

/* Read the first @nr entries of a table: one call costs as much as one entry. */
void kcore_table(__u64 phys, __u64 *entries, size_t nr);

/* Size of the segment that begins at that address, 0 if there is none. */
__u64 kcore_segment(__u64 virt);

/* The virtual address of a physical one in the direct map. */
__u64 kcore_map(__u64 phys);

#endif
