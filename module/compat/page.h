/* SPDX-License-Identifier: GPL-2.0-only */
/* Flags of struct page, and how often a page is mapped. */
#ifndef _MMSCOPE_COMPAT_PAGE_H
#define _MMSCOPE_COMPAT_PAGE_H

#include <linux/compiler.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/page-flags.h>

#include "have.h"

/* They move under any lock, or none: whoever looks gets those of a moment. */
static inline unsigned long mmscope_page_flags(const struct page *page)
{
#ifdef HAVE_MEMDESC_FLAGS
	return data_race(page->flags.f); /* see above */
#else
	return data_race(page->flags); /* see above */
#endif
}

/* How often one page of maybe many is mapped, by whatever size of entry. */
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
	return folio_maybe_mapped_shared(folio) ? 2 : 1;
#else
	/* In hugetlb's pages the type of the page stands there. */
	return max(mapcount, 0) + folio_entire_mapcount(folio);
#endif
#endif
}

#endif
