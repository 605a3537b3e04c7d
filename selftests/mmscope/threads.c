// SPDX-License-Identifier: GPL-2.0-only
/* Threads that share an address space, compared with /proc/PID/task and themselves. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "oracle/threads.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/capability.h"
#include "target/crowd.h"
#include "target/restless.h"
#include "target/target.h"
#include "target/thread.h"

#define OWN_STACK	(256 * 1024)
#define MANY		600
#define ROUNDS		100

#define LEAST_CHANGES	100

/* The threads of a target. */
enum { MAIN, DEFAULT, TINY, OWN, NR };

/**
 * struct life - shared with the target
 * @self: its threads
 * @spins: the thread TINY does not sleep
 * @ready: the target has started its threads
 */
struct life {
	struct self self[NR];
	volatile bool spins;
	volatile bool ready;
};

/* As the name of the thread, the number of its slot. */
static void name_myself(const struct life *life, const struct self *self)
{
	char name[16];

	snprintf(name, sizeof(name), "thread (%d)", (int)(self - life->self));
	pthread_setname_np(pthread_self(), name);
}

static struct life *life;

static void *live(void *arg)
{
	struct self *self = arg;
	stack_t altstack = { .ss_size = 3 * 16384 };

	if (self == &life->self[OWN]) {
		altstack.ss_sp = target_map(NULL, altstack.ss_size, PROT_READ |
					    PROT_WRITE, MAP_PRIVATE, -1);
		sigaltstack(&altstack, NULL);
	}
	name_myself(life, self);
	thread_read_self(self);
	while (life->spins && self == &life->self[TINY])
		;
	thread_sleep();
}

static void start_threads(void *arg, int step)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	thread_start(live, &life->self[DEFAULT], &attr);
	pthread_attr_setstacksize(&attr, sysconf(_SC_THREAD_STACK_MIN));
	thread_start(live, &life->self[TINY], &attr);
	pthread_attr_setstack(&attr, target_map(NULL, OWN_STACK, PROT_READ |
						PROT_WRITE, MAP_PRIVATE, -1),
			      OWN_STACK);
	thread_start(live, &life->self[OWN], &attr);
	name_myself(life, &life->self[MAIN]);
	thread_read_self(&life->self[MAIN]);
}

static struct stream *threads_of(pid_t pid)
{
	return stream_get(pid, MMSCOPE_PART_THREADS, 0, 0);
}

/* A target with one thread of each kind */

FIXTURE(threads)
{
	struct target target;
	struct stream *s;
	pid_t pid;
};

FIXTURE_SETUP(threads)
{
	module_need();
	life = target_share(sizeof(*life));
	target_start(&self->target, start_threads, life);
	self->pid = self->target.pid;
	self->s = threads_of(self->pid);
	ASSERT_EQ(NR, self->s->nr_threads);
}

FIXTURE_TEARDOWN(threads)
{
	stream_free(self->s);
	target_stop(&self->target);
}

/* All threads of the process: ids, names, states and times of start. */
TEST_F(threads, are_those_of_proc)
{
	const unsigned long long tick = 1000000000 / sysconf(_SC_CLK_TCK);
	size_t i;

	EXPECT_EQ(0, threads_compare_ids(self->s, self->pid));
	for (i = 0; i < self->s->nr_threads; i++) {
		const struct mmscope_thread *t = self->s->thread[i];
		struct thread_stat stat = proc_thread_stat(self->pid, t->tid);

		EXPECT_STREQ(stat.comm, t->comm);
		EXPECT_EQ(stat.state, t->state);
		EXPECT_EQ(stat.start, t->start_ns / tick);
		EXPECT_EQ(0, t->flags & ~MMSCOPE_THREAD_CURRENT);
	}
}

/* Threads that sleep: the registers with which they will go on. */
TEST_F(threads, have_the_registers_of_proc)
{
	unsigned long sp, ip;
	int i;

	for (i = 0; i < NR; i++) {
		const struct mmscope_thread *t = thread_of(self->s,
							   life->self[i].tid);

		ASSERT_NE(NULL, t);
		proc_thread_registers(self->pid, t->tid, &sp, &ip);
		EXPECT_EQ(sp, t->sp);
		EXPECT_EQ(ip, t->ip);
		EXPECT_TRUE(t->flags & MMSCOPE_THREAD_CURRENT);
	}
}

