// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over page tables, level by level and slice by slice.
 *
 * Rules that make it safe, after Documentation/mm/process_addrs.rst:
 *  - mmap_lock is held for reading, and only [vm_start, vm_end) of VMAs found
 *    under it is walked. That keeps the tables down to the PMDs; tables over
 *    holes are freed under a downgraded lock.
 *  - PTE tables come and go under the read lock. They are freed by RCU, and the
 *    PMD is read again inside the RCU section.
 *  - Tables of hugetlb can be shared and unshared by other processes: i_mmap
 *    is locked around such a VMA, but never waited for under mmap_lock.
 *  - Entries change at any time. Each is read once, and the copy is tested in
 *    this order: none, present, leaf.
 *  - Where a level is folded, a pointer to its entry is a pointer into the table
 *    of the level above, never to a copy of the entry.
 */
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>

#include "compat/vma.h"
#include "digest.h"
#include "level.h"
#include "pgwalk.h"
#include "ptes.h"

#if !defined(CONFIG_X86_64) && !defined(CONFIG_ARM64)
#error mmscope supports x86_64 and arm64 only
#endif

/* Entries are read as one u64 each, at an address that is always mapped. */
static_assert(IS_ENABLED(CONFIG_64BIT) && !IS_ENABLED(CONFIG_HIGHPTE));
static_assert(sizeof(pte_t) == sizeof(u64) && sizeof(pmd_t) == sizeof(u64));
static_assert(sizeof(pud_t) == sizeof(u64) && sizeof(p4d_t) == sizeof(u64));
static_assert(sizeof(pgd_t) == sizeof(u64));
/* If a level is folded at build time, so are the levels between it and the top. */
static_assert(CONFIG_PGTABLE_LEVELS >= 2 && CONFIG_PGTABLE_LEVELS <= 5);
static_assert(!__is_defined(__PAGETABLE_PMD_FOLDED) ||
	      __is_defined(__PAGETABLE_PUD_FOLDED));
static_assert(!__is_defined(__PAGETABLE_PUD_FOLDED) ||
	      __is_defined(__PAGETABLE_P4D_FOLDED));

/* In instructions, see struct mmscope_pgwalk. */
#define COST_VMA	500
#define COST_TABLE	120
#define COST_ENTRY	40

/* Are the entries of @level only those of the level below? */
static __always_inline bool folded(struct mm_struct *mm,
				   enum mmscope_level level)
{
	return mmscope_shown_level(mm, level - 1) ==
	       mmscope_shown_level(mm, level);
}

/**
 * mmscope_ptes_skip() - skip empty entries
 * @ptep: the first of them
 * @end: end of the entries that may be read, exclusive
 *
 * Return: the first entry that is not empty, or @end.
 */
pte_t *mmscope_ptes_skip(pte_t *ptep, const pte_t *end)
{
	const pte_t *last = end - 2 * PTES_CHUNK; /* where two chunks fit */

	while (ptep <= last && ptes_chunk_empty(ptep) &&
	       ptes_chunk_empty(ptep + PTES_CHUNK))
		ptep += 2 * PTES_CHUNK;
	if (ptep + PTES_CHUNK <= end && ptes_chunk_empty(ptep))
		ptep += PTES_CHUNK;
	while (ptep < end && !ptes_peek(ptep))
		ptep++;
	return ptep;
}

/* Callbacks */

static void table(struct mmscope_pgwalk *walk, enum mmscope_level level,
		  void *entryp, u64 raw)
{
	if (walk->ops->table && !folded(walk->mm, level))
		walk->ops->table(walk, level, entryp, raw);
}

/* Out of line: entries that lead to tables are the common case. */
static noinline int hole(struct mmscope_pgwalk *walk, unsigned long addr,
			 enum mmscope_level level, void *entryp, u64 raw)
{
	const struct mmscope_leaf none = {
		.addr = addr, .level = level, .entryp = entryp, .raw = raw,
	};

	return walk->ops->hole ? walk->ops->hole(walk, &none) : MMSCOPE_GO_ON;
}

/* @bad: neither a leaf nor leads to a table; it is reported, not followed. */
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

/* Tested between tables. */
static bool slice_over(struct mmscope_pgwalk *walk, unsigned long addr)
{
	if (!mmscope_pgwalk_over(walk))
		return false;
	walk->cursor = addr;
	return true;
}

/* Levels, from the leaves up */

/* Call it in the RCU section: the table is not freed before that ends. */
static __always_inline bool leads_to_ptes(const struct mmscope_pgwalk *walk,
					  const pmd_t *pmdp)
{
	return READ_ONCE(*(const u64 *)pmdp) == walk->pmd;
}

