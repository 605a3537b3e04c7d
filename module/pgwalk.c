// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over page tables, level by level and slice by slice.
 *
 * What makes it safe, by Documentation/mm/process_addrs.rst:
 *  - mmap_lock is held for reading, and nothing outside [vm_start, vm_end) of a
 *    VMA found under it is walked. That keeps the tables down to the PMDs;
 *    those over holes go under a downgraded lock.
 *  - PTE tables come and go under the read lock. They are freed by RCU, and the
 *    PMD is read again inside the RCU section.
 *  - Tables of hugetlb can be shared and unshared by other processes: i_mmap
 *    is locked around such a VMA.
 *  - Entries change at any time. Each is read once, and the copy decided on:
 *    none, present, leaf, in this order.
 */
#include <linux/compiler.h>
#include <linux/elf-em.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>

#include "compat/vma.h"
#include "pgwalk.h"
#include "ptes.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_VMA	500
#define COST_TABLE	120
#define COST_ENTRY	40

/*
 * The level under which entries that are tested as @level's go: a folded level
 * has no tables of its own, it looks at those of the level above.
 */
static enum mmscope_level shown_level(struct mm_struct *mm,
				      enum mmscope_level level)
{
	if (level == MMSCOPE_PMD && mm_pmd_folded(mm))
		level = MMSCOPE_PUD;
	if (level == MMSCOPE_PUD && mm_pud_folded(mm))
		level = MMSCOPE_P4D;
	if (level == MMSCOPE_P4D && mm_p4d_folded(mm))
		level = MMSCOPE_PGD;
	return level;
}

/**
 * mmscope_levels() - tell which levels there are, and what an entry maps
 * @mm: any, or NULL
 * @header: its machine, levels and level_shift are filled in
 */
void mmscope_levels(struct mm_struct *mm, struct mmscope_header *header)
{
	const u8 shift[] = {
		[MMSCOPE_PTE] = PAGE_SHIFT,
		[MMSCOPE_PMD] = PMD_SHIFT,
		[MMSCOPE_PUD] = PUD_SHIFT,
		[MMSCOPE_P4D] = P4D_SHIFT,
		[MMSCOPE_PGD] = PGDIR_SHIFT,
	};
	enum mmscope_level level;

	header->machine = IS_ENABLED(CONFIG_X86_64) ? EM_X86_64 : EM_AARCH64;
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PGD; level++) {
		enum mmscope_level shown = shown_level(mm, level);

		/* An entry maps what one of the lowest level shown so does. */
		if (header->level_shift[shown])
			continue;
		header->level_shift[shown] = shift[level];
		header->levels++;
	}
}

/**
 * mmscope_pgwalk_level() - the level that an entry is of
 * @walk: the walk
 * @level: as what it was tested
 *
 * Return: that level, or the one above if there are no tables of @level.
 */
enum mmscope_level mmscope_pgwalk_level(const struct mmscope_pgwalk *walk,
					enum mmscope_level level)
{
	return shown_level(walk->mm, level);
}

/* Does @level only look at the entries of the level below? */
static bool folded(struct mm_struct *mm, enum mmscope_level level)
{
	return shown_level(mm, level - 1) == shown_level(mm, level);
}

/**
 * mmscope_ptes_skip() - skip empty entries
 * @ptep: where they begin
 * @end: behind the last one that may be looked at
 *
 * Return: the first entry that is not empty, or @end.
 */
pte_t *mmscope_ptes_skip(pte_t *ptep, const pte_t *end)
{
	while (ptep + 2 * PTES_CHUNK <= end && ptes_chunk_empty(ptep) &&
	       ptes_chunk_empty(ptep + PTES_CHUNK))
		ptep += 2 * PTES_CHUNK;
	if (ptep + PTES_CHUNK <= end && ptes_chunk_empty(ptep))
		ptep += PTES_CHUNK;
	while (ptep < end && !ptes_peek(ptep))
		ptep++;
	return ptep;
}

/* What the walk comes by */

static void enter(struct mmscope_pgwalk *walk, enum mmscope_level level,
		  void *entryp, u64 raw)
{
	if (walk->ops->table && !folded(walk->mm, level))
		walk->ops->table(walk, level, entryp, raw);
}

