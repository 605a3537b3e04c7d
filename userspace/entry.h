/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in page-table entries, in words. */
#ifndef MMSCOPE_ENTRY_H
#define MMSCOPE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"
#include "uapi/mmscope.h"

/* How the frame of a run changes from entry to entry. */
enum frame_step {
	FRAME_FIXED,
	FRAME_ONE,
	FRAME_PAGES,		/* by what one entry maps */
};

/**
 * struct entry_kind - what an enum mmscope_kind means to us
 * @name: in tables
 * @what: in a sentence: "the page is @what"
 * @resident: counts as resident, as in Rss of /proc/PID/smaps
 * @swapped: counts as swapped out
 * @mapped: leads to memory the processor can reach by it
 * @step: how the frame grows along a run
 */
struct entry_kind {
	const char *name;
	const char *what;
	bool resident;
	bool swapped;
	bool mapped;
	enum frame_step step;
};

const struct entry_kind *entry_kind(unsigned int kind);
const char *entry_level(unsigned int level);
uint64_t entry_size(const struct mmscope_header *h, unsigned int level);
uint64_t entry_frame(const struct mmscope_header *h,
		     const struct mmscope_run *run, uint64_t index);
bool entry_raw(const struct mmscope_header *h, const struct mmscope_run *run,
	       uint64_t index, uint64_t *raw);
void entry_attrs(struct text *out, unsigned int attrs);
void entry_attr_words(struct text *out, unsigned int attrs);
uint64_t run_last(const struct mmscope_header *h,
		  const struct mmscope_run *run);

#endif
