// SPDX-License-Identifier: GPL-2.0-only
/* The fields and flags of an mm that changes step by step, compared with /proc. */
#include <alloca.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "test.h"
#include "oracle/fields.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/capability.h"
#include "target/target.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE	65
#endif

#define RW	(PROT_READ | PROT_WRITE)

enum step {
	START, BRK, MAP, LOCK, TOUCH, FORGET, UNMAP, EXECUTABLE, STACK, SHARED,
	FILE_PAGES, TABLES, PAGE_OUT, PIN, THREADS, LOCK_FUTURE, LOCK_ON_FAULT,
	NO_THP, MERGEABLE, MULTIPROCESS, MDWE,
	SET_MM,			/* + PR_SET_MM_* */
};

/**
 * struct mover - state of the target; shared with it
 * @start: of its last mapping
 * @brk: as the system call brk() returns it
 * @failed: the last step failed
 */
struct mover {
	char *start;
	__u64 brk;
	bool failed;
};

static void *map_alone(size_t pages, int prot, int flags, int fd)
{
	char *p = target_map_alone(pages, prot, flags, fd);

	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static void *sleep_for_ever(void *arg)
{
	pause();
	return NULL;
}

static int sleep_in_process(void *arg)
{
	die_with((long)arg);
	pause();
	return 0;
}

static void start_threads(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&thread, NULL, sleep_for_ever, NULL);
}

static bool pin(void *start, size_t size)
{
	struct io_uring_params params = { };
	struct iovec buffer = { start, size };
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int fd;

	setrlimit(RLIMIT_MEMLOCK, &all);
	/* With CAP_IPC_LOCK, io_uring does not account pinned pages. */
	capability_drop(CAP_IPC_LOCK);
	fd = syscall(SYS_io_uring_setup, 4, &params);
	return fd >= 0 && !syscall(SYS_io_uring_register, fd,
				   IORING_REGISTER_BUFFERS, &buffer, 1);
}

/* Change a field of the mm a little, so that the order of fields stays valid. */
static bool set_mm(int what)
{
	static const struct {
		int field, delta;
	} of[] = {
		[PR_SET_MM_START_CODE] = { 26, 1 },
		[PR_SET_MM_END_CODE] = { 27, -1 },
		[PR_SET_MM_START_STACK] = { 28, 64 },
		[PR_SET_MM_START_DATA] = { 45, 1 },
		[PR_SET_MM_END_DATA] = { 46, -1 },
		[PR_SET_MM_START_BRK] = { 47, 16 },
		[PR_SET_MM_ARG_START] = { 48, 1 },
		[PR_SET_MM_ARG_END] = { 49, -1 },
		[PR_SET_MM_ENV_START] = { 50, 1 },
		[PR_SET_MM_ENV_END] = { 51, -1 },
	};
	__u64 value;

	if (what == PR_SET_MM_BRK)
		value = syscall(SYS_brk, 0) - 32;
	else
		value = proc_stat(getpid(), of[what].field) + of[what].delta;
	return !prctl(PR_SET_MM, what, value, 0, 0);
}

static void lock_future(struct mover *mover, int flags)
{
	mover->failed = mlockall(MCL_FUTURE | flags);
	mover->start = map_alone(5, RW, MAP_PRIVATE, -1);
}

static void more_moves(struct mover *mover, int step)
{
	static alignas(16) char stack[16384];

	switch (step) {
	case PIN:
		mover->failed = !pin(mover->start, 20 * PAGE);
		break;
	case THREADS:
		start_threads();
		break;
	case LOCK_FUTURE:
		lock_future(mover, 0);
		break;
	case LOCK_ON_FAULT:
		lock_future(mover, MCL_ONFAULT);
		break;
	case NO_THP:
		mover->failed = prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		break;
	case MERGEABLE:
		mover->failed = madvise(mover->start, PAGE, MADV_MERGEABLE);
		break;
	case MULTIPROCESS:
		mover->failed = clone(sleep_in_process, stack + sizeof(stack),
				      CLONE_VM, (void *)(long)getpid()) < 0;
		break;
	case MDWE:
		mover->failed = prctl(PR_SET_MDWE, 1, 0, 0, 0);
		break;
	default:
		if (step >= SET_MM)
			mover->failed = !set_mm(step - SET_MM);
	}
}

