// SPDX-License-Identifier: GPL-2.0-only
/*
 * A view turns a query into a stream, slice by slice: a slice holds mmap_lock
 * for a bounded amount of work, fills a buffer, and lets go before anything is
 * copied to the reader.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include "compat/mm.h"
#include "mm.h"
#include "names.h"
#include "version.h"
#include "view.h"

/* A guess: the record of one whose name is of some length. */
#define BYTES_PER_VMA	160

/*
 * hold() - take mmap_lock for one slice
 *
 * Return: 0; -ESRCH if the address space is gone; -EINTR if the reader was
 * killed while it waited.
 */
static int __must_check hold(struct mmscope_view *view)
{
	struct mm_struct *mm = view->target.mm;
	u64 stamp;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (mmap_read_lock_killable(mm)) {
		mmput(mm);
		return -EINTR;
	}
	view->held_ns = ktime_get_ns();

	stamp = mmscope_mm_stamp(mm);
	if (!view->sum.holds++)
		view->stamp = stamp;
	else if (view->stamp != stamp)
		view->sum.flags |= MMSCOPE_END_CHANGED;
	return 0;
}

static void unhold(struct mmscope_view *view)
{
	struct mm_struct *mm = view->target.mm;
	u64 ns = ktime_get_ns() - view->held_ns;

	mmap_read_unlock(mm);
	mmput(mm);
	if (ns > view->sum.longest_ns)
		view->sum.longest_ns = ns;
}

/*
 * Stages. Each returns 0 when it is through, 1 if it goes on in the next slice,
 * or an errno. One that found no room has done nothing.
 */
#define THROUGH		0
#define MORE		1

static int fill_header(struct mmscope_view *view)
{
	struct mmscope_header *header;

	if (view->headless)
		return THROUGH;
	header = mmscope_record_header(&view->buf);
	if (!header)
		return MORE;
	memcpy(header->magic, MMSCOPE_MAGIC, sizeof(header->magic));
	header->byte_order = MMSCOPE_BYTE_ORDER;
	header->abi = MMSCOPE_ABI;
	header->page_shift = PAGE_SHIFT;
	header->parts = view->asked;
	header->flags = view->flags;
	header->time_ns = ktime_get_real_ns();
	strscpy(header->release, init_utsname()->release,
		sizeof(header->release));
	strscpy(header->module, MMSCOPE_VERSION, sizeof(header->module));
	mmscope_levels(view->target.mm, header);
	return THROUGH;
}

static int fill_task(struct mmscope_view *view)
{
	const struct mmscope_target *target = &view->target;
	struct mmscope_task *rec = mmscope_record(&view->buf, MMSCOPE_REC_TASK,
						  sizeof(*rec), 0);

	if (!rec)
		return MORE;
	rec->pid = target->pid;
	rec->tgid = target->tgid;
	rec->flags = target->flags;
	rec->personality = target->personality;
	rec->start_ns = target->start_ns;
	strscpy(rec->comm, target->comm, sizeof(rec->comm));
	return THROUGH;
}

static int fill_names(struct mmscope_view *view)
{
	return mmscope_record_names(&view->buf) ? THROUGH : MORE;
}

static int fill_mm(struct mmscope_view *view)
{
	return mmscope_record_mm(&view->buf, &view->target) ? THROUGH : MORE;
}

static int fill_vmas(struct mmscope_view *view)
{
	struct mmscope_vma_list *list = &view->list;
	bool done = mmscope_record_vmas(&view->buf, view->target.mm, list);

	view->sum.vmas = list->count;
	return done ? THROUGH : MORE;
}

/*
 * All VMAs of one moment, in a buffer that holds all of them. What a VMA takes
 * is a guess: if it was not enough, all is done again with more.
 */
