// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets that end, or execute another program, while they are read. That has to
 * give ESRCH, and never the memory of another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

/* More than one slice, so that the end of the stream is yet to be walked. */
#define LARGE_PAGES	12000

enum step { START, EXECUTE, LEAVE_SIBLING, END_MAIN_THREAD, VFORK };

/**
 * struct life - shared with the target
 * @start: of a mapping of which every fourth page is touched
 * @other: PID of a thread or process that the target started
 */
struct life {
	char *start;
	pid_t other;
};

static void *sleep_for_ever(void *arg)
{
	struct life *life = arg;

	life->other = syscall(SYS_gettid);
	pause();
	return NULL;
}

static int sleep_as_sibling(void *arg)
{
	sleep_for_ever(arg);
	return 0;
}

static void become_sleep(void)
{
	char *const argv[] = { "sleep", "99999", NULL };

	execvp(argv[0], argv);
	die("cannot execute sleep: %s", strerror(errno));
}

static void live(void *arg, int step)
{
	static alignas(16) char stack[65536];
	struct life *life = arg;
	pthread_t thread;
	size_t i;

	switch (step) {
	case START:
		life->start = target_map(NULL, LARGE_PAGES * PAGE,
					 PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_NORESERVE, -1);
		madvise(life->start, LARGE_PAGES * PAGE, MADV_NOHUGEPAGE);
		for (i = 0; i < LARGE_PAGES; i += 4)
			life->start[i * PAGE] = 1;
		break;
	case EXECUTE:
		become_sleep();
		break;
	case LEAVE_SIBLING:
		life->other = clone(sleep_as_sibling, stack + sizeof(stack),
				    CLONE_VM | SIGCHLD, life);
		break;
	case END_MAIN_THREAD:
		pthread_create(&thread, NULL, sleep_for_ever, life);
		while (!life->other)
			usleep(1000);
		syscall(SYS_exit, 0);
		break;
	case VFORK:
		if (!vfork()) {
			life->other = getpid();
			pause();
			_exit(0);
		}
		break;
	}
}

/* All files of a target, opened at once */

enum { MM, VMAS, PAGETABLE, TABLES, THREADS, SNAPSHOT, QUERY, NR_FILES };

static const char * const file_name[] = {
	[MM] = "mm", [VMAS] = "vmas", [PAGETABLE] = "pagetable",
	[TABLES] = "tables", [THREADS] = "threads", [SNAPSHOT] = "snapshot",
};

static void open_all(pid_t pid, int *fd)
{
	int i;

	for (i = 0; i < QUERY; i++)
		fd[i] = folder_open(pid, file_name[i]);
	fd[QUERY] = query_open();
	if (query_ask_usual(fd[QUERY], pid))
		die("query of %d failed", pid);
}

static void close_all(const int *fd)
{
	int i;

	for (i = 0; i < NR_FILES; i++)
		close(fd[i]);
}

static int errno_of_read(int fd)
{
	char c;
	ssize_t ret = read(fd, &c, 1);

	return ret < 0 ? errno : 0;
}

FIXTURE(lifetime)
{
	struct life *life;
	struct target target;
	pid_t pid;
	int fd[NR_FILES];
};

FIXTURE_SETUP(lifetime)
{
	module_need();
	self->life = target_share(sizeof(*self->life));
	target_start(&self->target, live, self->life);
	self->pid = self->target.pid;
	open_all(self->pid, self->fd);
}

FIXTURE_TEARDOWN(lifetime)
{
	close_all(self->fd);
	target_stop(&self->target);
}

/* The end of a target */

/* Open all files, kill and reap the target, and read. */
TEST_F(lifetime, ends_before_it_is_read)
{
	int i;

	target_stop(&self->target);
	for (i = 0; i < NR_FILES; i++) {
		EXPECT_EQ(ESRCH, errno_of_read(self->fd[i]));
		EXPECT_EQ(ESRCH, errno_of_read(self->fd[i]));
	}
	EXPECT_EQ(ESRCH, query_ask_usual(self->fd[QUERY], self->pid));
}

/* Open all files, kill the target, but do not reap it; read, and open again. */
TEST_F(lifetime, ends_and_is_not_reaped)
{
	int i;

	kill(self->pid, SIGKILL);
	target_await_state(self->pid, 'Z');
	for (i = 0; i < NR_FILES; i++)
		EXPECT_EQ(ESRCH, errno_of_read(self->fd[i]));
	EXPECT_EQ(ESRCH, query_ask_usual(self->fd[QUERY], self->pid));
	/* A zombie is a task without an address space. */
	EXPECT_EQ(0, attach(self->pid));
	for (i = 0; i < QUERY; i++) {
		EXPECT_EQ(-1, open(folder_path(self->pid, file_name[i]),
				   O_RDONLY));
		EXPECT_EQ(ESRCH, errno);
	}
}

