// SPDX-License-Identifier: GPL-2.0-only
/* Must not build, on any kernel. */
#include <linux/mm.h>

unsigned long probe(struct mm_struct *mm);
unsigned long probe(struct mm_struct *mm)
{
	return mm->no_such_field;
}
