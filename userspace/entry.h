/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in page-table entries, in words. */
#ifndef MMSCOPE_ENTRY_H
#define MMSCOPE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"
#include "uapi/mmscope.h"

/**
 * struct entry_kind - what an enum mmscope_kind means to us
 * @name: in tables
 * @what: in a sentence: "the page is @what"
 * @resident: counts as resident, as in Rss of /proc/PID/smaps
 * @swapped: counts as swapped out
 * @mapped: leads to memory the processor can reach by it
 * @frame: its frame is the number of one; not a place in swap, bits of a marker
 */
struct entry_kind {
	const char *name;
	const char *what;
	bool resident;
	bool swapped;
	bool mapped;
	bool frame;
};

const struct entry_kind *entry_kind(unsigned int kind);
const char *entry_level(unsigned int level);
uint32_t entry_index(const struct mmscope_header *h, uint64_t addr,
		     unsigned int level);
void entry_attrs(struct text *out, unsigned int attrs);
void entry_attr_words(struct text *out, unsigned int attrs);

#endif
