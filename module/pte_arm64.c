// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries of arm64, in neutral terms; for kernel-doc see pte_x86.c.
 * Leaves have the same layout on all levels, except for their type bits.
 */
#include <linux/bits.h>
#include <linux/mm.h>

#include "compat/pgtable.h"
#include "entry.h"

#define VALID(bits)	(PTE_VALID | (bits))

/* What an entry that leads to a table forbids, all entries below it forbid. */
#define TABLE_NO_USER	BIT_ULL(61)
#define TABLE_NO_WRITE	BIT_ULL(62)

const struct mmscope_bits mmscope_table_bits[] = {
	{ VALID(TABLE_NO_USER),	VALID(0),	MMSCOPE_ATTR_READ },
	{ VALID(TABLE_NO_WRITE), VALID(0),	MMSCOPE_ATTR_WRITE },
	{ VALID(PMD_TABLE_UXN),	VALID(0),	MMSCOPE_ATTR_EXEC },
	{ VALID(PMD_TABLE_PXN),	VALID(0),	MMSCOPE_ATTR_KERNEL_EXEC },
	{ VALID(TABLE_NO_USER),	VALID(0),	MMSCOPE_ATTR_USER },
	{ PMD_TABLE_AF,		PMD_TABLE_AF,	MMSCOPE_ATTR_ACCESSED },
	{ }
};

/* An attribute with several rows is set if any of them matches. */
const struct mmscope_bits mmscope_leaf_bits[] = {
	{ VALID(PTE_USER),	VALID(PTE_USER), MMSCOPE_ATTR_READ },
	{ VALID(PTE_WRITE),	VALID(PTE_WRITE), MMSCOPE_ATTR_WRITE },
	{ VALID(PTE_UXN),	VALID(0),	MMSCOPE_ATTR_EXEC },
	{ VALID(PTE_USER),	VALID(PTE_USER), MMSCOPE_ATTR_USER },
	/* Execute-only for user space. */
	{ VALID(PTE_UXN),	VALID(0),	MMSCOPE_ATTR_USER },
	{ PTE_AF,		PTE_AF,		MMSCOPE_ATTR_ACCESSED },
	/* Set by software, or by hardware that clears RDONLY at the first write. */
	{ PTE_DIRTY,		PTE_DIRTY,	MMSCOPE_ATTR_DIRTY },
	{ PTE_WRITE | PTE_RDONLY, PTE_WRITE,	MMSCOPE_ATTR_DIRTY },
	{ PTE_UFFD,		PTE_UFFD,	MMSCOPE_ATTR_UFFD_WP },
	{ VALID(PTE_PXN),	VALID(0),	MMSCOPE_ATTR_KERNEL_EXEC },
	{ VALID(PTE_NG),	VALID(0),	MMSCOPE_ATTR_GLOBAL },
	{ PTE_SPECIAL,		PTE_SPECIAL,	MMSCOPE_ATTR_SPECIAL },
	{ PTE_DEVMAP,		PTE_DEVMAP,	MMSCOPE_ATTR_DEVMAP },
	{ VALID(PTE_CONT),	VALID(PTE_CONT), MMSCOPE_ATTR_CONT },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_NORMAL_NC),
						MMSCOPE_ATTR_UNCACHED },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_DEVICE_nGnRnE),
						MMSCOPE_ATTR_UNCACHED },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_DEVICE_nGnRE),
						MMSCOPE_ATTR_UNCACHED },
	{ }
};

const struct mmscope_bits mmscope_swap_bits[] = {
	{ PTE_SWP_UFFD,		PTE_SWP_UFFD,	MMSCOPE_ATTR_UFFD_WP },
	{ PTE_SWP_EXCLUSIVE,	PTE_SWP_EXCLUSIVE, MMSCOPE_ATTR_EXCLUSIVE },
	{ }
};

bool mmscope_arch_supported(void)
{
	return true;
}

/* While a huge page is split, its entry is present, but not valid. */
bool mmscope_arch_present(u64 raw, enum mmscope_level level)
{
	if (level == MMSCOPE_PTE)
		return pte_present(__pte(raw));
	return pmd_present(__pmd(raw));
}

/*
 * PROT_NONE is a separate bit in older kernels. In newer ones it is a present
 * entry that is not valid; so is a huge page while it is split, but that allows
 * access by user space.
 */
bool mmscope_arch_protnone(u64 raw)
{
	return (raw & (PTE_VALID | PTE_USER | PTE_UXN)) == PTE_UXN;
}

u64 mmscope_arch_frame(u64 raw, enum mmscope_level level)
{
	u64 nr = BIT_ULL(mmscope_entry_shift(level) - PAGE_SHIFT);

	return ALIGN_DOWN(pte_pfn(__pte(raw)), nr);
}

u64 mmscope_arch_step(u64 raw, enum mmscope_level level)
{
	return BIT_ULL(mmscope_entry_shift(level));
}

u64 mmscope_arch_block_raw(u64 raw, u32 attrs)
{
	if (attrs & MMSCOPE_ATTR_ACCESSED)
		raw |= PTE_AF;
	if (attrs & MMSCOPE_ATTR_DIRTY)
		raw |= PTE_DIRTY;
	if (attrs & MMSCOPE_ATTR_DIRTY && raw & PTE_WRITE)
		raw &= ~PTE_RDONLY;
	return raw;
}

unsigned int mmscope_arch_block(enum mmscope_level level)
{
	switch (level) {
	case MMSCOPE_PTE:
		return CONT_PTES;
	case MMSCOPE_PMD:
		return CONT_PMDS;
	default:
		return 1;
	}
}
