// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files on persistent memory, mapped without page cache. The machine needs some
 * (memmap=SIZE!START on the command line), whose content is lost.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "stream/runs.h"
#include "oracle/smaps.h"
#include "stream/read.h"
#include "target/target.h"

#define DEVICE	"/dev/pmem0"
#define FOLDER	"/tmp/mmscope-dax"
#define SIZE	(16 * MIB)

struct dax {
	bool written;		/* else a hole is read */
	size_t size;
	char *start;
};

/* Extents that begin where a huge entry can. */
#define MKFS	"mke2fs -q -F -t ext4 -b 4096 -O ^has_journal " \
		"-E stride=512,stripe_width=512 " DEVICE

/* Return: why there is no such file system, or NULL. */
static const char *mount_dax(void)
{
	int i;

	if (!file_has_word("/proc/iomem", "Persistent"))
		return "there is no persistent memory";
	if (system("modprobe -q nd_e820; modprobe -q nd_pmem") < 0)
		return "no shell";
	for (i = 0; i < 600 && access(DEVICE, W_OK); i++)
		usleep(100000);
	if (access(DEVICE, W_OK))
		return "there is no driver for persistent memory";
	mkdir(FOLDER, 0700);
	if (system(MKFS))
		die("no file system can be made on " DEVICE);
	if (mount(DEVICE, FOLDER, "ext4", 0, "dax=always"))
		die("no mount with dax=always");
	return NULL;
}

static void map_dax(void *arg, int step)
{
	struct dax *dax = arg;
	int fd = open(FOLDER "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	size_t i;

	if (fd < 0 || (dax->written ? posix_fallocate(fd, 0, dax->size) :
				      ftruncate(fd, dax->size)))
		die("no file on " DEVICE);
	/* Room in front of it, for it to begin where a huge entry can. */
	dax->start = target_map(NULL, dax->size + HUGE, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1);
	dax->start = (char *)(((unsigned long)dax->start + HUGE - 1) & -HUGE);
	target_map(dax->start, dax->size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED, fd);
	for (i = 0; i < dax->size; i += dax->size < HUGE ? PAGE : HUGE) {
		if (dax->written)
			target_touch(dax->start + i, 1);
		else
			target_look(dax->start + i, 1);
	}
	close(fd);
}

FIXTURE(dax)
{
	struct dax *dax;
	struct target target;
	const char *skip;
};

FIXTURE_SETUP(dax)
{
	module_need();
	kernel_stand_still();
	self->dax = target_share(sizeof(*self->dax));
	self->skip = mount_dax();
}

FIXTURE_TEARDOWN(dax)
{
	if (self->dax->start)
		target_stop(&self->target);
	umount(FOLDER);
}

static struct mmscope_residency start_dax(struct dax *dax,
					  struct target *target)
{
	target_start(target, map_dax, dax);
	return residency_in(target->pid, (unsigned long)dax->start,
			    (unsigned long)dax->start + PAGE);
}

static __u64 pages_counted(const struct mmscope_residency *r)
{
	return r->pte + r->pmd + r->pud;
}

static __u64 smaps_of(pid_t pid, const char *start, const char *line)
{
	struct proc_maps *maps = proc_maps(pid, "smaps");
	__u64 kb = smaps_kb(proc_vma_at(maps, (unsigned long)start), line);

	proc_maps_free(maps);
	return kb;
}

/* Until 6.16 the kernel counts no page of DAX, later all of them. */
TEST_F(dax, written_file_is_counted_as_in_smaps)
{
	struct mmscope_residency r;

	if (self->skip)
		SKIP(return, "%s", self->skip);
	self->dax->size = SIZE;
	self->dax->written = true;
	r = start_dax(self->dax, &self->target);
	EXPECT_EQ(SIZE / PAGE, pages_counted(&r) + r.special);
	/* Before 6.6, smaps counted one page of each huge entry, but the mm none. */
	if (!kernel_since(6, 6)) {
		EXPECT_EQ(0, pages_counted(&r));
		EXPECT_GT(SIZE / KIB, proc_status(self->target.pid, "RssFile"));
		return;
	}
	EXPECT_EQ(smaps_of(self->target.pid, self->dax->start, "Rss"),
		  pages_counted(&r) * PAGE / KIB);
	EXPECT_EQ(smaps_of(self->target.pid, self->dax->start, "Pss"),
		  r.pss_bytes / KIB);
	/* smaps has no line for huge entries of such a file. */
	if (!r.pmd)
		EXPECT_EQ(0, smaps_compare(self->target.pid));
}

TEST_F(dax, small_pages_are_counted_as_in_smaps)
{
	struct mmscope_residency r;

	if (self->skip)
		SKIP(return, "%s", self->skip);
	self->dax->size = 3 * PAGE;
	self->dax->written = true;
	r = start_dax(self->dax, &self->target);
	EXPECT_EQ(3, r.pte + r.special);
	EXPECT_EQ(smaps_of(self->target.pid, self->dax->start, "Rss"),
		  r.pte * PAGE / KIB);
	EXPECT_EQ(0, smaps_compare(self->target.pid));
}

/* Holes that are read get the huge page of zeroes, in a file mapping. */
TEST_F(dax, hole_is_the_page_of_zeroes)
{
	struct mmscope_residency r;
	struct stream *s;
	size_t i;

	if (self->skip)
		SKIP(return, "%s", self->skip);
	self->dax->size = SIZE;
	r = start_dax(self->dax, &self->target);
	EXPECT_EQ(SIZE / PAGE, r.zero);
	EXPECT_EQ(0, pages_counted(&r));
	EXPECT_EQ(0, smaps_of(self->target.pid, self->dax->start, "Rss"));
	EXPECT_EQ(0, smaps_compare(self->target.pid));
	s = stream_of((struct mmscope_query){
		.pid = self->target.pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = (unsigned long)self->dax->start,
		.end = (unsigned long)self->dax->start + SIZE,
	});
	EXPECT_LT(0, s->nr_runs);
	for (i = 0; i < s->nr_runs; i++) {
		EXPECT_EQ(MMSCOPE_ZERO, s->run[i].kind);
		EXPECT_EQ(MMSCOPE_PMD, s->run[i].level);
		EXPECT_TRUE(kpage_flags(s->run[i].frame) & KPF_ZERO_PAGE);
		EXPECT_TRUE(s->run[i].page & KPF_ZERO_PAGE);
		EXPECT_FALSE(s->run[i].page & MMSCOPE_PAGE_EXCLUSIVE);
	}
	stream_free(s);
}

TEST_HARNESS_MAIN
