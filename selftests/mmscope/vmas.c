// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs, compared with /proc/PID/maps, smaps and stat, and with what the target is
 * known to have mapped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kpage.h"
#include "oracle/mappings.h"
#include "oracle/pgtables.h"
#include "oracle/proc.h"
#include "oracle/smaps.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/ground.h"
#include "target/target.h"

FIXTURE(vmas)
{
	struct ground *ground;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(vmas)
{
	module_need();
	kernel_stand_still();
	self->ground = target_share(sizeof(*self->ground));
	strcpy(self->ground->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->ground->dir));
	target_start(&self->target, make_ground, self->ground);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(vmas)
{
	char command[64];

	target_stop(&self->target);
	shm_unlink("/mmscope-shm");
	snprintf(command, sizeof(command), "rm -rf %s /root/mmscope-*",
		 self->ground->dir);
	EXPECT_EQ(0, system(command));
}

/* A target with mappings of all kinds: all fields of every VMA. */
TEST_F(vmas, agree_with_maps_and_smaps)
{
	EXPECT_EQ(0, mappings_compare(self->pid));
}

/* For each mapping that the target lists: its start and its kind. */
TEST_F(vmas, have_the_kinds_that_were_mapped)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
	unsigned int i, seen = 0;

	for (i = 0; i < self->ground->nr; i++) {
		const struct known *known = &self->ground->known[i];
		const struct mmscope_vma *vma =
			vma_at(s, (unsigned long)known->start);

		ASSERT_NE(NULL, vma);
		EXPECT_EQ((unsigned long)known->start, vma->start);
		EXPECT_EQ(known->kind, vma->kind) {
			note("%s", vma_name(vma));
		}
		seen |= 1 << vma->kind;
	}
	EXPECT_EQ(0x1e, seen);
	stream_free(s);
}

/* The same for names: paths of all characters, memfds, prctl() names. */
TEST_F(vmas, have_the_names_they_were_given)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
	unsigned int i, named = 0;

	for (i = 0; i < self->ground->nr; i++) {
		const struct known *known = &self->ground->known[i];
		const struct mmscope_vma *vma =
			vma_at(s, (unsigned long)known->start);

		ASSERT_NE(NULL, vma);
		if (!*known->name)
			continue;
		named++;
		EXPECT_STREQ(known->name, vma_name(vma));
		EXPECT_EQ(*known->name == '/' ? MMSCOPE_NAME_PATH :
						MMSCOPE_NAME_ANON,
			  vma->name_kind);
	}
	EXPECT_LE(2 * GROUND_FILES, named);
	stream_free(s);
}

/* The same for flags, set by madvise(), mlock() and other calls. */
TEST_F(vmas, have_the_flags_they_were_given)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
	unsigned int i, flagged = 0;

	for (i = 0; i < self->ground->nr; i++) {
		const struct known *known = &self->ground->known[i];
		const struct mmscope_vma *vma =
			vma_at(s, (unsigned long)known->start);
		char flags[16], *flag, *next = flags;

		ASSERT_NE(NULL, vma);
		strcpy(flags, known->flags);
		while (*flags && (flag = strsep(&next, " "))) {
			flagged++;
			EXPECT_TRUE(flag_set(s, MMSCOPE_NAMES_VMA_FLAGS,
					     vma->flags, flag)) {
				note("no flag %s: %llx", flag, vma->flags);
			}
		}
	}
	/* Two of them are about transparent huge pages. */
	EXPECT_LE(kernel_has_thp() ? 11 : 9, flagged);
	stream_free(s);
}

/* The mappings of the kernel are there once each, as in maps. */
TEST_F(vmas, have_the_special_mappings)
{
	static const char * const name[] = { "[stack]", "[heap]", "[vdso]",
					     "[vvar]" };
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		size_t found = 0, wanted = 0;

		for (k = 0; k < maps->nr; k++)
			wanted += !strcmp(maps->vma[k].name, name[i]);
		for (k = 0; k < s->nr_vmas; k++) {
			if (strcmp(vma_name(s->vma[k]), name[i]) ||
			    s->vma[k]->name_kind != MMSCOPE_NAME_SPECIAL)
				continue;
			found++;
			EXPECT_EQ(MMSCOPE_PRIVATE_ANON, s->vma[k]->kind);
		}
		EXPECT_LE(1, found);
		EXPECT_EQ(wanted, found) {
			note("%s", name[i]);
		}
	}
	proc_maps_free(maps);
	stream_free(s);
}

TEST_F(vmas, agree_with_text)
{
	EXPECT_EQ(0, text_compare(self->pid, "vmas"));
}

/* Query ranges that begin and end around the bounds of every mapping. */
TEST_F(vmas, of_a_range_are_those_that_overlap_it)
{
	EXPECT_EQ(0, mappings_compare_ranges(self->pid, 1));
}

/* Query ranges below and above all mappings, and those that have all of them. */
TEST_F(vmas, of_extreme_ranges_are_right)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct proc_vma *last = &maps->vma[maps->nr - 1];

	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, 0, 4096));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, last->end, 0));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, last->end, ~0ULL));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, 1ULL << 55, 0));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, ~0ULL, 0));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, ~0ULL - 1, ~0ULL));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, 0, ~0ULL));
	EXPECT_EQ(0, mappings_compare_range(self->pid, maps, 1, 0));
	proc_maps_free(maps);
}

