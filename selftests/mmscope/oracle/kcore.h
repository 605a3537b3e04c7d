/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory as the kernel sees it, through /proc/kcore. */
#ifndef KCORE_H
#define KCORE_H

#include <linux/types.h>

/* Eight bytes at a physical, or at a kernel's virtual address; die on failure. */
__u64 kcore_phys(__u64 phys);
__u64 kcore_virt(__u64 virt);

#define TABLE_ENTRIES	512

/* All entries of a page table that is a page. */
void kcore_table(__u64 phys, __u64 *entries);

/* The virtual address of a physical one in the kernel's map of all memory. */
__u64 kcore_map(__u64 phys);

#endif
