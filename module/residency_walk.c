// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages counted by what maps them, as smaps does.
 *
 * Pages are counted by class. Neighbours mostly have the same class, because
 * the bits of their entries and the flags of their pages are equal: the class is
 * worked out again only when one of these changes.
 */
#include <linux/bits.h>
#include <linux/hugetlb.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "compat/page.h"
#include "decode.h"
#include "entry.h"
#include "page.h"
#include "ptes.h"
#include "residency_walk.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_PAGE	32
#define COST_IN_FOLIO	12
#define COST_STRETCH	50	/* of equal pages, or of empty entries */
#define COST_LEARNED	120	/* a page that differs from the one before */
#define COST_EMPTY	2
#define COST_DECODED	600

#ifdef CONFIG_PAGE_IDLE_FLAG
#define FLAGS_ACCESSED	(BIT(PG_referenced) | BIT(PG_young))
#else
#define FLAGS_ACCESSED	BIT(PG_referenced)
#endif

/* Classes */

static __always_inline void count(struct mmscope_resident *res,
				  unsigned int class, u64 nr)
{
	if (unlikely(class != res->class)) {
		mmscope_resident_settle(res);
		res->class = class;
	}
	res->pending += nr;
}

static unsigned int class_of_flags(unsigned long flags)
{
	unsigned int class = 0;

	if (flags & BIT(PG_swapbacked))
		class |= SWAPBACKED;
	if (flags & BIT(PG_dirty))
		class |= DIRTY;
	if (flags & FLAGS_ACCESSED)
		class |= ACCESSED;
	return class;
}

static unsigned int class_of_attrs(unsigned int attrs)
{
	unsigned int class = 0;

	if (attrs & MMSCOPE_ATTR_DIRTY)
		class |= DIRTY;
	if (attrs & MMSCOPE_ATTR_ACCESSED)
		class |= ACCESSED;
	if (attrs & MMSCOPE_ATTR_CONT)
		class |= CONT;
	return class;
}

static unsigned int class_of_page(unsigned long flags, unsigned int kind)
{
	return class_of_flags(flags) | (kind & MMSCOPE_PAGE_ANON ? ANON : 0);
}

static unsigned int class_of_head(const struct page *head)
{
	return class_of_page(mmscope_page_flags(head), mmscope_page_kind(head));
}

/* Count @nr pages of a class that are each mapped @mapcount times. */
static __always_inline void count_mapped(struct mmscope_resident *res,
					 unsigned int class, int mapcount,
					 u64 nr)
{
	if (mapcount > 1) {
		res->pss += nr * div_u64(PAGE_SIZE << PSS_SHIFT, mapcount);
		class |= SHARED;
	}
	count(res, class, nr);
}

/* Entries that map many pages */

/*
 * How many of @nr pages of a large folio, from @page on, are mapped as often as
 * the first one. A huge entry maps all of them: it makes no difference.
 */
static unsigned long mapped_alike(struct page *page, unsigned long nr)
{
	const int raw_mapcount = mmscope_page_raw_mapcount(page);
	unsigned long i = 1;

	while (i < nr && mmscope_page_raw_mapcount(page + i) == raw_mapcount)
		i++;
	return i;
}

/*
 * Count the pages of a huge entry. Pages of a folio that this entry alone maps
 * need no look at each; nor do those of more than a PMD, which only memory of
 * devices has, as it is not mapped in parts.
 */
static void count_pages(struct mmscope_resident *res, struct page *page,
			unsigned int class, u64 nr)
{
	struct page *head = mmscope_page_head(page);
	unsigned long some;

	class |= class_of_head(head);
	if (page_count(head) == 1) {
		count(res, class, nr);
		return;
	}
	for (; nr; nr -= some, page += some) {
		some = nr > PTRS_PER_PMD ? nr : mapped_alike(page, nr);
		count_mapped(res, class, mmscope_page_mapcount(page), some);
		res->walk.budget -= COST_STRETCH;
		if (some <= PTRS_PER_PMD)
			res->walk.budget -= some * COST_IN_FOLIO;
	}
}

static void count_hugetlb(struct mmscope_resident *res, struct page *page,
			  unsigned int class, u64 nr, enum mmscope_level level,
			  void *entryp)
{
	class |= class_of_head(mmscope_page_head(page)) | HUGETLB;
	if (mmscope_hugetlb_shared(page, level, entryp))
		class |= SHARED;
	count(res, class, nr);
}

