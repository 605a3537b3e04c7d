/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries that lead to a run, from the top table down. */
#ifndef MMSCOPE_BRANCH_H
#define MMSCOPE_BRANCH_H

#include "command.h"
#include "run.h"

struct libscols_line;

/**
 * struct branch - the way to the run before, by enum mmscope_level
 * @h: the stream's header
 * @live: the module can be asked for the entries
 * @known: @entry holds something
 * @entry: entries of kind MMSCOPE_TABLE, as runs of one; @frame is the table's
 * @line: in the tree that is printed
 * @first_new: level from which on down the last branch_move() changed them
 */
struct branch {
	const struct mmscope_header *h;
	bool live;
	bool known[MMSCOPE_LEVEL_SLOTS];
	struct run entry[MMSCOPE_LEVEL_SLOTS];
	struct libscols_line *line[MMSCOPE_LEVEL_SLOTS];
	unsigned int first_new;
};

void branch_init(struct branch *b, const struct mmscope_header *h, bool live);
int branch_move(struct branch *b, const struct options *opt,
		const struct run *run);
struct libscols_line *branch_parent(const struct branch *b, unsigned int level);
uint64_t branch_room(const struct mmscope_header *h, const struct run *run);

#endif
