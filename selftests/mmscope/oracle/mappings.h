/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the VMAs of a stream with the mappings of /proc/PID/smaps. */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "oracle/proc.h"

/*
 * Compare all VMAs with /proc/PID/{smaps,stat}. The target has to keep still.
 * Return the number of VMAs that differ, and note them.
 */
size_t mappings_compare(pid_t pid);

/* Does a query of a range bring the VMAs that overlap it? Return as above. */
size_t mappings_compare_range(pid_t pid, const struct proc_maps *maps,
			      __u64 start, __u64 end);

/*
 * The same for ranges that begin and end at the bounds of each @step-th mapping,
 * and a byte and a page before and after them.
 */
size_t mappings_compare_ranges(pid_t pid, size_t step);

#endif