static void move(void *arg, int step)
{
	struct mover *mover = arg;
	char *p;

	mover->failed = false;
	switch (step) {
	case BRK:
		sbrk(5 * PAGE + 40);
		break;
	case MAP:
		mover->start = map_alone(100, RW, MAP_PRIVATE, -1);
		break;
	case LOCK:
		mover->failed = mlock(mover->start + 50 * PAGE, 10 * PAGE);
		break;
	case TOUCH:
		target_touch(mover->start, 90 * PAGE);
		break;
	case FORGET:
		madvise(mover->start, 50 * PAGE, MADV_DONTNEED);
		break;
	case UNMAP:
		munmap(mover->start, 100 * PAGE);
		break;
	case EXECUTABLE:
		map_alone(7, PROT_READ | PROT_EXEC, MAP_PRIVATE, -1);
		break;
	case STACK:
		target_touch(alloca(300 * PAGE), 300 * PAGE);
		break;
	case SHARED:
		p = map_alone(80, RW, MAP_SHARED, -1);
		target_touch(p, 80 * PAGE);
		break;
	case FILE_PAGES:
		p = map_alone(60, PROT_READ, MAP_PRIVATE,
			      open("/proc/self/exe", O_RDONLY));
		target_look(p, 20 * PAGE);
		break;
	case TABLES:
		p = target_map(NULL, 32 * HUGE, RW, MAP_PRIVATE, -1);
		madvise(p, 32 * HUGE, MADV_NOHUGEPAGE);
		for (step = 0; step < 32; step++)
			p[step * HUGE] = 1;
		break;
	case PAGE_OUT:
		mover->failed = !target_page_out(mover->start, 40 * PAGE);
		break;
	default:
		more_moves(mover, step);
	}
	mover->brk = syscall(SYS_brk, 0);
}

