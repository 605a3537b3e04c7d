// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages the kernel counts, and which of them are exclusive, where neither
 * follows from the mapping alone: written pages of device mappings, [uprobes],
 * pages of zeroes, and hugetlb.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "stream/runs.h"
#include "target/shape.h"
#include "target/shapes.h"
#include "oracle/smaps.h"
#include "stream/read.h"
#include "target/target.h"

#define PM_EXCLUSIVE	_BITULL(56)

static struct stream *facts_in(pid_t pid, __u64 start, __u64 end)
{
	return stream_of((struct mmscope_query){
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = start,
		.end = end,
	});
}

/* The facts of the page at an address, 0 if nothing is known. */
static __u64 facts_at(pid_t pid, __u64 addr)
{
	struct stream *s = facts_in(pid, addr, addr + PAGE);
	const struct run *run = run_at(s, addr);
	__u64 page = run ? run->page : 0;

	stream_free(s);
	return page;
}

/* A private mapping of /dev/mem: pages that were written are the process's own. */

#define PFNMAP_WRITTEN	3

struct pfnmap {
	struct shape shape;
	__u64 grew;	/* by how much RssAnon grew, in KiB */
};

/* The first time, the process may need memory of its own to do it. */
static void write_pfnmap(void *arg, int step)
{
	struct pfnmap *pfnmap = arg;
	__u64 before;
	int i;

	for (i = 0; i < 2; i++) {
		memset(&pfnmap->shape, 0, sizeof(pfnmap->shape));
		before = proc_status(getpid(), "RssAnon");
		make_pfnmap_written(&pfnmap->shape);
		pfnmap->grew = proc_status(getpid(), "RssAnon") - before;
	}
}

TEST(written_pages_of_dev_mem_are_anonymous)
{
	struct pfnmap *pfnmap = target_share(sizeof(*pfnmap));
	struct mmscope_residency r;
	struct target target;
	__u64 start, i;

	module_need();
	kernel_stand_still();
	target_start(&target, write_pfnmap, pfnmap);
	if (*pfnmap->shape.skip)
		SKIP(return, "%s", pfnmap->shape.skip);
	start = (unsigned long)pfnmap->shape.start;
	r = residency_in(target.pid, start, start + PAGE);
	EXPECT_EQ(PFNMAP_WRITTEN, r.anon);
	EXPECT_EQ(PFNMAP_WRITTEN, r.exclusive);
	EXPECT_EQ(pfnmap->shape.size / PAGE - PFNMAP_WRITTEN, r.special);
	/* Before 6.2, threads keep a share of the count to themselves. */
	if (kernel_since(6, 2))
		EXPECT_EQ(PFNMAP_WRITTEN * PAGE / KIB, pfnmap->grew);
	for (i = 0; i < pfnmap->shape.size / PAGE; i++) {
		__u64 page = facts_at(target.pid, start + i * PAGE);

		EXPECT_EQ(i < PFNMAP_WRITTEN, !!(page & MMSCOPE_PAGE_KNOWN));
		EXPECT_EQ(i < PFNMAP_WRITTEN, !!(page & KPF_ANON));
		EXPECT_EQ(i < PFNMAP_WRITTEN,
			  !!(page & MMSCOPE_PAGE_EXCLUSIVE));
	}
	EXPECT_EQ(0, smaps_compare(target.pid));
	target_stop(&target);
}

/* [uprobes]: a page that a fault handler of the kernel gave to VM_IO memory */

#define TRACING		"/sys/kernel/tracing/"
#define PROBE		"mmscope/counted"

static __attribute__((noipa)) long probed(long x)
{
	return x + 7;
}

static void call_probed(void *arg, int step)
{
	if (step && probed(step) != step + 7)
		die("a probed function returns something else");
}

/* Return: whether the kernel has such events. */
static bool write_event(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC | O_APPEND);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static bool set_probe(void)
{
	struct proc_maps *maps = proc_maps(getpid(), "maps");
	const struct proc_vma *vma = proc_vma_at(maps, (unsigned long)probed);
	char line[512];

	mount("tracefs", TRACING, "tracefs", 0, NULL);
	snprintf(line, sizeof(line), "p:" PROBE " %s:0x%llx", vma->name,
		 (unsigned long)probed - vma->start + vma->offset);
	proc_maps_free(maps);
	return write_event(TRACING "uprobe_events", line) &&
	       write_event(TRACING "events/" PROBE "/enable", "1");
}

static void drop_probe(void)
{
	write_event(TRACING "events/" PROBE "/enable", "0");
	write_event(TRACING "uprobe_events", "-:" PROBE);
}

