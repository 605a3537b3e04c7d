// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries of x86_64, in neutral terms. A leaf looks alike on all
 * levels but for where its frame begins.
 */
#include <linux/mm.h>
#include <asm/cpufeature.h>

#include "compat/pgtable.h"
#include "entry.h"

const struct mmscope_bits mmscope_table_bits[] = {
	{ _PAGE_PRESENT,	_PAGE_PRESENT,	MMSCOPE_ATTR_READ },
	{ _PAGE_RW,		_PAGE_RW,	MMSCOPE_ATTR_WRITE },
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_EXEC },
	/* What users may reach, SMEP keeps the kernel from executing. */
	{ _PAGE_NX | _PAGE_USER, 0,		MMSCOPE_ATTR_KERNEL_EXEC },
	{ _PAGE_USER,		_PAGE_USER,	MMSCOPE_ATTR_USER },
	{ _PAGE_ACCESSED,	_PAGE_ACCESSED,	MMSCOPE_ATTR_ACCESSED },
	{ }
};

/* An attribute stands twice where either of two bits says it. */
const struct mmscope_bits mmscope_leaf_bits[] = {
	{ _PAGE_PRESENT,	_PAGE_PRESENT,	MMSCOPE_ATTR_READ },
	{ _PAGE_PRESENT | _PAGE_RW, _PAGE_PRESENT | _PAGE_RW,
						MMSCOPE_ATTR_WRITE },
	{ _PAGE_PRESENT | _PAGE_NX, _PAGE_PRESENT, MMSCOPE_ATTR_EXEC },
	{ _PAGE_PRESENT | _PAGE_USER, _PAGE_PRESENT | _PAGE_USER,
						MMSCOPE_ATTR_USER },
	{ _PAGE_PRESENT | _PAGE_NX | _PAGE_USER, _PAGE_PRESENT,
						MMSCOPE_ATTR_KERNEL_EXEC },
	{ _PAGE_ACCESSED,	_PAGE_ACCESSED,	MMSCOPE_ATTR_ACCESSED },
	{ _PAGE_DIRTY,		_PAGE_DIRTY,	MMSCOPE_ATTR_DIRTY },
	{ _PAGE_SAVED_DIRTY,	_PAGE_SAVED_DIRTY, MMSCOPE_ATTR_DIRTY },
	{ _PAGE_SOFT_DIRTY,	_PAGE_SOFT_DIRTY, MMSCOPE_ATTR_SOFT_DIRTY },
	{ _PAGE_UFFD,		_PAGE_UFFD,	MMSCOPE_ATTR_UFFD_WP },
	/* Without PRESENT this bit means PROTNONE. */
	{ _PAGE_PRESENT | _PAGE_GLOBAL, _PAGE_PRESENT | _PAGE_GLOBAL,
						MMSCOPE_ATTR_GLOBAL },
	{ _PAGE_SPECIAL,	_PAGE_SPECIAL,	MMSCOPE_ATTR_SPECIAL },
	{ _PAGE_DEVMAP,		_PAGE_DEVMAP,	MMSCOPE_ATTR_DEVMAP },
	/* The memory types that Linux sets up without these are write-back. */
	{ _PAGE_PCD,		_PAGE_PCD,	MMSCOPE_ATTR_UNCACHED },
	{ _PAGE_PWT,		_PAGE_PWT,	MMSCOPE_ATTR_UNCACHED },
	{ }
};

const struct mmscope_bits mmscope_swap_bits[] = {
	{ _PAGE_SWP_SOFT_DIRTY,	_PAGE_SWP_SOFT_DIRTY, MMSCOPE_ATTR_SOFT_DIRTY },
	{ _PAGE_SWP_UFFD,	_PAGE_SWP_UFFD,	MMSCOPE_ATTR_UFFD_WP },
	{ _PAGE_SWP_EXCLUSIVE,	_PAGE_SWP_EXCLUSIVE, MMSCOPE_ATTR_EXCLUSIVE },
	{ }
};

/**
 * mmscope_arch_supported() - can page tables be read as they stand in memory?
 *
 * Return: whether they can; a paravirtual guest of Xen has frames of the host
 * in its entries.
 */
bool mmscope_arch_supported(void)
{
	return !boot_cpu_has(X86_FEATURE_XENPV);
}

/**
 * mmscope_arch_present() - is there a frame behind an entry that is not none?
 * @raw: the entry
 * @level: it stands at
 *
 * Return: whether there is; PROT_NONE counts, and so does a huge page that is
 * being split.
 */
bool mmscope_arch_present(u64 raw, enum mmscope_level level)
{
	if (level == MMSCOPE_PTE)
		return pte_present(__pte(raw));
	return pmd_present(__pmd(raw));
}

/**
 * mmscope_arch_protnone() - does a present entry forbid all access?
 * @raw: the entry
 *
 * Return: whether it does.
 */
bool mmscope_arch_protnone(u64 raw)
{
	return (raw & (_PAGE_PRESENT | _PAGE_PROTNONE)) == _PAGE_PROTNONE;
}

/**
 * mmscope_arch_frame() - frame number of a present leaf
 * @raw: the entry
 * @level: it stands at
 *
 * Return: in base pages.
 */
u64 mmscope_arch_frame(u64 raw, enum mmscope_level level)
{
	switch (level) {
	case MMSCOPE_PTE:
		return pte_pfn(__pte(raw));
	case MMSCOPE_PMD:
		return pmd_pfn(__pmd(raw));
	default:
		return pud_pfn(__pud(raw));
	}
}

/**
 * mmscope_arch_step() - difference of two present leaves with adjoining frames
 * @raw: the first
 * @level: they stand at
 *
 * Return: what to add to the raw value. PROT_NONE entries hold their frame
 * inverted against L1TF, so theirs falls.
 */
u64 mmscope_arch_step(u64 raw, enum mmscope_level level)
{
	u64 size = level == MMSCOPE_PTE ? PAGE_SIZE :
		   level == MMSCOPE_PMD ? PMD_SIZE : PUD_SIZE;

	return __pte_needs_invert(raw) ? -size : size;
}

/**
 * mmscope_arch_block() - how many entries share a contiguous hint
 * @level: they stand at
 *
 * Return: a power of two; 1 where there is no such hint.
 */
unsigned int mmscope_arch_block(enum mmscope_level level)
{
	return 1;
}
