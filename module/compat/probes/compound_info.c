// SPDX-License-Identifier: GPL-2.0-only
/*
 * v7.1, "mm: rename the 'compound_head' field in the 'struct page' to
 * 'compound_info'": the word that marks a tail page.
 */
#include <linux/mm_types.h>

unsigned long probe(const struct page *page);
unsigned long probe(const struct page *page)
{
	return page->compound_info;
}
