/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's header: next to this file, or installed. */
#ifndef UAPI_H
#define UAPI_H

#include <stddef.h>

#if __has_include("mmscope.h")
#include "mmscope.h"
#else
#include <linux/mmscope.h>
#endif

/* What follows the first @fixed bytes of a record. */
static inline const void *record_tail(const void *rec, size_t fixed)
{
	return (const char *)rec + fixed;
}

static inline const char *mm_text(const struct mmscope_mm *mm)
{
	return record_tail(mm, mm->fixed);
}

static inline const char *vma_name(const struct mmscope_vma *vma)
{
	return record_tail(vma, vma->fixed);
}

static inline const struct mmscope_name *
names_at(const struct mmscope_names *names, __u32 i)
{
	return record_tail(names, names->fixed + i * names->name_size);
}

static inline const __u64 *runs_words(const struct mmscope_runs *runs)
{
	return record_tail(runs, runs->fixed);
}

static inline const __u64 *upper_words(const struct mmscope_upper *upper)
{
	return record_tail(upper, upper->fixed);
}

static inline const struct mmscope_step *
walk_step(const struct mmscope_walk *walk, unsigned int i)
{
	return record_tail(walk, walk->fixed + i * walk->step_size);
}

/* What this version of the tests knows; the header has no masks for it. */
#define KINDS_END	(MMSCOPE_UFFD_RWP + 1)
#define LEVELS_END	(MMSCOPE_PGD + 1)
#define ATTRS_ALL	(2 * MMSCOPE_ATTR_KERNEL_EXEC - 1)
#define PARTS_ALL	(2 * MMSCOPE_PART_SUMS - 1)
#define QUERY_FLAGS_ALL	(2 * MMSCOPE_QUERY_CONSISTENT - 1)

#endif
