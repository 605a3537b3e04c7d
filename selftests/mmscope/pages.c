// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "pages.h"
#include "text.h"

#define MAX_NOTES	10
#define MAX_ATTEMPTS	50

/**
 * struct shot - what /proc says of an address space
 * @maps: smaps
 * @page: for each mapping, its pages as in pagemap
 */
struct shot {
	struct proc_maps *maps;
	__u64 **page;
};

static size_t nr_pages(const struct proc_vma *vma)
{
	return (vma->end - vma->start) / sysconf(_SC_PAGESIZE);
}

static struct shot shoot(pid_t pid)
{
	struct shot shot = { .maps = proc_maps(pid, "smaps") };
	size_t i;

	shot.page = calloc(shot.maps->nr, sizeof(*shot.page));
	for (i = 0; i < shot.maps->nr; i++) {
		const struct proc_vma *vma = &shot.maps->vma[i];

		shot.page[i] = malloc(nr_pages(vma) * sizeof(**shot.page));
		proc_pagemap(pid, vma->start, nr_pages(vma), shot.page[i]);
	}
	return shot;
}

static void forget(struct shot *shot)
{
	size_t i;

	for (i = 0; i < shot->maps->nr; i++)
		free(shot->page[i]);
	free(shot->page);
	proc_maps_free(shot->maps);
}

static bool same(const struct shot *a, const struct shot *b)
{
	size_t i;

	if (a->maps->nr != b->maps->nr)
		return false;
	for (i = 0; i < a->maps->nr; i++) {
		const struct proc_vma *va = &a->maps->vma[i];
		const struct proc_vma *vb = &b->maps->vma[i];

		if (va->start != vb->start || va->end != vb->end ||
		    strcmp(va->block, vb->block) ||
		    memcmp(a->page[i], b->page[i], nr_pages(va) * sizeof(__u64)))
			return false;
	}
	return true;
}

bool kind_present(unsigned int kind)
{
	return kind == MMSCOPE_PRESENT || kind == MMSCOPE_ZERO ||
	       kind == MMSCOPE_PROTNONE || kind == MMSCOPE_NUMA_HINT;
}

bool runs_mergeable(const struct stream *stream, const struct mmscope_run *run,
		    const struct mmscope_run *next)
{
	__u64 pages = run->nr * run_size(stream, run) >>
		      stream->header->page_shift;

	if (run->kind == MMSCOPE_ZERO ||
	    (run->kind >= MMSCOPE_MARKER_UFFD_WP && run->kind <= MMSCOPE_MARKER))
		pages = 0;
	return run_end(stream, run) == next->start && run->kind == next->kind &&
	       run->level == next->level && run->attrs == next->attrs &&
	       run->frame + pages == next->frame;
}

/* One page */

/* Return: NULL if all is well, else what differs. */
static const char *compare_present(const struct stream *s,
				   const struct proc_vma *vma, __u64 addr,
				   __u64 page, const struct mmscope_run *run)
{
	bool denied = !strncmp(vma->perms, "---", 3);

	if (!run || !kind_present(run->kind))
		return "present in pagemap only";
	if (run_frame(s, run, addr) != PM_FRAME(page))
		return "frame";
	if (denied && run->kind != MMSCOPE_PROTNONE)
		return "PROT_NONE";
	if (!denied && run->kind == MMSCOPE_PROTNONE)
		return "no PROT_NONE";
	return NULL;
}

static const char *compare_swap(const struct stream *s,
				const struct mmscope_run *run, __u64 addr,
				__u64 page)
{
	__u64 offset;

	if (page & PM_GUARD)
		return run && run->kind == MMSCOPE_MARKER_GUARD ?
			NULL : "guard in pagemap only";
	/* Without a swap offset, and no guard: a marker of userfaultfd. */
	if (run && run->kind == MMSCOPE_MARKER_UFFD_WP)
		return page & PM_UFFD_WP ? NULL : "uffd-wp marker";
	if (!run || run->kind != MMSCOPE_SWAP)
		return "swapped in pagemap only";
	offset = MMSCOPE_SWAP_OFFSET(run->frame) +
		 ((addr - run->start) >> s->header->page_shift);
	if (MMSCOPE_SWAP_DEVICE(run->frame) != PM_SWAP_TYPE(page))
		return "swap device";
	return offset == PM_SWAP_OFFSET(page) ? NULL : "swap offset";
}

