// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader that is killed in its read() leaves the open file where it is: the
 * next reader of the same descriptor goes on there.
 */
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "target/giants.h"
#include "target/target.h"

#define PART	(2 * MIB)
#define PARTS	512

/**
 * struct killed - shared by target, reader and test
 * @start: of one memfd mapped many times: cheap memory, and long to walk
 * @returned: the reader came back from its read()
 */
struct killed {
	char *start;
	int returned;
};

static void map_much(void *arg, int step)
{
	struct killed *shared = arg;
	int fd = memfd_create("part", 0), i;

	if (fd < 0 || ftruncate(fd, PART))
		die("no memfd");
	shared->start = target_map(NULL, PARTS * PART, PROT_NONE,
				   MAP_PRIVATE | MAP_NORESERVE, -1);
	for (i = 0; i < PARTS; i++)
		target_map(shared->start + i * PART, PART, PROT_READ,
			   MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd);
	close(fd);
}

/* Kills a process in its read() of fd, which sets @returned if that is faster. */
static void kill_a_reader(int fd, size_t count, int *returned)
{
	pid_t parent = getpid(), pid;
	int line[2];
	char c, buffer[4096];

	if (pipe(line))
		die("no pipe");
	pid = fork();
	if (!pid) {
		die_with(parent);
		if (write(line[1], "", 1) == 1 &&
		    read(fd, buffer, count) >= 0)
			*returned = 1;
		_exit(0);
	}
	if (read(line[0], &c, 1) != 1)
		die("the reader did not start");
	usleep(2000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(line[0]);
	close(line[1]);
}

/*
 * The query looks up facts of many pages, of which none passes the filter: its
 * stream is header and task, then nothing for a long time, then END. The first
 * read gets header and task, the second is killed, the third must get END.
 */
TEST(reader_leaves_the_file_where_it_is)
{
	struct killed *shared = target_share(sizeof(*shared));
	struct mmscope_query query = {
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
		.page_set = 1ULL << KPF_HUGE,
	};
	const size_t first = sizeof(struct mmscope_header) +
			     sizeof(struct mmscope_task);
	struct target target;
	union {
		struct mmscope_head head;
		char bytes[4096];
	} buffer;
	int fd;

	module_need();
	target_start(&target, map_much, shared);
	query.pid = target.pid;
	query.start = (unsigned long)shared->start;
	query.end = query.start + PARTS * PART;
	fd = query_open();
	ASSERT_EQ(0, query_put(fd, query));
	ASSERT_EQ(first, read(fd, buffer.bytes, sizeof(buffer)));
	kill_a_reader(fd, sizeof(buffer), &shared->returned);
	if (!shared->returned) {
		ASSERT_EQ(sizeof(struct mmscope_end),
			  read(fd, buffer.bytes, sizeof(buffer)));
		EXPECT_EQ(MMSCOPE_REC_END, buffer.head.type);
	}
	EXPECT_EQ(0, read(fd, buffer.bytes, sizeof(buffer)));
	close(fd);
	target_stop(&target);
}

static void change_first(void *arg, int step)
{
	struct giant *giant = arg;

	if (!step)
		giant_most(giant);
	else
		munmap(giant->start, PAGE);
}

/*
 * All VMAs of one moment take long to record, under one hold. A reader that wants the
 * first byte is killed meanwhile, and the first VMA unmapped. The next reader gets
 * all VMAs, of one moment: if they were not complete before, without that one.
 */
TEST(reader_of_one_moment)
{
	char begun[1 + sizeof(MMSCOPE_MAGIC)] = { MMSCOPE_MAGIC[0] };
	struct giant *giant = target_share(sizeof(*giant));
	int *returned = target_share(sizeof(*returned));
	struct target target;
	struct stream *s;
	bool taken;
	int fd;

	module_need();
	target_start(&target, change_first, giant);
	fd = query_open();
	ASSERT_EQ(0, query_put(fd, (struct mmscope_query){
		.pid = target.pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_CONSISTENT,
	}));
	kill_a_reader(fd, 1, returned);
	target_step(&target, 1);
	ASSERT_EQ(sizeof(MMSCOPE_MAGIC),
		  read(fd, begun + 1, sizeof(MMSCOPE_MAGIC)));
	/* It may have been killed before it had the byte. */
	taken = memcmp(begun + 1, MMSCOPE_MAGIC, sizeof(MMSCOPE_MAGIC));
	ASSERT_EQ(0, stream_finish(fd, begun + !taken,
				   sizeof(MMSCOPE_MAGIC) + taken, &s));
	EXPECT_STREQ("", s->wrong);
	EXPECT_EQ(MMSCOPE_END_CONSISTENT, s->end->flags);
	EXPECT_EQ(0, s->end->status);
	EXPECT_LT(giant_most_vmas(), s->nr_vmas);
	if (s->end->holds > 1)
		EXPECT_EQ(NULL, vma_at(s, (unsigned long)giant->start));
	stream_free(s);
	close(fd);
	target_stop(&target);
}

TEST_HARNESS_MAIN
