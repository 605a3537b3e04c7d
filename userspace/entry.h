/* SPDX-License-Identifier: GPL-2.0-only */
/* Names and meaning of page-table entries. */
#ifndef MMSCOPE_ENTRY_H
#define MMSCOPE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "uapi/mmscope.h"

/**
 * struct entry_kind - what the reader knows of an enum mmscope_kind
 * @name: in tables and --only
 * @what: for sentences: "the page is @what"
 * @resident: counted in Rss of /proc/PID/smaps
 * @swapped: counted as swapped out
 * @mapped: the processor reaches memory through it
 * @frame: has a frame number; not a place in swap or the bits of a marker
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
const char *entry_attr(unsigned int attrs, size_t i);
void entry_attr_words(struct text *out, unsigned int attrs);

#endif
