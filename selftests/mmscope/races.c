// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets that change all the time while every file of theirs is read. Every
 * stream has to keep the rules of its format; only ESRCH is an acceptable error,
 * and only for targets that end; memory that does not change has to be reported
 * right in every stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "oracle/pages.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"
#include "target/changes.h"
#include "target/target.h"

#define RW	(PROT_READ | PROT_WRITE)

#define ANCHOR_PAGES	64
#define READERS		3
/* Rounds of each reader, fewer after SECONDS; and changes during these rounds. */
#define ROUNDS		12
#define LEAST_ROUNDS	3
#define SECONDS		1
#define LEAST_CHANGES	5
/* Pairs of translations in a round */
#define WALKS		8

/**
 * struct race - shared by the target and the readers
 * @anchor: locked pages of the target that never change
 * @change: what the target does
 * @pid: of the process to read
 * @changes: how often the target has changed
 * @stop: the readers have finished
 * @may_end: the processes to read end
 */
struct race {
	char *anchor;
	void (*change)(pid_t *child);
	pid_t pid;
	unsigned long changes;
	bool stop;
	bool may_end;
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
	struct race *race = arg;

	if (!step) {
		lay_anchor(race);
		race->pid = getpid();
		return;
	}
	while (!race->stop) {
		race->change(&race->pid);
		race->changes++;
	}
}

/* Return: whether the end of a target explains an error. */
static bool tolerable(const struct race *race, int err)
{
	return err == ESRCH && race->may_end;
}

static void anchor_pages(const struct race *race, __u64 *page)
{
	proc_pagemap(race->pid, (unsigned long)race->anchor, ANCHOR_PAGES, page);
}

/*
 * NUMA balancing and compaction may change the entry for a moment, but not the
 * frame if pagemap has the same one before and after.
 */
static bool is_there(unsigned int kind)
{
	return kind == MMSCOPE_PRESENT || kind == MMSCOPE_NUMA_HINT ||
	       kind == MMSCOPE_MIGRATION;
}

/*
 * Compare the pages that pagemap shows in the same frame before and after the
 * stream. Return: how many these are.
 */
static size_t check_anchor(const struct race *race, const struct stream *s,
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
		if (!run || !is_there(run->kind) ||
		    run_frame(s, run, start + i * PAGE) != PM_FRAME(before[i]))
			die("page %zu of the anchor is wrong", i);
	}
	if (!vma_at(s, start) || !vma_at(s, start + ANCHOR_PAGES * PAGE - 1))
		die("the anchor's VMA is missing");
	return compared;
}

/* Return: whether the anchor could be compared; compaction may move all of it. */
static bool read_stream(const struct race *race)
{
	__u64 before[ANCHOR_PAGES];
	size_t compared = 1;
	struct stream *s;
	int err;

	if (!race->may_end)
		anchor_pages(race, before);
	err = stream_try(race->pid, &s);
	if (err && !tolerable(race, err))
		die("query: %s", strerror(err));
	if (!err && !race->may_end)
		compared = check_anchor(race, s, before);
	if (s)
		stream_free(s);
	return compared;
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

/* Whether a line is of a huge page, in place of a table that was half reported. */
static bool replaces_table(const char *file, const char *line)
{
	char level[4];

	return !strcmp(file, "pagetable") &&
	       sscanf(line, "%*x-%*x %3s", level) == 1 && strcmp(level, "PTE");
}

/* Lines have to be in the order of their addresses, and end with a summary. */
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
		/* "tables" has lines of the whole after those of VMAs. */
		if (fields != 2 && !strcmp(file, "tables"))
			continue;
		if (fields != 2 || start >= end || end <= last ||
		    (start < last && !replaces_table(file, line)))
			die("%s: line after %llx: %.60s", file, last, line);
		last = end;
	}
	ended = ended || strstr(text, "\n# the mappings changed") ||
		strstr(text, "\n# incomplete");
	if (!ended)
		die("%s has no last line", file);
}

/* Threads have to be in the order of their ids, and as many as the last line says. */
static void check_threads(const char *text)
{
	const char *line = text;
	int tid, last = 0;
	char wanted[32];
	size_t nr = 0;

	for (; *line; line = strchr(line, '\n') + 1) {
		if (*line == '#')
			continue;
		if (sscanf(line, "%d ", &tid) != 1 || tid <= last)
			die("threads: line after %d: %.60s", last, line);
		last = tid;
		nr++;
	}
	snprintf(wanted, sizeof(wanted), "\n# %zu threads\n", nr);
	if (!strstr(text, wanted))
		die("%zu threads, the last line has another number", nr);
}

static void read_text(const struct race *race, const char *file)
{
	int fd = open(folder_path(race->pid, file), O_RDONLY);
	char *text;
	int err = fd < 0 ? errno : text_read(fd, &text);

	if (!err && !strcmp(file, "threads"))
		check_threads(text);
	else if (!err && strcmp(file, "mm"))
		check_text(file, text);
	if (!err)
		free(text);
	else if (!tolerable(race, err))
		die("%s: %s", file, strerror(err));
	if (fd >= 0)
		close(fd);
}

/* Return: a walk, or NULL if the target has ended. */
static struct stream *walk(const struct race *race, __u64 addr)
{
	int fd = query_open();
	int err = query_ask(fd, race->pid, MMSCOPE_PART_WALK, addr, 0);
	struct stream *s = NULL;

	if (!err)
		err = stream_read(fd, &s);
	close(fd);
	if (err && !tolerable(race, err))
		die("walk: %s", strerror(err));
	if (!err && *s->wrong)
		die("wrong walk: %s", s->wrong);
	return s;
}

