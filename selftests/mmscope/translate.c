// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translations of addresses that have a page, compared with /proc/PID/pagemap,
 * maps and the page tables in /proc/kcore.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "oracle/walks.h"
#include "stream/read.h"
#include "target/places.h"
#include "target/target.h"

FIXTURE(translate)
{
	struct places *places;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(translate)
{
	module_need();
	kernel_stand_still();
	self->places = target_share(sizeof(*self->places));
	target_start(&self->target, make_places, self->places);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(translate)
{
	target_stop(&self->target);
}

/* Translate addresses at several offsets in pages that were written to. */
TEST_F(translate, finds_small_pages)
{
	__u64 start = (unsigned long)self->places->small;
	int i;

	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, walk_wrong_page(self->pid, start + i * (PAGE + 1),
					     MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, walk_wrong_page(self->pid, start + 8 * PAGE - 1,
				     MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, walk_wrong_page(self->pid, (unsigned long)self->places->distant,
				     MMSCOPE_PRESENT, MMSCOPE_PTE));
}

/* Translate pages that were only read. */
TEST_F(translate, finds_the_zero_page)
{
	__u64 start = (unsigned long)self->places->small;
	__u64 frame = PM_FRAME(proc_page(self->pid, start + 9 * PAGE));

	ASSERT_TRUE(kpage_flags(frame) & KPF_ZERO_PAGE);
	EXPECT_EQ(0, walk_wrong_page(self->pid, start + 8 * PAGE, MMSCOPE_ZERO,
				     MMSCOPE_PTE));
	EXPECT_EQ(0, walk_wrong_page(self->pid, start + 11 * PAGE + 77, MMSCOPE_ZERO,
				     MMSCOPE_PTE));
}

/* Translate pages that mprotect(PROT_NONE) made inaccessible. */
TEST_F(translate, finds_pages_without_permission)
{
	__u64 start = (unsigned long)self->places->denied;

	EXPECT_EQ(0, walk_wrong_page(self->pid, start, MMSCOPE_PROTNONE, MMSCOPE_PTE));
	EXPECT_EQ(0, walk_wrong_page(self->pid, start + 3 * PAGE + 5,
				     MMSCOPE_PROTNONE, MMSCOPE_PTE));
}

/* Translate a page of shared anonymous memory. */
TEST_F(translate, finds_shared_pages)
{
	EXPECT_EQ(0, walk_wrong_page(self->pid,
				     (unsigned long)self->places->shared + 2 * PAGE,
				MMSCOPE_PRESENT, MMSCOPE_PTE));
}

static size_t wrong_huge_page(pid_t pid, char *start, unsigned long size)
{
	const unsigned long offset[] = {
		0, 1, PAGE - 1, PAGE, 17 * PAGE + 77, size / 2, size - PAGE,
		size - 1,
	};
	/* The default size of hugetlb may be that of a contiguous block of PTEs. */
	unsigned int level = size < HUGE ? MMSCOPE_PTE : kernel_huge_level();
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(offset); i++)
		wrong += walk_wrong_page(pid, (unsigned long)start + offset[i],
					 MMSCOPE_PRESENT, level);
	return wrong;
}

/* Translate addresses at the bounds and inside of a huge page. */
TEST_F(translate, finds_transparent_huge_pages)
{
	if (!kernel_has_thp())
		SKIP(return, LACKS_THP);
	if (!self->places->thp)
		SKIP(return, "the kernel allocated no huge page");
	EXPECT_EQ(0, wrong_huge_page(self->pid, self->places->thp, HUGE));
}

/* A target with a huge page of which a child has unmapped the first half. */
static void share_half(void *arg, int step)
{
	struct places *places = arg;
	pid_t parent = getpid();
	int done[2];
	char c = 0;

	places->thp = place_thp();
	if (!places->thp)
		return;
	if (pipe(done))
		die("cannot make a pipe");
	if (!fork()) {
		die_with(parent);
		if (madvise(places->thp, HUGE / 2, MADV_DONTNEED) ||
		    write(done[1], &c, 1) != 1)
			_exit(1);
		pause();
	}
	close(done[1]);
	if (read(done[0], &c, 1) != 1)
		die("the child could not unmap its half");
}

/*
 * A huge page is shared with a child, which unmaps the first half. The page facts
 * of a walk are those of the small page at the address: in the first half it is
 * mapped once, in the second half twice.
 */
TEST(facts_are_of_the_page_at_the_address)
{
	const unsigned long offset[] = {
		0, HUGE / 2 - PAGE, HUGE / 2, HUGE - PAGE,
	};
	struct places *places = target_share(sizeof(*places));
	struct target target;
	size_t i;

	module_need();
	target_start(&target, share_half, places);
	if (!kernel_has_thp())
		SKIP(return, LACKS_THP);
	if (!places->thp)
		SKIP(return, "the kernel allocated no huge page");
	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		struct stream *s = walk_of(target.pid, (unsigned long)places->thp +
					offset[i]);

		EXPECT_EQ(HUGE, 1UL << s->walk->page_shift);
		EXPECT_EQ(kpage_count(s->walk->frame) > 1,
			  !!(s->walk->page & MMSCOPE_PAGE_SHARED));
		stream_free(s);
	}
	target_stop(&target);
}

/* Translate addresses at the bounds and inside of a page of hugetlb. */
TEST_F(translate, finds_pages_of_hugetlb)
{
	if (!self->places->hugetlb)
		SKIP(return, "no hugetlb page could be reserved");
	EXPECT_EQ(0, wrong_huge_page(self->pid, self->places->hugetlb,
				     kernel_hugetlb_size()));
}

/* Translate every page of every mapping that pagemap does not skip. */
TEST_F(translate, finds_every_page)
{
	struct proc_maps *maps = proc_maps(self->pid, "smaps");
	size_t i, wrong = 0, pages = 0;

	for (i = 0; i < maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		__u64 addr;

		if (smaps_flag(vma, "pf") || vma->end - vma->start > 1024 * PAGE)
			continue;
		for (addr = vma->start; addr < vma->end; addr += PAGE) {
			__u64 entry, phys;
			struct stream *s = walk_still(self->pid, addr, &entry);

			phys = entry & PM_PRESENT ? PM_FRAME(entry) * PAGE : 0;
			pages++;
			wrong += walk_wrong_steps(s);
			if (s->walk->phys != phys) {
				note("%llx: phys %llx, pagemap %llx", addr,
				     s->walk->phys, entry);
				wrong++;
			}
			stream_free(s);
		}
	}
	EXPECT_LT(100, pages);
	EXPECT_EQ(0, wrong);
	proc_maps_free(maps);
}

/* Translate the start of every mapping: the first table is always mm->pgd. */
TEST_F(translate, begins_at_pgd)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	struct stream *mm = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	size_t i;

	ASSERT_TRUE(mm->task->flags & MMSCOPE_TASK_ADDRESSES);
	for (i = 0; i < maps->nr; i++) {
		struct stream *s = walk_of(self->pid, maps->vma[i].start);
		const struct mmscope_step *top = walk_step(s->walk, 0);

		EXPECT_EQ(MMSCOPE_PGD, top->level);
		EXPECT_EQ(mm->mm->pgd, kcore_map(top->table));
		EXPECT_EQ(top->raw, kcore_virt(mm->mm->pgd + 8 * top->index));
		stream_free(s);
	}
	stream_free(mm);
	proc_maps_free(maps);
}

/* Translate the last byte of every mapping: its VMA is in the stream. */
TEST_F(translate, brings_the_vma)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		struct stream *s = walk_of(self->pid, maps->vma[i].end - 1);

		ASSERT_EQ(1, s->nr_vmas);
		EXPECT_EQ(maps->vma[i].start, s->vma[0]->start);
		EXPECT_EQ(maps->vma[i].end, s->vma[0]->end);
		EXPECT_EQ(1, s->end->vmas);
		stream_free(s);
	}
	proc_maps_free(maps);
}

TEST_HARNESS_MAIN
