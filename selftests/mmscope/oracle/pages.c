// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kpage.h"
#include "oracle/pages.h"
#include "oracle/shot.h"
#include "stream/entries.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"

#define MAX_NOTES	10

/* One page */

/* Return: NULL if all is well, else what differs. */
static const char *compare_present(const struct stream *s,
				   const struct proc_vma *vma, __u64 addr,
				   __u64 page, const struct run *run)
{
	bool denied = !strncmp(vma->perms, "---", 3);

	if (!run || !kind_present(run->kind))
		return "present in pagemap only";
	if (run_frame(s, run, addr) != PM_FRAME(page))
		return "frame";
	/* compare_run() checks the zero page by /proc/kpageflags. */
	if (denied && run->kind != MMSCOPE_PROTNONE && run->kind != MMSCOPE_ZERO)
		return "PROT_NONE";
	if (denied && run->attrs & MMSCOPE_ATTR_READ)
		return "PROT_NONE can be read";
	if (!denied && run->kind == MMSCOPE_PROTNONE)
		return "no PROT_NONE";
	return NULL;
}

static bool is_device(const struct run *run)
{
	return run->kind == MMSCOPE_DEVICE_PRIVATE ||
	       run->kind == MMSCOPE_DEVICE_EXCLUSIVE;
}

static const char *compare_hwpoison(__u64 frame, __u64 page)
{
	if (frame != PM_SWAP_OFFSET(page))
		return "frame of poisoned memory";
	return kpage_flags(frame) & KPF_HWPOISON ? NULL : "not poisoned";
}

/* A device-exclusive page stays in memory; a device-private one leaves it. */
static const char *compare_device(const struct run *run, __u64 frame,
				  __u64 page)
{
	bool memory = run->kind == MMSCOPE_DEVICE_EXCLUSIVE;

	if (frame != PM_SWAP_OFFSET(page))
		return "frame of a device";
	if (proc_is_memory(frame) != memory)
		return memory ? "device-exclusive, but no memory" :
				"device-private, but in memory";
	return NULL;
}

/* A migration entry names the frame that the page leaves. */
static const char *compare_migrating(__u64 frame, __u64 page)
{
	if (!pm_is_away(page))
		return "migrating, but not in pagemap";
	return frame == PM_SWAP_OFFSET(page) ? NULL :
					       "frame of a migrating page";
}

static const char *compare_swap(const struct stream *s,
				const struct run *run, __u64 addr,
				__u64 page)
{
	__u64 offset;

	if (page & PM_GUARD)
		return run && run->kind == MMSCOPE_MARKER_GUARD ?
			NULL : "guard in pagemap only";
	/* Markers of userfaultfd have no swap offset. */
	if (run && run->kind == MMSCOPE_MARKER_UFFD_WP)
		return page & PM_UFFD_WP ? NULL : "uffd-wp marker";
	if (run && run->kind == MMSCOPE_MARKER_POISON)
		return page & PM_UFFD_WP ? "no poison" : NULL;
	if (run && run->kind == MMSCOPE_HWPOISON)
		return compare_hwpoison(run_frame(s, run, addr), page);
	if (run && is_device(run))
		return compare_device(run, run_frame(s, run, addr), page);
	if (run && run->kind == MMSCOPE_MIGRATION)
		return compare_migrating(run_frame(s, run, addr), page);
	if (!run || run->kind != MMSCOPE_SWAP)
		return "swapped in pagemap only";
	if (pm_is_away(page))
		return "swapped, but migrating in pagemap";
	offset = MMSCOPE_SWAP_OFFSET(run->frame) +
		 ((addr - run->start) >> s->header->page_shift);
	if (MMSCOPE_SWAP_DEVICE(run->frame) != PM_SWAP_TYPE(page))
		return "swap device";
	return offset == PM_SWAP_OFFSET(page) ? NULL : "swap offset";
}

