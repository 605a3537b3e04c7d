/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames that processes have in common. */
#ifndef MMSCOPE_SHARE_H
#define MMSCOPE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct share_run @flags */
#define SHARE_PRIVATE	(1u << 0)	/* in a private mapping */
#define SHARE_ANON	(1u << 1)	/* anonymous pages */
#define SHARE_WRITE	(1u << 2)	/* a write reaches all that map the frame */

/**
 * struct share_run - pages of one process with consecutive frames
 * @frame: of the first page
 * @start: number of the first page: its address in base pages
 * @nr: number of base pages
 * @process: index of the process
 * @object: which object the pages are of; mappings of one file at one distance from
 *	their place in it have the same number, private anonymous memory has 0
 * @row: index of the row that they count in
 * @flags: SHARE_*
 */
struct share_run {
	uint64_t frame;
	uint64_t start;
	uint64_t nr;
	uint32_t process;
	uint32_t object;
	uint16_t row;
	uint16_t flags;
};

/**
 * struct share_sum - numbers of frames
 * @frames: all: @exclusive + @readonly + @writable
 * @exclusive: mapped by one process
 * @readonly: in common, and no write of one process reaches another
 * @cow: of these, anonymous ones
 * @writable: in common, and a write of one process may reach the others
 * @parted: private pages at the same address of relatives: number of frames, without
 *	the first one for each page
 * @mapped: sum over the processes; each counts a frame once
 * @repeated: mapped again by a process that maps the frame already
 * @processes: number of processes that map some of them
 */
struct share_sum {
	uint64_t frames;
	uint64_t exclusive;
	uint64_t readonly;
	uint64_t cow;
	uint64_t writable;
	uint64_t parted;
	uint64_t mapped;
	uint64_t repeated;
	uint32_t processes;
};

/**
 * struct share_process - one process
 * @frames: frames that it maps
 * @exclusive: those that no other process maps
 * @repeated: pages that map a frame that another page of it maps
 * @relative: index of a relative, see share_parted()
 */
struct share_process {
	uint64_t frames;
	uint64_t exclusive;
	uint64_t repeated;
	uint32_t relative;
};

/* The last stretch of frames or addresses that a process was part of. */
struct share_last {
	uint64_t visit;		/* its number */
	uint32_t place;		/* the process's place in it */
	uint32_t times;		/* the process's runs in it */
};

/**
 * struct share - frames of several processes; all zero is an empty one
 * @run: all runs, in any order
 * @nr_runs: number of runs
 * @nr: number of processes
 * @process: by process
 * @rows: number of rows
 * @row: by row
 * @total: the sum of all rows
 *
 * All but the runs is valid after share_count(). The other members are those of share.c.
 */
struct share {
	struct share_run *run;
	size_t nr_runs;
	uint32_t nr;
	struct share_process *process;
	uint16_t rows;
	struct share_sum *row;
	struct share_sum total;

	size_t room;		/* of @run */
	uint64_t *common;	/* frames, by two processes */
	uint64_t *parted;	/* pages, by two processes */
	uint64_t *spread;	/* frames, by row and number of processes */
	bool *seen;		/* by row and process */
	uint64_t visits;	/* number of stretches so far */
	struct share_last *last;	/* by process: the last stretch it was in */
	const struct share_run **one;	/* a run of each process in a stretch */
};

void share_add(struct share *s, const struct share_run *run);
void share_count(struct share *s, uint32_t processes, uint16_t rows);
uint64_t share_common(const struct share *s, uint32_t a, uint32_t b);
uint64_t share_parted(const struct share *s, uint32_t a, uint32_t b);
uint64_t share_spread(const struct share *s, uint16_t row, uint32_t processes);
void share_free(struct share *s);

#endif
