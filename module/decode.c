// SPDX-License-Identifier: GPL-2.0-only
/*
 * The meaning of a page-table entry where its value alone does not define it: it
 * also depends on other entries of its block, or on the page that it maps.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>

#include "decode.h"
#include "entry.h"
#include "page.h"
#include "pgwalk.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_READ	8
#define COST_ATTRS	150

#define ATTRS_OF_BLOCK	(MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY)

/* Most entries of a block differ by their frames alone. */
static u32 read_block(struct mmscope_pgwalk *walk, const u64 *block,
		      unsigned int nr)
{
	u64 last = 0, raw;
	u32 attrs = 0;
	unsigned int i;

	for (i = 0; i < nr && attrs != ATTRS_OF_BLOCK; i++) {
		raw = READ_ONCE(block[i]);
		walk->budget -= COST_READ;
		if (!((raw ^ last) & ~MMSCOPE_FRAME_MASK))
			continue;
		last = raw;
		walk->budget -= COST_ATTRS;
		attrs |= mmscope_attrs(raw, mmscope_leaf_bits) & ATTRS_OF_BLOCK;
	}
	return attrs;
}

/*
 * The processor may set accessed and dirty in any entry of a contiguous block:
 * as in the kernel, they count for all of it. The walk keeps those of the last
 * block, so that each block is read once.
 */
static u32 block_attrs(struct mmscope_pgwalk *walk, const void *entryp,
		       enum mmscope_level level)
{
	unsigned int nr = mmscope_arch_block(level);
	const u64 *block = PTR_ALIGN_DOWN(entryp, nr * sizeof(*block));

	if (walk->block != block) {
		walk->block_attrs = read_block(walk, block, nr);
		walk->block = block;
	}
	return walk->block_attrs;
}

/**
 * mmscope_decode() - decode a leaf entry, with what depends on other entries
 * @entry: filled in
 * @walk: at the entry; charged for reading a contiguous block, not for the rest
 * @level: at which the entry was tested
 * @entryp: its place in the table
 * @raw: its value, read once; not none
 *
 * Context: mmap_lock held, and in an RCU section if @level is MMSCOPE_PTE, else
 * the entry's lock. Does not sleep.
 */
void mmscope_decode(struct mmscope_entry *entry, struct mmscope_pgwalk *walk,
		    enum mmscope_level level, void *entryp, u64 raw)
{
	mmscope_entry_decode(entry, raw, level, walk->vma);
	if (entry->attrs & MMSCOPE_ATTR_CONT) {
		entry->attrs |= block_attrs(walk, entryp, level);
	} else if (level == MMSCOPE_PMD && mmscope_kind_has_frame(entry->kind) &&
		   mmscope_is_huge_zero(walk->vma, entry->frame)) {
		entry->kind = MMSCOPE_ZERO;
		entry->step = 0;
	}
}

static bool is_leaf(enum mmscope_level level, u64 raw)
{
	pmd_t pmd = __pmd(raw);
	pud_t pud = __pud(raw);

	if (level == MMSCOPE_PMD)
		return !pmd_none(pmd) && (!pmd_present(pmd) || pmd_leaf(pmd));
	return !pud_none(pud) && (!pud_present(pud) || pud_leaf(pud));
}

/**
 * mmscope_decode_again() - read and decode an entry above the PTEs under its lock
 * @entry: filled in
 * @walk: at the entry; charged for reading a contiguous block, not for the rest
 * @level: at which the entry was tested: PMD or PUD
 * @entryp: its place in the table
 * @raw: set to its value
 *
 * The value read without the lock does not count: the processor sets accessed
 * and dirty at any time, and the entry may be another one by now.
 *
 * Context: mmap_lock and the entry's lock held, see mmscope_leaf_lockptr(). The
 * result is valid, and the page mapped, until the entry's lock is released.
 * Return: false if the entry is no leaf any more, but empty or leads to a table:
 * the callback has to return MMSCOPE_REREAD.
 */
bool mmscope_decode_again(struct mmscope_entry *entry,
			  struct mmscope_pgwalk *walk, enum mmscope_level level,
			  void *entryp, u64 *raw)
{
	*raw = READ_ONCE(*(const u64 *)entryp);
	if (!is_leaf(level, *raw))
		return false;
	mmscope_decode(entry, walk, level, entryp, *raw);
	return true;
}
