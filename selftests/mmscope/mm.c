// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of an mm, against /proc/PID/{stat,status,statm,maps,smaps,auxv} and
 * system calls.
 */
#include <alloca.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "test.h"
#include "proc.h"
#include "stream.h"
#include "target.h"
#include "text.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE	65
#endif

#define PAGE	4096UL
#define RW	(PROT_READ | PROT_WRITE)

/* Kilobytes of a number of pages: what status counts in. */
#define KB(pages)	((pages) * (PAGE / 1024))

static size_t check(const char *name, __u64 is, __u64 want)
{
	if (is == want)
		return 0;
	note("%s: is 0x%llx (%llu), want 0x%llx (%llu)", name, is, is, want,
	     want);
	return 1;
}

static size_t check_near(const char *name, __u64 is, __u64 want, __u64 slack)
{
	if (is <= want + slack && want <= is + slack)
		return 0;
	return check(name, is, want);
}

static size_t compare_segments(pid_t pid, const struct mmscope_mm *mm)
{
	return check("start_code", mm->start_code, proc_stat(pid, 26)) +
	       check("end_code", mm->end_code, proc_stat(pid, 27)) +
	       check("start_stack", mm->start_stack, proc_stat(pid, 28)) +
	       check("start_data", mm->start_data, proc_stat(pid, 45)) +
	       check("end_data", mm->end_data, proc_stat(pid, 46)) +
	       check("start_brk", mm->start_brk, proc_stat(pid, 47)) +
	       check("arg_start", mm->arg_start, proc_stat(pid, 48)) +
	       check("arg_end", mm->arg_end, proc_stat(pid, 49)) +
	       check("env_start", mm->env_start, proc_stat(pid, 50)) +
	       check("env_end", mm->env_end, proc_stat(pid, 51));
}

/* Kilobytes of all mappings by one line of smaps. */
static __u64 sum_kb(const struct proc_maps *maps, const char *name)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < maps->nr; i++)
		sum += smaps_kb(&maps->vma[i], name);
	return sum;
}

static size_t compare_maps(pid_t pid, const struct mmscope_mm *mm)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i, differ = 0;
	__u64 bytes = 0, heap_end = 0;

	for (i = 0; i < maps->nr; i++) {
		bytes += maps->vma[i].end - maps->vma[i].start;
		if (!strcmp(maps->vma[i].name, "[heap]"))
			heap_end = maps->vma[i].end;
	}
	differ += check("map_count", mm->map_count, maps->nr);
	differ += check("total_vm", mm->total_vm * PAGE, bytes);
	if (heap_end)
		differ += check("brk", (mm->brk + PAGE - 1) & -PAGE, heap_end);
	proc_maps_free(maps);
	return differ;
}

static size_t compare_sizes(pid_t pid, const struct mmscope_mm *mm)
{
	return check("hiwater_vm", KB(mm->hiwater_vm), proc_status(pid, "VmPeak")) +
	       check("total_vm", KB(mm->total_vm), proc_status(pid, "VmSize")) +
	       check("total_vm", mm->total_vm, proc_statm(pid, 0)) +
	       check("total_vm", mm->total_vm * PAGE, proc_stat(pid, 23)) +
	       check("locked_vm", KB(mm->locked_vm), proc_status(pid, "VmLck")) +
	       check("pinned_vm", KB(mm->pinned_vm), proc_status(pid, "VmPin")) +
	       check("data_vm", KB(mm->data_vm), proc_status(pid, "VmData")) +
	       check("stack_vm", KB(mm->stack_vm), proc_status(pid, "VmStk")) +
	       check("data_vm + stack_vm", mm->data_vm + mm->stack_vm,
		     proc_statm(pid, 5)) +
	       check("exec_vm", KB(mm->exec_vm), proc_status(pid, "VmExe") +
						 proc_status(pid, "VmLib")) +
	       check("pgtables_bytes", mm->pgtables_bytes / 1024,
		     proc_status(pid, "VmPTE"));
}

