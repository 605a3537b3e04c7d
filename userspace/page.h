/* SPDX-License-Identifier: GPL-2.0-only */
/* Page facts, in words. */
#ifndef MMSCOPE_PAGE_H
#define MMSCOPE_PAGE_H

#include <stdint.h>

#include "text.h"
#include "uapi/mmscope.h"

/* Some flags of pages, numbered as in /proc/kpageflags. */
enum page_flag {
	PAGE_LOCKED = 0,
	PAGE_REFERENCED = 2,
	PAGE_UPTODATE = 3,
	PAGE_DIRTY = 4,
	PAGE_LRU = 5,
	PAGE_ACTIVE = 6,
	PAGE_WRITEBACK = 8,
	PAGE_ANON = 12,
	PAGE_SWAPCACHE = 13,
	PAGE_SWAPBACKED = 14,
	PAGE_HUGETLB = 17,
	PAGE_UNEVICTABLE = 18,
	PAGE_HWPOISON = 19,
	PAGE_KSM = 21,
	PAGE_THP = 22,
	PAGE_ZERO = 24,
	PAGE_RESERVED = 32,
	PAGE_MLOCKED = 33,
};

#define PAGE_FLAGS_MAX	48

#define PAGE_BIT(flag)	(1ULL << PAGE_##flag)

void page_flags(struct text *out, uint64_t page, const char *gap);
const char *page_mapped(uint64_t page);
void page_node(struct text *out, uint64_t page);

#endif
