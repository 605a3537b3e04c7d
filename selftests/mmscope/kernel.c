// SPDX-License-Identifier: GPL-2.0-only
/* The kernel half, compared with /proc/kallsyms, kcore, modules, vmallocinfo, iomem. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/kernel_runs.h"
#include "oracle/proc.h"
#include "oracle/ptdump.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#define LAYOUT_FILE	MMSCOPE_DIR "/kernel/layout"
#define PAGETABLE_FILE	MMSCOPE_DIR "/kernel/pagetable"

FIXTURE(layout)
{
	struct stream *s;
};

FIXTURE_SETUP(layout)
{
	module_need();
	self->s = stream_get(getpid(), MMSCOPE_PART_KERNEL_LAYOUT, 0, 0);
}

FIXTURE_TEARDOWN(layout)
{
	stream_free(self->s);
}

static bool region_has(const struct stream *s, __u32 area, __u64 start, __u64 end)
{
	const struct mmscope_kernel_region *r = region_of(s, area);

	return r && start >= r->start && end <= r->start + r->size;
}

#ifdef __x86_64__
/* The three regions at random places begin where variables of the kernel say. */
TEST_F(layout, begins_where_the_kernel_says)
{
	static const struct {
		const char *symbol;
		__u32 area;
	} regions[] = {
		{ "page_offset_base", MMSCOPE_AREA_DIRECT_MAP },
		{ "vmalloc_base", MMSCOPE_AREA_VMALLOC },
		{ "vmemmap_base", MMSCOPE_AREA_VMEMMAP },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(regions); i++)
		EXPECT_EQ(kcore_virt(proc_symbol(regions[i].symbol)),
			  region_of(self->s, regions[i].area)->start);
}
#endif

/* /proc/kcore has a segment for all vmalloc memory; an inclusive end is one less. */
TEST_F(layout, has_the_vmalloc_area_of_kcore)
{
	const struct mmscope_kernel_region *r = region_of(self->s,
							  MMSCOPE_AREA_VMALLOC);
	__u64 size = kcore_segment(r->start);

	EXPECT_NE(0, size);
	EXPECT_TRUE(size == r->size || size + 1 == r->size);
}

#define KPTR_RESTRICT	"/proc/sys/kernel/kptr_restrict"

/*
 * Each range of vmallocinfo lies in the vmalloc area or in that of modules. With
 * kptr_restrict=0, the file has hashed addresses.
 */
TEST_F(layout, has_all_vmalloc_memory)
{
	unsigned long long start, end;
	size_t nr = 0, outside = 0;
	char line[512], old[16];
	FILE *file;

	snprintf(old, sizeof(old), "%lld", file_number(KPTR_RESTRICT, 0));
	file_write(KPTR_RESTRICT, "1");
	file = fopen("/proc/vmallocinfo", "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "0x%llx-0x%llx", &start, &end) != 2)
			continue;
		nr++;
		outside += !region_has(self->s, MMSCOPE_AREA_VMALLOC, start, end) &&
			   !region_has(self->s, MMSCOPE_AREA_MODULES, start, end);
	}
	fclose(file);
	file_write(KPTR_RESTRICT, old);
	EXPECT_LT(10, nr);
	EXPECT_EQ(0, outside);
}

/* Each module lies in the area of modules, or on arm64 in vmalloc memory. */
TEST_F(layout, has_all_modules)
{
	FILE *file = fopen("/proc/modules", "r");
	unsigned long long at;
	size_t nr = 0;
	char line[512];

	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %*s %*s %*s 0x%llx", &at) != 1)
			continue;
		nr++;
		EXPECT_TRUE(region_has(self->s, MMSCOPE_AREA_MODULES, at, at + 1) ||
			    region_has(self->s, MMSCOPE_AREA_VMALLOC, at, at + 1));
	}
	fclose(file);
	EXPECT_LT(0, nr);
}