/*
 * Until 6.2 the mm hears from a thread only every 64 faults, and a fault can map
 * 16 pages of a file; status has the same numbers as the mm, but smaps counts
 * pages. From 6.2 to 6.13 status may print a guess, not the sum over all
 * processors.
 */
static size_t compare_rss(pid_t pid, const struct mmscope_mm *mm)
{
	bool late = !kernel_since(6, 2), guessed = !late && !kernel_since(6, 14);
	__u64 cpus = sysconf(_SC_NPROCESSORS_ONLN);
	__u64 slack = guessed ? KB(cpus * (cpus > 16 ? 2 * cpus : 32)) : 0;
	__u64 walked = late ? KB(64) * proc_status(pid, "Threads") : 0;
	struct proc_maps *maps = proc_maps(pid, "smaps");
	__u64 rss = mm->rss_anon + mm->rss_file + mm->rss_shmem;
	size_t differ = 0;

	differ += check_near("rss_anon", KB(mm->rss_anon),
			     proc_status(pid, "RssAnon"), slack);
	differ += check_near("rss_file", KB(mm->rss_file),
			     proc_status(pid, "RssFile"), slack);
	differ += check_near("rss_shmem", KB(mm->rss_shmem),
			     proc_status(pid, "RssShmem"), slack);
	differ += check_near("rss_swap", KB(mm->rss_swap),
			     proc_status(pid, "VmSwap"), slack);
	differ += check_near("hiwater_rss", KB(mm->hiwater_rss),
			     proc_status(pid, "VmHWM"), 3 * slack);
	differ += check_near("rss", KB(rss), proc_status(pid, "VmRSS"),
			     3 * slack);
	differ += check_near("rss", KB(rss), sum_kb(maps, "Rss"),
			     16 * walked);
	differ += check_near("rss_anon", KB(mm->rss_anon),
			     sum_kb(maps, "Anonymous"), walked);
	if (mm->hiwater_rss < rss)
		differ += check("hiwater_rss", mm->hiwater_rss, rss);
	proc_maps_free(maps);
	return differ;
}

static __u64 stack_limit(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_STACK, NULL, &limit))
		die("prlimit: %s", strerror(errno));
	return limit.rlim_cur;
}

static size_t compare_exe(pid_t pid, const struct mmscope_mm *mm)
{
	char *exe = proc_link(pid, "exe");
	size_t differ = strcmp(exe, mm->text);

	if (differ)
		note("exe: is %s, want %s", mm->text, exe);
	free(exe);
	return !!differ;
}

static size_t compare_layout(pid_t pid, const struct stream *s)
{
	const struct mmscope_mm *mm = s->mm;
	size_t differ = 0;

	differ += check("rlimit_stack", mm->rlimit_stack, stack_limit(pid));
	differ += check("AT_PAGESZ", 1ULL << s->header->page_shift,
			proc_auxv(pid, AT_PAGESZ));
	differ += check("AT_ENTRY in code", true,
			mm->start_code <= proc_auxv(pid, AT_ENTRY) &&
			proc_auxv(pid, AT_ENTRY) < mm->end_code);
	differ += check("AT_EXECFN above start_stack", true,
			mm->start_stack < proc_auxv(pid, AT_EXECFN));
	differ += compare_exe(pid, mm);
	return differ;
}

static size_t compare_task(pid_t pid, const struct stream *s)
{
	char *persona = proc_read(pid, "personality", NULL);
	char *comm = proc_read(pid, "comm", NULL);
	long tick = sysconf(_SC_CLK_TCK);
	size_t differ = 0;

	comm[strlen(comm) - 1] = '\0';
	differ += check("pid", s->task->pid, pid);
	differ += check("tgid", s->task->tgid, proc_status(pid, "Tgid"));
	differ += check("personality", s->task->personality,
			strtoul(persona, NULL, 16));
	differ += check("start_ns", s->task->start_ns / (1000000000 / tick),
			proc_stat(pid, 22));
	differ += check("comm", 0, strcmp(s->task->comm, comm));
	differ += check("kernel thread", 0, s->task->flags & MMSCOPE_TASK_KTHREAD);
	free(persona);
	free(comm);
	return differ;
}

