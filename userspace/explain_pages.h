/* SPDX-License-Identifier: GPL-2.0-only */
/* How many pages of each mapping are alike, and what accesses to them do. */
#ifndef MMSCOPE_EXPLAIN_PAGES_H
#define MMSCOPE_EXPLAIN_PAGES_H

#include "explain_fault.h"
#include "record.h"

/* struct tally @state */
#define PAGES_RESIDENT	(1u << 0)
#define PAGES_SWAPPED	(1u << 1)
#define PAGES_ZERO	(1u << 2)	/* the shared page of zeroes */
#define PAGES_HUGE	(1u << 3)	/* mapped by a huge entry */
#define PAGES_ONCE	(1u << 4)	/* mapped here only */
#define PAGES_OFTEN	(1u << 5)	/* mapped more than once */

/**
 * struct tally - pages of a mapping that are alike
 * @map: index of the mapping
 * @bytes: of the pages
 * @faults: what accesses do
 * @state: PAGES_*
 */
struct tally {
	size_t map;
	uint64_t bytes;
	struct faults faults;
	uint8_t state;
};

/**
 * struct pages - the pages of an address space
 * @sp: the address space
 * @classes: what its mappings are, without the threads
 * @rules: what accesses do
 * @tally: pages that are alike, by ascending mapping until pages_end()
 * @nr: number of these
 */
struct pages {
	const struct space *sp;
	struct classes classes;
	struct fault_rules rules;
	struct tally *tally;
	size_t nr;

	size_t room;
	size_t cursor;		/* the first mapping that runs may still be in */
	uint64_t counted;	/* end of what was counted */
};

void pages_init(struct pages *pages, const struct space *sp);
void pages_add(struct pages *pages, const struct record *rec);
void pages_end(struct pages *pages);
void pages_free(struct pages *pages);

#endif