TEST(page_of_uprobes_is_counted)
{
	const struct proc_vma *vma;
	struct mmscope_residency r;
	struct proc_maps *maps;
	struct target target;

	module_need();
	kernel_stand_still();
	if (!set_probe())
		SKIP(return, "no uprobe can be set");
	target_start(&target, call_probed, NULL);
	target_step(&target, 1);
	maps = proc_maps(target.pid, "smaps");
	vma = proc_vma_named(maps, "[uprobes]");
	r = residency_in(target.pid, vma->start, vma->start + PAGE);
	EXPECT_EQ(smaps_kb(vma, "Rss"), r.pte * PAGE / KIB);
	EXPECT_EQ(1, r.file);
	EXPECT_EQ(0, r.special);
	EXPECT_TRUE(facts_at(target.pid, vma->start) & MMSCOPE_PAGE_KNOWN);
	EXPECT_EQ(0, smaps_compare(target.pid));
	proc_maps_free(maps);
	target_stop(&target);
	drop_probe();
}

/* Pages of zeroes, which all processes share */

static void look_at_zeroes(void *arg, int step)
{
	struct shape *shape = arg;

	make_huge_zero(shape);
	if (!*shape->skip) {
		shape_map(shape, 4, PROT_READ, MAP_PRIVATE, -1);
		shape_look(shape, 0, 4);
	}
}

TEST(page_of_zeroes_is_not_exclusive)
{
	struct shape *shape = target_share(sizeof(*shape));
	struct target target;
	struct stream *s;
	size_t i, zero = 0;

	module_need();
	kernel_stand_still();
	target_start(&target, look_at_zeroes, shape);
	if (*shape->skip)
		SKIP(return, "%s", shape->skip);
	s = facts_in(target.pid, 0, 0);
	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		if (run->kind != MMSCOPE_ZERO)
			continue;
		zero++;
		EXPECT_FALSE(proc_page(target.pid, run->start) & PM_EXCLUSIVE);
		EXPECT_TRUE(run->page & MMSCOPE_PAGE_KNOWN);
		EXPECT_FALSE(run->page & MMSCOPE_PAGE_EXCLUSIVE);
	}
	/* The small page and the huge one. */
	EXPECT_LE(2, zero);
	stream_free(s);
	target_stop(&target);
}

/* hugetlb */

#define SHARED_HUGE	3

struct hugetlb {
	char *start;
	pid_t child;
	char skip[64];
};

/* The number of huge pages that are as large as a table of PTEs maps. */
static const char *hugetlb_file(void)
{
	static char path[80];

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%lukB/nr_hugepages",
		 HUGE / KIB);
	return path;
}