static const char *compare_bits(const struct proc_vma *vma, __u64 page,
				const struct mmscope_run *run)
{
	bool soft_dirty = run && run->attrs & MMSCOPE_ATTR_SOFT_DIRTY;
	bool uffd = run && (run->attrs & MMSCOPE_ATTR_UFFD_WP ||
			    run->kind == MMSCOPE_MARKER_UFFD_WP);

	/* pagemap tells that of the mapping for each of its pages, too. */
	if (!smaps_flag(vma, "sd") && !smaps_flag(vma, "ht") &&
	    soft_dirty != !!(page & PM_SOFT_DIRTY))
		return "soft-dirty";
	/* Before, pagemap did not tell. */
	if (uffd != !!(page & PM_UFFD_WP) && kernel_since(5, 14))
		return "uffd-wp";
	return NULL;
}

static const char *compare_page(const struct stream *s,
				const struct proc_vma *vma, __u64 addr,
				__u64 page, const struct mmscope_run *run)
{
	const char *what;

	if (page & PM_PRESENT)
		what = compare_present(s, vma, addr, page, run);
	else if (page & PM_SWAP)
		what = compare_swap(s, run, addr, page);
	else
		what = run ? "not there in pagemap" : NULL;
	return what ? what : compare_bits(vma, page, run);
}

static void note_page(const struct proc_vma *vma, __u64 addr, __u64 page,
		      const struct mmscope_run *run, const char *what)
{
	note("%llx (%s %s): %s: pagemap %016llx", addr, vma->perms, vma->name,
	     what, page);
	if (run)
		note("    run %llx +%u level %u kind %u frame %llx attrs %x",
		     run->start, run->nr, run->level, run->kind, run->frame,
		     run->attrs);
}

/* Mappings */

/*
 * pagemap does not look into VM_PFNMAP: /dev/mem and, in some kernels, [vvar].
 * Their runs are compared with what was mapped by tests of their own.
 */
static bool hidden(const struct proc_vma *vma)
{
	return smaps_flag(vma, "pf");
}

static size_t compare_vma(const struct stream *s, const struct proc_vma *vma,
			  const __u64 *page, __u64 start, __u64 end)
{
	const struct mmscope_run *run = s->run, *last = s->run + s->nr_runs;
	__u64 size = sysconf(_SC_PAGESIZE), addr;
	size_t differ = 0;

	if (start < vma->start)
		start = vma->start;
	if (end > vma->end)
		end = vma->end;
	for (addr = start; addr < end; addr += size) {
		__u64 entry = page[(addr - vma->start) / size];
		const struct mmscope_run *here = NULL;
		const char *what;

		while (run < last && run_end(s, run) <= addr)
			run++;
		if (run < last && run->start <= addr)
			here = run;
		what = compare_page(s, vma, addr, entry, here);
		if (what && differ++ < MAX_NOTES)
			note_page(vma, addr, entry, here, what);
	}
	return differ;
}

/* Kilobytes of a mapping in runs of some kind and level. */
static __u64 sum_kb(const struct stream *s, const struct proc_vma *vma,
		    bool (*counts)(const struct mmscope_run *run))
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < s->nr_runs; i++) {
		const struct mmscope_run *run = &s->run[i];

		if (run->start >= vma->start && run->start < vma->end &&
		    counts(run))
			sum += run->nr * run_size(s, run) / 1024;
	}
	return sum;
}

