// SPDX-License-Identifier: GPL-2.0-only
/*
 * v5.15, b27abaccf8e8 ("mm/mempolicy: add MPOL_PREFERRED_MANY for multiple
 * preferred nodes").
 */
#include <linux/mempolicy.h>

int probe(void);
int probe(void)
{
	return MPOL_PREFERRED_MANY;
}
