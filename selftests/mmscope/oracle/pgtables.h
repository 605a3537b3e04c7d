/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the page tables of a target with the kernel's counters. */
#ifndef PGTABLES_H
#define PGTABLES_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Compare the tables of a target that keeps still with VmPTE of
 * /proc/PID/status, smaps, the runs, and for each VMA with the tables themselves
 * in /proc/kcore. Return the number of differences, and note them.
 */
size_t pgtables_compare(pid_t pid);

#endif
