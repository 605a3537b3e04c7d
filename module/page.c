// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel knows of a page: struct page, as /proc/kpageflags and
 * /proc/kpagecount tell it. Only under the lock of the table that maps it: that
 * keeps the page what it is.
 */
#include <linux/bits.h>
#include <linux/hugetlb.h>
#include <linux/kernel-page-flags.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "compat/page.h"
#include "entry.h"
#include "page.h"
#include "pgwalk.h"

/* Flags that stand in a page, or in the first one of a compound page. */
static const struct {
	u8 bit;
	u8 kpf;
} flags_told[] = {
	{ PG_locked,		KPF_LOCKED },
	{ PG_referenced,	KPF_REFERENCED },
	{ PG_uptodate,		KPF_UPTODATE },
	{ PG_dirty,		KPF_DIRTY },
	{ PG_lru,		KPF_LRU },
	{ PG_active,		KPF_ACTIVE },
	{ PG_writeback,		KPF_WRITEBACK },
	{ PG_reclaim,		KPF_RECLAIM },
	{ PG_swapbacked,	KPF_SWAPBACKED },
	{ PG_unevictable,	KPF_UNEVICTABLE },
	{ PG_mlocked,		KPF_MLOCKED },
	{ PG_reserved,		KPF_RESERVED },
};

/**
 * mmscope_leaf_lockptr() - the lock that an entry above the PTEs changes under
 * @vma: that it maps
 * @level: MMSCOPE_PMD or MMSCOPE_PUD
 * @entryp: where it stands
 *
 * Once it is held, the entry is to be read again.
 *
 * Return: the lock.
 */
spinlock_t *mmscope_leaf_lockptr(struct vm_area_struct *vma,
				 enum mmscope_level level, void *entryp)
{
	struct mm_struct *mm = vma->vm_mm;

	if (is_vm_hugetlb_page(vma))
		return huge_pte_lockptr(hstate_vma(vma), mm, entryp);
	return level == MMSCOPE_PMD ? pmd_lockptr(mm, entryp) :
				      pud_lockptr(mm, entryp);
}

/**
 * mmscope_entry_page() - the page behind an entry
 * @vma: that it maps
 * @entry: decoded
 *
 * Context: mmap_lock and the lock of the table held.
 * Return: NULL if there is none to be asked: nothing is present, or it is no
 * memory the kernel manages.
 */
struct page *mmscope_entry_page(const struct vm_area_struct *vma,
				const struct mmscope_entry *entry)
{
	const unsigned long flags = READ_ONCE(vma->vm_flags);

	/* In a mixed one, such as [vvar] since 7.2, each entry says for itself. */
	if (!mmscope_kind_has_frame(entry->kind) || flags & VM_PFNMAP ||
	    (flags & VM_IO && !(flags & VM_MIXEDMAP)) ||
	    !pfn_valid(entry->frame))
		return NULL;
	if (entry->attrs & MMSCOPE_ATTR_SPECIAL && entry->kind != MMSCOPE_ZERO)
		return NULL;
	return pfn_to_page(entry->frame);
}

/* What facts follow from, beside the flags. */
#define KEY_KIND	3u		/* mmscope_page_kind() */
#define KEY_ZERO	BIT(2)
#define KEY_HUGETLB	BIT(3)
#define KEY_HWPOISON	BIT(4)
#define KEY_SHARED	BIT(5)
#define KEY_EXCLUSIVE	BIT(6)

static unsigned int page_key(const struct vm_area_struct *vma,
			     const struct mmscope_entry *entry,
			     struct page *page, const struct page *head)
{
	unsigned int key = mmscope_page_kind(head);

	if (READ_ONCE(vma->vm_flags) & VM_HUGETLB)
		key |= KEY_HUGETLB;
	if (PageHWPoison(page))
		key |= KEY_HWPOISON;
	if (entry->kind == MMSCOPE_ZERO)
		key |= KEY_ZERO;
	else
		key |= mmscope_page_mapcount(page) > 1 ? KEY_SHARED :
							 KEY_EXCLUSIVE;
	return key;
}

static u64 facts_of_flags(unsigned long flags)
{
	u64 facts = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags_told); i++)
		if (flags & BIT(flags_told[i].bit))
			facts |= BIT_ULL(flags_told[i].kpf);
	/* Shares its bit with other flags of other pages. */
	if (flags & BIT(PG_swapbacked) && flags & BIT(PG_swapcache))
		facts |= BIT_ULL(KPF_SWAPCACHE);
	return facts;
}

/* Drivers map compound pages, too, which are on no list. */
static bool is_thp(unsigned long flags, unsigned int key)
{
	return flags & BIT(PG_head) &&
	       (flags & BIT(PG_lru) || key & (MMSCOPE_PAGE_ANON | KEY_ZERO));
}

static u64 facts_of_key(unsigned int key, bool thp)
{
	u64 facts = key & KEY_ZERO ? BIT_ULL(KPF_ZERO_PAGE) :
				     BIT_ULL(KPF_MMAP);

	if (key & MMSCOPE_PAGE_ANON)
		facts |= BIT_ULL(KPF_ANON);
	if ((key & KEY_KIND) == MMSCOPE_PAGE_KSM)
		facts |= BIT_ULL(KPF_KSM);
	if (key & KEY_HUGETLB)
		facts |= BIT_ULL(KPF_HUGE);
	else if (thp)
		facts |= BIT_ULL(KPF_THP);
	if (key & KEY_HWPOISON)
		facts |= BIT_ULL(KPF_HWPOISON);
	if (key & KEY_SHARED)
		facts |= MMSCOPE_PAGE_SHARED;
	if (key & KEY_EXCLUSIVE)
		facts |= MMSCOPE_PAGE_EXCLUSIVE;
	return facts;
}

static u64 facts_of(const struct vm_area_struct *vma,
		    struct mmscope_facts *facts,
		    const struct mmscope_entry *entry)
{
	struct page *page = mmscope_entry_page(vma, entry);
	struct page *head;
	unsigned long flags;
	unsigned int key;

	if (!page)
		return 0;
	head = mmscope_page_head(page);
	flags = mmscope_page_flags(head);
	key = page_key(vma, entry, page, head);
	/* The node is among the flags. */
	if (facts->page && flags == facts->flags && key == facts->key)
		return facts->page;
	facts->flags = flags;
	facts->key = key;
	facts->page = MMSCOPE_PAGE_KNOWN | facts_of_flags(flags) |
		      facts_of_key(key, is_thp(flags, key)) |
		      (u64)page_to_nid(page) << MMSCOPE_PAGE_NODE_SHIFT;
	return facts->page;
}

/**
 * mmscope_page_facts() - get the facts of the page that an entry maps
 * @walk: at the entry; locked
 * @facts: of the page before, zeroed for the first; set to those of this page
 * @entry: the entry, decoded under the lock
 * @level: at which the entry was tested
 * @entryp: its place in the table
 *
 * Context: mmap_lock held, and the lock of the PTE's table or of the entry.
 * Return: MMSCOPE_PAGE_*; 0 if nothing is known of the page.
 */
u64 mmscope_page_facts(const struct mmscope_pgwalk *walk,
		       struct mmscope_facts *facts,
		       const struct mmscope_entry *entry,
		       enum mmscope_level level, void *entryp)
{
	return facts_of(walk->vma, facts, entry);
}
