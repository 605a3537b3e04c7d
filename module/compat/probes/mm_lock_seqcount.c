// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.13, eb449bd96954 ("mm: convert mm_lock_seq to a proper seqcount"): counts
 * how often mmap_lock was taken for writing. An int before, not there at all
 * before 6.4 or without CONFIG_PER_VMA_LOCK.
 */
#include <linux/mm_types.h>
#include <linux/seqlock.h>

unsigned int probe(struct mm_struct *mm);
unsigned int probe(struct mm_struct *mm)
{
	return raw_read_seqcount(&mm->mm_lock_seq);
}
