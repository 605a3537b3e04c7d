// SPDX-License-Identifier: GPL-2.0-only
/*
 * A view: runs through the parts of a stream, slice by slice. mmap_lock is held
 * for one slice at a time, and never while user space is accessed.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "hold.h"
#include "part.h"
#include "pgwalk.h"
#include "view.h"

/*
 * Most answers are short: their slice fits into the allocation of the view, which
 * with the state of the parts takes 2 KiB. Any record fits into the larger buffer
 * that comes next. With the largest one, the buffer of seq_file and the view, a file
 * stays under 128 KiB.
 */
#define FIRST_BYTES	600
#define RECORD_BYTES	(8 * 1024)
#define SLICE_BYTES	(64 * 1024)

/*
 * A part that needs all of its records in one slice asks for that much room.
 * @len: bytes of the slice before that part.
 */
static int start_part(struct mmscope_view *view,
		      const struct mmscope_part *part, size_t len)
{
	struct mmscope_job *job = &view->job;

	if (part->state_size)
		memset(job->state, 0, part->state_size);
	job->walk = NULL;
	if (part->start)
		part->start(job);
	view->started = true;
	mmscope_buf_cut(&job->buf, len);
	return mmscope_buf_grow(&job->buf, len + job->room);
}

/* Under mmap_lock if the part wants it; then do what has to be done without. */
static int run_slice(struct mmscope_job *job, const struct mmscope_part *part)
{
	int ret, err = 0;

	if (!part->locked)
		return part->slice(job);
	ret = mmscope_hold_take(&job->hold, job->target.mm);
	if (ret)
		return ret;
	ret = part->slice(job);
	if (ret == MMSCOPE_MORE && part->ranged)
		mmscope_changes_base(job);
	mmscope_hold_drop(&job->hold, job->target.mm);
	mmscope_path_finish(&job->path, &job->buf);
	if (job->walk)
		err = mmscope_pgwalk_wait(job->walk);
	return err ?: ret;
}

/* After MMSCOPE_AGAIN, the part was started over, without any of its records. */
static int fill_part(struct mmscope_view *view, const struct mmscope_part *part)
{
	struct mmscope_job *job = &view->job;
	const size_t len = job->buf.len;
	int ret = 0;

	if (!view->started)
		ret = start_part(view, part, len);
	if (!ret)
		ret = run_slice(job, part);
	if (ret == MMSCOPE_AGAIN)
		ret = start_part(view, part, len) ?: MMSCOPE_AGAIN;
	return ret;
}

/* The next one that is in this stream. */
static void next_part(struct mmscope_view *view)
{
	const struct mmscope_part *part;

	do
		part = mmscope_parts[++view->part];
	while (part && part->parts && !(part->parts & view->job.parts));
	view->started = false;
	view->job.room = 0;
}

/*
 * Before the reader has anything, an error is that of its read(); later it goes
 * into END. A reader that is killed leaves the view where it is.
 */
static int fail(struct mmscope_view *view, int err)
{
	if (err == -EINTR)
		return err;
	if (!view->begun) {
		mmscope_view_rewind(view);
		return err;
	}
	view->job.sum.status = -err;
	while (mmscope_parts[view->part] != &mmscope_part_end)
		next_part(view);
	return 0;
}

/*
 * Is the first buffer full? Its slice is not complete then: it must have room for
 * a record of any size, or else the reader would have a header before an error that
 * should be that of its read().
 */
static bool needs_room(const struct mmscope_buf *buf, int ret)
{
	return ret == MMSCOPE_MORE && buf->tight && buf->size < RECORD_BYTES;
}

/* Return: 1 if the slice is complete, 0 to go on with it, or an errno. */
static int fill_some(struct mmscope_view *view)
{
	struct mmscope_buf *buf = &view->job.buf;
	int ret = fill_part(view, mmscope_parts[view->part]);

	if (needs_room(buf, ret))
		ret = mmscope_buf_grow(buf, RECORD_BYTES);
	else if (ret == MMSCOPE_DONE)
		next_part(view);
	else if (ret == MMSCOPE_MORE && buf->len)
		return 1;
	if (ret < 0)
		return fail(view, ret);
	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	return 0;
}

