/* SPDX-License-Identifier: GPL-2.0-only */
/* How far a long command is, on standard error. */
#ifndef MMSCOPE_PROGRESS_H
#define MMSCOPE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct progress - a line that shows how far a command is
 * @clock: the time in milliseconds; set by progress_begin() unless it is already
 * @out: where to; likewise, NULL for nowhere
 * @next: when the line is due
 * @shown: columns of what is on the line
 */
struct progress {
	uint64_t (*clock)(void);
	FILE *out;
	uint64_t next;
	size_t shown;
};

void progress_begin(struct progress *p);
void progress_bytes(struct progress *p, uint64_t bytes);
void progress_processes(struct progress *p, size_t nr, size_t all);
void progress_end(struct progress *p);

#endif