/* Return: whether the walk could be compared with pagemap. */
static bool walk_anchor(const struct race *race, __u64 addr)
{
	__u64 before = proc_page(race->pid, addr), after;
	struct stream *s = walk(race, addr);
	const struct mmscope_walk *w = s->walk;
	bool same;

	after = proc_page(race->pid, addr);
	same = before & PM_PRESENT && before == after;
	if (same && (w->frame != PM_FRAME(before) || !w->nr ||
		     !is_there(walk_step(w, w->nr - 1)->kind)))
		die("anchor at %llx: frame %llx, pagemap has %llx", addr,
		    w->frame, PM_FRAME(before));
	stream_free(s);
	return same;
}

static bool read_walks(const struct race *race)
{
	__u64 start = (unsigned long)race->anchor;
	size_t i, compared = race->may_end;

	for (i = 0; i < WALKS; i++) {
		__u64 addr = start + (i * 7 % ANCHOR_PAGES) * PAGE;

		/* Around the anchor, the target maps and unmaps. */
		stream_free(walk(race, addr - 3 * i * MIB));
		if (!race->may_end)
			compared += walk_anchor(race, addr);
	}
	return compared;
}

/* A process that has just started has no folder yet. */
static bool folder_there(const struct race *race)
{
	int err = attach(race->pid);

	if (err && !tolerable(race, err))
		die("attach: %s", strerror(err));
	return !err;
}

static bool read_files(const struct race *race)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables", "threads" };
	size_t i;

	if (!folder_there(race))
		return true;
	/* Other readers attach, too, and thereby remove folders of dead processes. */
	if (race->may_end)
		return true;
	for (i = 0; i < ARRAY_SIZE(file); i++)
		read_text(race, file[i]);
	read_snapshot(race);
	return true;
}

/* @compared: rounds in which the anchor could be compared */
static bool enough(const struct race *race, int rounds, int compared,
		   time_t start)
{
	if (!compared || rounds < LEAST_ROUNDS || race->changes < LEAST_CHANGES)
		return false;
	return rounds >= ROUNDS || time(NULL) - start > SECONDS;
}

static pid_t start_reader(const struct race *race, int which)
{
	static bool (*const reads[READERS])(const struct race *race) = {
		read_stream, read_files, read_walks,
	};
	pid_t parent = getpid();
	time_t start = time(NULL);
	int i, compared = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	die_with(parent);
	for (i = 0; !enough(race, i, compared, start); i++)
		compared += reads[which](race);
	_exit(0);
}

FIXTURE(race)
{
	struct race *race;
	struct target target;
};

FIXTURE_VARIANT(race)
{
	void (*change)(pid_t *child);
	bool may_end;
};

FIXTURE_VARIANT_ADD(race, map) {
	.change = change_map,
};

FIXTURE_VARIANT_ADD(race, unmap_tables) {
	.change = change_unmap_tables,
};

FIXTURE_VARIANT_ADD(race, protect) {
	.change = change_protect,
};

FIXTURE_VARIANT_ADD(race, forget) {
	.change = change_forget,
};

FIXTURE_VARIANT_ADD(race, split) {
	.change = change_split,
};

FIXTURE_VARIANT_ADD(race, collapse) {
	.change = change_collapse,
};

FIXTURE_VARIANT_ADD(race, collapse_shared) {
	.change = change_collapse_shared,
};

FIXTURE_VARIANT_ADD(race, page_out) {
	.change = change_page_out,
};

FIXTURE_VARIANT_ADD(race, brk) {
	.change = change_brk,
};

FIXTURE_VARIANT_ADD(race, move) {
	.change = change_move,
};

FIXTURE_VARIANT_ADD(race, grow_stack) {
	.change = change_grow_stack,
};

FIXTURE_VARIANT_ADD(race, threads) {
	.change = change_threads,
};

FIXTURE_VARIANT_ADD(race, fork) {
	.change = change_fork,
};

FIXTURE_VARIANT_ADD(race, hugetlb) {
	.change = change_hugetlb,
};

FIXTURE_VARIANT_ADD(race, clear) {
	.change = change_clear,
};

FIXTURE_VARIANT_ADD(race, exit) {
	.change = change_exit,
	.may_end = true,
};

FIXTURE_VARIANT_ADD(race, exec) {
	.change = change_exec,
	.may_end = true,
};

FIXTURE_VARIANT_ADD(race, exec_in_thread) {
	.change = change_exec_in_thread,
	.may_end = true,
};

FIXTURE_SETUP(race)
{
	module_need();
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 4)
		file_write("/proc/sys/vm/nr_hugepages", "4");
	self->race = target_share(sizeof(*self->race));
	self->race->change = variant->change;
	self->race->may_end = variant->may_end;
	target_start(&self->target, run, self->race);
}

FIXTURE_TEARDOWN(race)
{
	target_stop(&self->target);
}

/*
 * The target repeats one kind of change. Meanwhile three processes read it: by
 * queries, by all files of its folder, and by translations. Each ends with
 * status 0 unless it read something wrong. Then the target stops, and its pages
 * have to agree with pagemap.
 */
TEST_F(race, keeps_every_stream_right)
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
	EXPECT_EQ(0, waitpid(self->target.pid, NULL, WNOHANG)) {
		note("the target died");
	}
	self->race->stop = true;
	target_await(&self->target);
	EXPECT_EQ(0, pages_compare_all(self->target.pid));
}

TEST_HARNESS_MAIN
