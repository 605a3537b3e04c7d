// SPDX-License-Identifier: GPL-2.0-only
/*
 * v5.17, 9a10064f5625 ("mm: add a field to store names for private anonymous
 * memory"): prctl(PR_SET_VMA_ANON_NAME). Without the option it returns NULL.
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>

const char *probe(struct vm_area_struct *vma);
const char *probe(struct vm_area_struct *vma)
{
	return anon_vma_name(vma) ? anon_vma_name(vma)->name : NULL;
}
