/* SPDX-License-Identifier: GPL-2.0-only */
/* How far mappings can grow, and what stops them. */
#ifndef MMSCOPE_EXPLAIN_GROW_H
#define MMSCOPE_EXPLAIN_GROW_H

#include "explain.h"
#include "explain_fault.h"

/* What stops a mapping that grows down. */
enum stop {
	STOP_NOTHING,
	STOP_LIMIT,		/* RLIMIT_STACK */
	STOP_BELOW,		/* the mapping below, or the gap above it */
};

/**
 * struct growth - how far a mapping can grow down
 * @end: the lowest address that it can have
 * @stop: enum stop
 */
struct growth {
	uint64_t end;
	enum stop stop;
};

bool grow_is_down(const struct fault_rules *rules, const struct mapping *map);
struct growth grow_down(const struct fault_rules *rules,
			const struct mapping *map);
void grow_explain_stack(struct explanation *e, const struct fault_rules *rules,
			const struct mapping *map);
void grow_explain_heap(struct explanation *e, const struct fault_rules *rules);
void grow_explain_mmap(struct explanation *e, const struct space *sp);

#endif
