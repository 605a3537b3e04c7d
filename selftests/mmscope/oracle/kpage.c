// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "oracle/shot.h"
#include "stream/read.h"
#include "stream/runs.h"

#define MAX_NOTES	10
#define CHUNK		512

/* The words of frames in a row. */
static void words_of(const char *path, int *fd, __u64 frame, __u64 *words,
		     size_t nr)
{
	size_t size = nr * sizeof(*words);

	if (*fd < 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pread(*fd, words, size, frame * sizeof(*words)) != size)
		die("%s of %zu frames at %llx: %s", path, nr, frame,
		    strerror(errno));
}

static void read_flags(__u64 frame, __u64 *flags, size_t nr)
{
	static int fd = -1;

	words_of("/proc/kpageflags", &fd, frame, flags, nr);
}

static void read_counts(__u64 frame, __u64 *counts, size_t nr)
{
	static int fd = -1;

	words_of("/proc/kpagecount", &fd, frame, counts, nr);
}

__u64 kpage_flags(__u64 frame)
{
	__u64 flags;

	read_flags(frame, &flags, 1);
	return flags;
}

__u64 kpage_count(__u64 frame)
{
	__u64 count;

	read_counts(frame, &count, 1);
	return count;
}

/* The head: a folio of 2^n pages begins at a multiple of 2^n frames. */
static __u64 head_of(__u64 frame)
{
	__u64 align;

	for (align = 2; frame && !(kpage_flags(frame) & KPF_COMPOUND_HEAD);
	     align *= 2)
		frame &= -align;
	return frame;
}

void kpage_row(__u64 frame, size_t nr, struct kpage_flags *row)
{
	__u64 flags[KPAGE_ROW];
	size_t i;

	read_flags(frame, flags, nr);
	for (i = 0; i < nr; i++) {
		row[i].page = flags[i];
		if (!(flags[i] & KPF_COMPOUND_TAIL))
			row[i].head = flags[i];
		else
			row[i].head = i ? row[i - 1].head :
					  kpage_flags(head_of(frame));
	}
}

/* Page facts */

/* Some kernels set these flags only for the first page of a folio. */
#define OF_HEAD		(KPF_LOCKED | KPF_REFERENCED | KPF_UPTODATE | \
			 KPF_DIRTY | KPF_LRU | KPF_ACTIVE | KPF_WRITEBACK | \
			 KPF_RECLAIM | KPF_SWAPCACHE | KPF_SWAPBACKED | \
			 KPF_UNEVICTABLE | KPF_RESERVED | KPF_MLOCKED)
#define OF_PAGE		(KPF_MMAP | KPF_ANON | KPF_HUGE | KPF_HWPOISON | \
			 KPF_KSM | KPF_THP | KPF_ZERO_PAGE)

/**
 * struct kpage - the page of an entry
 * @addr: that the entry maps
 * @frame: of the page, the first one of huge entries
 * @facts: of the stream
 * @flags: of kpageflags
 * @count: of kpagecount
 * @node: by move_pages(), negative if it has none
 * @memory: it has a struct page: this is no memory of a device
 */
struct kpage {
	__u64 addr;
	__u64 frame;
	__u64 facts;
	__u64 flags;
	__u64 count;
	int node;
	bool memory;
};

struct kpages {
	struct kpage *page;
	size_t nr;
};

/**
 * struct comparison - of the page facts of a target
 * @pid: of the target
 * @maps: smaps of it
 * @mask: flags that kpageflags reports right
 * @moved: pages that were not the same before and after a stream
 * @differ: number of pages with wrong facts
 */
struct comparison {
	pid_t pid;
	struct proc_maps *maps;
	__u64 mask;
	struct kpages moved;
	size_t differ;
};

/* Some kernels, such as 6.12, set KPF_KSM for all anonymous pages. */
bool kpage_knows_ksm(void)
{
	volatile char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u64 flags;

	if (page == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	*page = 1;
	flags = kpage_flags(PM_FRAME(proc_page(getpid(), (unsigned long)page)));
	munmap((void *)page, PAGE);
	return !(flags & KPF_KSM);
}

/* How many pages from the Nth one have frames in a row. */
static size_t row_at(const struct kpages *pages, size_t n)
{
	const struct kpage *first = &pages->page[n];
	size_t nr = 1;

	while (nr < KPAGE_ROW && n + nr < pages->nr && first[nr].memory &&
	       first[nr].frame == first->frame + nr)
		nr++;
	return nr;
}

static void ask_row(struct kpage *page, size_t nr)
{
	struct kpage_flags flags[KPAGE_ROW];
	__u64 count[KPAGE_ROW];
	size_t i;

	kpage_row(page->frame, nr, flags);
	read_counts(page->frame, count, nr);
	for (i = 0; i < nr; i++) {
		page[i].flags = (flags[i].page & OF_PAGE) |
				(flags[i].head & OF_HEAD);
		page[i].count = count[i];
	}
}

static void ask_kernel(struct kpages *pages)
{
	size_t i, nr;

	for (i = 0; i < pages->nr; i += nr) {
		nr = row_at(pages, i);
		if (pages->page[i].memory)
			ask_row(&pages->page[i], nr);
	}
}

static void ask_nodes(pid_t pid, struct kpages *pages)
{
	void *addr[CHUNK];
	int node[CHUNK];
	size_t i, k, nr;

	for (i = 0; i < pages->nr; i += nr) {
		nr = pages->nr - i < CHUNK ? pages->nr - i : CHUNK;
		for (k = 0; k < nr; k++)
			addr[k] = (void *)pages->page[i + k].addr;
		if (syscall(SYS_move_pages, pid, nr, addr, NULL, node, 0))
			die("move_pages of %d: %s", pid, strerror(errno));
		for (k = 0; k < nr; k++)
			pages->page[i + k].node = node[k];
	}
}

/* Can the mapping of an address have pages that the kernel does not count? */
static bool may_be_device(const struct proc_maps *maps, __u64 addr)
{
	const struct proc_vma *vma = proc_vma_at(maps, addr);

	return smaps_flag(vma, "pf") ||
	       (smaps_flag(vma, "io") && !smaps_flag(vma, "mm"));
}

/* Pages that the kernel counts are in memory, and their mappings are counted. */
static bool is_counted(__u64 frame)
{
	return proc_is_memory(frame) && kpage_flags(frame) & KPF_MMAP;
}

/* The pages of all present entries. */
static struct kpages list_pages(const struct stream *s,
				const struct proc_maps *maps)
{
	struct kpages pages = { .page = calloc(s->end->entries + 1,
					       sizeof(struct kpage)) };
	size_t i;
	__u64 k;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];
		bool device;

		if (!kind_present(run->kind))
			continue;
		device = may_be_device(maps, run->start);
		for (k = 0; k < run->nr; k++) {
			struct kpage *page = &pages.page[pages.nr++];

			page->addr = run->start + k * run_size(s, run);
			page->frame = run_frame(s, run, page->addr);
			page->memory = !device || is_counted(page->frame);
			page->facts = run->page;
		}
	}
	return pages;
}

