/* SPDX-License-Identifier: GPL-2.0-only */
/* The residency of VMAs against /proc/PID/smaps, pagemap and kpageflags. */
#ifndef SMAPS_H
#define SMAPS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Compare that of all VMAs of a target that keeps still. Return the number of
 * sums that differ, and note them.
 */
size_t smaps_compare(pid_t pid);

#endif
