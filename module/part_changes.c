// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did the VMAs change during the read? The other parts digest the VMAs that they
 * come across. If mmap_lock was taken for writing since, they are digested once
 * more: fork() and clear_refs take it, too, and change no mapping.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>

#include "compat/vma.h"
#include "digest.h"
#include "part.h"
#include "pgwalk.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_DIGEST	100

/* So many VMAs can be digested on top of a slice. */
#define MOST_AT_ONCE	300

/**
 * struct changes - VMAs that are digested once more, between two slices
 * @cursor: address at which the next slice resumes
 * @end: exclusive
 * @digest: so far
 */
struct changes {
	unsigned long cursor;
	unsigned long end;
	u64 digest;
};

static void changes_start(struct mmscope_job *job)
{
	struct changes *changes = job->state;

	changes->cursor = job->query.start;
	changes->end = job->query.end;
}

/* Return: whether all VMAs of the range were digested within @budget. */
static bool digest_some(struct changes *changes, struct mm_struct *mm,
			long budget)
{
	VMA_ITERATOR(vmi, mm, changes->cursor);
	struct mmscope_pgwalk slice = { .mm = mm, .budget = budget };
	struct vm_area_struct *vma;

	mmap_assert_locked(mm);

	while ((vma = vma_next(&vmi)) && vma->vm_start < changes->end) {
		if (mmscope_pgwalk_over(&slice))
			return false;
		changes->digest += mmscope_vma_digest(vma);
		changes->cursor = vma->vm_end;
		slice.budget -= COST_DIGEST;
	}
	return true;
}

/**
 * mmscope_changes_base() - digest the VMAs as they are at the first slice
 * @job: of the stream; was not given a digest before
 *
 * Without it, a change of VMAs that are still to be read shows only in the totals
 * of the mm. It is taken where there are few VMAs.
 *
 * Context: mmap_lock held.
 */
void mmscope_changes_base(struct mmscope_job *job)
{
	struct mm_struct *mm = job->target.mm;
	struct changes base = {
		.cursor = job->query.start,
		.end = job->query.end,
	};

	if (job->digested || mm->map_count > MOST_AT_ONCE)
		return;
	digest_some(&base, mm, LONG_MAX);
	mmscope_job_digest(job, base.digest);
}

/* An address space that is gone by now was recorded whole. */
static int changes_slice(struct mmscope_job *job)
{
	struct changes *changes = job->state;
	struct mm_struct *mm = job->target.mm;
	bool done;
	int ret;

	if (!job->digested || !job->hold.written || job->changed)
		return MMSCOPE_DONE;
	ret = mmscope_hold_take(&job->hold, mm);
	if (ret)
		return ret == -ESRCH ? MMSCOPE_DONE : ret;
	done = digest_some(changes, mm, MMSCOPE_SLICE_BUDGET);
	mmscope_hold_drop(&job->hold, mm);
	if (!done)
		return MMSCOPE_MORE;
	mmscope_job_digest(job, changes->digest);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_changes = {
	.state_size = sizeof(struct changes),
	.start = changes_start,
	.slice = changes_slice,
};