static size_t compare(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	size_t differ = 0;

	differ += compare_segments(pid, s->mm);
	differ += compare_maps(pid, s->mm);
	differ += compare_sizes(pid, s->mm);
	differ += compare_rss(pid, s->mm);
	differ += compare_layout(pid, s);
	differ += compare_task(pid, s);
	differ += check("mm_users", s->mm->mm_users,
			proc_status(pid, "Threads"));
	stream_free(s);
	return differ;
}

/* Text */

static const struct {
	const char *name;
	size_t offset;
	const char *unit;
} text_fields[] = {
#define FIELD(name, unit)	{ #name, offsetof(struct mmscope_mm, name), unit }
	FIELD(mmap_base, ""), FIELD(mmap_legacy_base, ""),
	FIELD(task_size, ""), FIELD(start_code, ""), FIELD(end_code, ""),
	FIELD(start_data, ""), FIELD(end_data, ""), FIELD(start_brk, ""),
	FIELD(brk, ""), FIELD(start_stack, ""), FIELD(arg_start, ""),
	FIELD(arg_end, ""), FIELD(env_start, ""), FIELD(env_end, ""),
	FIELD(total_vm, " pages"), FIELD(hiwater_vm, " pages"),
	FIELD(locked_vm, " pages"), FIELD(pinned_vm, " pages"),
	FIELD(data_vm, " pages"), FIELD(exec_vm, " pages"),
	FIELD(stack_vm, " pages"), FIELD(hiwater_rss, " pages"),
	FIELD(rss_file, " pages"), FIELD(rss_anon, " pages"),
	FIELD(rss_shmem, " pages"), FIELD(rss_swap, " pages"),
	FIELD(pgtables_bytes, " bytes"),
};

static size_t compare_line(const char *text, const char *name, __u64 want,
			   const char *unit)
{
	const char *value = text_value(text, name);
	char *end;
	__u64 is = strtoull(value, &end, 0);

	if (is == want && !strncmp(end, unit, strlen(unit)))
		return 0;
	note("%s: text \"%s\", stream 0x%llx (%llu)%s", name, value, want, want,
	     unit);
	return 1;
}

static size_t compare_word(const char *text, const char *name, const char *want)
{
	const char *value = text_value(text, name);

	if (!strcmp(value, want))
		return 0;
	note("%s: text \"%s\", want \"%s\"", name, value, want);
	return 1;
}

static void put_flags(char *to, const struct stream *s,
		      enum mmscope_names_of of, __u64 flags)
{
	const struct mmscope_names *names = s->names[of];
	bool any = false;
	__u32 i;

	to += sprintf(to, "0x%llx", flags);
	for (i = 0; i < names->nr; i++) {
		if (!(flags >> names->name[i].value & 1))
			continue;
		to += sprintf(to, " %s", names->name[i].name);
		any = true;
	}
	if (!any)
		strcpy(to, " -");
}

static size_t compare_flags(const char *text, const struct stream *s)
{
	char want[1024];
	size_t differ = 0;

	put_flags(want, s, MMSCOPE_NAMES_VMA_FLAGS, s->mm->def_flags);
	differ += compare_word(text, "def_flags", want);
	put_flags(want, s, MMSCOPE_NAMES_MM_FLAGS, s->mm->flags);
	return differ + compare_word(text, "flags", want);
}

