/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries that lead to a run, from the top table down. */
#ifndef MMSCOPE_BRANCH_H
#define MMSCOPE_BRANCH_H

#include "options.h"
#include "run.h"
#include "upper.h"

/**
 * struct branch - the path to the last run, by enum mmscope_level
 * @h: header of the stream
 * @uppers: the entries of a file; NULL: the module is queried for them
 * @above: the next level above, 0 if there is none
 * @depth: number of levels above
 * @known: @entry is valid
 * @entry: entries of kind MMSCOPE_TABLE, as runs of one; @frame is that of the
 *	table
 * @first_new: the highest level that the last branch_move() changed, 0 for none
 */
struct branch {
	const struct mmscope_header *h;
	const struct uppers *uppers;
	unsigned int above[MMSCOPE_LEVEL_SLOTS];
	unsigned int depth[MMSCOPE_LEVEL_SLOTS];
	bool known[MMSCOPE_LEVEL_SLOTS];
	struct run entry[MMSCOPE_LEVEL_SLOTS];
	unsigned int first_new;
};

void branch_init(struct branch *b, const struct mmscope_header *h,
		 const struct uppers *uppers);
int branch_move(struct branch *b, const struct options *opt,
		const struct run *run);
uint64_t branch_room(const struct branch *b, const struct run *run);

#endif
