// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries gathered into runs, and filtered.
 *
 * Most entries continue a run, differ from the entry before by their frame
 * alone, or are empty. These three are recognised by their raw values, in loops
 * that do nothing else; all others are decoded.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#include "decode.h"
#include "gather.h"
#include "part.h"
#include "ptes.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_MATCHED	4
#define COST_ALIKE	200	/* recording a run included */
#define COST_DECODED	500	/* recording a run included */
#define COST_FACTS	200

static struct gather *gather_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct gather, walk);
}

/* Runs */

static bool record_run(struct gather *gather, const struct mmscope_run *run)
{
	if (!mmscope_record_run(gather->buf, run))
		return false;
	gather->runs++;
	gather->entries += run->nr;
	return true;
}

/* Out of line: most queries have no filter, and need no copy of the run. */
static noinline bool record_filtered(struct gather *gather)
{
	struct mmscope_run cut = gather->run;

	mmscope_filter_run(&gather->filter, &cut);
	return !cut.nr || record_run(gather, &cut);
}

static bool record_current(struct gather *gather)
{
	if (unlikely(gather->filter.on))
		return record_filtered(gather);
	return record_run(gather, &gather->run);
}

static bool close_run(struct gather *gather)
{
	struct mmscope_run *run = &gather->run;

	if (run->kind != MMSCOPE_NONE && !record_current(gather))
		return false;
	run->kind = MMSCOPE_NONE;
	run->attrs = 0;
	gather->expect = 0;
	gather->step = 0;
	return true;
}

/* Close the current run, because the entry at @addr does not continue it. */
static int break_run(struct gather *gather, unsigned long addr)
{
	if (close_run(gather))
		return MMSCOPE_GO_ON;
	gather->walk.cursor = addr;
	return MMSCOPE_STOP;
}

static noinline s8 uncommon_shift(s64 step, unsigned int pages)
{
	if (!step)
		return 0;
	return step < 0 ? -(ilog2(-step) - (int)pages) :
			  ilog2(step) - (int)pages;
}

/* The step from entry to entry, as the shift from frame to frame of a run. */
static s8 raw_shift(const struct mmscope_entry *entry,
		    enum mmscope_level level)
{
	unsigned int shift = mmscope_entry_shift(level);

	if (likely(entry->step == 1ULL << shift))
		return PAGE_SHIFT;
	return uncommon_shift(entry->step, shift - PAGE_SHIFT);
}

static enum mmscope_level shown_level(const struct gather *gather,
				      enum mmscope_level level)
{
	return mmscope_shown_level(gather->walk.mm, level);
}

static void open_run(struct gather *gather, unsigned long addr,
		     const struct mmscope_entry *entry, u64 raw,
		     enum mmscope_level level, u64 page)
{
	gather->run = (struct mmscope_run){
		.start = addr,
		.frame = entry->frame,
		.raw = mmscope_entry_raw(entry, raw),
		.page = page,
		.nr = 1,
		.attrs = entry->attrs,
		.level = shown_level(gather, level),
		.kind = entry->kind,
		.raw_shift = raw_shift(entry, level),
	};
	gather->step = entry->step;
	gather->expect = raw + entry->step;
}

/* Entries */

/*
 * Remember an entry if others with another frame mean the same. That is not so
 * in contiguous blocks, where attributes depend on other entries, nor if the
 * huge page of zeroes is possible: it is never writable.
 */
static void memorise(struct gather *gather,
		     const struct mmscope_entry *entry,
		     enum mmscope_level level, u64 raw)
{
	struct memo *memo = &gather->memo[gather->oldest];

	if (entry->kind != MMSCOPE_PRESENT ||
	    entry->attrs & MMSCOPE_ATTR_CONT ||
	    frame_in_place(raw) != entry->frame ||
	    (level != MMSCOPE_PTE && !(entry->attrs & MMSCOPE_ATTR_WRITE)))
		return;
	gather->oldest = (gather->oldest + 1) % MEMOS;
	memo->raw = raw;
	memo->mask = MMSCOPE_FRAME_MASK &
		     ~((1ULL << mmscope_entry_shift(level)) - 1);
	memo->entry = *entry;
	memo->level = level;
}

