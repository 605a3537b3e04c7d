// SPDX-License-Identifier: GPL-2.0-only
/*
 * What struct page says of a page, as in /proc/kpageflags and /proc/kpagecount.
 * It is read only under the lock of the table that maps the page: as long as
 * that is held, the page stays mapped and is not reused.
 */
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kernel-page-flags.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "compat/page.h"
#include "entry.h"
#include "page.h"
#include "pgwalk.h"
#include "ptes.h"

/* Flags of a page or, in a compound page, of its head. */
static const struct {
	u8 bit;
	u8 kpf;
} page_flags[] = {
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
 * mmscope_leaf_lockptr() - get the lock of an entry above the PTEs
 * @vma: the VMA that the entry maps
 * @level: MMSCOPE_PMD or MMSCOPE_PUD
 * @entryp: the entry
 *
 * An entry that was read before the lock was taken has to be read again: the
 * processor sets accessed and dirty bits, and the kernel may have replaced it.
 *
 * Context: mmap_lock held.
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

/*
 * Does the kernel count the page, as vm_normal_page() and vm_normal_page_pmd()
 * decide? PTEs of other pages are marked special. Huge entries are so only since
 * 6.12; before, the flags of the VMA decide.
 */
static bool is_counted(const struct vm_area_struct *vma,
		       const struct mmscope_entry *entry,
		       enum mmscope_level level)
{
	const unsigned long flags = READ_ONCE(vma->vm_flags);

	if (entry->attrs & MMSCOPE_ATTR_SPECIAL)
		return false;
	if (level == MMSCOPE_PTE || flags & VM_MIXEDMAP)
		return true;
	return !(flags & VM_PFNMAP) && !(entry->attrs & MMSCOPE_ATTR_DEVMAP);
}

/**
 * mmscope_entry_page() - get the struct page of an entry
 * @vma: the VMA that the entry maps
 * @entry: the entry, decoded
 * @level: its level
 *
 * Context: mmap_lock and the lock of the table held.
 * Return: the page; NULL if the entry maps none, or one that the kernel does not
 * count, such as memory of a device.
 */
struct page *mmscope_entry_page(const struct vm_area_struct *vma,
				const struct mmscope_entry *entry,
				enum mmscope_level level)
{
	if (!mmscope_kind_has_frame(entry->kind) || !pfn_valid(entry->frame))
		return NULL;
	if (entry->kind != MMSCOPE_ZERO && !is_counted(vma, entry, level))
		return NULL;
	return pfn_to_page(entry->frame);
}

/**
 * mmscope_is_huge_zero() - is a frame the huge page of zeroes?
 * @vma: the VMA
 * @frame: number of the frame that a PMD of the VMA maps
 *
 * The kernel does not export which page that is. It is mapped by anonymous
 * memory, and for holes of files on DAX. All other huge pages of such VMAs are
 * anonymous, or memory of a device.
 *
 * Context: mmap_lock and the lock of the PMD held.
 * Return: true if it is.
 */
bool mmscope_is_huge_zero(struct vm_area_struct *vma, unsigned long frame)
{
	struct page *head;

	if (!(vma_is_anonymous(vma) || vma_is_dax(vma)) || !pfn_valid(frame))
		return false;
	head = mmscope_page_head(pfn_to_page(frame));
	return !(mmscope_page_kind(head) & MMSCOPE_PAGE_ANON) &&
	       !is_zone_device_page(head);
}

/**
 * mmscope_hugetlb_shared() - is a page of hugetlb mapped more than once?
 * @page: the page
 * @level: level of the entry that maps it
 * @entryp: the entry
 *
 * Processes that share a table of PMDs count as one in the page's mapcount. The
 * kernel keeps the number of such processes for tables of PMDs only; for other
 * tables the same word holds anything.
 *
 * Context: mmap_lock and the lock of the entry held.
 * Return: true if it is.
 */
bool mmscope_hugetlb_shared(struct page *page, enum mmscope_level level,
			    void *entryp)
{
	return mmscope_page_mapcount(mmscope_page_head(page)) > 1 ||
	       (level == MMSCOPE_PMD && hugetlb_pmd_shared(entryp));
}

/* What facts follow from, in addition to the flags. */
#define KEY_KIND	3u		/* mmscope_page_kind() */
#define KEY_ZERO	BIT(2)
#define KEY_HUGETLB	BIT(3)
#define KEY_HWPOISON	BIT(4)
#define KEY_SHARED	BIT(5)
#define KEY_EXCLUSIVE	BIT(6)

/* The kernel does not count how often pages of zeroes are mapped. */
static unsigned int sharing_key(const struct mmscope_entry *entry, bool hugetlb,
				enum mmscope_level level, void *entryp,
				struct page *page)
{
	bool shared;

	if (entry->kind == MMSCOPE_ZERO)
		return KEY_ZERO;
	shared = hugetlb ? mmscope_hugetlb_shared(page, level, entryp) :
			   mmscope_page_mapcount(page) > 1;
	return shared ? KEY_SHARED : KEY_EXCLUSIVE;
}

static unsigned int page_key(const struct vm_area_struct *vma,
			     const struct mmscope_entry *entry,
			     enum mmscope_level level, void *entryp,
			     struct page *page, const struct page *head)
{
	const bool hugetlb = READ_ONCE(vma->vm_flags) & VM_HUGETLB;
	unsigned int key = mmscope_page_kind(head);

	if (hugetlb)
		key |= KEY_HUGETLB;
	if (PageHWPoison(page))
		key |= KEY_HWPOISON;
	return key | sharing_key(entry, hugetlb, level, entryp, page);
}

static u64 facts_of_flags(unsigned long flags)
{
	u64 facts = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(page_flags); i++)
		if (flags & BIT(page_flags[i].bit))
			facts |= BIT_ULL(page_flags[i].kpf);
	/* In pages that are not swap-backed this bit means something else. */
	if (flags & BIT(PG_swapbacked) && flags & BIT(PG_swapcache))
		facts |= BIT_ULL(KPF_SWAPCACHE);
	return facts;
}