static size_t compare_text(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	char *text = text_get(pid, "mm");
	const struct mmscope_mm *mm = s->mm;
	bool flexible = mm->layout == MMSCOPE_LAYOUT_FLEXIBLE;
	const char *area = mm->text + mm->exe_len + 1;
	size_t i, differ = 0;
	char want[512];

	for (i = 0; i < ARRAY_SIZE(text_fields); i++)
		differ += compare_line(text, text_fields[i].name,
				       *(__u64 *)((char *)mm +
						  text_fields[i].offset),
				       text_fields[i].unit);
	differ += compare_line(text, "map_count", mm->map_count, "");
	differ += compare_line(text, "mm_users", mm->mm_users, "");
	differ += compare_line(text, "pgd", mm->pgd, "");
	differ += compare_line(text, "stack_guard_gap", mm->stack_guard_gap,
			       " bytes");
	if (mm->rlimit_stack == ~0ULL)
		differ += compare_word(text, "rlimit_stack", "unlimited");
	else
		differ += compare_line(text, "rlimit_stack", mm->rlimit_stack,
				       " bytes");
	differ += compare_word(text, "layout", flexible ? "flexible" : "classic");
	differ += compare_word(text, "aslr", s->task->flags &
			       MMSCOPE_TASK_RANDOMIZED ? "on" : "off");
	if (mm->area_len)
		snprintf(want, sizeof(want), "%s 0x%llx", area,
			 mm->get_unmapped_area);
	else
		strcpy(want, flexible ? "top-down" : "bottom-up");
	differ += compare_word(text, "get_unmapped_area", want);
	differ += compare_flags(text, s);
	if (strncmp(text, "# mmscope mm, abi ", 18))
		differ += check("first line", 0, 1);
	stream_free(s);
	free(text);
	return differ;
}

/* Executed targets of each layout */

FIXTURE(layout)
{
	struct target target;
	pid_t pid;
	bool randomizing;		/* the kernel does, unless told not to */
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

/* Elsewhere that makes the layout classic; on x86 it only needs all room. */
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

TEST_F(layout, agrees_with_proc)
{
	EXPECT_EQ(0, compare(self->pid));
}

TEST_F(layout, agrees_with_text)
{
	EXPECT_EQ(0, compare_text(self->pid));
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

/* The program loader is the first thing mapped: from mmap_base up or down. */
TEST_F(layout, has_its_first_mapping_at_mmap_base)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	__u64 base = proc_auxv(self->pid, AT_BASE), end = 0;
	const struct proc_vma *loader = proc_vma_at(maps, base);
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (!strcmp(maps->vma[i].name, loader->name))
			end = maps->vma[i].end;
	EXPECT_EQ(s->mm->mmap_base, variant->classic ? base : end);
	if (variant->classic)
		EXPECT_EQ(s->mm->mmap_legacy_base, s->mm->mmap_base);
	proc_maps_free(maps);
	stream_free(s);
}

/*
 * Where bases are by rule: a third up, or below the room for the stack, which
 * is kept between 128 MiB and five sixths, and its guard gap. With five levels,
 * addresses beyond 47 bits are only for those who ask.
 */
TEST_F(layout, has_its_bases_by_rule)
{
#ifdef __x86_64__
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	__u64 window = (1ULL << 47) - PAGE, max_gap = window / 6 * 5;
	__u64 gap = variant->stack;
	__u64 legacy = (window / 3 + PAGE - 1) & -PAGE;
	__u64 shift = file_number("/proc/sys/vm/mmap_rnd_bits", 0);

	if (gap < max_gap)
		gap += s->mm->stack_guard_gap;
	if (gap < 128 * MIB)
		gap = 128 * MIB;
	if (gap > max_gap)
		gap = max_gap;
	if (variant->personality & ADDR_NO_RANDOMIZE) {
		EXPECT_EQ(legacy, s->mm->mmap_legacy_base);
		if (!variant->classic)
			EXPECT_EQ((window - gap + PAGE - 1) & -PAGE,
				  s->mm->mmap_base);
	} else {
		EXPECT_LE(legacy, s->mm->mmap_legacy_base);
		EXPECT_GT(legacy + (PAGE << shift), s->mm->mmap_legacy_base);
	}
	stream_free(s);
#else
	SKIP(return, "the rule is known for x86_64 only");
#endif
}

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
		EXPECT_STREQ(name, s->mm->text + s->mm->exe_len + 1);
	}
	stream_free(s);
}

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