/* Return: the entry as a memo decodes it, until the next one; or NULL. */
static const struct mmscope_entry *
recall(struct gather *gather, enum mmscope_level level, u64 raw)
{
	struct memo *memo = gather->memo;
	u64 frame;

	while (level != memo->level || (raw ^ memo->raw) & ~memo->mask)
		if (++memo == gather->memo + MEMOS)
			return NULL;
	frame = (raw & memo->mask) >> PAGE_SHIFT;
	if (is_zero_pfn(frame))
		return NULL;
	memo->entry.frame = frame;
	gather->walk.budget -= COST_ALIKE;
	return &memo->entry;
}

/* May an entry continue the run by its raw value alone? */
static bool continued_by_raw(const struct gather *gather)
{
	const struct mmscope_run *run = &gather->run;

	if (gather->filter.facts || run->kind == MMSCOPE_NONE ||
	    run->attrs & MMSCOPE_ATTR_CONT)
		return false;
	/* As in memorise(): the next one may be the huge page of zeroes. */
	return run->level == MMSCOPE_PTE || run->attrs & MMSCOPE_ATTR_WRITE;
}

static bool has_expected_raw(const struct gather *gather, u64 raw,
			     enum mmscope_level level)
{
	return raw == gather->expect &&
	       gather->run.level == shown_level(gather, level);
}

static int go_on(struct gather *gather, u64 raw)
{
	gather->expect = raw + gather->step;
	gather->run.nr++;
	return MMSCOPE_GO_ON;
}

static int start_run(struct gather *gather, unsigned long addr,
		     const struct mmscope_entry *entry,
		     enum mmscope_level level, u64 raw, u64 page)
{
	if (break_run(gather, addr) == MMSCOPE_STOP)
		return MMSCOPE_STOP;
	open_run(gather, addr, entry, raw, level, page);
	return MMSCOPE_GO_ON;
}

/* Entries of a contiguous block differ by accessed and dirty bits as well. */
static bool continues_block(const struct gather *gather, unsigned long addr,
			    const struct mmscope_entry *entry, u64 raw)
{
	const struct mmscope_run *run = &gather->run;

	return entry->attrs & MMSCOPE_ATTR_CONT && mmscope_run_end(run) == addr &&
	       mmscope_entry_raw(entry, raw) == run->raw + run->nr * gather->step;
}

static bool continues(const struct gather *gather, unsigned long addr,
		      const struct mmscope_entry *entry,
		      enum mmscope_level level, u64 raw)
{
	const struct mmscope_run *run = &gather->run;

	return run->kind == entry->kind && run->attrs == entry->attrs &&
	       (raw == gather->expect || continues_block(gather, addr, entry, raw)) &&
	       run->level == shown_level(gather, level);
}

/* Add a decoded entry: to the current run, or as the first of a new one. */
static int add(struct gather *gather, unsigned long addr,
	       const struct mmscope_entry *entry, enum mmscope_level level,
	       u64 raw, u64 page)
{
	if (page == gather->run.page &&
	    continues(gather, addr, entry, level, raw))
		return go_on(gather, raw);
	return start_run(gather, addr, entry, level, raw, page);
}

static u64 facts_of(struct gather *gather,
		    const struct mmscope_entry *entry,
		    enum mmscope_level level, void *entryp)
{
	if (!gather->filter.facts)
		return 0;
	gather->walk.budget -= COST_FACTS;
	return mmscope_page_facts(&gather->walk, &gather->facts, entry, level,
				  entryp);
}

static noinline int decode_pte(struct gather *gather, unsigned long addr,
			       pte_t *ptep, u64 raw)
{
	struct mmscope_entry entry;

	gather->walk.budget -= COST_DECODED;
	mmscope_decode(&entry, &gather->walk, MMSCOPE_PTE, ptep, raw);
	memorise(gather, &entry, MMSCOPE_PTE, raw);
	return add(gather, addr, &entry, MMSCOPE_PTE, raw,
		   facts_of(gather, &entry, MMSCOPE_PTE, ptep));
}

static int add_pte(struct gather *gather, unsigned long addr,
		   pte_t *ptep, u64 raw)
{
	const struct mmscope_entry *entry;

	if (continued_by_raw(gather) &&
	    has_expected_raw(gather, raw, MMSCOPE_PTE))
		return go_on(gather, raw);
	entry = recall(gather, MMSCOPE_PTE, raw);
	if (!entry)
		return decode_pte(gather, addr, ptep, raw);
	return add(gather, addr, entry, MMSCOPE_PTE, raw,
		   facts_of(gather, entry, MMSCOPE_PTE, ptep));
}