/* Begin to read a stream, kill the target, and read on. */
static struct stream *read_over_the_end(int fd, struct target *target)
{
	struct stream *s;
	char begun[500];

	if (read(fd, begun, sizeof(begun)) != sizeof(begun))
		die("cannot begin to read");
	target_stop(target);
	if (stream_finish(fd, begun, sizeof(begun), &s))
		die("the stream ends with an error, not with END");
	return s;
}

/* Read 500 bytes of a snapshot, kill the target, and read on: END has ESRCH. */
TEST_F(lifetime, ends_while_a_snapshot_is_read)
{
	struct stream *s = read_over_the_end(self->fd[SNAPSHOT], &self->target);

	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(ESRCH, s->end->status);
	EXPECT_EQ(self->pid, s->task->pid);
	/* The stream was not complete. */
	EXPECT_GT(LARGE_PAGES / 4, s->nr_runs);
}

/* The same with a query. */
TEST_F(lifetime, ends_while_a_query_is_read)
{
	struct stream *s = read_over_the_end(self->fd[QUERY], &self->target);
	char c;

	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(ESRCH, s->end->status);
	EXPECT_GT(LARGE_PAGES / 4, s->nr_runs);
	EXPECT_EQ(0, read(self->fd[QUERY], &c, 1));
}

/* The same with a text file: its last line says that it is incomplete. */
TEST_F(lifetime, ends_while_text_is_read)
{
	static const char last[] = "# incomplete: the address space is gone\n";
	char begun[100], *rest;

	ASSERT_EQ(sizeof(begun), read(self->fd[PAGETABLE], begun,
				      sizeof(begun)));
	target_stop(&self->target);
	ASSERT_EQ(0, text_read(self->fd[PAGETABLE], &rest));
	ASSERT_LT(strlen(last), strlen(rest));
	EXPECT_STREQ(last, rest + strlen(rest) - strlen(last));
}

/* Kill and reap the target: the next write to "attach" removes its folder. */
TEST_F(lifetime, ends_and_its_folder_is_removed)
{
	EXPECT_TRUE(folder_exists(self->pid));
	target_stop(&self->target);
	EXPECT_EQ(0, attach(getpid()));
	EXPECT_FALSE(folder_exists(self->pid));
	EXPECT_EQ(ENOENT, detach(self->pid));
}

/* A target that executes another program */

static void await_other_program(pid_t pid, const char *old_exe)
{
	char *exe;
	bool same;

	do {
		exe = proc_link(pid, "exe");
		same = !strcmp(exe, old_exe);
		free(exe);
		usleep(1000);
	} while (same);
	target_await_state(pid, 'S');
}

static size_t differs_from_maps(const struct stream *s, pid_t pid)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i, differ = maps->nr != s->nr_vmas;

	for (i = 0; !differ && i < maps->nr; i++)
		differ = maps->vma[i].start != s->vma[i]->start ||
			 maps->vma[i].end != s->vma[i]->end;
	proc_maps_free(maps);
	return differ;
}

/* Open all files, let the target execute another program, read, and open again. */
TEST_F(lifetime, becomes_another_program)
{
	char *exe = proc_link(self->pid, "exe");
	struct stream *old = stream_usual(self->pid), *new;
	int i;

	target_leave(&self->target, EXECUTE);
	await_other_program(self->pid, exe);

	/* Files opened before do not show the new program. */
	for (i = 0; i < NR_FILES; i++)
		EXPECT_EQ(ESRCH, errno_of_read(self->fd[i]));
	/* Files opened after do. */
	new = stream_usual(self->pid);
	EXPECT_STREQ(proc_link(self->pid, "exe"), mm_text(new->mm));
	EXPECT_STREQ("sleep", new->task->comm);
	EXPECT_NE(old->mm->start_stack, new->mm->start_stack);
	EXPECT_EQ(0, differs_from_maps(new, self->pid));
	EXPECT_NE(0, differs_from_maps(old, self->pid));
	for (i = 0; i < QUERY; i++)
		EXPECT_EQ(0, errno_of_read(folder_open(self->pid, file_name[i])));
}

