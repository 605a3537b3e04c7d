// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries that lead to tables: together with the last entry, which the test
 * reads from /proc/kcore, they lead to the frames in pagemap. Other tests compare
 * them one by one with /proc/kcore, for pages of all kinds: oracle/pgtables.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/kwalk.h"
#include "oracle/proc.h"
#include "oracle/walks.h"
#include "stream/entries.h"
#include "stream/read.h"
#include "target/giants.h"
#include "target/places.h"
#include "target/target.h"

FIXTURE(upper)
{
	struct places *places;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(upper)
{
	module_need();
	kernel_stand_still();
	self->places = target_share(sizeof(*self->places));
	target_start(&self->target, make_places, self->places);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(upper)
{
	target_stop(&self->target);
}

static struct stream *upper_of(pid_t pid, __u64 start, __u64 end)
{
	return stream_get(pid, MMSCOPE_PART_UPPER, start, end);
}

/*
 * The last entry of an address: through the tables of the stream, which need not be
 * those of all levels, in kcore. @level: of that entry
 */
static __u64 last_entry(const struct stream *s, __u64 addr, unsigned int *level)
{
	const struct upper *upper;
	__u64 table = s->top;

	for (*level = MMSCOPE_PGD; *level > MMSCOPE_PTE; --*level) {
		if (!s->header->level_shift[*level])
			continue;
		upper = upper_at(s, *level, addr);
		if (!upper)
			break;
		table = upper->frame * PAGE;
	}
	return kcore_phys(table + 8 * ((addr >> s->header->level_shift[*level]) %
				       table_entries()));
}

static bool is_wrong_page(pid_t pid, const struct stream *s, __u64 addr)
{
	unsigned int level;
	__u64 raw = last_entry(s, addr, &level);
	__u64 page = proc_page(pid, addr), size, phys = 0;

	if (page & PM_PRESENT && entry_valid(raw)) {
		size = 1ULL << s->header->level_shift[level];
		phys = (entry_phys(s, raw) & -size) + addr % size;
	}
	if (phys == (page & PM_PRESENT ? PM_FRAME(page) * PAGE : 0))
		return false;
	/* Such entries have a frame, though the processor may not use them. */
	if (page & PM_PRESENT && !entry_valid(raw))
		return false;
	note("%llx: level %u, entry %llx, pagemap %llx", addr, level, raw, page);
	return true;
}

/* Translate each page of the mappings, and compare it with pagemap. */
TEST_F(upper, leads_to_every_page)
{
	struct proc_maps *maps = proc_maps(self->pid, "smaps");
	struct stream *s = upper_of(self->pid, 0, 0);
	size_t i, wrong = 0, pages = 0;

	ASSERT_NE(0, s->nr_upper);
	for (i = 0; i < maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		__u64 addr;

		if (smaps_flag(vma, "pf") || vma->end - vma->start > 1024 * PAGE)
			continue;
		for (addr = vma->start; addr < vma->end; addr += PAGE, pages++)
			wrong += is_wrong_page(self->pid, s, addr);
	}
	EXPECT_LT(100, pages);
	EXPECT_EQ(0, wrong);
	stream_free(s);
	proc_maps_free(maps);
}

static bool is_wrong_step(const struct stream *s, const struct stream *walk,
			  unsigned int i)
{
	const struct mmscope_step *step = walk_step(walk->walk, i);
	const struct upper *upper = upper_at(s, step->level, walk->walk->addr);

	if (step->kind != MMSCOPE_TABLE)
		return upper;
	return !upper || upper->raw != step->raw || upper->attrs != step->attrs ||
	       upper->frame * PAGE != walk_step(walk->walk, i + 1)->table;
}

/* At both ends of each mapping, there are the steps of a translation. */
TEST_F(upper, has_the_steps_of_translations)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	struct stream *s = upper_of(self->pid, 0, 0);
	unsigned int k;
	size_t i;

	for (i = 0; i < 2 * maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i / 2];
		struct stream *walk = walk_of(self->pid, i % 2 ? vma->end - 1 :
								 vma->start);

		EXPECT_EQ(walk_step(walk->walk, 0)->table, s->top);
		for (k = 0; k < walk->walk->nr; k++)
			EXPECT_FALSE(is_wrong_step(s, walk, k));
		stream_free(walk);
	}
	stream_free(s);
	proc_maps_free(maps);
}