/* The image begins with its text. Its end is that of the last huge page on x86. */
TEST_F(layout, has_the_image_of_kallsyms)
{
	const struct mmscope_kernel_region *r = region_of(self->s,
							  MMSCOPE_AREA_IMAGE);
	__u64 end = proc_symbol("_end");

	ASSERT_NE(NULL, r);
	EXPECT_TRUE(r->flags & MMSCOPE_REGION_BEST_EFFORT);
	EXPECT_TRUE(r->start == proc_symbol("_text") ||
		    r->start == proc_symbol("_stext"));
	EXPECT_LE(proc_symbol("__bss_stop"), r->start + r->size);
	EXPECT_GE((end | (4 * 1024 * 1024 - 1)) + 1, r->start + r->size);
}

/* All pages of RAM in /proc/iomem lie in the direct map, where kcore has them. */
TEST_F(layout, maps_all_ram)
{
	FILE *file = fopen("/proc/iomem", "r");
	unsigned long long start, end;
	size_t nr = 0;
	char line[256];

	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (*line == ' ' || !strstr(line, ": System RAM") ||
		    sscanf(line, "%llx-%llx", &start, &end) != 2)
			continue;
		nr++;
		start = (start + PAGE - 1) & -PAGE;
		end = (end + 1) & -PAGE;
		EXPECT_TRUE(region_has(self->s, MMSCOPE_AREA_DIRECT_MAP,
				       kcore_map(start),
				       kcore_map(end - PAGE) + PAGE));
	}
	fclose(file);
	EXPECT_LT(0, nr);
}

static bool kernel_log_has(const char *text)
{
	size_t size = klogctl(10, NULL, 0);
	char *log = calloc(1, size + 1);
	bool has;

	klogctl(3, log, size);
	has = strstr(log, text);
	free(log);
	return has;
}

#ifdef __x86_64__
/* With "pti=on", a processor that needs no PTI has it, too. */
static bool kernel_has_pti(void)
{
	return file_has_word("/sys/devices/system/cpu/vulnerabilities/meltdown", "PTI") ||
	       kernel_log_has("page tables isolation: enabled");
}
#endif

/* A child and process 1 have the same kernel half; with PTI, another one in user mode. */
TEST_F(layout, is_shared_by_processes)
{
	struct target target;
	struct stream *s;

	target_start(&target, target_sit, NULL);
	s = stream_get(target.pid, MMSCOPE_PART_KERNEL_LAYOUT, 0, 0);
	EXPECT_EQ(s->kernel->used, s->kernel->same + s->kernel->own);
	EXPECT_LT(1, s->kernel->same);
	EXPECT_EQ(1, s->kernel->other_pid);
	EXPECT_EQ(self->s->kernel->used - self->s->kernel->own,
		  s->kernel->used - s->kernel->own);
#ifdef __x86_64__
	EXPECT_NE(self->s->kernel->root, s->kernel->root);
	EXPECT_EQ(kernel_has_pti(), !!(s->kernel->flags & MMSCOPE_KERNEL_PTI));
	if (s->kernel->flags & MMSCOPE_KERNEL_PTI)
		EXPECT_LT(s->kernel->user_used, s->kernel->used);
#else
	EXPECT_EQ(self->s->kernel->root, s->kernel->root);
	EXPECT_TRUE(s->kernel->flags & MMSCOPE_KERNEL_ONE_ROOT);
#endif
	stream_free(s);
	target_stop(&target);
}

/* The file has a line for each region of the stream, and its bounds. */
TEST_F(layout, is_a_text_file)
{
	int fd = open(LAYOUT_FILE, O_RDONLY);
	char *text, bounds[64];
	size_t i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, text_read(fd, &text));
	for (i = 0; i < self->s->nr_regions; i++) {
		const struct mmscope_kernel_region *r = self->s->region[i];

		snprintf(bounds, sizeof(bounds), "\n%012llx-%012llx ", r->start,
			 r->start + r->size);
		EXPECT_NE(NULL, strstr(text, bounds));
	}
	EXPECT_NE(NULL, strstr(text, " modules\n"));
	EXPECT_NE(NULL, strstr(text, " image (best effort)\n"));
	free(text);
	close(fd);
}

/* Page tables */

/* From the image to the end of all addresses, each run is one of /proc/kcore. */
TEST_F(layout, image_modules_and_fixmap_agree_with_kcore)
{
	static const __u32 areas[] = { MMSCOPE_AREA_IMAGE, MMSCOPE_AREA_MODULES,
				       MMSCOPE_AREA_FIXMAP };
	int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		const struct mmscope_kernel_region *r = region_of(self->s, areas[i]);

		EXPECT_TRUE(kernel_runs_agree(self->s, r->start,
					      r->start + r->size - 1));
	}
	EXPECT_TRUE(kernel_runs_agree(self->s, -2 * GIB, -1ULL));
}

