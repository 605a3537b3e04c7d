// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "die.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "peers.h"
#include "scope.h"
#include "sizes.h"
#include "smaps.h"
#include "stream/runs.h"

#define WINDOW		(64 * KIB)

/**
 * struct window - entries of pagemap, read ahead
 * @question: names the process and the end of the range
 * @at: address of the first entry
 * @nr: number of entries
 * @present: number of present pages that the comparison has seen
 * @entry: the entries
 */
struct window {
	const struct question *question;
	__u64 at;
	size_t nr;
	__u64 present;
	__u64 entry[WINDOW];
};

static struct window window;

static __u64 page_at(__u64 addr)
{
	long page = sysconf(_SC_PAGESIZE);

	if (addr < window.at || addr >= window.at + window.nr * page) {
		size_t left = (window.question->end - addr) / page;

		window.at = addr;
		window.nr = left < WINDOW ? left : WINDOW;
		proc_pagemap(window.question->pid, addr, window.nr, window.entry);
	}
	return window.entry[(addr - window.at) / page];
}

static void begin_pages(const struct question *question)
{
	window.question = question;
	window.nr = 0;
	window.present = 0;
}

static void expect_nothing(__u64 *addr, __u64 end)
{
	for (; *addr < end; *addr += sysconf(_SC_PAGESIZE))
		if (page_at(*addr) & (PM_PRESENT | PM_SWAP))
			die("%llx: present in pagemap, missing in mmscope", *addr);
}

/* The frame grows by @step from page to page. */
static void expect_frames(__u64 *addr, __u64 frame, __u64 nr, __u64 step)
{
	for (; nr--; frame += step) {
		__u64 page = page_at(*addr);

		if (!(page & PM_PRESENT) || PM_FRAME(page) != frame)
			die("%llx: mmscope: frame %llx, pagemap: %llx", *addr,
			    frame, page);
		window.present++;
		*addr += sysconf(_SC_PAGESIZE);
	}
}

static void compare_run(const struct stream *stream, const struct run *run,
			__u64 *addr)
{
	__u64 size = run_size(stream, run);

	if (run->kind != MMSCOPE_PRESENT && run->kind != MMSCOPE_ZERO)
		die("%llx: unexpected kind %u", run->start, run->kind);
	expect_nothing(addr, run->start);
	expect_frames(addr, run->frame,
		      run->nr * size >> stream->header->page_shift,
		      run->kind != MMSCOPE_ZERO);
}

/**
 * struct scan - regions that PAGEMAP_SCAN reported
 * @pages: number of pages in them
 * @end: end of the last one
 */
struct scan {
	__u64 pages;
	__u64 end;
};

/* Some kernels report the last 512 regions twice, if no other follows. */
static void expect_present(void *arg, __u64 start, __u64 end)
{
	struct scan *scan = arg;

	if (start < scan->end)
		return;
	scan->end = end;
	for (; start < end; start += sysconf(_SC_PAGESIZE)) {
		if (!(page_at(start) & PM_PRESENT))
			die("%llx: present in PAGEMAP_SCAN, not in pagemap", start);
		scan->pages++;
	}
}

static void compare_pages(const struct question *question)
{
	struct stream *stream = scope_stream(question);
	struct scan scan = { 0 };
	__u64 addr = question->start;
	size_t i;

	begin_pages(question);
	for (i = 0; i < stream->nr_runs; i++)
		compare_run(stream, &stream->run[i], &addr);
	expect_nothing(&addr, question->end);
	stream_free(stream);
	if (!pagemap_scan.exists())
		return;
	scan_regions(question, expect_present, &scan);
	if (scan.pages != window.present)
		die("%llu pages in PAGEMAP_SCAN, %llu in pagemap", scan.pages,
		    window.present);
}

/* Mappings */

/**
 * struct listing - a position in maps, to compare PROCMAP_QUERY with
 * @maps: the text
 * @next: index of the next mapping
 */
struct listing {
	const struct proc_maps *maps;
	size_t next;
};

static void expect_vma(void *arg, const struct procmap_vma *vma)
{
	struct listing *listing = arg;
	const struct proc_vma *line = &listing->maps->vma[listing->next];

	if (listing->next++ >= listing->maps->nr || line->start != vma->start ||
	    line->end != vma->end || line->offset != vma->offset ||
	    line->ino != vma->ino || line->major != vma->major ||
	    line->minor != vma->minor || strcmp(line->perms, vma->perms) ||
	    strcmp(line->name, vma->name))
		die("%llx %s: PROCMAP_QUERY differs from maps", vma->start,
		    vma->name);
}

static void perms_text(unsigned int perms, char *text)
{
	text[0] = perms & MMSCOPE_READ ? 'r' : '-';
	text[1] = perms & MMSCOPE_WRITE ? 'w' : '-';
	text[2] = perms & MMSCOPE_EXEC ? 'x' : '-';
	text[3] = perms & MMSCOPE_SHARED ? 's' : 'p';
	text[4] = '\0';
}

static void compare_vma(const struct proc_vma *line,
			const struct mmscope_vma *vma)
{
	__u64 offset = vma->pgoff * sysconf(_SC_PAGESIZE);
	char perms[5];

	perms_text(vma->perms, perms);
	if (line->start != vma->start || line->end != vma->end ||
	    (line->ino && line->offset != offset) || line->ino != vma->ino ||
	    line->major != vma->dev_major || line->minor != vma->dev_minor ||
	    strcmp(line->perms, perms) ||
	    strcmp(line->name, vma_name(vma)))
		die("%llx %s: mmscope differs from maps, %llx %s", vma->start,
		    vma_name(vma), line->start, line->name);
}

static void compare_vmas(const struct question *question)
{
	struct proc_maps *maps = proc_maps(question->pid, "maps");
	struct listing listing = { .maps = maps };
	struct stream *stream = scope_stream(question);
	size_t i;

	if (stream->nr_vmas != maps->nr)
		die("%zu mappings in mmscope, %zu in maps", stream->nr_vmas,
		    maps->nr);
	for (i = 0; i < maps->nr; i++)
		compare_vma(&maps->vma[i], stream->vma[i]);
	stream_free(stream);
	if (procmap_query.exists()) {
		query_vmas(question, expect_vma, &listing);
		if (listing.next != maps->nr)
			die("%zu mappings in PROCMAP_QUERY, %zu in maps",
			    listing.next, maps->nr);
	}
	proc_maps_free(maps);
}

static void compare_residency(const struct question *question)
{
	struct stream *stream = scope_stream(question);
	size_t i;

	smaps_open(question->pid);
	for (i = 0; i < stream->nr_residencies; i++)
		smaps_compare(stream->residency[i]);
	smaps_close();
	stream_free(stream);
}

static void compare_facts(const struct question *question)
{
	if (kpage_compare(question->pid, question->start, question->end))
		die("page facts differ from kpageflags or kpagecount");
}

void answers_compare(const struct question *question)
{
	if (question->flags & MMSCOPE_QUERY_FACTS)
		compare_facts(question);
	else if (question->flags & MMSCOPE_QUERY_RESIDENCY)
		compare_residency(question);
	else if (question->parts & MMSCOPE_PART_VMAS)
		compare_vmas(question);
	else
		compare_pages(question);
}