/* Drivers also map compound pages. These are on no LRU list. */
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

/* Are these facts of a single page that is counted? Not all pages are alike. */
static bool of_single(const struct mmscope_facts *facts)
{
	return facts->page && !(facts->flags & BIT(PG_head)) &&
	       !(facts->key & (KEY_ZERO | KEY_HUGETLB | KEY_HWPOISON));
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
	struct page *page = mmscope_entry_page(walk->vma, entry, level);
	struct page *head;
	unsigned long flags;
	unsigned int key;

	if (!page)
		return 0;
	if (facts->single && mmscope_page_is_like_facts(page, facts))
		return facts->page;
	facts->raw_mapcount = mmscope_page_raw_mapcount(page);
	head = mmscope_page_head(page);
	flags = mmscope_page_flags(head);
	key = page_key(walk->vma, entry, level, entryp, page, head);
	/* The node is part of the flags. */
	if (facts->page && flags == facts->flags && key == facts->key)
		return facts->page;
	facts->flags = flags;
	facts->key = key;
	facts->kind = key & KEY_KIND;
	facts->page = MMSCOPE_PAGE_KNOWN | facts_of_flags(flags) |
		      facts_of_key(key, is_thp(flags, key)) |
		      (u64)page_to_nid(page) << MMSCOPE_PAGE_NODE_SHIFT;
	facts->single = of_single(facts);
	return facts->page;
}

static unsigned long more_singles(const struct mmscope_facts *facts,
				  const pte_t *ptep, unsigned long nr,
				  u64 expect, struct page *page)
{
	unsigned long i;

	for (i = 0; i < nr; i++, page++, expect += PAGE_SIZE)
		if (mmscope_pte_raw(ptep + i) != expect ||
		    !mmscope_page_is_like_facts(page, facts))
			break;
	return i;
}

/* @page: in a folio with the flags of @facts, if it really is in a large one. */
static unsigned long more_in_folio(const struct mmscope_facts *facts,
				   const pte_t *ptep, unsigned long nr,
				   u64 expect, struct page *page)
{
	struct page *head = mmscope_page_head(page);
	const int raw_mapcount = facts->raw_mapcount;
	unsigned long i;

	if (mmscope_page_flags(head) != facts->flags ||
	    mmscope_page_kind(head) != facts->kind ||
	    (mmscope_page_mapcount(page) > 1) != !!(facts->key & KEY_SHARED))
		return 0;
	nr = min(nr, compound_nr(head) - (page - head));
	for (i = 0; i < nr; i++, page++, expect += PAGE_SIZE)
		if (mmscope_pte_raw(ptep + i) != expect ||
		    mmscope_page_raw_mapcount(page) != raw_mapcount ||
		    PageHWPoison(page))
			break;
	return i;
}

/**
 * mmscope_page_facts_more() - count PTEs that continue a run, with equal facts
 * @facts: of the entry before
 * @ptep: the first entry
 * @nr: number of entries
 * @expect: value of the first entry if it continues the run. The run is of
 *	present entries that map memory, and differ by PAGE_SIZE
 * @frame: number of the frame it maps then
 *
 * Context: mmap_lock and the lock of the table held.
 * Return: the number of entries that do, from the first on.
 */
unsigned long mmscope_page_facts_more(const struct mmscope_facts *facts,
				      const pte_t *ptep, unsigned long nr,
				      u64 expect, unsigned long frame)
{
	struct page *page;

	if (!nr || mmscope_pte_raw(ptep) != expect)
		return 0;
	page = pfn_to_page(frame);
	if (facts->single)
		return more_singles(facts, ptep, nr, expect, page);
	if (facts->key & (KEY_ZERO | KEY_HUGETLB | KEY_HWPOISON))
		return 0;
	return more_in_folio(facts, ptep, nr, expect, page);
}
