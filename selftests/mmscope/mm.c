// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of an mm, compared with /proc/PID/{stat,status,statm,maps,smaps,auxv}
 * and with what system calls do.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test.h"
#include "oracle/fields.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/ia32.h"
#include "target/target.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif

#define RW	(PROT_READ | PROT_WRITE)

/*
 * Where the mmap area has to be: within the addresses that mmap() returns without
 * a hint, it begins at a fraction if it grows up. x86 keeps that base for either
 * layout.
 */
#ifdef __x86_64__
#define WINDOW		((1ULL << 47) - PAGE)
#define LEGACY_BASE	((WINDOW / 3 + PAGE - 1) & -PAGE)
#define LEGACY_KEPT	true
#else
#define WINDOW		(1ULL << window_bits())
#define LEGACY_BASE	(WINDOW / 4)
#define LEGACY_KEPT	false
#endif

#ifdef __aarch64__
/* mmap() uses longer addresses only for a hint. */
static unsigned int window_bits(void)
{
	unsigned int bits = kernel_user_bits(), most = PAGE == 16 * KIB ? 47 : 48;

	return bits < most ? bits : most;
}
#endif

/* Executed targets of each layout */

FIXTURE(layout)
{
	struct target target;
	pid_t pid;
	bool randomizing;		/* the kernel does by default */
};

FIXTURE_VARIANT(layout)
{
	unsigned long personality;
	unsigned long stack;
	bool classic;
};

FIXTURE_VARIANT_ADD(layout, usual) {
	.stack = 8 * MIB,
};

FIXTURE_VARIANT_ADD(layout, not_randomized) {
	.personality = ADDR_NO_RANDOMIZE,
	.stack = 8 * MIB,
};

FIXTURE_VARIANT_ADD(layout, large_stack) {
	.personality = ADDR_NO_RANDOMIZE,
	.stack = GIB,
};

FIXTURE_VARIANT_ADD(layout, huge_stack) {
	.personality = ADDR_NO_RANDOMIZE,
	.stack = 1UL << 50,
};

FIXTURE_VARIANT_ADD(layout, compat) {
	.personality = ADDR_COMPAT_LAYOUT,
	.stack = 8 * MIB,
	.classic = true,
};

FIXTURE_VARIANT_ADD(layout, compat_not_randomized) {
	.personality = ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE,
	.stack = 8 * MIB,
	.classic = true,
};

/* On other architectures that makes the layout classic. */
FIXTURE_VARIANT_ADD(layout, unlimited_stack) {
	.stack = RLIM_INFINITY,
#ifndef __x86_64__
	.classic = true,
#endif
};

FIXTURE_SETUP(layout)
{
	static char *const argv[] = { "a target", "with", "arguments", NULL };
	static char *const envp[] = { "AND=an", "ENVIRONMENT=x", NULL };
	const struct target_exec exec = {
		.personality = variant->personality,
		.stack = variant->stack,
		.argv = argv,
		.envp = envp,
	};

	module_need();
	target_exec(&self->target, &exec);
	self->pid = self->target.pid;
	self->randomizing =
		file_number("/proc/sys/kernel/randomize_va_space", 0) > 0;
}

FIXTURE_TEARDOWN(layout)
{
	target_stop(&self->target);
}

/* A program executed with some layout, as in all of these tests. */
TEST_F(layout, agrees_with_proc)
{
	EXPECT_EQ(0, fields_compare(self->pid));
}

TEST_F(layout, agrees_with_text)
{
	EXPECT_EQ(0, fields_compare_text(self->pid));
}

TEST_F(layout, is_the_one_asked_for)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	bool random = self->randomizing &&
		      !(variant->personality & ADDR_NO_RANDOMIZE);

	EXPECT_EQ(variant->classic ? MMSCOPE_LAYOUT_CLASSIC :
				     MMSCOPE_LAYOUT_FLEXIBLE, s->mm->layout);
	EXPECT_EQ(random, !!(s->task->flags & MMSCOPE_TASK_RANDOMIZED));
	EXPECT_EQ(variant->stack, s->mm->rlimit_stack);
	stream_free(s);
}

/* The end of the mappings of a file, and of its bss right after them. */
static __u64 end_of_file(const struct proc_maps *maps, const char *name)
{
	__u64 end = 0;
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (!strcmp(maps->vma[i].name, name) ||
		    (!*maps->vma[i].name && maps->vma[i].start == end))
			end = maps->vma[i].end;
	return end;
}

