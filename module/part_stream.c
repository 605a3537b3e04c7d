// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every stream begins and ends with: the header, the task, the totals.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "entry.h"
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
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_task = {
	.slice = task_slice,
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