/* Does an entry map something of a mapping, and of the range [start, end)? */
static bool is_needed(const struct stream *s, const struct proc_maps *maps,
		      const struct upper *upper, __u64 start, __u64 end)
{
	__u64 size = 1ULL << s->header->level_shift[upper->level];
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		__u64 from = maps->vma[i].start, to = maps->vma[i].end;

		from = from > start ? from : start;
		to = to < end ? to : end;
		if (from < to && from < upper->start + size && to > upper->start)
			return true;
	}
	return false;
}

static size_t wrong_range(const struct stream *all, const struct proc_maps *maps,
			  const struct stream *s, __u64 start, __u64 end)
{
	size_t i, k = 0, wrong = 0;

	for (i = 0; i < all->nr_upper; i++) {
		const struct upper *upper = &all->upper[i];

		if (!is_needed(all, maps, upper, start, end))
			continue;
		wrong += k >= s->nr_upper || s->upper[k].raw != upper->raw ||
			 s->upper[k].start != upper->start ||
			 s->upper[k].level != upper->level;
		k++;
	}
	return wrong + (k != s->nr_upper);
}

/* A query for a range has the entries that lead to mappings in that range. */
TEST_F(upper, is_that_of_the_range)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	struct stream *all = upper_of(self->pid, 0, 0);
	size_t i, k;

	for (i = 0; i < maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		const __u64 range[][2] = {
			{ vma->start, vma->end },
			{ vma->end - 1, vma->end },
			{ vma->end, vma->end + HUGE },
			{ 1, vma->start + 1 },
		};

		for (k = 0; k < ARRAY_SIZE(range); k++) {
			struct stream *s = upper_of(self->pid, range[k][0],
						    range[k][1]);

			EXPECT_EQ(0, wrong_range(all, maps, s, range[k][0],
						 range[k][1]));
			stream_free(s);
		}
	}
	stream_free(all);
	proc_maps_free(maps);
}

/* A filter selects runs, and not the entries that lead to them. */
TEST_F(upper, is_not_filtered)
{
	struct stream *all = upper_of(self->pid, 0, 0);
	struct stream *s = stream_of((struct mmscope_query){
		.pid = self->pid,
		.parts = MMSCOPE_PART_UPPER | MMSCOPE_PART_PAGETABLE,
		.levels = 1 << MMSCOPE_PMD,
		.attrs_set = MMSCOPE_ATTR_SPECIAL,
	});

	EXPECT_EQ(all->nr_upper, s->nr_upper);
	stream_free(all);
	stream_free(s);
}

static void count_entry(void *arg, const struct kentry *entry)
{
	++*(size_t *)arg;
}

/* Tables without an entry, of an upper level: all of them, in several slices. */
TEST(is_read_in_slices)
{
	struct giant *giant = target_share(sizeof(*giant));
	struct target target;
	struct proc_maps *maps;
	size_t entries = 0;
	struct stream *s;

	module_need();
	kernel_stand_still();
	giant->make = giant_hollow;
	target_start(&target, giant_live, giant);
	s = upper_of(target.pid, 0, 0);
	maps = proc_maps(target.pid, "maps");
	free(kwalk(target.pid, maps, count_entry, &entries));
	EXPECT_EQ(entries, s->nr_upper);
	if (kernel_levels() > 2)
		EXPECT_LE(10, s->end->holds);
	EXPECT_FALSE(s->end->flags & MMSCOPE_END_CHANGED);
	stream_free(s);
	proc_maps_free(maps);
	target_stop(&target);
}

#define NR_IN_ROW	512

/* Each page needs a table of its own. */
static void make_row(void *arg, int step)
{
	char **row = arg;
	size_t i, size = NR_IN_ROW * HUGE;

	*row = target_map(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(*row, size, MADV_NOHUGEPAGE);
	for (i = 0; i < NR_IN_ROW; i++)
		(*row)[i * HUGE] = 1;
}

/* More entries in a slice than fit into the first buffer of the module. */
TEST(fills_more_than_a_buffer)
{
	char **row = target_share(sizeof(*row));
	struct target target;
	size_t i, wrong = 0;
	struct stream *s;

	module_need();
	kernel_stand_still();
	target_start(&target, make_row, row);
	s = upper_of(target.pid, 0, 0);
	for (i = 0; i < NR_IN_ROW; i++)
		wrong += is_wrong_page(target.pid, s,
				       (unsigned long)*row + i * HUGE);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(NR_IN_ROW, s->nr_upper);
	stream_free(s);
	target_stop(&target);
}

TEST_HARNESS_MAIN
