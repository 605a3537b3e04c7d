/* SPDX-License-Identifier: GPL-2.0-only */
/* What an access to memory does: the kernel's rules for page faults. */
#ifndef MMSCOPE_EXPLAIN_FAULT_H
#define MMSCOPE_EXPLAIN_FAULT_H

#include "classify.h"
#include "explain_text.h"

/**
 * struct fault_entry - a page-table entry
 * @kind: enum mmscope_kind, MMSCOPE_NONE for an empty one
 * @level: enum mmscope_level
 * @attrs: MMSCOPE_ATTR_*
 * @page: page facts, 0 if not known
 */
struct fault_entry {
	unsigned int kind;
	unsigned int level;
	uint32_t attrs;
	uint64_t page;
};

/**
 * struct faults - what accesses do, each a sentence
 * @of: by access: a read, a write, an instruction fetch
 */
struct faults {
	uint8_t of[ACCESSES];
};

_Static_assert(SENTENCES <= UINT8_MAX, "struct faults has no room for a sentence");

/**
 * struct fault_rules - the mappings, and bits of vm_flags, 0 where a kernel has none
 * @classes: what the mappings are
 * @shadow: shadow stack
 * @uffd: userfaultfd handles missing pages
 * @pkey: protection key
 * @grows: grows down
 * @locked: locked in memory
 */
struct fault_rules {
	const struct classes *classes;
	uint64_t shadow;
	uint64_t uffd;
	uint64_t pkey;
	uint64_t grows;
	uint64_t locked;
};

void fault_rules_init(struct fault_rules *rules, const struct classes *classes);
struct faults faults_at(const struct fault_rules *rules,
			const struct mapping *map,
			const struct fault_entry *entry);
bool fault_may_pass_end(const struct mapping *map, enum sentence which);

#endif
