// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>

#include "thread_list.h"
#include "thread_names.h"

/* The main stack has a line that names it. */
static bool is_listed(const struct pen *pen, const struct thread *thread)
{
	return thread->map &&
	       class_of(pen->classes, thread->map) != SEGMENT_STACK;
}

/*
 * In a heap or a file, no more is known than the stack pointer. It may be elsewhere: on
 * an alternate stack, or in the guard.
 */
static uint64_t address_of(const struct thread *thread)
{
	const uint64_t sp = thread->rec->sp;

	if (thread->end)
		return thread->start;
	return sp >= thread->map->start && sp < thread->map->vma.end ?
		       sp : thread->map->start;
}

/* Threads that share a stack after vfork() by id. */
static int by_address(const void *a, const void *b)
{
	const struct thread *x = *(const struct thread *const *)a;
	const struct thread *y = *(const struct thread *const *)b;

	if (address_of(x) != address_of(y))
		return address_of(x) < address_of(y) ? 1 : -1;
	return (x->rec->tid > y->rec->tid) - (x->rec->tid < y->rec->tid);
}

/**
 * thread_list_init - sort the threads by their stacks
 * @pen: the pen; call thread_list_free() when done
 */
void thread_list_init(struct pen *pen)
{
	const struct threads *all = pen->threads;

	pen->stacks = grow(NULL, all->nr, sizeof(*pen->stacks));
	pen->nr_stacks = 0;
	for (size_t i = 0; i < all->nr; i++)
		if (is_listed(pen, &all->thread[i]))
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

/* The first thread whose stack is at or below an address. */
static size_t find_from(const struct pen *pen, uint64_t last)
{
	size_t low = 0, high = pen->nr_stacks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (address_of(pen->stacks[mid]) > last)
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
	pen_text(pen, region, "", line.s, COLOR_NONE);
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

/* Return: number of threads. */
static size_t collect(const struct pen *pen, const struct region *region,
		      const struct thread *named, size_t from, size_t end,
		      const struct thread **threads)
{
	enum segment kind = segment_merged(region->segment);
	size_t nr = 0;

	for (; from < end; from++) {
		const struct thread *thread = pen->stacks[from];

		if (thread != named &&
		    segment_merged(class_of(pen->classes, thread->map)) == kind)
			threads[nr++] = thread;
	}
	return nr;
}

/**
 * thread_list_draw - draw the threads that have their stacks in a range
 * @pen: the pen
 * @region: the region that they are drawn in: those in other kinds of memory are
 *	left out
 * @start: first address of the range
 * @last: last address
 * @named: a thread that is left out because it is named already, or NULL
 *
 * An overview has lines of their own only for the first ones.
 *
 * Return: number of lines, but for an overview
 */
unsigned int thread_list_draw(const struct pen *pen,
			      const struct region *region, uint64_t start,
			      uint64_t last, const struct thread *named)
{
	size_t from = find_from(pen, last);
	size_t end = start ? find_from(pen, start - 1) : pen->nr_stacks;
	const struct thread **threads = grow(NULL, end - from, sizeof(*threads));
	size_t nr = collect(pen, region, named, from, end, threads);
	size_t rows = nr, most = pen->detail.threads;

	/* A list is worth it only for two of them. */
	if (pen->brief && rows > most + !!most)
		rows = most;
	if (rows)
		draw_headings(pen, region);
	for (size_t i = 0; i < rows; i++)
		draw_thread(pen, region, threads[i]);
	if (rows < nr)
		thread_names_draw(pen, region, rows ? "others: " : "threads: ",
				  &threads[rows], nr - rows);
	free(threads);
	return rows ? 1 + (unsigned int)rows : 0;
}
