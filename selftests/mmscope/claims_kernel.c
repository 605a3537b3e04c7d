// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel half of address spaces: every process has the same, and no process can
 * use it. What mmscope shows is what the page tables in /proc/kcore have, and what
 * processes that try it get. Kernel threads have nothing but that half.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/khalf.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

/* A variable of the kernel that never changes. */
#define SYMBOL	"linux_banner"

static struct stream *layout_of(pid_t pid)
{
	return stream_get(pid, MMSCOPE_PART_KERNEL_LAYOUT, 0, 0);
}

/* A page that user mode has mapped. */
static __u64 frame_of(const volatile void *page)
{
	return PM_FRAME(proc_page(getpid(), (unsigned long)page)) * PAGE;
}

/* A page of zeroes is a top table that maps nothing. It breaks claims. */
static __u64 empty_root(void)
{
	const char *page = target_map_alone(1, PROT_READ, MAP_PRIVATE, -1);

	target_look(page, 1);
	return frame_of(page);
}

static void set_root(struct stream *s, __u64 root)
{
	static struct mmscope_kernel kernel;

	kernel = *s->kernel;
	kernel.root = root;
	s->kernel = &kernel;
}

/* Without its lowest bits: eight bytes of a page. */
static __u64 symbol_addr(void)
{
	return proc_symbol(SYMBOL) & -8ULL;
}

/* How many entries of the top tables are in use, and not in both or not the same. */
static void compare_tops(const struct stream *a, const struct stream *b,
			 size_t *used, size_t *differ)
{
	static __u64 entry[2][MAX_TABLE_ENTRIES];
	size_t nr = khalf_top(a, entry[0]), i;

	khalf_top(b, entry[1]);
	*used = *differ = 0;
	for (i = 0; i < nr; i++) {
		*used += !!entry[0][i];
		*differ += entry[0][i] != entry[1][i];
	}
}

/*
 * This process, one that has executed a program, and process 1 have the same entries
 * for the kernel half, so that an address of the kernel leads all of them to the same
 * memory. On x86 in three top tables, on arm64 in one for all.
 */
TEST(kernel_half_is_the_same_in_every_process)
{
	struct target target;
	struct stream *s, *other;
	size_t used, differ, i;
	__u64 addr, phys;

	module_need();
	target_exec(&target, &(struct target_exec){ });
	addr = symbol_addr();
	s = layout_of(getpid());
	phys = khalf_phys(s, addr);
	EXPECT_EQ(kcore_virt(addr), kcore_phys(phys));
	for (i = 0; i < 2; i++) {
		other = layout_of(i ? target.pid : 1);
		if (target_broken())
			set_root(other, empty_root());
		EXPECT_EQ(!!(s->kernel->flags & MMSCOPE_KERNEL_ONE_ROOT),
			  s->kernel->root == other->kernel->root);
		EXPECT_EQ(phys, khalf_phys(other, addr));
		compare_tops(other, s, &used, &differ);
		EXPECT_EQ(used, other->kernel->used);
		EXPECT_EQ(used, other->kernel->same + other->kernel->own);
		EXPECT_GE(other->kernel->own + s->kernel->own, differ);
		stream_free(other);
	}
#ifdef __x86_64__
	EXPECT_FALSE(s->kernel->flags & MMSCOPE_KERNEL_ONE_ROOT);
#else
	EXPECT_TRUE(s->kernel->flags & MMSCOPE_KERNEL_ONE_ROOT);
#endif
	stream_free(s);
	target_stop(&target);
}

/* The address by the tables in use in user mode; 0 if they do not map it. */
static __u64 phys_in_user_mode(const struct stream *s, __u64 addr)
{
	const bool pti = s->kernel->flags & MMSCOPE_KERNEL_PTI;
	struct stream user = *s;

	if (pti != target_broken())
		set_root(&user, s->kernel->user_root ?: empty_root());
	return khalf_phys(&user, addr);
}

/*
 * With PTI, user mode has other tables, which do not map an address of the kernel;
 * else it has the same, which do.
 */
TEST(kernel_half_is_not_in_tables_of_user_mode_with_pti)
{
	struct stream *s;
	bool pti;

	module_need();
	s = layout_of(getpid());
	pti = s->kernel->flags & MMSCOPE_KERNEL_PTI;
	EXPECT_EQ(pti, !!s->kernel->user_root);
	EXPECT_EQ(pti, !phys_in_user_mode(s, symbol_addr()));
	stream_free(s);
}

/* Reads that fail */

/**
 * struct try - how a process fails to read an address
 * @error: of a system call that reads there
 * @signal: that a read of the process itself raised
 * @code: of the signal
 * @at: the address that came with it
 */
struct try {
	int error;
	int signal;
	int code;
	void *at;
};

static struct try *tried;

static void end(int signal, siginfo_t *info, void *context)
{
	tried->signal = signal;
	tried->code = info->si_code;
	tried->at = info->si_addr;
	_exit(0);
}

static struct try try_to_read(__u64 addr)
{
	struct sigaction action = { .sa_sigaction = end, .sa_flags = SA_SIGINFO };
	const char *at = (const char *)addr;
	pid_t pid;

