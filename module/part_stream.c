// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every stream begins and ends with: the header, the task, the totals. And
 * what all parts need before they start: a range without tags.
 */
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "compat/mm.h"
#include "level.h"
#include "part.h"
#include "version.h"

static int header_slice(struct mmscope_job *job)
{
	struct mmscope_header *header;

	if (job->headless)
		return MMSCOPE_DONE;
	header = mmscope_record_header(&job->buf);
	if (!header)
		return MMSCOPE_MORE;
	memcpy(header->magic, MMSCOPE_MAGIC, sizeof(header->magic));
	header->byte_order = MMSCOPE_BYTE_ORDER;
	header->abi = MMSCOPE_ABI;
	header->page_shift = PAGE_SHIFT;
	header->parts = job->query.parts;
	header->flags = job->query.flags;
	header->time_ns = ktime_get_real_ns();
	strscpy(header->release, init_utsname()->release,
		sizeof(header->release));
	strscpy(header->module, MMSCOPE_VERSION, sizeof(header->module));
	mmscope_levels(job->target.mm, header);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_header = {
	.slice = header_slice,
};

static int task_slice(struct mmscope_job *job)
{
	const struct mmscope_target *target = &job->target;
	struct mmscope_task *rec;

	rec = mmscope_record(&job->buf, MMSCOPE_REC_TASK, sizeof(*rec), 0);
	if (!rec)
		return MMSCOPE_MORE;
	rec->pid = target->pid;
	rec->tgid = target->tgid;
	rec->flags = target->flags;
	rec->personality = target->personality;
	rec->start_ns = target->start_ns;
	strscpy(rec->comm, target->comm, sizeof(rec->comm));
	rec->threads = target->threads;
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_task = {
	.slice = task_slice,
};

/* Without a tag, an address is below task_size, unless it is no user address. */
static bool may_be_tagged(const struct mmscope_job *job)
{
	const struct mmscope_query *query = &job->query;
	const u64 task_size = job->target.mm->task_size;

	return query->start >= task_size ||
	       (query->end > task_size && query->end != ULONG_MAX);
}

/*
 * The end is exclusive: one after the last address of a tag has no tag or another
 * one. Between bounds with different tags are all addresses of some tag: then the
 * range has no end.
 */
static void untag(struct mmscope_query *query, struct mm_struct *mm)
{
	const u64 start = mmscope_untagged_addr(mm, query->start);
	const u64 last = mmscope_untagged_addr(mm, query->end - 1);

	if (query->start - start == query->end - 1 - last)
		query->end = last + 1;
	else
		query->end = ULONG_MAX;
	query->start = start;
}

/* mmap_lock is only taken for a range that has to be looked at. */
static int range_slice(struct mmscope_job *job)
{
	struct mm_struct *mm = job->target.mm;
	int err;

	if (!mm || !may_be_tagged(job))
		return MMSCOPE_DONE;
	err = mmscope_hold_take(&job->hold, mm);
	if (err)
		return err;
	untag(&job->query, mm);
	mmscope_hold_drop(&job->hold, mm);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_range = {
	.slice = range_slice,
};

static int end_slice(struct mmscope_job *job)
{
	struct mmscope_end *rec;

	rec = mmscope_record(&job->buf, MMSCOPE_REC_END, sizeof(*rec), 0);
	if (!rec)
		return MMSCOPE_MORE;
	job->sum.head = rec->head;
	job->sum.holds = job->hold.count;
	job->sum.longest_ns = job->hold.longest_ns;
	if (job->changed || job->hold.changed)
		job->sum.flags |= MMSCOPE_END_CHANGED;
	*rec = job->sum;
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_end = {
	.slice = end_slice,
};
