/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMAs of a stream against the mappings of /proc/PID/smaps. */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "oracle/proc.h"

/*
 * Compare with /proc/PID/{smaps,stat}. The target has to keep still. Return the
 * number of VMAs that differ, and note them.
 */
size_t mappings_compare(pid_t pid);

/* Is what comes for a range what touches it? Return as above. */
size_t mappings_compare_range(pid_t pid, const struct proc_maps *maps,
			      __u64 start, __u64 end);

/*
 * The same for ranges that begin and end at the bounds of each @step-th mapping,
 * and beside them.
 */
size_t mappings_compare_ranges(pid_t pid, size_t step);

#endif
