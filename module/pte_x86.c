// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries of x86_64, in neutral terms. Leaves have the same layout on
 * all levels, except for the lowest bit of the frame.
 */
#include <linux/mm.h>
#include <asm/cpufeature.h>

#include "compat/pgtable.h"
#include "entry.h"

const struct mmscope_bits mmscope_table_bits[] = {
	{ _PAGE_PRESENT,	_PAGE_PRESENT,	MMSCOPE_ATTR_READ },
	{ _PAGE_RW,		_PAGE_RW,	MMSCOPE_ATTR_WRITE },
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_EXEC },
	/* SMEP: the kernel cannot execute what user space can access. */
	{ _PAGE_NX | _PAGE_USER, 0,		MMSCOPE_ATTR_KERNEL_EXEC },
	{ _PAGE_USER,		_PAGE_USER,	MMSCOPE_ATTR_USER },
	{ _PAGE_ACCESSED,	_PAGE_ACCESSED,	MMSCOPE_ATTR_ACCESSED },
	{ }
};

/* An attribute with several rows is set if any of them matches. */
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
	/* The memory types that Linux uses without these bits are write-back. */
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
 * mmscope_arch_supported() - do page tables in memory hold the frames of this machine?
 *
 * Return: false in a paravirtual guest of Xen: there they hold those of the host.
 */
bool mmscope_arch_supported(void)
{
	return !boot_cpu_has(X86_FEATURE_XENPV);
}

/**
 * mmscope_arch_present() - does an entry that is not none hold a frame?
 * @raw: the entry
 * @level: at which it was tested
 *
 * Return: true if it does, including PROT_NONE and huge pages during a split.
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
 * Return: true if it does.
 */
bool mmscope_arch_protnone(u64 raw)
{
	return (raw & (_PAGE_PRESENT | _PAGE_PROTNONE)) == _PAGE_PROTNONE;
}

/**
 * mmscope_arch_frame() - frame number of a present leaf
 * @raw: the entry
 * @level: at which it was tested
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
 * mmscope_arch_step() - difference of two present leaves with adjacent frames
 * @raw: the first
 * @level: at which they were tested
 *
 * Return: what to add to the raw value; negative for PROT_NONE entries, which
 * hold their frame inverted because of L1TF.
 */
u64 mmscope_arch_step(u64 raw, enum mmscope_level level)
{
	u64 size = level == MMSCOPE_PTE ? PAGE_SIZE :
		   level == MMSCOPE_PMD ? PMD_SIZE : PUD_SIZE;

	return __pte_needs_invert(raw) ? -size : size;
}

/**
 * mmscope_arch_block_raw() - an entry of a contiguous block as the kernel reads it
 * @raw: the entry
 * @attrs: of the block: MMSCOPE_ATTR_ACCESSED, MMSCOPE_ATTR_DIRTY
 *
 * Return: the entry with the accessed and dirty bits of its block.
 */
u64 mmscope_arch_block_raw(u64 raw, u32 attrs)
{
	return raw;
}

/**
 * mmscope_arch_block() - how many entries share a contiguous hint
 * @level: at which they were tested
 *
 * Return: a power of two; 1 where there is no such hint.
 */
unsigned int mmscope_arch_block(enum mmscope_level level)
{
	return 1;
}
