// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an entry is, as far as others have to be asked: its neighbours, or the
 * page behind it.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/spinlock.h>

#include "decode.h"
#include "entry.h"
#include "page.h"
#include "pgwalk.h"

#define ATTRS_OF_BLOCK	(MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY)

/*
 * The processor notes an access to entries that share a contiguous hint in any
 * one of them: it counts for all, as for the kernel.
 */
static u16 block_attrs(const void *entryp, enum mmscope_level level)
{
	unsigned int i, nr = mmscope_arch_block(level);
	const u64 *block = PTR_ALIGN_DOWN(entryp, nr * sizeof(*block));
	u32 attrs = 0;

	for (i = 0; i < nr; i++)
		attrs |= mmscope_attrs(READ_ONCE(block[i]), mmscope_leaf_bits);
	return attrs & ATTRS_OF_BLOCK;
}

/*
 * Does a PMD, present and a leaf, map the huge page of zeroes? The kernel keeps
 * to itself which page that is. In anonymous memory it is the one that is not
 * anonymous.
 */
static bool is_huge_zero(struct vm_area_struct *vma, void *entryp, u64 raw)
{
	spinlock_t *ptl;	/* keeps the page from being freed */
	bool zero;
	pmd_t pmd;

	if (!vma_is_anonymous(vma))
		return false;

	ptl = mmscope_leaf_lockptr(vma, MMSCOPE_PMD, entryp);
	spin_lock(ptl);
	pmd = READ_ONCE(*(pmd_t *)entryp);
	zero = pmd_val(pmd) == raw && pfn_valid(pmd_pfn(pmd)) &&
	       !(mmscope_page_kind(pmd_page(pmd)) & MMSCOPE_PAGE_ANON);
	spin_unlock(ptl);
	return zero;
}

/**
 * mmscope_decode() - tell what an entry is, with what its neighbours say of it
 * @entry: filled in
 * @walk: at the entry
 * @level: of it
 * @entryp: where it stands
 * @raw: its value, read once; not none
 *
 * Context: mmap_lock held; may sleep unless @level is MMSCOPE_PTE.
 */
void mmscope_decode(struct mmscope_entry *entry,
		    const struct mmscope_pgwalk *walk,
		    enum mmscope_level level, void *entryp, u64 raw)
{
	mmscope_entry_decode(entry, raw, level, walk->vma);
	if (entry->attrs & MMSCOPE_ATTR_CONT) {
		entry->attrs |= block_attrs(entryp, level);
	} else if (level == MMSCOPE_PMD && mmscope_kind_has_frame(entry->kind) &&
		   is_huge_zero(walk->vma, entryp, raw)) {
		entry->kind = MMSCOPE_ZERO;
		entry->step = 0;
	}
}
