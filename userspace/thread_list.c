// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>

#include "thread_list.h"
#include "wrap.h"

static bool has_stack(const struct pen *pen, const struct thread *thread)
{
	return thread->end &&
	       class_of(pen->classes, thread->map) == SEGMENT_THREAD_STACK;
}

/* Threads that share a stack after vfork() by id. */
static int by_address(const void *a, const void *b)
{
	const struct thread *x = *(const struct thread *const *)a;
	const struct thread *y = *(const struct thread *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? 1 : -1;
	return (x->rec->tid > y->rec->tid) - (x->rec->tid < y->rec->tid);
}

/**
 * thread_list_init - sort the threads that have stacks of their own
 * @pen: the pen; call thread_list_free() when done
 */
void thread_list_init(struct pen *pen)
{
	const struct threads *all = pen->threads;

	pen->stacks = grow(NULL, all->nr, sizeof(*pen->stacks));
	pen->nr_stacks = 0;
	for (size_t i = 0; i < all->nr; i++)
		if (has_stack(pen, &all->thread[i]))
			pen->stacks[pen->nr_stacks++] = &all->thread[i];
	qsort(pen->stacks, pen->nr_stacks, sizeof(*pen->stacks), by_address);
}

/**
 * thread_list_free - free what thread_list_init() allocated
 * @pen: the pen
 */
void thread_list_free(struct pen *pen)
{
	free(pen->stacks);
	pen->stacks = NULL;
}

/* The first thread whose stack starts at or below an address. */
static size_t find_from(const struct pen *pen, uint64_t last)
{
	size_t low = 0, high = pen->nr_stacks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pen->stacks[mid]->start > last)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void put_bytes(const struct pen *pen, bool known, uint64_t bytes,
		      struct text *out)
{
	struct text size = { 0 };

	if (known)
		text_size(&size, bytes, pen->opt->bytes);
	else
		text_puts(&size, "-");
	text_printf(out, " %*s", (int)pen->size_width, size.s);
	text_free(&size);
}

static void draw_thread(const struct pen *pen, const struct region *region,
			const struct thread *thread)
{
	struct text line = { 0 }, name = { 0 };

	text_escape(&name, thread->rec->comm, pen->opt->utf8);
	text_printf(&line, "    %7" PRId32 " ", thread->rec->tid);
	text_fit(&line, name.s ? name.s : "", 15, pen->glyph->more);
	put_bytes(pen, thread_has_depth(thread),
		  thread->end - thread->rec->sp, &line);
	put_bytes(pen, thread->guard != GUARD_UNKNOWN,
		  thread->guard_end - thread->guard_start, &line);
	text_printf(&line, " %" PRIx64, (uint64_t)thread->rec->tls);
	pen_text(pen, region, "", line.s, NULL);
	text_free(&line);
	text_free(&name);
}

static void draw_headings(const struct pen *pen, const struct region *region)
{
	struct text line = { 0 };
	int width = (int)pen->size_width;

	text_printf(&line, "    %7s %-15s %*s %*s %s", "TID", "NAME", width,
		    "USED", width, "GUARD", "TLS");
	pen_text(pen, region, "", line.s, COLOR_QUIET);
	text_free(&line);
}

static void draw_ids(const struct pen *pen, const struct region *region,
		     size_t from, size_t end)
{
	struct wrap wrap = { .pen = pen, .region = region, .indent = 4,
			     .most = pen->detail.ids };
	struct text id = { 0 };

	text_puts(&id, pen->detail.threads ? "others, see -a: " :
					     "threads, see -a: ");
	for (; from < end && !wrap_is_full(&wrap); from++) {
		text_number(&id, (uint64_t)pen->stacks[from]->rec->tid, 10);
		wrap_add(&wrap, id.s);
		text_clear(&id);
	}
	wrap_end(&wrap);
	text_free(&id);
}

/**
 * thread_list_draw - draw the threads that have their stacks in a range
 * @pen: the pen
 * @region: the region that they are drawn in
 * @start: first address of the range
 * @last: last address
 *
 * An overview has lines only for the first ones.
 *
 * Return: number of lines, but for an overview
 */
unsigned int thread_list_draw(const struct pen *pen,
			      const struct region *region, uint64_t start,
			      uint64_t last)
{
	size_t from = find_from(pen, last);
	size_t end = start ? find_from(pen, start - 1) : pen->nr_stacks;
	size_t rows = end - from, most = pen->detail.threads;

	if (from >= end)
		return 0;
	/* A line of ids is worth it only for two of them. */
	if (pen->brief && rows > most + !!most)
		rows = most;
	if (rows)
		draw_headings(pen, region);
	for (size_t i = from; i < from + rows; i++)
		draw_thread(pen, region, pen->stacks[i]);
	if (from + rows < end)
		draw_ids(pen, region, from + rows, end);
	return 1 + (unsigned int)rows;
}