/* Two address spaces of the same program are random apart, but not their sums. */
TEST_F(layout, is_random_if_it_says_so)
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
	if (!variant->classic)
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
		die("cannot copy myself to %s", to);
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
	wrong = compare(target.pid) + compare_text(target.pid);
	target_stop(&target);
	unlink(path);
	rmdir(dir);
	return wrong;
}

TEST_F(exe, with_a_plain_name)
{
	EXPECT_EQ(0, wrong_exe("plain", false));
}

TEST_F(exe, that_is_deleted)
{
	EXPECT_EQ(0, wrong_exe("gone", true));
}

TEST_F(exe, with_a_name_of_all_kinds)
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
	EXPECT_STREQ(exec.file, s->mm->text);
	EXPECT_STREQ("/tmp/new\\012line \\ \303\274 (deleted)",
		     text_value(text, "exe"));
	stream_free(s);
	free(text);
	target_stop(&target);
	unlink(exec.file);
}

/* Fields that move */

enum step {
	START, BRK, MAP, LOCK, TOUCH, FORGET, UNMAP, EXECUTABLE, STACK, SHARED,
	FILE_PAGES, TABLES, PAGE_OUT, PIN, THREADS, LOCK_FUTURE, LOCK_ON_FAULT,
	NO_THP, MERGEABLE, MULTIPROCESS, MDWE,
	SET_MM,			/* + PR_SET_MM_* */
};

/**
 * struct mover - what a target has to work on; shared with it
 * @start: of a mapping of 100 pages
 * @brk: what the system call brk() says
 * @failed: the last step could not be done
 */
struct mover {
	char *start;
	__u64 brk;
	bool failed;
};

static void *map_alone(size_t pages, int prot, int flags, int fd)
{
	char *p = target_map(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE,
			     -1);

	munmap(p, PAGE);
	munmap(p + (pages + 1) * PAGE, PAGE);
	p = target_map(p + PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd);
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

/* Who has CAP_IPC_LOCK need not account for it. */
static void drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &header, data);
	data[0].effective &= ~(1 << CAP_IPC_LOCK);
	if (syscall(SYS_capset, &header, data))
		die("capset: %s", strerror(errno));
}

static bool pin(void *start, size_t size)
{
	struct io_uring_params params = { };
	struct iovec buffer = { start, size };
	int fd;

	drop_ipc_lock();
	fd = syscall(SYS_io_uring_setup, 4, &params);
	return fd >= 0 && !syscall(SYS_io_uring_register, fd,
				   IORING_REGISTER_BUFFERS, &buffer, 1);
}

static bool page_out(char *start, size_t pages)
{
	__u64 before = proc_status(getpid(), "VmSwap");
	int attempt;

	for (attempt = 0; attempt < 500; attempt++) {
		madvise(start, pages * PAGE, MADV_PAGEOUT);
		if (proc_status(getpid(), "VmSwap") >= before + KB(pages))
			return true;
		usleep(10000);
	}
	return false;
}

/* By a page or, where the order of fields would forbid that, by a byte. */
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
				      CLONE_VM, NULL) < 0;
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
		p = target_map(NULL, 64 * MIB, RW, MAP_PRIVATE, -1);
		madvise(p, 64 * MIB, MADV_NOHUGEPAGE);
		for (step = 0; step < 32; step++)
			p[step * 2 * MIB] = 1;
		break;
	case PAGE_OUT:
		mover->failed = !page_out(mover->start, 40);
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

