// SPDX-License-Identifier: GPL-2.0-only
/*
 * What threads and other tasks of an address space have in common, and what each
 * has for itself: what mmscope shows is what they read of themselves, and /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/frames.h"
#include "oracle/kcore.h"
#include "oracle/proc.h"
#include "oracle/threads.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "target/target.h"
#include "target/thread.h"

/* Threads of a target: all but the main one have a stack that the library mapped. */
enum { MAIN, DEFAULT, SMALL, NR };

#define SMALL_STACK	(512 * KIB)

/* Values of words in memory. */
enum { OLD = 1111, NEW = 2222 };

/**
 * struct life - shared with the target
 * @self: its threads
 * @control: address of the control block of each
 * @own: address of the variable that each has for itself
 * @below: errno of a system call that reads the byte below the stack of each
 * @data: the word of the data that each uses
 * @heap: the word of the heap that each uses
 * @seen: what SMALL read in data and heap after DEFAULT had written NEW
 */
struct life {
	struct self self[NR];
	unsigned long control[NR];
	unsigned long own[NR];
	int below[NR];
	volatile int *data[NR];
	volatile int *heap[NR];
	int seen[2];
};

static struct life *life;
static volatile int words[NR];
static __thread int own;

/* Threads do nothing more. */
static void report(struct self *self)
{
	int i = self - life->self;

	own = i;
	life->own[i] = (unsigned long)&own;
	life->control[i] = pthread_self();
	thread_read_self(self);
	if (i != MAIN && !target_broken())
		thread_sleep();
}

static void *write_words(void *self)
{
	*life->data[DEFAULT] = NEW;
	*life->heap[DEFAULT] = NEW;
	report(self);
	return NULL;
}

static void *read_words(void *self)
{
	life->seen[0] = *life->data[SMALL];
	life->seen[1] = *life->heap[SMALL];
	report(self);
	return NULL;
}

/* A path is read by the kernel as if the thread read it. */
static int errno_of_read(unsigned long addr)
{
	return access((const char *)addr, F_OK) ? errno : 0;
}

/* Words that each has for itself break the claim that they are common. */
static void choose_words(void)
{
	int *heap = malloc(NR * sizeof(*heap)), i, k;

	for (i = 0; i < NR; i++) {
		k = target_broken() ? i : 0;
		life->data[i] = &words[k];
		life->heap[i] = &heap[k];
		words[i] = OLD;
		heap[i] = OLD;
	}
}

/* One thread that acts as all of them has nothing for each. */
static void start_one(void *(*fn)(void *self), struct self *self,
		      const pthread_attr_t *attr)
{
	if (target_broken())
		fn(self);
	else
		thread_start(fn, self, attr);
}

static void start_threads(void *arg, int step)
{
	pthread_attr_t attr;
	int i;

	choose_words();
	start_one(write_words, &life->self[DEFAULT], NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, SMALL_STACK);
	start_one(read_words, &life->self[SMALL], &attr);
	report(&life->self[MAIN]);
	for (i = 0; i < NR; i++)
		life->below[i] = errno_of_read(life->self[i].stack - 1);
}

FIXTURE(threads)
{
	struct target target;
	const struct mmscope_thread *thread[NR];
	struct stream *s;
	pid_t pid;
};

FIXTURE_SETUP(threads)
{
	int i;

	module_need();
	kernel_stand_still();
	life = target_share(sizeof(*life));
	target_start(&self->target, start_threads, NULL);
	self->pid = self->target.pid;
	self->s = stream_get(self->pid, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			     MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0, 0);
	for (i = 0; i < NR; i++) {
		self->thread[i] = thread_of(self->s, life->self[i].tid);
		ASSERT_NE(NULL, self->thread[i]);
	}
}

FIXTURE_TEARDOWN(threads)
{
	stream_free(self->s);
	target_stop(&self->target);
}

/* Is a frame that of another thread, or none? */
static bool frame_is_shared(const struct view *view, int i)
{
	int k;

	for (k = 0; k < i; k++)
		if (view[k].frame == view[i].frame)
			return true;
	return !view[i].frame;
}

