/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables of a target against what the kernel counts. */
#ifndef PGTABLES_H
#define PGTABLES_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Compare those of a target that keeps still with VmPTE of /proc/PID/status,
 * smaps, the runs, and for each VMA with the tables themselves, read through
 * /proc/kcore. Return the number of things that differ, and note them.
 */
size_t pgtables_compare(pid_t pid);

#endif