/* So does each run of vmalloc memory, once it is as still as the machine is. */
TEST_F(layout, vmalloc_agrees_with_kcore)
{
	const struct mmscope_kernel_region *r = region_of(self->s,
							  MMSCOPE_AREA_VMALLOC);

	EXPECT_TRUE(kernel_runs_agree(self->s, r->start, r->start + r->size - 1));
}

/*
 * The kernel walks its own tables, and lists where size or permissions change: those
 * of modules and fixmap, of the image on x86, and of vmalloc memory on arm64.
 */
TEST_F(layout, agrees_with_ptdump)
{
#ifdef __x86_64__
	static const __u32 areas[] = { MMSCOPE_AREA_IMAGE, MMSCOPE_AREA_MODULES,
				       MMSCOPE_AREA_FIXMAP };
#else
	static const __u32 areas[] = { MMSCOPE_AREA_VMALLOC, MMSCOPE_AREA_MODULES,
				       MMSCOPE_AREA_FIXMAP };
#endif
	size_t nr = 0;

	if (access(PTDUMP_FILE, R_OK))
		SKIP(return, "this kernel does not list its page tables");
	EXPECT_TRUE(kernel_runs_are_listed(self->s, areas, ARRAY_SIZE(areas), &nr));
	/* Modules may all lie in vmalloc memory on arm64. */
	EXPECT_LT(0, nr);
}

static const struct mmscope_kernel_run *krun_at(const struct stream *s, __u64 addr)
{
	size_t i;

	for (i = 0; i < s->nr_kruns; i++)
		if (addr - s->krun[i]->start < s->krun[i]->size)
			return s->krun[i];
	return NULL;
}

/* Text can be executed, data written, constants neither. */
TEST_F(layout, image_is_protected)
{
	static const struct {
		const char *symbol;
		__u32 attrs;
	} parts[] = {
		{ "_stext", MMSCOPE_ATTR_KERNEL_EXEC },
		{ "__start_rodata", 0 },
		{ "init_task", MMSCOPE_ATTR_WRITE },
	};
	const __u32 mask = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_KERNEL_EXEC;
	const struct mmscope_kernel_region *image = region_of(self->s,
							      MMSCOPE_AREA_IMAGE);
	struct stream *s = kernel_runs_get(image->start, image->start + image->size - 1);
	int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct mmscope_kernel_run *run;

		run = krun_at(s, proc_symbol(parts[i].symbol));
		ASSERT_NE(NULL, run);
		EXPECT_EQ(parts[i].attrs, run->attrs & mask);
	}
	stream_free(s);
}

/* A kernel that found no such pages at boot has no run that is flagged. */
TEST(kernel_writable_and_executable_runs)
{
	struct stream *s;
	size_t i, nr = 0;

	module_need();
	s = kernel_runs_get(0, -1ULL);
	EXPECT_LT(20, s->nr_kruns);
	for (i = 0; i < s->nr_kruns; i++)
		nr += s->krun[i]->flags & MMSCOPE_KERNEL_RUN_WX;
	if (kernel_log_has("no W+X pages found"))
		EXPECT_EQ(0, nr);
	stream_free(s);
}

/* A part of the range has the runs that lie in it, those at its ends whole or cut. */
TEST_F(layout, runs_of_a_range)
{
	const struct mmscope_kernel_region *image = region_of(self->s,
							      MMSCOPE_AREA_IMAGE);
	struct stream *all = kernel_runs_get(image->start, image->start + image->size - 1);
	const struct mmscope_kernel_run *last = all->krun[all->nr_kruns - 1];
	struct stream *one = kernel_runs_get(last->start, last->start);
	struct stream *none = kernel_runs_get(PAGE, image->start - 1);

	ASSERT_EQ(1, one->nr_kruns);
	EXPECT_EQ(last->start, one->krun[0]->start);
	EXPECT_EQ(last->raw, one->krun[0]->raw);
	EXPECT_EQ(1ULL << one->header->level_shift[last->level], one->krun[0]->size);
	EXPECT_EQ(NULL, krun_at(none, image->start));
	stream_free(none);
	stream_free(one);
	stream_free(all);
}

