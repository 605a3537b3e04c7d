// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a VMA is in memory, page by page as smaps counts it.
 *
 * Pages are counted by class. Neighbours mostly are of the same, and are so
 * because their entries and flags are the same: what these come to is worked
 * out when they change.
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
#include "record.h"
#include "residency.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_PAGE	32
#define COST_STRETCH	50	/* of pages alike, or of empty entries */
#define COST_EMPTY	2
#define COST_DECODED	600
#define COST_VMA	150

/* As in fs/proc: what a division by the number of mappings loses is small. */
#define PSS_SHIFT	12

/* Classes of pages. */
#define ANON		BIT(0)
#define SWAPBACKED	BIT(1)
#define DIRTY		BIT(2)
#define ACCESSED	BIT(3)
#define SHARED		BIT(4)
#define HUGETLB		BIT(5)
#define CONT		BIT(6)

#ifdef CONFIG_PAGE_IDLE_FLAG
#define FLAGS_ACCESSED	(BIT(PG_referenced) | BIT(PG_young))
#else
#define FLAGS_ACCESSED	BIT(PG_referenced)
#endif

static struct mmscope_resident *resident_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct mmscope_resident, walk);
}

/* Classes */

/* Add the pages that are of one class to the sums. */
static __always_inline void settle(struct mmscope_resident *res)
{
	struct mmscope_residency *sum = res->sum;
	unsigned int class = res->class;
	u64 nr = res->pending;

	res->pending = 0;
	if (class & HUGETLB)
		sum->hugetlb += nr;
	else if (class & ANON)
		sum->anon += nr;
	else if (class & SWAPBACKED)
		sum->shmem += nr;
	else
		sum->file += nr;
	if (class & SHARED)
		sum->shared += nr;
	else
		sum->exclusive += nr;
	if (class & DIRTY)
		sum->dirty += nr;
	if (class & ACCESSED)
		sum->accessed += nr;
	if (class & CONT)
		sum->cont += nr;
}

static __always_inline void count(struct mmscope_resident *res,
				  unsigned int class, u64 nr)
{
	if (unlikely(class != res->class)) {
		settle(res);
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

static unsigned int class_of_attrs(u32 attrs)
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

/* Of @nr pages that are mapped as often as each other. */
static unsigned int class_of_mapcount(struct mmscope_resident *res,
				      int mapcount, u64 nr)
{
	if (mapcount <= 1)
		return 0;
	res->pss += nr * div_u64(PAGE_SIZE << PSS_SHIFT, mapcount);
	return SHARED;
}

/*
 * Pages of one huge entry; only if somebody else may map it look at each. A GiB
 * that is not of hugetlb is a device's, which nobody maps in parts.
 */
static void count_pages(struct mmscope_resident *res, struct page *page,
			unsigned int class, u64 nr)
{
	struct page *head = mmscope_page_head(page);
	u64 i;

	class |= class_of_head(head);
	if (nr > PTRS_PER_PMD)
		class |= class_of_mapcount(res, mmscope_page_mapcount(page), nr);
	if (nr > PTRS_PER_PMD || page_count(head) == 1) {
		count(res, class, nr);
		return;
	}
	res->walk.budget -= nr * COST_PAGE;
	for (i = 0; i < nr; i++)
		count(res, class |
		      class_of_mapcount(res, mmscope_page_mapcount(page + i), 1),
		      1);
}

static void count_hugetlb(struct mmscope_resident *res, struct page *page,
			  unsigned int class, u64 nr, void *entryp)
{
	struct page *head = mmscope_page_head(page);

	class |= class_of_head(head) | HUGETLB;
	if (mmscope_page_mapcount(head) > 1 ||
	    hugetlb_pmd_shared(entryp))
		class |= SHARED;
	count(res, class, nr);
}

/* Entries */

/* Return: whether there are pages to be counted; if not, the entry was. */
static bool has_pages(struct mmscope_resident *res,
		      const struct mmscope_entry *entry, u64 nr)
{
	if (entry->kind == MMSCOPE_ZERO)
		res->sum->zero += nr;
	else if (entry->kind == MMSCOPE_SWAP)
		res->sum->swapped += nr;
	else if (!mmscope_kind_has_frame(entry->kind))
		res->sum->other += nr;
	else if (!mmscope_entry_page(res->walk.vma, entry))
		res->sum->special += nr;
	else
		return true;
	return false;
}

/* Pages alike */

/* 0 would not do: an entry of swap may have no bits but those of its offset. */
static void forget(struct mmscope_resident *res)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_LIKES; i++)
		res->like[i].bits = MMSCOPE_FRAME_MASK;
}

