// SPDX-License-Identifier: GPL-2.0-only
/* Must build, on every kernel. */
#include <linux/mm.h>

unsigned long probe(struct mm_struct *mm);
unsigned long probe(struct mm_struct *mm)
{
	return mm->start_code;
}
