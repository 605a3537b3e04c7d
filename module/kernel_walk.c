// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the page tables of the kernel half.
 *
 * No lock that a module can take keeps these tables as they are: those of vmalloc
 * memory can be freed, and reused, while they are read. So nothing is trusted: an
 * entry leads to a table only if it names RAM, each read may fault, and after a
 * read the entry that led to the table is read again. What was recorded is best
 * effort all the same.
 */
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kernel.h"
#include "level.h"

/* In instructions, and rather too many. */
#define COST_ENTRY	100
#define COST_CHUNK	1000
#define COST_TABLE	3000

/* Rights that each level can take away. */
#define RIGHTS	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC | \
		 MMSCOPE_ATTR_USER | MMSCOPE_ATTR_KERNEL_EXEC)

/**
 * mmscope_kernel_entry() - read one entry
 * @entryp: of a table that may be gone
 * @raw: the entry; 0 if it cannot be read
 *
 * Context: any.
 * Return: true if the processor uses the entry.
 */
bool mmscope_kernel_entry(const u64 *entryp, u64 *raw)
{
	if (copy_from_kernel_nofault(raw, entryp, sizeof(*raw)))
		*raw = 0;
	return mmscope_kernel_valid(*raw);
}

static u64 frame_of(u64 raw)
{
	return mmscope_arch_frame(raw, MMSCOPE_PTE);
}

/* Only RAM is read: never a device, or a frame that does not exist. */
static u64 *table_of(u64 raw)
{
	const u64 frame = frame_of(raw);

	if (!pfn_valid(frame) || !page_is_ram(frame))
		return NULL;
	return __va(frame << PAGE_SHIFT);
}

/* The level above or below, if levels are folded. */
static enum mmscope_level level_next(const struct mmscope_kwalk *walk,
				     enum mmscope_level level, int step)
{
	do {
		level += step;
	} while (!walk->shift[level]);
	return level;
}

static u64 size_at(const struct mmscope_kwalk *walk, enum mmscope_level level)
{
	return 1ULL << walk->shift[level];
}

static u64 *entry_at(const struct mmscope_kwalk *walk, enum mmscope_level level)
{
	const u64 nr = level == MMSCOPE_PGD ? walk->root.nr :
		       PAGE_SIZE / sizeof(u64);

	return walk->table[level] + ((walk->cursor >> walk->shift[level]) &
				     (nr - 1));
}

static bool parent_changed(const struct mmscope_kwalk *walk)
{
	const enum mmscope_level level = walk->level;
	u64 raw;

	if (level == MMSCOPE_PGD)
		return false;
	return !mmscope_kernel_entry(entry_at(walk, level_next(walk, level, 1)),
				     &raw) ||
	       !mmscope_kernel_is_table(raw) ||
	       frame_of(raw) != frame_of(walk->parent[level]);
}

static void to_top(struct mmscope_kwalk *walk)
{
	walk->level = MMSCOPE_PGD;
	walk->chunk_at = NULL;
}

/* Read the entry at the cursor, and those around it. Return: false to start over. */
static bool read_entry(struct mmscope_kwalk *walk, u64 *raw)
{
	u64 *entryp = entry_at(walk, walk->level);
	u64 *at = PTR_ALIGN_DOWN(entryp, sizeof(walk->chunk));

	if (walk->chunk_at != at) {
		walk->budget -= COST_CHUNK;
		if (copy_from_kernel_nofault(walk->chunk, at,
					     sizeof(walk->chunk)))
			memset(walk->chunk, 0, sizeof(walk->chunk));
		if (parent_changed(walk)) {
			to_top(walk);
			return false;
		}
		walk->chunk_at = at;
	}
	*raw = walk->chunk[entryp - at];
	return true;
}

static bool joins(const struct mmscope_kleaf *run,
		  const struct mmscope_kleaf *next)
{
	return run->size && run->start + run->size == next->start &&
	       run->prot == next->prot && run->attrs == next->attrs &&
	       run->level == next->level && run->kind == next->kind;
}

static bool flush(struct mmscope_kwalk *walk)
{
	if (walk->run.size && !walk->add(walk, &walk->run))
		return false;
	walk->run.size = 0;
	return true;
}

static bool add(struct mmscope_kwalk *walk, const struct mmscope_kleaf *leaf)
{
	if (joins(&walk->run, leaf)) {
		walk->run.size += leaf->size;
		return true;
	}
	if (!flush(walk))
		return false;
	walk->run = *leaf;
	return true;
}

/* The kernel never executes what user mode may access. */
static u32 effective(u32 attrs)
{
	if (IS_ENABLED(CONFIG_X86_64) && attrs & MMSCOPE_ATTR_USER)
		attrs &= ~MMSCOPE_ATTR_KERNEL_EXEC;
	return attrs;
}

static bool add_leaf(struct mmscope_kwalk *walk, u64 start, u64 raw)
{
	const enum mmscope_level level = walk->level;
	u32 attrs = mmscope_attrs(raw, mmscope_kernel_leaf_bits);

	attrs &= walk->attrs[level] | ~RIGHTS;
	return add(walk, &(struct mmscope_kleaf){
		.start = start,
		.size = size_at(walk, level),
		.raw = raw,
		.prot = mmscope_kernel_prot(raw, level),
		.attrs = effective(attrs),
		.level = level,
		.kind = MMSCOPE_PRESENT,
	});
}

