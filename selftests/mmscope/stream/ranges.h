/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of a range: they have to be what the whole says about it. */
#ifndef RANGES_H
#define RANGES_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Compare ranges that begin and end in and beside a mapping of a target that
 * keeps still. Return the number of runs that differ, and note them.
 */
size_t ranges_compare(pid_t pid, __u64 start, __u64 size);

#endif