static struct mmscope_mm mm_of(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	struct mmscope_mm mm = *s->mm;

	stream_free(s);
	return mm;
}

/* Have the target take a step; everything has to agree with /proc after it. */
#define STEP(step)							\
	do {								\
		target_step(&self->target, step);			\
		EXPECT_EQ(0, compare(self->pid));			\
		EXPECT_EQ(0, compare_text(self->pid));			\
	} while (0)

/* Where counters lag behind, that a number moved is seen in /proc only. */
#define RSS_IS_EXACT	kernel_since(6, 2)

TEST_F(moving, heap)
{
	struct mmscope_mm before = mm_of(self->pid), after;

	STEP(BRK);
	after = mm_of(self->pid);
	EXPECT_EQ(self->mover->brk, after.brk);
	EXPECT_EQ(before.brk + 5 * PAGE + 40, after.brk);
	EXPECT_EQ(before.start_brk, after.start_brk);
	EXPECT_LE(before.data_vm + 5, after.data_vm);
}

TEST_F(moving, mappings)
{
	struct mmscope_mm before = mm_of(self->pid), mapped, gone;

	STEP(MAP);
	mapped = mm_of(self->pid);
	EXPECT_EQ(before.total_vm + 100, mapped.total_vm);
	EXPECT_EQ(before.data_vm + 100, mapped.data_vm);
	EXPECT_EQ(before.map_count + 1, mapped.map_count);
	STEP(UNMAP);
	gone = mm_of(self->pid);
	EXPECT_EQ(before.total_vm, gone.total_vm);
	EXPECT_EQ(before.map_count, gone.map_count);
	EXPECT_LE(mapped.total_vm, gone.hiwater_vm);
}

TEST_F(moving, locked)
{
	EXPECT_EQ(0, mm_of(self->pid).locked_vm);
	STEP(MAP);
	STEP(LOCK);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_EQ(10, mm_of(self->pid).locked_vm);
}

TEST_F(moving, resident)
{
	struct mmscope_mm before, touched, after;

	/* hiwater_rss is not what was touched: the kernel takes it by a guess. */
	STEP(MAP);
	before = mm_of(self->pid);
	STEP(TOUCH);
	touched = mm_of(self->pid);
	STEP(FORGET);
	after = mm_of(self->pid);
	EXPECT_LE(before.rss_anon, touched.rss_anon);
	if (RSS_IS_EXACT) {
		EXPECT_EQ(before.rss_anon + 90, touched.rss_anon);
		EXPECT_EQ(before.rss_anon + 40, after.rss_anon);
	}
}

TEST_F(moving, executable)
{
	struct mmscope_mm before = mm_of(self->pid);

	STEP(EXECUTABLE);
	EXPECT_EQ(before.exec_vm + 7, mm_of(self->pid).exec_vm);
}

TEST_F(moving, stack)
{
	struct mmscope_mm before = mm_of(self->pid);

	STEP(STACK);
	EXPECT_LE(before.stack_vm + 250, mm_of(self->pid).stack_vm);
}

TEST_F(moving, shared)
{
	struct mmscope_mm before = mm_of(self->pid);

	STEP(SHARED);
	EXPECT_LT(before.rss_shmem, mm_of(self->pid).rss_shmem);
	if (RSS_IS_EXACT)
		EXPECT_EQ(before.rss_shmem + 80, mm_of(self->pid).rss_shmem);
}

TEST_F(moving, file)
{
	struct mmscope_mm before = mm_of(self->pid);

	STEP(FILE_PAGES);
	if (RSS_IS_EXACT)
		EXPECT_LE(before.rss_file + 20, mm_of(self->pid).rss_file);
}

TEST_F(moving, tables)
{
	struct mmscope_mm before = mm_of(self->pid);

	STEP(TABLES);
	EXPECT_LE(before.pgtables_bytes + 31 * PAGE,
		  mm_of(self->pid).pgtables_bytes);
}

