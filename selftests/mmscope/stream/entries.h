/* SPDX-License-Identifier: GPL-2.0-only */
/* Raw page-table entries, decoded by the processors' manuals. */
#ifndef ENTRIES_H
#define ENTRIES_H

#include <linux/types.h>
#include <stdbool.h>

#include "stream/stream.h"

/* The level below one above MMSCOPE_PTE; folded levels are none. */
unsigned int level_below(const struct stream *stream, unsigned int level);

/* Does the processor use this entry, of any level? */
bool entry_valid(__u64 raw);

/* Does a valid entry above the last level lead to a table? */
bool entry_leads_on(__u64 raw);

/* The physical address in a valid entry. */
__u64 entry_phys(const struct stream *stream, __u64 raw);

/* Attributes of a valid leaf; all attributes that are decoded. */
unsigned int entry_attrs(__u64 raw);
unsigned int entry_attrs_known(void);

/* How many entries share a contiguous hint, and what they share. */
unsigned int entry_block(const struct stream *stream, unsigned int level);
#define ENTRY_BLOCK_ATTRS	(MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY)

/* An entry of a contiguous block with accessed and dirty of the block. */
__u64 entry_in_block(__u64 raw, unsigned int attrs);

#endif
