// SPDX-License-Identifier: GPL-2.0-only
/*
 * The translation of one address to its frame, with a step for each level.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "compat/vma.h"
#include "decode.h"
#include "entry.h"
#include "page.h"
#include "part.h"
#include "part_vmas.h"
#include "pgwalk.h"
#include "ptes.h"

/* The steps of a WALK record, one for each level. */
#define STEPS_ROOM	(MMSCOPE_PGD * sizeof(struct mmscope_step))
#define WALK_ROOM	(sizeof(struct mmscope_walk) + STEPS_ROOM)

/**
 * struct trace - the walk of a translation
 * @walk: the walk
 * @rec: takes a step for each level
 */
struct trace {
	struct mmscope_pgwalk walk;
	struct mmscope_walk *rec;
};

static struct mmscope_walk *rec_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct trace, walk)->rec;
}

/* Add the step of one level. */
static void add_step(struct mmscope_pgwalk *walk, enum mmscope_level level,
		     void *entryp, u64 raw, u8 kind, u32 attrs)
{
	struct mmscope_walk *rec = rec_of(walk);
	enum mmscope_level shown = mmscope_shown_level(walk->mm, level);
	struct mmscope_step *step = mmscope_record_tail(rec);
	void *table;

	/* Tables are pages, but the top table may be smaller. */
	table = shown == MMSCOPE_PGD ? walk->mm->pgd :
		PTR_ALIGN_DOWN(entryp, PAGE_SIZE);
	step[rec->nr++] = (struct mmscope_step){
		.table = virt_to_phys(table),
		.raw = raw,
		.index = (entryp - table) / sizeof(pte_t),
		.attrs = attrs,
		.level = shown,
		.kind = kind,
	};
}

static void trace_table(struct mmscope_pgwalk *walk, enum mmscope_level level,
			void *entryp, u64 raw)
{
	add_step(walk, level, entryp, raw, MMSCOPE_TABLE,
		 mmscope_attrs(raw, mmscope_table_bits));
}

static int trace_hole(struct mmscope_pgwalk *walk,
		      const struct mmscope_leaf *none)
{
	add_step(walk, none->level, none->entryp, none->raw, MMSCOPE_NONE, 0);
	return MMSCOPE_GO_ON;
}

/* The last step, under the entry's lock. */
static void add_last(struct mmscope_pgwalk *walk, unsigned long addr,
		     enum mmscope_level level, void *entryp, u64 raw,
		     struct mmscope_entry *entry)
{
	struct mmscope_walk *rec = rec_of(walk);
	struct mmscope_facts facts = { };
	u64 inside = addr & ((1ULL << mmscope_entry_shift(level)) - 1);

	add_step(walk, level, entryp, mmscope_entry_raw(entry, raw), entry->kind,
		 entry->attrs);
	/* Markers and unknown entries mean the same for all addresses they map. */
	if (entry->step || entry->kind == MMSCOPE_ZERO)
		entry->frame += inside >> PAGE_SHIFT;
	rec->frame = entry->frame;
	rec->page = mmscope_page_facts(walk, &facts, entry, level, entryp);
	if (mmscope_kind_has_frame(entry->kind)) {
		rec->phys = (rec->frame << PAGE_SHIFT) +
			    (rec->addr & ~PAGE_MASK);
		rec->page_shift = mmscope_entry_shift(level);
	}
}

static int trace_leaf(struct mmscope_pgwalk *walk,
		      const struct mmscope_leaf *leaf)
{
	struct mmscope_entry entry;
	spinlock_t *ptl;	/* keeps the entry as it is */
	bool same;
	u64 raw;

	if (leaf->bad) {
		add_step(walk, leaf->level, leaf->entryp, leaf->raw,
			 MMSCOPE_UNKNOWN, 0);
		return MMSCOPE_GO_ON;
	}
	ptl = mmscope_leaf_lockptr(walk->vma, leaf->level, leaf->entryp);
	spin_lock(ptl);
	same = mmscope_decode_again(&entry, walk, leaf->level, leaf->entryp,
				    &raw);
	if (same)
		add_last(walk, leaf->addr, leaf->level, leaf->entryp, raw,
			 &entry);
	spin_unlock(ptl);
	return same ? MMSCOPE_GO_ON : MMSCOPE_REREAD;
}