TEST_F(moving, swapped)
{
	STEP(MAP);
	STEP(TOUCH);
	EXPECT_EQ(0, mm_of(self->pid).rss_swap);
	STEP(PAGE_OUT);
	if (self->mover->failed)
		SKIP(return, "there is no swap space");
	EXPECT_LE(40, mm_of(self->pid).rss_swap);
}

TEST_F(moving, pinned)
{
	EXPECT_EQ(0, mm_of(self->pid).pinned_vm);
	STEP(MAP);
	STEP(PIN);
	if (self->mover->failed)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_EQ(20, mm_of(self->pid).pinned_vm);
}

TEST_F(moving, users)
{
	EXPECT_EQ(1, mm_of(self->pid).mm_users);
	STEP(THREADS);
	EXPECT_EQ(4, mm_of(self->pid).mm_users);
}

/* Each open pagemap holds one reference; idle processors may borrow one more. */
TEST_F(moving, references)
{
	__u32 before = mm_of(self->pid).mm_count, after;
	int slack = sysconf(_SC_NPROCESSORS_ONLN) + 1, i;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", self->pid);
	for (i = 0; i < 500; i++)
		ASSERT_LE(0, open(path, O_RDONLY));
	after = mm_of(self->pid).mm_count;
	EXPECT_LE(before + 500 - slack, after);
	EXPECT_GE(before + 500 + slack, after);
	EXPECT_LE(1, before);
	EXPECT_GE(1 + 2 * slack, before);
}

