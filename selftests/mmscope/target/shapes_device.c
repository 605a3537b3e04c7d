// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of device memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"

/* A physical address without memory: a GiB or more after the last of it. */
static __u64 beyond_memory(void)
{
	FILE *file = fopen("/proc/iomem", "r");
	__u64 start, end, last = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%llx-%llx : ", &start, &end) == 2 &&
		    strstr(line, ": System RAM") && end > last)
			last = end;
	if (!last)
		die("no memory in /proc/iomem");
	fclose(file);
	return (last / GIB + 2) * GIB;
}

/*
 * What can be read without memory there: on x86 the bus answers for everything,
 * on arm64 it is an error. QEMU's machine begins with flash memory.
 */
static __u64 readable_device(void)
{
#ifdef __aarch64__
	return 0x04000000;
#else
	return beyond_memory();
#endif
}

static bool map_phys(struct shape *shape, size_t size, __u64 phys)
{
	/* O_SYNC makes the mapping uncached. */
	int fd = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	struct part *part;

	shape->size = size;
	shape->start = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, phys);
	close(fd);
	if (shape->start == MAP_FAILED)
		return false;
	part = shape_part(shape, 0, shape->size / PAGE, MMSCOPE_PRESENT,
			  MMSCOPE_PTE);
	part->frame = phys / PAGE;
	part->with = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_SPECIAL |
		     MMSCOPE_ATTR_UNCACHED;
	part->without = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC;
	return true;
}

/* More frames in a row than one slice takes: they have to make one run. */
void make_pfnmap(struct shape *shape)
{
	if (!map_phys(shape, 256 * MIB, beyond_memory()))
		strcpy(shape->skip, "/dev/mem cannot be mapped");
}

/* Eight pages of it, of which the process wrote to three: copies of its own. */
void make_pfnmap_written(struct shape *shape)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);

	shape->size = 8 * PAGE;
	shape->start = mmap(NULL, shape->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE, fd, readable_device());
	close(fd);
	if (shape->start == MAP_FAILED) {
		strcpy(shape->skip, "/dev/mem cannot be mapped");
		return;
	}
	shape_touch(shape, 0, 3);
	shape_part(shape, 0, 3, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape->part[0].without = MMSCOPE_ATTR_SPECIAL;
	shape_part(shape, 3, 5, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_SPECIAL;
	shape->part[1].without = MMSCOPE_ATTR_WRITE;
}

/* The same in the upper half of all addresses that the processor can have. */
void make_pfnmap_high(struct shape *shape)
{
	int bit;

	for (bit = 51; bit > 32; bit--)
		if (map_phys(shape, 4 * MIB, 7ULL << (bit - 2)))
			return;
	strcpy(shape->skip, "/dev/mem cannot be mapped");
}

/*
 * lib/test_hmm.c of the kernel simulates a device with memory of its own, and
 * migrates pages to it.
 */
#define DEVICE		"/dev/hmm_dmirror0"

struct device_command {
	__u64 addr;
	__u64 buffer;
	__u64 pages;
	__u64 copied;
	__u64 faults;
};

#define DEVICE_TAKE	_IOWR('H', 2, struct device_command)
#define DEVICE_BORROW	_IOWR('H', 5, struct device_command)

static int device_open(struct shape *shape)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		snprintf(shape->skip, sizeof(shape->skip), "there is no %s",
			 DEVICE);
	return fd;
}

static int map_for_device(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	return device_open(shape);
}

/* Pages that are still here: pagemap shows device pages as swapped. */
static size_t pages_here(struct shape *shape, size_t from, size_t nr)
{
	__u64 entry[nr];
	size_t i, here = 0;

	proc_pagemap(getpid(), (unsigned long)shape->start + from * PAGE, nr,
		     entry);
	for (i = 0; i < nr; i++)
		here += !(entry[i] & PM_SWAP);
	return here;
}

/* Pages with an extra reference do not migrate: try again. */
static void device_get(struct shape *shape, int fd, unsigned long request,
		       size_t from, size_t nr)
{
	char *buffer = calloc(nr, PAGE);
	struct device_command command = {
		.addr = (unsigned long)shape->start + from * PAGE,
		.buffer = (unsigned long)buffer,
		.pages = nr,
	};
	int attempt;

	for (attempt = 0; attempt < 500; attempt++) {
		if (!ioctl(fd, request, &command) &&
		    !pages_here(shape, from, nr)) {
			free(buffer);
			return;
		}
		usleep(10000);
	}
	die("pages do not migrate to the device: %s", strerror(errno));
}

/* Pages in device memory, which the processor cannot read. */
void make_device_private(struct shape *shape)
{
	int fd = map_for_device(shape);

	if (fd < 0)
		return;
	device_get(shape, fd, DEVICE_TAKE, 4, 8);
	shape_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 4, 8, MMSCOPE_DEVICE_PRIVATE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	shape_part(shape, 12, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* As one PMD entry, if the kernel can do that: since 6.19. */
void make_device_private_thp(struct shape *shape)
{
	int fd;

	if (!shape_map_huge(shape, 2))
		return;
	memset(shape->start, 'd', HUGE);
	if (!shape_need_thp(shape, TABLE_ENTRIES))
		return;
	fd = device_open(shape);
	if (fd < 0)
		return;
	device_get(shape, fd, DEVICE_TAKE, 0, TABLE_ENTRIES);
	shape_part(shape, 0, TABLE_ENTRIES, MMSCOPE_DEVICE_PRIVATE,
		   shape_is_thp(shape, TABLE_ENTRIES) ? kernel_huge_level() : MMSCOPE_PTE);
	shape_part(shape, TABLE_ENTRIES, TABLE_ENTRIES, MMSCOPE_NONE, 0);
}

/* Pages that stay in memory, reserved for the device until the next fault. */
void make_device_exclusive(struct shape *shape)
{
	int fd = map_for_device(shape);
	__u64 frame;

	if (fd < 0)
		return;
	frame = PM_FRAME(proc_page(getpid(),
				   (unsigned long)shape->start + 4 * PAGE));
	device_get(shape, fd, DEVICE_BORROW, 4, 8);
	shape_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 4, 1, MMSCOPE_DEVICE_EXCLUSIVE, MMSCOPE_PTE)->frame =
		frame;
	shape_part(shape, 5, 7, MMSCOPE_DEVICE_EXCLUSIVE,
		   MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	shape_part(shape, 12, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}