/* Return: MMSCOPE_REREAD if @pmdp no longer leads to the table. */
static __always_inline int
call_ptes(struct mmscope_pgwalk *walk, pmd_t *pmdp, unsigned long addr,
	  unsigned long end)
{
	if (!leads_to_ptes(walk, pmdp))
		return MMSCOPE_REREAD;
	walk->block = NULL;
	table(walk, MMSCOPE_PMD, pmdp, walk->pmd);
	walk->budget -= COST_TABLE;
	return walk->ops->ptes(walk, walk->ptes + pte_index(addr), addr, end);
}

/* The lock of the table keeps the pages mapped, for callbacks that read them. */
static int walk_ptes(struct mmscope_pgwalk *walk, pmd_t *pmdp, pmd_t pmd,
		     unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;	/* of the table, and freed with it */
	int ret = MMSCOPE_REREAD;

	rcu_read_lock();
	if (!walk->locked) {
		ret = call_ptes(walk, pmdp, addr, end);
	} else if (leads_to_ptes(walk, pmdp)) {
		ptl = pte_lockptr(walk->mm, &pmd);
		spin_lock(ptl);
		ret = call_ptes(walk, pmdp, addr, end);
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
		/* pmd_val() is a call where the kernel supports Xen. */
		raw = *(const u64 *)&pmd;
		if (pmd_none(pmd))
			return hole(walk, addr, MMSCOPE_PMD, pmdp, 0);
		if (raw != walk->pmd) {
			if (!pmd_present(pmd) || pmd_leaf(pmd)) {
				ret = leaf(walk, addr, end, MMSCOPE_PMD, pmdp,
					   pmd_val(pmd), false);
				continue;
			}
			if (pmd_bad(pmd))
				return leaf(walk, addr, end, MMSCOPE_PMD, pmdp,
					    pmd_val(pmd), true);
			walk->pmd = raw;
			walk->ptes = pte_offset_kernel(&pmd, 0);
		}
		ret = walk_ptes(walk, pmdp, pmd, addr, end);
	} while (ret == MMSCOPE_REREAD);
	return ret;
}

/* Return: how many entries from @pmdp on are already accounted for. */
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
 * Generic pXd_offset_lockless() takes the address of the copy, which is right
 * only if the level below has tables of its own.
 */
static pmd_t *first_pmd(struct mmscope_pgwalk *walk, pud_t *pudp, pud_t pud,
			unsigned long addr)
{
	if (folded(walk->mm, MMSCOPE_PUD))
		return pmd_offset(pudp, addr);
	return pmd_offset_lockless(pudp, pud, addr);
}

static pud_t *first_pud(struct mmscope_pgwalk *walk, p4d_t *p4dp, p4d_t p4d,
			unsigned long addr)
{
	if (folded(walk->mm, MMSCOPE_P4D))
		return pud_offset(p4dp, addr);
	return pud_offset_lockless(p4dp, p4d, addr);
}

static p4d_t *first_p4d(struct mmscope_pgwalk *walk, pgd_t *pgdp, pgd_t pgd,
			unsigned long addr)
{
	if (folded(walk->mm, MMSCOPE_PGD))
		return p4d_offset(pgdp, addr);
	return p4d_offset_lockless(pgdp, pgd, addr);
}

/*
 * VMAs that follow each other mostly share their table of PMDs. It stays in
 * place as long as mmap_lock is held, unless hugetlb shares it.
 */
static int walk_pmd_table(struct mmscope_pgwalk *walk, pud_t *pudp, pud_t pud,
			  unsigned long addr, unsigned long end)
{
	pmd_t *pmdp = first_pmd(walk, pudp, pud, addr);

	table(walk, MMSCOPE_PUD, pudp, pud_val(pud));
	walk->pmds = NULL;
	if (!walk->ops->table && !is_vm_hugetlb_page(walk->vma)) {
		walk->pmds = pmdp - pmd_index(addr);
		walk->pmds_start = addr & PUD_MASK;
	}
	return walk_pmds(walk, pmdp, addr, end);
}

static int walk_pud(struct mmscope_pgwalk *walk, pud_t *pudp,
		    unsigned long addr, unsigned long end)
{
	pud_t pud;
	int ret;

	if (slice_over(walk, addr))
		return MMSCOPE_STOP;
	walk->budget -= COST_ENTRY;
	do {
		pud = READ_ONCE(*pudp);
		if (pud_none(pud))
			return hole(walk, addr, MMSCOPE_PUD, pudp, 0);
		if (!pud_present(pud) || pud_leaf(pud))
			ret = leaf(walk, addr, end, MMSCOPE_PUD, pudp,
				   pud_val(pud), false);
		else if (pud_bad(pud))
			return leaf(walk, addr, end, MMSCOPE_PUD, pudp,
				    pud_val(pud), true);
		else
			return walk_pmd_table(walk, pudp, pud, addr, end);
	} while (ret == MMSCOPE_REREAD);
	return ret;
}