/* Stack, thread pointer and alternate signal stack, as the thread reads them. */
TEST_F(threads, have_what_they_read_of_themselves)
{
	int i;

	for (i = 0; i < NR; i++) {
		const struct self *me = &life->self[i];
		const struct mmscope_thread *t = thread_of(self->s, me->tid);

		ASSERT_NE(NULL, t);
		EXPECT_LE(me->stack, t->sp);
		EXPECT_GT(me->stack_end, t->sp);
		EXPECT_EQ(me->tls, t->tls);
		EXPECT_EQ(i == OWN ? 3 * 16384 : 0, t->altstack_size);
		EXPECT_EQ(me->altstack.ss_size, t->altstack_size);
		if (t->altstack_size)
			EXPECT_EQ((unsigned long)me->altstack.ss_sp,
				  t->altstack_start);
	}
}

/* Sleeping threads use a part of a kernel stack of their own. */
TEST_F(threads, have_kernel_stacks)
{
	const struct mmscope_thread *const *t = self->s->thread;
	int i, k;

	for (i = 0; i < NR; i++) {
		EXPECT_LE(PAGE, t[i]->kernel_size);
		EXPECT_LT(0, t[i]->kernel_used);
		EXPECT_NE(0, t[i]->kernel_stack);
		for (k = 0; k < i; k++)
			EXPECT_NE(t[k]->kernel_stack, t[i]->kernel_stack);
	}
}

/* Read without CAP_SYSLOG: no address of the kernel. */
TEST_F(threads, hide_kernel_stacks)
{
	struct stream *s;
	size_t i;

	capability_drop(CAP_SYSLOG);
	s = threads_of(self->pid);
	EXPECT_EQ(NR, s->nr_threads);
	for (i = 0; i < s->nr_threads; i++) {
		EXPECT_EQ(0, s->thread[i]->kernel_stack);
		EXPECT_LT(0, s->thread[i]->kernel_used);
	}
	stream_free(s);
}

/* The text has a line for each thread, with the values of the stream. */
TEST_F(threads, are_lines_of_the_text)
{
	char *text = text_get(self->pid, "threads"), head[80];
	size_t i;

	for (i = 0; i < NR; i++) {
		const struct mmscope_thread *t = self->s->thread[i];

		snprintf(head, sizeof(head),
			 "\n%8d %7d %c     now   %012llx %012llx %012llx ",
			 t->tid, t->tgid, t->state, t->sp, t->ip, t->tls);
		EXPECT_NE(NULL, strstr(text, head));
		EXPECT_NE(NULL, strstr(text, t->comm));
	}
	EXPECT_NE(NULL, strstr(text, "\n# 4 threads\n"));
	free(text);
}

/* The snapshot has the threads after all that it had before. */
TEST_F(threads, are_in_the_snapshot)
{
	int fd = folder_open(self->pid, "snapshot");
	struct stream *s;

	ASSERT_EQ(0, stream_read(fd, &s));
	EXPECT_STREQ("", s->wrong);
	EXPECT_EQ(0, threads_compare_ids(s, self->pid));
	stream_free(s);
	close(fd);
}

/* Stop the process: the same registers, in another state. */
TEST_F(threads, that_are_stopped)
{
	struct stream *s;
	unsigned long sp, ip;
	size_t i;

	target_freeze(self->pid);
	threads_await_off_cpu(self->pid);
	s = threads_of(self->pid);
	ASSERT_EQ(NR, s->nr_threads);
	for (i = 0; i < NR; i++) {
		proc_thread_registers(self->pid, s->thread[i]->tid, &sp, &ip);
		EXPECT_EQ('T', s->thread[i]->state);
		EXPECT_EQ(sp, s->thread[i]->sp);
		EXPECT_EQ(ip, s->thread[i]->ip);
		EXPECT_TRUE(s->thread[i]->flags & MMSCOPE_THREAD_CURRENT);
	}
	stream_free(s);
}

/* Kill the target between query and read: its address space is gone. */
TEST_F(threads, of_a_dead_process)
{
	struct stream *s;
	int fd = query_open();

	ASSERT_EQ(0, query_ask(fd, self->pid, MMSCOPE_PART_THREADS, 0, 0));
	target_stop(&self->target);
	EXPECT_EQ(ESRCH, stream_read(fd, &s));
	close(fd);
	target_start(&self->target, target_sit, NULL);
}