static struct mmscope_like *like_of(struct mmscope_resident *res, u64 bits)
{
	struct mmscope_like *like = res->like;

	for (; like < res->like + MMSCOPE_LIKES; like++)
		if (like->bits == bits)
			return like;
	return NULL;
}

static void remember(struct mmscope_resident *res,
		     const struct mmscope_like *seen)
{
	struct mmscope_like *like = like_of(res, seen->bits);

	if (!like) {
		like = &res->like[res->oldest];
		res->oldest = (res->oldest + 1) % MMSCOPE_LIKES;
	}
	*like = *seen;
}

/* Flags change at any time: they are read once, for the class and for others. */
static void count_page(struct mmscope_resident *res, struct page *page,
		       const struct mmscope_entry *entry, u64 raw)
{
	const struct page *head = mmscope_page_head(page);
	const u64 mask = MMSCOPE_FRAME_MASK;
	struct mmscope_like seen = {
		.bits = raw & ~mask,
		.flags = mmscope_page_flags(head),
		.kind = mmscope_page_kind(head),
	};

	seen.class = class_of_attrs(entry->attrs) |
		     class_of_page(seen.flags, seen.kind) |
		     class_of_mapcount(res, mmscope_page_mapcount(page), 1);
	count(res, seen.class, 1);
	/* May other pages be told to be like this one? */
	if (entry->kind == MMSCOPE_PRESENT && page == head &&
	    !(seen.flags & BIT(PG_head)) && !(seen.class & (CONT | SHARED)) &&
	    entry->frame == (raw & mask) >> PAGE_SHIFT)
		remember(res, &seen);
}

/*
 * Is this page of its own, mapped once, and like others in all it is counted by?
 * The page of zeroes is not: it is reserved, which its flags say.
 */
static __always_inline bool is_like(const struct mmscope_like *like,
				    struct page *page)
{
	return mmscope_page_flags(page) == like->flags &&
	       !mmscope_page_is_tail(page) &&
	       mmscope_page_kind(page) == like->kind &&
	       !atomic_read(&page->_mapcount);
}

/* Return: the first entry behind those from @ptep on that are alike. */
static pte_t *count_alike(struct mmscope_resident *res, pte_t *ptep,
			  const pte_t *end, u64 raw)
{
	const u64 mask = MMSCOPE_FRAME_MASK;
	const struct mmscope_like *like = like_of(res, raw & ~mask);
	struct page *page = pfn_to_page((raw & mask) >> PAGE_SHIFT);
	pte_t *first = ptep;
	u64 expect = raw;
	unsigned long nr;

	if (!like)
		return ptep;
	while (is_like(like, page) && ++ptep < end) {
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
		count(res, like->class, nr);
		res->sum->pte += nr;
		res->walk.budget -= nr * COST_PAGE + COST_STRETCH;
	}
	return ptep;
}

/* Entries, one or many */

/* A PTE, not empty, that is not like those before. */
static noinline void res_pte(struct mmscope_resident *res, pte_t *ptep, u64 raw)
{
	struct mmscope_entry entry;
	struct page *page;

	if (ptes_none(raw))
		return;
	res->walk.budget -= COST_DECODED;
	mmscope_decode(&entry, &res->walk, MMSCOPE_PTE, ptep, raw);
	if (!has_pages(res, &entry, 1))
		return;

	res->sum->pte++;
	page = pfn_to_page(entry.frame);
	if (is_vm_hugetlb_page(res->walk.vma))
		count_hugetlb(res, page, class_of_attrs(entry.attrs), 1, ptep);
	else
		count_page(res, page, &entry, raw);
}

/* Return: the first entry behind some, one at least, that were dealt with. */
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
	next = count_alike(res, ptep, end, raw);
	if (next > ptep)
		return next;
	res_pte(res, ptep, raw);
	return ptep + 1;
}

static int res_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		    unsigned long addr, unsigned long end)
{
	pte_t *first = ptep, *last = ptep + ((end - addr) >> PAGE_SHIFT);

	while (ptep < last) {
		/* Half way through the table, if each entry is another one. */
		if (unlikely(walk->budget <= 0)) {
			walk->cursor = addr + ((ptep - first) << PAGE_SHIFT);
			return MMSCOPE_STOP;
		}
		ptep = res_some(resident_of(walk), ptep, last);
	}
	return MMSCOPE_GO_ON;
}

