// SPDX-License-Identifier: GPL-2.0-only
/* What "attach" accepts and refuses, and the folders it makes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "target/target.h"

/* What "attach" refuses */

FIXTURE(bad_attach) {
};

FIXTURE_VARIANT(bad_attach)
{
	const char *text;
	size_t size;
	int err;
};

/* With its length, because some have a NUL inside. */
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

FIXTURE_VARIANT_ADD(bad_attach, leading_blank) {
	TEXT(" 1"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, trailing_blank) {
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

FIXTURE_VARIANT_ADD(bad_attach, trailing_letter) {
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

FIXTURE_VARIANT_ADD(bad_attach, trailing_nul) {
	TEXT("1\0"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, nul_inside) {
	TEXT("1\0001"),
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_attach, leading_nul) {
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

FIXTURE_SETUP(bad_attach)
{
	module_need();
}

FIXTURE_TEARDOWN(bad_attach)
{
}

/* Remove all folders, those of dead tasks, too. */
static void free_folders(void)
{
	DIR *dir = opendir(MMSCOPE_DIR);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (atoi(entry->d_name))
			detach(atoi(entry->d_name));
	closedir(dir);
}

/* Write it when there is one folder: the write fails, and the folder stays. */
TEST_F(bad_attach, is_refused)
{
	free_folders();
	ASSERT_EQ(0, attach(getpid()));
	EXPECT_EQ(variant->err, attach_text(variant->text, variant->size));
	EXPECT_EQ(1, folder_count());
	EXPECT_TRUE(folder_exists(getpid()));
}

/* Folders */

FIXTURE(folder)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(folder)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(folder)
{
	target_stop(&self->target);
}

/* Attach and detach: all files are there in between, with their modes. */
TEST_F(folder, is_made_and_removed)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables", "threads", "snapshot" };
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

/* Attach twice, with a file open in between, and detach twice. */
TEST_F(folder, is_made_once)
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

/* Write a PID with and without a newline at its end. */
TEST_F(folder, is_made_with_and_without_newline)
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

/* Attach to a PID that is free. */
TEST_F(folder, is_not_made_for_a_free_pid)
{
	pid_t pid = target_dead_pid();

	EXPECT_EQ(ESRCH, attach(pid));
	EXPECT_FALSE(folder_exists(pid));
}

/* Detach from a task without a folder, and from a free PID. */
TEST_F(folder, that_is_missing_cannot_be_removed)
{
	EXPECT_EQ(ENOENT, detach(self->pid));
	EXPECT_EQ(ENOENT, detach(target_dead_pid()));
}

/* Detach while a file is open: it can still be read. */
TEST_F(folder, is_removed_while_a_file_is_open)
{
	int fd = folder_open(self->pid, "mm");
	char c;

	EXPECT_EQ(0, detach(self->pid));
	/* What is open stays readable. */
	EXPECT_EQ(1, read(fd, &c, 1));
	EXPECT_EQ(0, close(fd));
}

/* Write to "attach" from memory that cannot be read. */
TEST_F(folder, is_not_made_from_a_bad_pointer)
{
	int fd = open(MMSCOPE_DIR "/attach", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, target_bad_pointer(), 4));
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

/* Attach to a thread by its TID: the snapshot has the TID, and the mm of the process. */
TEST_F(folder, of_a_thread_shows_its_process)
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
	by_pid = stream_usual(target.pid);
	EXPECT_EQ(target.pid, by_pid->task->pid);
	EXPECT_EQ(by_pid->mm->pgd, by_tid->mm->pgd);
	EXPECT_EQ(by_pid->nr_vmas, by_tid->nr_vmas);
	close(fd);
	target_stop(&target);
}

#define MAX_FOLDERS	256

/*
 * Start 257 tasks: the last one gets no folder, until another task is dead, whose
 * folder the next write removes.
 */
TEST_F(folder, is_one_of_256_at_most)
{
	pid_t sleeper[MAX_FOLDERS + 1], parent = getpid();
	int i;

	free_folders();
	ASSERT_EQ(0, folder_count());
	for (i = 0; i <= MAX_FOLDERS; i++) {
		sleeper[i] = fork();
		if (!sleeper[i]) {
			die_with(parent);
			pause();
			_exit(0);
		}
		EXPECT_EQ(i < MAX_FOLDERS ? 0 : ENOSPC, attach(sleeper[i]));
	}
	EXPECT_EQ(MAX_FOLDERS, folder_count());
	/* A folder that exists needs no room. */
	EXPECT_EQ(0, attach(sleeper[7]));
	EXPECT_EQ(ENOSPC, attach(sleeper[MAX_FOLDERS]));

	/* The next write removes the folder of a dead task. */
	target_kill(sleeper[99]);
	EXPECT_EQ(0, attach(sleeper[MAX_FOLDERS]));
	EXPECT_FALSE(folder_exists(sleeper[99]));
	EXPECT_EQ(MAX_FOLDERS, folder_count());

	for (i = 0; i <= MAX_FOLDERS; i++)
		if (i != 99)
			target_kill(sleeper[i]);
	EXPECT_EQ(0, attach(self->pid));
	EXPECT_EQ(1, folder_count());
}

static void attach_to_itself_as_init(void)
{
	bool fine = getpid() == 1 && !attach_text("1", 1);
	struct stream *s = stream_get(1, MMSCOPE_PART_MM, 0, 0);

	fine = fine && s->task->pid == 1 && s->task->tgid == 1;
	/* proc is still that of the namespace outside. */
	fine = fine && query_ask(query_open(), 77, MMSCOPE_PART_MM, 0, 0) == ESRCH;
	if (!fine)
		die("wrong PIDs in the namespace");
	_exit(0);
}

/*
 * The init of a new pid namespace attaches to PID 1, itself, and queries it. A PID
 * that exists only outside is unknown inside. The folder has the PID outside.
 */
TEST_F(folder, pids_are_of_the_writers_namespace)
{
	pid_t init;
	int status;

	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	init = fork();
	if (!init)
		attach_to_itself_as_init();
	waitpid(init, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_TRUE(folder_exists(init));
}

TEST_HARNESS_MAIN
