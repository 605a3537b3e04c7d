// SPDX-License-Identifier: GPL-2.0-only
#include "explain_grow.h"

/**
 * grow_is_down - whether page faults below a mapping make it grow
 * @rules: the rules
 * @map: the mapping
 *
 * Return: true if they do
 */
bool grow_is_down(const struct fault_rules *rules, const struct mapping *map)
{
	if (!rules->grows)
		return map->vma.segment == MMSCOPE_SEG_STACK;
	return map->vma.flags & rules->grows;
}

/* The kernel keeps a gap to memory that does not grow itself. */
static uint64_t end_of_below(const struct fault_rules *rules,
			     const struct mapping *map)
{
	const struct space *sp = rules->classes->sp;
	const struct mapping *below = map - 1;

	if (map == sp->map)
		return 0;
	if (!mapping_is_accessible(below) || grow_is_down(rules, below))
		return below->vma.end;
	return below->vma.end + sp->mm.stack_guard_gap;
}

/* RLIMIT_STACK counts from the end of the mapping. */
static uint64_t end_of_limit(const struct space *sp, const struct mapping *map)
{
	const uint64_t page = 1ULL << sp->header.page_shift;

	if (sp->mm.rlimit_stack >= map->vma.end)
		return 0;
	return (map->vma.end - sp->mm.rlimit_stack + page - 1) & -page;
}

/**
 * grow_down - find how far a mapping can grow
 * @rules: the rules
 * @map: a mapping of which grow_is_down() is true
 *
 * Return: where it stops, and why
 */
struct growth grow_down(const struct fault_rules *rules,
			const struct mapping *map)
{
	const uint64_t limit = end_of_limit(rules->classes->sp, map);
	const uint64_t below = end_of_below(rules, map);
	struct growth growth = { below, STOP_BELOW };

	if (limit >= below)
		growth = (struct growth){ limit, STOP_LIMIT };
	if (!growth.end)
		growth.stop = STOP_NOTHING;
	if (growth.end > map->start)
		growth.end = map->start;
	return growth;
}

/**
 * grow_explain_stack - explain whether and how far a stack grows
 * @e: the explanation
 * @rules: the rules
 * @map: the mapping of the stack
 */
void grow_explain_stack(struct explanation *e, const struct fault_rules *rules,
			const struct mapping *map)
{
	const struct space *sp = rules->classes->sp;
	const struct mmscope_mm *mm = &sp->mm;
	const struct growth growth = grow_down(rules, map);

	if (!grow_is_down(rules, map)) {
		EXPLAIN(e, TEXT_STACK_FIXED);
		return;
	}
	EXPLAIN(e, TEXT_STACK_GROWS);
	if (!sp->has_mm)
		return;
	if (mm->rlimit_stack == UINT64_MAX)
		EXPLAIN(e, TEXT_STACK_UNLIMITED);
	if (growth.stop == STOP_LIMIT)
		EXPLAIN(e, TEXT_STACK_LIMIT,
			BYTES("limit", mm->rlimit_stack),
			BYTES("room", map->start - growth.end),
			ADDRESS("end", growth.end));
	if (growth.stop == STOP_BELOW)
		EXPLAIN(e, TEXT_STACK_BELOW,
			ADDRESS("below", map[-1].vma.end),
			BYTES("room", map->start - growth.end),
			ADDRESS("end", growth.end));
	EXPLAIN(e, mm->gap_flags & MMSCOPE_GAP_ASSUMED ?
			   TEXT_STACK_GAP_ASSUMED : TEXT_STACK_GAP,
		BYTES("gap", mm->stack_guard_gap));
}

/**
 * grow_explain_heap - explain how far brk can rise
 * @e: the explanation
 * @rules: the rules
 *
 * brk() leaves a page to the next mapping, and its gap if that grows down.
 */
void grow_explain_heap(struct explanation *e, const struct fault_rules *rules)
{
	const struct space *sp = rules->classes->sp;
	const struct mmscope_mm *mm = &sp->mm;
	const uint64_t page = 1ULL << sp->header.page_shift;
	const uint64_t end = (mm->brk + page - 1) & -page;
	const struct mapping *next = space_find(sp, end);
	uint64_t most;

	if (!sp->has_mm || !mm->brk)
		return;
	EXPLAIN(e, TEXT_HEAP_GROWS, ADDRESS("brk", mm->brk));
	if (next) {
		most = next->start - page;
		if (grow_is_down(rules, next))
			most -= mm->stack_guard_gap;
		EXPLAIN(e, TEXT_HEAP_ROOM, ADDRESS("next", next->start),
			BYTES("room", most > end && most < next->start ?
					      most - end : 0));
	}
	EXPLAIN(e, TEXT_HEAP_DATA,
		BYTES("size", mm->brk - mm->start_brk + mm->end_data -
				      mm->start_data));
}

/**
 * grow_explain_mmap - explain where new mappings go
 * @e: the explanation
 * @sp: the address space
 */
void grow_explain_mmap(struct explanation *e, const struct space *sp)
{
	if (!sp->has_mm || !sp->mm.mmap_base)
		return;
	if (sp->mm.layout == MMSCOPE_LAYOUT_FLEXIBLE) {
		explain_subject(e, "mmap area", 0, 0, 0);
		EXPLAIN(e, TEXT_MMAP_DOWN, ADDRESS("base", sp->mm.mmap_base));
	} else if (sp->mm.layout == MMSCOPE_LAYOUT_CLASSIC) {
		explain_subject(e, "mmap area", 0, 0, 0);
		EXPLAIN(e, TEXT_MMAP_UP, ADDRESS("base", sp->mm.mmap_base));
	}
}
