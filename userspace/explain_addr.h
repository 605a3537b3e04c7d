/* SPDX-License-Identifier: GPL-2.0-only */
/* Explain one address. */
#ifndef MMSCOPE_EXPLAIN_ADDR_H
#define MMSCOPE_EXPLAIN_ADDR_H

#include "explain_segment.h"
#include "walk.h"

void explain_address(struct explanation *e, const struct explained *all,
		     const struct walk *walk, bool whole);

#endif