/* Bits that pagemap reports for each page by itself. */
static __u64 page_bits(const struct proc_vma *vma)
{
	__u64 bits = 0;

	/* A soft-dirty mapping makes all of its pages soft-dirty in pagemap. */
	if (!smaps_flag(vma, "sd") && !smaps_flag(vma, "ht"))
		bits |= PM_SOFT_DIRTY;
	/* pagemap has this bit since 5.14. */
	if (kernel_since(5, 14))
		bits |= PM_UFFD_WP;
	return bits;
}

/* @mask: bits that can be compared */
static const char *compare_bits(__u64 mask, __u64 page, const struct run *run)
{
	__u64 bits = 0;

	if (run && run->attrs & MMSCOPE_ATTR_SOFT_DIRTY)
		bits |= PM_SOFT_DIRTY;
	if (run && (run->attrs & MMSCOPE_ATTR_UFFD_WP ||
		    run->kind == MMSCOPE_MARKER_UFFD_WP))
		bits |= PM_UFFD_WP;
	bits = (bits ^ page) & mask;
	if (!bits)
		return NULL;
	return bits & PM_SOFT_DIRTY ? "soft-dirty" : "uffd-wp";
}

/* pagemap shows nothing for migrating pages of hugetlb. */
static bool left_out(const struct proc_vma *vma, const struct run *run)
{
	return run->kind == MMSCOPE_MIGRATION && smaps_flag(vma, "ht");
}

static const char *compare_page(const struct stream *s,
				const struct proc_vma *vma, __u64 mask,
				__u64 addr, __u64 page, const struct run *run)
{
	const char *what;

	if (page & PM_PRESENT)
		what = compare_present(s, vma, addr, page, run);
	else if (page & PM_SWAP)
		what = compare_swap(s, run, addr, page);
	else
		what = run && !left_out(vma, run) ? "absent in pagemap" : NULL;
	return what ? what : compare_bits(mask, page, run);
}

const char *pages_wrong_page(const struct stream *s, const struct proc_vma *vma,
			     __u64 addr, __u64 page)
{
	return compare_page(s, vma, page_bits(vma), addr, page,
			    run_at(s, addr));
}

static void note_page(const struct proc_vma *vma, __u64 addr, __u64 page,
		      const struct run *run, const char *what)
{
	note("%llx (%s %s): %s: pagemap %016llx", addr, vma->perms, vma->name,
	     what, page);
	if (run)
		note("    run %llx +%llu level %u kind %u frame %llx attrs %x",
		     run->start, run->nr, run->level, run->kind, run->frame,
		     run->attrs);
}

/* Mappings */

/*
 * pagemap skips VM_PFNMAP: /dev/mem and, in some kernels, [vvar]. Tests of their
 * own compare the runs of these mappings with what was mapped.
 */
static bool hidden(const struct proc_vma *vma)
{
	return smaps_flag(vma, "pf");
}

/* The first run that ends after @addr, from @run on; NULL if none does. */
static const struct run *next_run(const struct stream *s, const struct run *run,
				  __u64 addr)
{
	const struct run *end = s->run + s->nr_runs;

	while (run && run < end && run_end(s, run) <= addr)
		run++;
	return run && run < end ? run : NULL;
}

/* Where there is no page table, there can be no run. */
static size_t compare_hole(const struct stream *s, const struct proc_vma *vma,
			   __u64 start, __u64 end)
{
	const struct run *run = next_run(s, s->run, start);

	if (!run || run->start >= end)
		return 0;
	note_page(vma, run->start, 0, run, "there is no page table");
	return 1;
}

static size_t compare_window(const struct stream *s, const struct proc_vma *vma,
			     const struct window *window, __u64 start, __u64 end)
{
	__u64 size = PAGE, mask = page_bits(vma), addr;
	const struct run *run = s->run;
	size_t differ = 0;

	for (addr = start; addr < end; addr += size) {
		__u64 entry = window->page[(addr - window->start) / size];
		const struct run *here;
		const char *what;

		run = next_run(s, run, addr);
		here = run && run->start <= addr ? run : NULL;
		what = compare_page(s, vma, mask, addr, entry, here);
		if (what && differ++ < MAX_NOTES)
			note_page(vma, addr, entry, here, what);
	}
	return differ;
}