static bool counts_resident(const struct mmscope_run *run)
{
	return kind_present(run->kind) && run->kind != MMSCOPE_ZERO &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL);
}

static bool counts_pmd(const struct mmscope_run *run)
{
	return counts_resident(run) && run->level == MMSCOPE_PMD;
}

static bool counts_swap(const struct mmscope_run *run)
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

static bool counts_denied_pmd(const struct mmscope_run *run)
{
	return run->kind == MMSCOPE_PROTNONE && run->level == MMSCOPE_PMD;
}

static size_t compare_sums(const struct stream *s, const struct proc_vma *vma)
{
	__u64 huge = smaps_kb(vma, "AnonHugePages") +
		     smaps_kb(vma, "ShmemPmdMapped") +
		     smaps_kb(vma, "FilePmdMapped");
	__u64 hugetlb = smaps_kb(vma, "Shared_Hugetlb") +
			smaps_kb(vma, "Private_Hugetlb");
	size_t differ = 0;

	/* Some kernels' smaps, 6.1 for one, do not see huge pages behind it. */
	if (sum_kb(s, vma, counts_denied_pmd))
		return 0;
	/* Pages of hugetlb may be smaller. */
	if (smaps_kb(vma, "KernelPageSize") >= 2048)
		huge += hugetlb;
	differ += compare_sum(vma, "huge", sum_kb(s, vma, counts_pmd), huge);
	differ += compare_sum(vma, "resident", sum_kb(s, vma, counts_resident),
			      smaps_kb(vma, "Rss") + hugetlb);
	/* Of shared memory, smaps counts pages nobody has mapped, too. */
	if (vma->perms[3] == 'p' && !vma->ino)
		differ += compare_sum(vma, "swap", sum_kb(s, vma, counts_swap),
				      smaps_kb(vma, "Swap"));
	return differ;
}

/* Runs */

static size_t wrong_run(const struct mmscope_run *run, const char *what)
{
	note("run %llx +%u level %u kind %u frame %llx attrs %x: %s",
	     run->start, run->nr, run->level, run->kind, run->frame,
	     run->attrs, what);
	return 1;
}

static size_t compare_run(const struct stream *s, const struct proc_maps *maps,
			  const struct mmscope_run *run)
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
		return wrong_run(run, "goes on in the next run");
	if (!kind_present(run->kind) || hidden(&maps->vma[i]))
		return 0;
	zero = proc_kpageflags(run->frame) & KPF_ZERO_PAGE;
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
		differ += compare_vma(s, vma, shot->page[i], start, end);
		if (start <= vma->start && vma->end <= end)
			differ += compare_sums(s, vma);
	}
	for (i = 0; i < s->nr_runs; i++)
		differ += compare_run(s, shot->maps, &s->run[i]);
	return differ;
}

size_t pages_compare(pid_t pid, __u64 start, __u64 end)
{
	__u64 bound = end ? end : ~0ULL;
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct shot before = shoot(pid);
		struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE,
					      start, end);
		struct shot after = shoot(pid);
		bool still = same(&before, &after);
		size_t differ = 0;

		if (still)
			differ = compare(&before, s, start, bound);
		forget(&before);
		forget(&after);
		stream_free(s);
		if (still)
			return differ;
	}
	die("the pages of %d never keep still", pid);
}

bool pages_changed_by(pid_t pid, void (*look)(pid_t pid))
{
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct shot before, after;
		bool still;

		proc_clear_refs(pid, 1);
		before = shoot(pid);
		look(pid);
		after = shoot(pid);
		still = same(&before, &after);
		forget(&before);
		forget(&after);
		if (still)
			return false;
	}
	return true;
}

void pages_look_at_all(pid_t pid)
{
	stream_free(stream_get(pid, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			       MMSCOPE_PART_PAGETABLE, 0, 0));
	free(text_get(pid, "mm"));
	free(text_get(pid, "vmas"));
	free(text_get(pid, "pagetable"));
}
