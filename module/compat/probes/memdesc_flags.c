// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.18, "mm: introduce memdesc_flags_t": no longer a plain word.
 */
#include <linux/mm_types.h>

unsigned long probe(const struct page *page);
unsigned long probe(const struct page *page)
{
	return page->flags.f;
}
