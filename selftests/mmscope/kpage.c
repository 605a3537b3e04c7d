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
#include "kpage.h"
#include "proc.h"
#include "shot.h"
#include "sizes.h"
#include "target.h"

#define MAX_NOTES	10
#define CHUNK		512

static __u64 word_of(const char *path, int *fd, __u64 frame)
{
	__u64 word;

	if (*fd < 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pread(*fd, &word, sizeof(word), frame * sizeof(word)) !=
	    sizeof(word))
		die("%s of frame %llx: %s", path, frame, strerror(errno));
	return word;
}

__u64 kpage_flags(__u64 frame)
{
	static int fd = -1;

	return word_of("/proc/kpageflags", &fd, frame);
}

__u64 kpage_count(__u64 frame)
{
	static int fd = -1;

	return word_of("/proc/kpagecount", &fd, frame);
}

/* Of pages in a row, the one before has been there. */
__u64 kpage_head(__u64 frame)
{
	static __u64 last, last_head;
	__u64 head = frame;

	if (kpage_flags(frame) & KPF_COMPOUND_TAIL) {
		if (frame == last + 1)
			head = last_head;
		while (!(kpage_flags(head) & KPF_COMPOUND_HEAD))
			head--;
	}
	last = frame;
	last_head = head;
	return head;
}

/* What can be told of an entry's page */

/* Of these, some kernels tell only of the first page of many. */
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
 * @facts: what the stream says
 * @flags: of kpageflags
 * @count: of kpagecount
 * @node: as move_pages() says, negative if it does not
 */
struct kpage {
	__u64 addr;
	__u64 frame;
	__u64 facts;
	__u64 flags;
	__u64 count;
	int node;
};

struct kpages {
	struct kpage *page;
	size_t nr;
};

/* Some kernels, 6.12 for one, say of all anonymous pages that KSM made them. */
bool kpage_knows_ksm(void)
{
	char *page = target_map(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE,
				-1);
	__u64 flags;

	target_touch(page, 4096);
	flags = kpage_flags(PM_FRAME(proc_page(getpid(), (unsigned long)page)));
	munmap(page, 4096);
	return !(flags & KPF_KSM);
}

static void ask_kernel(struct kpage *page)
{
	page->flags = (kpage_flags(page->frame) & OF_PAGE) |
		      (kpage_flags(kpage_head(page->frame)) & OF_HEAD);
	page->count = kpage_count(page->frame);
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

static bool asks_for(const struct proc_maps *maps, __u64 addr)
{
	const struct proc_vma *vma = proc_vma_at(maps, addr);

	/* Where both may be (mixed), the kernel asks the entry alone. */
	return !smaps_flag(vma, "pf") &&
	       (!smaps_flag(vma, "io") || smaps_flag(vma, "mm"));
}

/* Those of all present entries. */
static struct kpages list_pages(const struct stream *s)
{
	struct kpages pages = { .page = calloc(s->end->entries + 1,
					       sizeof(struct kpage)) };
	size_t i;
	__u64 k;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		for (k = 0; kind_present(run->kind) && k < run->nr; k++) {
			struct kpage *page = &pages.page[pages.nr++];

			page->addr = run->start + k * run_size(s, run);
			page->frame = run_frame(s, run, page->addr);
			page->facts = run->page;
		}
	}
	return pages;
}

static const char *wrong_facts(const struct kpage *page, __u64 mask)
{
	__u64 told = page->facts & MMSCOPE_PAGE_FLAGS;
	bool shared;

	if (!(page->facts & MMSCOPE_PAGE_KNOWN))
		return "nothing is told";
	if (told & ~(OF_HEAD | OF_PAGE))
		return "a flag that nobody knows of";
	if ((told ^ page->flags) & mask)
		return "flags";
	shared = page->count > 1;
	if (!(page->flags & KPF_ZERO_PAGE) &&
	    shared != !!(page->facts & MMSCOPE_PAGE_SHARED))
		return "shared";
	if (page->node >= 0 &&
	    MMSCOPE_PAGE_NODE(page->facts) != (unsigned int)page->node)
		return "node";
	return NULL;
}

static size_t compare_page(const struct kpage *page, bool memory, __u64 mask)
{
	const char *what;

	if (memory)
		what = wrong_facts(page, mask);
	else
		what = page->facts ? "this is no memory" : NULL;
	if (!what)
		return 0;
	note("%llx frame %llx: %s: facts %llx, kpageflags %llx, kpagecount %llu, node %d",
	     page->addr, page->frame, what, page->facts, page->flags,
	     page->count, page->node);
	return 1;
}

/*
 * @before: asked for before the stream was taken. Flags may change behind
 * everybody's back: what is not the same before and after says nothing.
 */
static size_t compare(const struct proc_maps *maps, const struct kpages *before,
		      const struct kpages *pages)
{
	__u64 mask = kpage_knows_ksm() ? ~0ULL : ~KPF_KSM;
	size_t i, compared = 0, differ = 0;

	if (before->nr != pages->nr)
		die("%zu pages, then %zu", before->nr, pages->nr);
	for (i = 0; i < pages->nr && differ < MAX_NOTES; i++) {
		const struct kpage *old = &before->page[i];
		struct kpage *page = &pages->page[i];

		if (asks_for(maps, page->addr))
			ask_kernel(page);
		if (old->addr != page->addr || old->frame != page->frame ||
		    old->flags != page->flags || old->count != page->count)
			continue;
		compared++;
		differ += compare_page(page, asks_for(maps, page->addr), mask);
	}
	if (!differ && compared < pages->nr / 2)
		die("of %zu pages only %zu kept still", pages->nr, compared);
	return differ;
}

size_t kpage_compare(pid_t pid, __u64 start, __u64 end)
{
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = start,
		.end = end,
	};
	struct proc_maps *maps = proc_maps(pid, "smaps");
	struct stream *s = stream_of(query);
	struct kpages before = list_pages(s), pages;
	size_t i, differ;

	stream_free(s);
	for (i = 0; i < before.nr; i++)
		if (asks_for(maps, before.page[i].addr))
			ask_kernel(&before.page[i]);
	s = stream_of(query);
	pages = list_pages(s);
	ask_nodes(pid, &pages);
	differ = compare(maps, &before, &pages);
	free(before.page);
	free(pages.page);
	stream_free(s);
	proc_maps_free(maps);
	return differ;
}
