// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "oracle/kwalk.h"
#include "oracle/shot.h"
#include "sizes.h"
#include "stream/read.h"

/*
 * Mappings of terabytes have more pages than memory has room for entries of
 * pagemap. Of mappings from this size on, only what has page tables is read.
 */
#define LARGE	(8 * MIB)

/* The windows of one mapping while they are taken. @pagemap: open */
struct taking {
	int pagemap;
	__u64 end;			/* of the last window */
	struct windows windows;
};

static struct window *add_window(struct taking *taking, __u64 end)
{
	struct windows *windows = &taking->windows;
	struct window *window;

	windows->window = realloc(windows->window,
				  (windows->nr + 1) * sizeof(*window));
	window = &windows->window[windows->nr++];
	window->start = taking->end;
	window->nr = (end - taking->end) / PAGE;
	window->page = NULL;
	taking->end = end;
	return window;
}

static void take_window(void *arg, __u64 start, __u64 end)
{
	struct taking *taking = arg;
	struct window *window;

	if (taking->end < start)
		add_window(taking, start);
	window = add_window(taking, end);
	window->page = malloc(window->nr * sizeof(*window->page));
	if (!window->page)
		die("out of memory for %zu pages", window->nr);
	proc_pagemap_at(taking->pagemap, start, window->nr, window->page);
}

static struct windows take_vma(pid_t pid, const struct proc_vma *vma, int pagemap)
{
	struct taking taking = { .pagemap = pagemap, .end = vma->start };

	if (vma->end - vma->start < LARGE)
		take_window(&taking, vma->start, vma->end);
	else
		kwalk_populated(pid, vma->start, vma->end, take_window, &taking);
	if (taking.end < vma->end)
		add_window(&taking, vma->end);
	return taking.windows;
}

struct shot shot_take(pid_t pid)
{
	struct shot shot = { .maps = proc_maps(pid, "smaps") };
	int pagemap = proc_open(pid, "pagemap", O_RDONLY);
	size_t i;

	shot.pages = calloc(shot.maps->nr, sizeof(*shot.pages));
	for (i = 0; i < shot.maps->nr; i++)
		shot.pages[i] = take_vma(pid, &shot.maps->vma[i], pagemap);
	close(pagemap);
	return shot;
}

void shot_free(struct shot *shot)
{
	size_t i, k;

	for (i = 0; i < shot->maps->nr; i++) {
		for (k = 0; k < shot->pages[i].nr; k++)
			free(shot->pages[i].window[k].page);
		free(shot->pages[i].window);
	}
	free(shot->pages);
	proc_maps_free(shot->maps);
}

static bool same_window(const struct window *a, const struct window *b)
{
	if (a->start != b->start || a->nr != b->nr || !a->page != !b->page)
		return false;
	return !a->page || !memcmp(a->page, b->page, a->nr * sizeof(*a->page));
}

static bool same_windows(const struct windows *a, const struct windows *b)
{
	size_t i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (!same_window(&a->window[i], &b->window[i]))
			return false;
	return true;
}

bool shot_same(const struct shot *a, const struct shot *b)
{
	size_t i;

	if (a->maps->nr != b->maps->nr)
		return false;
	for (i = 0; i < a->maps->nr; i++) {
		const struct proc_vma *va = &a->maps->vma[i];
		const struct proc_vma *vb = &b->maps->vma[i];

		if (va->start != vb->start || va->end != vb->end ||
		    strcmp(va->block, vb->block) ||
		    !same_windows(&a->pages[i], &b->pages[i]))
			return false;
	}
	return true;
}

struct stream *shot_with_stream(struct mmscope_query query, struct shot *shot)
{
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct stream *s;
		struct shot after;
		bool still;

		*shot = shot_take(query.pid);
		s = stream_of(query);
		after = shot_take(query.pid);
		still = shot_same(shot, &after);
		shot_free(&after);
		if (still)
			return s;
		shot_free(shot);
		stream_free(s);
	}
	die("the pages of %d never keep still", query.pid);
}
