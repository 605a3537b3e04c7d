// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the files take and refuse, who may open them, and how the module comes
 * and goes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "proc.h"
#include "stream.h"
#include "target.h"
#include "text.h"

#define PAGE		4096UL
#define PID_MAX_LIMIT	4194304

#define PARTS_RANGED	(MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE)

/* Where neither reading nor writing is possible. */
static void *bad_pointer(void)
{
	return target_map(NULL, 4096, PROT_NONE, MAP_PRIVATE, -1);
}

static void sit(void *arg, int step)
{
}

/* A number that was a task's and is no more. */
static pid_t dead_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

/* What "attach" refuses */

FIXTURE(bad_attach) {
};

FIXTURE_VARIANT(bad_attach)
{
	const char *text;
	size_t size;
	int err;
};

/* A NUL can stand in the midst of it. */
#define TEXT(string)	.text = string, .size = sizeof(string) - 1

FIXTURE_VARIANT_ADD(bad_attach, garbage) {
	TEXT("garbage"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, nothing) {
	TEXT(""),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, newline) {
	TEXT("\n"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, blank_before) {
	TEXT(" 1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, blank_behind) {
	TEXT("1 "),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, plus) {
	TEXT("+1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, zero) {
	TEXT("0"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, minus_zero) {
	TEXT("-0"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, minus) {
	TEXT("-"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, minus_minus) {
	TEXT("--1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, minus_plus) {
	TEXT("-+1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, letter_behind) {
	TEXT("1x"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, hexadecimal) {
	TEXT("0x1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, two) {
	TEXT("1 2"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, two_lines) {
	TEXT("1\n1\n"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, two_newlines) {
	TEXT("1\n\n"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, more_than_int) {
	TEXT("2147483648"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, more_than_long) {
	TEXT("99999999999"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, wraps_to_1) {
	TEXT("4294967297"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, out_of_range) {
	TEXT("4194305"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, detach_out_of_range) {
	TEXT("-4194305"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, largest) {
	TEXT("4194304"),
	.err = ESRCH,
};

FIXTURE_VARIANT_ADD(bad_attach, nul_behind) {
	TEXT("1\0"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, nul_inside) {
	TEXT("1\0001"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, nul_before) {
	TEXT("\0001"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, overlong) {
	TEXT("00000000000000000000000000001"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, overlong_page) {
	TEXT("1\n                                           "),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, detach_unknown) {
	TEXT("-4194304"),
	.err = ENOENT,
};

static size_t nr_folders(void)
{
	DIR *dir = opendir(MMSCOPE_DIR);
	struct dirent *entry;
	size_t nr = 0;

	if (!dir)
		die("no " MMSCOPE_DIR);
	while ((entry = readdir(dir)))
		nr += *entry->d_name >= '0' && *entry->d_name <= '9';
	closedir(dir);
	return nr;
}

FIXTURE_SETUP(bad_attach)
{
	module_need();
}

FIXTURE_TEARDOWN(bad_attach)
{
}

TEST_F(bad_attach, is_refused)
{
	size_t before;

	/* Folders of the dead may go at any write. */
	EXPECT_EQ(0, attach(getpid()));
	before = nr_folders();
	EXPECT_EQ(variant->err, attach_text(variant->text, variant->size));
	EXPECT_EQ(before, nr_folders());
	EXPECT_TRUE(folder_exists(getpid()));
}

/* What it does otherwise */

FIXTURE(folder)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(folder)
{
	module_need();
	target_start(&self->target, sit, NULL);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(folder)
{
	target_stop(&self->target);
}

TEST_F(folder, comes_and_goes)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "snapshot" };
	struct stat st;
	size_t i;

	EXPECT_FALSE(folder_exists(self->pid));
	ASSERT_EQ(0, attach(self->pid));
	for (i = 0; i < ARRAY_SIZE(file); i++) {
		ASSERT_EQ(0, stat(folder_path(self->pid, file[i]), &st));
		EXPECT_EQ(S_IFREG | 0400, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
	EXPECT_EQ(0, detach(self->pid));
	EXPECT_FALSE(folder_exists(self->pid));
}

TEST_F(folder, may_be_asked_for_twice)
{
	int fd;

	EXPECT_EQ(0, attach(self->pid));
	fd = open(folder_path(self->pid, "mm"), O_RDONLY);
	EXPECT_EQ(0, attach(self->pid));
	EXPECT_TRUE(folder_exists(self->pid));
	EXPECT_EQ(0, detach(self->pid));
	EXPECT_EQ(ENOENT, detach(self->pid));
	EXPECT_FALSE(folder_exists(self->pid));
	close(fd);
}

TEST_F(folder, takes_numbers_with_and_without_newline)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", self->pid);

	EXPECT_EQ(0, attach_text(text, len));
	EXPECT_TRUE(folder_exists(self->pid));
	len = snprintf(text, sizeof(text), "-%d", self->pid);
	EXPECT_EQ(0, attach_text(text, len));
	EXPECT_FALSE(folder_exists(self->pid));
	len = snprintf(text, sizeof(text), "%d\n", self->pid);
	EXPECT_EQ(0, attach_text(text, len));
	EXPECT_TRUE(folder_exists(self->pid));
}

TEST_F(folder, of_no_task)
{
	pid_t pid = dead_pid();

	EXPECT_EQ(ESRCH, attach(pid));
	EXPECT_FALSE(folder_exists(pid));
}

TEST_F(folder, that_is_not_there_cannot_go)
{
	EXPECT_EQ(ENOENT, detach(self->pid));
	EXPECT_EQ(ENOENT, detach(dead_pid()));
}

TEST_F(folder, goes_while_a_file_of_it_is_open)
{
	int fd = folder_open(self->pid, "mm");
	char c;

	EXPECT_EQ(0, detach(self->pid));
	/* debugfs cuts it off. */
	EXPECT_EQ(-1, read(fd, &c, 1));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(folder, written_from_a_bad_pointer)
{
	int fd = open(MMSCOPE_DIR "/attach", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, bad_pointer(), 4));
	EXPECT_EQ(EFAULT, errno);
	close(fd);
}

static void *sleep_for_ever(void *arg)
{
	pause();
	return NULL;
}

static void start_thread(void *arg, int step)
{
	pid_t *tid = arg;
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_for_ever, NULL);
	while (!*tid) {
		DIR *dir = opendir("/proc/self/task");
		struct dirent *entry;

		while ((entry = readdir(dir)))
			if (atoi(entry->d_name) && atoi(entry->d_name) != getpid())
				*tid = atoi(entry->d_name);
		closedir(dir);
	}
}

TEST_F(folder, of_a_thread)
{
	pid_t *tid = target_share(sizeof(*tid));
	struct target target;
	struct stream *by_tid, *by_pid;
	int fd;

	target_start(&target, start_thread, tid);
	ASSERT_NE(target.pid, *tid);
	fd = folder_open(*tid, "snapshot");
	ASSERT_EQ(0, stream_read(fd, &by_tid));
	ASSERT_STREQ("", by_tid->wrong);
	EXPECT_EQ(*tid, by_tid->task->pid);
	EXPECT_EQ(target.pid, by_tid->task->tgid);
	/* The same mm by either number. */
	by_pid = stream_get(target.pid, MMSCOPE_PART_MM | PARTS_RANGED, 0, 0);
	EXPECT_EQ(target.pid, by_pid->task->pid);
	EXPECT_EQ(by_pid->mm->pgd, by_tid->mm->pgd);
	EXPECT_EQ(by_pid->nr_vmas, by_tid->nr_vmas);
	close(fd);
	target_stop(&target);
}

#define MAX_FOLDERS	256

static void free_folders(void)
{
	DIR *dir = opendir(MMSCOPE_DIR);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (atoi(entry->d_name))
			detach(atoi(entry->d_name));
	closedir(dir);
}

TEST_F(folder, is_one_of_256_at_most)
{
	pid_t sleeper[MAX_FOLDERS + 1];
	int i;

	free_folders();
	ASSERT_EQ(0, nr_folders());
	for (i = 0; i <= MAX_FOLDERS; i++) {
		sleeper[i] = fork();
		if (!sleeper[i]) {
			pause();
			_exit(0);
		}
		EXPECT_EQ(i < MAX_FOLDERS ? 0 : ENOSPC, attach(sleeper[i]));
	}
	EXPECT_EQ(MAX_FOLDERS, nr_folders());
	/* What is there already needs no room. */
	EXPECT_EQ(0, attach(sleeper[7]));
	EXPECT_EQ(ENOSPC, attach(sleeper[MAX_FOLDERS]));

	/* A task that is gone makes room at the next write. */
	target_kill(sleeper[99]);
	EXPECT_EQ(0, attach(sleeper[MAX_FOLDERS]));
	EXPECT_FALSE(folder_exists(sleeper[99]));
	EXPECT_EQ(MAX_FOLDERS, nr_folders());

	for (i = 0; i <= MAX_FOLDERS; i++)
		if (i != 99)
			target_kill(sleeper[i]);
	EXPECT_EQ(0, attach(self->pid));
	EXPECT_EQ(1, nr_folders());
}

/* In a pid namespace, numbers are those of the namespace. */
TEST_F(folder, in_a_pid_namespace)
{
	int status, fds[2];
	pid_t child;

	ASSERT_EQ(0, pipe(fds));
	child = fork();
	if (!child) {
		struct stream *s;
		pid_t init;
		bool fine;

		if (unshare(CLONE_NEWPID))
			_exit(9);
		init = fork();
		if (init) {
			if (write(fds[1], &init, sizeof(init)) != sizeof(init))
				_exit(8);
			waitpid(init, &status, 0);
			_exit(WEXITSTATUS(status));
		}
		fine = getpid() == 1 && !attach_text("1", 1);
		s = stream_get(1, MMSCOPE_PART_MM, 0, 0);
		fine = fine && s->task->pid == 1 && s->task->tgid == 1;
		/* proc is still mounted for the numbers outside. */
		fine = fine && query_ask(query_open(), 77, MMSCOPE_PART_MM, 0,
					 0) == ESRCH;
		/* Not before the parent looked. */
		printf("%s", fine ? "" : "#     wrong in the namespace\n");
		_exit(!fine);
	}
	ASSERT_EQ(sizeof(child), read(fds[0], &status, sizeof(status)));
	waitpid(child, &child, 0);
	EXPECT_EQ(0, WEXITSTATUS(child));
	/* The folder bears the number that is unique. */
	EXPECT_TRUE(folder_exists(status));
}

/* Queries that are refused */

FIXTURE(bad_query)
{
	struct target target;
	int fd;
};

FIXTURE_VARIANT(bad_query)
{
	struct mmscope_query query;
	size_t count;			/* default: query.size */
	size_t nonzero_at;		/* a byte behind the query */
	bool dead;			/* of a task that is no more */
	int err;
};

#define QUERY_SIZE	sizeof(struct mmscope_query)

/* A query that would be answered, but for what follows. */
#define GOOD_QUERY							\
	.query.size = QUERY_SIZE, .query.abi = MMSCOPE_ABI,		\
	.query.parts = MMSCOPE_PART_VMAS, .query.pid = 1

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

FIXTURE_VARIANT_ADD(bad_query, abi_0) {
	GOOD_QUERY,
	.query.abi = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, abi_next) {
	GOOD_QUERY,
	.query.abi = MMSCOPE_ABI + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, flags) {
	GOOD_QUERY,
	.query.flags = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, flags_high) {
	GOOD_QUERY,
	.query.flags = 1u << 31,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, no_parts) {
	GOOD_QUERY,
	.query.parts = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_part) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PARTS_ALL + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_among_known) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_MM | 1u << 31,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, reserved) {
	GOOD_QUERY,
	.query.__reserved = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_too_small) {
	GOOD_QUERY,
	.query.size = QUERY_SIZE - 8,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_0) {
	GOOD_QUERY,
	.query.size = 0,
	.count = QUERY_SIZE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_too_small) {
	GOOD_QUERY,
	.count = QUERY_SIZE - 8,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_of_size_alone) {
	GOOD_QUERY,
	.count = 4,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_1) {
	GOOD_QUERY,
	.count = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_beyond_size) {
	GOOD_QUERY,
	.count = QUERY_SIZE + 8,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_beyond_count) {
	GOOD_QUERY,
	.query.size = QUERY_SIZE + 8,
	.count = QUERY_SIZE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, tail) {
	GOOD_QUERY,
	.query.size = QUERY_SIZE + 8,
	.nonzero_at = QUERY_SIZE,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, tail_far) {
	GOOD_QUERY,
	.query.size = 4096,
	.nonzero_at = 4095,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, beyond_a_page) {
	GOOD_QUERY,
	.query.size = 4096 + 8,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, end_before_start) {
	GOOD_QUERY,
	.query.start = 8192,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, end_at_start) {
	GOOD_QUERY,
	.query.start = 4096,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_end) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_vmas) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK | MMSCOPE_PART_VMAS,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_pagetable) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK | MMSCOPE_PART_PAGETABLE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_0) {
	GOOD_QUERY,
	.query.pid = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_negative) {
	GOOD_QUERY,
	.query.pid = -1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_out_of_range) {
	GOOD_QUERY,
	.query.pid = PID_MAX_LIMIT + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_unused) {
	GOOD_QUERY,
	.query.pid = PID_MAX_LIMIT,
	.err = ESRCH,
};

FIXTURE_VARIANT_ADD(bad_query, pid_dead) {
	GOOD_QUERY,
	.dead = true,
	.err = ESRCH,
};

#pragma GCC diagnostic pop

FIXTURE_SETUP(bad_query)
{
	module_need();
	target_start(&self->target, sit, NULL);
	self->fd = query_open();
}

FIXTURE_TEARDOWN(bad_query)
{
	close(self->fd);
	target_stop(&self->target);
}

static int ask_raw(int fd, const void *query, size_t count)
{
	ssize_t ret = write(fd, query, count);

	if (ret >= 0 && ret != count)
		die("query took %zd of %zu bytes", ret, count);
	return ret < 0 ? errno : 0;
}

/* Put a part of a stream that was read before in front of the rest. */
static const char *read_on(int fd, const void *begun, size_t len, __u32 *pid)
{
	static char message[160];
	char *data = malloc(16 * MIB);
	struct stream *s;
	int memory = memfd_create("stream", 0);
	ssize_t ret;

	memcpy(data, begun, len);
	while ((ret = read(fd, data + len, 16 * MIB - len)) > 0)
		len += ret;
	if (ret < 0)
		return strerror(errno);
	if (write(memory, data, len) != len)
		return "memfd";
	lseek(memory, 0, SEEK_SET);
	free(data);
	if (stream_read(memory, &s))
		return "cannot read the memfd";
	close(memory);
	strcpy(message, s->wrong);
	if (!*message && s->end->status)
		strcpy(message, "cut short");
	if (!*message)
		*pid = s->task->pid;
	stream_free(s);
	return message;
}

TEST_F(bad_query, is_refused_and_leaves_the_last_one)
{
	struct mmscope_query query = variant->query;
	char buffer[2 * 4096] = { }, begun[300];
	size_t count = variant->count ? variant->count : query.size;
	__u32 pid = 0;

	ASSERT_EQ(0, query_ask(self->fd, self->target.pid, MMSCOPE_PART_MM |
			       PARTS_RANGED, 0, 0));
	ASSERT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));

	if (variant->dead)
		query.pid = dead_pid();
	memcpy(buffer, &query, sizeof(query));
	if (variant->nonzero_at)
		buffer[variant->nonzero_at] = 1;
	EXPECT_EQ(variant->err, ask_raw(self->fd, buffer, count));

	EXPECT_STREQ("", read_on(self->fd, begun, sizeof(begun), &pid));
	EXPECT_EQ(self->target.pid, pid);
}

TEST_F(bad_query, is_refused_as_the_first_one)
{
	struct mmscope_query query = variant->query;
	size_t count = variant->count ? variant->count : query.size;
	char buffer[2 * 4096] = { };

	if (variant->dead)
		query.pid = dead_pid();
	memcpy(buffer, &query, sizeof(query));
	if (variant->nonzero_at)
		buffer[variant->nonzero_at] = 1;
	EXPECT_EQ(variant->err, ask_raw(self->fd, buffer, count));
	EXPECT_EQ(-1, read(self->fd, buffer, sizeof(buffer)));
	EXPECT_EQ(EINVAL, errno);
}

/* Queries that are not */

FIXTURE(query)
{
	struct target target;
	pid_t pid;
	int fd;
};

FIXTURE_SETUP(query)
{
	module_need();
	target_start(&self->target, sit, NULL);
	self->pid = self->target.pid;
	self->fd = query_open();
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
	target_stop(&self->target);
}

TEST_F(query, may_be_longer_if_the_rest_is_zero)
{
	struct {
		struct mmscope_query query;
		char rest[4096 - QUERY_SIZE];
	} longer = {
		.query = {
			.abi = MMSCOPE_ABI,
			.parts = MMSCOPE_PART_MM,
			.pid = self->pid,
		},
	};
	static const size_t size[] = { QUERY_SIZE, QUERY_SIZE + 8, 100, 4096 };
	struct stream *s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		longer.query.size = size[i];
		EXPECT_EQ(0, ask_raw(self->fd, &longer, size[i]));
		ASSERT_EQ(0, stream_read(self->fd, &s));
		ASSERT_STREQ("", s->wrong);
		EXPECT_EQ(self->pid, s->task->pid);
		stream_free(s);
	}
}

TEST_F(query, has_to_come_first)
{
	char c;

	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(query, begins_anew_each_time)
{
	char some[1000];
	struct stream *s;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(sizeof(some), read(self->fd, some, sizeof(some)));
	ASSERT_EQ(0, query_ask(self->fd, getpid(), MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(getpid(), s->task->pid);
	EXPECT_EQ(MMSCOPE_PART_MM, s->header->parts);
	/* At its end it stays, until the next one. */
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	stream_free(s);
	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(self->pid, s->task->pid);
	stream_free(s);
}

TEST_F(query, is_each_open_files_own)
{
	int other = query_open();
	struct stream *s;
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, read(other, &c, 1));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, query_ask(other, getpid(), MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	EXPECT_EQ(self->pid, s->task->pid);
	ASSERT_EQ(0, stream_read(other, &s));
	EXPECT_EQ(getpid(), s->task->pid);
	close(other);
}

TEST_F(query, cannot_be_sought_in)
{
	int snapshot = folder_open(self->pid, "snapshot");
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, &c, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(snapshot, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(query, has_no_ioctl_and_no_mmap)
{
	EXPECT_EQ(-1, ioctl(self->fd, 0x12345678, 0));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd,
				   0));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(query, from_bad_pointers)
{
	struct mmscope_query query = {
		.size = 4096,
		.abi = MMSCOPE_ABI,
		.parts = MMSCOPE_PART_MM,
		.pid = self->pid,
	};
	char *edge = target_map(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE, -1);

	EXPECT_EQ(EFAULT, ask_raw(self->fd, bad_pointer(), sizeof(query)));
	/* The rest is not there. */
	munmap(edge + PAGE, PAGE);
	memcpy(edge + PAGE - sizeof(query), &query, sizeof(query));
	EXPECT_EQ(EFAULT, ask_raw(self->fd, edge + PAGE - sizeof(query), 4096));
	/* Nor is the second half. */
	query.size = sizeof(query);
	memcpy(edge + PAGE - 16, &query, 16);
	EXPECT_EQ(EFAULT, ask_raw(self->fd, edge + PAGE - 16, sizeof(query)));
}

TEST_F(query, to_bad_pointers)
{
	char begun[200];
	__u32 pid = 0;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, read(self->fd, bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));
	EXPECT_EQ(-1, read(self->fd, bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	/* What was not given is not lost. */
	EXPECT_STREQ("", read_on(self->fd, begun, sizeof(begun), &pid));
	EXPECT_EQ(self->pid, pid);
}

static size_t read_in_steps(int fd, char *to, size_t step)
{
	size_t len = 0;
	ssize_t ret;

	while ((ret = read(fd, to + len, step)) > 0)
		len += ret;
	if (ret < 0)
		die("read: %s", strerror(errno));
	return len;
}

TEST_F(query, gives_the_same_in_steps_of_any_size)
{
	static const size_t step[] = { 1, 7, 4096, 65536, MIB };
	char *first = malloc(MIB), *next = malloc(MIB);
	size_t i, len, of_first = 0;

	for (i = 0; i < ARRAY_SIZE(step); i++) {
		ASSERT_EQ(0, query_ask(self->fd, self->pid,
				       MMSCOPE_PART_PAGETABLE, 0, 0));
		len = read_in_steps(self->fd, next, step[i]);
		if (!i)
			of_first = len;
		ASSERT_EQ(of_first, len);
		/* Times differ: in the header, and in the last field of END. */
		memset(next + offsetof(struct mmscope_header, time_ns), 0, 8);
		memset(next + len - 8, 0, 8);
		if (!i)
			memcpy(first, next, len);
		EXPECT_EQ(0, memcmp(first, next, len));
	}
}

TEST_F(query, reads_nothing_into_nothing)
{
	struct stream *s;
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, MMSCOPE_PART_MM, 0, 0));
	EXPECT_EQ(0, read(self->fd, &c, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
}

/* Of one open file, two readers get each byte once. */
TEST_F(query, read_by_two)
{
	size_t *count = target_share(3 * sizeof(*count));
	char buffer[64];
	ssize_t ret;
	pid_t child;
	int status;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	count[2] = read_in_steps(self->fd, malloc(MIB), MIB);
	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	child = fork();
	while ((ret = read(self->fd, buffer, sizeof(buffer))) > 0)
		count[!!child] += ret;
	if (!child)
		_exit(ret < 0);
	EXPECT_EQ(0, ret);
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(count[2], count[0] + count[1]);
}

/* Text files are ordinary files to read. */

FIXTURE(text)
{
	struct target target;
	int fd;
};

FIXTURE_VARIANT(text)
{
	const char *file;
};

FIXTURE_VARIANT_ADD(text, mm) {
	.file = "mm",
};

FIXTURE_VARIANT_ADD(text, vmas) {
	.file = "vmas",
};

FIXTURE_VARIANT_ADD(text, pagetable) {
	.file = "pagetable",
};

FIXTURE_SETUP(text)
{
	module_need();
	kernel_stop_sampling();
	target_start(&self->target, sit, NULL);
	self->fd = folder_open(self->target.pid, variant->file);
}

FIXTURE_TEARDOWN(text)
{
	close(self->fd);
	target_stop(&self->target);
}

/* The line that tells times is a comment, and the last one. */
static void cut_end(char *text)
{
	char *end = strstr(text, "; mmap_lock held");

	if (!end)
		die("no last line: %s", text);
	*end = '\0';
}

/* mm_count is what it is: idle processors take and drop references. */
static void cut_count(char *text)
{
	char *count = strstr(text, "mm_count: ");

	if (count)
		memset(count, 'x', strcspn(count, "\n"));
}

TEST_F(text, reads_the_same_in_steps_of_any_size)
{
	static const size_t step[] = { 3, 100, 4096, 60000 };
	char *whole, *next = malloc(MIB);
	size_t i, len;

	ASSERT_EQ(0, text_read(self->fd, &whole));
	cut_end(whole);
	cut_count(whole);
	for (i = 0; i < ARRAY_SIZE(step); i++) {
		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		len = read_in_steps(self->fd, next, step[i]);
		next[len] = '\0';
		cut_end(next);
		cut_count(next);
		EXPECT_EQ(strlen(whole), strlen(next));
		EXPECT_EQ(0, strcmp(whole, next));
	}
}

TEST_F(text, reads_the_same_from_any_place)
{
	static const off_t place[] = { 500, 0, 1, 77, 2000, 300 };
	char *whole, part[100];
	size_t i;

	ASSERT_EQ(0, text_read(self->fd, &whole));
	cut_count(whole);
	for (i = 0; i < ARRAY_SIZE(place); i++) {
		ssize_t ret = pread(self->fd, part, sizeof(part), place[i]);

		if (place[i] + sizeof(part) + 100 > strlen(whole))
			continue;
		ASSERT_LT(0, ret);
		if (!memmem(part, ret, "mm_count", 8))
			EXPECT_EQ(0, memcmp(whole + place[i], part, ret));
	}
}

TEST_F(text, cannot_be_written)
{
	int fd = open(folder_path(self->target.pid, variant->file), O_RDWR);

	if (fd < 0)
		return;
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

/* Files that are always there */

FIXTURE(files) {
};

FIXTURE_SETUP(files)
{
	module_need();
}

FIXTURE_TEARDOWN(files)
{
}

TEST_F(files, have_their_modes)
{
	static const struct {
		const char *path;
		mode_t mode;
	} file[] = {
		{ MMSCOPE_DIR "/version", S_IFREG | 0400 },
		{ MMSCOPE_DIR "/attach", S_IFREG | 0200 },
		{ MMSCOPE_DIR "/query", S_IFREG | 0600 },
	};
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		ASSERT_EQ(0, stat(file[i].path, &st));
		EXPECT_EQ(file[i].mode, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
}

TEST_F(files, tell_the_version)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_MM, 0, 0);
	struct utsname uts;
	char want[64], *text;
	int fd = open(MMSCOPE_DIR "/version", O_RDONLY);

	ASSERT_EQ(0, text_read(fd, &text));
	uname(&uts);
	EXPECT_STREQ(uts.release, text_value(text, "kernel"));
	EXPECT_STREQ(uts.machine, text_value(text, "arch"));
	EXPECT_STREQ(s->header->module, text_value(text, "module"));
	snprintf(want, sizeof(want), "%u", MMSCOPE_ABI);
	EXPECT_STREQ(want, text_value(text, "abi"));
	snprintf(want, sizeof(want), "%ld", sysconf(_SC_PAGESIZE));
	EXPECT_STREQ(want, text_value(text, "page_size"));
#ifdef __x86_64__
	EXPECT_STREQ(file_has_word("/proc/cpuinfo", "la57") ? "5" : "4",
		     text_value(text, "page_table_levels"));
#endif
	close(fd);
}

/* Rights */

static void drop(int capability)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	__u32 bit = 1u << (capability % 32);

	syscall(SYS_capget, &header, data);
	data[capability / 32].effective &= ~bit;
	data[capability / 32].permitted &= ~bit;
	data[capability / 32].inheritable &= ~bit;
	if (syscall(SYS_capset, &header, data))
		die("capset: %s", strerror(errno));
}

/* In a child, so that this process stays as it is: the status it ends with. */
static int in_child(int (*fn)(pid_t pid), pid_t pid)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(fn(pid));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* Return: the errno of opening every file, if that is the same, else 255. */
static int errno_of_open(pid_t pid)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "snapshot" };
	int err, i;

	err = open(MMSCOPE_DIR "/query", O_RDWR) < 0 ? errno : 0;
	if (err != (open(MMSCOPE_DIR "/attach", O_WRONLY) < 0 ? errno : 0))
		return 255;
	for (i = 0; i < ARRAY_SIZE(file); i++)
		if (err != (open(folder_path(pid, file[i]), O_RDONLY) < 0 ?
			    errno : 0))
			return 255;
	return err;
}

FIXTURE(rights)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(rights)
{
	module_need();
	target_start(&self->target, sit, NULL);
	self->pid = self->target.pid;
	ASSERT_EQ(0, attach(self->pid));
}

FIXTURE_TEARDOWN(rights)
{
	target_stop(&self->target);
}

TEST_F(rights, of_root_suffice)
{
	EXPECT_EQ(0, in_child(errno_of_open, self->pid));
}

static int without_sys_admin(pid_t pid)
{
	drop(CAP_SYS_ADMIN);
	return errno_of_open(pid);
}

TEST_F(rights, need_sys_admin)
{
	EXPECT_EQ(EPERM, in_child(without_sys_admin, self->pid));
}

static int as_nobody(pid_t pid)
{
	if (setgid(65534) || setuid(65534))
		return 254;
	return errno_of_open(pid);
}

TEST_F(rights, of_others_do_not_suffice)
{
	EXPECT_EQ(EACCES, in_child(as_nobody, self->pid));
}

static int as_root_of_a_namespace(pid_t pid)
{
	if (unshare(CLONE_NEWUSER))
		return 254;
	file_write("/proc/self/setgroups", "deny");
	file_write("/proc/self/uid_map", "0 0 1");
	file_write("/proc/self/gid_map", "0 0 1");
	return errno_of_open(pid);
}

TEST_F(rights, of_a_user_namespace_do_not_suffice)
{
	EXPECT_EQ(EPERM, in_child(as_root_of_a_namespace, self->pid));
}

/* It is the opener's right that counts. */
static int query_as_nobody(pid_t pid)
{
	struct stream *s;
	int fd = query_open();

	if (setgid(65534) || setuid(65534))
		return 254;
	if (query_ask(fd, pid, MMSCOPE_PART_MM, 0, 0) || stream_read(fd, &s))
		return 253;
	return *s->wrong || s->task->pid != pid;
}

TEST_F(rights, are_those_of_the_opener)
{
	EXPECT_EQ(0, in_child(query_as_nobody, self->pid));
}

static bool shows_addresses(const struct stream *s)
{
	return s->task->flags & MMSCOPE_TASK_ADDRESSES || s->mm->pgd ||
	       s->mm->get_unmapped_area;
}

static int without_syslog(pid_t pid)
{
	struct stream *s;
	char *text;

	drop(CAP_SYSLOG);
	s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	if (shows_addresses(s))
		return 1;
	text = text_get(pid, "mm");
	if (!strstr(text_value(text, "pgd"), "withheld"))
		return 2;
	if (s->mm->area_len &&
	    !strstr(text_value(text, "get_unmapped_area"), "withheld"))
		return 3;
	/* All else is told. */
	return s->mm->total_vm * 4 != proc_status(pid, "VmSize");
}

TEST_F(rights, to_kernel_addresses_need_syslog)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);

	EXPECT_TRUE(s->task->flags & MMSCOPE_TASK_ADDRESSES);
	EXPECT_NE(0, s->mm->pgd);
	EXPECT_EQ(0, in_child(without_syslog, self->pid));
}

static int passed[2];

static int open_without_syslog(pid_t pid)
{
	int fd[2];
	struct iovec data = { &pid, sizeof(pid) };
	char control[CMSG_SPACE(sizeof(fd))] = { };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	drop(CAP_SYSLOG);
	fd[0] = query_open();
	fd[1] = folder_open(pid, "snapshot");
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), fd, sizeof(fd));
	return sendmsg(passed[1], &message, 0) < 0;
}

TEST_F(rights, do_not_grow_with_who_reads)
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct iovec data = { control, sizeof(pid_t) };
	char got[CMSG_SPACE(2 * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = got,
		.msg_controllen = sizeof(got),
	};
	struct stream *s;
	int fd[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, passed));
	ASSERT_EQ(0, in_child(open_without_syslog, self->pid));
	ASSERT_LT(0, recvmsg(passed[0], &message, 0));
	memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));

	ASSERT_EQ(0, query_ask(fd[0], self->pid, MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(fd[0], &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_FALSE(shows_addresses(s));
	ASSERT_EQ(0, stream_read(fd[1], &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_FALSE(shows_addresses(s));
}

/* Loading and unloading */

FIXTURE(load)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(load)
{
	module_need();
	target_start(&self->target, sit, NULL);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(load)
{
	target_stop(&self->target);
	/* Others go on with it. */
	module_need();
}

TEST_F(load, twice_fails)
{
	EXPECT_EQ(EEXIST, module_load(""));
	EXPECT_TRUE(module_loaded());
}

TEST_F(load, and_unload)
{
	int i;

	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, attach(self->pid));
		ASSERT_EQ(0, module_unload());
		EXPECT_FALSE(module_loaded());
		EXPECT_NE(0, access(MMSCOPE_DIR, F_OK));
		ASSERT_EQ(0, module_load(""));
		EXPECT_TRUE(module_loaded());
		EXPECT_FALSE(folder_exists(self->pid));
	}
}

TEST_F(load, with_pids)
{
	char params[64];

	ASSERT_EQ(0, module_unload());
	snprintf(params, sizeof(params), "pid=%d,%d", self->pid, getpid());
	ASSERT_EQ(0, module_load(params));
	EXPECT_TRUE(folder_exists(self->pid));
	EXPECT_TRUE(folder_exists(getpid()));
	EXPECT_EQ(2, nr_folders());
	EXPECT_NE(NULL, strstr(text_get(self->pid, "mm"), "total_vm: "));
}

TEST_F(load, with_a_bad_pid_is_refused)
{
	static const struct {
		const char *params;
		int err;
	} bad[] = {
		{ "pid=0", EINVAL }, { "pid=-1", EINVAL }, { "pid=x", EINVAL },
		{ "pid=4194305", EINVAL }, { "pid=4194304", ESRCH },
		{ "pid=1,4194304", ESRCH }, { "pid=1,0", EINVAL },
	};
	size_t i;

	ASSERT_EQ(0, module_unload());
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].err, module_load(bad[i].params)) {
			note("%s", bad[i].params);
		}
		/* Nothing of it stays. */
		EXPECT_NE(0, access(MMSCOPE_DIR, F_OK));
		EXPECT_NE(0, access("/sys/module/mmscope", F_OK));
	}
}

FIXTURE(open_file)
{
	struct target target;
};

FIXTURE_VARIANT(open_file)
{
	const char *file;		/* of the folder; NULL: query */
};

FIXTURE_VARIANT_ADD(open_file, query) {
	.file = NULL,
};

FIXTURE_VARIANT_ADD(open_file, mm) {
	.file = "mm",
};

FIXTURE_VARIANT_ADD(open_file, pagetable) {
	.file = "pagetable",
};

FIXTURE_VARIANT_ADD(open_file, snapshot) {
	.file = "snapshot",
};

FIXTURE_SETUP(open_file)
{
	module_need();
	target_start(&self->target, sit, NULL);
}

FIXTURE_TEARDOWN(open_file)
{
	target_stop(&self->target);
	module_need();
}

TEST_F(open_file, keeps_the_module)
{
	int fd = variant->file ? folder_open(self->target.pid, variant->file) :
				 query_open();
	char c;

	EXPECT_EQ(EWOULDBLOCK, module_unload());
	EXPECT_TRUE(module_loaded());
	if (!variant->file)
		ASSERT_EQ(0, query_ask(fd, self->target.pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(1, read(fd, &c, 1));
	EXPECT_EQ(EWOULDBLOCK, module_unload());
	close(fd);
	EXPECT_EQ(0, module_unload());
}

/* Errors that tell a reader that the module is, or just was, away. */
static bool away(int err)
{
	return err == ENOENT || err == EIO || err == ENODEV || err == ENXIO;
}

static void read_file(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY);
	ssize_t ret;

	if (fd < 0 && !away(errno))
		die("open %s: %s", path, strerror(errno));
	if (fd < 0)
		return;
	do {
		ret = read(fd, buffer, sizeof(buffer));
	} while (ret > 0);
	if (ret < 0 && !away(errno))
		die("read %s: %s", path, strerror(errno));
	close(fd);
}

static void read_query(pid_t pid)
{
	int fd = open(MMSCOPE_DIR "/query", O_RDWR);
	struct stream *s;
	int err;

	if (fd < 0 && !away(errno))
		die("open query: %s", strerror(errno));
	if (fd < 0)
		return;
	err = query_ask(fd, pid, PARTS_RANGED, 0, 0);
	if (!err)
		err = stream_read(fd, &s);
	if (err)
		die("an open query failed: %s", strerror(err));
	if (*s->wrong)
		die("wrong stream: %s", s->wrong);
	stream_free(s);
	close(fd);
}

static pid_t start_reader(pid_t target, bool *stop, int which)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (; !*stop; usleep(3000)) {
		if (!which)
			read_query(target);
		else if (which == 1)
			read_file(folder_path(target, "pagetable"));
		else
			read_file(folder_path(target, "snapshot"));
	}
	_exit(0);
}

TEST_F(load, while_others_read)
{
	bool *stop = target_share(sizeof(*stop));
	int i, unloads = 0, refusals = 0, status;
	pid_t reader[3];

	for (i = 0; i < 3; i++)
		reader[i] = start_reader(self->pid, stop, i);
	while ((unloads < 20 || !refusals) && unloads + refusals < 20000) {
		int err = module_unload();

		if (err) {
			ASSERT_EQ(EWOULDBLOCK, err);
			refusals++;
			usleep(500);
			continue;
		}
		unloads++;
		ASSERT_EQ(0, module_load(""));
		ASSERT_EQ(0, attach(self->pid));
	}
	*stop = true;
	for (i = 0; i < 3; i++) {
		waitpid(reader[i], &status, 0);
		EXPECT_EQ(0, status);
	}
	EXPECT_LE(20, unloads);
	EXPECT_LE(1, refusals);
}

TEST_HARNESS_MAIN
