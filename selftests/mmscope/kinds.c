// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of VMAs that the name of their file does not show, and the segment of
 * VMAs near the heap: against what the target mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup	425
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret	447
#endif
#ifndef MFD_HUGETLB
#define MFD_HUGETLB		4U
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif

#define RW	(PROT_READ | PROT_WRITE)
#define RWX	(RW | PROT_EXEC)

/**
 * struct kind - what a target maps, and its kind
 * @name: for messages
 * @map: returns the mapping, or NULL if this kernel cannot make it
 * @kind: enum mmscope_vma_kind
 * @anon: once written, its pages are anonymous in pagemap
 * @optional: not every kernel has it
 */
struct kind {
	const char *name;
	void *(*map)(void);
	unsigned int kind;
	bool anon;
	bool optional;
};

static void *or_null(void *p)
{
	return p == MAP_FAILED ? NULL : p;
}

static void *map_fd(int fd, size_t size, int prot, int flags)
{
	void *p = fd < 0 ? NULL : or_null(mmap(NULL, size, prot, flags, fd, 0));

	if (fd >= 0)
		close(fd);
	return p;
}

static void *zero_private(void)
{
	return map_fd(open("/dev/zero", O_RDWR), 4 * PAGE, RW, MAP_PRIVATE);
}

static void *zero_private_rwx(void)
{
	return map_fd(open("/dev/zero", O_RDWR), 4 * PAGE, RWX, MAP_PRIVATE);
}

static void *zero_shared(void)
{
	return map_fd(open("/dev/zero", O_RDWR), 4 * PAGE, RW, MAP_SHARED);
}

static void *anon_shared(void)
{
	return or_null(mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static void *map_memfd(unsigned int mfd, size_t size, int flags)
{
	int fd = memfd_create("kinds", mfd);

	if (fd < 0 || ftruncate(fd, size))
		return NULL;
	return map_fd(fd, size, RW, flags);
}

static void *memfd_shared(void)
{
	return map_memfd(0, 4 * PAGE, MAP_SHARED);
}

static void *memfd_private(void)
{
	return map_memfd(0, 4 * PAGE, MAP_PRIVATE);
}

static void *memfd_huge(void)
{
	return map_memfd(MFD_HUGETLB, kernel_hugetlb_size(), MAP_SHARED);
}

static void *map_sysv(size_t size, int flags)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600 | flags);
	void *p = shmat(id, NULL, 0);

	shmctl(id, IPC_RMID, NULL);
	return or_null(p);
}

static void *sysv(void)
{
	return map_sysv(4 * PAGE, 0);
}

static void *sysv_huge(void)
{
	return map_sysv(kernel_hugetlb_size(), SHM_HUGETLB);
}

static void *map_huge(int flags)
{
	return or_null(mmap(NULL, kernel_hugetlb_size(), RW,
			    flags | MAP_ANONYMOUS | MAP_HUGETLB,
			    -1, 0));
}

static void *huge_private(void)
{
	return map_huge(MAP_PRIVATE);
}

static void *huge_shared(void)
{
	return map_huge(MAP_SHARED);
}

/* The ring of an event that never comes. */
static void *perf_ring(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	return map_fd(fd, 2 * PAGE, RW, MAP_SHARED);
}

/* The kernel maps the ring itself: the context is its address. */
static void *aio_ring(void)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 16, &context))
		return NULL;
	return (void *)(unsigned long)context;
}

static void *io_uring(void)
{
	char params[120] = { };
	int fd = syscall(SYS_io_uring_setup, 4, params);

	return map_fd(fd, PAGE, RW, MAP_SHARED);
}

static void *secretmem(void)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0 || ftruncate(fd, PAGE))
		return NULL;
	return map_fd(fd, PAGE, RW, MAP_SHARED);
}

#define KIND(name, map, kind)	{ name, map, MMSCOPE_##kind, false, false }
#define WRITTEN(name, map, kind)	{ name, map, MMSCOPE_##kind, true, false }
#define OPTIONAL(name, map, kind)	{ name, map, MMSCOPE_##kind, false, true }

static const struct kind kinds[] = {
	WRITTEN("private /dev/zero", zero_private, PRIVATE_ANON),
	WRITTEN("private rwx /dev/zero", zero_private_rwx, PRIVATE_ANON),
	KIND("shared /dev/zero", zero_shared, SHARED_ANON),
	KIND("shared anonymous", anon_shared, SHARED_ANON),
	KIND("SysV", sysv, SHARED_ANON),
	KIND("SysV hugetlb", sysv_huge, SHARED_ANON),
	WRITTEN("private hugetlb", huge_private, PRIVATE_ANON),
	KIND("shared hugetlb", huge_shared, SHARED_ANON),
	KIND("shared memfd", memfd_shared, SHARED_FILE),
	WRITTEN("private memfd", memfd_private, PRIVATE_FILE),
	KIND("hugetlb memfd", memfd_huge, SHARED_FILE),
	KIND("aio", aio_ring, SHARED_FILE),
	OPTIONAL("perf", perf_ring, SHARED_FILE),
	OPTIONAL("io_uring", io_uring, SHARED_FILE),
	OPTIONAL("secretmem", secretmem, SHARED_FILE),
};

struct mapped {
	void *start[ARRAY_SIZE(kinds)];
};

static void map_all(void *arg, int step)
{
	struct mapped *mapped = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		mapped->start[i] = kinds[i].map();
		if (!mapped->start[i] && !kinds[i].optional)
			die("cannot map %s: %s", kinds[i].name, strerror(errno));
		if (kinds[i].anon)
			*(volatile char *)mapped->start[i] = 1;
	}
}

