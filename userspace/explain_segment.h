/* SPDX-License-Identifier: GPL-2.0-only */
/* Explain a process, segment by segment. */
#ifndef MMSCOPE_EXPLAIN_SEGMENT_H
#define MMSCOPE_EXPLAIN_SEGMENT_H

#include "explain.h"
#include "explain_sum.h"

void explain_process(struct explanation *e, const struct explained *all);
bool explain_segment(struct explanation *e, const struct explained *all,
		     enum segment segment);
bool explain_named(struct explanation *e, const struct explained *all,
		   const char *name);
bool explain_stack(struct explanation *e, const struct explained *all, int tid);

#endif
