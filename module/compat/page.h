/* SPDX-License-Identifier: GPL-2.0-only */
/* Flags of struct page, and how often a page is mapped. */
#ifndef _MMSCOPE_COMPAT_PAGE_H
#define _MMSCOPE_COMPAT_PAGE_H

#include <linux/compiler.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/page-flags.h>

#include "have.h"

/* Flags change under any lock, or none: the caller gets those of one moment. */
static inline unsigned long mmscope_page_flags(const struct page *page)
{
#ifdef HAVE_MEMDESC_FLAGS
	return data_race(page->flags.f); /* see above */
#else
	return data_race(page->flags); /* see above */
#endif
}

/*
 * Of a page without PG_head: 1 if it is a tail page, else 0. PageTail() also asks, on
 * kernels up to v7.0, for heads that only seem to be heads; those have the flag. In
 * other pages the word is part of a list. Those may change lists at any time, but
 * never have the bit set.
 */
static inline unsigned int mmscope_page_tail_bit(const struct page *page)
{
#ifdef HAVE_COMPOUND_INFO
	return data_race(page->compound_info) & 1; /* see above */
#else
	return data_race(page->compound_head) & 1; /* see above */
#endif
}

/*
 * How often one page is mapped, by entries of any size. A kernel that counts
 * whole folios only knows an average.
 */
static inline int mmscope_page_mapcount(struct page *page)
{
#ifdef HAVE_PAGE_MAPCOUNT
	return page_mapcount(page);
#else
	struct folio *folio = data_race(page_folio(page)); /* as above */
	int mapcount = atomic_read(&page->_mapcount) + 1;

	if (!folio_test_large(folio))
		return mapcount;
#ifdef CONFIG_NO_PAGE_MAPCOUNT
	mapcount = folio_mapcount(folio) >> folio_order(folio);
	return folio_maybe_mapped_shared(folio) ? max(mapcount, 2) : 1;
#else
	/* The type of hugetlb pages shares the place of the count. */
	return max(mapcount, 0) + folio_entire_mapcount(folio);
#endif
#endif
}

#endif
