// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.6, 11250fd12eb8 ("mm: factor out VMA stack and heap checks"), which also
 * changed what counts where the heap is empty.
 */
#include <linux/mm.h>

bool probe(const struct vm_area_struct *vma);
bool probe(const struct vm_area_struct *vma)
{
	return vma_is_initial_heap(vma);
}