/*
 * KASAN and the stacks of espfix map the same table many times. Return: does the
 * entry at @start lead to the table that the one before it leads to?
 */
static bool seen_before(const struct mmscope_kwalk *walk, u64 start, u64 raw)
{
	const struct mmscope_kseen *seen = &walk->seen[walk->level];

	return seen->end == start && start == walk->cursor && seen->raw &&
	       frame_of(seen->raw) == frame_of(raw) &&
	       seen->attrs == walk->attrs[walk->level] &&
	       mmscope_kernel_prot(seen->raw, MMSCOPE_PTE) ==
	       mmscope_kernel_prot(raw, MMSCOPE_PTE);
}

static bool add_again(struct mmscope_kwalk *walk, u64 start, u64 raw)
{
	struct mmscope_kseen *seen = &walk->seen[walk->level];
	struct mmscope_kleaf leaf = seen->leaf;

	if (!seen->uniform)
		leaf = (struct mmscope_kleaf){
			.raw = raw,
			.level = walk->level,
			.kind = MMSCOPE_TABLE,
		};
	leaf.start = start;
	leaf.size = size_at(walk, walk->level);
	if (!add(walk, &leaf))
		return false;
	seen->end = start + leaf.size;
	return true;
}

static bool enter(struct mmscope_kwalk *walk, u64 raw)
{
	const enum mmscope_level lower = level_next(walk, walk->level, -1);
	u64 *table = table_of(raw);

	walk->budget -= COST_TABLE;
	if (!table)
		return false;
	walk->table[lower] = table;
	walk->parent[lower] = raw;
	walk->attrs[lower] = walk->attrs[walk->level] &
			     mmscope_attrs(raw, mmscope_kernel_table_bits);
	walk->level = lower;
	return true;
}

/* The table that ends at the cursor was walked: remember what it was like. */
static void leave(struct mmscope_kwalk *walk)
{
	const enum mmscope_level upper = level_next(walk, walk->level, 1);
	const struct mmscope_kleaf *run = &walk->run;
	const u64 start = walk->cursor - size_at(walk, upper);
	struct mmscope_kseen *seen = &walk->seen[upper];

	seen->raw = start < walk->start ? 0 : walk->parent[walk->level];
	seen->end = walk->cursor;
	seen->attrs = walk->attrs[upper];
	seen->uniform = run->size && run->kind == MMSCOPE_PRESENT &&
			run->start <= start &&
			run->start + run->size == walk->cursor;
	seen->leaf = *run;
	walk->level = upper;
}

/* Go to the entry after @start, which may be in a table above. */
static void advance(struct mmscope_kwalk *walk, u64 start)
{
	walk->cursor = start + size_at(walk, walk->level);
	if (!walk->cursor || walk->cursor > walk->last) {
		walk->done = true;
		return;
	}
	while (walk->level != MMSCOPE_PGD &&
	       !(walk->cursor &
		 (size_at(walk, level_next(walk, walk->level, 1)) - 1)))
		leave(walk);
}

/* Return: false if there was no room for a run. */
static bool step(struct mmscope_kwalk *walk)
{
	const u64 start = walk->cursor & -size_at(walk, walk->level);
	u64 raw;

	walk->budget -= COST_ENTRY;
	if (!read_entry(walk, &raw))
		return true;
	if (!mmscope_kernel_valid(raw)) {
		advance(walk, start);
		return true;
	}
	if (walk->level == MMSCOPE_PTE || !mmscope_kernel_is_table(raw)) {
		if (!add_leaf(walk, start, raw))
			return false;
	} else if (seen_before(walk, start, raw)) {
		if (!add_again(walk, start, raw))
			return false;
	} else if (enter(walk, raw)) {
		return true;
	}
	advance(walk, start);
	return true;
}

/**
 * mmscope_kwalk_start() - prepare a walk
 * @walk: filled in, but for its @add
 * @mm: pinned by mm_count until the walk ends
 * @start: first address
 * @last: last address, included
 */
void mmscope_kwalk_start(struct mmscope_kwalk *walk, const struct mm_struct *mm,
			 u64 start, u64 last)
{
	struct mmscope_header header = { };

	memset(walk, 0, sizeof(*walk));
	mmscope_levels(NULL, &header);
	memcpy(walk->shift, header.level_shift, sizeof(walk->shift));
	mmscope_kernel_root(mm, &walk->root);
	walk->table[MMSCOPE_PGD] = walk->root.table;
	walk->attrs[MMSCOPE_PGD] = RIGHTS;
	walk->start = max(start, mmscope_kernel_start());
	walk->last = last;
	walk->cursor = walk->start;
	walk->done = walk->start > last;
}

/**
 * mmscope_kwalk_slice() - walk on
 * @walk: the walk
 * @budget: in instructions
 *
 * Between two slices only an address is kept: tables may be freed meanwhile.
 *
 * Context: takes no lock.
 * Return: true at the end of the walk; false to call it again, with room in what
 * the callback fills.
 */
bool mmscope_kwalk_slice(struct mmscope_kwalk *walk, long budget)
{
	walk->budget = budget;
	to_top(walk);
	while (!walk->done && walk->budget > 0)
		if (!step(walk))
			return false;
	return walk->done && flush(walk);
}