static int walk_puds(struct mmscope_pgwalk *walk, p4d_t *p4dp, p4d_t p4d,
		     unsigned long addr, unsigned long end)
{
	pud_t *pudp = first_pud(walk, p4dp, p4d, addr);
	unsigned long next;
	int ret = MMSCOPE_GO_ON;

	table(walk, MMSCOPE_P4D, p4dp, p4d_val(p4d));
	for (; addr != end && ret == MMSCOPE_GO_ON; addr = next, pudp++) {
		next = pud_addr_end(addr, end);
		ret = walk_pud(walk, pudp, addr, next);
	}
	return ret;
}

static int walk_p4ds(struct mmscope_pgwalk *walk, pgd_t *pgdp, pgd_t pgd,
		     unsigned long addr, unsigned long end)
{
	p4d_t *p4dp = first_p4d(walk, pgdp, pgd, addr);
	unsigned long next;
	int ret = MMSCOPE_GO_ON;

	table(walk, MMSCOPE_PGD, pgdp, pgd_val(pgd));
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

/* Is the whole range in the table of PMDs walked last? */
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

/* hugetlb */

static struct rw_semaphore *i_mmap_of(const struct file *file)
{
	return &file->f_mapping->i_mmap_rwsem;
}

/*
 * To wait for i_mmap here would make all users of mmap_lock wait as well. The
 * file keeps the lock in existence once mmap_lock is dropped.
 */
static int walk_hugetlb(struct mmscope_pgwalk *walk, struct file *file,
			unsigned long addr, unsigned long end)
{
	int ret;

	if (!down_read_trylock(i_mmap_of(file))) {
		walk->blocked = get_file(file);
		walk->cursor = addr;
		return MMSCOPE_STOP;
	}
	walk->pmds = NULL;
	ret = walk_pgds(walk, addr, end);
	up_read(i_mmap_of(file));
	return ret;
}

/**
 * mmscope_pgwalk_wait() - wait for the lock that stopped the last slice, if any
 * @walk: zeroed or started
 *
 * To be called after each slice, once mmap_lock is dropped. The next slice
 * resumes where this one was stopped.
 *
 * Context: may sleep; mmap_lock not held.
 * Return: 0, or -EINTR if the caller is being killed.
 */
int mmscope_pgwalk_wait(struct mmscope_pgwalk *walk)
{
	struct file *file = walk->blocked;
	int err;

	if (!file)
		return 0;
	walk->blocked = NULL;
	err = down_read_killable(i_mmap_of(file));
	if (!err)
		up_read(i_mmap_of(file));
	fput(file);
	return err;
}

/* Slices */

/**
 * mmscope_pgwalk_vma() - walk a range of one VMA until the slice is over
 * @walk: the walk; its budget is what remains of the slice
 * @vma: the VMA
 * @addr: first address
 * @end: exclusive end of the range
 *
 * Context: mmap_lock held; may sleep.
 * Return: MMSCOPE_GO_ON; MMSCOPE_STOP if the slice is over, and @walk->cursor
 * is where the next one resumes. See mmscope_pgwalk_wait().
 */
int mmscope_pgwalk_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		       unsigned long addr, unsigned long end)
{
	int ret;

	mmap_assert_locked(walk->mm);

	walk->vma = vma;
	if (unlikely(is_vm_hugetlb_page(vma)))
		ret = walk_hugetlb(walk, vma->vm_file, addr, end);
	else
		ret = walk_range(walk, addr, end);
	walk->vma = NULL;
	return ret;
}

/**
 * mmscope_pgwalk_start() - begin a walk
 * @walk: the walk
 * @ops: callbacks
 * @mm: owner of the tables
 * @start: first address
 * @end: exclusive end; huge entries that cross @start or @end are reported whole
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
 * mmscope_pgwalk_refill() - begin a slice: reset the budget and all caches
 * @walk: started
 */
void mmscope_pgwalk_refill(struct mmscope_pgwalk *walk)
{
	walk->budget = MMSCOPE_SLICE_BUDGET;
	walk->pmds = NULL;
	walk->block = NULL;
}

/**
 * mmscope_pgwalk_slice() - resume the walk over all VMAs until the slice is over
 * @walk: started
 *
 * Context: mmap_lock held; may sleep. See mmscope_pgwalk_wait().
 * Return: true if the walk is complete.
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
		walk->digest += mmscope_vma_digest(vma);
		walk->cursor = end;
	}
	return true;
}