/*
 * The stack pointer and a variable of each lie in its own stack. Stacks do not
 * overlap, and these variables have no frame in common.
 */
TEST_F(threads, have_stacks_of_their_own)
{
	struct view view[NR];
	int i, k;

	for (i = 0; i < NR; i++) {
		const struct self *me = &life->self[i];

		EXPECT_LE(me->stack, self->thread[i]->sp);
		EXPECT_GT(me->stack_end, self->thread[i]->sp);
		for (k = 0; k < i; k++)
			EXPECT_TRUE(me->stack >= life->self[k].stack_end ||
				    me->stack_end <= life->self[k].stack);
		view[i] = view_of(me->tid, (void *)me->local);
	}
	EXPECT_EQ(0, frames_differ(view, NR));
	for (i = 0; i < NR; i++)
		EXPECT_FALSE(frame_is_shared(view, i));
}

static int read_word(pid_t pid, unsigned long addr)
{
	int fd = proc_open(pid, "mem", O_RDONLY), value;

	if (pread(fd, &value, sizeof(value), addr) != sizeof(value))
		die("cannot read memory of %d: %s", pid, strerror(errno));
	close(fd);
	return value;
}

/*
 * A variable is thread-local: it has another address, value and frame in each thread,
 * and lies at the same distance from each thread pointer.
 */
TEST_F(threads, have_tls_of_their_own)
{
	const long distance = life->own[MAIN] - life->self[MAIN].tls;
	struct view view[NR];
	int i;

	for (i = 0; i < NR; i++) {
		const struct self *me = &life->self[i];

		EXPECT_EQ(me->tls, self->thread[i]->tls);
		EXPECT_EQ(self->thread[i]->tls + distance, life->own[i]);
		EXPECT_EQ(i, read_word(self->pid, life->own[i]));
		view[i] = view_of(me->tid, (void *)life->own[i]);
	}
	EXPECT_EQ(0, frames_differ(view, NR));
	for (i = 0; i < NR; i++)
		EXPECT_FALSE(frame_is_shared(view, i));
}

/* The kernel saves the registers of user mode in the last bytes of the stack. */
#define SAVED_WORDS	64

static bool kernel_stack_has(const struct mmscope_thread *t, unsigned long value)
{
	__u64 end = t->kernel_stack + t->kernel_size, i;

	for (i = 1; i <= SAVED_WORDS; i++)
		if (kcore_virt(end - 8 * i) == value)
			return true;
	return false;
}

/*
 * Each has another kernel stack: at its top, /proc/kcore has the registers that
 * /proc reports of that thread.
 */
TEST_F(threads, have_kernel_stacks_of_their_own)
{
	unsigned long sp, ip;
	int i, k;

	for (i = 0; i < NR; i++) {
		proc_thread_registers(self->pid, life->self[i].tid, &sp, &ip);
		for (k = 0; k < NR; k++)
			EXPECT_EQ(i == k, kernel_stack_has(self->thread[k], sp));
		EXPECT_TRUE(kernel_stack_has(self->thread[i], ip));
	}
}

/* One thread writes to data and heap, the other reads that: all have the same frames. */
TEST_F(threads, have_heap_and_data_in_common)
{
	struct view view[2 * NR];
	int i;

	for (i = 0; i < NR; i++) {
		view[i] = view_of(life->self[i].tid, life->data[i]);
		view[NR + i] = view_of(life->self[i].tid, life->heap[i]);
	}
	EXPECT_EQ(0, frames_differ(view, 2 * NR));
	for (i = 1; i < NR; i++) {
		EXPECT_EQ(view[0].frame, view[i].frame);
		EXPECT_EQ(view[NR].frame, view[NR + i].frame);
	}
	EXPECT_NE(0, view[0].frame);
	EXPECT_NE(0, view[NR].frame);
	EXPECT_EQ(NEW, life->seen[0]);
	EXPECT_EQ(NEW, life->seen[1]);
}

/* What the library keeps of a thread and of its TLS takes less. */
#define CONTROL_ROOM	(16 * KIB)