/* Out of line: those that lead to tables are the ones to be quick with. */
static noinline int hole(struct mmscope_pgwalk *walk, unsigned long addr,
			 enum mmscope_level level, void *entryp, u64 raw)
{
	const struct mmscope_leaf none = {
		.addr = addr, .level = level, .entryp = entryp, .raw = raw,
	};

	return walk->ops->hole ? walk->ops->hole(walk, &none) : MMSCOPE_GO_ON;
}

/* @bad: neither a leaf nor leads to a table; it is told, not followed. */
static noinline int leaf(struct mmscope_pgwalk *walk, unsigned long addr,
			 unsigned long end, enum mmscope_level level,
			 void *entryp, u64 raw, bool bad)
{
	const struct mmscope_leaf leaf = {
		.addr = addr, .end = end, .level = level, .entryp = entryp,
		.raw = raw, .bad = bad,
	};

	walk->budget -= COST_ENTRY;
	return walk->ops->leaf(walk, &leaf);
}

/* Asked between tables. */
static bool slice_over(struct mmscope_pgwalk *walk, unsigned long addr)
{
	if (!mmscope_pgwalk_over(walk))
		return false;
	walk->cursor = addr;
	return true;
}

/* Levels, from the leaves up */

/* Asked in the RCU section: the table is not freed before its end. */
static __always_inline bool leads_on(const struct mmscope_pgwalk *walk,
				     const pmd_t *pmdp)
{
	return READ_ONCE(*(const u64 *)pmdp) == walk->pmd;
}

/* Return: -EAGAIN if @pmdp no longer leads to the table. */
static __always_inline int
look_at_ptes(struct mmscope_pgwalk *walk, pmd_t *pmdp, unsigned long addr,
	     unsigned long end)
{
	if (!leads_on(walk, pmdp))
		return -EAGAIN;
	enter(walk, MMSCOPE_PMD, pmdp, walk->pmd);
	walk->budget -= COST_TABLE;
	return walk->ops->ptes(walk, walk->ptes + pte_index(addr), addr, end);
}

/* Whoever looks at pages needs the lock of the table: it keeps them mapped. */
static int walk_ptes(struct mmscope_pgwalk *walk, pmd_t *pmdp, pmd_t pmd,
		     unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;	/* of the table, and freed with it */
	int ret = -EAGAIN;

	rcu_read_lock();
	if (!walk->locked) {
		ret = look_at_ptes(walk, pmdp, addr, end);
	} else if (leads_on(walk, pmdp)) {
		ptl = pte_lockptr(walk->mm, &pmd);
		spin_lock(ptl);
		ret = look_at_ptes(walk, pmdp, addr, end);
		spin_unlock(ptl);
	}
	rcu_read_unlock();
	return ret;
}

static int walk_pmd(struct mmscope_pgwalk *walk, pmd_t *pmdp,
		    unsigned long addr, unsigned long end)
{
	pmd_t pmd;
	u64 raw;
	int ret;

	if (slice_over(walk, addr))
		return MMSCOPE_STOP;
	walk->budget -= COST_ENTRY;
	do {
		pmd = READ_ONCE(*pmdp);
		/* pmd_val() is a call where there may be Xen. */
		raw = *(const u64 *)&pmd;
		if (pmd_none(pmd))
			return hole(walk, addr, MMSCOPE_PMD, pmdp, 0);
		if (raw != walk->pmd) {
			if (!pmd_present(pmd) || pmd_leaf(pmd))
				return leaf(walk, addr, end, MMSCOPE_PMD, pmdp,
					    pmd_val(pmd), false);
			if (pmd_bad(pmd))
				return leaf(walk, addr, end, MMSCOPE_PMD, pmdp,
					    pmd_val(pmd), true);
			walk->pmd = raw;
			walk->ptes = pte_offset_kernel(&pmd, 0);
		}
		ret = walk_ptes(walk, pmdp, pmd, addr, end);
	} while (ret == -EAGAIN);
	return ret;
}

/* Return: how many entries from @pmdp on need no look of their own. */
static unsigned long more_pmds(struct mmscope_pgwalk *walk, const pmd_t *pmdp,
			       unsigned long addr, unsigned long end)
{
	if (!walk->ops->more || !IS_ALIGNED(addr, PMD_SIZE))
		return 0;
	return walk->ops->more(walk, pmdp, (end - addr) >> PMD_SHIFT);
}

