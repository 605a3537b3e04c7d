/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables of the kernel half, as a kernel with CONFIG_PTDUMP_DEBUGFS lists them. */
#ifndef PTDUMP_H
#define PTDUMP_H

#include <linux/types.h>

#include "oracle/khalf.h"

#ifdef __x86_64__
#define PTDUMP_FILE	"/sys/kernel/debug/page_tables/kernel"
#else
#define PTDUMP_FILE	"/sys/kernel/debug/kernel_page_tables"
#endif

/* The bits of an entry that the list shows. */
__u64 ptdump_bits(unsigned int level);

/*
 * What is mapped from @start to @last, included. Runs have those bits of an entry only,
 * and no attributes. Free the runs.
 */
struct khalf ptdump_read(__u64 start, __u64 last);

#endif
