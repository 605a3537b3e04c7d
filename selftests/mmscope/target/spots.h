/* SPDX-License-Identifier: GPL-2.0-only */
/* A target with addresses of many kinds, which it reads, writes and executes on demand. */
#ifndef SPOTS_H
#define SPOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAX_SPOTS	64

/**
 * struct spot - an address to access
 * @name: what it is
 * @addr: the address
 * @fd: descriptor of the target for the file that is mapped there, or 0
 * @offset: in the file
 * @witnessed: a child that was forked before has the same mapping
 * @past_end: the file ends before the page
 * @missing: why there is none, or ""
 */
struct spot {
	char name[32];
	char *addr;
	int fd;
	off_t offset;
	bool witnessed;
	bool past_end;
	char missing[64];
};

/**
 * struct spots - shared with the target
 * @spot: the addresses
 * @nr: number of them
 * @witness: a child of the target that does nothing
 * @at: number of the spot to access
 * @grow: by how much to move brk
 * @signal: what the access ended with, 0 for none; whether brk was not moved
 * @first: after a write, or read: the byte at the address
 * @second: the byte after it
 */
struct spots {
	struct spot spot[MAX_SPOTS];
	unsigned int nr;
	pid_t witness;
	unsigned int at;
	long grow;
	int signal;
	unsigned char first;
	unsigned char second;
};

/* All bytes of pages that were written to before, and what SPOT_WRITE writes. */
#define SPOT_BEFORE	0x5a
#define SPOT_WRITTEN	0xa5

/* Steps after step 0, which makes the spots: access the one at @at. */
#define SPOT_READ	1
#define SPOT_WRITE	2
#define SPOT_FETCH	3
/* Move brk. */
#define SPOT_GROW	4

/* The target function; @arg is a struct spots. */
void live_spots(void *arg, int step);

#endif