/* Under the lock of the entry, which is what it was. */
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
		count_hugetlb(res, page, class, nr, leaf->entryp);
	else
		count_pages(res, page, class, nr);
}

static int res_leaf(struct mmscope_pgwalk *walk,
		    const struct mmscope_leaf *leaf)
{
	struct mmscope_resident *res = resident_of(walk);
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
		if (has_pages(res, &entry, nr))
			count_leaf(res, leaf, &entry, nr);
	}
	spin_unlock(ptl);
	return same ? MMSCOPE_GO_ON : MMSCOPE_REREAD;
}

static const struct mmscope_pgwalk_ops res_ops = {
	.leaf = res_leaf,
	.ptes = res_ptes,
};

/* Records */

static bool begin(struct mmscope_resident *res, struct mmscope_buf *buf,
		  struct vm_area_struct *vma, unsigned long start)
{
	struct mmscope_residency *sum = mmscope_record_room(buf, sizeof(*sum));

	if (!sum)
		return false;
	res->walk.budget -= COST_VMA;
	*sum = (struct mmscope_residency){
		.head = {
			.type = MMSCOPE_REC_RESIDENCY,
			.size = sizeof(*sum),
		},
		.start = start,
		.end = vma->vm_end,
	};
	res->sum = sum;
	res->pss = 0;
	/* What is alike is so in all VMAs of memory. */
	if (READ_ONCE(vma->vm_flags) & (VM_PFNMAP | VM_IO | VM_HUGETLB))
		forget(res);
	return true;
}

static __always_inline void end(struct mmscope_resident *res,
				struct mmscope_buf *buf)
{
	struct mmscope_residency *sum = res->sum;
	u64 told;

	if (res->pending)
		settle(res);
	told = sum->pte + sum->pmd + sum->pud + sum->zero + sum->special +
	       sum->swapped + sum->other;
	/* What changed in between may have been counted twice. */
	sum->never = (sum->end - sum->start) >> PAGE_SHIFT;
	sum->never -= min(sum->never, told);
	/* As in smaps, hugetlb has none. */
	if (!sum->hugetlb)
		sum->pss_bytes = (sum->exclusive << PAGE_SHIFT) +
				 (res->pss >> PSS_SHIFT);
	mmscope_record_done(buf, sizeof(*sum));
}

/**
 * mmscope_resident_vma() - count what of a VMA is resident, and record it
 * @res: not amid another VMA
 * @buf: takes the record
 * @vma: the VMA
 * @start: address in it to begin at
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether that was done; if not, the slice is over, and the next one
 * goes on in this VMA.
 */
bool mmscope_resident_vma(struct mmscope_resident *res, struct mmscope_buf *buf,
			  struct vm_area_struct *vma, unsigned long start)
{
	if (!begin(res, buf, vma, start))
		return false;
	if (mmscope_pgwalk_vma(&res->walk, vma, start, vma->vm_end) ==
	    MMSCOPE_STOP) {
		res->kept = *res->sum;
		res->begun = true;
		res->walk.end = vma->vm_end;
		return false;
	}
	end(res, buf);
	return true;
}

/**
 * mmscope_resident_slice() - begin a slice: with the VMA the last one ended in
 * @res: may be amid that VMA, which may be another one by now, or gone
 * @buf: takes the record
 * @mm: whose VMAs
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether that VMA, if there was one, is done; if not, the slice is
 * over.
 */
bool mmscope_resident_slice(struct mmscope_resident *res,
			    struct mmscope_buf *buf, struct mm_struct *mm)
{
	struct mmscope_residency *rec = mmscope_record_room(buf, sizeof(*rec));
	struct mmscope_pgwalk *walk = &res->walk;

	if (!res->begun) {
		if (!walk->ops)
			forget(res);
		walk->ops = &res_ops;
		walk->mm = mm;
		walk->locked = true;
		mmscope_pgwalk_refill(walk);
		return true;
	}
	if (!rec)
		return false;
	res->sum = &res->kept;
	if (!mmscope_pgwalk_slice(walk))
		return false;
	*rec = res->kept;
	res->sum = rec;
	res->begun = false;
	end(res, buf);
	return true;
}