/* What a table of PMDs maps can share it with a child. */
static void share_table(void *arg, int step)
{
	const size_t size = TABLE_ENTRIES * HUGE;
	struct hugetlb *hugetlb = arg;
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	pid_t child, parent = getpid();
	int i, ready[2];
	char *p;

	if (fd < 0 || ftruncate(fd, size) || pipe(ready)) {
		strcpy(hugetlb->skip, "no memfd of huge pages");
		return;
	}
	p = target_map(NULL, 2 * size, PROT_NONE, MAP_PRIVATE, -1);
	p = (char *)(((unsigned long)p + size - 1) & -size);
	hugetlb->start = target_map(p, size, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd);
	for (i = 0; i < SHARED_HUGE; i++)
		target_touch(p + i * HUGE, 1);
	child = fork();
	if (!child) {
		die_with(parent);
		for (i = 0; i < SHARED_HUGE; i++)
			target_touch(p + i * HUGE, 1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	hugetlb->child = child;
	if (read(ready[0], &i, 1) != 1)
		die("the child ended");
}

TEST(hugetlb_of_a_shared_table_is_shared)
{
	struct hugetlb *hugetlb = target_share(sizeof(*hugetlb));
	long long before = file_number(hugetlb_file(), 0);
	struct mmscope_residency r;
	struct target target;
	char text[32];
	__u64 start, i;

	module_need();
	kernel_stand_still();
	snprintf(text, sizeof(text), "%lld", before + SHARED_HUGE);
	file_write(hugetlb_file(), text);
	target_start(&target, share_table, hugetlb);
	if (*hugetlb->skip)
		SKIP(return, "%s", hugetlb->skip);
	start = (unsigned long)hugetlb->start;
	r = residency_in(target.pid, start, start + PAGE);
	EXPECT_EQ(SHARED_HUGE * HUGE / PAGE, r.hugetlb);
	EXPECT_EQ(SHARED_HUGE * HUGE / PAGE, r.shared);
	EXPECT_EQ(0, r.exclusive);
	for (i = 0; i < SHARED_HUGE; i++) {
		/* Two processes map the frame, whatever its count. */
		ASSERT_EQ(PM_FRAME(proc_page(target.pid, start + i * HUGE)),
			  PM_FRAME(proc_page(hugetlb->child, start + i * HUGE)));
		EXPECT_TRUE(facts_at(target.pid, start + i * HUGE) &
			    MMSCOPE_PAGE_SHARED);
		EXPECT_TRUE(facts_at(hugetlb->child, start + i * HUGE) &
			    MMSCOPE_PAGE_SHARED);
	}
	target_stop(&target);
	snprintf(text, sizeof(text), "%lld", before);
	file_write(hugetlb_file(), text);
}

static void make_1g(void *arg, int step)
{
	make_hugetlb_1g(arg);
}

/*
 * Such a page is mapped by a table of PUDs, which is never shared. In its struct
 * page, the count of sharers that tables of PMDs have may be any value, and smaps
 * reads it all the same.
 */
TEST(hugetlb_of_a_gib_is_exclusive)
{
	struct shape *shape = target_share(sizeof(*shape));
	int attempt;

	module_need();
	kernel_stand_still();
	for (attempt = 0; attempt < 4; attempt++) {
		struct mmscope_residency r;
		struct target target;
		__u64 start;

		memset(shape, 0, sizeof(*shape));
		target_start(&target, make_1g, shape);
		if (*shape->skip)
			SKIP(return, "%s", shape->skip);
		start = (unsigned long)shape->start;
		ASSERT_EQ(1, kpage_count(PM_FRAME(proc_page(target.pid, start))));
		r = residency_in(target.pid, start, start + PAGE);
		EXPECT_EQ(GIB / PAGE, r.pmd + r.pud);
		EXPECT_EQ(GIB / PAGE, r.exclusive);
		EXPECT_EQ(0, r.shared);
		EXPECT_TRUE(facts_at(target.pid, start) &
			    MMSCOPE_PAGE_EXCLUSIVE);
		target_stop(&target);
	}
}

/* Huge entries in which the processor sets bits while they are read */

#define BUSY_WRITTEN	(64 * MIB / HUGE)
#define BUSY_ZERO	(256 * MIB / HUGE)
#define BUSY_READS	300

static void touch_forever(void *arg, int step)
{
	struct shape *shape = arg;
	volatile char *p;
	size_t i;

	if (!step) {
		if (!shape_map_huge(shape, BUSY_WRITTEN + BUSY_ZERO))
			return;
		for (i = 0; i < BUSY_WRITTEN; i++)
			shape_touch(shape, i * TABLE_ENTRIES, 1);
		for (; i < BUSY_WRITTEN + BUSY_ZERO; i++)
			shape_look(shape, i * TABLE_ENTRIES, 1);
		if (!shape_is_thp(shape, BUSY_WRITTEN * TABLE_ENTRIES))
			strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	for (p = shape->start;;) {
		for (i = 0; i < BUSY_WRITTEN; i++)
			p[i * HUGE] = i;
		for (; i < BUSY_WRITTEN + BUSY_ZERO; i++)
			(void)p[i * HUGE];
	}
}

/* Clears accessed bits over and over, in a process of its own. */
static pid_t clear_forever(pid_t pid)
{
	pid_t parent = getpid(), child = fork();

	if (!child) {
		die_with(parent);
		for (;;)
			proc_clear_refs(pid, 1);
	}
	return child;
}

static size_t pages_without_facts(pid_t pid, const struct shape *shape)
{
	__u64 start = (unsigned long)shape->start;
	struct stream *s = facts_in(pid, start, start + shape->size);
	size_t i, n = 0;

	for (i = 0; i < s->nr_runs; i++)
		n += s->run[i].page ? 0 : s->run[i].nr;
	stream_free(s);
	return n;
}

TEST(huge_pages_in_use_stay_counted)
{
	struct shape *shape = target_share(sizeof(*shape));
	size_t i, wrong = 0, unknown = 0;
	struct target target;
	pid_t clearer;
	__u64 start;

	module_need();
	kernel_stand_still();
	target_start(&target, touch_forever, shape);
	if (*shape->skip)
		SKIP(return, "%s", shape->skip);
	target_leave(&target, 1);
	clearer = clear_forever(target.pid);
	start = (unsigned long)shape->start;
	for (i = 0; i < BUSY_READS; i++) {
		struct mmscope_residency r =
			residency_in(target.pid, start, start + PAGE);

		wrong += r.pmd != BUSY_WRITTEN * TABLE_ENTRIES || r.anon != r.pmd ||
			 r.zero != BUSY_ZERO * TABLE_ENTRIES || r.other || r.special;
		unknown += pages_without_facts(target.pid, shape);
	}
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, unknown);
	target_kill(clearer);
	target_stop(&target);
}

TEST_HARNESS_MAIN
