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

#include "compat/pgtable.h"
#include "compat/vma.h"
#include "entry.h"
#include "pgwalk.h"
#include "record.h"

/*
 * Work of a slice, in entries looked at; an empty or continued one costs some
 * eight instructions, what weighs more is charged more.
 */
#define SLICE_BUDGET	16384
#define COST_RUN	8
#define COST_BLOCK	8
#define COST_VMA	32

/* Returned through the levels. */
enum { GO_ON, STOP };

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

/* Runs */

static bool close_run(struct mmscope_pgwalk *walk)
{
	struct mmscope_run *run = &walk->run;

	if (run->kind != MMSCOPE_NONE) {
		if (!mmscope_record_run(walk->buf, run))
			return false;
		walk->budget -= COST_RUN;
		walk->runs++;
		walk->entries += run->nr;
	}
	/* An empty entry goes on as a run of nothing. */
	run->kind = MMSCOPE_NONE;
	run->attrs = 0;
	walk->expect = 0;
	walk->step = 0;
	return true;
}

/* Close the current run because it does not go on at @addr. */
static int break_run(struct mmscope_pgwalk *walk, unsigned long addr)
{
	if (close_run(walk))
		return GO_ON;
	walk->cursor = addr;
	return STOP;
}

static void open_run(struct mmscope_pgwalk *walk, unsigned long addr,
		     const struct mmscope_entry *entry, u64 raw,
		     enum mmscope_level level)
{
	walk->run = (struct mmscope_run){
		.start = addr,
		.frame = entry->frame,
		.raw = raw,
		.nr = 1,
		.attrs = entry->attrs,
		.level = level,
		.kind = entry->kind,
	};
	walk->step = entry->step;
	walk->expect = raw + entry->step;
}

/* Does @level only look at the entries of the level below? */
static bool folded(struct mm_struct *mm, enum mmscope_level level)
{
	return shown_level(mm, level - 1) == shown_level(mm, level);
}

/* Note one level of a translation. */
static void note(struct mmscope_pgwalk *walk, enum mmscope_level level,
		 void *entryp, u64 raw, u8 kind, u16 attrs)
{
	struct mmscope_walk *trace = walk->trace;
	enum mmscope_level shown;
	void *table;

	if (likely(!trace))
		return;
	/* Tables are pages, but the top one may be smaller. */
	shown = shown_level(walk->mm, level);
	table = shown == MMSCOPE_PGD ? walk->mm->pgd :
		PTR_ALIGN_DOWN(entryp, PAGE_SIZE);
	trace->step[trace->nr++] = (struct mmscope_step){
		.table = virt_to_phys(table),
		.raw = raw,
		.index = (entryp - table) / sizeof(pte_t),
		.attrs = attrs,
		.level = shown,
		.kind = kind,
	};
}

/* Note an entry that leads to a table. */
static void note_table(struct mmscope_pgwalk *walk, enum mmscope_level level,
		       void *entryp, u64 raw)
{
	if (unlikely(walk->trace) && !folded(walk->mm, level))
		note(walk, level, entryp, raw, MMSCOPE_TABLE,
		     mmscope_attrs(raw, mmscope_table_bits));
}

static int hole(struct mmscope_pgwalk *walk, unsigned long addr,
		enum mmscope_level level, void *entryp, u64 raw)
{
	note(walk, level, entryp, raw, MMSCOPE_NONE, 0);
	return break_run(walk, addr);
}

/*
 * The kernel keeps to itself which page the huge zero page is. In anonymous
 * memory it is the one that is not anonymous.
 */
static bool is_huge_zero(struct mmscope_pgwalk *walk, pmd_t *pmdp, u64 raw)
{
	spinlock_t *ptl;	/* keeps the page from being freed */
	bool zero;
	pmd_t pmd;

	if (!vma_is_anonymous(walk->vma))
		return false;

	ptl = pmd_lock(walk->mm, pmdp);
	pmd = READ_ONCE(*pmdp);
	zero = pmd_val(pmd) == raw && pfn_valid(pmd_pfn(pmd)) &&
	       !PageAnon(pmd_page(pmd));
	spin_unlock(ptl);
	return zero;
}

#define ATTRS_OF_BLOCK	(MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY)

/*
 * The processor notes an access to entries that share a contiguous hint in any
 * one of them: it counts for all, as for the kernel.
 */
