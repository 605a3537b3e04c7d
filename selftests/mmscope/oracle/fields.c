// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/fields.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"

/* Pages in kilobytes, the unit of /proc/PID/status. */
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
	__u64 bytes = 0;

	for (i = 0; i < maps->nr; i++)
		bytes += maps->vma[i].end - maps->vma[i].start;
	differ += check("map_count", mm->map_count, maps->nr);
	differ += check("total_vm", mm->total_vm * PAGE, bytes);
	differ += check("brk", (mm->brk + PAGE - 1) & -PAGE,
			proc_heap(pid, maps).end);
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
 * Before 6.2 a thread adds to the counters of its mm only every 64 faults, and a
 * fault can map 16 pages of a file; status prints these counters, but smaps
 * counts pages. From 6.2 to 6.13 status may print an approximation instead of
 * the sum over all processors.
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
	size_t differ = strcmp(exe, mm_text(mm));

	if (differ)
		note("exe: is %s, want %s", mm_text(mm), exe);
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

static size_t compare(pid_t pid, const struct stream *s)
{
	size_t differ = 0;

	differ += compare_segments(pid, s->mm);
	differ += compare_maps(pid, s->mm);
	differ += compare_sizes(pid, s->mm);
	differ += compare_rss(pid, s->mm);
	differ += compare_layout(pid, s);
	differ += compare_task(pid, s);
	differ += check("mm_users", s->mm->mm_users,
			proc_status(pid, "Threads"));
	return differ;
}

/* Idle processors take and drop references to any mm. */
static bool same_mm(const struct stream *a, const struct stream *b)
{
	struct mmscope_mm x = *a->mm, y = *b->mm;

	x.mm_count = 0;
	y.mm_count = 0;
	return !memcmp(&x, &y, sizeof(x));
}

/* If reclaim changed a counter in between, /proc and the stream may differ. */
size_t fields_compare(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0), *after;
	size_t differ;
	bool same;

	do {
		differ = compare(pid, s);
		after = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
		same = same_mm(s, after);
		stream_free(s);
		s = after;
	} while (differ && !same);
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
		if (!(flags >> names_at(names, i)->value & 1))
			continue;
		to += sprintf(to, " %s", names_at(names, i)->name);
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

size_t fields_compare_text(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	char *text = text_get(pid, "mm");
	const struct mmscope_mm *mm = s->mm;
	bool flexible = mm->layout == MMSCOPE_LAYOUT_FLEXIBLE;
	const char *area = mm_text(mm) + mm->exe_len + 1;
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

struct mmscope_mm fields_of(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	struct mmscope_mm mm = *s->mm;

	stream_free(s);
	return mm;
}
