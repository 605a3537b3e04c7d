// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "explain_sum.h"

static void add_mapping(struct sum *sum, const struct explained *all, size_t i,
			uint32_t *object)
{
	const struct mapping *map = &all->sp->map[i];
	const struct part *part = &all->classes->part[i];
	const uint64_t size = map->vma.end - map->start;

	if (!sum->nr)
		sum->start = map->start;
	else if (sum->end != map->start)
		sum->apart = true;
	sum->end = map->vma.end;
	sum->nr++;
	sum->size += size;
	if (part->guess)
		sum->guess += size;
	if (map->vma.flags & all->rules->locked)
		sum->locked += size;
	if (map->vma.kind < ARRAY_SIZE(sum->kind))
		sum->kind[map->vma.kind] += size;
	if (part->object && part->object != *object)
		sum->objects++;
	*object = part->object;
}

/* The accesses for which a sentence holds. */
static unsigned int accesses_of(const struct faults *faults, uint8_t sentence)
{
	unsigned int access = 0;

	for (unsigned int i = 0; i < ACCESSES; i++)
		if (faults->of[i] == sentence)
			access |= 1u << i;
	return access;
}

static void add_faults(struct sum *sum, const struct tally *tally,
		       const struct mapping *map, bool deep)
{
	for (unsigned int i = 0; i < ACCESSES; i++) {
		uint8_t sentence = tally->faults.of[i];
		unsigned int access = accesses_of(&tally->faults, sentence);

		/* Once for each sentence: with its first access. */
		if (access & ((1u << i) - 1))
			continue;
		sum->fault[sentence][access] += tally->bytes;
		if ((deep || access & ACCESS_WRITE) &&
		    fault_may_pass_end(map, sentence))
			sum->past_end = true;
	}
}

static void add_tally(struct sum *sum, const struct tally *tally)
{
	const struct {
		unsigned int state;
		uint64_t *sum;
	} sums[] = {
		{ PAGES_RESIDENT, &sum->resident },
		{ PAGES_SWAPPED, &sum->swapped },
		{ PAGES_ZERO, &sum->zero },
		{ PAGES_HUGE, &sum->huge },
		{ PAGES_ONCE, &sum->once },
		{ PAGES_OFTEN, &sum->often },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
		if (tally->state & sums[i].state)
			*sums[i].sum += tally->bytes;
}

/**
 * sum_of - add up mappings
 * @all: the process
 * @in: by index of the mapping: add it
 * @deep: reads and instruction fetches count for @past_end, too
 *
 * Return: the sums
 */
struct sum sum_of(const struct explained *all, const bool *in, bool deep)
{
	struct sum sum = { 0 };
	uint32_t object = 0;

	for (size_t i = 0; i < all->sp->nr; i++)
		if (in[i])
			add_mapping(&sum, all, i, &object);
	for (size_t i = 0; all->pages && i < all->pages->nr; i++) {
		const struct tally *tally = &all->pages->tally[i];

		if (!in[tally->map])
			continue;
		add_tally(&sum, tally);
		add_faults(&sum, tally, &all->sp->map[tally->map], deep);
	}
	return sum;
}