	tried = target_share(sizeof(*tried));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		sigaction(SIGSEGV, &action, NULL);
		tried->error = access(at, F_OK) ? errno : 0;
		target_look(at, 1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return *tried;
}

FIXTURE(address)
{
	volatile __u64 *page;
	__u64 addr;
};

FIXTURE_VARIANT(address)
{
	__u64 (*find)(const volatile void *page);
	bool in_kernel_half;
	int code;
	bool reports_addr;
};

static __u64 find_symbol(const volatile void *page)
{
	return symbol_addr();
}

/* Where the kernel has the page. */
static __u64 find_in_direct_map(const volatile void *page)
{
	return kcore_map(frame_of(page));
}

static __u64 find_hole(const volatile void *page)
{
	return 1ULL << kernel_user_bits();
}

FIXTURE_VARIANT_ADD(address, of_the_image) {
	.find = find_symbol,
	.in_kernel_half = true,
	.code = SEGV_MAPERR,
	.reports_addr = true,
};

FIXTURE_VARIANT_ADD(address, of_a_page_of_the_process) {
	.find = find_in_direct_map,
	.in_kernel_half = true,
	.code = SEGV_MAPERR,
	.reports_addr = true,
};

/* On x86 it is not canonical, which is an exception without an address. */
FIXTURE_VARIANT_ADD(address, between_the_halves) {
	.find = find_hole,
#ifdef __x86_64__
	.code = SI_KERNEL,
#else
	.code = SEGV_MAPERR,
	.reports_addr = true,
#endif
};

FIXTURE_SETUP(address)
{
	module_need();
	kernel_stand_still();
	self->page = target_map_alone(1, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	*self->page = getpid();
	self->addr = target_broken() ? (unsigned long)self->page :
				       variant->find(self->page);
}

FIXTURE_TEARDOWN(address)
{
}

/* Has the kernel half a page there? Only the kernel may use it. */
static bool kernel_maps(__u64 addr)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_KERNEL_PAGETABLE, addr,
				      addr + 1);
	bool maps = s->nr_kruns && s->krun[0]->kind == MMSCOPE_PRESENT &&
		    s->krun[0]->attrs & MMSCOPE_ATTR_READ &&
		    !(s->krun[0]->attrs & MMSCOPE_ATTR_USER);

	stream_free(s);
	return maps;
}

/* A system call fails with EFAULT, and a read of the process itself with SIGSEGV. */
TEST_F(address, cannot_be_read)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_WALK, self->addr, 0);
	struct try try = try_to_read(self->addr);

	EXPECT_EQ(self->addr, s->walk->addr);
	EXPECT_EQ(MMSCOPE_STOP_KERNEL, s->walk->stop);
	EXPECT_EQ(variant->in_kernel_half, kernel_maps(self->addr));
	EXPECT_EQ(EFAULT, try.error);
	EXPECT_EQ(SIGSEGV, try.signal);
	EXPECT_EQ(variant->code, try.code);
	EXPECT_EQ(variant->reports_addr ? (void *)self->addr : NULL, try.at);
	stream_free(s);
}

#define WORD	0x6d6d73636f7065ULL

/*
 * The page of a process is in the direct map of the kernel, too: /proc/kcore has
 * there what the process wrote.
 */
TEST(page_of_a_process_is_in_the_kernel_half)
{
	volatile __u64 *page = target_map_alone(2, PROT_READ | PROT_WRITE,
						MAP_PRIVATE, -1);
	struct stream *s;
	__u64 phys, word;

	module_need();
	kernel_stand_still();
	*page = 0;
	/* A write to the next page breaks the claim. */
	page[target_broken() ? PAGE / sizeof(*page) : 0] = WORD;
	s = layout_of(getpid());
	do {
		phys = frame_of(page);
		word = kcore_phys(phys);
	} while (phys != frame_of(page));
	EXPECT_EQ(WORD, word);
	EXPECT_EQ(phys, khalf_phys(s, kcore_map(phys)));
	stream_free(s);
}

/* Kernel threads */

#define PF_KTHREAD	0x200000

/* By maps and status, which agree. */
static bool proc_has_mm(pid_t pid)
{
	bool has = proc_has_status(pid, "VmSize");
	size_t len;

	free(proc_read(pid, "maps", &len));
	if (has != !!len)
		die("%d has %zu bytes of maps", pid, len);
	return has;
}

/* kthreadd has no address space; process 1 and this one have. */
TEST(kernel_thread_has_no_address_space)
{
	const struct {
		pid_t pid;
		bool is_kthread;
	} task[] = { { target_broken() ? 1 : 2, true }, { 1, false }, { 0, false } };
	int i;

	module_need();
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		pid_t pid = task[i].pid ?: getpid();
		struct stream *s = stream_get(pid, MMSCOPE_PART_MM |
					      MMSCOPE_PART_VMAS |
					      MMSCOPE_PART_PAGETABLE, 0, 0);
		bool is_kthread = proc_stat(pid, 9) & PF_KTHREAD;

		EXPECT_EQ(task[i].is_kthread, is_kthread);
		EXPECT_EQ(is_kthread, !proc_has_mm(pid));
		EXPECT_EQ(is_kthread, !!(s->task->flags & MMSCOPE_TASK_KTHREAD));
		EXPECT_EQ(is_kthread, !s->mm);
		EXPECT_EQ(is_kthread, !s->nr_vmas);
		EXPECT_EQ(is_kthread, !s->nr_runs);
		stream_free(s);
	}
}

TEST_HARNESS_MAIN