/*
 * A thread that spins: its stack pointer is the one it entered the kernel with. With
 * another processor for the reader, it is running at one of the reads.
 */
TEST(spinning_thread)
{
	const struct mmscope_thread *t;
	pid_t parent = getpid(), pid;
	bool seen = sysconf(_SC_NPROCESSORS_ONLN) == 1;
	struct stream *s;
	int i;

	module_need();
	life = target_share(sizeof(*life));
	life->spins = true;
	pid = fork();
	if (!pid) {
		die_with(parent);
		start_threads(life, 0);
		life->ready = true;
		thread_sleep();
	}
	while (!life->ready)
		usleep(1000);
	for (i = 0; i < ROUNDS || !seen; i++) {
		s = threads_of(pid);
		t = thread_of(s, life->self[TINY].tid);
		ASSERT_NE(NULL, t);
		ASSERT_EQ('R', t->state);
		ASSERT_LE(life->self[TINY].stack, t->sp);
		ASSERT_GT(life->self[TINY].stack_end, t->sp);
		ASSERT_EQ(life->self[TINY].tls, t->tls);
		ASSERT_EQ(!!(t->flags & MMSCOPE_THREAD_CURRENT), !!t->kernel_used);
		seen |= !t->kernel_used;
		stream_free(s);
	}
	target_kill(pid);
}

/* A process that reads itself: it runs, but has entered the kernel. */
TEST(reader_itself)
{
	const struct mmscope_thread *t;
	struct stream *s;
	stack_t altstack;

	module_need();
	s = threads_of(getpid());
	t = thread_of(s, thread_id());
	ASSERT_NE(NULL, t);
	EXPECT_EQ(1, s->nr_threads);
	EXPECT_EQ('R', t->state);
	EXPECT_EQ(MMSCOPE_THREAD_CURRENT, t->flags);
	EXPECT_EQ(0, t->kernel_used);
	EXPECT_EQ(thread_pointer(), t->tls);
	EXPECT_GT((unsigned long)__builtin_frame_address(0), t->sp);
	ASSERT_EQ(0, sigaltstack(NULL, &altstack));
	EXPECT_EQ(altstack.ss_size, t->altstack_size);
	stream_free(s);
}

/*
 * A thread whose alternate stack ends where all addresses do. The kernel accepts it;
 * the text has the last address for the end, which does not fit into 64 bits.
 */
TEST(altstack_at_the_end_of_all_addresses)
{
	const size_t size = 16 * 16384;
	stack_t altstack = { .ss_sp = (void *)-size, .ss_size = size };
	char *text, bounds[64];

	module_need();
	ASSERT_EQ(0, sigaltstack(&altstack, NULL));
	text = text_get(getpid(), "threads");
	snprintf(bounds, sizeof(bounds), " %lx-ffffffffffffffff ", -size);
	EXPECT_NE(NULL, strstr(text, bounds));
	free(text);
}

/* Threads that the kernel starts in a process, to work for it */

static void start_worker(void *arg, int step)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_SQPOLL,
		.sq_thread_idle = 1,
	};
	int *err = arg;

	*err = syscall(SYS_io_uring_setup, 1, &params) < 0 ? errno : 0;
}

/*
 * A ring of io_uring with a thread that polls it: the thread is listed, but has no
 * registers of user mode. Since 5.12 and 5.10.162 it is no kernel thread.
 */
TEST(worker_of_io_uring)
{
	int *err = target_share(sizeof(*err));
	size_t i, workers = 0;
	struct target target;
	struct stream *s;

	module_need();
	target_start(&target, start_worker, err);
	ASSERT_EQ(0, *err);
	s = threads_of(target.pid);
	EXPECT_EQ(0, threads_compare_ids(s, target.pid));
	for (i = 0; i < s->nr_threads; i++) {
		const struct mmscope_thread *t = s->thread[i];
		bool worker = t->tid != target.pid;

		workers += worker;
		EXPECT_EQ(MMSCOPE_THREAD_CURRENT |
			  (worker ? MMSCOPE_THREAD_WORKER : 0), t->flags);
		EXPECT_EQ(worker, !t->sp);
		EXPECT_EQ(worker, !t->ip);
		EXPECT_EQ(worker, !t->tls);
		EXPECT_LT(0, t->kernel_used);
	}
	EXPECT_EQ(1, workers);
	stream_free(s);
	target_stop(&target);
}

