// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kpage.h"
#include "oracle/shot.h"
#include "oracle/smaps.h"
#include "stream/read.h"

#define FIELD(name)	offsetof(struct mmscope_residency, name)
#define MAX_FIELDS	4

/**
 * struct sum - sums that have to be equal
 * @line: of smaps
 * @field: of struct mmscope_residency, in pages
 */
struct sum {
	const char *line[MAX_FIELDS];
	size_t field[MAX_FIELDS];
};

static const struct sum sums[] = {
	{ { "Rss" }, { FIELD(pte), FIELD(pmd), FIELD(pud) } },
	{ { "Rss" }, { FIELD(anon), FIELD(file), FIELD(shmem) } },
	{ { "Anonymous" }, { FIELD(anon) } },
	{ { "Private_Clean", "Private_Dirty" }, { FIELD(exclusive) } },
	{ { "Shared_Clean", "Shared_Dirty" }, { FIELD(shared) } },
	{ { "Private_Dirty", "Shared_Dirty" }, { FIELD(dirty) } },
	{ { "Referenced" }, { FIELD(accessed) } },
	{ { "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped" },
	  { FIELD(pmd), FIELD(pud) } },
};

/* For hugetlb, smaps has only these lines. */
static const struct sum hugetlb_sums[] = {
	{ { "Private_Hugetlb", "Shared_Hugetlb" },
	  { FIELD(pte), FIELD(pmd), FIELD(pud) } },
	{ { "Private_Hugetlb", "Shared_Hugetlb" }, { FIELD(hugetlb) } },
	{ { "Private_Hugetlb" }, { FIELD(exclusive) } },
	{ { "Shared_Hugetlb" }, { FIELD(shared) } },
};

static __u64 kb(__u64 pages)
{
	return pages * PAGE / KIB;
}

static size_t differ(const struct proc_vma *vma, const char *what, __u64 is,
		     __u64 want)
{
	if (is == want)
		return 0;
	note("%llx (%s %s): %s: residency %llu, /proc %llu", vma->start,
	     vma->perms, vma->name, what, is, want);
	return 1;
}

/*
 * Pages whose entries name a frame, but do not map it: migrating, held by a
 * device, poisoned. Some kernels count some of them. Markers have only low bits.
 */
static __u64 pages_named(const struct windows *pages)
{
	__u64 nr = 0;
	size_t i, k;

	for (i = 0; i < pages->nr; i++) {
		const struct window *window = &pages->window[i];

		for (k = 0; window->page && k < window->nr; k++)
			nr += pm_is_away(window->page[k]) &&
			      PM_SWAP_OFFSET(window->page[k]) > 15;
	}
	return nr;
}

/* @named: pages_named(), which smaps may have counted */
static size_t compare_sum(const struct sum *sum, const struct proc_vma *vma,
			  const struct mmscope_residency *r, __u64 named)
{
	__u64 is = 0, want = 0;
	size_t i;

	for (i = 0; i < MAX_FIELDS && sum->line[i]; i++)
		want += smaps_kb(vma, sum->line[i]);
	for (i = 0; i < MAX_FIELDS && sum->field[i]; i++)
		is += kb(*(const __u64 *)((const char *)r + sum->field[i]));
	if (want > is && want <= is + kb(named))
		return 0;
	return differ(vma, sum->line[0], is, want);
}

/*
 * smaps rounds down to kilobytes. A page that is mapped three times counts as a
 * third, rounded down to bytes.
 */
static size_t compare_pss(const struct proc_vma *vma,
			  const struct mmscope_residency *r, __u64 named)
{
	__u64 most = r->pss_bytes + r->shared, pss = smaps_kb(vma, "Pss");

	most += named * PAGE;
	if (r->pss_bytes / KIB <= pss && most / KIB >= pss)
		return 0;
	return differ(vma, "Pss", r->pss_bytes / KIB, pss);
}

/* For shared memory, smaps adds swapped pages that no entry names. */
static size_t compare_swap(const struct proc_vma *vma,
			   const struct mmscope_residency *r)
{
	__u64 swap = smaps_kb(vma, "Swap");

	if (kb(r->swapped) <= swap && (vma->perms[3] == 's' || r->shmem))
		return 0;
	return differ(vma, "Swap", kb(r->swapped), swap);
}

/* How many pages of @size the mapping has whose frame is mapped twice or more. */
static __u64 pages_shared(const struct windows *pages, __u64 size)
{
	const __u64 page = PAGE;
	__u64 shared = 0;
	size_t i, k;

	for (i = 0; i < pages->nr; i++) {
		const struct window *w = &pages->window[i];

		for (k = 0; w->page && k < w->nr; k++)
			if (!((w->start + k * page) % size) &&
			    w->page[k] & PM_PRESENT &&
			    kpage_count(PM_FRAME(w->page[k])) > 1)
				shared += size / page;
	}
	return shared;
}

/*
 * smaps is right about shared tables of PMDs only: for other tables, the count of
 * sharers that it reads may be any value.
 */
static size_t compare_hugetlb(const struct proc_vma *vma,
			      const struct windows *pages,
			      const struct mmscope_residency *r, __u64 named)
{
	__u64 size = smaps_kb(vma, "KernelPageSize") * KIB;
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(hugetlb_sums); i++)
		if (size == HUGE || i < 2)
			n += compare_sum(&hugetlb_sums[i], vma, r, named);
	if (size == HUGE)
		return n;
	return n + differ(vma, "shared by count", r->shared,
			  pages_shared(pages, size));
}