static size_t compare_vma(const struct stream *s, const struct proc_vma *vma,
			  const struct windows *pages, __u64 start, __u64 end)
{
	__u64 size = PAGE;
	size_t i, differ = 0;

	for (i = 0; i < pages->nr; i++) {
		const struct window *window = &pages->window[i];
		__u64 from = window->start, to = from + window->nr * size;

		if (from < start)
			from = start;
		if (to > end)
			to = end;
		if (from >= to)
			continue;
		if (window->page)
			differ += compare_window(s, vma, window, from, to);
		else
			differ += compare_hole(s, vma, from, to);
	}
	return differ;
}

/* Kilobytes of a mapping in runs of some kind and level. */
static __u64 sum_kb(const struct stream *s, const struct proc_vma *vma,
		    bool (*counts)(const struct run *run))
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		if (run->start >= vma->start && run->start < vma->end &&
		    counts(run))
			sum += run->nr * run_size(s, run) / 1024;
	}
	return sum;
}

static bool counts_resident(const struct run *run)
{
	return kind_present(run->kind) && run->kind != MMSCOPE_ZERO &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL);
}

static bool counts_huge(const struct run *run)
{
	return counts_resident(run) && run->level >= MMSCOPE_PMD;
}

static bool counts_poisoned(const struct run *run)
{
	return run->kind == MMSCOPE_HWPOISON;
}

/* Held by a device, or migrating. */
static bool counts_away(const struct run *run)
{
	return is_device(run) || run->kind == MMSCOPE_MIGRATION;
}

static bool counts_huge_away(const struct run *run)
{
	return counts_away(run) && run->level >= MMSCOPE_PMD;
}

static bool counts_swap(const struct run *run)
{
	return run->kind == MMSCOPE_SWAP;
}

static size_t compare_sum(const struct proc_vma *vma, const char *name,
			  __u64 sum, __u64 smaps)
{
	if (sum == smaps)
		return 0;
	note("%llx (%s %s): %s: runs %llu kB, smaps %llu kB", vma->start,
	     vma->perms, vma->name, name, sum, smaps);
	return 1;
}

static bool counts_denied_pmd(const struct run *run)
{
	return run->kind == MMSCOPE_PROTNONE && run->level == kernel_huge_level();
}

static size_t compare_sums(const struct stream *s, const struct proc_vma *vma)
{
	__u64 huge = smaps_kb(vma, "AnonHugePages") +
		     smaps_kb(vma, "ShmemPmdMapped") +
		     smaps_kb(vma, "FilePmdMapped");
	__u64 hugetlb = smaps_kb(vma, "Shared_Hugetlb") +
			smaps_kb(vma, "Private_Hugetlb");
	__u64 resident, rss;
	size_t differ = 0;

	/* smaps of some kernels, such as 6.1, skips PROT_NONE huge pages. */
	if (sum_kb(s, vma, counts_denied_pmd))
		return 0;
	/* Pages of hugetlb may be smaller than a PMD entry maps. */
	if (smaps_kb(vma, "KernelPageSize") >= HUGE / KIB)
		huge += hugetlb;
	/* smaps counts device and migration entries as resident. */
	differ += compare_sum(vma, "huge", sum_kb(s, vma, counts_huge) +
			      sum_kb(s, vma, counts_huge_away), huge);
	resident = sum_kb(s, vma, counts_resident) +
		   sum_kb(s, vma, counts_away);
	rss = smaps_kb(vma, "Rss") + hugetlb;
	/* Some kernels count poisoned pages. */
	if (rss == resident + sum_kb(s, vma, counts_poisoned))
		rss = resident;
	differ += compare_sum(vma, "resident", resident, rss);
	/* For shared memory, smaps adds swapped pages that no entry names. */
	if (vma->perms[3] == 'p' && !vma->ino)
		differ += compare_sum(vma, "swap", sum_kb(s, vma, counts_swap),
				      smaps_kb(vma, "Swap"));
	return differ;
}

