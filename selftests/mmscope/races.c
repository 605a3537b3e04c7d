// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets that change all the time while all files of them are read. Every
 * stream has to keep the rules of its format; no errno may come up but ESRCH,
 * and that only of targets that end; and what stays as it is has to be told
 * right, always.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "oracle/pages.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"
#include "target/target.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGE	4096UL
#define HUGE	(2 * MIB)
#define RW	(PROT_READ | PROT_WRITE)

#define ANCHOR_PAGES	64
#define READERS		3
/* Of each reader, and of each target meanwhile; the first if there is time. */
#define ROUNDS		12
#define LEAST_ROUNDS	3
#define SECONDS		2
#define LEAST_CHANGES	10

/**
 * struct race - shared by targets and readers
 * @anchor: locked pages that nobody touches any more; NULL if the target has no
 *	time for that
 * @pid: whom to read
 * @changes: how often the target did what it does
 * @stop: readers are through
 * @may_end: the target ends now and then
 */
struct race {
	char *anchor;
	pid_t pid;
	unsigned long changes;
	bool stop;
	bool may_end;
};

/* What targets do, once each call */

static void *scratch(size_t size)
{
	return target_map(NULL, size, RW, MAP_PRIVATE, -1);
}

static void *scratch_huge(void)
{
	char *p = scratch(2 * HUGE);
	char *aligned = (char *)(((unsigned long)p + HUGE - 1) & -HUGE);

	if (aligned > p)
		munmap(p, aligned - p);
	munmap(aligned + HUGE, p + HUGE - aligned);
	return aligned;
}

static void do_map(struct race *race)
{
	char *p[8];
	int i;

	for (i = 0; i < 8; i++) {
		p[i] = scratch(MIB);
		target_touch(p[i] + i * 9 * PAGE, 20 * PAGE);
	}
	for (i = 0; i < 8; i++)
		munmap(p[i], MIB);
}

