// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "page.h"

/* As the kernel's tools/mm/page-types names them. */
static const char *const names[PAGE_FLAGS_MAX] = {
	[PAGE_LOCKED] = "locked",
	[1] = "error",
	[PAGE_REFERENCED] = "referenced",
	[PAGE_UPTODATE] = "uptodate",
	[PAGE_DIRTY] = "dirty",
	[PAGE_LRU] = "lru",
	[PAGE_ACTIVE] = "active",
	[7] = "slab",
	[PAGE_WRITEBACK] = "writeback",
	[9] = "reclaim",
	[10] = "buddy",
	[11] = "mmap",
	[PAGE_ANON] = "anon",
	[PAGE_SWAPCACHE] = "swapcache",
	[PAGE_SWAPBACKED] = "swapbacked",
	[15] = "compound_head",
	[16] = "compound_tail",
	[PAGE_HUGETLB] = "hugetlb",
	[PAGE_UNEVICTABLE] = "unevictable",
	[PAGE_HWPOISON] = "hwpoison",
	[20] = "nopage",
	[PAGE_KSM] = "ksm",
	[PAGE_THP] = "thp",
	[23] = "offline",
	[PAGE_ZERO] = "zero_page",
	[25] = "idle_page",
	[26] = "pgtable",
	[PAGE_RESERVED] = "reserved",
	[PAGE_MLOCKED] = "mlocked",
	[34] = "mappedtodisk",
	[35] = "private",
	[36] = "private_2",
	[37] = "owner_private",
	[38] = "arch",
	[39] = "uncached",
	[40] = "softdirty",
	[41] = "arch_2",
};

/**
 * page_flags - append the names of a page's flags
 * @out: the text
 * @page: page facts
 * @gap: separator
 */
void page_flags(struct text *out, uint64_t page, const char *gap)
{
	const char *between = "";

	page &= (1ULL << ARRAY_SIZE(names)) - 1;
	for (; page; page &= page - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(page);

		text_puts(out, between);
		if (names[bit]) {
			text_puts(out, names[bit]);
		} else {
			text_puts(out, "bit");
			text_number(out, bit, 10);
		}
		between = gap;
	}
}

/**
 * page_mapped - whether a page is mapped more than once
 * @page: page facts
 *
 * Return: "shared" or "exclusive", "" if not known
 */
const char *page_mapped(uint64_t page)
{
	if (page & MMSCOPE_PAGE_SHARED)
		return "shared";
	return page & MMSCOPE_PAGE_EXCLUSIVE ? "exclusive" : "";
}

/**
 * page_node - append the number of a page's NUMA node; nothing without a page
 * @out: the text
 * @page: page facts
 */
void page_node(struct text *out, uint64_t page)
{
	if (page & MMSCOPE_PAGE_KNOWN)
		text_number(out, MMSCOPE_PAGE_NODE(page), 10);
}
