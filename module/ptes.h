/* SPDX-License-Identifier: GPL-2.0-only */
/* PTEs by their raw values, one or many of a table at a time. */
#ifndef _MMSCOPE_PTES_H
#define _MMSCOPE_PTES_H

#include <linux/compiler.h>
#include <linux/pgtable.h>
#include <linux/types.h>

/* What the hardware holds; in guests of Xen, pte_val() translates it. */
static inline u64 mmscope_pte_raw(const pte_t *ptep)
{
	return READ_ONCE(*(const u64 *)ptep);
}

/* An erratum of some x86 processors sets accessed or dirty in empty entries. */
static inline bool ptes_none(u64 raw)
{
	return pte_none((pte_t){ raw });
}

/* Entries compared at once. */
#define PTES_CHUNK	8

/*
 * A plain read, whose value is only compared: the entry did have that value at
 * the time, whatever races with the read.
 */
static inline u64 ptes_peek(const pte_t *ptep)
{
	return data_race(*(const u64 *)ptep); /* see above */
}

static inline bool ptes_chunk_empty(const pte_t *ptep)
{
	return !(ptes_peek(ptep) | ptes_peek(ptep + 1) |
		 ptes_peek(ptep + 2) | ptes_peek(ptep + 3) |
		 ptes_peek(ptep + 4) | ptes_peek(ptep + 5) |
		 ptes_peek(ptep + 6) | ptes_peek(ptep + 7));
}

pte_t *mmscope_ptes_skip(pte_t *ptep, const pte_t *end);

/*
 * Return: the first entry after the empty one at @ptep that is not empty, or
 * @end. A call is too expensive for holes of one or two pages.
 */
static __always_inline pte_t *ptes_next(pte_t *ptep, const pte_t *end)
{
	if (++ptep == end || ptes_peek(ptep))
		return ptep;
	if (++ptep == end || ptes_peek(ptep))
		return ptep;
	return mmscope_ptes_skip(ptep, end);
}

/* Return: how many of @nr entries from @ptep on are empty; the first one is. */
static inline unsigned long ptes_empty(pte_t *ptep, unsigned long nr)
{
	return ptes_next(ptep, ptep + nr) - ptep;
}

/* Return: how many of @nr entries have the values @expect, @expect + @step ... */
static inline unsigned long ptes_match(const pte_t *ptep, unsigned long nr,
				       u64 expect, u64 step)
{
	unsigned long i = 0;

	for (; i + PTES_CHUNK <= nr; i += PTES_CHUNK) {
		unsigned int k;

#pragma GCC unroll 8
		for (k = 0; k < PTES_CHUNK; k++, expect += step)
			if (ptes_peek(ptep + i + k) != expect)
				return i + k;
	}
	for (; i < nr; i++, expect += step)
		if (ptes_peek(ptep + i) != expect)
			break;
	return i;
}

#endif