static int fill_all_vmas(struct mmscope_view *view)
{
	struct mm_struct *mm = view->target.mm;
	struct mmscope_vma_list *list = &view->list;
	const u32 flags = view->sum.flags;
	size_t len = view->buf.len, room = 0;
	bool done;
	int err;

	do {
		room += READ_ONCE(mm->map_count) * BYTES_PER_VMA + PAGE_SIZE * 2;
		err = mmscope_buf_grow(&view->buf, len + room);
		/* What changed before an attempt that came to nothing is no matter. */
		view->sum.flags = flags;
		if (!err)
			err = hold(view);
		if (err)
			return err;
		list->cursor = view->start;
		list->count = 0;
		mmscope_buf_cut(&view->buf, len);
		done = mmscope_record_vmas(&view->buf, mm, list);
		unhold(view);
	} while (!done);
	view->sum.vmas = list->count;
	view->sum.flags |= MMSCOPE_END_CONSISTENT;
	return THROUGH;
}

static int fill_pagetable(struct mmscope_view *view)
{
	struct mmscope_gather *gather = &view->gather;
	bool done;

	if (!gather->walk.mm)
		mmscope_gather_start(gather, view->target.mm, view->start,
				     view->end);
	done = mmscope_gather_slice(gather, &view->buf);

	view->sum.runs = gather->runs;
	view->sum.entries = gather->entries;
	return done ? THROUGH : MORE;
}

static int fill_tables(struct mmscope_view *view)
{
	if (!view->tables.walk.mm)
		mmscope_tables_start(&view->tables, view->target.mm,
				     view->start, view->end);
	return mmscope_tables_slice(&view->tables, &view->buf) ? THROUGH : MORE;
}

static int fill_walk(struct mmscope_view *view)
{
	return mmscope_record_walk(&view->buf, view->target.mm, view->start,
				   &view->sum.vmas) ? THROUGH : MORE;
}

static int fill_end(struct mmscope_view *view)
{
	struct mmscope_end *rec = mmscope_record(&view->buf, MMSCOPE_REC_END,
						 sizeof(*rec), 0);

	if (!rec)
		return MORE;
	view->sum.head = rec->head;
	*rec = view->sum;
	return THROUGH;
}

#define PART_ALWAYS	0
/* In place of MMSCOPE_PART_VMAS, for MMSCOPE_QUERY_CONSISTENT. */
#define PART_ALL_VMAS	BIT(31)
/* Flags have names where they have values. */
#define PARTS_NAMED	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_WALK | PART_ALL_VMAS)

static const struct stage {
	u32 parts;
	bool held;		/* under mmap_lock */
	int (*fill)(struct mmscope_view *view);
} stages[] = {
	{ PART_ALWAYS,			false,	fill_header },
	{ PART_ALWAYS,			false,	fill_task },
	{ PARTS_NAMED,			false,	fill_names },
	{ MMSCOPE_PART_MM,		true,	fill_mm },
	{ MMSCOPE_PART_VMAS,		true,	fill_vmas },
	{ PART_ALL_VMAS,		false,	fill_all_vmas },
	{ MMSCOPE_PART_PAGETABLE,	true,	fill_pagetable },
	{ MMSCOPE_PART_TABLES,		true,	fill_tables },
	{ MMSCOPE_PART_WALK,		true,	fill_walk },
	{ PART_ALWAYS,			false,	fill_end },
};

#define STAGE_END	(ARRAY_SIZE(stages) - 1)

static int fill_stage(struct mmscope_view *view, const struct stage *stage)
{
	int ret;

	if (stage->parts && !(view->parts & stage->parts))
		return THROUGH;
	if (!stage->held)
		return stage->fill(view);

	ret = hold(view);
	if (ret)
		return ret;
	ret = stage->fill(view);
	unhold(view);
	return ret;
}

/* An error before the reader has anything is its read()'s; later it is END's. */
static int fail(struct mmscope_view *view, int err)
{
	if (!view->begun || err == -EINTR) {
		mmscope_view_rewind(view);
		return err;
	}
	view->sum.status = -err;
	view->stage = STAGE_END;
	return 0;
}

/**
 * mmscope_view_fill() - make the next slice
 * @view: what was in its buffer is gone afterwards
 *
 * Context: may sleep, takes and drops mmap_lock of the target. The caller sees
 * to it that there is one reader at a time.
 * Return: 1 if the buffer holds something; 0 at the end of the stream; -ESRCH
 * if the address space was gone before anything could be told; -EINTR if the
 * reader is being killed.
 */