static u16 block_attrs(const void *entryp, enum mmscope_level level)
{
	unsigned int i, nr = mmscope_arch_block(level);
	const u64 *block = PTR_ALIGN_DOWN(entryp, nr * sizeof(*block));
	u16 attrs = 0;

	for (i = 0; i < nr; i++)
		attrs |= mmscope_attrs(READ_ONCE(block[i]), mmscope_leaf_bits);
	return attrs & ATTRS_OF_BLOCK;
}

static void decode(struct mmscope_pgwalk *walk, struct mmscope_entry *entry,
		   enum mmscope_level level, void *entryp, u64 raw)
{
	mmscope_entry_decode(entry, raw, level, walk->vma);
	if (entry->attrs & MMSCOPE_ATTR_CONT) {
		entry->attrs |= block_attrs(entryp, level);
		walk->budget -= COST_BLOCK;
	} else if (level == MMSCOPE_PMD && entry->kind == MMSCOPE_PRESENT &&
		   is_huge_zero(walk, entryp, raw)) {
		entry->kind = MMSCOPE_ZERO;
		entry->step = 0;
	}
}

/* Entries of a contiguous block differ in where an access was noted. */
static bool continues_block(const struct mmscope_pgwalk *walk,
			    unsigned long addr, enum mmscope_level level,
			    const struct mmscope_entry *entry)
{
	const struct mmscope_run *run = &walk->run;

	return entry->attrs & MMSCOPE_ATTR_CONT &&
	       run->attrs == entry->attrs && run->level == level &&
	       run->kind == entry->kind && mmscope_run_end(run) == addr &&
	       run->frame + (mmscope_run_end(run) - run->start) / PAGE_SIZE ==
	       entry->frame;
}

static int leaf(struct mmscope_pgwalk *walk, unsigned long addr,
		enum mmscope_level level, void *entryp, u64 raw)
{
	struct mmscope_entry entry;

	if (raw == walk->expect && walk->run.level == level &&
	    walk->run.kind != MMSCOPE_NONE &&
	    !(walk->run.attrs & MMSCOPE_ATTR_CONT)) {
		walk->expect += walk->step;
		walk->run.nr++;
		return GO_ON;
	}
	decode(walk, &entry, level, entryp, raw);
	if (continues_block(walk, addr, level, &entry)) {
		walk->expect = raw + walk->step;
		walk->run.nr++;
		return GO_ON;
	}
	if (break_run(walk, addr) == STOP)
		return STOP;

	note(walk, level, entryp, raw, entry.kind, entry.attrs);
	open_run(walk, addr, &entry, raw, level);
	return GO_ON;
}

/* An entry that is neither a leaf nor leads to a table: tell, do not follow. */
static int bad(struct mmscope_pgwalk *walk, unsigned long addr,
	       enum mmscope_level level, void *entryp, u64 raw)
{
	const struct mmscope_entry entry = { .kind = MMSCOPE_UNKNOWN };

	if (break_run(walk, addr) == STOP)
		return STOP;
	note(walk, level, entryp, raw, entry.kind, 0);
	open_run(walk, addr, &entry, raw, level);
	return GO_ON;
}

/*
 * Is this slice over? Asked between tables. It gives way to others only when
 * half done: where somebody always waits it has to get on all the same.
 */
static bool slice_over(struct mmscope_pgwalk *walk, unsigned long addr)
{
	walk->budget--;
	if (walk->budget > SLICE_BUDGET / 2)
		return false;
	if (walk->budget > 0 && !mmap_lock_is_contended(walk->mm))
		return false;
	walk->cursor = addr;
	return true;
}

/* Levels, from the leaves up */

/*
 * Return: how many of @nr entries, that of @addr first, may continue the current
 * run by their raw values alone: not the first one of a contiguous block, its
 * attributes are those of all of it.
 */
static unsigned long matchable(const struct mmscope_pgwalk *walk,
			       unsigned long addr, unsigned long nr)
{
	unsigned long in_block;

	if (likely(!(walk->run.attrs & MMSCOPE_ATTR_CONT)))
		return nr;
	in_block = -(addr >> PAGE_SHIFT) & (mmscope_arch_block(MMSCOPE_PTE) - 1);
	return min(nr, in_block);
}

/* Return: how many of @nr entries from @ptep on have the raw values expected. */
static unsigned long match(const pte_t *ptep, unsigned long nr, u64 expect,
			   u64 step)
{
	unsigned long i;

	for (i = 0; i < nr; i++, expect += step)
		if (pte_val(READ_ONCE(ptep[i])) != expect)
			break;
	return i;
}