static int walk_pmds(struct mmscope_pgwalk *walk, pmd_t *pmdp,
		     unsigned long addr, unsigned long end)
{
	unsigned long next, more;
	int ret;

	do {
		more = more_pmds(walk, pmdp, addr, end);
		pmdp += more;
		addr += more << PMD_SHIFT;
		if (addr == end)
			return MMSCOPE_GO_ON;
		next = pmd_addr_end(addr, end);
		ret = walk_pmd(walk, pmdp, addr, next);
		pmdp++;
		addr = next;
	} while (ret == MMSCOPE_GO_ON && addr != end);
	return ret;
}

/*
 * VMAs that follow each other mostly share their table of PMDs. It stays where
 * it is as long as mmap_lock is held, unless it is one that hugetlb shares.
 */
static int walk_pud(struct mmscope_pgwalk *walk, pud_t *pudp, pud_t pud,
		    unsigned long addr, unsigned long end)
{
	pmd_t *pmdp = pmd_offset_lockless(pudp, pud, addr);

	enter(walk, MMSCOPE_PUD, pudp, pud_val(pud));
	walk->pmds = NULL;
	if (!walk->ops->table && !is_vm_hugetlb_page(walk->vma)) {
		walk->pmds = pmdp - pmd_index(addr);
		walk->pmds_start = addr & PUD_MASK;
	}
	return walk_pmds(walk, pmdp, addr, end);
}

static int walk_puds(struct mmscope_pgwalk *walk, p4d_t *p4dp, p4d_t p4d,
		     unsigned long addr, unsigned long end)
{
	pud_t *pudp = pud_offset_lockless(p4dp, p4d, addr);
	unsigned long next;
	int ret = MMSCOPE_GO_ON;

	enter(walk, MMSCOPE_P4D, p4dp, p4d_val(p4d));
	for (; addr != end && ret == MMSCOPE_GO_ON; addr = next, pudp++) {
		pud_t pud = READ_ONCE(*pudp);

		next = pud_addr_end(addr, end);
		if (slice_over(walk, addr))
			return MMSCOPE_STOP;
		walk->budget -= COST_ENTRY;
		if (pud_none(pud))
			ret = hole(walk, addr, MMSCOPE_PUD, pudp, 0);
		else if (!pud_present(pud) || pud_leaf(pud))
			ret = leaf(walk, addr, next, MMSCOPE_PUD, pudp,
				   pud_val(pud), false);
		else if (pud_bad(pud))
			ret = leaf(walk, addr, next, MMSCOPE_PUD, pudp,
				   pud_val(pud), true);
		else
			ret = walk_pud(walk, pudp, pud, addr, next);
	}
	return ret;
}

/* Where the level is folded, some p4d_offset_lockless() return &pgd. */
static p4d_t *first_p4d(struct mmscope_pgwalk *walk, pgd_t *pgdp, pgd_t pgd,
			unsigned long addr)
{
	if (folded(walk->mm, MMSCOPE_PGD))
		return p4d_offset(pgdp, addr);
	return p4d_offset_lockless(pgdp, pgd, addr);
}

static int walk_p4ds(struct mmscope_pgwalk *walk, pgd_t *pgdp, pgd_t pgd,
		     unsigned long addr, unsigned long end)
{
	p4d_t *p4dp = first_p4d(walk, pgdp, pgd, addr);
	unsigned long next;
	int ret = MMSCOPE_GO_ON;

	enter(walk, MMSCOPE_PGD, pgdp, pgd_val(pgd));
	for (; addr != end && ret == MMSCOPE_GO_ON; addr = next, p4dp++) {
		p4d_t p4d = READ_ONCE(*p4dp);

		next = p4d_addr_end(addr, end);
		if (slice_over(walk, addr))
			return MMSCOPE_STOP;
		walk->budget -= COST_ENTRY;
		if (p4d_none(p4d))
			ret = hole(walk, addr, MMSCOPE_P4D, p4dp, 0);
		else if (p4d_bad(p4d))
			ret = leaf(walk, addr, next, MMSCOPE_P4D, p4dp,
				   p4d_val(p4d), true);
		else
			ret = walk_puds(walk, p4dp, p4d, addr, next);
	}
	return ret;
}