/* The kernel maps the dynamic loader first: from mmap_base up or down. */
TEST_F(layout, has_its_first_mapping_at_mmap_base)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	__u64 base = proc_auxv(self->pid, AT_BASE);
	const struct proc_vma *loader = proc_vma_at(maps, base);

	EXPECT_EQ(s->mm->mmap_base, variant->classic ? base :
		  end_of_file(maps, loader->name));
	if (variant->classic && LEGACY_KEPT)
		EXPECT_EQ(s->mm->mmap_legacy_base, s->mm->mmap_base);
	if (!LEGACY_KEPT)
		EXPECT_EQ(0, s->mm->mmap_legacy_base);
	proc_maps_free(maps);
	stream_free(s);
}

/*
 * The base is below the stack limit and the guard gap, which together count as
 * 128 MiB at least and five sixths of the window at most. With five levels,
 * mmap() uses addresses beyond the window only for a hint.
 */
static __u64 flexible_base(__u64 stack, __u64 guard_gap)
{
	__u64 max_gap = WINDOW / 6 * 5, gap = stack;

	if (gap < max_gap)
		gap += guard_gap;
	if (gap < 128 * MIB)
		gap = 128 * MIB;
	if (gap > max_gap)
		gap = max_gap;
	return (WINDOW - gap + PAGE - 1) & -PAGE;
}

/* Both bases are where the stack limit puts them, plus what randomizing adds. */
TEST_F(layout, has_its_bases_by_rule)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	__u64 legacy = LEGACY_KEPT ? s->mm->mmap_legacy_base : s->mm->mmap_base;
	__u64 shift = file_number("/proc/sys/vm/mmap_rnd_bits", 0);
	bool random = !(variant->personality & ADDR_NO_RANDOMIZE);
	__u64 flexible = flexible_base(variant->stack, s->mm->stack_guard_gap);

	if (LEGACY_KEPT || variant->classic) {
		EXPECT_LE(LEGACY_BASE, legacy);
		EXPECT_GE(LEGACY_BASE + (random ? (PAGE << shift) - 1 : 0),
			  legacy);
	}
	if (!variant->classic)
		EXPECT_GE(flexible, s->mm->mmap_base);
	if (!variant->classic && !random)
		EXPECT_EQ(flexible, s->mm->mmap_base);
	stream_free(s);
}

/* get_unmapped_area is the function of the layout, by name and address. */
TEST_F(layout, has_the_function_of_kallsyms)
{
	const char *name = variant->classic ? "arch_get_unmapped_area" :
					      "arch_get_unmapped_area_topdown";
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);

	/* 6.10 made the pointer a flag of the mm. */
	if (kernel_since(6, 10)) {
		EXPECT_EQ(0, s->mm->get_unmapped_area);
		EXPECT_EQ(0, s->mm->area_len);
		EXPECT_EQ(!variant->classic,
			  flag_set(s, MMSCOPE_NAMES_MM_FLAGS, s->mm->flags,
				   "topdown"));
	} else {
		ASSERT_NE(0, proc_symbol(name));
		EXPECT_EQ(proc_symbol(name), s->mm->get_unmapped_area);
		EXPECT_STREQ(name, mm_text(s->mm) + s->mm->exe_len + 1);
	}
	stream_free(s);
}

/* The sizes of arguments and environment are those of cmdline and environ. */
TEST_F(layout, has_arguments_and_environment)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	size_t args, env;

	free(proc_read(self->pid, "cmdline", &args));
	free(proc_read(self->pid, "environ", &env));
	EXPECT_EQ(sizeof("a target") + sizeof("with") + sizeof("arguments"),
		  args);
	EXPECT_EQ(args, s->mm->arg_end - s->mm->arg_start);
	EXPECT_EQ(env, s->mm->env_end - s->mm->env_start);
	stream_free(s);
}

/*
 * Execute the program twice: mmap_base differs if and only if the layout is
 * randomized, and then both bases move by the same offset, in opposite directions.
 */