TEST_F(moving, by_prctl)
{
	int what;

	STEP(BRK);
	for (what = PR_SET_MM_START_CODE; what <= PR_SET_MM_ENV_END; what++) {
		STEP(SET_MM + what);
		EXPECT_FALSE(self->mover->failed) {
			note("PR_SET_MM %d", what);
		}
		EXPECT_EQ(self->mover->brk, mm_of(self->pid).brk);
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

/* In the order of core(5). */
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

TEST_F(moving, def_flags)
{
	struct proc_maps *maps;
	const struct proc_vma *vma;

	EXPECT_FALSE(def_flag(self->pid, "lo"));
	target_step(&self->target, LOCK_FUTURE);
	ASSERT_FALSE(self->mover->failed);
	/* What is mapped from now on is locked. */
	maps = proc_maps(self->pid, "smaps");
	vma = proc_vma_at(maps, (unsigned long)self->mover->start);
	EXPECT_TRUE(smaps_flag(vma, "lo"));
	EXPECT_TRUE(def_flag(self->pid, "lo"));
	EXPECT_FALSE(def_flag(self->pid, "lf"));
	target_step(&self->target, LOCK_ON_FAULT);
	EXPECT_TRUE(def_flag(self->pid, "lf"));
	EXPECT_EQ(0, compare_text(self->pid));
	proc_maps_free(maps);
}

TEST_F(moving, thp_flag)
{
	EXPECT_EQ(1, proc_status(self->pid, "THP_enabled"));
	EXPECT_FALSE(mm_flag(self->pid, "no-thp"));
	target_step(&self->target, NO_THP);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_EQ(0, proc_status(self->pid, "THP_enabled"));
	EXPECT_TRUE(mm_flag(self->pid, "no-thp"));
}

TEST_F(moving, ksm_flag)
{
	target_step(&self->target, MAP);
	EXPECT_FALSE(mm_flag(self->pid, "ksm"));
	target_step(&self->target, MERGEABLE);
	if (self->mover->failed)
		SKIP(return, "this kernel has no KSM");
	EXPECT_TRUE(mm_flag(self->pid, "ksm"));
}

TEST_F(moving, multiprocess_flag)
{
	EXPECT_FALSE(mm_flag(self->pid, "multiprocess"));
	target_step(&self->target, MULTIPROCESS);
	ASSERT_FALSE(self->mover->failed);
	EXPECT_TRUE(mm_flag(self->pid, "multiprocess"));
	EXPECT_EQ(2, mm_of(self->pid).mm_users);
}

TEST_F(moving, pinned_flag)
{
	target_step(&self->target, MAP);
	target_step(&self->target, TOUCH);
	EXPECT_FALSE(mm_flag(self->pid, "has-pinned"));
	target_step(&self->target, PIN);
	if (self->mover->failed)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_TRUE(mm_flag(self->pid, "has-pinned"));
}

TEST_F(moving, mdwe_flag)
{
	target_step(&self->target, MDWE);
	if (self->mover->failed)
		SKIP(return, "this kernel has no PR_SET_MDWE");
	EXPECT_TRUE(mm_flag(self->pid, "mdwe"));
}

/* Bounds that only system calls tell */

struct bounds {
	__u64 task_size;
	__u64 gap;
	int last_err;			/* of mapping the last page */
	int behind_err;			/* of mapping the page behind */
	bool at_gap;			/* a hint just outside the gap is taken */
	bool in_gap;			/* and so is one a page further */
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
	bounds->behind_err = try_page(bounds->task_size);

	/* Below a mapping that grows down, room is kept free. */
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
	mm = mm_of(self->target.pid);
	self->bounds->task_size = mm.task_size;
	self->bounds->gap = mm.stack_guard_gap;
	target_step(&self->target, 1);
}

FIXTURE_TEARDOWN(bounds)
{
	target_stop(&self->target);
}

TEST_F(bounds, task_size)
{
	EXPECT_EQ(0, self->bounds->last_err);
	EXPECT_EQ(ENOMEM, self->bounds->behind_err);
}

TEST_F(bounds, stack_guard_gap)
{
	if (file_has_word("/proc/cmdline", "stack_guard_gap"))
		SKIP(return, "the module cannot know the gap of this boot");
	EXPECT_LT(0, self->bounds->gap);
	EXPECT_TRUE(self->bounds->at_gap);
	EXPECT_FALSE(self->bounds->in_gap);
}

/* Real programs */

FIXTURE(program)
{
	pid_t pid;
	bool missing;
};

FIXTURE_VARIANT(program)
{
	const char *argv[10];
	unsigned int threads;
};

FIXTURE_VARIANT_ADD(program, shell) {
	.argv = { "bash", "-c", "x=$(seq 1 20000); read y" },
	.threads = 1,
};

FIXTURE_VARIANT_ADD(program, memcached) {
	.argv = { "memcached", "-u", "root", "-l", "127.0.0.1", "-p", "0" },
	.threads = 5,
};

FIXTURE_VARIANT_ADD(program, python) {
	.argv = { "python3", "-c",
		  "import threading, time\n"
		  "x = [bytes(i) for i in range(3000)]\n"
		  "for i in range(4):\n"
		  "    threading.Thread(target=time.sleep, args=(9999,)).start()\n"
		  "time.sleep(9999)\n" },
	.threads = 5,
};

FIXTURE_SETUP(program)
{
	char command[128];
	int in[2];

	module_need();
	snprintf(command, sizeof(command), "command -v %s >/dev/null",
		 variant->argv[0]);
	self->missing = system(command);
	if (self->missing)
		return;
	/* Input that never comes. */
	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, dup2(in[0], 0));
	self->pid = target_spawn((char *const *)variant->argv);
	while (proc_status(self->pid, "Threads") < variant->threads)
		usleep(10000);
	target_await_state(self->pid, 'S');
	target_freeze(self->pid);
}

FIXTURE_TEARDOWN(program)
{
	if (self->pid)
		target_kill(self->pid);
}

TEST_F(program, agrees_with_proc)
{
	if (self->missing)
		SKIP(return, "%s is not installed", variant->argv[0]);
	EXPECT_EQ(0, compare(self->pid));
	EXPECT_EQ(0, compare_text(self->pid));
}

TEST_HARNESS_MAIN