FIXTURE(moving)
{
	struct mover *mover;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(moving)
{
	module_need();
	self->mover = target_share(sizeof(*self->mover));
	target_start(&self->target, move, self->mover);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(moving)
{
	target_stop(&self->target);
}

/* Let the target do a step; after it all fields have to agree with /proc. */
#define STEP(step)							\
	do {								\
		target_step(&self->target, step);			\
		EXPECT_EQ(0, fields_compare(self->pid));		\
		EXPECT_EQ(0, fields_compare_text(self->pid));		\
	} while (0)

/* In older kernels counters are late: only the comparison with /proc is exact. */
#define RSS_IS_EXACT	kernel_since(6, 2)

/* sbrk() moves brk by a few pages and bytes. */
TEST_F(moving, heap)
{
	struct mmscope_mm before = fields_of(self->pid), after;

	STEP(BRK);
	after = fields_of(self->pid);
	EXPECT_EQ(self->mover->brk, after.brk);
	EXPECT_EQ(before.brk + 5 * PAGE + 40, after.brk);
	EXPECT_EQ(before.start_brk, after.start_brk);
	EXPECT_LE(before.data_vm + 5, after.data_vm);
}

/* Map 100 pages, and unmap them. */
TEST_F(moving, mappings)
{
	struct mmscope_mm before = fields_of(self->pid), mapped, gone;

	STEP(MAP);
	mapped = fields_of(self->pid);
	EXPECT_EQ(before.total_vm + 100, mapped.total_vm);
	EXPECT_EQ(before.data_vm + 100, mapped.data_vm);
	EXPECT_EQ(before.map_count + 1, mapped.map_count);
	STEP(UNMAP);
	gone = fields_of(self->pid);
	EXPECT_EQ(before.total_vm, gone.total_vm);
	EXPECT_EQ(before.map_count, gone.map_count);
	EXPECT_LE(mapped.total_vm, gone.hiwater_vm);
}

/* Map 100 pages, and mlock() 10 of them. */
TEST_F(moving, locked)
{
	EXPECT_EQ(0, fields_of(self->pid).locked_vm);
	STEP(MAP);
	STEP(LOCK);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_EQ(10, fields_of(self->pid).locked_vm);
}

/* Map 100 pages, touch 90, and drop 50 with MADV_DONTNEED. */
TEST_F(moving, resident)
{
	struct mmscope_mm before, touched, after;

	/* hiwater_rss is not checked: the kernel updates it late. */
	STEP(MAP);
	before = fields_of(self->pid);
	STEP(TOUCH);
	touched = fields_of(self->pid);
	STEP(FORGET);
	after = fields_of(self->pid);
	EXPECT_LE(before.rss_anon, touched.rss_anon);
	if (RSS_IS_EXACT) {
		EXPECT_EQ(before.rss_anon + 90, touched.rss_anon);
		EXPECT_EQ(before.rss_anon + 40, after.rss_anon);
	}
}

/* Map 7 executable pages. */
TEST_F(moving, executable)
{
	struct mmscope_mm before = fields_of(self->pid);

	STEP(EXECUTABLE);
	EXPECT_EQ(before.exec_vm + 7, fields_of(self->pid).exec_vm);
}

/* Touch 300 pages of the stack with alloca(). */
TEST_F(moving, stack)
{
	struct mmscope_mm before = fields_of(self->pid);

	STEP(STACK);
	EXPECT_LE(before.stack_vm + 250, fields_of(self->pid).stack_vm);
}

/* Map and touch 80 pages of shared memory. */
TEST_F(moving, shared)
{
	struct mmscope_mm before = fields_of(self->pid);

	STEP(SHARED);
	EXPECT_LT(before.rss_shmem, fields_of(self->pid).rss_shmem);
	if (RSS_IS_EXACT)
		EXPECT_EQ(before.rss_shmem + 80,
			  fields_of(self->pid).rss_shmem);
}

/* Map 60 pages of the program, and read 20. */
TEST_F(moving, file)
{
	struct mmscope_mm before = fields_of(self->pid);

	STEP(FILE_PAGES);
	if (RSS_IS_EXACT)
		EXPECT_LE(before.rss_file + 20, fields_of(self->pid).rss_file);
}

/* Touch one page in each huge page: each needs a PTE table. */
TEST_F(moving, tables)
{
	struct mmscope_mm before = fields_of(self->pid);

	STEP(TABLES);
	EXPECT_LE(before.pgtables_bytes + 31 * PAGE,
		  fields_of(self->pid).pgtables_bytes);
}

/* Touch 90 pages, and swap out 40. */
TEST_F(moving, swapped)
{
	STEP(MAP);
	STEP(TOUCH);
	EXPECT_EQ(0, fields_of(self->pid).rss_swap);
	STEP(PAGE_OUT);
	if (self->mover->failed)
		SKIP(return, "there is no swap space");
	EXPECT_LE(40, fields_of(self->pid).rss_swap);
}

/* Register 20 pages as a buffer of io_uring, which pins them. */
TEST_F(moving, pinned)
{
	EXPECT_EQ(0, fields_of(self->pid).pinned_vm);
	STEP(MAP);
	STEP(PIN);
	if (self->mover->failed)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_EQ(20, fields_of(self->pid).pinned_vm);
}

/* Start three threads: each is a user of the mm. */
TEST_F(moving, users)
{
	EXPECT_EQ(1, fields_of(self->pid).mm_users);
	STEP(THREADS);
	EXPECT_EQ(4, fields_of(self->pid).mm_users);
}

/*
 * Open pagemap 500 times: each holds one reference to the mm. Each idle processor
 * may hold one more.
 */
TEST_F(moving, references)
{
	__u32 before = fields_of(self->pid).mm_count, after;
	int slack = sysconf(_SC_NPROCESSORS_ONLN) + 1, i;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", self->pid);
	for (i = 0; i < 500; i++)
		ASSERT_LE(0, open(path, O_RDONLY));
	after = fields_of(self->pid).mm_count;
	EXPECT_LE(before + 500 - slack, after);
	EXPECT_GE(before + 500 + slack, after);
	EXPECT_LE(1, before);
	EXPECT_GE(1 + 2 * slack, before);
}

/* Change each field that prctl(PR_SET_MM) can change. */
TEST_F(moving, by_prctl)
{
	int what;

	STEP(BRK);
	for (what = PR_SET_MM_START_CODE; what <= PR_SET_MM_ENV_END; what++) {
		STEP(SET_MM + what);
		EXPECT_FALSE(self->mover->failed) {
			note("PR_SET_MM %d", what);
		}
		EXPECT_EQ(self->mover->brk, fields_of(self->pid).brk);
	}
}

/* Flags */

static bool named_flag(pid_t pid, enum mmscope_names_of of, const char *name)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	__u64 flags = of == MMSCOPE_NAMES_MM_FLAGS ? s->mm->flags :
						     s->mm->def_flags;
	bool set = flag_set(s, of, flags, name);

	stream_free(s);
	return set;
}

static bool mm_flag(pid_t pid, const char *name)
{
	return named_flag(pid, MMSCOPE_NAMES_MM_FLAGS, name);
}

static bool def_flag(pid_t pid, const char *name)
{
	return named_flag(pid, MMSCOPE_NAMES_VMA_FLAGS, name);
}

/* Set each bit of coredump_filter alone: only the flag of that name is set. */
TEST_F(moving, dump_flags)
{
	static const char * const name[] = {
		"dump-anon-private", "dump-anon-shared", "dump-mapped-private",
		"dump-mapped-shared", "dump-elf-headers",
		"dump-hugetlb-private", "dump-hugetlb-shared",
		"dump-dax-private", "dump-dax-shared",
	};
	char path[64], filter[16];
	size_t i, k;

	snprintf(path, sizeof(path), "/proc/%d/coredump_filter", self->pid);
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(filter, sizeof(filter), "0x%x", 1 << i);
		file_write(path, filter);
		for (k = 0; k < ARRAY_SIZE(name); k++)
			EXPECT_EQ(i == k, mm_flag(self->pid, name[k]));
	}
}

