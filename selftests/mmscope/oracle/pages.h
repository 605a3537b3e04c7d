/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the runs of a stream with the pages of /proc/PID/pagemap. */
#ifndef PAGES_H
#define PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "oracle/proc.h"
#include "stream/stream.h"

/*
 * Compare in both directions: every page of every mapping in [start, end), and
 * every run. The target has to keep still; if the kernel moves pages in the
 * background, the comparison starts again. Return the number of pages and runs
 * that differ, and note the first ones.
 *
 * Checked are: presence, frame, swap device and offset, the frame in migration
 * entries, soft-dirty, uffd-wp, guard markers, the zero page against
 * kpageflags, PROT_NONE against the permissions, that runs are maximal and lie
 * in one mapping, and for whole mappings that sizes sum up to those of smaps.
 */
size_t pages_compare(pid_t pid, __u64 start, __u64 end);

static inline size_t pages_compare_all(pid_t pid)
{
	return pages_compare(pid, 0, 0);
}

/*
 * What is wrong with a page in a stream, by its entry in pagemap and its mapping
 * in smaps; NULL if nothing is.
 */
const char *pages_wrong_page(const struct stream *s, const struct proc_vma *vma,
			     __u64 addr, __u64 page);

/*
 * Does @look change what /proc reports of the target? Accessed bits are cleared
 * before, so that smaps would show those it sets.
 */
bool pages_changed_by(pid_t pid, void (*look)(pid_t pid));

/* Read all files there are. */
void pages_look_at_all(pid_t pid);

#endif