/* Programs without a libc, and the word in their TLS: see target/bare/bare.c */

#define BARE_WORD	0x736c7421

FIXTURE(bare)
{
	pid_t pid;
};

FIXTURE_VARIANT(bare)
{
	const char *program;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(bare, of_64_bits) {
	.program = "bare64",
};

FIXTURE_VARIANT_ADD(bare, of_32_bits) {
	.program = "bare32",
	.flags = MMSCOPE_THREAD_32BIT,
};

/* Return: -1 if it was not built, or cannot run. */
static pid_t start_bare(const char *program)
{
	char path[256];
	char *const argv[] = { path, "tls", NULL };

	target_path(program, path, sizeof(path));
	return target_try(argv);
}

FIXTURE_SETUP(bare)
{
	module_need();
	self->pid = start_bare(variant->program);
	if (self->pid <= 0)
		return;
	target_await_state(self->pid, 'S');
	threads_await_off_cpu(self->pid);
}

FIXTURE_TEARDOWN(bare)
{
	if (self->pid > 0)
		target_kill(self->pid);
}

/* At the base of the TLS is what the program stored there by the register. */
TEST_F(bare, has_its_tls_where_it_reaches_it)
{
	const struct mmscope_thread *t;
	unsigned long sp, ip;
	unsigned int word;
	struct stream *s;
	int fd;

	if (self->pid < 0)
		SKIP(return, "there is no %s here", variant->program);
	s = threads_of(self->pid);
	ASSERT_EQ(1, s->nr_threads);
	t = s->thread[0];
	EXPECT_EQ(MMSCOPE_THREAD_CURRENT | variant->flags, t->flags);
	proc_thread_registers(self->pid, self->pid, &sp, &ip);
	EXPECT_EQ(sp, t->sp);
	EXPECT_EQ(ip, t->ip);
	fd = proc_open(self->pid, "mem", O_RDONLY);
	ASSERT_EQ(sizeof(word), pread(fd, &word, sizeof(word), t->tls));
	EXPECT_EQ(BARE_WORD, word);
	close(fd);
	stream_free(s);
}

/* The kinds of threads in numbers */

static void start_many(void *arg, int step)
{
	crowd_start(MANY);
}

/* Threads of several slices: each of them once. */
TEST(thousands_of_threads)
{
	struct target target;
	struct stream *s;

	module_need();
	target_start(&target, start_many, NULL);
	s = threads_of(target.pid);
	EXPECT_EQ(MANY + 1, s->nr_threads);
	EXPECT_EQ(0, threads_compare_ids(s, target.pid));
	stream_free(s);
	target_stop(&target);
}

/* Threads, children and programs that come and go, around some that stay. */

/* Return: how many of the threads that stay are not listed. */
static size_t hidden(const struct stream *s, const struct restless *restless,
		     pid_t pid)
{
	size_t i, hidden = 0;

	for (i = 0; i < STAYING; i++) {
		const struct mmscope_thread *t = thread_of(s, restless->staying[i]);

		hidden += !t || t->tgid != pid;
	}
	return hidden;
}

/*
 * In each list are all threads that stay. That none is there twice is a rule of the
 * stream: their ids ascend.
 */
TEST(threads_that_stay_among_others)
{
	pid_t parent = getpid(), pid;
	struct restless *restless;
	unsigned long changes;
	struct stream *s;
	int round;

	module_need();
	restless = target_share(sizeof(*restless));
	pid = fork();
	if (!pid) {
		die_with(parent);
		restless_live(restless);
	}
	while (!restless->ready)
		usleep(1000);
	changes = restless->changes;
	for (round = 0; round < ROUNDS ||
	     restless->changes - changes < LEAST_CHANGES; round++) {
		s = threads_of(pid);
		ASSERT_EQ(0, hidden(s, restless, pid));
		stream_free(s);
	}
	note("%lu changes in %d rounds", restless->changes - changes, round);
	target_kill(pid);
}

TEST_HARNESS_MAIN
