/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PAGE_H
#define _MMSCOPE_PAGE_H

#include <linux/compiler.h>
#include <linux/mm_types.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "uapi/mmscope.h"

struct mm_struct;
struct mmscope_entry;
struct mmscope_pgwalk;
struct vm_area_struct;

/* The low bits of what else points to an address_space tell: 0, or one of */
#define MMSCOPE_PAGE_ANON	1
#define MMSCOPE_PAGE_KSM	3	/* anonymous as well */

static inline unsigned int mmscope_page_kind(const struct page *head)
{
	return (unsigned long)READ_ONCE(head->mapping) & 3;
}

/*
 * The word that tells of a tail is one of a list in other pages. Those may move
 * from list to list meanwhile, but the bit that counts is never set in them.
 */
static inline bool mmscope_page_is_tail(struct page *page)
{
	return data_race(PageTail(page)); /* see above */
}

static inline struct page *mmscope_page_head(struct page *page)
{
	return data_race(compound_head(page)); /* see above */
}

/**
 * struct mmscope_facts - the facts of one page, to be told of those alike
 * @flags: of the page
 * @key: what else they follow from
 * @page: the facts; 0: none yet
 */
struct mmscope_facts {
	unsigned long flags;
	unsigned int key;
	u64 page;
};

spinlock_t *mmscope_leaf_lockptr(struct vm_area_struct *vma,
				 enum mmscope_level level, void *entryp);
struct page *mmscope_entry_page(const struct vm_area_struct *vma,
				const struct mmscope_entry *entry);
u64 mmscope_page_facts(const struct mmscope_pgwalk *walk,
		       struct mmscope_facts *facts,
		       const struct mmscope_entry *entry,
		       enum mmscope_level level, void *entryp);

#endif