/* Return: whether the entry maps pages to be counted; if not, it is counted. */
static bool has_pages(struct mmscope_resident *res,
		      const struct mmscope_entry *entry,
		      enum mmscope_level level, u64 nr)
{
	if (entry->kind == MMSCOPE_ZERO)
		res->sum->zero += nr;
	else if (entry->kind == MMSCOPE_SWAP)
		res->sum->swapped += nr;
	else if (!mmscope_kind_has_frame(entry->kind))
		res->sum->other += nr;
	else if (!mmscope_entry_page(res->walk.vma, entry, level))
		res->sum->special += nr;
	else
		return true;
	return false;
}

/* Entries with equal bits */

/**
 * mmscope_resident_forget() - decode the next entry, whatever its bits
 * @res: the walk
 */
void mmscope_resident_forget(struct mmscope_resident *res)
{
	unsigned int i;

	/* Not 0: swap entries may have no bits but those of the offset. */
	for (i = 0; i < MMSCOPE_LIKES; i++)
		res->like[i].bits = MMSCOPE_FRAME_MASK;
	res->zero = 0;
}

static struct mmscope_like *like_of(struct mmscope_resident *res, u64 bits)
{
	struct mmscope_like *like = res->like;

	for (; like < res->like + MMSCOPE_LIKES; like++)
		if (like->bits == bits)
			return like;
	return NULL;
}

/*
 * Remember what the bits of a PTE come to: it is present, and maps a page that
 * the kernel counts, so all entries with these bits are and do. Only the pages
 * of zeroes may have them as well.
 */
static struct mmscope_like *remember(struct mmscope_resident *res,
				     unsigned int class, u64 bits)
{
	struct mmscope_like *like = &res->like[res->oldest];

	res->oldest = (res->oldest + 1) % MMSCOPE_LIKES;
	/* No page has all flags: the first one is looked at. */
	*like = (struct mmscope_like){
		.bits = bits,
		.entry = class,
		.flags = ULONG_MAX,
	};
	return like;
}

/*
 * Return: the first entry after those from @ptep on that have the same bits, and
 * map single pages which are like the last one seen with these bits. Flags
 * change at any time: they are compared as a whole.
 */
static __always_inline pte_t *count_singles(struct mmscope_resident *res,
					    const struct mmscope_like *like,
					    pte_t *ptep, const pte_t *end,
					    u64 raw)
{
	const u64 mask = MMSCOPE_FRAME_MASK;
	struct page *page = pfn_to_page((raw & mask) >> PAGE_SHIFT);
	const int raw_mapcount = mmscope_page_raw_mapcount(page);
	pte_t *first = ptep;
	u64 expect = raw;
	unsigned long nr;

	while (mmscope_page_is_like(page, like->flags, like->kind,
				    raw_mapcount) && ++ptep < end) {
		raw = mmscope_pte_raw(ptep);
		expect += PAGE_SIZE;
		if (likely(raw == expect)) {
			/* 64-bit kernels have all of them in one array. */
			page++;
			continue;
		}
		if ((raw & ~mask) != like->bits)
			break;
		page = pfn_to_page((raw & mask) >> PAGE_SHIFT);
		expect = raw;
	}
	nr = ptep - first;
	if (nr) {
		count_mapped(res, like->class, raw_mapcount + 1, nr);
		res->sum->pte += nr;
		res->walk.budget -= nr * COST_PAGE + COST_STRETCH;
	}
	return ptep;
}

/* Count @nr pages of a large folio that consecutive PTEs map. */
static pte_t *count_in_folio(struct mmscope_resident *res, pte_t *ptep,
			     struct page *page, unsigned int class,
			     unsigned long nr)
{
	nr = mapped_alike(page, nr);
	count_mapped(res, class, mmscope_page_mapcount(page), nr);
	res->sum->pte += nr;
	res->walk.budget -= nr * COST_IN_FOLIO + COST_LEARNED;
	return ptep + nr;
}

static unsigned long left_in_folio(struct page *head, struct page *page,
				   pte_t *ptep, const pte_t *end)
{
	return min_t(unsigned long, end - ptep,
		     compound_nr(head) - (page - head));
}

/*
 * How many entries from @ptep on are of the same block with a contiguous hint.
 * These map consecutive frames.
 */
