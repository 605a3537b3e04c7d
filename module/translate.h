/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TRANSLATE_H
#define _MMSCOPE_TRANSLATE_H

#include "pgwalk.h"

struct vm_area_struct;

/* A WALK record with a step for each level. */
#define MMSCOPE_WALK_ROOM	(sizeof(struct mmscope_walk) +		\
				 MMSCOPE_PGD * sizeof(struct mmscope_step))

/**
 * struct mmscope_trace - the walk of a translation
 * @walk: the walk
 * @rec: takes a step for each level
 */
struct mmscope_trace {
	struct mmscope_pgwalk walk;
	struct mmscope_walk *rec;
};

bool mmscope_translate(struct mmscope_trace *trace, struct mmscope_buf *buf,
		       struct vm_area_struct *vma, unsigned long addr);

#endif
