// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.16, and in stable kernels since: a count without the percpu batch's error.
 */
#include <linux/mm.h>

unsigned long probe(struct mm_struct *mm);
unsigned long probe(struct mm_struct *mm)
{
	return get_mm_counter_sum(mm, MM_ANONPAGES);
}