/*
 * What pthread_self() returns, and the thread pointer, lie in the stack above all
 * frames. Those of the main thread lie outside of its stack.
 */
TEST_F(threads, have_control_blocks_at_the_top_of_stacks)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct proc_vma *stack = proc_vma_named(maps, "[stack]");
	int i;

	for (i = MAIN + 1; i < NR; i++) {
		const struct self *me = &life->self[i];

		EXPECT_LT(me->local, life->control[i]);
		EXPECT_GT(me->stack_end, life->control[i]);
		EXPECT_GE(CONTROL_ROOM, me->stack_end - life->control[i]);
		EXPECT_LT(self->thread[i]->sp, self->thread[i]->tls);
		EXPECT_GT(me->stack_end, self->thread[i]->tls);
		EXPECT_GE(CONTROL_ROOM, me->stack_end - self->thread[i]->tls);
	}
	EXPECT_TRUE(life->control[MAIN] < stack->start ||
		    life->control[MAIN] >= stack->end);
	EXPECT_NE(MMSCOPE_SEG_STACK,
		  vma_at(self->s, self->thread[MAIN]->tls)->segment);
	proc_maps_free(maps);
}

/*
 * Stacks of threads are private anonymous mappings between the heap and the stack
 * of the main thread, which alone is [stack].
 */
TEST_F(threads, have_stacks_in_the_mmap_area)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct mmscope_mm *mm = self->s->mm;
	int i;

	for (i = MAIN + 1; i < NR; i++) {
		const struct proc_vma *vma = proc_vma_at(maps, life->self[i].local);
		const struct mmscope_vma *seen = vma_at(self->s, self->thread[i]->sp);

		EXPECT_STREQ("rw-p", vma->perms);
		EXPECT_EQ(0, vma->ino);
		EXPECT_LE(proc_heap(self->pid, maps).end, vma->start);
		EXPECT_GE(proc_vma_named(maps, "[stack]")->start, vma->end);
		EXPECT_EQ(vma->start, seen->start);
		EXPECT_EQ(MMSCOPE_SEG_MMAP, seen->segment);
		EXPECT_EQ(MMSCOPE_PRIVATE_ANON, seen->kind);
		EXPECT_LE(mm->brk, seen->start);
		if (mm->layout == MMSCOPE_LAYOUT_FLEXIBLE)
			EXPECT_GE(mm->mmap_base, seen->end);
	}
	EXPECT_EQ(MMSCOPE_SEG_STACK,
		  vma_at(self->s, self->thread[MAIN]->sp)->segment);
	EXPECT_STREQ("[stack]", proc_vma_at(maps, life->self[MAIN].local)->name);
	proc_maps_free(maps);
}

/* Has the page of that address a VMA that permits access, and no guard entry? */
static bool is_open(const struct stream *s, unsigned long addr)
{
	const struct mmscope_vma *vma = vma_at(s, addr);
	const struct run *run = run_at(s, addr);

	return vma && vma->perms & MMSCOPE_WRITE &&
	       !(run && run->kind == MMSCOPE_MARKER_GUARD);
}

/*
 * By default, a stack has the size of RLIMIT_STACK; pthread_attr_setstacksize()
 * gives another one. Below it is a guard, which no thread can read.
 */
TEST_F(threads, have_stacks_as_large_as_their_attributes)
{
	struct rlimit limit;
	unsigned long addr;
	int i;

	ASSERT_EQ(0, getrlimit(RLIMIT_STACK, &limit));
	EXPECT_EQ(limit.rlim_cur, self->s->mm->rlimit_stack);
	/* The library has a default of its own for no limit. */
	if (limit.rlim_cur != RLIM_INFINITY)
		EXPECT_EQ(limit.rlim_cur & -PAGE, life->self[DEFAULT].stack_end -
						  life->self[DEFAULT].stack);
	EXPECT_EQ(SMALL_STACK,
		  life->self[SMALL].stack_end - life->self[SMALL].stack);
	for (i = MAIN + 1; i < NR; i++) {
		const struct self *me = &life->self[i];

		EXPECT_EQ(EFAULT, life->below[i]);
		EXPECT_FALSE(is_open(self->s, me->stack - 1));
		for (addr = me->stack; addr < me->stack_end; addr += PAGE)
			ASSERT_TRUE(is_open(self->s, addr));
	}
}

