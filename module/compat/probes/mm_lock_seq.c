// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.4, 5e31275cc997 ("mm: add per-VMA lock and helper functions to control it"):
 * counts how often mmap_lock was taken for writing, where CONFIG_PER_VMA_LOCK is
 * set.
 */
#include <linux/mm_types.h>

unsigned int probe(struct mm_struct *mm);
unsigned int probe(struct mm_struct *mm)
{
	return sizeof(mm->mm_lock_seq);
}