/* Runs */

static size_t wrong_run(const struct run *run, const char *what)
{
	note("run %llx +%llu level %u kind %u frame %llx attrs %x: %s",
	     run->start, run->nr, run->level, run->kind, run->frame,
	     run->attrs, what);
	return 1;
}

/* Do the first and the last raw entry have the frames of the run? */
static bool wrong_raw(const struct stream *s, const struct run *run)
{
	const __u64 size = run_size(s, run);
	const __u64 page[] = { run->start, run_end(s, run) - size };
	size_t i;

	if (run->kind != MMSCOPE_PRESENT &&
	    !(run->kind == MMSCOPE_ZERO && run->attrs & MMSCOPE_ATTR_READ))
		return false;
	for (i = 0; i < ARRAY_SIZE(page); i++) {
		__u64 raw = run_raw(s, run, page[i]);
		__u64 phys = run_frame(s, run, page[i]) << s->header->page_shift;

		/* The low bits of a huge entry's address may hold attributes. */
		if (!entry_valid(raw) || (entry_phys(s, raw) & -size) != phys)
			return true;
	}
	return false;
}

static size_t compare_run(const struct stream *s, const struct proc_maps *maps,
			  const struct run *run)
{
	bool zero, is_zero = run->kind == MMSCOPE_ZERO;
	size_t i;

	for (i = 0; i < maps->nr && maps->vma[i].end <= run->start; i++)
		;
	if (i == maps->nr || run->start < maps->vma[i].start ||
	    run_end(s, run) > maps->vma[i].end)
		return wrong_run(run, "not in one mapping");
	if (run + 1 < s->run + s->nr_runs && run[1].start < maps->vma[i].end &&
	    runs_mergeable(s, run, run + 1))
		return wrong_run(run, "could be one with the next run");
	if (wrong_raw(s, run))
		return wrong_run(run, "raw entries");
	if (!kind_present(run->kind) || hidden(&maps->vma[i]))
		return 0;
	zero = kpage_flags(run->frame) & KPF_ZERO_PAGE;
	if (zero != is_zero)
		return wrong_run(run, zero ? "is the zero page" :
					     "is not the zero page");
	return 0;
}

static size_t compare(const struct shot *shot, const struct stream *s,
		      __u64 start, __u64 end)
{
	size_t i, differ = 0;

	for (i = 0; i < shot->maps->nr; i++) {
		const struct proc_vma *vma = &shot->maps->vma[i];

		if (hidden(vma))
			continue;
		differ += compare_vma(s, vma, &shot->pages[i], start, end);
		if (start <= vma->start && vma->end <= end)
			differ += compare_sums(s, vma);
	}
	for (i = 0; i < s->nr_runs; i++)
		differ += compare_run(s, shot->maps, &s->run[i]);
	return differ;
}

size_t pages_compare(pid_t pid, __u64 start, __u64 end)
{
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.start = start,
		.end = end,
	};
	struct shot shot;
	struct stream *s = shot_with_stream(query, &shot);
	size_t differ = compare(&shot, s, start, end ? end : ~0ULL);

	shot_free(&shot);
	stream_free(s);
	return differ;
}

bool pages_changed_by(pid_t pid, void (*look)(pid_t pid))
{
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct shot before, after;
		bool still;

		proc_clear_refs(pid, 1);
		before = shot_take(pid);
		look(pid);
		after = shot_take(pid);
		still = shot_same(&before, &after);
		shot_free(&before);
		shot_free(&after);
		if (still)
			return false;
	}
	return true;
}

void pages_look_at_all(pid_t pid)
{
	stream_free(stream_usual(pid));
	free(text_get(pid, "mm"));
	free(text_get(pid, "vmas"));
	free(text_get(pid, "pagetable"));
	free(text_get(pid, "tables"));
}
