// SPDX-License-Identifier: GPL-2.0-only
/*
 * The translation of one address to its frame, with a step for each level.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "decode.h"
#include "entry.h"
#include "page.h"
#include "ptes.h"
#include "record.h"
#include "translate.h"

#define STEPS_ROOM	(MMSCOPE_WALK_ROOM - sizeof(struct mmscope_walk))

static struct mmscope_walk *rec_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct mmscope_trace, walk)->rec;
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

	add_step(walk, level, entryp, raw, entry->kind, entry->attrs);
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

/**
 * mmscope_translate() - record the translation of an address
 * @trace: the walk
 * @buf: takes the record; has MMSCOPE_WALK_ROOM left
 * @vma: the VMA that contains @addr
 * @addr: the address, without a tag
 *
 * Context: mmap_lock held; may sleep.
 * Return: false if the walk was blocked: drop @rec and mmap_lock, call
 * mmscope_pgwalk_wait(), and start again.
 */
bool mmscope_translate(struct mmscope_trace *trace, struct mmscope_buf *buf,
		       struct vm_area_struct *vma, unsigned long addr)
{
	struct mmscope_walk *rec = mmscope_record(buf, MMSCOPE_REC_WALK,
						  sizeof(*rec), STEPS_ROOM);
	struct mmscope_pgwalk *walk = &trace->walk;
	unsigned long page = addr & PAGE_MASK;

	rec->addr = addr;
	rec->fixed = sizeof(*rec);
	rec->step_size = sizeof(struct mmscope_step);
	rec->stop = MMSCOPE_STOP_ENTRY;
	trace->rec = rec;
	mmscope_pgwalk_start(walk, &trace_ops, vma->vm_mm, page,
			     page + PAGE_SIZE);
	walk->locked = true;
	mmscope_pgwalk_refill(walk);
	mmscope_pgwalk_vma(walk, vma, page, page + PAGE_SIZE);
	mmscope_record_trim(buf, rec, sizeof(*rec) +
				      rec->nr * sizeof(struct mmscope_step));
	return !walk->blocked;
}