static unsigned long left_in_block(pte_t *ptep, const pte_t *end)
{
	unsigned long nr = mmscope_arch_block(MMSCOPE_PTE);
	pte_t *first = PTR_ALIGN_DOWN(ptep, nr * sizeof(*ptep));

	return min_t(unsigned long, end - ptep, first + nr - ptep);
}

/*
 * Do all entries of the block have the same bits? Accessed and dirty count for
 * all of them when one has them.
 */
static bool block_is_even(pte_t *ptep)
{
	unsigned long nr = mmscope_arch_block(MMSCOPE_PTE);
	pte_t *first = PTR_ALIGN_DOWN(ptep, nr * sizeof(*ptep));

	return ptes_match(first, nr, mmscope_pte_raw(first), PAGE_SIZE) == nr;
}

/*
 * A page with known bits of its entry that is not like the last one with these.
 * Return: as below.
 */
static noinline pte_t *count_unlike(struct mmscope_resident *res,
				    struct mmscope_like *like, pte_t *ptep,
				    const pte_t *end, u64 raw)
{
	const unsigned long frame = (raw & MMSCOPE_FRAME_MASK) >> PAGE_SHIFT;
	struct page *page = pfn_to_page(frame);
	struct page *head = mmscope_page_head(page);
	const unsigned long flags = mmscope_page_flags(head);
	const unsigned int kind = mmscope_page_kind(head);
	unsigned int class = like->entry | class_of_page(flags, kind);
	unsigned long nr;

	if (is_zero_pfn(frame))
		return ptep;
	if (like->entry & CONT) {
		if (!block_is_even(ptep))
			return ptep;
		nr = left_in_block(ptep, end);
		return count_in_folio(res, ptep, page, class, nr);
	}
	if (flags & BIT(PG_head)) {
		nr = left_in_folio(head, page, ptep, end);
		nr = ptes_match(ptep, nr, raw, PAGE_SIZE);
		/* The processor may have set a bit meanwhile. */
		return count_in_folio(res, ptep, page, class, nr ?: 1);
	}
	like->flags = flags;
	like->kind = kind;
	like->class = class;
	count_mapped(res, class, mmscope_page_mapcount(page), 1);
	res->sum->pte++;
	res->walk.budget -= COST_LEARNED;
	return ptep + 1;
}

/* Return: the first entry after those from @ptep on that were counted. */
static pte_t *count_known(struct mmscope_resident *res, pte_t *ptep,
			  const pte_t *end, u64 raw)
{
	struct mmscope_like *like = like_of(res, raw & ~MMSCOPE_FRAME_MASK);
	pte_t *next;

	if (!like)
		return ptep;
	next = count_singles(res, like, ptep, end, raw);
	return next > ptep ? next : count_unlike(res, like, ptep, end, raw);
}

/* Entries, one or many */

static pte_t *count_decoded(struct mmscope_resident *res,
			    const struct mmscope_entry *entry, pte_t *ptep,
			    const pte_t *end, u64 raw)
{
	const unsigned int class = class_of_attrs(entry->attrs);
	struct page *page = pfn_to_page(entry->frame);
	const u64 mask = MMSCOPE_FRAME_MASK;
	unsigned long nr = 1;

	if (is_vm_hugetlb_page(res->walk.vma)) {
		res->sum->pte++;
		count_hugetlb(res, page, class, 1, MMSCOPE_PTE, ptep);
		return ptep + 1;
	}
	if (class & CONT)
		nr = left_in_block(ptep, end);
	if (entry->kind == MMSCOPE_PRESENT &&
	    entry->frame == (raw & mask) >> PAGE_SHIFT &&
	    !like_of(res, raw & ~mask) &&
	    (!(class & CONT) || block_is_even(ptep)))
		remember(res, class, raw & ~mask);
	return count_in_folio(res, ptep, page, class |
			      class_of_head(mmscope_page_head(page)), nr);
}

/* Count entries that have the value of the one at @ptep, and map the zero page. */
static pte_t *count_zeroes(struct mmscope_resident *res, pte_t *ptep,
			   const pte_t *end)
{
	unsigned long nr = ptes_match(ptep, end - ptep, res->zero, 0);

	/* The processor may have set a bit meanwhile. */
	nr = nr ?: 1;
	res->sum->zero += nr;
	res->walk.budget -= nr * COST_IN_FOLIO + COST_STRETCH;
	return ptep + nr;
}

