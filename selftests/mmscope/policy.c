// SPDX-License-Identifier: GPL-2.0-only
/* NUMA policies of VMAs, compared with numa_maps and the arguments of mbind(). */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB		4U
#endif

#define WEIGHTED_INTERLEAVE	6

#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(policy)
{
	void **start;
	struct target target;
	bool impossible;
};

FIXTURE_VARIANT(policy)
{
	int mode;
	unsigned long nodes;
	bool may_lack;		/* older kernels lack it */
};

FIXTURE_VARIANT_ADD(policy, bind) {
	.mode = MPOL_BIND,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, preferred) {
	.mode = MPOL_PREFERRED,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, interleave) {
	.mode = MPOL_INTERLEAVE,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, local) {
	.mode = MPOL_LOCAL,
};

FIXTURE_VARIANT_ADD(policy, preferred_many) {
	.mode = 5,
	.nodes = 1,
	.may_lack = true,
};

FIXTURE_VARIANT_ADD(policy, weighted_interleave) {
	.mode = WEIGHTED_INTERLEAVE,
	.nodes = 1,
	.may_lack = true,
};

FIXTURE_VARIANT_ADD(policy, none) {
	.mode = MPOL_DEFAULT,
};

struct binding {
	void **start;
	int mode;
	unsigned long nodes;
};

/* mbind() without libnuma. */
static void bind_memory(void *arg, int step)
{
	struct binding *binding = arg;
	void *p = target_map_alone(4, RW, MAP_PRIVATE, -1);

	if (syscall(SYS_mbind, p, 4 * PAGE, binding->mode,
		    binding->nodes ? &binding->nodes : NULL,
		    binding->nodes ? 65 : 0, 0))
		p = NULL;
	*binding->start = p;
}

FIXTURE_SETUP(policy)
{
	struct binding binding = {
		.mode = variant->mode,
		.nodes = variant->nodes,
	};

	module_need();
	self->start = target_share(sizeof(*self->start));
	binding.start = self->start;
	target_start(&self->target, bind_memory, &binding);
	self->impossible = !*self->start && variant->may_lack;
}

FIXTURE_TEARDOWN(policy)
{
	target_stop(&self->target);
}

/* The policy in the line of numa_maps that begins with the address. */
static void numa_policy(pid_t pid, void *start, char *policy)
{
	char *text = proc_read(pid, "numa_maps", NULL);
	char *line, *next = text;
	char want[32];

	*policy = '\0';
	snprintf(want, sizeof(want), "%lx ", (unsigned long)start);
	while ((line = strsep(&next, "\n"))) {
		size_t len = strlen(want);

		if (strncmp(line, want, len))
			continue;
		/* "prefer (many):0" has a blank in its name. */
		snprintf(policy, 64, "%.*s",
			 (int)(strcspn(line + len, ":") == strlen(line + len) ?
			       strcspn(line + len, " ") :
			       strcspn(line + len, ":") + 2), line + len);
		if (!strncmp(policy, "default", 7) || !strncmp(policy, "local", 5))
			policy[strcspn(policy, " ")] = '\0';
	}
	free(text);
	if (!*policy)
		die("no %sin numa_maps", want);
}

/* Does our name have every word of the kernel's name? */
static bool same_words(const char *ours, const char *kernels)
{
	char words[64], *word, *next = words;

	strcpy(words, kernels);
	words[strcspn(words, ":=")] = '\0';
	while ((word = strsep(&next, " ()-")))
		if (*word && !strstr(ours, word))
			return false;
	return true;
}

/* A target binds a mapping: the VMA has that policy and nodes, and its name. */
TEST_F(policy, is_that_of_mbind)
{
	const struct mmscope_vma *vma;
	char policy[80];
	struct stream *s;
	const char *name;

	if (self->impossible)
		SKIP(return, "this kernel lacks that policy");
	ASSERT_NE(NULL, *self->start);
	s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	vma = vma_at(s, (unsigned long)*self->start);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ(variant->mode, vma->policy);
	EXPECT_EQ(variant->nodes, vma->policy_nodes);

	numa_policy(self->target.pid, *self->start, policy);
	name = name_of(s, MMSCOPE_NAMES_POLICIES, vma->policy);
	ASSERT_NE(NULL, name);
	EXPECT_TRUE(same_words(name, policy)) {
		note("numa_maps: %s; stream: %s", policy, name);
	}
	EXPECT_EQ(0, text_compare(self->target.pid, "vmas"));
	stream_free(s);
}