/**
 * mmscope_view_fill() - make the next slice
 * @view: its buffer is emptied first
 *
 * Context: may sleep, takes and drops mmap_lock of the target. The caller
 * serialises readers.
 * Return: 1 if the buffer holds something; 0 at the end of the stream; -ESRCH
 * if the address space was gone before anything was recorded; -EINTR if the
 * reader is being killed: the next call goes on where this one stopped.
 */
int mmscope_view_fill(struct mmscope_view *view)
{
	struct mmscope_buf *buf = &view->job.buf;
	const bool tight = buf->tight;
	int ret = 0;

	mmscope_buf_cut(buf, 0);
	view->given = 0;
	if (tight && mmscope_parts[view->part])
		/* Without memory for long slices, short ones will do. */
		mmscope_buf_grow(buf, SLICE_BYTES);

	while (!ret && mmscope_parts[view->part])
		ret = fill_some(view);
	if (!buf->len)
		return min(ret, 0);
	view->begun = true;
	return 1;
}

/**
 * mmscope_view_read() - copy the stream to user space
 * @view: the view
 * @to: where to
 * @count: bytes at most
 *
 * Context: as for mmscope_view_fill(); no lock of the target is held during the
 * copy.
 * Return: bytes copied; 0 at the end of the stream; -EINVAL if there was no
 * query; -EFAULT; or an error of mmscope_view_fill().
 */
ssize_t mmscope_view_read(struct mmscope_view *view, char __user *to,
			  size_t count)
{
	const struct mmscope_buf *buf = &view->job.buf;
	size_t left;
	int ret;

	if (!view->job.query.parts)
		return -EINVAL;
	if (view->given == buf->len) {
		ret = mmscope_view_fill(view);
		if (ret <= 0)
			return ret;
	}

	left = min(count, buf->len - view->given);
	if (copy_to_user(to, buf->data + view->given, left))
		return -EFAULT;
	view->given += left;
	return left;
}

/**
 * mmscope_view_rewind() - start the stream over
 * @view: the view
 *
 * Context: may sleep.
 */
void mmscope_view_rewind(struct mmscope_view *view)
{
	struct mmscope_job *job = &view->job;

	mmscope_buf_shrink(&job->buf);
	memset(&job->sum, 0, sizeof(job->sum));
	memset(&job->hold, 0, sizeof(job->hold));
	job->digested = false;
	job->changed = false;
	view->given = 0;
	view->part = 0;
	view->started = false;
	job->room = 0;
	view->begun = false;
}

/**
 * mmscope_view_ask() - give a view its query
 * @view: forgets the query before
 * @target: pinned; the view takes over the reference
 * @query: valid
 *
 * Context: may sleep.
 */
void mmscope_view_ask(struct mmscope_view *view,
		      const struct mmscope_target *target,
		      const struct mmscope_query *query)
{
	struct mmscope_job *job = &view->job;

	mmscope_target_unpin(&job->target);
	job->target = *target;
	job->query = *query;
	if (!query->end)
		job->query.end = ULONG_MAX;
	job->parts = target->mm ? query->parts : 0;
	mmscope_view_rewind(view);
}

static size_t largest_state(void)
{
	const struct mmscope_part *const *part;
	size_t size = 0;

	for (part = mmscope_parts; *part; part++)
		size = max(size, (*part)->state_size);
	return ALIGN(size, sizeof(u64));
}

/**
 * mmscope_view_new() - make a view without a query
 *
 * Context: may sleep.
 * Return: the view, or NULL without memory for it.
 */
struct mmscope_view *mmscope_view_new(void)
{
	const size_t state = largest_state();
	struct mmscope_view *view = kmalloc(sizeof(*view) + state + FIRST_BYTES,
					    GFP_KERNEL_ACCOUNT);

	if (!view)
		return NULL;
	memset(view, 0, sizeof(*view));
	mutex_init(&view->lock);
	view->job.state = view->state;
	mmscope_buf_init(&view->job.buf, (void *)view->state + state,
			 FIRST_BYTES);
	return view;
}

/**
 * mmscope_view_free() - free a view and drop what it pins
 * @view: the view
 *
 * Context: may sleep.
 */
void mmscope_view_free(struct mmscope_view *view)
{
	mmscope_target_unpin(&view->job.target);
	mmscope_buf_free(&view->job.buf);
	mutex_destroy(&view->lock);
	kfree(view);
}
