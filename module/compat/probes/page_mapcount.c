// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gone by v6.12: how often one page is mapped. Since then the kernel wants that
 * of folios, and has it for single pages in fs/proc only.
 */
#include <linux/mm.h>

int probe(struct page *page);
int probe(struct page *page)
{
	return page_mapcount(page);
}
