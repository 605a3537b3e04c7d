/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the residency of VMAs with /proc/PID/smaps, pagemap, kpageflags. */
#ifndef SMAPS_H
#define SMAPS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "uapi.h"

/*
 * Compare all VMAs of a target that keeps still. Return the number of
 * sums that differ, and note them.
 */
size_t smaps_compare(pid_t pid);

/* The residency of the only VMA in a range. */
struct mmscope_residency residency_in(pid_t pid, __u64 start, __u64 end);

#endif
