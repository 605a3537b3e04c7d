/* SPDX-License-Identifier: GPL-2.0-only */
/* On which nodes memory is, against /proc/PID/numa_maps. */
#ifndef NUMA_H
#define NUMA_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/* Kilobytes that numa_maps says are on a node, of the mapping at @start. */
__u64 numa_kb(pid_t pid, __u64 start, unsigned int node);

/*
 * Compare what page facts of each mapping sum up to on each node. The target has
 * to keep still; where the kernel moves pages meanwhile, all is taken again.
 * Return the number of sums that differ, and note them.
 */
size_t numa_compare(pid_t pid);

#endif
