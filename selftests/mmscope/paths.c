// SPDX-License-Identifier: GPL-2.0-only
/* Files whose paths are so long that the module puts them together without locks. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

/* Paths of 1,900 components, each after 50 VMAs without a name. */
#define DEEP		1900
#define NR_DEEP		20
#define NR_CHEAP	50
#define STRIDE		((NR_CHEAP + 1) * PAGE)

/* With so many more, a path is longer than PATH_MAX. */
#define DEEPER		200

enum { MAP_FILES, UNLINK_FILE };

/**
 * struct deep - shared by the target and the test
 * @dir: where a file system of its own is mounted
 * @start: of the first of the VMAs without a name
 * @last: of the file whose path is too long
 */
struct deep {
	char dir[32];
	char *start;
	char *last;
};

/* Each folder is made in the one before: mkdir() takes no path that long. */
static int deep_file(const char *name, int folders, size_t size)
{
	int i;

	for (i = 0; i < folders; i++)
		if (mkdir("d", 0700) || chdir("d"))
			die("cannot make %d folders: %s", i, strerror(errno));
	return target_file(name, size);
}

static void map_files(struct deep *deep)
{
	int fd = deep_file("f", DEEP, NR_DEEP * PAGE);
	size_t i, at;

	deep->start = target_map(NULL, NR_DEEP * STRIDE, PROT_READ,
				 MAP_PRIVATE | MAP_NORESERVE, -1);
	for (i = 0; i < NR_DEEP; i++) {
		char *p = deep->start + i * STRIDE;

		for (at = 0; at < NR_CHEAP; at += 2)
			mprotect(p + at * PAGE, PAGE, PROT_NONE);
		target_look(target_map(p + NR_CHEAP * PAGE, PAGE, PROT_READ,
				       MAP_PRIVATE | MAP_FIXED, fd), PAGE);
	}
	deep->last = target_map_alone(1, PROT_READ, MAP_SHARED,
				      deep_file("last", DEEPER, PAGE));
}

static void deep_step(void *arg, int step)
{
	struct deep *deep = arg;
	int i;

	if (step == MAP_FILES) {
		if (chdir(deep->dir))
			die("chdir %s: %s", deep->dir, strerror(errno));
		map_files(deep);
		return;
	}
	for (i = 0; i < DEEPER; i++)
		if (chdir(".."))
			die("chdir: %s", strerror(errno));
	if (unlink("f"))
		die("unlink: %s", strerror(errno));
}

FIXTURE(paths)
{
	struct target target;
	struct deep *deep;
};

FIXTURE_SETUP(paths)
{
	module_need();
	self->deep = target_share(sizeof(*self->deep));
	strcpy(self->deep->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->deep->dir));
	ASSERT_EQ(0, mount("deep", self->deep->dir, "tmpfs", 0, NULL));
	target_start(&self->target, deep_step, self->deep);
}

/* A reference to a path that the module leaked would keep the file system busy. */
FIXTURE_TEARDOWN(paths)
{
	target_stop(&self->target);
	while (umount(self->deep->dir)) {
		ASSERT_EQ(EBUSY, errno);
		usleep(1000);
	}
	EXPECT_EQ(0, rmdir(self->deep->dir));
}

/* Return: how many of the names, all of which maps has, are long. */
static size_t long_names(const struct stream *s)
{
	struct proc_maps *maps = proc_maps(s->task->pid, "maps");
	size_t i, named = 0;

	for (i = 0; i < s->nr_vmas; i++) {
		const struct proc_vma *vma = proc_vma_at(maps, s->vma[i]->start);

		if (s->vma[i]->name_kind == MMSCOPE_NAME_TOO_LONG) {
			if (strlen(vma->name) < 4096 || *vma_name(s->vma[i]))
				die("not too long: %s", vma->name);
			continue;
		}
		if (strcmp(vma->name, vma_name(s->vma[i])))
			die("%s, but in maps %s", vma_name(s->vma[i]), vma->name);
		named += strlen(vma->name) > 2 * DEEP;
	}
	proc_maps_free(maps);
	return named;
}

static struct stream *vmas_get(pid_t pid, __u64 flags)
{
	return stream_of((struct mmscope_query){
		.pid = pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = flags,
	});
}

/*
 * Nothing may come on top of a path of that length while mmap_lock is held: it is
 * put together at the end of a slice.
 */
