// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "die.h"
#include "sizes.h"
#include "oracle/frames.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"

#define MAX_VIEWS	8

/* Set if the page is of a file or of shared memory, and if it is mapped once. */
#define PM_FILE			_BITULL(61)
#define PM_MMAP_EXCLUSIVE	_BITULL(56)

static __u64 page_of(const struct view *view)
{
	return (unsigned long)view->at & -PAGE;
}

static void read_pagemap(const struct view *view, size_t nr, __u64 *entry)
{
	size_t i;

	for (i = 0; i < nr; i++)
		entry[i] = proc_page(view[i].pid, page_of(&view[i]));
}

static struct view by_pagemap(struct view view, __u64 entry)
{
	bool present = entry & PM_PRESENT;

	view.frame = present ? PM_FRAME(entry) : 0;
	view.alone = present && entry & PM_MMAP_EXCLUSIVE;
	view.anon = present && !(entry & PM_FILE);
	return view;
}

static struct view by_mmscope(struct view view)
{
	__u64 addr = page_of(&view);
	struct stream *s = stream_of((struct mmscope_query){
		.pid = view.pid, .start = addr, .end = addr + PAGE,
		.parts = MMSCOPE_PART_PAGETABLE, .flags = MMSCOPE_QUERY_FACTS,
	});
	const struct run *run = run_at(s, addr);
	bool present = run && kind_present(run->kind);

	view.frame = present ? run_frame(s, run, addr) : 0;
	view.alone = present && run->page & MMSCOPE_PAGE_EXCLUSIVE;
	view.anon = present && run->page & KPF_ANON;
	stream_free(s);
	return view;
}

static bool same(const struct view *a, const struct view *b)
{
	return a->frame == b->frame && a->alone == b->alone && a->anon == b->anon;
}

static size_t read_once(struct view *view, size_t nr, const __u64 *entry)
{
	size_t i, differ = 0;

	for (i = 0; i < nr; i++) {
		struct view shown = by_mmscope(view[i]);

		view[i] = by_pagemap(view[i], entry[i]);
		if (same(&view[i], &shown))
			continue;
		note("%d, %llx: frame %llx, alone %d, anon %d; mmscope: %llx, %d, %d",
		     view[i].pid, page_of(&view[i]), view[i].frame, view[i].alone,
		     view[i].anon, shown.frame, shown.alone, shown.anon);
		differ++;
	}
	return differ;
}

size_t frames_differ(struct view *view, size_t nr)
{
	__u64 before[MAX_VIEWS], after[MAX_VIEWS];
	size_t differ;

	if (nr > MAX_VIEWS)
		die("%zu views", nr);
	do {
		read_pagemap(view, nr, before);
		differ = read_once(view, nr, before);
		read_pagemap(view, nr, after);
	} while (memcmp(before, after, nr * sizeof(*before)));
	return differ;
}