/* All other mappings of that target have no policy. */
TEST_F(policy, is_not_that_of_other_vmas)
{
	struct stream *s;
	size_t i;

	if (self->impossible)
		SKIP(return, "this kernel lacks that policy");
	s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	for (i = 0; i < s->nr_vmas; i++) {
		char policy[80];
		void *start = (void *)(unsigned long)s->vma[i]->start;

		if (start == *self->start)
			continue;
		EXPECT_EQ(0, s->vma[i]->policy);
		EXPECT_EQ(0, s->vma[i]->policy_nodes);
		numa_policy(self->target.pid, start, policy);
		EXPECT_STREQ("default", policy);
	}
	stream_free(s);
}

/* Memory that several processes map, and of which some set policies */

#define SHARED_PAGES	8

/* What is mapped: a file, or SysV memory. */
enum { MEMFD, SHM, SYSV, ANON, TMPFS_WITH_POLICY, HUGETLB };

FIXTURE(shared)
{
	char *start;
	size_t size;
	char dir[32];
	int fd;
	struct target target[3];
};

FIXTURE_VARIANT(shared)
{
	int memory;
	int flags;
	bool of_file;			/* the policy is the file's */
};

FIXTURE_VARIANT_ADD(shared, memfd) {
	.memory = MEMFD,
	.flags = MAP_SHARED,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, memfd_private) {
	.memory = MEMFD,
	.flags = MAP_PRIVATE,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, shm) {
	.memory = SHM,
	.flags = MAP_SHARED,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, sysv) {
	.memory = SYSV,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, anon) {
	.memory = ANON,
	.flags = MAP_SHARED | MAP_ANONYMOUS,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, tmpfs_with_policy) {
	.memory = TMPFS_WITH_POLICY,
	.flags = MAP_SHARED,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(shared, hugetlb) {
	.memory = HUGETLB,
	.flags = MAP_SHARED,
};

/* A tmpfs whose files have a policy from the start. */
static int file_of_mount(char *dir)
{
	char path[64];

	strcpy(dir, "/tmp/mmscope-XXXXXX");
	if (!mkdtemp(dir) || mount("tmpfs", dir, "tmpfs", 0, "mpol=bind:0"))
		die("mount %s: %s", dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/file", dir);
	return target_file(path, SHARED_PAGES * PAGE);
}

static int file_of(int memory, size_t size, char *dir)
{
	int fd = -1;

	if (memory == MEMFD)
		fd = memfd_create("shared", 0);
	else if (memory == HUGETLB)
		fd = memfd_create("shared", MFD_HUGETLB);
	else if (memory == SHM)
		fd = shm_open("/mmscope-policy", O_RDWR | O_CREAT, 0600);
	else if (memory == TMPFS_WITH_POLICY)
		return file_of_mount(dir);
	else
		return -1;
	if (fd < 0 || ftruncate(fd, size))
		die("cannot make a file: %s", strerror(errno));
	return fd;
}

static void *attach_sysv(size_t size)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	void *p = shmat(id, NULL, 0);

	if (p == (void *)-1)
		die("shmat: %s", strerror(errno));
	shmctl(id, IPC_RMID, NULL);
	return p;
}

struct wish {
	char *start;
	size_t size;
	int mode;
};

static void set_policy(void *arg, int step)
{
	struct wish *wish = arg;
	unsigned long nodes = 1;

	if (wish->mode && syscall(SYS_mbind, wish->start, wish->size,
				  wish->mode, &nodes, 65, 0))
		die("mbind: %s", strerror(errno));
}

FIXTURE_SETUP(shared)
{
	module_need();
	self->size = variant->memory == HUGETLB ? kernel_hugetlb_size() :
						   SHARED_PAGES * PAGE;
	if (variant->memory == HUGETLB &&
	    file_number("/proc/sys/vm/nr_hugepages", 0) < 2)
		file_write("/proc/sys/vm/nr_hugepages", "2");
	self->fd = file_of(variant->memory, self->size, self->dir);
	self->start = variant->memory == SYSV ? attach_sysv(self->size) :
		mmap(NULL, self->size, RW, variant->flags, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->start);
}

FIXTURE_TEARDOWN(shared)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(self->target); i++)
		target_stop(&self->target[i]);
	munmap(self->start, self->size);
	close(self->fd);
	shm_unlink("/mmscope-policy");
	if (*self->dir) {
		umount2(self->dir, MNT_DETACH);
		rmdir(self->dir);
	}
}

