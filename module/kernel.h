/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel half: by architecture in kernel_*.c, its page tables in kernel_walk.c */
#ifndef _MMSCOPE_KERNEL_H
#define _MMSCOPE_KERNEL_H

#include <linux/types.h>

#include "entry.h"
#include "uapi/mmscope.h"

struct mm_struct;

/**
 * struct mmscope_kernel_root - the top table of the kernel half
 * @table: its first entry
 * @nr: number of entries
 * @first: the first one of the kernel half
 * @shift: log2 of what an entry maps
 */
struct mmscope_kernel_root {
	u64 *table;
	unsigned int nr;
	unsigned int first;
	unsigned int shift;
};

/**
 * struct mmscope_kernel_bounds - a region whose bounds are known without a look
 *	at page tables
 * @start: first address
 * @end: exclusive; a region that is empty does not exist
 * @area: enum mmscope_kernel_area
 */
struct mmscope_kernel_bounds {
	u64 start;
	u64 end;
	u32 area;
};

/* No architecture has more regions. */
#define MMSCOPE_REGIONS_MAX	16

/**
 * struct mmscope_kernel_image - how to find the image by what is mapped
 * @start: the image is not before this address
 * @end: nor at this one or after it
 * @text: an address in its first part, or 0: all that is mapped is the image
 * @data: an address in its last part, or 0, likewise
 */
struct mmscope_kernel_image {
	u64 start;
	u64 end;
	u64 text;
	u64 data;
};

/* By architecture */

u64 mmscope_kernel_start(void);
void mmscope_kernel_root(const struct mm_struct *mm,
			 struct mmscope_kernel_root *root);
u64 *mmscope_kernel_user_table(const struct mm_struct *mm);
bool mmscope_kernel_one_root(void);
bool mmscope_kernel_own(const struct mmscope_kernel_root *root,
			unsigned int index);
unsigned int
mmscope_kernel_regions(struct mmscope_kernel_bounds region[MMSCOPE_REGIONS_MAX]);
void mmscope_kernel_image(struct mmscope_kernel_image *image);

/* What a table grants or takes away, and what a leaf of the kernel half means. */
extern const struct mmscope_bits mmscope_kernel_table_bits[];
extern const struct mmscope_bits mmscope_kernel_leaf_bits[];

u64 mmscope_kernel_prot(u64 raw, enum mmscope_level level);
bool mmscope_kernel_valid(u64 raw);
bool mmscope_kernel_is_table(u64 raw);

/* Walk */

struct mmscope_kwalk;

/**
 * struct mmscope_kleaf - entries that map memory, or lead to tables seen before
 * @start: address that the first one maps
 * @size: bytes that all of them map
 * @raw: the first entry
 * @prot: bits of @raw that permissions and memory type depend on
 * @attrs: MMSCOPE_ATTR_*, with what the tables above forbid
 * @level: enum mmscope_level
 * @kind: MMSCOPE_PRESENT, or MMSCOPE_TABLE: each entry leads to the table that
 *	the entry before leads to
 */
struct mmscope_kleaf {
	u64 start;
	u64 size;
	u64 raw;
	u64 prot;
	u32 attrs;
	u8 level;
	u8 kind;
};

/* Entries read at once. */
#define MMSCOPE_KCHUNK	16

/**
 * struct mmscope_kseen - the last table that was walked from end to end
 * @raw: the entry that led to it; 0: there is none
 * @end: of what it maps, exclusive
 * @leaf: what its entries have in common, if they are @uniform
 * @attrs: what the entries above @raw grant
 * @uniform: its entries are part of one run
 */
struct mmscope_kseen {
	u64 raw;
	u64 end;
	struct mmscope_kleaf leaf;
	u32 attrs;
	bool uniform;
};

/**
 * struct mmscope_kwalk - a walk over the tables of the kernel half
 * @add: called for each leaf; false stops the walk before it
 * @root: the top table
 * @start: first address
 * @last: last address, included
 * @cursor: where the walk goes on
 * @budget: of the slice, in instructions
 * @run: entries that were joined so far, if its size is not 0
 * @done: @last was reached
 * @level: of the table at the cursor
 * @table: by level
 * @parent: by level: the entry that led there
 * @attrs: by level: what the entries above grant
 * @seen: by level: the last entry that led to a table
 * @shift: by level
 * @chunk: entries read last
 * @chunk_at: the first of them
 */
struct mmscope_kwalk {
	bool (*add)(struct mmscope_kwalk *walk, const struct mmscope_kleaf *run);
	struct mmscope_kernel_root root;
	u64 start;
	u64 last;
	u64 cursor;
	long budget;
	struct mmscope_kleaf run;
	bool done;
	enum mmscope_level level;
	u64 *table[MMSCOPE_PGD + 1];
	u64 parent[MMSCOPE_PGD + 1];
	u32 attrs[MMSCOPE_PGD + 1];
	struct mmscope_kseen seen[MMSCOPE_PGD + 1];
	u8 shift[MMSCOPE_LEVEL_SLOTS];
	u64 chunk[MMSCOPE_KCHUNK];
	u64 *chunk_at;
};

void mmscope_kwalk_start(struct mmscope_kwalk *walk, const struct mm_struct *mm,
			 u64 start, u64 last);
bool mmscope_kwalk_slice(struct mmscope_kwalk *walk, long budget);

bool mmscope_kernel_entry(const u64 *entryp, u64 *raw);

#endif