/* mlockall(MCL_FUTURE), then with MCL_ONFAULT: def_flags has "lo", then "lf". */
TEST_F(moving, def_flags)
{
	struct proc_maps *maps;
	const struct proc_vma *vma;

	EXPECT_FALSE(def_flag(self->pid, "lo"));
	target_step(&self->target, LOCK_FUTURE);
	ASSERT_FALSE(self->mover->failed);
	/* A mapping made after that is locked. */
	maps = proc_maps(self->pid, "smaps");
	vma = proc_vma_at(maps, (unsigned long)self->mover->start);
	EXPECT_TRUE(smaps_flag(vma, "lo"));
	EXPECT_TRUE(def_flag(self->pid, "lo"));
	EXPECT_FALSE(def_flag(self->pid, "lf"));
	target_step(&self->target, LOCK_ON_FAULT);
	EXPECT_TRUE(def_flag(self->pid, "lf"));
	EXPECT_EQ(0, fields_compare_text(self->pid));
	proc_maps_free(maps);
}

/* prctl(PR_SET_THP_DISABLE). */
TEST_F(moving, thp_flag)
{
	if (!kernel_has_thp())
		SKIP(return, LACKS_THP);
	EXPECT_EQ(1, proc_status(self->pid, "THP_enabled"));
	EXPECT_FALSE(mm_flag(self->pid, "no-thp"));
	target_step(&self->target, NO_THP);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_EQ(0, proc_status(self->pid, "THP_enabled"));
	EXPECT_TRUE(mm_flag(self->pid, "no-thp"));
}

/* madvise(MADV_MERGEABLE). */
TEST_F(moving, ksm_flag)
{
	target_step(&self->target, MAP);
	EXPECT_FALSE(mm_flag(self->pid, "ksm"));
	target_step(&self->target, MERGEABLE);
	if (self->mover->failed)
		SKIP(return, "this kernel has no KSM");
	EXPECT_TRUE(mm_flag(self->pid, "ksm"));
}

/* A second process shares the mm by CLONE_VM. */
TEST_F(moving, multiprocess_flag)
{
	EXPECT_FALSE(mm_flag(self->pid, "multiprocess"));
	target_step(&self->target, MULTIPROCESS);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_TRUE(mm_flag(self->pid, "multiprocess"));
	EXPECT_EQ(2, fields_of(self->pid).mm_users);
}

/* Pin pages with io_uring. */
TEST_F(moving, pinned_flag)
{
	if (!kernel_since(5, 14))
		SKIP(return, "this kernel has a counter in place of the flag");
	target_step(&self->target, MAP);
	target_step(&self->target, TOUCH);
	EXPECT_FALSE(mm_flag(self->pid, "has-pinned"));
	target_step(&self->target, PIN);
	if (self->mover->failed)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_TRUE(mm_flag(self->pid, "has-pinned"));
}

/* prctl(PR_SET_MDWE): no memory becomes executable any more. */
TEST_F(moving, mdwe_flag)
{
	target_step(&self->target, MDWE);
	if (self->mover->failed)
		SKIP(return, "this kernel has no PR_SET_MDWE");
	EXPECT_TRUE(mm_flag(self->pid, "mdwe"));
}

TEST_HARNESS_MAIN