/* Is the policy of the mapping at @start that of numa_maps? */
static bool as_in_numa_maps(pid_t pid, void *start, unsigned int mode)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, 0, 0);
	const struct mmscope_vma *vma = vma_at(s, (unsigned long)start);
	const char *name = name_of(s, MMSCOPE_NAMES_POLICIES, vma->policy);
	char policy[80];
	bool same;

	numa_policy(pid, start, policy);
	same = vma->policy == mode && same_words(name, policy) &&
	       vma->policy_nodes == !!mode;
	if (!same)
		note("numa_maps: %s; stream: %s, nodes %llx; set: %u", policy,
		     name, vma->policy_nodes, mode);
	stream_free(s);
	return same;
}

/*
 * Three processes map the same memory. One binds it, then another interleaves
 * it, and the third one sets nothing.
 */
TEST_F(shared, is_the_one_in_force)
{
	static const int modes[] = { MPOL_BIND, MPOL_INTERLEAVE, 0 };
	struct wish wish = { .start = self->start, .size = self->size };
	int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		wish.mode = modes[i];
		target_start(&self->target[i], set_policy, &wish);
	}
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		EXPECT_TRUE(as_in_numa_maps(self->target[i].pid, self->start,
					    variant->of_file ? MPOL_INTERLEAVE :
							       modes[i])) {
			note("process %d", i);
		}
}

/* Nobody but the file system has set a policy, or nobody at all. */
TEST_F(shared, is_that_of_the_file_system)
{
	struct wish wish = { .start = self->start, .size = self->size };

	target_start(&self->target[0], set_policy, &wish);
	EXPECT_TRUE(as_in_numa_maps(self->target[0].pid, self->start,
				    variant->memory == TMPFS_WITH_POLICY ?
				    MPOL_BIND : 0));
}

/* One process binds the second half: mappings that begin there have that policy. */
TEST(policy_by_offset)
{
	const size_t half = SHARED_PAGES / 2 * PAGE;
	int fd = memfd_create("halves", 0);
	struct target target, other;
	struct wish wish = { .size = half, .mode = MPOL_BIND };
	char *all, *second;

	module_need();
	ASSERT_EQ(0, ftruncate(fd, 2 * half));
	all = target_map_alone(SHARED_PAGES, RW, MAP_SHARED, fd);
	second = mmap(NULL, half, RW, MAP_SHARED, fd, half);
	ASSERT_NE(MAP_FAILED, second);
	wish.start = second;
	target_start(&target, set_policy, &wish);
	wish.mode = 0;
	target_start(&other, set_policy, &wish);

	EXPECT_TRUE(as_in_numa_maps(other.pid, all, 0));
	EXPECT_TRUE(as_in_numa_maps(other.pid, second, MPOL_BIND));
	EXPECT_TRUE(as_in_numa_maps(target.pid, all, 0));
	EXPECT_TRUE(as_in_numa_maps(target.pid, second, MPOL_BIND));
	EXPECT_EQ(0, text_compare(other.pid, "vmas"));
	target_stop(&target);
	target_stop(&other);
}

TEST_HARNESS_MAIN