int mmscope_view_fill(struct mmscope_view *view)
{
	const bool tight = view->buf.tight;

	mmscope_buf_cut(&view->buf, 0);
	view->given = 0;
	if (tight && view->stage < ARRAY_SIZE(stages))
		/* Without memory for long slices, short ones will do. */
		mmscope_buf_grow(&view->buf, MMSCOPE_SLICE_BYTES);

	while (view->stage < ARRAY_SIZE(stages)) {
		int ret = fill_stage(view, &stages[view->stage]);

		if (ret == THROUGH)
			view->stage++;
		else if (ret < 0)
			ret = fail(view, ret);
		if (ret < 0)
			return ret;
		if (ret > 0 && view->buf.len)
			break;
		if (fatal_signal_pending(current))
			return fail(view, -EINTR);
		cond_resched();
	}
	if (view->buf.len)
		view->begun = true;
	return view->buf.len > 0;
}

/**
 * mmscope_view_read() - hand the stream on to user space
 * @view: the view
 * @to: where to
 * @count: bytes at most
 *
 * Context: as for mmscope_view_fill(); no lock of the target is held while
 * the bytes are copied.
 * Return: bytes copied, 0 at the end of the stream, -EINVAL if nothing was
 * asked, -EFAULT, or what mmscope_view_fill() fails with.
 */
ssize_t mmscope_view_read(struct mmscope_view *view, char __user *to,
			  size_t count)
{
	size_t left;
	int ret;

	if (!view->asked)
		return -EINVAL;
	if (view->given == view->buf.len) {
		ret = mmscope_view_fill(view);
		if (ret <= 0)
			return ret;
	}

	left = min(count, view->buf.len - view->given);
	if (copy_to_user(to, view->buf.data + view->given, left))
		return -EFAULT;
	view->given += left;
	return left;
}

/**
 * mmscope_view_rewind() - begin the stream anew
 * @view: the view
 */
void mmscope_view_rewind(struct mmscope_view *view)
{
	mmscope_buf_cut(&view->buf, 0);
	mmscope_buf_shrink(&view->buf, MMSCOPE_FIRST_BYTES);
	view->given = 0;
	memset(&view->list.resident, 0, sizeof(view->list.resident));
	view->list.cursor = view->start;
	view->list.count = 0;
	view->gather.walk.mm = NULL;
	view->tables.walk.mm = NULL;
	memset(&view->sum, 0, sizeof(view->sum));
	view->stage = 0;
	view->begun = false;
}

/**
 * mmscope_view_ask() - give a view its question
 * @view: what it was asked before is forgotten
 * @target: pinned; the view takes over the reference
 * @query: checked by the caller
 */
void mmscope_view_ask(struct mmscope_view *view,
		      const struct mmscope_target *target,
		      const struct mmscope_query *query)
{
	mmscope_target_unpin(&view->target);
	view->target = *target;
	view->asked = query->parts;
	view->flags = query->flags;
	view->parts = target->mm ? query->parts : 0;
	if (view->parts & MMSCOPE_PART_VMAS &&
	    query->flags & MMSCOPE_QUERY_CONSISTENT)
		view->parts ^= MMSCOPE_PART_VMAS | PART_ALL_VMAS;
	view->start = query->start;
	view->end = query->end ? query->end : ULONG_MAX;
	view->list.end = view->end;
	view->list.residency = query->flags & MMSCOPE_QUERY_RESIDENCY;
	view->list.consistent = query->flags & MMSCOPE_QUERY_CONSISTENT;
	mmscope_filter_set(&view->gather.filter, query);
	mmscope_view_rewind(view);
}

/**
 * mmscope_view_init() - make a view that was asked nothing yet
 * @view: zeroed
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmscope_view_init(struct mmscope_view *view)
{
	mutex_init(&view->lock);
	return mmscope_buf_alloc(&view->buf, MMSCOPE_FIRST_BYTES);
}

/**
 * mmscope_view_destroy() - give back what a view holds, not the view itself
 * @view: initialised
 *
 * Context: may sleep.
 */
void mmscope_view_destroy(struct mmscope_view *view)
{
	mmscope_target_unpin(&view->target);
	mmscope_buf_free(&view->buf);
	mutex_destroy(&view->lock);
}
