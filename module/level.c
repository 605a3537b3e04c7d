// SPDX-License-Identifier: GPL-2.0-only
/*
 * The levels of page tables, some of which may be folded.
 */
#include <linux/elf-em.h>
#include <linux/kconfig.h>
#include <linux/mm.h>

#include "level.h"

static unsigned int tested_shift(enum mmscope_level level)
{
	switch (level) {
	case MMSCOPE_PMD:
		return PMD_SHIFT;
	case MMSCOPE_PUD:
		return PUD_SHIFT;
	case MMSCOPE_P4D:
		return P4D_SHIFT;
	case MMSCOPE_PGD:
		return PGDIR_SHIFT;
	default:
		return PAGE_SHIFT;
	}
}

/* Return: the lowest level whose entries are those of @level; 0 if it is folded. */
static enum mmscope_level lowest_tested(struct mm_struct *mm,
					enum mmscope_level level)
{
	enum mmscope_level tested;

	for (tested = MMSCOPE_PTE; tested <= level; tested++)
		if (mmscope_shown_level(mm, tested) == level)
			return tested;
	return 0;
}

/**
 * mmscope_level_shift() - what an entry of any level maps
 * @level: enum mmscope_level, as reported
 *
 * Which levels fold is a property of the machine, not of an mm.
 *
 * Return: log2 of the size in bytes; PAGE_SHIFT for 0, which is no level.
 */
unsigned int mmscope_level_shift(enum mmscope_level level)
{
	return tested_shift(lowest_tested(NULL, level) ?: level);
}

/**
 * mmscope_levels() - describe the levels of page tables in use
 * @mm: any mm, or NULL
 * @header: zeroed; its machine, levels and level_shift are filled in
 */
void mmscope_levels(struct mm_struct *mm, struct mmscope_header *header)
{
	enum mmscope_level level, tested;

	header->machine = IS_ENABLED(CONFIG_X86_64) ? EM_X86_64 : EM_AARCH64;
	for (tested = MMSCOPE_PTE; tested <= MMSCOPE_PGD; tested++) {
		level = mmscope_shown_level(mm, tested);
		/* The lowest of the levels that are one counts. */
		if (header->level_shift[level])
			continue;
		header->level_shift[level] = tested_shift(tested);
		header->levels++;
	}
}
