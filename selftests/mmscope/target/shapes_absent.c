// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of entries that map no page, or one without access. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"
#include "target/target.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM	0x1000
#endif
#ifndef UFFD_FEATURE_POISON
#define UFFD_FEATURE_POISON	0x4000
#endif
/* All since 7.3; the last one is as UFFDIO_WRITEPROTECT, of all access. */
#ifndef UFFD_FEATURE_RWP
#define UFFD_FEATURE_RWP	(1 << 17)
#define UFFDIO_REGISTER_MODE_RWP	(1 << 3)
#define UFFDIO_RWPROTECT	_IOWR(UFFDIO, 0x09, struct uffdio_writeprotect)
#endif

void make_swapped(struct shape *shape)
{
	shape_map(shape, 64, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 64);
	if (!target_page_out(shape->start, 48 * PAGE)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	/* Swap some pages in again, some of them read only. */
	shape_touch(shape, 8, 4);
	shape_look(shape, 20, 4);
	shape_part(shape, 0, 8, MMSCOPE_SWAP, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	shape_part(shape, 8, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 20, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

/* A child shares the swapped pages: their entries are no longer exclusive. */
void make_swapped_forked(struct shape *shape)
{
	shape_map(shape, 64, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 64);
	if (!target_page_out(shape->start, 48 * PAGE)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	shape_fork();
	shape_part(shape, 0, 48, MMSCOPE_SWAP, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_EXCLUSIVE;
	shape_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
}

/* A huge page is swapped out as one, but leaves PTEs. */
void make_swapped_thp(struct shape *shape)
{
	if (!shape_map_huge(shape, 1))
		return;
	/* Some kernels would map the zero page in place of zeroes. */
	memset(shape->start, 's', HUGE);
	if (!shape_need_thp(shape, TABLE_ENTRIES))
		return;
	if (!target_page_out(shape->start, HUGE)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	shape_part(shape, 0, TABLE_ENTRIES, MMSCOPE_SWAP, MMSCOPE_PTE);
}

void make_protnone(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	shape_part(shape, 0, 16, MMSCOPE_PROTNONE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC |
		MMSCOPE_ATTR_GLOBAL;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_protnone_thp(struct shape *shape)
{
	if (!shape_map_huge(shape, 2))
		return;
	shape_touch(shape, 0, 2 * TABLE_ENTRIES);
	if (!shape_need_thp(shape, 2 * TABLE_ENTRIES))
		return;
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	shape_part_huge(shape, 0, 2, MMSCOPE_PROTNONE);
}

/* Pages that were only read map the zero page. */
void make_protnone_zero(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_look(shape, 0, 16);
	shape_touch(shape, 8, 1);
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	shape_part(shape, 0, 8, MMSCOPE_ZERO, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE;
	shape_part(shape, 8, 1, MMSCOPE_PROTNONE, MMSCOPE_PTE);
	shape_part(shape, 9, 7, MMSCOPE_ZERO, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_protnone_huge_zero(struct shape *shape)
{
	make_huge_zero(shape);
	if (!*shape->skip &&
	    mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
}

void make_guard(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	if (madvise(shape->start + 8 * PAGE, 16 * PAGE, MADV_GUARD_INSTALL)) {
		strcpy(shape->skip, "this kernel has no guard regions");
		return;
	}
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 8, 16, MMSCOPE_MARKER_GUARD, MMSCOPE_PTE);
	shape_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

static int uffd_open(struct shape *shape, __u64 features, __u64 mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register range = {
		.range = { (unsigned long)shape->start, shape->size },
		.mode = mode,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range)) {
		strcpy(shape->skip, "userfaultfd cannot do that here");
		return -1;
	}
	return fd;
}

/* @request: UFFDIO_WRITEPROTECT or UFFDIO_RWPROTECT */
static void uffd_protect(struct shape *shape, int fd, unsigned long request,
			 size_t from, size_t nr)
{
	struct uffdio_writeprotect range = {
		.range = { (unsigned long)shape->start + from * PAGE, nr * PAGE },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	if (ioctl(fd, request, &range))
		die("userfaultfd cannot protect: %s", strerror(errno));
}

void make_uffd_wp(struct shape *shape)
{
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_PAGEFAULT_FLAG_WP,
		       UFFDIO_REGISTER_MODE_WP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, UFFDIO_WRITEPROTECT, 4, 4);
	shape_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_UFFD_WP;
	shape_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_uffd_wp_shmem(struct shape *shape)
{
	int fd;

	shape_map_memfd(shape, 32);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
		       UFFDIO_REGISTER_MODE_WP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, UFFDIO_WRITEPROTECT, 8, 16);
	shape_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	shape_part(shape, 16, 8, MMSCOPE_MARKER_UFFD_WP, MMSCOPE_PTE);
	shape_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

/* Pages for which userfaultfd traps any access. */
void make_uffd_rwp(struct shape *shape)
{
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_RWP, UFFDIO_REGISTER_MODE_RWP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, UFFDIO_RWPROTECT, 4, 8);
	shape_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 4, 8, MMSCOPE_UFFD_RWP, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE;
	shape_part(shape, 12, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* Pages that userfaultfd marks as poisoned. */
void make_uffd_poison(struct shape *shape)
{
	struct {
		struct uffdio_range range;
		__u64 mode;
		__s64 updated;
	} poison;
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_POISON, UFFDIO_REGISTER_MODE_MISSING);
	if (fd < 0)
		return;
	poison.range.start = (unsigned long)shape->start + 20 * PAGE;
	poison.range.len = 4 * PAGE;
	poison.mode = 0;
	if (ioctl(fd, _IOWR(UFFDIO, 0x08, poison), &poison))
		die("UFFDIO_POISON: %s", strerror(errno));
	shape_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 16, 4, MMSCOPE_NONE, 0);
	shape_part(shape, 20, 4, MMSCOPE_MARKER_POISON, MMSCOPE_PTE);
	shape_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

static void ignore(int signal)
{
	(void)signal;
}

/* A page that MADV_HWPOISON declares broken: the kernel takes it out of use. */
void make_hwpoison(struct shape *shape)
{
	__u64 frame;

	shape_map(shape, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	/* The kernel sends SIGBUS to the process, and kills it if it is ignored. */
	signal(SIGBUS, ignore);
	frame = PM_FRAME(proc_page(getpid(),
				   (unsigned long)shape->start + 5 * PAGE));
	if (madvise(shape->start + 5 * PAGE, PAGE, MADV_HWPOISON)) {
		strcpy(shape->skip, "this kernel has no MADV_HWPOISON");
		return;
	}
	shape_part(shape, 0, 5, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 5, 1, MMSCOPE_HWPOISON, MMSCOPE_PTE)->frame = frame;
	shape_part(shape, 6, 10, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}