static int scan_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		     unsigned long addr, unsigned long end)
{
	u64 raw;

	while (addr < end) {
		unsigned long left = (end - addr) >> PAGE_SHIFT;
		unsigned long nr = 0;
		int ret;

		if (likely(!walk->trace))
			nr = match(ptep, matchable(walk, addr, left),
				   walk->expect, walk->step);

		walk->run.nr += nr;
		walk->expect += nr * walk->step;
		addr += nr << PAGE_SHIFT;
		ptep += nr;
		if (nr == left)
			break;

		raw = pte_val(READ_ONCE(*ptep));
		if (pte_none(__pte(raw)))
			ret = hole(walk, addr, MMSCOPE_PTE, ptep, raw);
		else
			ret = leaf(walk, addr, MMSCOPE_PTE, ptep, raw);
		if (ret == STOP)
			return STOP;
		addr += PAGE_SIZE;
		ptep++;
	}
	return GO_ON;
}

/* Return: -EAGAIN if the table is no longer the one @pmd leads to. */
static int walk_ptes(struct mmscope_pgwalk *walk, pmd_t *pmdp, pmd_t pmd,
		     unsigned long addr, unsigned long end)
{
	int ret = -EAGAIN;

	/* A run of huge entries does not go on in a table; and nr is a u32. */
	if ((walk->run.level != MMSCOPE_PTE || walk->run.nr > U32_MAX / 2) &&
	    break_run(walk, addr) == STOP)
		return STOP;

	rcu_read_lock();
	if (pmd_val(READ_ONCE(*pmdp)) == pmd_val(pmd)) {
		note_table(walk, MMSCOPE_PMD, pmdp, pmd_val(pmd));
		walk->budget -= (end - addr) >> PAGE_SHIFT;
		ret = scan_ptes(walk, pte_offset_kernel(&pmd, addr), addr, end);
	}
	rcu_read_unlock();
	return ret;
}

static int walk_pmd(struct mmscope_pgwalk *walk, pmd_t *pmdp,
		    unsigned long addr, unsigned long end)
{
	pmd_t pmd;
	int ret;

	if (slice_over(walk, addr))
		return STOP;
	do {
		pmd = READ_ONCE(*pmdp);
		if (pmd_none(pmd))
			return hole(walk, addr, MMSCOPE_PMD, pmdp, 0);
		if (!pmd_present(pmd) || pmd_leaf(pmd))
			return leaf(walk, addr & PMD_MASK, MMSCOPE_PMD, pmdp,
				    pmd_val(pmd));
		if (pmd_bad(pmd))
			return bad(walk, addr & PMD_MASK, MMSCOPE_PMD, pmdp,
				   pmd_val(pmd));
		ret = walk_ptes(walk, pmdp, pmd, addr, end);
	} while (ret == -EAGAIN);
	return ret;
}

static int walk_pmds(struct mmscope_pgwalk *walk, pud_t *pudp, pud_t pud,
		     unsigned long addr, unsigned long end)
{
	pmd_t *pmdp = pmd_offset_lockless(pudp, pud, addr);
	unsigned long next;
	int ret = GO_ON;

	note_table(walk, MMSCOPE_PUD, pudp, pud_val(pud));
	for (; addr != end && ret == GO_ON; addr = next, pmdp++) {
		next = pmd_addr_end(addr, end);
		ret = walk_pmd(walk, pmdp, addr, next);
	}
	return ret;
}

