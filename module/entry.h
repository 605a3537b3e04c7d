/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_ENTRY_H
#define _MMSCOPE_ENTRY_H

#include <linux/bits.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include "uapi/mmscope.h"

struct mm_struct;
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

/* Levels */

/**
 * mmscope_shown_level() - the level that an entry is reported under
 * @mm: owner of the tables, or NULL
 * @level: the level it was tested at
 *
 * A folded level has no tables of its own: its entries are those of the level
 * above.
 *
 * Return: @level, or the level above it that is not folded.
 */
static inline enum mmscope_level mmscope_shown_level(struct mm_struct *mm,
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

void mmscope_levels(struct mm_struct *mm, struct mmscope_header *header);
unsigned int mmscope_level_shift(enum mmscope_level level);

/**
 * mmscope_entry_shift() - size of what an entry maps
 * @level: at which it was tested, or under which it is reported
 *
 * Return: log2 of the size in bytes; PAGE_SHIFT for 0, which is no level.
 */
static inline unsigned int mmscope_entry_shift(enum mmscope_level level)
{
	switch (level) {
	case MMSCOPE_PTE:
		return PAGE_SHIFT;
	case MMSCOPE_PMD:
		return PMD_SHIFT;
	case MMSCOPE_PUD:
		return PUD_SHIFT;
	default:
		return mmscope_level_shift(level);
	}
}

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
unsigned int mmscope_arch_block(enum mmscope_level level);

#endif
