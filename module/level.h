/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_LEVEL_H
#define _MMSCOPE_LEVEL_H

#include <linux/pgtable.h>

#include "uapi/mmscope.h"

struct mm_struct;

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

#endif