static int walk_puds(struct mmscope_pgwalk *walk, p4d_t *p4dp, p4d_t p4d,
		     unsigned long addr, unsigned long end)
{
	pud_t *pudp = pud_offset_lockless(p4dp, p4d, addr);
	unsigned long next;
	int ret = GO_ON;

	note_table(walk, MMSCOPE_P4D, p4dp, p4d_val(p4d));
	for (; addr != end && ret == GO_ON; addr = next, pudp++) {
		pud_t pud = READ_ONCE(*pudp);

		next = pud_addr_end(addr, end);
		if (slice_over(walk, addr))
			return STOP;
		if (pud_none(pud))
			ret = hole(walk, addr, MMSCOPE_PUD, pudp, 0);
		else if (!pud_present(pud) || pud_leaf(pud))
			ret = leaf(walk, addr & PUD_MASK, MMSCOPE_PUD, pudp,
				   pud_val(pud));
		else if (pud_bad(pud))
			ret = bad(walk, addr & PUD_MASK, MMSCOPE_PUD, pudp,
				  pud_val(pud));
		else
			ret = walk_pmds(walk, pudp, pud, addr, next);
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
	int ret = GO_ON;

	note_table(walk, MMSCOPE_PGD, pgdp, pgd_val(pgd));
	for (; addr != end && ret == GO_ON; addr = next, p4dp++) {
		p4d_t p4d = READ_ONCE(*p4dp);

		next = p4d_addr_end(addr, end);
		if (p4d_none(p4d))
			ret = hole(walk, addr, MMSCOPE_P4D, p4dp, 0);
		else if (p4d_bad(p4d))
			ret = bad(walk, addr & P4D_MASK, MMSCOPE_P4D, p4dp,
				  p4d_val(p4d));
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
	int ret = GO_ON;

	for (; addr != end && ret == GO_ON; addr = next, pgdp++) {
		pgd_t pgd = READ_ONCE(*pgdp);

		next = pgd_addr_end(addr, end);
		if (pgd_none(pgd))
			ret = hole(walk, addr, MMSCOPE_PGD, pgdp, 0);
		else if (pgd_bad(pgd))
			ret = bad(walk, addr & PGDIR_MASK, MMSCOPE_PGD, pgdp,
				  pgd_val(pgd));
		else
			ret = walk_p4ds(walk, pgdp, pgd, addr, next);
	}
	return ret;
}

static int walk_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		    unsigned long addr, unsigned long end)
{
	struct address_space *hugetlb = NULL;
	int ret;

	if (is_vm_hugetlb_page(vma))
		hugetlb = vma->vm_file->f_mapping;

	walk->vma = vma;
	if (hugetlb)
		i_mmap_lock_read(hugetlb);
	ret = walk_pgds(walk, addr, end);
	if (hugetlb)
		i_mmap_unlock_read(hugetlb);
	walk->vma = NULL;
	return ret;
}

/**
 * mmscope_pgwalk_start() - begin a walk
 * @walk: the walk
 * @mm: whose tables
 * @start: address to begin at
 * @end: address to end at; huge entries that reach over either are told whole
 */
void mmscope_pgwalk_start(struct mmscope_pgwalk *walk, struct mm_struct *mm,
			  unsigned long start, unsigned long end)
{
	*walk = (struct mmscope_pgwalk){
		.mm = mm,
		.cursor = start & PAGE_MASK,
		.end = PAGE_ALIGN(min(end, mm->task_size)),
	};
}

/**
 * mmscope_pgwalk_slice() - walk on until the slice is full or its work is done
 * @walk: started
 * @buf: takes the runs
 *
 * A run is recorded once the next one begins, so the last of a slice may come
 * with the slice after it.
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether the walk is through.
 */
bool mmscope_pgwalk_slice(struct mmscope_pgwalk *walk, struct mmscope_buf *buf)
{
	VMA_ITERATOR(vmi, walk->mm, walk->cursor);
	struct vm_area_struct *vma;

	mmap_assert_locked(walk->mm);

	walk->buf = buf;
	walk->budget = SLICE_BUDGET;
	while ((vma = vma_next(&vmi)) && vma->vm_start < walk->end) {
		unsigned long addr = max(walk->cursor, vma->vm_start);
		unsigned long end = min(walk->end, vma->vm_end);

		walk->budget -= COST_VMA;
		if (slice_over(walk, addr))
			return false;
		/* A run lies within one VMA, and may go on from the last slice. */
		if ((addr == vma->vm_start || addr != mmscope_run_end(&walk->run)) &&
		    break_run(walk, addr) == STOP)
			return false;
		if (walk_vma(walk, vma, addr, end) == STOP)
			return false;
		walk->cursor = end;
	}
	return close_run(walk);
}

/**
 * mmscope_translate() - take down the way from an address to its frame
 * @rec: zeroed; filled in
 * @vma: the VMA that holds @addr
 * @addr: the address
 *
 * Context: mmap_lock held; may sleep.
 */
void mmscope_translate(struct mmscope_walk *rec, struct vm_area_struct *vma,
		       unsigned long addr)
{
	struct mmscope_pgwalk walk = { .mm = vma->vm_mm, .trace = rec };
	unsigned long page = addr & PAGE_MASK;
	const struct mmscope_run *run = &walk.run;

	mmap_assert_locked(walk.mm);

	rec->addr = addr;
	rec->stop = MMSCOPE_STOP_ENTRY;
	walk.budget = LONG_MAX;
	walk_vma(&walk, vma, page, page + PAGE_SIZE);

	if (run->kind == MMSCOPE_NONE)
		return;
	rec->frame = run->frame + ((page - run->start) >> PAGE_SHIFT);
	if (mmscope_kind_has_frame(run->kind)) {
		rec->phys = (rec->frame << PAGE_SHIFT) + (addr - page);
		rec->page_shift = mmscope_entry_shift(run->level);
	}
}
