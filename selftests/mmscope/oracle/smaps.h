/* SPDX-License-Identifier: GPL-2.0-only */
/* The residency of VMAs against /proc/PID/smaps, pagemap and kpageflags. */
#ifndef SMAPS_H
#define SMAPS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "uapi.h"

/*
 * Compare that of all VMAs of a target that keeps still. Return the number of
 * sums that differ, and note them.
 */
size_t smaps_compare(pid_t pid);

/* That of the only VMA in a range. */
struct mmscope_residency residency_in(pid_t pid, __u64 start, __u64 end);

#endif
