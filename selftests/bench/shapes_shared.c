// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "machine.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "shapes_shared.h"
#include "sizes.h"
#include "target/target.h"

#define FOLIO_PAGES	16
#define HUGE_CONT	(32 * MIB)

/* A sparse file on ext4; ./run makes it. */
#define SPARSE_FILE	"/payload/sparse"

/* Bits of a set of lots. */
#define LOT(n)		(1u << (n))
#define ALL_LOTS	0xffu

/* A number from 0 to 7 for each page, the same one for all of a stretch. */
static unsigned char *lot;

static unsigned int next_random(void)
{
	static unsigned int state = 1;

	state = state * 1103515245 + 12345;
	return state >> 16;
}

/* Stretches are 1 to @longest times as long as @grain, in pages. */
static void draw_lots(size_t amount, size_t grain, unsigned int longest)
{
	size_t i = 0;

	lot = target_map(NULL, amount, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	while (i < amount) {
		size_t end = i + grain * (1 + next_random() % longest);
		unsigned char drawn = next_random() % 8;

		for (; i < end && i < amount; i++)
			lot[i] = drawn;
	}
}

static void write_page(char *page)
{
	*(volatile char *)page = 1;
}

static void read_page(char *page)
{
	(void)*(volatile char *)page;
}

static void drop_page(char *page)
{
	if (madvise(page, sysconf(_SC_PAGESIZE), MADV_DONTNEED))
		die("MADV_DONTNEED: %s", strerror(errno));
}

/* Call @fn for the pages of these lots, in no order of address. */
static void each_page(const struct shape *shape, unsigned int lots,
		      void (*fn)(char *page))
{
	size_t i, at;

	for (i = 0; i < shape->amount; i++) {
		at = i * SHAPE_STRIDE % shape->amount;
		if (lots & LOT(lot[at]))
			fn(shape->start + at * sysconf(_SC_PAGESIZE));
	}
}

/*
 * Fork a second process, and wait until it has called @fn. It lives as long as
 * the caller and keeps its copy of the address space.
 */
static void in_companion(const struct shape *shape,
			 void (*fn)(const struct shape *shape))
{
	pid_t parent = getpid();
	char ready = 'r';
	int fds[2];

	if (pipe(fds))
		die("pipe: %s", strerror(errno));
	if (!fork()) {
		die_with(parent);
		fn(shape);
		if (write(fds[1], &ready, 1) != 1)
			_exit(2);
		for (;;)
			pause();
	}
	close(fds[1]);
	if (read(fds[0], &ready, 1) != 1)
		die("the second process ended");
	close(fds[0]);
}

static void do_nothing(const struct shape *shape)
{
}

/* Make the pages of these lots the only ones that count as accessed. */
static void access_only(const struct shape *shape, unsigned int lots)
{
	proc_clear_refs(getpid(), 1);
	each_page(shape, lots, read_page);
}

static void write_in_order(const struct shape *shape)
{
	target_touch(shape->start, shape->size);
}

/* Shared memory */

static void map_memfd(struct shape *shape)
{
	int fd = memfd_create("shared", MFD_CLOEXEC);

	shape->size = shape->amount * sysconf(_SC_PAGESIZE);
	if (fd < 0 || ftruncate(fd, shape->size))
		die("no memfd: %s", strerror(errno));
	shape->start = target_map(NULL, shape->size, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd);
	close(fd);
}

static void look_at_all(const struct shape *shape)
{
	target_look(shape->start, shape->size);
}

void make_shared(struct shape *shape)
{
	map_memfd(shape);
	write_in_order(shape);
	in_companion(shape, look_at_all);
}

static void share_mixed(const struct shape *shape)
{
	each_page(shape, LOT(0) | LOT(5) | LOT(6), write_page);
	each_page(shape, LOT(1) | LOT(4) | LOT(7), read_page);
}

/* The second process maps all but lots 2 and 3. */
void make_shared_mixed(struct shape *shape)
{
	map_memfd(shape);
	draw_lots(shape->amount, 1, 32);
	machine_fault_around(sysconf(_SC_PAGESIZE));
	each_page(shape, LOT(0) | LOT(2) | LOT(4) | LOT(6), write_page);
	each_page(shape, LOT(1) | LOT(3) | LOT(5) | LOT(7), read_page);
	in_companion(shape, share_mixed);
	machine_fault_around(16 * sysconf(_SC_PAGESIZE));
	access_only(shape, ALL_LOTS & ~(LOT(6) | LOT(7)));
}

/* Memory of a process that forked */

void make_forked(struct shape *shape)
{
	shape_map(shape);
	write_in_order(shape);
	in_companion(shape, do_nothing);
}

void make_thp_forked(struct shape *shape)
{
	make_thp(shape);
	in_companion(shape, do_nothing);
}

static void fork_mixed(const struct shape *shape)
{
	each_page(shape, LOT(3), write_page);
	each_page(shape, LOT(4), drop_page);
}

/* Lot 5 is never written, so that it maps the zero page. */
void make_forked_mixed(struct shape *shape)
{
	shape_map(shape);
	draw_lots(shape->amount, 1, 32);
	each_page(shape, ALL_LOTS & ~LOT(5), write_page);
	each_page(shape, LOT(5), read_page);
	in_companion(shape, fork_mixed);
	each_page(shape, LOT(2), write_page);
	access_only(shape, ALL_LOTS & ~(LOT(1) | LOT(6)));
}

/* Large folios */

/* Die if few pages are part of a compound page, according to kpageflags. */
static void expect_folios(const struct shape *shape)
{
	const __u64 compound = KPF_COMPOUND_HEAD | KPF_COMPOUND_TAIL;
	size_t i, nr = shape->amount / FOLIO_PAGES, large = 0;

	for (i = 0; i < nr; i++) {
		char *at = shape->start + i * FOLIO_PAGES * sysconf(_SC_PAGESIZE);
		__u64 page = proc_page(getpid(), (unsigned long)at);

		if (page & PM_PRESENT && kpage_flags(PM_FRAME(page)) & compound)
			large++;
	}
	if (large < nr / 10 * 9)
		die("only %zu of %zu folios are large", large, nr);
}

bool mthp_exists(void)
{
	return machine_has_folios();
}

/*
 * Changing the settings wakes khugepaged, which would collapse the folios to huge
 * pages. It skips mappings with MADV_NOHUGEPAGE.
 */
static void touch_folios(const struct shape *shape,
			 void (*touch)(const struct shape *shape))
{
	if (madvise(shape->start, shape->size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
	machine_folios(true);
	touch(shape);
	if (madvise(shape->start, shape->size, MADV_NOHUGEPAGE))
		die("MADV_NOHUGEPAGE: %s", strerror(errno));
	machine_folios(false);
	expect_folios(shape);
}

static void write_in_leaps(const struct shape *shape)
{
	each_page(shape, ALL_LOTS, write_page);
}

void make_mthp(struct shape *shape)
{
	shape_map(shape);
	touch_folios(shape, write_in_order);
}

/* The second process still maps lots 4 to 7. */
static void fork_folios(const struct shape *shape)
{
	each_page(shape, LOT(0) | LOT(1) | LOT(2) | LOT(3), drop_page);
}

/* Drop every third page of these lots. */
static void drop_thirds(const struct shape *shape, unsigned int lots)
{
	size_t i;

	for (i = 0; i < shape->amount; i += 3)
		if (lots & LOT(lot[i]))
			drop_page(shape->start + i * sysconf(_SC_PAGESIZE));
}

/* Writing to lot 5 after the fork replaces its folios by copied single pages. */
void make_mthp_mixed(struct shape *shape)
{
	shape_map(shape);
	draw_lots(shape->amount, FOLIO_PAGES, 8);
	touch_folios(shape, write_in_leaps);
	drop_thirds(shape, LOT(1) | LOT(4));
	in_companion(shape, fork_folios);
	each_page(shape, LOT(5), write_page);
	access_only(shape, ALL_LOTS & ~(LOT(2) | LOT(6)));
}

/* The page cache of ext4 has large folios since 6.16. */
bool file_folios_exist(void)
{
	return kernel_since(6, 16);
}

/*
 * Readahead allocates larger folios as it proceeds. The memory of the mapping to be
 * serves as the buffer.
 */
static void fill_page_cache(int fd, char *block, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += MIB)
		if (read(fd, block, MIB) != MIB)
			die("%s: %s", SPARSE_FILE, strerror(errno));
}

/* Map the file @before pages after a multiple of the size of a huge page. */
static void map_file(struct shape *shape, size_t before)
{
	int fd = open(SPARSE_FILE, O_RDONLY | O_CLOEXEC);

	shape->amount += before;
	shape_map(shape);
	shape->amount -= before;
	shape->size -= before * sysconf(_SC_PAGESIZE);
	shape->start += before * sysconf(_SC_PAGESIZE);
	fill_page_cache(fd, shape->start, shape->size);
	target_map(shape->start, shape->size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_FIXED, fd);
	close(fd);
}

void make_file_folios(struct shape *shape)
{
	map_file(shape, FOLIO_PAGES);
	look_at_all(shape);
	expect_folios(shape);
}

void make_file_huge(struct shape *shape)
{
	map_file(shape, 0);
	look_at_all(shape);
	expect_folios(shape);
}

static void look_mixed(const struct shape *shape)
{
	each_page(shape, LOT(3) | LOT(4) | LOT(5), read_page);
	each_page(shape, LOT(6), write_page);
}

/* fork() copies no page tables of files: the second process maps what it reads. */
void make_file_folios_mixed(struct shape *shape)
{
	map_file(shape, FOLIO_PAGES);
	draw_lots(shape->amount, 1, 32);
	machine_fault_around(sysconf(_SC_PAGESIZE));
	each_page(shape, ALL_LOTS, read_page);
	expect_folios(shape);
	in_companion(shape, look_mixed);
	machine_fault_around(16 * sysconf(_SC_PAGESIZE));
	each_page(shape, LOT(2), write_page);
	access_only(shape, ALL_LOTS & ~(LOT(1) | LOT(4)));
}

/* Contiguous PMDs */

bool cont_pmds_exist(void)
{
	return machine_has_huge(HUGE_CONT);
}

void make_cont_pmds(struct shape *shape)
{
	machine_reserve_huge(HUGE_CONT, shape->amount);
	shape->size = shape->amount * HUGE_CONT;
	shape->start = target_map(NULL, shape->size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_HUGETLB |
				  25 << MAP_HUGE_SHIFT, -1);
	target_touch(shape->start, shape->size);
}