/* Tables over holes are freed as soon as nothing else needs them. */
static void do_unmap_tables(struct race *race)
{
	char *p = target_map(NULL, 4 * GIB, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	int i;

	madvise(p, 4 * GIB, MADV_NOHUGEPAGE);
	for (i = 0; i < 32; i++)
		p[i * 128 * MIB] = 1;
	munmap(p + GIB / 2, 3 * GIB);
	munmap(p, 4 * GIB);
}

static void do_protect(struct race *race)
{
	char *p = scratch(100 * PAGE);
	int i;

	madvise(p, 100 * PAGE, MADV_NOHUGEPAGE);
	target_touch(p, 100 * PAGE);
	for (i = 0; i < 100; i += 3)
		mprotect(p + i * PAGE, PAGE, i % 2 ? PROT_READ : PROT_NONE);
	mprotect(p, 100 * PAGE, RW);
	munmap(p, 100 * PAGE);
}

static void do_forget(struct race *race)
{
	char *p = scratch(4 * MIB);

	madvise(p, 4 * MIB, MADV_NOHUGEPAGE);
	target_touch(p + MIB / 2, MIB);
	madvise(p + MIB, 2 * MIB, MADV_DONTNEED);
	madvise(p, 4 * MIB, MADV_DONTNEED);
	munmap(p, 4 * MIB);
}

static void do_split(struct race *race)
{
	char *p = scratch_huge();

	madvise(p, HUGE, MADV_HUGEPAGE);
	target_touch(p, PAGE);
	madvise(p + 100 * PAGE, PAGE, MADV_DONTNEED);
	mprotect(p + 200 * PAGE, 3 * PAGE, PROT_READ);
	munmap(p, HUGE);
}

static void do_collapse(struct race *race)
{
	char *p = scratch_huge();

	madvise(p, HUGE, MADV_NOHUGEPAGE);
	target_touch(p, HUGE);
	madvise(p, HUGE, MADV_HUGEPAGE);
	madvise(p, HUGE, MADV_COLLAPSE);
	munmap(p, HUGE);
}

/* Of shared memory, collapsing takes tables away instead of filling them. */
static void do_collapse_shared(struct race *race)
{
	int fd = memfd_create("huge", MFD_CLOEXEC);
	char *p = scratch_huge();

	if (ftruncate(fd, HUGE))
		die("ftruncate: %s", strerror(errno));
	p = mmap(p, HUGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	target_touch(p, HUGE);
	madvise(p, HUGE, MADV_COLLAPSE);
	target_look(p, HUGE);
	munmap(p, HUGE);
	close(fd);
}

static void do_page_out(struct race *race)
{
	size_t size = 100 * PAGE;
	char *p = scratch(size);

	madvise(p, size, MADV_NOHUGEPAGE);
	target_touch(p, size);
	madvise(p, size, MADV_PAGEOUT);
	target_look(p + size / 2, size / 2);
	munmap(p, size);
}

static void do_brk(struct race *race)
{
	char *p = sbrk(MIB);

	target_touch(p, MIB);
	sbrk(-MIB);
}

static void do_move(struct race *race)
{
	char *p = scratch(MIB), *to = scratch(2 * MIB);

	target_touch(p, MIB);
	p = mremap(p, MIB, 2 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (p == MAP_FAILED)
		die("mremap: %s", strerror(errno));
	p = mremap(p, 2 * MIB, MIB / 2, 0);
	munmap(p, MIB / 2);
}

static void *grow(void *arg)
{
	char big[50 * PAGE];

	target_touch(big, sizeof(big));
	return NULL;
}

/* A stack of its own that grows down, and goes. */
static void do_grow_stack(struct race *race)
{
	char *area = scratch(8 * MIB), *p = area + 7 * MIB;
	int i;

	munmap(area, 8 * MIB);
	p = target_map(p, PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, -1);
	for (i = 0; i < 700; i += 7)
		p[-i * (long)PAGE] = 1;
	munmap(area, 8 * MIB);
}

static void do_threads(struct race *race)
{
	pthread_t thread[4];
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, grow, NULL))
			die("pthread_create");
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

static void do_fork(struct race *race)
{
	char *p = scratch(MIB);
	pid_t pid;

	target_touch(p, MIB);
	pid = fork();
	if (!pid)
		_exit(0);
	target_touch(p, MIB);
	waitpid(pid, NULL, 0);
	munmap(p, MIB);
}

static void do_hugetlb(struct race *race)
{
	char *p = mmap(NULL, 2 * HUGE, RW, MAP_SHARED | MAP_ANONYMOUS |
		       MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		die("no hugetlb pages: %s", strerror(errno));
	target_touch(p, PAGE);
	if (!fork()) {
		target_touch(p + HUGE, PAGE);
		_exit(0);
	}
	wait(NULL);
	munmap(p, 2 * HUGE);
}

static void do_clear(struct race *race)
{
	proc_clear_refs(getpid(), 4);
	proc_clear_refs(getpid(), 1);
}

/* Of these, readers see children that come and go. */

static void do_exit(struct race *race)
{
	pid_t pid = fork();

	if (!pid) {
		target_touch(scratch(4 * MIB), MIB);
		_exit(0);
	}
	race->pid = pid;
	waitpid(pid, NULL, 0);
}

static void do_exec(struct race *race)
{
	char *const argv[] = { "true", NULL };
	pid_t pid = fork();

	if (!pid) {
		race->pid = getpid();
		execvp(argv[0], argv);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void *exec_self(void *arg)
{
	char *const argv[] = { "true", NULL };

	execvp(argv[0], argv);
	return NULL;
}

/* execve() by another thread ends the first one, which readers ask for. */
static void do_exec_in_thread(struct race *race)
{
	pid_t pid = fork();
	pthread_t thread;

	if (!pid) {
		race->pid = getpid();
		pthread_create(&thread, NULL, exec_self, NULL);
		syscall(SYS_exit, 0);
	}
	waitpid(pid, NULL, 0);
}

/* The race */

struct running {
	void (*change)(struct race *race);
	struct race *race;
};

static void lay_anchor(struct race *race)
{
	race->anchor = target_map(NULL, ANCHOR_PAGES * PAGE, RW, MAP_SHARED, -1);
	target_touch(race->anchor, ANCHOR_PAGES * PAGE);
	if (mlock(race->anchor, ANCHOR_PAGES * PAGE))
		die("mlock: %s", strerror(errno));
}

static void run(void *arg, int step)
{
	struct running *running = arg;
	struct race *race = running->race;

	if (!step) {
		lay_anchor(race);
		race->pid = getpid();
		return;
	}
	while (!race->stop) {
		running->change(race);
		race->changes++;
	}
}

/* Return: whether a reader has to live with an error of that target. */
static bool tolerable(const struct race *race, int err)
{
	return err == ESRCH && race->may_end;
}

static void anchor_pages(const struct race *race, __u64 *page)
{
	proc_pagemap(race->pid, (unsigned long)race->anchor, ANCHOR_PAGES, page);
}

/* With several nodes, the kernel takes access away to see who wants it. */
static bool is_there(const struct run *run)
{
	return run && (run->kind == MMSCOPE_PRESENT ||
		       run->kind == MMSCOPE_NUMA_HINT);
}

/* Pages that pagemap shows in one place before and after were nowhere else. */
static void check_anchor(const struct race *race, const struct stream *s,
			 const __u64 *before)
{
	__u64 after[ANCHOR_PAGES], start = (unsigned long)race->anchor;
	size_t i, compared = 0;

	anchor_pages(race, after);
	for (i = 0; i < ANCHOR_PAGES; i++) {
		const struct run *run = run_at(s, start + i * PAGE);

		if (PM_FRAME(before[i]) != PM_FRAME(after[i]) ||
		    !(before[i] & after[i] & PM_PRESENT))
			continue;
		compared++;
		if (!is_there(run) ||
		    run_frame(s, run, start + i * PAGE) != PM_FRAME(before[i]))
			die("anchor page %zu is told wrong", i);
	}
	if (!compared)
		die("the kernel moved the whole anchor");
	if (!vma_at(s, start) || !vma_at(s, start + ANCHOR_PAGES * PAGE - 1))
		die("the anchor's VMA is missing");
}

static void read_stream(const struct race *race)
{
	__u64 before[ANCHOR_PAGES];
	struct stream *s;
	int err;

	if (!race->may_end)
		anchor_pages(race, before);
	err = stream_try(race->pid, &s);
	if (err && !tolerable(race, err))
		die("query: %s", strerror(err));
	if (!err && !race->may_end)
		check_anchor(race, s, before);
	if (s)
		stream_free(s);
}

static void read_snapshot(const struct race *race)
{
	int fd = open(folder_path(race->pid, "snapshot"), O_RDONLY);
	struct stream *s;
	int err = fd < 0 ? errno : stream_read(fd, &s);

	if (!err && *s->wrong)
		die("wrong snapshot: %s", s->wrong);
	if (!err)
		stream_free(s);
	else if (!tolerable(race, err))
		die("snapshot: %s", strerror(err));
	if (fd >= 0)
		close(fd);
}

/* Addresses of the lines have to ascend, and the last line to be there. */
static void check_text(const char *file, const char *text)
{
	unsigned long long start, end, last = 0;
	const char *line = text;
	bool ended = false;
	int fields;

	for (; *line; line = strchr(line, '\n') + 1) {
		if (*line == '#') {
			ended = strstr(line, "mmap_lock held") &&
				strncmp(line, "# mmscope", 9);
			continue;
		}
		fields = sscanf(line, "%llx-%llx ", &start, &end);
		/* Behind the lines of VMAs, "tables" has some of the whole. */
		if (fields != 2 && !strcmp(file, "tables"))
			continue;
		if (fields != 2 || start >= end || start < last)
			die("%s: line after %llx: %.60s", file, last, line);
		last = end;
	}
	ended = ended || strstr(text, "\n# the mappings changed") ||
		strstr(text, "\n# incomplete");
	if (!ended)
		die("%s has no last line", file);
}

static void read_text(const struct race *race, const char *file)
{
	int fd = open(folder_path(race->pid, file), O_RDONLY);
	char *text;
	int err = fd < 0 ? errno : text_read(fd, &text);

	if (!err && strcmp(file, "mm"))
		check_text(file, text);
	if (!err)
		free(text);
	else if (!tolerable(race, err))
		die("%s: %s", file, strerror(err));
	if (fd >= 0)
		close(fd);
}

static void translate(const struct race *race, __u64 addr, __u64 want)
{
	int fd = query_open();
	int err = query_ask(fd, race->pid, MMSCOPE_PART_WALK, addr, 0);
	struct stream *s;

	if (!err)
		err = stream_read(fd, &s);
	close(fd);
	if (err && !tolerable(race, err))
		die("walk: %s", strerror(err));
	if (err)
		return;
	if (*s->wrong)
		die("wrong walk: %s", s->wrong);
	if (want && s->walk->frame != want)
		die("anchor at %llx: frame %llx, want %llx", addr,
		    s->walk->frame, want);
	stream_free(s);
}

static void read_walks(const struct race *race)
{
	__u64 start = (unsigned long)race->anchor, before, after;
	size_t i;

	for (i = 0; i < 20; i++) {
		__u64 addr = start + (i * 7 % ANCHOR_PAGES) * PAGE;

		/* Around the anchor, mappings come and go. */
		translate(race, addr - 3 * i * MIB, 0);
		if (race->may_end)
			continue;
		before = proc_page(race->pid, addr);
		translate(race, addr, 0);
		after = proc_page(race->pid, addr);
		if (before == after)
			translate(race, addr, PM_FRAME(before));
	}
}

/* Folders are for whom there is: one that comes and goes is attached to anew. */
static bool folder_there(const struct race *race)
{
	int err = attach(race->pid);

	if (err && !tolerable(race, err))
		die("attach: %s", strerror(err));
	return !err;
}

static void read_files(const struct race *race)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables" };
	size_t i;

	if (!folder_there(race))
		return;
	/* Others attach, too, and by that remove what has ended. */
	if (race->may_end)
		return;
	for (i = 0; i < ARRAY_SIZE(file); i++)
		read_text(race, file[i]);
	read_snapshot(race);
}

static bool enough(const struct race *race, int rounds, time_t start)
{
	if (rounds < LEAST_ROUNDS || race->changes < LEAST_CHANGES)
		return false;
	return rounds >= ROUNDS || time(NULL) - start > SECONDS;
}

static pid_t start_reader(const struct race *race, int which)
{
	pid_t parent = getpid();
	time_t start = time(NULL);
	pid_t pid;
	int i;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	die_with(parent);
	for (i = 0; !enough(race, i, start); i++) {
		if (which == 0)
			read_stream(race);
		else if (which == 1)
			read_files(race);
		else
			read_walks(race);
	}
	_exit(0);
}

FIXTURE(race)
{
	struct race *race;
	struct target target;
	struct running running;
};

FIXTURE_VARIANT(race)
{
	void (*change)(struct race *race);
	bool may_end;
};

FIXTURE_VARIANT_ADD(race, map) {
	.change = do_map,
};

FIXTURE_VARIANT_ADD(race, unmap_tables) {
	.change = do_unmap_tables,
};

FIXTURE_VARIANT_ADD(race, protect) {
	.change = do_protect,
};

FIXTURE_VARIANT_ADD(race, forget) {
	.change = do_forget,
};

FIXTURE_VARIANT_ADD(race, split) {
	.change = do_split,
};

FIXTURE_VARIANT_ADD(race, collapse) {
	.change = do_collapse,
};

FIXTURE_VARIANT_ADD(race, collapse_shared) {
	.change = do_collapse_shared,
};

FIXTURE_VARIANT_ADD(race, page_out) {
	.change = do_page_out,
};

FIXTURE_VARIANT_ADD(race, brk) {
	.change = do_brk,
};

FIXTURE_VARIANT_ADD(race, move) {
	.change = do_move,
};

FIXTURE_VARIANT_ADD(race, grow_stack) {
	.change = do_grow_stack,
};

FIXTURE_VARIANT_ADD(race, threads) {
	.change = do_threads,
};

FIXTURE_VARIANT_ADD(race, fork) {
	.change = do_fork,
};

FIXTURE_VARIANT_ADD(race, hugetlb) {
	.change = do_hugetlb,
};

FIXTURE_VARIANT_ADD(race, clear) {
	.change = do_clear,
};

FIXTURE_VARIANT_ADD(race, exit) {
	.change = do_exit,
	.may_end = true,
};

FIXTURE_VARIANT_ADD(race, exec) {
	.change = do_exec,
	.may_end = true,
};

FIXTURE_VARIANT_ADD(race, exec_in_thread) {
	.change = do_exec_in_thread,
	.may_end = true,
};

FIXTURE_SETUP(race)
{
	module_need();
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 4)
		file_write("/proc/sys/vm/nr_hugepages", "4");
	self->race = target_share(sizeof(*self->race));
	self->race->may_end = variant->may_end;
	self->running.change = variant->change;
	self->running.race = self->race;
	target_start(&self->target, run, &self->running);
}

FIXTURE_TEARDOWN(race)
{
	target_stop(&self->target);
}

TEST_F(race, ends_well)
{
	pid_t reader[READERS];
	int i, status;

	ASSERT_EQ(0, attach(self->target.pid));
	target_leave(&self->target, 1);
	for (i = 0; i < READERS; i++)
		reader[i] = start_reader(self->race, i);
	for (i = 0; i < READERS; i++) {
		waitpid(reader[i], &status, 0);
		EXPECT_EQ(0, status);
	}
	EXPECT_LE(LEAST_CHANGES, self->race->changes);
	EXPECT_EQ(self->target.pid, waitpid(self->target.pid, NULL, WNOHANG) ?
		  -1 : self->target.pid) {
		note("the target did not survive");
	}
	/* At the end all is as pagemap says, once it keeps still. */
	self->race->stop = true;
	target_await_state(self->target.pid, 'S');
	EXPECT_EQ(0, pages_compare_all(self->target.pid));
}

TEST_HARNESS_MAIN