/* A PTE that is not empty, with bits that are not known. Return: as above. */
static noinline pte_t *res_pte(struct mmscope_resident *res, pte_t *ptep,
			       const pte_t *end, u64 raw)
{
	struct mmscope_entry entry;

	if (raw == res->zero)
		return count_zeroes(res, ptep, end);
	if (ptes_none(raw))
		return ptep + 1;
	res->walk.budget -= COST_DECODED;
	mmscope_decode(&entry, &res->walk, MMSCOPE_PTE, ptep, raw);
	if (entry.kind == MMSCOPE_ZERO)
		res->zero = raw;
	if (!has_pages(res, &entry, MMSCOPE_PTE, 1))
		return ptep + 1;
	return count_decoded(res, &entry, ptep, end, raw);
}

/* Return: the first entry after some, at least one, that were counted. */
static pte_t *res_some(struct mmscope_resident *res, pte_t *ptep,
		       const pte_t *end)
{
	u64 raw = mmscope_pte_raw(ptep);
	pte_t *next;

	if (!raw) {
		next = ptes_next(ptep, end);
		res->walk.budget -= (next - ptep) * COST_EMPTY + COST_STRETCH;
		return next;
	}
	next = count_known(res, ptep, end, raw);
	return next > ptep ? next : res_pte(res, ptep, end, raw);
}

/**
 * mmscope_resident_ptes() - count what the PTEs of a table map
 * @walk: of a struct mmscope_resident
 * @ptep: first entry
 * @addr: that it maps
 * @end: exclusive
 *
 * Context: as of &struct mmscope_pgwalk_ops.
 * Return: as of &struct mmscope_pgwalk_ops.
 */
int mmscope_resident_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
			  unsigned long addr, unsigned long end)
{
	pte_t *first = ptep, *last = ptep + ((end - addr) >> PAGE_SHIFT);

	while (ptep < last) {
		/* If each entry is decoded, this is in the middle of a table. */
		if (unlikely(walk->budget <= 0)) {
			walk->cursor = addr + ((ptep - first) << PAGE_SHIFT);
			return MMSCOPE_STOP;
		}
		ptep = res_some(mmscope_resident_of(walk), ptep, last);
	}
	return MMSCOPE_GO_ON;
}

static void count_leaf(struct mmscope_resident *res,
		       const struct mmscope_leaf *leaf,
		       const struct mmscope_entry *entry, u64 nr)
{
	unsigned int class = class_of_attrs(entry->attrs);
	struct page *page = pfn_to_page(entry->frame);

	if (leaf->level == MMSCOPE_PMD)
		res->sum->pmd += nr;
	else
		res->sum->pud += nr;
	if (is_vm_hugetlb_page(res->walk.vma))
		count_hugetlb(res, page, class, nr, leaf->level, leaf->entryp);
	else
		count_pages(res, page, class, nr);
}

/**
 * mmscope_resident_leaf() - count what a huge entry maps
 * @walk: of a struct mmscope_resident
 * @leaf: the entry
 *
 * Context: as of &struct mmscope_pgwalk_ops.
 * Return: as of &struct mmscope_pgwalk_ops.
 */
int mmscope_resident_leaf(struct mmscope_pgwalk *walk,
			  const struct mmscope_leaf *leaf)
{
	struct mmscope_resident *res = mmscope_resident_of(walk);
	u64 size = 1ULL << mmscope_entry_shift(leaf->level);
	u64 nr = (leaf->end - leaf->addr) >> PAGE_SHIFT;
	struct mmscope_entry entry;
	spinlock_t *ptl;	/* keeps the page mapped */
	bool same;
	u64 raw;

	if (leaf->bad) {
		res->sum->other += nr;
		return MMSCOPE_GO_ON;
	}
	walk->budget -= COST_DECODED;
	ptl = mmscope_leaf_lockptr(walk->vma, leaf->level, leaf->entryp);
	spin_lock(ptl);
	same = mmscope_decode_again(&entry, walk, leaf->level, leaf->entryp,
				    &raw);
	if (same) {
		entry.frame += (leaf->addr & (size - 1)) >> PAGE_SHIFT;
		if (has_pages(res, &entry, leaf->level, nr))
			count_leaf(res, leaf, &entry, nr);
	}
	spin_unlock(ptl);
	return same ? MMSCOPE_GO_ON : MMSCOPE_REREAD;
}
