// SPDX-License-Identifier: GPL-2.0-only
/* Memory that the module allocates for a reader is charged to the reader's cgroup. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

#define CGROUPS		"/sys/fs/cgroup"
#define GROUP		CGROUPS "/mmscope-charged"

/* What the kernel charges in advance on each CPU: 64 pages, or fewer */
#define STOCK		(64 * PAGE * sysconf(_SC_NPROCESSORS_CONF))

/* Half of the default limit on VMAs of a process */
#define MOST_VMAS	32000

enum { JOIN, READ, CLOSE };

struct reader {
	pid_t pid;
	int fd;
};

/* So many that their records take four times that, if possible. */
static size_t nr_vmas(void)
{
	size_t nr = 4 * STOCK / sizeof(struct mmscope_vma);

	return nr < MOST_VMAS ? nr : MOST_VMAS;
}

static void map_many(void *arg, int step)
{
	size_t i, nr = nr_vmas();
	char *start = target_map(NULL, nr * PAGE, PROT_READ,
				 MAP_PRIVATE | MAP_NORESERVE, -1);

	for (i = 0; i < nr; i += 2)
		mprotect(start + i * PAGE, PAGE, PROT_NONE);
}

/* All VMAs of one moment are in one buffer until the last one was read. */
static void read_first(struct reader *reader)
{
	const struct mmscope_query query = {
		.pid = reader->pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_CONSISTENT,
	};
	char c;

	reader->fd = query_open();
	if (query_put(reader->fd, query) || read(reader->fd, &c, 1) != 1)
		die("query: %s", strerror(errno));
}

static void reader_step(void *arg, int step)
{
	struct reader *reader = arg;

	if (step == JOIN)
		file_write(GROUP "/cgroup.procs", "0");
	else if (step == READ)
		read_first(reader);
	else
		close(reader->fd);
}

static long long charged(void)
{
	return file_number(GROUP "/memory.current", -1);
}

/* The target is in another cgroup, and is not charged for what is read of it. */
TEST(readers_are_charged)
{
	const long long size = nr_vmas() * sizeof(struct mmscope_vma);
	struct reader shared = { };
	struct target target, reader;
	long long before;

	module_need();
	file_write(CGROUPS "/cgroup.subtree_control", "+memory");
	ASSERT_EQ(0, mkdir(GROUP, 0700));
	target_start(&target, map_many, NULL);
	shared.pid = target.pid;
	target_start(&reader, reader_step, &shared);

	before = charged();
	EXPECT_LE(0, before);
	target_step(&reader, READ);
	EXPECT_LE(before + size, charged() + STOCK);
	target_step(&reader, CLOSE);
	EXPECT_GE(before + STOCK, charged());

	target_stop(&reader);
	target_stop(&target);
	while (rmdir(GROUP))
		ASSERT_EQ(EBUSY, errno);
}

TEST_HARNESS_MAIN
