/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PART_H
#define _MMSCOPE_PART_H

#include <linux/types.h>

#include "hold.h"
#include "path.h"
#include "record.h"
#include "target.h"

struct mmscope_pgwalk;

/**
 * struct mmscope_job - a stream in the making, as its parts see it
 * @target: the task, and its pinned mm
 * @query: what to record; valid, and its @end is never 0. Once mmscope_part_range
 *	is done, its addresses have no tags
 * @parts: MMSCOPE_PART_* of the query that the target can have
 * @headless: no struct mmscope_header, for which text has no line
 * @buf: takes the records of the current slice
 * @room: bytes that the part needs in @buf at once, set by its @start
 * @sum: totals so far, for the END record
 * @hold: of mmap_lock
 * @path: the one that is put together after the slice, if any
 * @digest: of the VMAs that a part came across
 * @digested: there is one
 * @changed: the VMAs changed between two parts, or within one
 * @state: of the part at work
 * @walk: its walk over page tables, or NULL; set by its start
 */
struct mmscope_job {
	struct mmscope_target target;
	struct mmscope_query query;
	u32 parts;
	bool headless;
	struct mmscope_buf buf;
	size_t room;
	struct mmscope_end sum;
	struct mmscope_hold hold;
	struct mmscope_path path;
	u64 digest;
	bool digested;
	bool changed;
	void *state;
	struct mmscope_pgwalk *walk;
};

/* What a slice returns, unless it is an errno. */
enum {
	MMSCOPE_DONE,		/* the part is complete */
	MMSCOPE_MORE,		/* it goes on with the next slice */
	MMSCOPE_AGAIN,		/* start over: little @room, or a fatal signal */
};

/**
 * struct mmscope_part - one part of a stream
 * @parts: MMSCOPE_PART_* that it is for, any of them; 0: in every stream
 * @addresses: it is about kernel addresses: only for those who may see them
 * @ranged: the query's @start and @end are bounds of a range
 * @locked: @slice runs under mmap_lock, held for reading
 * @state_size: bytes of state between slices
 * @columns: heading of its text, or NULL
 * @start: begin; the state is zeroed before; may be NULL
 * @slice: record what fits into a slice and its budget. A slice that finds no
 *	room has done nothing. Under mmap_lock it must not sleep for long
 *
 * Life cycle: @start, then @slice until it returns neither MMSCOPE_MORE nor
 * MMSCOPE_AGAIN. A reader may stop at any time, or start over.
 */
struct mmscope_part {
	u32 parts;
	bool addresses;
	bool ranged;
	bool locked;
	size_t state_size;
	const char *columns;
	void (*start)(struct mmscope_job *job);
	int (*slice)(struct mmscope_job *job);
};

/* In the order of the stream; ends with NULL. */
extern const struct mmscope_part *const mmscope_parts[];

/* A part, and how text shows its records. */
struct seq_file;
struct mmscope_text;

extern const struct mmscope_part mmscope_part_header;

extern const struct mmscope_part mmscope_part_task;
void mmscope_show_task(struct seq_file *m, const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_range;

extern const struct mmscope_part mmscope_part_names;

extern const struct mmscope_part mmscope_part_mm;
void mmscope_show_mm(struct seq_file *m, const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_vmas;
void mmscope_show_vma(struct seq_file *m, const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_upper;

extern const struct mmscope_part mmscope_part_runs;
void mmscope_show_run(struct seq_file *m, const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_tables;
void mmscope_show_tables(struct seq_file *m, const struct mmscope_text *text);
void mmscope_show_tables_sum(struct seq_file *m,
			     const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_walk;

extern const struct mmscope_part mmscope_part_sums;

extern const struct mmscope_part mmscope_part_threads;
void mmscope_show_thread(struct seq_file *m, const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_kernel_layout;
void mmscope_show_kernel(struct seq_file *m, const struct mmscope_text *text);
void mmscope_show_kernel_region(struct seq_file *m,
				const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_kernel_pagetable;
void mmscope_show_kernel_run(struct seq_file *m,
			     const struct mmscope_text *text);

extern const struct mmscope_part mmscope_part_changes;
void mmscope_changes_base(struct mmscope_job *job);

extern const struct mmscope_part mmscope_part_end;
void mmscope_show_end(struct seq_file *m, const struct mmscope_text *text);

/**
 * mmscope_job_digest() - compare the VMAs of a part with those of the part before
 * @job: of the stream
 * @digest: sum of mmscope_vma_digest() over the VMAs of the range
 */
static inline void mmscope_job_digest(struct mmscope_job *job, u64 digest)
{
	if (job->digested && job->digest != digest)
		job->changed = true;
	job->digest = digest;
	job->digested = true;
}

/**
 * struct mmscope_part_sets - sets of parts, as MMSCOPE_PART_*
 * @known: a query may ask for them
 * @ranged: a query may limit them to a range
 * @addresses: only for those who may see kernel addresses
 */
struct mmscope_part_sets {
	u32 known;
	u32 ranged;
	u32 addresses;
};

/* Does not change after mmscope_parts_init(). */
extern struct mmscope_part_sets mmscope_part_sets;

void mmscope_parts_init(void);

#endif
