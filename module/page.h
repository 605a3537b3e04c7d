/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PAGE_H
#define _MMSCOPE_PAGE_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/mm_types.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "compat/page.h"
#include "uapi/mmscope.h"

struct mm_struct;
struct mmscope_entry;
struct mmscope_pgwalk;
struct vm_area_struct;

/* Low bits of page->mapping. They are 0 for pages of the page cache. */
#define MMSCOPE_PAGE_ANON	1
#define MMSCOPE_PAGE_KSM	3	/* anonymous as well */

static inline unsigned int mmscope_page_kind(const struct page *head)
{
	return (unsigned long)READ_ONCE(head->mapping) & 3;
}

static inline struct page *mmscope_page_head(struct page *page)
{
	return data_race(compound_head(page)); /* see mmscope_page_tail_bit() */
}

/* One less than the number of mappings; in a large folio a part of it. */
static inline int mmscope_page_raw_mapcount(const struct page *page)
{
	return atomic_read(&page->_mapcount);
}

/*
 * Is this a single page with these flags, not PG_head, of that kind, mapped that often?
 * The page of zeroes is reserved: its flags differ from those of any other page.
 * Plain reads of what is only compared take an instruction less, and two tests that
 * nearly always hold take one branch.
 */
static __always_inline bool mmscope_page_is_like(struct page *page,
						 unsigned long flags,
						 unsigned int kind,
						 int raw_mapcount)
{
	return mmscope_page_flags(page) == flags &&
	       !(mmscope_page_tail_bit(page) |
		 (mmscope_page_kind(page) ^ kind)) &&
	       data_race(page->_mapcount.counter) == raw_mapcount; /* see above */
}

/**
 * struct mmscope_facts - the facts of one page, reused for equal pages
 * @flags: of the page's head
 * @key: what else they follow from
 * @kind: part of @key, see mmscope_page_kind()
 * @raw_mapcount: of the page
 * @single: other single pages with the same flags, kind and mapcount have the
 *	same facts
 * @page: the facts; 0: none yet
 */
struct mmscope_facts {
	unsigned long flags;
	unsigned int key;
	unsigned int kind;
	int raw_mapcount;
	bool single;
	u64 page;
};

static __always_inline bool
mmscope_page_is_like_facts(struct page *page, const struct mmscope_facts *facts)
{
	return mmscope_page_is_like(page, facts->flags, facts->kind,
				    facts->raw_mapcount);
}

spinlock_t *mmscope_leaf_lockptr(struct vm_area_struct *vma,
				 enum mmscope_level level, void *entryp);
struct page *mmscope_entry_page(const struct vm_area_struct *vma,
				const struct mmscope_entry *entry,
				enum mmscope_level level);
bool mmscope_is_huge_zero(struct vm_area_struct *vma, unsigned long frame);
bool mmscope_hugetlb_shared(struct page *page, enum mmscope_level level,
			    void *entryp);
u64 mmscope_page_facts(const struct mmscope_pgwalk *walk,
		       struct mmscope_facts *facts,
		       const struct mmscope_entry *entry,
		       enum mmscope_level level, void *entryp);
unsigned long mmscope_page_facts_more(const struct mmscope_facts *facts,
				      const pte_t *ptep, unsigned long nr,
				      u64 expect, unsigned long frame);

#endif