/* The huge page of zeroes and facts are decided on under the entry's lock. */
static noinline int add_leaf(struct gather *gather, unsigned long addr,
			     const struct mmscope_leaf *leaf)
{
	enum mmscope_level level = leaf->level;
	struct mmscope_entry entry;
	u64 raw, page = 0;
	spinlock_t *ptl;	/* keeps the entry as it is */
	bool same;

	gather->walk.budget -= COST_DECODED;
	ptl = mmscope_leaf_lockptr(gather->walk.vma, level, leaf->entryp);
	spin_lock(ptl);
	same = mmscope_decode_again(&entry, &gather->walk, level, leaf->entryp,
				    &raw);
	if (same)
		page = facts_of(gather, &entry, level, leaf->entryp);
	spin_unlock(ptl);
	if (!same)
		return MMSCOPE_REREAD;
	memorise(gather, &entry, level, raw);
	return add(gather, addr, &entry, level, raw, page);
}

static int runs_leaf(struct mmscope_pgwalk *walk,
		     const struct mmscope_leaf *leaf)
{
	static const struct mmscope_entry unknown = { .kind = MMSCOPE_UNKNOWN };
	struct gather *gather = gather_of(walk);
	u64 size = 1ULL << mmscope_entry_shift(leaf->level);
	unsigned long addr = ALIGN_DOWN(leaf->addr, size);
	const struct mmscope_entry *entry = NULL;

	if (leaf->bad)
		return start_run(gather, addr, &unknown, leaf->level, leaf->raw,
				 0);
	if (continued_by_raw(gather) &&
	    has_expected_raw(gather, leaf->raw, leaf->level))
		return go_on(gather, leaf->raw);
	if (!gather->filter.facts)
		entry = recall(gather, leaf->level, leaf->raw);
	if (!entry)
		return add_leaf(gather, addr, leaf);
	/* What a memo decodes would have continued a run by its raw value. */
	return start_run(gather, addr, entry, leaf->level, leaf->raw, 0);
}

static int runs_hole(struct mmscope_pgwalk *walk,
		     const struct mmscope_leaf *none)
{
	return break_run(gather_of(walk), none->addr);
}

/* PTEs, many at a time */

/*
 * Return: how many of @nr entries may continue the current run by their raw
 * values: not the first one of a contiguous block, which is decoded for the
 * attributes of the block.
 */
static unsigned long matchable(const struct gather *gather,
			       unsigned long addr, unsigned long nr)
{
	unsigned long in_block;

	if (gather->run.kind == MMSCOPE_NONE)
		return 0;
	if (likely(!(gather->run.attrs & MMSCOPE_ATTR_CONT)))
		return nr;
	in_block = -(addr >> PAGE_SHIFT) & (mmscope_arch_block(MMSCOPE_PTE) - 1);
	return min(nr, in_block);
}

/* The same if the facts of their pages have to be equal, too. */
static unsigned long match_facts(struct gather *gather,
				 const pte_t *ptep, unsigned long nr)
{
	const struct mmscope_run *run = &gather->run;

	if (run->kind != MMSCOPE_PRESENT || run->attrs & MMSCOPE_ATTR_CONT ||
	    gather->step != PAGE_SIZE || !run->page ||
	    run->page != gather->facts.page)
		return 0;
	nr = mmscope_page_facts_more(&gather->facts, ptep, nr, gather->expect,
				     run->frame + run->nr);
	gather->walk.budget -= nr * COST_ALIKE_FACTS;
	return nr;
}

static unsigned long continue_run(struct gather *gather,
				  const pte_t *ptep, unsigned long addr,
				  unsigned long nr)
{
	if (gather->filter.facts)
		nr = match_facts(gather, ptep, nr);
	else
		nr = ptes_match(ptep, matchable(gather, addr, nr),
				gather->expect, gather->step);
	gather->run.nr += nr;
	gather->expect += nr * gather->step;
	gather->walk.budget -= nr * COST_MATCHED;
	return nr;
}

