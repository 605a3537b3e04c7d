// SPDX-License-Identifier: GPL-2.0-only
/* Files whose paths are so long that to put one together is a slice of work. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

/* Paths of 1,900 components, each after 200 VMAs without a name. */
#define DEEP		1900
#define NR_DEEP		20
#define NR_CHEAP	200

struct deep {
	char dir[32];
	char *start;
};

/* Each folder is made in the one before: mkdir() takes no path that long. */
static int deep_file(const char *dir)
{
	int i;

	if (chdir(dir))
		die("chdir %s: %s", dir, strerror(errno));
	for (i = 0; i < DEEP; i++)
		if (mkdir("d", 0700) || chdir("d"))
			die("cannot make %d folders: %s", i, strerror(errno));
	return target_file("f", NR_DEEP * PAGE);
}

static void map_deep(void *arg, int step)
{
	const size_t stride = (NR_CHEAP + 1) * PAGE;
	struct deep *deep = arg;
	int fd = deep_file(deep->dir);
	size_t i, at;

	deep->start = target_map(NULL, NR_DEEP * stride, PROT_READ,
				 MAP_PRIVATE | MAP_NORESERVE, -1);
	for (i = 0; i < NR_DEEP; i++) {
		char *p = deep->start + i * stride;

		for (at = 0; at < NR_CHEAP; at += 2)
			mprotect(p + at * PAGE, PAGE, PROT_NONE);
		if (mmap(p + NR_CHEAP * PAGE, PAGE, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED, fd, i * PAGE) == MAP_FAILED)
			die("mmap: %s", strerror(errno));
	}
}

/*
 * A path of that length is more work than a slice may take. It cannot be divided,
 * but it must not come on top of other work: each is a slice of its own.
 */
TEST(long_paths_have_slices_of_their_own)
{
	struct deep *deep = target_share(sizeof(*deep));
	struct target target;
	struct proc_maps *maps;
	char command[64];
	size_t i, named = 0;
	struct stream *s;

	module_need();
	strcpy(deep->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(deep->dir));
	target_start(&target, map_deep, deep);
	maps = proc_maps(target.pid, "maps");
	s = stream_get(target.pid, MMSCOPE_PART_VMAS, (unsigned long)deep->start,
		       0);
	EXPECT_LE(2 * NR_DEEP, s->end->holds);
	for (i = 0; i < s->nr_vmas; i++) {
		const struct proc_vma *vma = proc_vma_at(maps, s->vma[i]->start);

		EXPECT_STREQ(vma->name, vma_name(s->vma[i]));
		named += strlen(vma->name) > 2 * DEEP;
	}
	EXPECT_EQ(NR_DEEP, named);
	proc_maps_free(maps);
	stream_free(s);
	target_stop(&target);
	snprintf(command, sizeof(command), "rm -r %s", deep->dir);
	EXPECT_EQ(0, system(command));
}

TEST_HARNESS_MAIN
