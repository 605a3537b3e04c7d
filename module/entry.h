/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_ENTRY_H
#define _MMSCOPE_ENTRY_H

#include <linux/bits.h>
#include <linux/types.h>

#include "level.h"
#include "uapi/mmscope.h"

struct vm_area_struct;

/**
 * struct mmscope_entry - a page-table entry in neutral terms
 * @frame: as in struct mmscope_runs
 * @step: by which the raw value grows if the next entry continues this one
 * @attrs: MMSCOPE_ATTR_*
 * @kind: enum mmscope_kind
 */
struct mmscope_entry {
	u64 frame;
	u64 step;
	u32 attrs;
	u8 kind;
};

void mmscope_entry_decode(struct mmscope_entry *entry, u64 raw,
			  enum mmscope_level level,
			  const struct vm_area_struct *vma);
bool mmscope_kind_has_frame(u8 kind);
bool mmscope_kind_names_frame(u8 kind);

/* Attributes */

/**
 * struct mmscope_bits - the bits of a raw entry that mean an attribute
 * @mask: bits to test; 0 where the architecture has no such bit
 * @value: their value if the attribute is set
 * @attr: MMSCOPE_ATTR_*
 */
struct mmscope_bits {
	u64 mask;
	u64 value;
	u32 attr;
};

u32 mmscope_attrs(u64 raw, const struct mmscope_bits *bits);

/*
 * By architecture, in pte_*.c. The tables end with an entry without attribute.
 * They are for entries that lead to a table, that have a frame, and all others.
 */

extern const struct mmscope_bits mmscope_table_bits[];
extern const struct mmscope_bits mmscope_leaf_bits[];
extern const struct mmscope_bits mmscope_swap_bits[];

/*
 * The bits of a present PTE that hold its frame: PTEs that differ in these bits
 * alone, and are not PROT_NONE, differ by their frame times PAGE_SIZE. Where
 * frames have further bits elsewhere, PTEs that differ there are not compared.
 */
#ifdef CONFIG_X86_64
#define MMSCOPE_FRAME_MASK	PTE_PFN_MASK
#else
#define MMSCOPE_FRAME_MASK	GENMASK_ULL(47, PAGE_SHIFT)
#endif

bool mmscope_arch_supported(void);
bool mmscope_arch_present(u64 raw, enum mmscope_level level);
bool mmscope_arch_protnone(u64 raw);
u64 mmscope_arch_frame(u64 raw, enum mmscope_level level);
u64 mmscope_arch_step(u64 raw, enum mmscope_level level);
u64 mmscope_arch_block_raw(u64 raw, u32 attrs);
unsigned int mmscope_arch_block(enum mmscope_level level);

/**
 * mmscope_entry_raw() - the raw value to record of an entry
 * @entry: decoded by mmscope_decode()
 * @raw: its value
 *
 * In a contiguous block, entries differ by accessed and dirty, which count for all
 * of them. With those of the block, they differ by their frames alone.
 *
 * Return: @raw, with the accessed and dirty bits of its contiguous block.
 */
static inline u64 mmscope_entry_raw(const struct mmscope_entry *entry, u64 raw)
{
	if (!(entry->attrs & MMSCOPE_ATTR_CONT))
		return raw;
	return mmscope_arch_block_raw(raw, entry->attrs);
}

#endif
