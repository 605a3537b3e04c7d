/* SPDX-License-Identifier: GPL-2.0-only */
/* The translation of an address, by the module or from recorded runs. */
#ifndef MMSCOPE_WALK_H
#define MMSCOPE_WALK_H

#include "options.h"
#include "space.h"
#include "text.h"
#include "upper.h"

/**
 * struct walk - what is known of one address
 * @addr: the address
 * @known: @found is valid
 * @walked: all steps are known. Otherwise @found is from a run: only the last step
 *	is valid, without its table
 * @has_raw: the raw value of the last step is valid
 * @found: the translation
 * @step: its steps
 */
struct walk {
	uint64_t addr;
	bool known;
	bool walked;
	bool has_raw;
	struct mmscope_walk found;
	struct mmscope_step step[MMSCOPE_LEVEL_SLOTS];
};

void walk_take(struct walk *walk, const struct record *rec,
	       const struct mmscope_header *h);
int walk_live(const struct options *opt, struct walk *walk);
int walk_untag(const struct options *opt, uint64_t *start, uint64_t *end);
void walk_finish(struct walk *walk, const struct space *sp,
		 const struct uppers *uppers, bool whole);
const struct mmscope_step *walk_last(const struct walk *walk);
bool walk_has_phys(const struct walk *walk);
void walk_sentence(struct text *out, const struct walk *walk,
		   const struct space *sp, bool exact);
const char *walk_stop(const struct walk *walk, const struct space *sp);

#endif
