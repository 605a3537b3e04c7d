/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the nodes in page facts with /proc/PID/numa_maps. */
#ifndef NUMA_H
#define NUMA_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/* Kilobytes of the mapping at @start that numa_maps reports on a node. */
__u64 numa_kb(pid_t pid, __u64 start, unsigned int node);

/*
 * Sum up the pages of each mapping by node and compare the sums. The target has
 * to keep still; if the kernel moves pages, the comparison starts again. Return
 * the number of sums that differ, and note them.
 */
size_t numa_compare(pid_t pid);

#endif