TEST_F(vmas, have_the_residency_of_smaps)
{
	EXPECT_EQ(0, smaps_compare(self->pid));
}

TEST_F(vmas, have_the_page_facts_of_kpageflags)
{
	EXPECT_EQ(0, kpage_compare(self->pid, 0, 0));
}

TEST_F(vmas, have_the_tables_that_the_kernel_counts)
{
	EXPECT_EQ(0, pgtables_compare(self->pid));
}

/* Read VMAs alone, together with page tables, and from a snapshot. */
TEST_F(vmas, are_the_same_in_every_stream)
{
	struct stream *alone = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
	struct stream *all = stream_get(self->pid, MMSCOPE_PART_MM |
					MMSCOPE_PART_VMAS |
					MMSCOPE_PART_PAGETABLE, 0, 0);
	struct stream *snapshot;
	int fd = folder_open(self->pid, "snapshot");
	size_t i;

	ASSERT_EQ(0, stream_read(fd, &snapshot));
	ASSERT_STREQ("", snapshot->wrong);
	ASSERT_EQ(alone->nr_vmas, all->nr_vmas);
	ASSERT_EQ(alone->nr_vmas, snapshot->nr_vmas);
	for (i = 0; i < alone->nr_vmas; i++) {
		size_t size = alone->vma[i]->head.size;

		EXPECT_EQ(0, memcmp(alone->vma[i], all->vma[i], size));
		EXPECT_EQ(0, memcmp(alone->vma[i], snapshot->vma[i], size));
	}
	/* A snapshot has more than VMAs. */
	EXPECT_EQ(PARTS_USUAL, snapshot->header->parts);
	EXPECT_EQ(MMSCOPE_QUERY_RESIDENCY, snapshot->header->flags);
	EXPECT_NE(NULL, snapshot->mm);
	EXPECT_NE(NULL, snapshot->sum);
	EXPECT_EQ(snapshot->nr_vmas, snapshot->nr_residencies);
	EXPECT_EQ(all->nr_runs, snapshot->nr_runs);
	EXPECT_EQ(0, memcmp(all->run, snapshot->run,
			    all->nr_runs * sizeof(*all->run)));
	stream_free(alone);
	stream_free(all);
	stream_free(snapshot);
}

/* More VMAs than one slice takes */

#define MANY	1000

static void map_many(void *arg, int step)
{
	char *p = target_map(NULL, MANY * PAGE, PROT_READ, MAP_PRIVATE, -1);
	size_t i;

	for (i = 0; i < MANY; i += 2)
		mprotect(p + i * PAGE, PAGE, PROT_NONE);
}

FIXTURE(many)
{
	struct target target;
};

FIXTURE_SETUP(many)
{
	module_need();
	target_start(&self->target, map_many, NULL);
}

FIXTURE_TEARDOWN(many)
{
	target_stop(&self->target);
}

/* A target with 1000 VMAs. */
TEST_F(many, agree_with_maps_and_smaps)
{
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);

	EXPECT_LT(MANY, s->nr_vmas);
	EXPECT_EQ(0, mappings_compare(self->target.pid));
	stream_free(s);
}

TEST_F(many, agree_with_text)
{
	EXPECT_EQ(0, text_compare(self->target.pid, "vmas"));
}

TEST_F(many, of_a_range_are_those_that_overlap_it)
{
	EXPECT_EQ(0, mappings_compare_ranges(self->target.pid, 311));
}

/* VMAs that are merged while they are read */

struct merger {
	char *start;
};

static void merge_many(void *arg, int step)
{
	struct merger *merger = arg;
	size_t i;

	if (step) {
		mprotect(merger->start, MANY * PAGE, PROT_READ);
		return;
	}
	merger->start = target_map(NULL, MANY * PAGE, PROT_READ, MAP_PRIVATE, -1);
	for (i = 0; i < MANY; i += 2)
		mprotect(merger->start + i * PAGE, PAGE, PROT_NONE);
}

FIXTURE(merging)
{
	struct target target;
};

FIXTURE_SETUP(merging)
{
	module_need();
	target_start(&self->target, merge_many,
		     target_share(sizeof(struct merger)));
}

FIXTURE_TEARDOWN(merging)
{
	target_stop(&self->target);
}

/*
 * After the first slice the target makes all permissions the same, so that 1000
 * VMAs become one. The rest of the stream must not overlap what was reported.
 */
TEST_F(merging, between_slices_reports_nothing_twice)
{
	int fd = query_open();
	struct stream *s;
	char begun;

	ASSERT_EQ(0, query_ask(fd, self->target.pid, MMSCOPE_PART_VMAS, 0, 0));
	ASSERT_EQ(1, read(fd, &begun, 1));
	target_step(&self->target, 1);
	ASSERT_EQ(0, stream_finish(fd, &begun, 1, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
	stream_free(s);
}

TEST_HARNESS_MAIN