static size_t compare_smaps(const struct proc_vma *vma,
			    const struct windows *pages,
			    const struct mmscope_residency *r)
{
	const __u64 named = pages_named(pages);
	bool denied = !strncmp(vma->perms, "---", 3);
	size_t i, n = 0;

	if (smaps_flag(vma, "ht"))
		return compare_hugetlb(vma, pages, r, named);
	n += compare_swap(vma, r);
	/* Before 6.2, smaps did not look into VM_PFNMAP. */
	if (smaps_flag(vma, "pf") && !kernel_since(6, 2))
		return n;
	/* Before 6.6, smaps skipped PROT_NONE huge pages. */
	if (denied && r->pmd && !smaps_kb(vma, "Rss") && !kernel_since(6, 6))
		return n;
	for (i = 0; i < ARRAY_SIZE(sums); i++)
		n += compare_sum(&sums[i], vma, r, named);
	return n + compare_pss(vma, r, named);
}

/**
 * struct pages - pages of a mapping by kind
 * @absent: those without a frame, swapped or not
 * @never: those of @absent that have no entry at all
 */
struct pages {
	__u64 zero;
	__u64 anon;
	__u64 shmem;
	__u64 hugetlb;
	__u64 file;
	__u64 absent;
	__u64 never;
};

static __u64 *kind_of(struct pages *pages, const struct kpage_flags *flags)
{
	if (flags->page & KPF_ZERO_PAGE)
		return &pages->zero;
	if (flags->page & KPF_HUGE)
		return &pages->hugetlb;
	/* Some kernels set it only for the first page of a folio. */
	if (flags->head & KPF_ANON)
		return &pages->anon;
	return flags->head & KPF_SWAPBACKED ? &pages->shmem : &pages->file;
}

/* How many pages have frames in a row; @entry: of pagemap, the first is present. */
static size_t row_of(const __u64 *entry, size_t most)
{
	size_t nr = 1;

	while (nr < most && nr < KPAGE_ROW && entry[nr] & PM_PRESENT &&
	       PM_FRAME(entry[nr]) == PM_FRAME(*entry) + nr)
		nr++;
	return nr;
}

static void count_window(struct pages *pages, const __u64 *entry, size_t nr)
{
	struct kpage_flags flags[KPAGE_ROW];
	size_t i, k, row;

	for (i = 0; i < nr; i += row) {
		row = 1;
		if (!(entry[i] & PM_PRESENT)) {
			pages->absent++;
			pages->never += !(entry[i] & PM_SWAP);
			continue;
		}
		row = row_of(entry + i, nr - i);
		kpage_row(PM_FRAME(entry[i]), row, flags);
		for (k = 0; k < row; k++)
			(*kind_of(pages, &flags[k]))++;
	}
}

static struct pages count_pages(const struct windows *windows)
{
	struct pages pages = { };
	size_t i;

	for (i = 0; i < windows->nr; i++) {
		const struct window *window = &windows->window[i];

		if (window->page) {
			count_window(&pages, window->page, window->nr);
		} else {
			pages.absent += window->nr;
			pages.never += window->nr;
		}
	}
	return pages;
}

static size_t compare_pages(const struct proc_vma *vma,
			    const struct windows *windows,
			    const struct mmscope_residency *r)
{
	struct pages pages = count_pages(windows);
	size_t n = 0;

	n += differ(vma, "zero pages", r->zero, pages.zero);
	n += differ(vma, "anonymous pages", r->anon, pages.anon);
	n += differ(vma, "shmem pages", r->shmem, pages.shmem);
	n += differ(vma, "hugetlb pages", r->hugetlb, pages.hugetlb);
	n += differ(vma, "file and special pages", r->file + r->special,
		    pages.file);
	n += differ(vma, "pages without an entry", r->never, pages.never);
	n += differ(vma, "pages swapped or away", r->swapped + r->other,
		    pages.absent - pages.never);
	return n;
}

size_t smaps_compare(pid_t pid)
{
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_RESIDENCY,
	};
	struct shot shot;
	struct stream *s = shot_with_stream(query, &shot);
	bool same = shot.maps->nr == s->nr_vmas;
	size_t i, n = 0;

	for (i = 0; i < shot.maps->nr && same; i++)
		same = shot.maps->vma[i].start == s->vma[i]->start &&
		       shot.maps->vma[i].end == s->vma[i]->end;
	if (!same) {
		note("the VMAs are not those of smaps");
		n++;
	}
	for (i = 0; i < shot.maps->nr && same; i++) {
		const struct proc_vma *vma = &shot.maps->vma[i];

		n += compare_smaps(vma, &shot.pages[i], s->residency[i]);
		/* pagemap skips VM_PFNMAP. */
		if (!smaps_flag(vma, "pf"))
			n += compare_pages(vma, &shot.pages[i], s->residency[i]);
	}
	shot_free(&shot);
	stream_free(s);
	return n;
}

struct mmscope_residency residency_in(pid_t pid, __u64 start, __u64 end)
{
	struct stream *s = stream_of((struct mmscope_query){
		.pid = pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_RESIDENCY,
		.start = start,
		.end = end,
	});
	struct mmscope_residency r;

	if (s->nr_residencies != 1)
		die("%zu VMAs in %llx-%llx", s->nr_residencies, start, end);
	r = *s->residency[0];
	stream_free(s);
	return r;
}
