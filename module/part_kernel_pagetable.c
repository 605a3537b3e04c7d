// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page tables of the kernel half, by run.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "kernel.h"
#include "part.h"

/* In instructions, see kernel_walk.c. */
#define SLICE_BUDGET	500000

/**
 * struct kernel_runs - the walk, and what its runs become
 * @walk: the walk
 * @buf: of the current slice
 */
struct kernel_runs {
	struct mmscope_kwalk walk;
	struct mmscope_buf *buf;
};

static bool writable_and_executable(u32 attrs)
{
	return attrs & MMSCOPE_ATTR_WRITE &&
	       attrs & (MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_KERNEL_EXEC);
}

static bool record_run(struct mmscope_kwalk *walk,
		       const struct mmscope_kleaf *run)
{
	struct mmscope_buf *buf = container_of(walk, struct kernel_runs,
					       walk)->buf;
	struct mmscope_kernel_run *rec;

	rec = mmscope_record(buf, MMSCOPE_REC_KERNEL_RUN, sizeof(*rec), 0);
	if (!rec)
		return false;
	rec->start = run->start;
	rec->size = run->size;
	rec->raw = run->raw;
	rec->attrs = run->attrs;
	rec->level = run->level;
	rec->kind = run->kind;
	if (writable_and_executable(run->attrs))
		rec->flags |= MMSCOPE_KERNEL_RUN_WX;
	return true;
}

static void runs_start(struct mmscope_job *job)
{
	struct kernel_runs *runs = job->state;
	u64 end = job->query.end;

	mmscope_kwalk_start(&runs->walk, job->target.mm, job->query.start,
			    end == ULONG_MAX ? end : end - 1);
	runs->walk.add = record_run;
}

static int runs_slice(struct mmscope_job *job)
{
	struct kernel_runs *runs = job->state;

	runs->buf = &job->buf;
	return mmscope_kwalk_slice(&runs->walk, SLICE_BUDGET) ? MMSCOPE_DONE :
	       MMSCOPE_MORE;
}

#define RUN_COLUMNS							\
	"# start         -end              level          KiB "		\
	"raw              flags\n"

const struct mmscope_part mmscope_part_kernel_pagetable = {
	.parts = MMSCOPE_PART_KERNEL_PAGETABLE,
	.addresses = true,
	.ranged = true,
	.state_size = sizeof(struct kernel_runs),
	.columns = RUN_COLUMNS,
	.start = runs_start,
	.slice = runs_slice,
};