TEST_F(paths, end_slices)
{
	struct stream *s = vmas_get(self->target.pid, 0);

	EXPECT_LE(NR_DEEP, s->end->holds);
	EXPECT_EQ(NR_DEEP, long_names(s));
	stream_free(s);
}

/* All VMAs of one moment have their names in one slice. */
TEST_F(paths, of_one_moment)
{
	struct stream *s = vmas_get(self->target.pid, MMSCOPE_QUERY_CONSISTENT);

	EXPECT_EQ(NR_DEEP, long_names(s));
	stream_free(s);
}

/* The record that follows is that of the same VMA: its page is resident. */
TEST_F(paths, before_residency)
{
	struct stream *s = vmas_get(self->target.pid, MMSCOPE_QUERY_RESIDENCY);
	size_t i;

	EXPECT_EQ(NR_DEEP, long_names(s));
	ASSERT_EQ(s->nr_vmas, s->nr_residencies);
	for (i = 0; i < s->nr_vmas; i++) {
		EXPECT_EQ(s->vma[i]->start, s->residency[i]->start);
		EXPECT_EQ(s->vma[i]->end, s->residency[i]->end);
		if (strlen(vma_name(s->vma[i])) > 2 * DEEP)
			EXPECT_EQ(1, s->residency[i]->pte);
	}
	stream_free(s);
}

/* So is the walk of a translation, which moves up when the path is there. */
TEST_F(paths, before_a_walk)
{
	char *addr = self->deep->start + NR_CHEAP * PAGE;
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_WALK,
				      (unsigned long)addr, 0);

	ASSERT_EQ(1, s->nr_vmas);
	EXPECT_EQ(1, long_names(s));
	ASSERT_NE(NULL, s->walk);
	EXPECT_EQ((unsigned long)addr, s->walk->addr);
	EXPECT_EQ(PM_FRAME(proc_page(self->target.pid, (unsigned long)addr)),
		  s->walk->frame);
	stream_free(s);
}

/* A path longer than PATH_MAX is not recorded, and what follows is. */
TEST_F(paths, too_long)
{
	struct stream *s = vmas_get(self->target.pid, MMSCOPE_QUERY_RESIDENCY);
	const struct mmscope_vma *vma = vma_at(s, (unsigned long)self->deep->last);

	ASSERT_NE(NULL, vma);
	EXPECT_EQ(MMSCOPE_NAME_TOO_LONG, vma->name_kind);
	EXPECT_STREQ("", vma_name(vma));
	EXPECT_EQ(s->nr_vmas, s->nr_residencies);
	stream_free(s);
}

/* The file is gone, but not the mapping. */
TEST_F(paths, of_a_deleted_file)
{
	struct stream *s;

	target_step(&self->target, UNLINK_FILE);
	s = vmas_get(self->target.pid, 0);
	EXPECT_EQ(NR_DEEP, long_names(s));
	EXPECT_NE(NULL, strstr(vma_name(vma_at(s, (unsigned long)
					       self->deep->start +
					       NR_CHEAP * PAGE)), " (deleted)"));
	stream_free(s);
}

/* Rename the topmost folder for good: "d" becomes "e", and "e" becomes "d". */
static pid_t rename_forever(const char *dir)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	die_with(parent);
	if (chdir(dir))
		die("chdir: %s", strerror(errno));
	for (;;)
		if (rename("d", "e") || rename("e", "d"))
			die("rename: %s", strerror(errno));
}

/* Each path is one that the file had: of all its components, only one changes. */
TEST_F(paths, during_renames)
{
	const size_t top = strlen(self->deep->dir) + 1;
	struct stream *s = vmas_get(self->target.pid, 0);
	pid_t pid = rename_forever(self->deep->dir);
	int times;
	size_t i;

	for (times = 0; times < 10; times++) {
		struct stream *now = vmas_get(self->target.pid, 0);

		ASSERT_EQ(s->nr_vmas, now->nr_vmas);
		for (i = 0; i < s->nr_vmas; i++) {
			const char *was = vma_name(s->vma[i]);
			const char *is = vma_name(now->vma[i]);

			if (strlen(was) <= 2 * DEEP)
				continue;
			ASSERT_EQ(strlen(was), strlen(is));
			EXPECT_EQ(0, strncmp(was, is, top));
			EXPECT_TRUE(is[top] == 'd' || is[top] == 'e');
			EXPECT_STREQ(was + top + 1, is + top + 1);
		}
		stream_free(now);
	}
	target_kill(pid);
	stream_free(s);
}

TEST_HARNESS_MAIN
