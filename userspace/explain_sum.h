/* SPDX-License-Identifier: GPL-2.0-only */
/* Sums of mappings and their pages. */
#ifndef MMSCOPE_EXPLAIN_SUM_H
#define MMSCOPE_EXPLAIN_SUM_H

#include "explain_pages.h"
#include "thread.h"

#define ACCESS_SETS	(1u << ACCESSES)

/**
 * struct explained - what is known of a process
 * @sp: the address space
 * @classes: what its mappings are
 * @rules: what accesses do
 * @pages: its pages, NULL if not all are known
 * @threads: its threads and their stacks
 */
struct explained {
	const struct space *sp;
	const struct classes *classes;
	const struct fault_rules *rules;
	const struct pages *pages;
	const struct threads *threads;
};

/**
 * struct sum - sums of some mappings, in bytes
 * @nr: number of mappings
 * @objects: number of programs and libraries
 * @start: first address
 * @end: exclusive
 * @apart: something else is between the mappings
 * @size: of the mappings
 * @guess: of those whose segment is a guess
 * @locked: of those that are locked
 * @kind: by enum mmscope_vma_kind
 * @resident: in RAM
 * @swapped: swapped out
 * @zero: the shared page of zeroes
 * @huge: mapped by huge entries
 * @once: mapped here only
 * @often: mapped more than once
 * @fault: by sentence, and by the accesses that it holds for
 * @past_end: a file may end before a page
 */
struct sum {
	size_t nr;
	size_t objects;
	uint64_t start;
	uint64_t end;
	bool apart;
	uint64_t size;
	uint64_t guess;
	uint64_t locked;
	uint64_t kind[MMSCOPE_SHARED_FILE + 1];
	uint64_t resident;
	uint64_t swapped;
	uint64_t zero;
	uint64_t huge;
	uint64_t once;
	uint64_t often;
	uint64_t fault[SENTENCES][ACCESS_SETS];
	bool past_end;
};

struct sum sum_of(const struct explained *all, const bool *in, bool deep);

#endif
