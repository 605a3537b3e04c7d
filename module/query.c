// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queries: copied from user space and validated. What the module does not know
 * it must not ignore.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "filter.h"
#include "part.h"
#include "query.h"

#define QUERY_FLAGS	(MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS | \
			 MMSCOPE_QUERY_CONSISTENT)

/* Flags that only make sense with a part need that part. */
static bool flags_valid(const struct mmscope_query *query)
{
	const u32 vmas = MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_CONSISTENT;

	if (query->flags & ~QUERY_FLAGS)
		return false;
	if (query->flags & vmas && !(query->parts & MMSCOPE_PART_VMAS))
		return false;
	if ((query->flags & vmas) == vmas)
		return false;
	return !(query->flags & MMSCOPE_QUERY_FACTS) ||
	       query->parts & MMSCOPE_PART_PAGETABLE;
}

/* A translation has an address where the others have a range. */
static bool range_valid(const struct mmscope_query *query)
{
	if (query->parts & MMSCOPE_PART_WALK)
		return !(query->parts & mmscope_part_sets.ranged) && !query->end;
	return !query->end || query->start < query->end;
}

static bool query_valid(const struct mmscope_query *query)
{
	if (query->abi != MMSCOPE_ABI || query->__reserved)
		return false;
	if (!query->parts || query->parts & ~mmscope_part_sets.known)
		return false;
	return flags_valid(query) && range_valid(query) &&
	       mmscope_filter_valid(query);
}

/**
 * mmscope_query_copy() - copy a query from user space
 * @query: filled in
 * @from: a struct mmscope_query, which begins with its size
 * @count: bytes written
 *
 * Context: may sleep.
 * Return: 0; -EFAULT; -E2BIG if it is longer than the module knows and the rest
 * is not zero; -EINVAL if it is not valid.
 */
int mmscope_query_copy(struct mmscope_query *query, const char __user *from,
		       size_t count)
{
	int err;
	u32 size;

	if (count < MMSCOPE_QUERY_SIZE_MIN)
		return -EINVAL;
	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size != count)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(query, sizeof(*query), from, size);
	if (err)
		return err;
	return query_valid(query) ? 0 : -EINVAL;
}
