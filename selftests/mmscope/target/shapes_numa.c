// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of memory on two nodes. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"

static bool has_two_nodes(void)
{
	return !access("/sys/devices/system/node/node1", F_OK);
}

/* Touch a page, and have it allocated on a node. */
static void touch_on(struct shape *shape, unsigned int node, size_t page)
{
	unsigned long nodes = 1UL << node;

	if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 65))
		die("set_mempolicy: %s", strerror(errno));
	shape_touch(shape, page, 1);
	syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
}

/* A huge page of each node, if the kernel has them. */
static bool huge_on_two_nodes(struct shape *shape)
{
	if (!shape_map_huge(shape, 3))
		return false;
	touch_on(shape, 1, 0);
	touch_on(shape, 0, TABLE_ENTRIES);
	if (!shape_need_thp(shape, 2 * TABLE_ENTRIES))
		return false;
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	shape_part_huge(shape, 0, 2, MMSCOPE_PRESENT)->with = WRITTEN;
	return true;
}

/* Huge pages of both nodes, then small ones, every third of the second node. */
void make_two_nodes(struct shape *shape)
{
	size_t first = 0, i;

	if (!has_two_nodes()) {
		strcpy(shape->skip, "the machine has no second node");
		return;
	}
	if (!kernel_has_thp())
		shape_map(shape, TABLE_ENTRIES, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	else if (huge_on_two_nodes(shape))
		first = 2 * TABLE_ENTRIES;
	else
		return;
	for (i = 0; i < 100; i++)
		touch_on(shape, i % 3 == 1, first + i);
	shape_part(shape, first, 100, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN;
	shape_part(shape, first + 100, TABLE_ENTRIES - 100, MMSCOPE_NONE, 0);
}

/* Make NUMA balancing scan often. Its files have moved from /proc to debugfs. */
static bool scan_often(void)
{
	static const char * const file[] = {
		"/sys/kernel/debug/sched/numa_balancing/scan_delay_ms",
		"/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms",
		"/proc/sys/kernel/numa_balancing_scan_delay_ms",
		"/proc/sys/kernel/numa_balancing_scan_period_min_ms",
	};
	size_t i;
	int found = 0;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		if (access(file[i], W_OK))
			continue;
		file_write(file[i], i % 2 ? "20" : "1");
		found++;
	}
	return found;
}

static bool bind(const struct shape *shape, int mode, const unsigned long *nodes)
{
	return !syscall(SYS_mbind, shape->start, shape->size, mode, nodes,
			nodes ? 65 : 0, nodes ? MPOL_MF_MOVE : 0);
}

static bool pages_of_other_node(struct shape *shape)
{
	unsigned long other = 1 << 1;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    !bind(shape, MPOL_BIND, &other))
		return false;
	shape_touch(shape, 0, 16);
	/*
	 * Some kernels, such as 5.10, do not move pages that are not yet on an LRU
	 * list; the second call finds them there. NUMA balancing only looks at
	 * mappings without a policy.
	 */
	return bind(shape, MPOL_BIND, &other) && bind(shape, MPOL_DEFAULT, NULL);
}

#define NUMA_BALANCING	"/proc/sys/kernel/numa_balancing"

/*
 * Wait until the kernel has made @nr NUMA hint entries. It scans as the task uses
 * its processor, so this loop does not sleep, and gives up after three seconds of
 * processor time.
 */
static bool await_hints(size_t nr)
{
	long long before = file_value("/proc/vmstat", "numa_pte_updates"), now;
	clock_t start = clock();

	file_write(NUMA_BALANCING, "1");
	do {
		now = file_value("/proc/vmstat", "numa_pte_updates");
	} while (now < before + nr && clock() - start < 3 * CLOCKS_PER_SEC);
	file_write(NUMA_BALANCING, "0");
	return now >= before + nr;
}

/* The kernel scans a mapping that is not used only a few times: make a new one. */
static bool balance(struct shape *shape)
{
	int attempt;

	for (attempt = 0; attempt < 20; attempt++) {
		shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
		if (!pages_of_other_node(shape))
			die("no pages of the other node: %s", strerror(errno));
		if (await_hints(16))
			return true;
		/* Entries of this one would be counted for the next one. */
		munmap(shape->start, shape->size);
	}
	return false;
}

void make_numa_hint(struct shape *shape)
{
	if (!has_two_nodes() || access(NUMA_BALANCING, W_OK) || !scan_often()) {
		strcpy(shape->skip, "the machine has no second node");
		return;
	}
	if (!balance(shape))
		strcpy(shape->skip, "the kernel does not balance memory");
	shape_part(shape, 0, 16, MMSCOPE_NUMA_HINT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}