/* Relatives of a process */

/**
 * struct family - shared with the processes
 * @relative: id of the thread or process that the target started
 * @mapped: a page that this one has mapped
 * @goes: it may end
 * @seen: what the target reads when it has ended; 0 before
 */
struct family {
	volatile pid_t relative;
	char *mapped;
	volatile bool goes;
	volatile int seen;
};

static struct family *family;
static volatile int word = OLD;

static void *change_memory(void *unused)
{
	word = NEW;
	family->mapped = target_map_alone(1, PROT_READ, MAP_PRIVATE, -1);
	family->relative = thread_id();
	while (!family->goes)
		usleep(1000);
	return NULL;
}

static void start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, change_memory, NULL))
		die("pthread_create failed");
	pthread_join(thread, NULL);
}

static void start_vfork_child(void)
{
	if (!vfork()) {
		change_memory(NULL);
		_exit(0);
	}
}

static void start_child(void)
{
	pid_t parent = getpid();

	if (!fork()) {
		die_with(parent);
		change_memory(NULL);
		_exit(0);
	}
	wait(NULL);
}

FIXTURE(relative)
{
	pid_t pid;
};

FIXTURE_VARIANT(relative)
{
	void (*start)(void);
	void (*start_other)(void);	/* breaks the claim */
	bool shares;
};

FIXTURE_VARIANT_ADD(relative, thread) {
	.start = start_thread,
	.start_other = start_child,
	.shares = true,
};

FIXTURE_VARIANT_ADD(relative, vfork_child) {
	.start = start_vfork_child,
	.start_other = start_child,
	.shares = true,
};

FIXTURE_VARIANT_ADD(relative, fork_child) {
	.start = start_child,
	.start_other = start_vfork_child,
};

FIXTURE_SETUP(relative)
{
	pid_t parent = getpid();

	module_need();
	kernel_stand_still();
	family = target_share(sizeof(*family));
	self->pid = fork();
	if (!self->pid) {
		die_with(parent);
		word = OLD;
		(target_broken() ? variant->start_other : variant->start)();
		family->seen = word;
		thread_sleep();
	}
	while (!family->relative)
		usleep(1000);
}

FIXTURE_TEARDOWN(relative)
{
	target_kill(self->pid);
}

static bool maps_has(pid_t pid, const void *start)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	bool has = false;
	size_t i;

	for (i = 0; i < maps->nr; i++)
		has |= maps->vma[i].start == (unsigned long)start;
	proc_maps_free(maps);
	return has;
}

/*
 * The relative writes to data and maps a page. A thread and a child of vfork() do that
 * in the address space of the process, a child of fork() in one of its own.
 */
TEST_F(relative, shares_the_address_space)
{
	struct view view[] = { view_of(self->pid, &word),
			       view_of(family->relative, &word) };
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM |
				      MMSCOPE_PART_VMAS | MMSCOPE_PART_THREADS, 0, 0);
	struct stream *relative = stream_get(family->relative, MMSCOPE_PART_MM, 0, 0);

	EXPECT_EQ(0, frames_differ(view, 2));
	EXPECT_EQ(variant->shares, view[0].frame == view[1].frame);
	EXPECT_EQ(variant->shares, s->mm->pgd == relative->mm->pgd);
	EXPECT_EQ(variant->shares, !!thread_of(s, family->relative));
	EXPECT_EQ(variant->shares, maps_has(self->pid, family->mapped));
	EXPECT_EQ(variant->shares, !!vma_at(s, (unsigned long)family->mapped));
	family->goes = true;
	while (!family->seen)
		usleep(1000);
	EXPECT_EQ(variant->shares ? NEW : OLD, family->seen);
	stream_free(s);
	stream_free(relative);
}

TEST_HARNESS_MAIN
