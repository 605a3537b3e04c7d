// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way from one address to its frame, with a step for each level.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "decode.h"
#include "entry.h"
#include "page.h"
#include "pgwalk.h"
#include "ptes.h"
#include "record.h"
#include "translate.h"

#define STEPS_ROOM	(MMSCOPE_WALK_ROOM - sizeof(struct mmscope_walk))

struct trace {
	struct mmscope_pgwalk walk;
	struct mmscope_walk *rec;
};

/* Note one level. */
static void note(struct mmscope_pgwalk *walk, enum mmscope_level level,
		 void *entryp, u64 raw, u8 kind, u32 attrs)
{
	struct mmscope_walk *rec = container_of(walk, struct trace, walk)->rec;
	enum mmscope_level shown = mmscope_pgwalk_level(walk, level);
	struct mmscope_step *step = mmscope_record_tail(rec);
	void *table;

	/* Tables are pages, but the top one may be smaller. */
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
	note(walk, level, entryp, raw, MMSCOPE_TABLE,
	     mmscope_attrs(raw, mmscope_table_bits));
}

static int trace_hole(struct mmscope_pgwalk *walk,
		      const struct mmscope_leaf *none)
{
	note(walk, none->level, none->entryp, none->raw, MMSCOPE_NONE, 0);
	return MMSCOPE_GO_ON;
}

/* The last step: what the address comes to. */
static void arrive(struct mmscope_pgwalk *walk, unsigned long addr,
		   enum mmscope_level level, void *entryp, u64 raw)
{
	struct mmscope_walk *rec = container_of(walk, struct trace, walk)->rec;
	struct mmscope_facts facts = { };
	struct mmscope_entry entry;
	u64 inside;

	mmscope_decode(&entry, walk, level, entryp, raw);
	note(walk, level, entryp, raw, entry.kind, entry.attrs);
	inside = addr & ((1ULL << mmscope_entry_shift(level)) - 1);
	/* All of a marker is the same, and so is all of unknown things. */
	if (entry.step || entry.kind == MMSCOPE_ZERO)
		entry.frame += inside >> PAGE_SHIFT;
	rec->frame = entry.frame;
	rec->page = mmscope_page_facts(walk, &facts, &entry, level, entryp, raw);
	if (mmscope_kind_has_frame(entry.kind)) {
		rec->phys = (rec->frame << PAGE_SHIFT) +
			    (rec->addr & ~PAGE_MASK);
		rec->page_shift = mmscope_entry_shift(level);
	}
}

static int trace_leaf(struct mmscope_pgwalk *walk,
		      const struct mmscope_leaf *leaf)
{
	if (leaf->bad)
		note(walk, leaf->level, leaf->entryp, leaf->raw,
		     MMSCOPE_UNKNOWN, 0);
	else
		arrive(walk, leaf->addr, leaf->level, leaf->entryp, leaf->raw);
	return MMSCOPE_GO_ON;
}

static int trace_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		      unsigned long addr, unsigned long end)
{
	u64 raw = mmscope_pte_raw(ptep);

	if (ptes_none(raw))
		note(walk, MMSCOPE_PTE, ptep, raw, MMSCOPE_NONE, 0);
	else
		arrive(walk, addr, MMSCOPE_PTE, ptep, raw);
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
 * @buf: takes the record; has MMSCOPE_WALK_ROOM left
 * @vma: the VMA that contains @addr
 * @addr: the address
 *
 * Context: mmap_lock held; may sleep.
 */
void mmscope_translate(struct mmscope_buf *buf, struct vm_area_struct *vma,
		       unsigned long addr)
{
	struct mmscope_walk *rec = mmscope_record(buf, MMSCOPE_REC_WALK,
						  sizeof(*rec), STEPS_ROOM);
	struct trace trace = { .rec = rec };
	unsigned long page = addr & PAGE_MASK;

	rec->addr = addr;
	rec->fixed = sizeof(*rec);
	rec->step_size = sizeof(struct mmscope_step);
	rec->stop = MMSCOPE_STOP_ENTRY;
	mmscope_pgwalk_start(&trace.walk, &trace_ops, vma->vm_mm, page,
			     page + PAGE_SIZE);
	trace.walk.locked = true;
	mmscope_pgwalk_refill(&trace.walk);
	mmscope_pgwalk_vma(&trace.walk, vma, page, page + PAGE_SIZE);
	mmscope_record_trim(buf, rec, sizeof(*rec) +
				      rec->nr * sizeof(struct mmscope_step));
}