FIXTURE(kinds)
{
	struct mapped *mapped;
	struct target target;
};

FIXTURE_SETUP(kinds)
{
	module_need();
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 8)
		file_write("/proc/sys/vm/nr_hugepages", "8");
	self->mapped = target_share(sizeof(*self->mapped));
	target_start(&self->target, map_all, self->mapped);
}

FIXTURE_TEARDOWN(kinds)
{
	target_stop(&self->target);
}

TEST_F(kinds, are_those_that_were_mapped)
{
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct mmscope_vma *vma;

		if (!self->mapped->start[i]) {
			note("%s: not to be had", kinds[i].name);
			continue;
		}
		vma = vma_at(s, (unsigned long)self->mapped->start[i]);
		ASSERT_NE(NULL, vma);
		EXPECT_EQ(kinds[i].kind, vma->kind) {
			note("%s: %s", kinds[i].name, vma_name(vma));
		}
		EXPECT_EQ(MMSCOPE_SEG_MMAP, vma->segment);
	}
	EXPECT_EQ(0, text_compare(self->target.pid, "vmas"));
	stream_free(s);
}

#define PM_FILE		_BITULL(61)

/* Pages written to private memory are neither of a file nor shared. */
TEST_F(kinds, hold_the_pages_that_pagemap_has)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		__u64 page;

		if (!kinds[i].anon)
			continue;
		page = proc_page(self->target.pid,
				 (unsigned long)self->mapped->start[i]);
		EXPECT_EQ(PM_PRESENT, page & (PM_PRESENT | PM_FILE)) {
			note("%s", kinds[i].name);
		}
	}
}

/* The heap */

/**
 * struct heap - shared with the target
 * @start: start_brk
 * @brk: end of the heap
 * @covers: a mapping in place of the heap, or before it
 */
struct heap {
	unsigned long start;
	unsigned long brk;
	char *covers;
};

static unsigned long brk_of(unsigned long to)
{
	return syscall(SYS_brk, to);
}

/*
 * From here on malloc() does not work: its memory is gone, and where brk() would
 * get more there is something else. The mapping begins below the heap, if there
 * is room.
 */
static void cover_empty_heap(void *arg, int step)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  MAP_FIXED_NOREPLACE;
	struct heap *heap = arg;
	char *start;

	heap->start = proc_stat(getpid(), 47);
	heap->brk = brk_of(heap->start);
	start = (char *)(heap->start & -PAGE);
	heap->covers = mmap(start - PAGE, 64 * MIB, RWX, flags, -1, 0);
	if (heap->covers == MAP_FAILED)
		heap->covers = mmap(start, 64 * MIB, RWX, flags, -1, 0);
}

static void map_before_heap(void *arg, int step)
{
	struct heap *heap = arg;
	char *start;

	heap->start = proc_stat(getpid(), 47);
	heap->brk = brk_of(heap->start + 8 * PAGE);
	start = (char *)(heap->start & -PAGE) - PAGE;
	heap->covers = mmap(start, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			    MAP_FIXED_NOREPLACE, -1, 0);
}

FIXTURE(heap)
{
	struct heap *heap;
	struct target target;
};

FIXTURE_VARIANT(heap)
{
	target_fn map;
	bool empty;
};

FIXTURE_VARIANT_ADD(heap, empty_and_covered) {
	.map = cover_empty_heap,
	.empty = true,
};

FIXTURE_VARIANT_ADD(heap, after_another_mapping) {
	.map = map_before_heap,
};

FIXTURE_SETUP(heap)
{
	module_need();
	self->heap = target_share(sizeof(*self->heap));
	target_start(&self->target, variant->map, self->heap);
}

FIXTURE_TEARDOWN(heap)
{
	target_stop(&self->target);
}

/* Only what overlaps [start_brk, brk) is heap, whatever maps calls heap. */
TEST_F(heap, is_between_start_brk_and_brk)
{
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	const struct heap *heap = self->heap;
	size_t i, nr = 0;

	EXPECT_EQ(variant->empty, heap->start == heap->brk);
	for (i = 0; i < s->nr_vmas; i++) {
		const struct mmscope_vma *vma = s->vma[i];
		bool within = heap->start < heap->brk &&
			      vma->start < heap->brk && vma->end > heap->start;

		if (vma->segment == MMSCOPE_SEG_DATA)
			continue;
		EXPECT_EQ(within, vma->segment == MMSCOPE_SEG_HEAP) {
			note("%llx-%llx %s", vma->start, vma->end,
			     vma_name(vma));
		}
		nr += within;
	}
	EXPECT_EQ(!variant->empty, nr);
	if (variant->empty) {
		EXPECT_NE(MAP_FAILED, heap->covers);
		EXPECT_EQ(MMSCOPE_SEG_MMAP, vma_at(s, heap->start)->segment);
	}
	stream_free(s);
}

/* Names are those of maps, which have a wider view of the heap. */
TEST_F(heap, is_named_as_in_maps)
{
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	struct proc_maps *maps = proc_maps(self->target.pid, "maps");
	size_t i;

	ASSERT_EQ(maps->nr, s->nr_vmas);
	for (i = 0; i < maps->nr; i++)
		EXPECT_STREQ(maps->vma[i].name, vma_name(s->vma[i]));
	proc_maps_free(maps);
	stream_free(s);
}

TEST_HARNESS_MAIN