/* The file has the runs of the image, which do not change. */
TEST_F(layout, pagetable_is_a_text_file)
{
	const struct mmscope_kernel_region *image = region_of(self->s,
							      MMSCOPE_AREA_IMAGE);
	struct stream *s = kernel_runs_get(image->start, image->start + image->size - 1);
	int fd = open(PAGETABLE_FILE, O_RDONLY);
	char *text, bounds[64];
	size_t i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, text_read(fd, &text));
	for (i = 1; i + 1 < s->nr_kruns; i++) {
		snprintf(bounds, sizeof(bounds), "\n%012llx-%012llx ",
			 s->krun[i]->start, s->krun[i]->start + s->krun[i]->size);
		EXPECT_NE(NULL, strstr(text, bounds));
	}
	free(text);
	close(fd);
	stream_free(s);
}

static void fork_and_wait(size_t times)
{
	while (times--) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

/* Stacks of processes come and go in vmalloc memory during the reads. */
TEST(kernel_tables_change_during_the_read)
{
	pid_t pid;
	int i;

	module_need();
	fflush(stdout);
	pid = fork();
	if (!pid) {
		die_with(getppid());
		for (;;)
			fork_and_wait(10);
	}
	for (i = 0; i < 4; i++)
		stream_free(kernel_runs_get(0, -1ULL));
	target_kill(pid);
}

/* Rights */

static void syslog_set(bool on)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	__u32 bit = 1u << (CAP_SYSLOG % 32);

	syscall(SYS_capget, &header, data);
	data[CAP_SYSLOG / 32].effective &= ~bit;
	if (on)
		data[CAP_SYSLOG / 32].effective |= bit;
	if (syscall(SYS_capset, &header, data))
		die("capset: %s", strerror(errno));
}

static int errno_of_open(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Open with or without CAP_SYSLOG, and write with or without it. */
static int errno_of_query(bool opener, bool writer, __u32 parts)
{
	int fd, err;

	syslog_set(opener);
	fd = query_open();
	syslog_set(writer);
	err = query_ask(fd, getpid(), parts, 0, 0);
	close(fd);
	syslog_set(true);
	return err;
}

/* All files need CAP_SYSLOG; a query needs that of the opener and of the writer. */
TEST(kernel_needs_syslog)
{
	static const __u32 parts[] = { MMSCOPE_PART_KERNEL_LAYOUT,
				      MMSCOPE_PART_KERNEL_PAGETABLE };
	static const char * const file[] = { LAYOUT_FILE, PAGETABLE_FILE };
	int i;

	module_need();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		EXPECT_EQ(0, errno_of_query(true, true, parts[i]));
		EXPECT_EQ(EPERM, errno_of_query(true, false, parts[i]));
		EXPECT_EQ(EPERM, errno_of_query(false, true, parts[i]));
		EXPECT_EQ(EPERM, errno_of_query(false, false, parts[i]));
		EXPECT_EQ(EPERM, errno_of_query(false, true, MMSCOPE_PART_MM |
						parts[i]));
	}
	EXPECT_EQ(0, errno_of_query(false, false, MMSCOPE_PART_MM));
	for (i = 0; i < ARRAY_SIZE(file); i++) {
		EXPECT_EQ(0, errno_of_open(file[i]));
		syslog_set(false);
		EXPECT_EQ(EPERM, errno_of_open(file[i]));
		syslog_set(true);
	}
}

/* A snapshot has all other parts: it may be given away. */
TEST(kernel_is_not_in_snapshots)
{
	struct stream *s;
	int fd;

	module_need();
	fd = folder_open(getpid(), "snapshot");
	ASSERT_EQ(0, stream_read(fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->header->parts & (MMSCOPE_PART_KERNEL_LAYOUT |
					 MMSCOPE_PART_KERNEL_PAGETABLE));
	EXPECT_EQ(NULL, s->kernel);
	EXPECT_EQ(0, s->nr_kruns);
	stream_free(s);
	close(fd);
}

TEST_HARNESS_MAIN
