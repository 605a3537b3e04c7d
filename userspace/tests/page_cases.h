/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of all kinds, each in a mapping of its own, and what accesses to them do. */
#ifndef MMSCOPE_TESTS_PAGE_CASES_H
#define MMSCOPE_TESTS_PAGE_CASES_H

#include "build.h"
#include "page.h"

#define RW	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER)
#define RO	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER)
#define RX	(RO | MMSCOPE_ATTR_EXEC)

#define KNOWN	MMSCOPE_PAGE_KNOWN
#define ANON	(KNOWN | PAGE_BIT(ANON))
#define ONCE	(ANON | MMSCOPE_PAGE_EXCLUSIVE)
#define OFTEN	(ANON | MMSCOPE_PAGE_SHARED)
#define CACHE	(KNOWN | MMSCOPE_PAGE_SHARED)

/* Flags of mappings, numbered as in the kernel. */
#define F_PF	(1ULL << 10)
#define F_UM	(1ULL << 20)
#define F_UI	(1ULL << 21)
#define F_SS	(1ULL << 22)
#define F_PKEY	(1ULL << 33)
#define F_GD	(1ULL << 8)
#define F_LO	(1ULL << 13)
#define F_HT	(1ULL << 24)

/**
 * struct page_case - a page, and what accesses to it do
 * @perms: of its mapping, as in /proc/PID/maps
 * @name: of its mapping, a file if it begins with a slash
 * @flags: of its mapping
 * @kind: of its entry
 * @attrs: of its entry
 * @page: page facts
 * @want: identifiers with accesses
 * @segment: enum mmscope_segment
 * @level: of its entry, default PTE
 */
struct page_case {
	const char *perms;
	const char *name;
	uint64_t flags;
	uint8_t kind;
	uint32_t attrs;
	uint64_t page;
	const char *want;
	uint8_t segment;
	uint8_t level;
};

extern const struct page_case page_cases[];
extern const size_t nr_page_cases;

/* Where the mapping and the page of each begin. */
#define CASE_SIZE	(64ULL << 20)
#define CASE_AT(i)	(0x100000000ULL + (i) * CASE_SIZE)

void build_begin(struct build *b, uint16_t machine,
		 const struct mmscope_mm *mm);
void build_cases(struct build *b);

#endif