static int trace_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		      unsigned long addr, unsigned long end)
{
	u64 raw = mmscope_pte_raw(ptep);
	struct mmscope_entry entry;

	if (ptes_none(raw)) {
		add_step(walk, MMSCOPE_PTE, ptep, raw, MMSCOPE_NONE, 0);
		return MMSCOPE_GO_ON;
	}
	mmscope_decode(&entry, walk, MMSCOPE_PTE, ptep, raw);
	add_last(walk, addr, MMSCOPE_PTE, ptep, raw, &entry);
	return MMSCOPE_GO_ON;
}

static const struct mmscope_pgwalk_ops trace_ops = {
	.table = trace_table,
	.hole = trace_hole,
	.leaf = trace_leaf,
	.ptes = trace_ptes,
};

static struct mmscope_walk *begin_walk(struct mmscope_buf *buf,
				       unsigned long addr)
{
	struct mmscope_walk *rec = mmscope_record(buf, MMSCOPE_REC_WALK,
						  sizeof(*rec), STEPS_ROOM);

	rec->addr = addr;
	rec->fixed = sizeof(*rec);
	rec->step_size = sizeof(struct mmscope_step);
	return rec;
}

static void end_walk(struct mmscope_buf *buf, struct mmscope_walk *rec)
{
	mmscope_record_trim(buf, rec, sizeof(*rec) +
				      rec->nr * sizeof(struct mmscope_step));
}

/* Return: false if the walk was blocked, see mmscope_pgwalk_wait(). */
static bool translate(struct trace *trace, struct mmscope_walk *rec,
		      struct vm_area_struct *vma)
{
	struct mmscope_pgwalk *walk = &trace->walk;
	unsigned long page = rec->addr & PAGE_MASK;

	rec->stop = MMSCOPE_STOP_ENTRY;
	trace->rec = rec;
	mmscope_pgwalk_start(walk, &trace_ops, vma->vm_mm, page,
			     page + PAGE_SIZE);
	walk->locked = true;
	mmscope_pgwalk_refill(walk);
	mmscope_pgwalk_vma(walk, vma, page, page + PAGE_SIZE);
	return !walk->blocked;
}

static void record_gap(struct mmscope_walk *rec, struct mm_struct *mm,
		       struct vm_area_struct *after)
{
	VMA_ITERATOR(vmi, mm, rec->addr);
	struct vm_area_struct *before = vma_prev(&vmi);

	rec->stop = MMSCOPE_STOP_GAP;
	rec->gap_start = before ? before->vm_end : 0;
	rec->gap_end = after ? after->vm_start : mm->task_size;
}

static void walk_start(struct mmscope_job *job)
{
	struct trace *trace = job->state;

	job->walk = &trace->walk;
}

/*
 * Nothing outside a VMA is walked: munmap() frees tables that cover only holes
 * while it holds mmap_lock for reading, as this walk does.
 */
static int walk_slice(struct mmscope_job *job)
{
	struct mm_struct *mm = job->target.mm;
	const unsigned long addr = job->query.start;
	struct mmscope_buf *buf = &job->buf;
	const size_t len = buf->len;
	struct vm_area_struct *vma;
	struct mmscope_walk *rec;

	mmap_assert_locked(mm);

	if (!mmscope_record_room(buf, WALK_ROOM + MMSCOPE_VMA_ROOM))
		return MMSCOPE_MORE;

	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr) {
		mmscope_record_vma(job, vma);
		rec = begin_walk(buf, addr);
		if (!translate(job->state, rec, vma)) {
			mmscope_buf_cut(buf, len);
			return MMSCOPE_MORE;
		}
		job->sum.vmas++;
	} else {
		rec = begin_walk(buf, addr);
		if (addr < mm->task_size)
			record_gap(rec, mm, vma);
		else
			rec->stop = MMSCOPE_STOP_KERNEL;
	}
	end_walk(buf, rec);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_walk = {
	.parts = MMSCOPE_PART_WALK,
	.locked = true,
	.state_size = sizeof(struct trace),
	.start = walk_start,
	.slice = walk_slice,
};
