/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes that a command line names. */
#ifndef MMSCOPE_TARGETS_H
#define MMSCOPE_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct targets - a list of processes; all zero is an empty one
 * @pid: their PIDs
 * @nr: their number
 * @room: number of elements allocated
 */
struct targets {
	int *pid;
	size_t nr;
	size_t room;
};

void targets_add(struct targets *all, int pid);
int targets_add_named(struct targets *all, const char *word);
int targets_add_cgroup(struct targets *all, const char *path);
void targets_free(struct targets *all);

#endif
