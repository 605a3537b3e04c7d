// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks that share an address space, but not a process or its pid namespace: what
 * the list of threads has of them.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"
#include "target/thread.h"

#define OWN_STACK	(256 * KIB)

/**
 * struct life - shared with the target
 * @self: a thread of it
 * @other: id of a thread or a process that the target started
 * @outside: id of that process outside of its pid namespace
 * @query: a descriptor for queries
 */
struct life {
	struct self self;
	volatile pid_t other;
	volatile pid_t outside;
	int query;
};

static struct life *life;

static struct stream *threads_of(pid_t pid)
{
	return stream_get(pid, MMSCOPE_PART_THREADS, 0, 0);
}

static int report_and_block(void *arg)
{
	life->other = getpid();
	thread_sleep();
}

static void *exit_process_leader(void *arg)
{
	struct self *self = arg;

	thread_read_self(self);
	life->other = self->tid;
	thread_sleep();
}

/* Ask inside of a new namespace; the answer is read outside. */
static int ask_and_block(void *arg)
{
	if (query_ask(life->query, getpid(), MMSCOPE_PART_THREADS, 0, 0))
		die("query: %s", strerror(errno));
	return report_and_block(NULL);
}

static pid_t clone_vm(int (*fn)(void *arg), int flags)
{
	char *stack = target_map(NULL, OWN_STACK, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE, -1);

	return clone(fn, stack + OWN_STACK, CLONE_VM | SIGCHLD | flags, NULL);
}

static void start_vfork_child(void)
{
	if (!vfork())
		report_and_block(NULL);
}

static void start_process(void)
{
	clone_vm(report_and_block, 0);
	thread_sleep();
}

static void start_namespace(void)
{
	life->outside = clone_vm(ask_and_block, CLONE_NEWPID);
	thread_sleep();
}

static void start_thread_and_exit(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exit_process_leader, &life->self);
	syscall(SYS_exit, 0);
}

static pid_t start_relatives(void (*start)(void))
{
	pid_t parent = getpid(), pid;

	life = target_share(sizeof(*life));
	life->query = query_open();
	pid = fork();
	if (!pid) {
		die_with(parent);
		start();
		_exit(1);
	}
	while (!life->other)
		usleep(1000);
	return pid;
}

/* Both processes share the memory, so both are in the list of either. */
static bool lists_both(pid_t asked, pid_t pid, pid_t other)
{
	struct stream *s = threads_of(asked);
	const struct mmscope_thread *t = thread_of(s, pid);
	const struct mmscope_thread *o = thread_of(s, other);
	bool both = s->nr_threads == 2 && t && t->tgid == pid && o &&
		    o->tgid == other;

	if (!both)
		note("of %d: %zu threads", asked, s->nr_threads);
	stream_free(s);
	return both;
}

/* Return: whether the list of either process has both. */
static bool relatives_are_listed(void (*start)(void))
{
	pid_t pid = start_relatives(start), other = life->other;
	bool listed = lists_both(pid, pid, other);

	listed &= lists_both(other, pid, other);
	kill(other, SIGKILL);
	target_kill(pid);
	return listed;
}

/* A vfork() child that has not executed a program yet. */
TEST(vfork_child)
{
	module_need();
	EXPECT_TRUE(relatives_are_listed(start_vfork_child));
}

/* A process made by clone() with CLONE_VM, but without CLONE_THREAD. */
TEST(process_that_shares_memory)
{
	module_need();
	EXPECT_TRUE(relatives_are_listed(start_process));
}

/*
 * The same, and the first process of a new pid namespace: it does not see the
 * process outside, which sees both.
 */
TEST(relative_in_another_namespace)
{
	struct stream *s;
	pid_t pid, other;

	module_need();
	pid = start_relatives(start_namespace);
	ASSERT_EQ(1, life->other);
	while (!life->outside)
		usleep(1000);
	other = life->outside;
	EXPECT_TRUE(lists_both(pid, pid, other));
	EXPECT_TRUE(lists_both(other, pid, other));
	ASSERT_EQ(0, stream_read(life->query, &s));
	EXPECT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	ASSERT_EQ(1, s->nr_threads);
	EXPECT_EQ(1, s->thread[0]->tid);
	EXPECT_EQ(1, s->thread[0]->tgid);
	stream_free(s);
	kill(other, SIGKILL);
	target_kill(pid);
}

/* The main thread exits: it has no memory any more, the other thread does. */
TEST(leader_that_exited)
{
	const struct mmscope_thread *t;
	struct stream *s;
	pid_t pid;

	module_need();
	pid = start_relatives(start_thread_and_exit);
	target_await_state(pid, 'Z');
	s = threads_of(pid);
	EXPECT_EQ(1, s->nr_threads);
	t = thread_of(s, life->other);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(pid, t->tgid);
	EXPECT_EQ(life->self.tls, t->tls);
	stream_free(s);
	target_kill(pid);
}

/* In a new pid namespace: threads have the ids that they have there. */

static void read_myself_inside(int fd)
{
	/* Not die_with(): the parent has no id in this namespace. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	thread_start(thread_live, &life->self, NULL);
	if (query_ask(fd, getpid(), MMSCOPE_PART_THREADS, 0, 0))
		die("query: %s", strerror(errno));
	life->other = getpid();
	thread_sleep();
}

/* The query is written inside, and read outside of the namespace. */
TEST(ids_of_the_opener)
{
	const struct mmscope_thread *t;
	struct stream *s;
	int fd, status;
	pid_t pid;

	module_need();
	life = target_share(sizeof(*life));
	fd = query_open();
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	if (!pid)
		read_myself_inside(fd);
	while (!life->other)
		usleep(1000);
	EXPECT_EQ(1, life->other);
	ASSERT_EQ(0, stream_read(fd, &s));
	EXPECT_STREQ("", s->wrong);
	EXPECT_EQ(2, s->nr_threads);
	EXPECT_EQ(1, s->task->pid);
	t = thread_of(s, 1);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(1, t->tgid);
	t = thread_of(s, life->self.tid);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(1, t->tgid);
	EXPECT_EQ(life->self.tls, t->tls);
	stream_free(s);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd);
}

TEST_HARNESS_MAIN
