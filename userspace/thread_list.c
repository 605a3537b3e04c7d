// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "thread_list.h"
#include "wrap.h"

/* Threads with a line of their own; of others, only ids are listed. */
#define ROWS_MAX	4
#define ID_LINES	2

static bool is_in(const struct pen *pen, const struct thread *thread,
		  size_t first, size_t end)
{
	size_t map;

	if (!thread->end)
		return false;
	map = (size_t)(thread->map - pen->sp->map);
	return map >= first && map < end &&
	       pen->classes->part[map].segment == SEGMENT_THREAD_STACK;
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

/* The ids of all threads after those that have lines. */
static void draw_others(const struct pen *pen, const struct region *region,
			const struct thread *from, size_t first, size_t end)
{
	const struct thread *stop = &pen->threads->thread[pen->threads->nr];
	struct wrap wrap = { .pen = pen, .region = region, .most = ID_LINES,
			     .indent = 4 };
	struct text id = { 0 };

	text_puts(&id, "others, see -a: ");
	for (; from < stop && !wrap_is_full(&wrap); from++) {
		if (!is_in(pen, from, first, end))
			continue;
		text_number(&id, (uint64_t)from->rec->tid, 10);
		wrap_add(&wrap, id.s);
		text_clear(&id);
	}
	wrap_end(&wrap);
	text_free(&id);
}

/**
 * thread_list_draw - draw the threads that have their stacks in some mappings
 * @pen: the pen
 * @region: the region that they are drawn in
 * @first: index of the first mapping
 * @end: exclusive
 */
void thread_list_draw(const struct pen *pen, const struct region *region,
		      size_t first, size_t end)
{
	const struct threads *all = pen->threads;
	size_t nr = 0, drawn = 0;

	for (size_t i = 0; i < all->nr; i++)
		nr += is_in(pen, &all->thread[i], first, end);
	if (!nr)
		return;
	draw_headings(pen, region);
	for (size_t i = 0; i < all->nr; i++) {
		if (!is_in(pen, &all->thread[i], first, end))
			continue;
		/* A line for ids is worth it only for two of them. */
		if (drawn == ROWS_MAX && nr > ROWS_MAX + 1) {
			draw_others(pen, region, &all->thread[i], first, end);
			return;
		}
		draw_thread(pen, region, &all->thread[i]);
		drawn++;
	}
}