/* Begin to read a query, let the target execute another program, and read on. */
TEST_F(lifetime, becomes_another_while_it_is_read)
{
	char *exe = proc_link(self->pid, "exe"), begun[500];
	struct stream *s;

	ASSERT_EQ(sizeof(begun), read(self->fd[QUERY], begun, sizeof(begun)));
	target_leave(&self->target, EXECUTE);
	await_other_program(self->pid, exe);
	ASSERT_EQ(0, stream_finish(self->fd[QUERY], begun, sizeof(begun), &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(ESRCH, s->end->status);
	EXPECT_STREQ(exe, mm_text(s->mm));
}

/*
 * The target starts a CLONE_VM sibling before it executes another program. The old
 * address space still exists in the sibling: files opened before show it.
 */
TEST_F(lifetime, becomes_another_but_a_sibling_does_not)
{
	char *exe = proc_link(self->pid, "exe");
	struct stream *s, *of_sibling;

	target_step(&self->target, LEAVE_SIBLING);
	ASSERT_LT(0, self->life->other);
	target_leave(&self->target, EXECUTE);
	await_other_program(self->pid, exe);

	ASSERT_EQ(0, stream_read(self->fd[SNAPSHOT], &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	EXPECT_STREQ(exe, mm_text(s->mm));
	EXPECT_EQ(0, differs_from_maps(s, self->life->other));
	of_sibling = stream_get(self->life->other, MMSCOPE_PART_MM, 0, 0);
	EXPECT_EQ(of_sibling->mm->pgd, s->mm->pgd);
	EXPECT_EQ(1, s->mm->mm_users);
	stream_free(s);

	/* A new query shows the new program. */
	s = stream_usual(self->pid);
	EXPECT_NE(of_sibling->mm->pgd, s->mm->pgd);
	EXPECT_EQ(0, differs_from_maps(s, self->pid));
	kill(self->life->other, SIGKILL);
}

/* Threads */

/* The main thread ends while another one lives on: both PIDs show the process. */
TEST_F(lifetime, of_the_main_thread_ends_first)
{
	struct stream *by_pid, *by_tid;
	int fd[NR_FILES];
	int i;

	target_leave(&self->target, END_MAIN_THREAD);
	target_await_state(self->pid, 'Z');
	by_pid = stream_usual(self->pid);
	by_tid = stream_usual(self->life->other);
	EXPECT_EQ(by_tid->mm->pgd, by_pid->mm->pgd);
	EXPECT_EQ(1, by_tid->mm->mm_users);
	EXPECT_EQ(self->pid, by_pid->task->pid);
	EXPECT_EQ(self->life->other, by_tid->task->pid);
	EXPECT_EQ(self->pid, by_tid->task->tgid);
	EXPECT_EQ(0, differs_from_maps(by_pid, self->life->other));
	EXPECT_EQ(0, differs_from_maps(by_tid, self->life->other));

	open_all(self->pid, fd);
	for (i = 0; i < NR_FILES; i++)
		EXPECT_EQ(0, errno_of_read(fd[i]));
	close_all(fd);
	open_all(self->life->other, fd);
	for (i = 0; i < NR_FILES; i++)
		EXPECT_EQ(0, errno_of_read(fd[i]));
	close_all(fd);
	/* Files opened while the main thread lived can still be read. */
	for (i = 0; i < NR_FILES; i++)
		EXPECT_EQ(0, errno_of_read(self->fd[i]));
}

/* A child of vfork() shares the mm, but is a process of its own. */
TEST_F(lifetime, is_shared_with_a_vfork_child)
{
	struct stream *parent, *child;

	target_leave(&self->target, VFORK);
	while (!self->life->other)
		usleep(1000);
	target_await_state(self->life->other, 'S');
	parent = stream_usual(self->pid);
	child = stream_usual(self->life->other);
	EXPECT_EQ(parent->mm->pgd, child->mm->pgd);
	EXPECT_EQ(2, parent->mm->mm_users);
	EXPECT_EQ(self->life->other, child->task->tgid);
	EXPECT_EQ(0, differs_from_maps(child, self->pid));
	kill(self->life->other, SIGKILL);
}

/* Kernel threads */

FIXTURE(kthread)
{
	pid_t pid;
};

/* kthreadd is the second task of every boot, but not of every namespace. */
FIXTURE_SETUP(kthread)
{
	char *comm;

	module_need();
	comm = proc_read(2, "comm", NULL);
	ASSERT_STREQ("kthreadd\n", comm);
	self->pid = 2;
}

FIXTURE_TEARDOWN(kthread)
{
	detach(self->pid);
}

static void expect_kthread(struct __test_metadata *_metadata,
			   const struct stream *s)
{
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(2, s->task->pid);
	EXPECT_STREQ("kthreadd", s->task->comm);
	EXPECT_TRUE(s->task->flags & MMSCOPE_TASK_KTHREAD);
	EXPECT_EQ(0, s->end->status);
	EXPECT_EQ(0, s->end->holds);
	/* No other records. */
	EXPECT_EQ(sizeof(*s->header) + sizeof(*s->task) + sizeof(*s->end),
		  s->len);
}

/* Query kthreadd for everything, translate an address of it, read its snapshot. */
TEST_F(kthread, has_a_task_record_only)
{
	struct stream *s = stream_usual(self->pid);

	expect_kthread(_metadata, s);
	stream_free(s);
	s = stream_get(self->pid, MMSCOPE_PART_WALK, 4096, 0);
	expect_kthread(_metadata, s);
	stream_free(s);
	ASSERT_EQ(0, stream_read(folder_open(self->pid, "snapshot"), &s));
	expect_kthread(_metadata, s);
	stream_free(s);
}

/* Its text files have no lines but comments, one of which says why. */
TEST_F(kthread, has_only_comments_in_text)
{
	int i;

	for (i = 0; i < SNAPSHOT; i++) {
		char *text = text_get(self->pid, file_name[i]);
		char *line, *next = text;
		size_t others = 0;

		EXPECT_TRUE(text_has_line(text, "# a kernel thread has no user address space"));
		while ((line = strsep(&next, "\n")))
			others += *line && *line != '#';
		EXPECT_EQ(0, others);
		free(text);
	}
}

/* References */

FIXTURE(references) {
};

FIXTURE_SETUP(references)
{
	module_need();
}

FIXTURE_TEARDOWN(references)
{
	module_need();
}

/*
 * Objects of a slab cache in use. Those on the free list of a processor, or in
 * the quarantine of KASAN, count as used until the cache is shrunk.
 */
static long active_objects(const char *cache)
{
	char line[512], name[64];
	long active, found = -1;
	FILE *file;

	snprintf(line, sizeof(line), "/sys/kernel/slab/%s/shrink", cache);
	if (!access(line, F_OK))
		file_write(line, "1");
	file = fopen("/proc/slabinfo", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %ld", name, &active) == 2 &&
		    !strcmp(name, cache))
			found = active;
	if (file)
		fclose(file);
	return found;
}

/* Open all files of a target, read some or not, kill the target, and read on. */
static void read_and_lose(bool read_some)
{
	struct target target;
	int fd[NR_FILES], i;

	target_start(&target, target_sit, NULL);
	open_all(target.pid, fd);
	for (i = 0; read_some && i < NR_FILES; i++)
		if (errno_of_read(fd[i]))
			die("cannot read file %d", i);
	if (read_some)
		query_ask_usual(fd[QUERY], target.pid);
	target_stop(&target);
	for (i = 0; i < NR_FILES; i++)
		errno_of_read(fd[i]);
	close_all(fd);
}

#define LOSSES	90

/* More than RCU can delay: after each attempt one grace period is over. */
#define ATTEMPTS	100

/*
 * Lose 90 targets: the number of mm_structs must not grow by as many. Other
 * processes come and go, and some mm_structs are freed late.
 */
TEST_F(references, are_all_dropped)
{
	long before, after;
	int i;

	read_and_lose(true);
	before = active_objects("mm_struct");
	if (before < 0)
		SKIP(return, "this kernel counts no mm_struct in slabinfo");
	for (i = 0; i < LOSSES; i++)
		read_and_lose(i % 2);
	i = 0;
	do {
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		usleep(10000);
		after = active_objects("mm_struct");
	} while (after >= before + LOSSES / 3 && ++i < ATTEMPTS);
	EXPECT_GT(before + LOSSES / 3, after);
}

/* Lose two targets, and one more that has a folder: the module can be unloaded. */
TEST_F(references, do_not_keep_the_module)
{
	struct target target;

	read_and_lose(true);
	read_and_lose(false);
	target_start(&target, target_sit, NULL);
	ASSERT_EQ(0, attach(target.pid));
	ASSERT_EQ(0, attach(2));
	target_stop(&target);
	EXPECT_EQ(0, module_unload());
}

TEST_HARNESS_MAIN