static int walk_pgds(struct mmscope_pgwalk *walk, unsigned long addr,
		     unsigned long end)
{
	pgd_t *pgdp = pgd_offset(walk->mm, addr);
	unsigned long next;
	int ret = MMSCOPE_GO_ON;

	for (; addr != end && ret == MMSCOPE_GO_ON; addr = next, pgdp++) {
		pgd_t pgd = READ_ONCE(*pgdp);

		next = pgd_addr_end(addr, end);
		walk->budget -= COST_ENTRY;
		if (pgd_none(pgd))
			ret = hole(walk, addr, MMSCOPE_PGD, pgdp, 0);
		else if (pgd_bad(pgd))
			ret = leaf(walk, addr, next, MMSCOPE_PGD, pgdp,
				   pgd_val(pgd), true);
		else
			ret = walk_p4ds(walk, pgdp, pgd, addr, next);
	}
	return ret;
}

/* Is all of the range in the table of PMDs that the walk was in last? */
static bool in_same_pmds(const struct mmscope_pgwalk *walk, unsigned long addr,
			 unsigned long end)
{
	return walk->pmds && addr >= walk->pmds_start &&
	       end - walk->pmds_start <= PUD_SIZE;
}

static int walk_range(struct mmscope_pgwalk *walk, unsigned long addr,
		      unsigned long end)
{
	if (in_same_pmds(walk, addr, end))
		return walk_pmds(walk, walk->pmds + pmd_index(addr), addr, end);
	return walk_pgds(walk, addr, end);
}

/**
 * mmscope_pgwalk_vma() - walk a range of one VMA, as far as the slice goes
 * @walk: the walk; its budget is what the slice may still do
 * @vma: the VMA
 * @addr: address in it to begin at
 * @end: address in it to end at
 *
 * Context: mmap_lock held; may sleep.
 * Return: MMSCOPE_GO_ON; MMSCOPE_STOP if the slice is over, and @walk->cursor
 * is where the next one goes on.
 */
int mmscope_pgwalk_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		       unsigned long addr, unsigned long end)
{
	struct address_space *hugetlb;
	int ret;

	mmap_assert_locked(walk->mm);

	walk->vma = vma;
	if (unlikely(is_vm_hugetlb_page(vma))) {
		hugetlb = vma->vm_file->f_mapping;
		i_mmap_lock_read(hugetlb);
		walk->pmds = NULL;
		ret = walk_pgds(walk, addr, end);
		i_mmap_unlock_read(hugetlb);
	} else {
		ret = walk_range(walk, addr, end);
	}
	walk->vma = NULL;
	return ret;
}

/**
 * mmscope_pgwalk_start() - begin a walk
 * @walk: the walk
 * @ops: who looks
 * @mm: whose tables
 * @start: address to begin at
 * @end: address to end at; huge entries that reach over either are told whole
 */
void mmscope_pgwalk_start(struct mmscope_pgwalk *walk,
			  const struct mmscope_pgwalk_ops *ops,
			  struct mm_struct *mm, unsigned long start,
			  unsigned long end)
{
	*walk = (struct mmscope_pgwalk){
		.ops = ops,
		.mm = mm,
		.cursor = start & PAGE_MASK,
		.end = PAGE_ALIGN(min(end, mm->task_size)),
	};
}

/**
 * mmscope_pgwalk_refill() - begin a slice: give a walk what it may do
 * @walk: started
 */
void mmscope_pgwalk_refill(struct mmscope_pgwalk *walk)
{
	walk->budget = MMSCOPE_SLICE_BUDGET;
	walk->pmds = NULL;
}

/**
 * mmscope_pgwalk_slice() - walk on, over all VMAs, until the slice is over
 * @walk: started
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether the walk is through.
 */
bool mmscope_pgwalk_slice(struct mmscope_pgwalk *walk)
{
	VMA_ITERATOR(vmi, walk->mm, walk->cursor);
	struct vm_area_struct *vma;

	mmap_assert_locked(walk->mm);

	mmscope_pgwalk_refill(walk);
	while ((vma = vma_next(&vmi)) && vma->vm_start < walk->end) {
		unsigned long addr = max(walk->cursor, vma->vm_start);
		unsigned long end = min(walk->end, vma->vm_end);

		walk->budget -= COST_VMA;
		if (slice_over(walk, addr))
			return false;
		if (walk->ops->vma &&
		    walk->ops->vma(walk, vma, addr) == MMSCOPE_STOP)
			return false;
		if (mmscope_pgwalk_vma(walk, vma, addr, end) == MMSCOPE_STOP)
			return false;
		walk->cursor = end;
	}
	return true;
}