static const char *wrong_facts(const struct kpage *page, __u64 mask)
{
	__u64 flags = page->facts & MMSCOPE_PAGE_FLAGS;
	bool shared;

	if (!(page->facts & MMSCOPE_PAGE_KNOWN))
		return "no facts";
	if (flags & ~(OF_HEAD | OF_PAGE))
		return "an unknown flag";
	if ((flags ^ page->flags) & mask)
		return "flags";
	shared = page->count > 1;
	if (!(page->flags & KPF_ZERO_PAGE) &&
	    shared != !!(page->facts & MMSCOPE_PAGE_SHARED))
		return "shared";
	if (page->facts & MMSCOPE_PAGE_EXCLUSIVE &&
	    (shared || page->flags & KPF_ZERO_PAGE))
		return "exclusive";
	if (page->node >= 0 &&
	    MMSCOPE_PAGE_NODE(page->facts) != (unsigned int)page->node)
		return "node";
	return NULL;
}

static size_t compare_page(const struct kpage *page, __u64 mask)
{
	const char *what;

	if (page->memory)
		what = wrong_facts(page, mask);
	else
		what = page->facts ? "facts without a struct page" : NULL;
	if (!what)
		return 0;
	note("%llx frame %llx: %s: facts %llx, kpageflags %llx, kpagecount %llu, node %d",
	     page->addr, page->frame, what, page->facts, page->flags,
	     page->count, page->node);
	return 1;
}

static void add_page(struct kpages *pages, const struct kpage *page)
{
	pages->page = realloc(pages->page,
			      (pages->nr + 1) * sizeof(*pages->page));
	pages->page[pages->nr++] = *page;
}

/*
 * @before: read before the stream was. The kernel may change flags at any time:
 * pages that are not the same before and after are compared again later.
 */
static void compare(struct comparison *c, const struct kpages *before,
		    const struct kpages *pages)
{
	size_t i;

	if (before->nr != pages->nr)
		die("%zu pages, then %zu", before->nr, pages->nr);
	for (i = 0; i < pages->nr && c->differ < MAX_NOTES; i++) {
		const struct kpage *old = &before->page[i];
		const struct kpage *page = &pages->page[i];

		if (old->addr != page->addr || old->frame != page->frame ||
		    old->flags != page->flags || old->count != page->count)
			add_page(&c->moved, page);
		else
			c->differ += compare_page(page, c->mask);
	}
}

static size_t compare_range(struct comparison *c, __u64 start, __u64 end)
{
	const struct mmscope_query query = {
		.pid = c->pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = start,
		.end = end,
	};
	struct stream *s = stream_of(query);
	struct kpages before = list_pages(s, c->maps), pages;

	stream_free(s);
	ask_kernel(&before);
	s = stream_of(query);
	pages = list_pages(s, c->maps);
	ask_kernel(&pages);
	ask_nodes(c->pid, &pages);
	compare(c, &before, &pages);
	free(before.page);
	free(pages.page);
	stream_free(s);
	return pages.nr;
}

/* For a single page, little time passes between both answers. */
static void compare_moved(struct comparison *c)
{
	struct kpages moved = c->moved;
	size_t i;

	c->moved = (struct kpages){ };
	for (i = 0; i < moved.nr; i++)
		compare_range(c, moved.page[i].addr, moved.page[i].addr + 1);
	free(moved.page);
}

size_t kpage_compare(pid_t pid, __u64 start, __u64 end)
{
	struct comparison c = {
		.pid = pid,
		.maps = proc_maps(pid, "smaps"),
		.mask = kpage_knows_ksm() ? ~0ULL : ~KPF_KSM,
	};
	size_t nr = compare_range(&c, start, end);
	int attempt;

	for (attempt = 0; c.moved.nr && attempt < MAX_ATTEMPTS; attempt++)
		compare_moved(&c);
	if (!c.differ && c.moved.nr > nr / 2)
		die("of %zu pages %zu never keep still", nr, c.moved.nr);
	free(c.moved.page);
	proc_maps_free(c.maps);
	return c.differ;
}
