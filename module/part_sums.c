// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much of an address space is resident, without a record for each VMA.
 */
#include <linux/mm.h>

#include "part.h"
#include "record.h"
#include "residency.h"

static void sums_start(struct mmscope_job *job)
{
	struct mmscope_resident *res = job->state;

	mmscope_resident_start(res, job->target.mm, job->query.start,
			       job->query.end);
	job->walk = &res->walk;
}

static void fill(struct mmscope_sums *rec, const struct mmscope_resident *res)
{
	const struct mmscope_residency *sum = &res->kept;

	rec->vmas = res->vmas;
	rec->reserved = res->reserved;
	rec->pgtables_bytes = mm_pgtables_bytes(res->walk.mm);
	rec->pte = sum->pte;
	rec->pmd = sum->pmd;
	rec->pud = sum->pud;
	rec->cont = sum->cont;
	rec->anon = sum->anon;
	rec->file = sum->file;
	rec->shmem = sum->shmem;
	rec->hugetlb = sum->hugetlb;
	rec->exclusive = sum->exclusive;
	rec->shared = sum->shared;
	rec->dirty = sum->dirty;
	rec->accessed = sum->accessed;
	rec->zero = sum->zero;
	rec->special = sum->special;
	rec->swapped = sum->swapped;
	rec->other = sum->other;
	rec->never = sum->never;
	rec->pss_bytes = sum->pss_bytes;
	rec->hugetlb_exclusive = res->hugetlb_exclusive;
}

/* A slice that finds no room for the record must not have counted anything. */
static int sums_slice(struct mmscope_job *job)
{
	struct mmscope_resident *res = job->state;
	struct mmscope_sums *rec;

	if (!mmscope_record_room(&job->buf, sizeof(*rec)) ||
	    !mmscope_resident_range(res))
		return MMSCOPE_MORE;
	rec = mmscope_record(&job->buf, MMSCOPE_REC_SUMS, sizeof(*rec), 0);
	fill(rec, res);
	mmscope_job_digest(job, res->walk.digest);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_sums = {
	.parts = MMSCOPE_PART_SUMS,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct mmscope_resident),
	.start = sums_start,
	.slice = sums_slice,
};
