// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "sizes.h"
#include "uapi.h"
#include "oracle/kpage.h"
#include "oracle/place.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"

/* By /proc */

static bool has_no_file(const struct proc_vma *vma)
{
	return !vma->ino || !strcmp(vma->name, "/dev/zero (deleted)") ||
	       !strncmp(vma->name, "/SYSV", 5);
}

static unsigned int kind_of(const struct proc_vma *vma)
{
	if (vma->perms[3] == 's')
		return has_no_file(vma) ? MMSCOPE_SHARED_ANON :
					  MMSCOPE_SHARED_FILE;
	return has_no_file(vma) ? MMSCOPE_PRIVATE_ANON : MMSCOPE_PRIVATE_FILE;
}

static void mapping_by_proc(struct place *place, pid_t pid, __u64 addr)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i];

		if (addr < vma->start || addr >= vma->end)
			continue;
		place->start = vma->start;
		place->end = vma->end;
		place->kind = kind_of(vma);
		memcpy(place->perms, vma->perms, sizeof(place->perms));
		snprintf(place->name, sizeof(place->name), "%s", vma->name);
	}
	proc_maps_free(maps);
}

static void page_by_proc(struct place *place, pid_t pid, __u64 addr)
{
	__u64 page = proc_page(pid, addr), flags;

	if (!(page & PM_PRESENT))
		return;
	flags = kpage_flags(PM_FRAME(page));
	place->present = true;
	place->frame = PM_FRAME(page);
	place->zero = flags & KPF_ZERO_PAGE;
	place->anon = flags & KPF_ANON;
}

static struct place by_proc(pid_t pid, __u64 addr)
{
	struct place place;

	memset(&place, 0, sizeof(place));
	mapping_by_proc(&place, pid, addr);
	if (place.kind)
		page_by_proc(&place, pid, addr);
	return place;
}

/* By mmscope */

static struct stream *page_stream(pid_t pid, __u64 addr)
{
	__u64 start = addr & -(__u64)PAGE;

	return stream_of((struct mmscope_query){
		.pid = pid,
		.parts = PARTS_RANGED,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = start,
		.end = start + PAGE,
	});
}

static void mapping_by_mmscope(struct place *place, const struct mmscope_vma *vma)
{
	static const char letters[] = "rwxs";
	int i;

	place->start = vma->start;
	place->end = vma->end;
	place->kind = vma->kind;
	for (i = 0; i < 4; i++)
		place->perms[i] = vma->perms & 1u << i ? letters[i] : '-';
	if (place->perms[3] == '-')
		place->perms[3] = 'p';
	snprintf(place->name, sizeof(place->name), "%s",
		 vma_name(vma));
}

static struct place by_mmscope(pid_t pid, __u64 addr)
{
	struct stream *s = page_stream(pid, addr);
	const struct mmscope_vma *vma = vma_at(s, addr);
	const struct run *run = run_at(s, addr);
	struct place place;

	memset(&place, 0, sizeof(place));
	if (vma)
		mapping_by_mmscope(&place, vma);
	if (run && kind_present(run->kind)) {
		place.present = true;
		place.frame = run_frame(s, run, addr);
		place.zero = run->kind == MMSCOPE_ZERO;
		place.anon = run->page & KPF_ANON;
	}
	stream_free(s);
	return place;
}

/* Both */

static bool same(const struct place *a, const struct place *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void note_place(const char *by, const struct place *p)
{
	note("%s: %llx-%llx kind %u %s \"%s\" %s%s%s frame %llx", by, p->start,
	     p->end, p->kind, p->perms, p->name, p->present ? "present" : "absent",
	     p->zero ? " zero" : "", p->anon ? " anonymous" : "", p->frame);
}

/* The kernel may move a page at any time. */
struct place place_at(pid_t pid, __u64 addr)
{
	struct place before, mmscope, after = by_proc(pid, addr);

	do {
		before = after;
		mmscope = by_mmscope(pid, addr);
		after = by_proc(pid, addr);
	} while (!same(&before, &after));
	if (!same(&mmscope, &after)) {
		note_place("mmscope", &mmscope);
		note_place("/proc", &after);
		die("they differ at %llx of %d", addr, pid);
	}
	return mmscope;
}

bool place_shared(pid_t pid, __u64 addr, pid_t other, __u64 other_addr)
{
	struct place before, place, after = place_at(pid, addr);

	do {
		before = after;
		place = place_at(other, other_addr);
		after = place_at(pid, addr);
	} while (!same(&before, &after));
	return place.present && after.present && place.frame == after.frame;
}

size_t place_count(pid_t pid, __u64 start, size_t pages)
{
	size_t i, count = 0;

	for (i = 0; i < pages; i++)
		count += place_at(pid, start + i * PAGE).present;
	return count;
}

bool place_writable(pid_t pid, __u64 addr)
{
	struct stream *s = page_stream(pid, addr);
	const struct run *run = run_at(s, addr);
	bool writable = run && run->attrs & MMSCOPE_ATTR_WRITE;

	stream_free(s);
	return writable;
}