TEST_F(layout, is_random_if_flagged)
{
	const struct target_exec exec = {
		.personality = variant->personality,
		.stack = variant->stack,
	};
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	struct stream *other;
	struct target target;

	target_exec(&target, &exec);
	other = stream_get(target.pid, MMSCOPE_PART_MM, 0, 0);
	EXPECT_EQ(!!(s->task->flags & MMSCOPE_TASK_RANDOMIZED),
		  s->mm->mmap_base != other->mm->mmap_base);
	if (!variant->classic && LEGACY_KEPT)
		EXPECT_EQ(s->mm->mmap_base + s->mm->mmap_legacy_base,
			  other->mm->mmap_base + other->mm->mmap_legacy_base);
	stream_free(s);
	stream_free(other);
	target_stop(&target);
}

/* Names of programs */

FIXTURE(exe) {
};

FIXTURE_SETUP(exe)
{
	module_need();
}

FIXTURE_TEARDOWN(exe)
{
}

static void copy_self(const char *to)
{
	char command[512];

	snprintf(command, sizeof(command), "cat /proc/%d/exe >\"$TO\"; chmod 700 \"$TO\"",
		 getpid());
	setenv("TO", to, 1);
	if (system(command))
		die("cannot copy this program to %s", to);
}

static size_t wrong_exe(const char *name, bool delete)
{
	char dir[] = "/tmp/mmscope-XXXXXX", path[256];
	struct target_exec exec = { .file = path };
	struct target target;
	size_t wrong;

	if (!mkdtemp(dir))
		die("mkdtemp: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	copy_self(path);
	target_exec(&target, &exec);
	if (delete)
		unlink(path);
	wrong = fields_compare(target.pid) + fields_compare_text(target.pid);
	target_stop(&target);
	unlink(path);
	rmdir(dir);
	return wrong;
}

/* Execute a copy of this program under some name, as in all of these tests. */
TEST_F(exe, with_a_plain_name)
{
	EXPECT_EQ(0, wrong_exe("plain", false));
}

TEST_F(exe, that_is_deleted)
{
	EXPECT_EQ(0, wrong_exe("gone", true));
}

TEST_F(exe, with_a_name_of_special_characters)
{
	struct stream *s;
	struct target target;
	char *text;
	const struct target_exec exec = {
		.file = "/tmp/new\nline \\ \303\274 (deleted)",
	};

	EXPECT_EQ(0, wrong_exe("new\nline \\ \303\274 (deleted)", false));

	/* In the text, a newline must not make a new line. */
	copy_self(exec.file);
	target_exec(&target, &exec);
	s = stream_get(target.pid, MMSCOPE_PART_MM, 0, 0);
	text = text_get(target.pid, "mm");
	EXPECT_STREQ(exec.file, mm_text(s->mm));
	EXPECT_STREQ("/tmp/new\\012line \\ \303\274 (deleted)",
		     text_value(text, "exe"));
	stream_free(s);
	free(text);
	target_stop(&target);
	unlink(exec.file);
}

/* Bounds that system calls show */

struct bounds {
	__u64 task_size;
	__u64 gap;
	int last_err;			/* of mapping the last page */
	int next_err;			/* of mapping the page after it */
	bool at_gap;			/* mmap() takes a hint just outside of the gap */
	bool in_gap;			/* and one a page further, inside of it */
};

static int try_page(__u64 addr)
{
	void *p = mmap((void *)(unsigned long)addr, PAGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	munmap(p, PAGE);
	return 0;
}

static bool hint_taken(char *hint)
{
	void *p = mmap(hint, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, PAGE);
	return p == hint;
}

static void try_bounds(void *arg, int step)
{
	struct bounds *bounds = arg;
	char *p;

	if (!step)
		return;
	bounds->last_err = try_page(bounds->task_size - PAGE);
	bounds->next_err = try_page(bounds->task_size);

	/* The kernel keeps a gap below a mapping that grows down. */
	p = target_map(NULL, GIB, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, -1);
	munmap(p, GIB);
	p = target_map(p + GIB / 2, PAGE, RW,
		       MAP_PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1);
	bounds->at_gap = hint_taken(p - bounds->gap - PAGE);
	bounds->in_gap = hint_taken(p - bounds->gap);
}

FIXTURE(bounds)
{
	struct bounds *bounds;
	struct target target;
};

FIXTURE_SETUP(bounds)
{
	struct mmscope_mm mm;

	module_need();
	self->bounds = target_share(sizeof(*self->bounds));
	target_start(&self->target, try_bounds, self->bounds);
	mm = fields_of(self->target.pid);
	self->bounds->task_size = mm.task_size;
	self->bounds->gap = mm.stack_guard_gap;
	target_step(&self->target, 1);
}

FIXTURE_TEARDOWN(bounds)
{
	target_stop(&self->target);
}

/* The last page below task_size can be mapped, the next one cannot. */
TEST_F(bounds, task_size_is_the_exclusive_end)
{
	EXPECT_EQ(0, self->bounds->last_err);
	EXPECT_EQ(ENOMEM, self->bounds->next_err);
}

/* mmap() takes a hint right below the guard gap, but none inside of it. */
TEST_F(bounds, stack_guard_gap_is_kept)
{
	if (file_has_word("/proc/cmdline", "stack_guard_gap"))
		SKIP(return, "the module cannot know the gap of this boot");
	EXPECT_LT(0, self->bounds->gap);
	EXPECT_TRUE(self->bounds->at_gap);
	EXPECT_FALSE(self->bounds->in_gap);
}

#ifdef __x86_64__

#define NO_IA32	"this kernel runs no 32-bit programs"

FIXTURE(ia32)
{
	char dir[32];
	char path[64];
	pid_t pid;
};

FIXTURE_VARIANT(ia32)
{
	unsigned long personality;
	__u64 task_size;
	bool classic;
};

FIXTURE_VARIANT_ADD(ia32, usual) {
	.task_size = 4 * GIB - 2 * 4096,
};

FIXTURE_VARIANT_ADD(ia32, not_randomized) {
	.personality = ADDR_NO_RANDOMIZE,
	.task_size = 4 * GIB - 2 * 4096,
};

FIXTURE_VARIANT_ADD(ia32, three_gib) {
	.personality = ADDR_LIMIT_3GB,
	.task_size = 3 * GIB,
};

FIXTURE_VARIANT_ADD(ia32, compat) {
	.personality = ADDR_COMPAT_LAYOUT,
	.task_size = 4 * GIB - 2 * 4096,
	.classic = true,
};

FIXTURE_SETUP(ia32)
{
	char *const argv[] = { self->path, NULL };

	module_need();
	strcpy(self->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->path, sizeof(self->path), "%s/ia32", self->dir);
	ia32_make(self->path);
	personality(variant->personality);
	self->pid = target_try(argv);
	personality(0);
	if (self->pid > 0)
		target_await_state(self->pid, 'S');
}

FIXTURE_TEARDOWN(ia32)
{
	if (self->pid > 0)
		target_kill(self->pid);
	unlink(self->path);
	rmdir(self->dir);
}

/*
 * The kernel maps the vDSO with the task's own mmap(). Nothing else is mapped
 * between the program and the stack.
 */
TEST_F(ia32, has_its_first_mapping_at_mmap_base)
{
	struct proc_maps *maps;
	struct mmscope_mm mm;
	__u64 bottom = 0, top = 0;
	size_t i;

	if (self->pid < 0)
		SKIP(return, NO_IA32);
	maps = proc_maps(self->pid, "maps");
	mm = fields_of(self->pid);
	for (i = 0; i < maps->nr && strcmp(maps->vma[i].name, "[stack]"); i++) {
		if (strncmp(maps->vma[i].name, "[v", 2))
			continue;
		if (!bottom)
			bottom = maps->vma[i].start;
		top = maps->vma[i].end;
	}
	ASSERT_NE(0, top);
	EXPECT_EQ(variant->classic ? bottom : top, mm.mmap_base);
	if (variant->classic)
		EXPECT_EQ(bottom, mm.mmap_legacy_base);
	proc_maps_free(maps);
}

TEST_F(ia32, has_its_bases_by_rule)
{
	bool random = !(variant->personality & ADDR_NO_RANDOMIZE);
	__u64 shift = file_number("/proc/sys/vm/mmap_rnd_compat_bits", 0);
	__u64 legacy = (variant->task_size / 3 + PAGE - 1) & -PAGE;
	struct mmscope_mm mm;

	if (self->pid < 0)
		SKIP(return, NO_IA32);
	mm = fields_of(self->pid);
	EXPECT_EQ(variant->task_size, mm.task_size);
	EXPECT_LE(legacy, mm.mmap_legacy_base);
	EXPECT_GE(legacy + (random ? (PAGE << shift) - 1 : 0),
		  mm.mmap_legacy_base);
	EXPECT_GT(mm.task_size, mm.mmap_base);
}

#endif

TEST_HARNESS_MAIN