/* Adjacent huge pages; a PMD is as wide as a PTE. */
static unsigned long runs_more(struct mmscope_pgwalk *walk, const pmd_t *pmdp,
			       unsigned long nr)
{
	struct gather *gather = gather_of(walk);

	if (gather->run.level != MMSCOPE_PMD || !continued_by_raw(gather) ||
	    ptes_peek((const pte_t *)pmdp) != gather->expect)
		return 0;
	nr = ptes_match((const pte_t *)pmdp, nr, gather->expect, gather->step);
	gather->run.nr += nr;
	gather->expect += nr * gather->step;
	walk->budget -= nr * COST_MATCHED;
	return nr;
}

/* Return: how many entries are done, or 0 to stop. */
static unsigned long scan_some(struct gather *gather, pte_t *ptep,
			       unsigned long addr, unsigned long nr)
{
	u64 raw = mmscope_pte_raw(ptep);
	unsigned long some;

	some = mmscope_gather_singles(gather, ptep, addr, nr, raw);
	if (some)
		return some;
	if (ptes_none(raw)) {
		some = ptes_empty(ptep, nr);
		gather->walk.budget -= some * COST_EMPTY;
		return break_run(gather, addr) == MMSCOPE_STOP ? 0 : some;
	}
	return add_pte(gather, addr, ptep, raw) == MMSCOPE_GO_ON;
}

static int runs_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		     unsigned long addr, unsigned long end)
{
	struct gather *gather = gather_of(walk);
	unsigned long nr = (end - addr) >> PAGE_SHIFT, some;

	/* A run of huge entries ends before a table. */
	if (gather->run.level != MMSCOPE_PTE &&
	    break_run(gather, addr) == MMSCOPE_STOP)
		return MMSCOPE_STOP;

	while (nr) {
		/* In mid-table, if each entry has to be decoded. */
		if (unlikely(walk->budget <= 0)) {
			walk->cursor = addr;
			return MMSCOPE_STOP;
		}
		some = continue_run(gather, ptep, addr, nr);
		if (some < nr) {
			unsigned long more;

			more = scan_some(gather, ptep + some,
					 addr + (some << PAGE_SHIFT),
					 nr - some);
			if (!more)
				return MMSCOPE_STOP;
			some += more;
		}
		ptep += some;
		addr += some << PAGE_SHIFT;
		nr -= some;
	}
	return MMSCOPE_GO_ON;
}

/* A run lies within one VMA, and may continue in the next slice. */
static int runs_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		    unsigned long addr)
{
	struct gather *gather = gather_of(walk);

	if (addr == vma->vm_start || addr != mmscope_run_end(&gather->run))
		return break_run(gather, addr);
	return MMSCOPE_GO_ON;
}

static const struct mmscope_pgwalk_ops runs_ops = {
	.vma = runs_vma,
	.hole = runs_hole,
	.leaf = runs_leaf,
	.more = runs_more,
	.ptes = runs_ptes,
};

#define ATTR_LEGEND							\
	"# attrs: r read, w write, x exec, u user, a accessed, d dirty; "	\
	"s soft-dirty,\n"						\
	"#        p uffd-wp, G global, S special, U uncached, D devmap, "	\
	"e exclusive,\n"						\
	"#        c cont, X kernel-exec\n"

/* 80 columns, unless addresses, frames or kinds are long. */
#define RUN_COLUMNS							\
	"# start      -end         lvl kind       count frame     "	\
	"raw              attrs\n"

/* Huge entries that reach across a bound of the range are recorded whole. */
static void runs_start(struct mmscope_job *job)
{
	struct gather *gather = job->state;

	mmscope_pgwalk_start(&gather->walk, &runs_ops, job->target.mm,
			     job->query.start, job->query.end);
	job->walk = &gather->walk;
	mmscope_filter_set(&gather->filter, &job->query);
	gather->walk.locked = gather->filter.facts;
}

/*
 * A run is recorded once the next one begins, so the last run of a slice may be
 * recorded in the next slice.
 */
static int runs_slice(struct mmscope_job *job)
{
	struct gather *gather = job->state;
	bool done;

	gather->buf = &job->buf;
	done = mmscope_pgwalk_slice(&gather->walk) && close_run(gather);
	job->sum.runs = gather->runs;
	job->sum.entries = gather->entries;
	if (!done)
		return MMSCOPE_MORE;
	mmscope_job_digest(job, gather->walk.digest);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_runs = {
	.parts = MMSCOPE_PART_PAGETABLE,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct gather),
	.columns = ATTR_LEGEND RUN_COLUMNS,
	.start = runs_start,
	.slice = runs_slice,
};
