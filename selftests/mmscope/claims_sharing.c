// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes share a frame, and who sees a write: fork(), the four kinds of
 * mapping, and shared memory. What mmscope shows is what pagemap has, and what the
 * processes read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "test.h"
#include "oracle/frames.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

#define RW	(PROT_READ | PROT_WRITE)

/* Bytes in memory: OLD is the first one of target_file(). */
enum { OLD = 1, NEW };

/* Steps of a peer. */
enum { LOOK, WRITE };

/**
 * struct eye - shared with another process
 * @at: where it has the page
 * @map: maps the page by @handle at another place than @at; NULL: it stays at @at
 * @handle: of a file or of shared memory
 * @saw: the byte that it read at the last step
 */
struct eye {
	volatile char *at;
	void *(*map)(int handle);
	int handle;
	char saw;
};

/* Another process that has a page. */
struct peer {
	struct target target;
	struct eye *eye;
};

/* While the mapping that came with fork() is there, the new one gets another address. */
static void map_again(struct eye *eye)
{
	void *old = (void *)eye->at;

	/* A mapping of its own breaks claims that both have the same memory. */
	eye->at = target_broken() ? target_map_alone(1, RW, MAP_PRIVATE, -1) :
				    eye->map(eye->handle);
	eye->map = NULL;
	if (munmap(old, PAGE))
		die("munmap: %s", strerror(errno));
}

static void peer_live(void *arg, int step)
{
	struct eye *eye = arg;

	if (eye->map)
		map_again(eye);
	/* A write at any step breaks claims about the time before it. */
	if (step == WRITE || target_broken())
		*eye->at = NEW;
	eye->saw = *eye->at;
}

/* Fork a process, which reads the page. */
static void peer_start(struct peer *peer, volatile char *at,
		       void *(*map)(int handle), int handle)
{
	peer->eye = target_share(sizeof(*peer->eye));
	*peer->eye = (struct eye){ .at = at, .map = map, .handle = handle };
	target_start(&peer->target, peer_live, peer->eye);
}

static char peer_sees(struct peer *peer)
{
	target_step(&peer->target, LOOK);
	return peer->eye->saw;
}

static void peer_writes(struct peer *peer)
{
	target_step(&peer->target, WRITE);
}

static struct view view_of_peer(const struct peer *peer)
{
	return view_of(peer->target.pid, peer->eye->at);
}

/* Do mmscope and maps show the mapping as one of that kind? */
static bool has_kind(const struct view *view, unsigned int kind)
{
	const bool shared = kind == MMSCOPE_SHARED_ANON || kind == MMSCOPE_SHARED_FILE;
	const unsigned long addr = (unsigned long)view->at;
	struct stream *s = stream_get(view->pid, MMSCOPE_PART_VMAS, addr, addr + 1);
	struct proc_maps *maps = proc_maps(view->pid, "maps");
	const struct proc_vma *vma = proc_vma_at(maps, addr);
	bool has = vma->perms[3] == (shared ? 's' : 'p') &&
		   !(s->vma[0]->perms & MMSCOPE_SHARED) == !shared &&
		   s->vma[0]->kind == kind && s->vma[0]->ino == vma->ino &&
		   !strcmp(vma_name(s->vma[0]), vma->name);

	if (!has)
		note("%d: %s %s; mmscope: kind %u, %s", view->pid, vma->perms,
		     vma->name, s->vma[0]->kind, vma_name(s->vma[0]));
	stream_free(s);
	proc_maps_free(maps);
	return has;
}

/* fork() */

FIXTURE(forked)
{
	volatile char *at;
	struct peer child[2];
	struct view view[3];
};

/* Write to a page, and fork two children. */
FIXTURE_SETUP(forked)
{
	int i;

	module_need();
	kernel_stand_still();
	self->at = target_map_alone(1, RW, MAP_PRIVATE, -1);
	*self->at = OLD;
	self->view[0] = view_of(getpid(), self->at);
	for (i = 0; i < 2; i++) {
		peer_start(&self->child[i], self->at, NULL, 0);
		self->view[i + 1] = view_of_peer(&self->child[i]);
	}
}

FIXTURE_TEARDOWN(forked)
{
	target_stop(&self->child[0].target);
	target_stop(&self->child[1].target);
}

/* No one has written since: all three have the same frame. */
TEST_F(forked, shares_frames)
{
	int i;

	EXPECT_EQ(0, frames_differ(self->view, 3));
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(self->view[i].anon);
		EXPECT_FALSE(self->view[i].alone);
		EXPECT_EQ(self->view[0].frame, self->view[i].frame);
	}
	EXPECT_NE(0, self->view[0].frame);
}

/* A child writes: it alone gets another frame, and sees what it wrote. */
TEST_F(forked, parts_where_a_child_writes)
{
	peer_writes(&self->child[0]);
	EXPECT_EQ(0, frames_differ(self->view, 3));
	EXPECT_NE(self->view[0].frame, self->view[1].frame);
	EXPECT_EQ(self->view[0].frame, self->view[2].frame);
	EXPECT_TRUE(self->view[1].alone);
	EXPECT_FALSE(self->view[0].alone);
	EXPECT_EQ(OLD, *self->at);
	EXPECT_EQ(NEW, peer_sees(&self->child[0]));
	EXPECT_EQ(OLD, peer_sees(&self->child[1]));
}

/* The parent writes: it gets another frame, and the children keep theirs. */
TEST_F(forked, parts_where_the_parent_writes)
{
	*self->at = NEW;
	EXPECT_EQ(0, frames_differ(self->view, 3));
	EXPECT_NE(self->view[0].frame, self->view[1].frame);
	EXPECT_EQ(self->view[1].frame, self->view[2].frame);
	EXPECT_TRUE(self->view[0].alone);
	EXPECT_FALSE(self->view[1].alone);
	EXPECT_EQ(NEW, *self->at);
	EXPECT_EQ(OLD, peer_sees(&self->child[0]));
	EXPECT_EQ(OLD, peer_sees(&self->child[1]));
}

/* The four kinds of mapping */

/* Shared instead of private, or the reverse, breaks what a write does. */
static void *map_page(int flags, int fd)
{
	if (target_broken())
		flags = flags == MAP_SHARED ? MAP_PRIVATE : MAP_SHARED;
	return target_map_alone(1, RW, flags, fd);
}

static void *map_shared(int fd)
{
	return map_page(MAP_SHARED, fd);
}

FIXTURE(mapping)
{
	char path[32];
	int fd;
	volatile char *at;
	struct peer child;
	struct peer other;
	struct view view[3];
	size_t nr;
};

FIXTURE_VARIANT(mapping)
{
	unsigned int kind;
	bool of_file;
	int flags;
};

FIXTURE_VARIANT_ADD(mapping, private_anonymous) {
	.kind = MMSCOPE_PRIVATE_ANON,
	.flags = MAP_PRIVATE,
};

FIXTURE_VARIANT_ADD(mapping, shared_anonymous) {
	.kind = MMSCOPE_SHARED_ANON,
	.flags = MAP_SHARED,
};

FIXTURE_VARIANT_ADD(mapping, private_file) {
	.kind = MMSCOPE_PRIVATE_FILE,
	.flags = MAP_PRIVATE,
	.of_file = true,
};

FIXTURE_VARIANT_ADD(mapping, shared_file) {
	.kind = MMSCOPE_SHARED_FILE,
	.flags = MAP_SHARED,
	.of_file = true,
};

/* A child has the mapping, too; another process maps the same file by itself. */
FIXTURE_SETUP(mapping)
{
	module_need();
	kernel_stand_still();
	strcpy(self->path, "/tmp/mmscope-XXXXXX");
	self->fd = -1;
	if (variant->of_file) {
		close(mkstemp(self->path));
		self->fd = target_file(self->path, PAGE);
	}
	self->at = map_page(variant->flags, self->fd);
	if (*self->at != OLD)
		*self->at = OLD;
	peer_start(&self->child, self->at, NULL, 0);
	self->view[self->nr++] = view_of(getpid(), self->at);
	self->view[self->nr++] = view_of_peer(&self->child);
	if (!variant->of_file)
		return;
	peer_start(&self->other, self->at, map_shared, self->fd);
	self->view[self->nr++] = view_of_peer(&self->other);
}

FIXTURE_TEARDOWN(mapping)
{
	target_stop(&self->child.target);
	if (!variant->of_file)
		return;
	target_stop(&self->other.target);
	unlink(self->path);
}

static char byte_of_file(int fd)
{
	char byte;

	if (pread(fd, &byte, 1, 0) != 1)
		die("pread: %s", strerror(errno));
	return byte;
}

/* mmscope shows the kind that mmap() was called with. */
TEST_F(mapping, has_its_kind)
{
	EXPECT_TRUE(has_kind(&self->view[0], variant->kind));
	EXPECT_TRUE(has_kind(&self->view[1], variant->kind));
	if (variant->of_file)
		EXPECT_TRUE(has_kind(&self->view[2], MMSCOPE_SHARED_FILE));
}

/* Before a write, all have the same frame, and see the same. */
TEST_F(mapping, is_shared_until_a_write)
{
	size_t i;

	EXPECT_EQ(0, frames_differ(self->view, self->nr));
	EXPECT_NE(0, self->view[0].frame);
	for (i = 1; i < self->nr; i++)
		EXPECT_EQ(self->view[0].frame, self->view[i].frame);
	EXPECT_EQ(OLD, *self->at);
	EXPECT_EQ(OLD, peer_sees(&self->child));
}

/*
 * The parent writes. To a shared mapping: all others see it, and the file changes.
 * To a private one: nobody does, because the parent gets an anonymous page.
 */
TEST_F(mapping, is_written_by_the_parent)
{
	const bool shared = variant->flags == MAP_SHARED;
	const char byte = shared ? NEW : OLD;

	*self->at = NEW;
	EXPECT_EQ(0, frames_differ(self->view, self->nr));
	EXPECT_EQ(!shared, self->view[0].anon);
	EXPECT_EQ(shared, self->view[0].frame == self->view[1].frame);
	EXPECT_EQ(byte, peer_sees(&self->child));
	EXPECT_EQ(NEW, *self->at);
	if (!variant->of_file)
		return;
	EXPECT_EQ(self->view[1].frame, self->view[2].frame);
	EXPECT_EQ(byte, peer_sees(&self->other));
	EXPECT_EQ(byte, byte_of_file(self->fd));
}

/* The same for a write of the child. */
TEST_F(mapping, is_written_by_the_child)
{
	const bool shared = variant->flags == MAP_SHARED;
	const char byte = shared ? NEW : OLD;

	peer_writes(&self->child);
	EXPECT_EQ(0, frames_differ(self->view, self->nr));
	EXPECT_EQ(!shared, self->view[1].anon);
	EXPECT_EQ(shared, self->view[1].frame == self->view[0].frame);
	EXPECT_EQ(byte, *self->at);
	EXPECT_EQ(NEW, peer_sees(&self->child));
	if (!variant->of_file)
		return;
	EXPECT_EQ(self->view[0].frame, self->view[2].frame);
	EXPECT_EQ(byte, peer_sees(&self->other));
	EXPECT_EQ(byte, byte_of_file(self->fd));
}

/*
 * Anonymous shared memory: a page that exists since the child touched it, after
 * fork(), is one of the parent, too.
 */
TEST(anonymous_shared_memory_survives_fork)
{
	volatile char *at = map_shared(-1);
	struct view view[2];
	struct peer child;

	module_need();
	kernel_stand_still();
	peer_start(&child, at, NULL, 0);
	view[0] = view_of(getpid(), at);
	view[1] = view_of_peer(&child);
	EXPECT_EQ(0, frames_differ(view, 2));
	EXPECT_EQ(0, view[0].frame);
	EXPECT_NE(0, view[1].frame);
	peer_writes(&child);
	EXPECT_EQ(NEW, *at);
	EXPECT_EQ(0, frames_differ(view, 2));
	EXPECT_EQ(view[0].frame, view[1].frame);
	EXPECT_FALSE(view[0].anon);
	EXPECT_TRUE(has_kind(&view[0], MMSCOPE_SHARED_ANON));
	EXPECT_TRUE(has_kind(&view[1], MMSCOPE_SHARED_ANON));
	target_stop(&child.target);
}

/* Shared memory with a name or a descriptor */

#define SHM_NAME	"/mmscope-claims"

static int make_sysv(void)
{
	return shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
}

static void *map_sysv(int id)
{
	void *p = shmat(id, NULL, 0);

	if (p == (void *)-1)
		die("shmat: %s", strerror(errno));
	return p;
}

static int make_posix(void)
{
	int fd = shm_open(SHM_NAME, O_RDWR | O_CREAT, 0600);

	return ftruncate(fd, PAGE) ? -1 : fd;
}

/* Not the descriptor that came with fork(): any process can open it by name. */
static void *map_posix(int unused)
{
	int fd = shm_open(SHM_NAME, O_RDWR, 0);
	void *p = map_shared(fd);

	close(fd);
	return p;
}

static int make_memfd(void)
{
	int fd = memfd_create("mmscope-claims", 0);

	return ftruncate(fd, PAGE) ? -1 : fd;
}

FIXTURE(memory)
{
	int handle;
	volatile char *at;
	struct peer peer;
	struct view view[2];
};

FIXTURE_VARIANT(memory)
{
	int (*make)(void);
	void *(*map)(int handle);
	unsigned int kind;
};

FIXTURE_VARIANT_ADD(memory, sysv) {
	.make = make_sysv,
	.map = map_sysv,
	.kind = MMSCOPE_SHARED_ANON,
};

FIXTURE_VARIANT_ADD(memory, posix) {
	.make = make_posix,
	.map = map_posix,
	.kind = MMSCOPE_SHARED_FILE,
};

FIXTURE_VARIANT_ADD(memory, memfd) {
	.make = make_memfd,
	.map = map_shared,
	.kind = MMSCOPE_SHARED_FILE,
};

FIXTURE_SETUP(memory)
{
	module_need();
	kernel_stand_still();
	self->handle = variant->make();
	ASSERT_LE(0, self->handle);
	self->at = variant->map(self->handle);
	*self->at = OLD;
	peer_start(&self->peer, self->at, variant->map, self->handle);
	self->view[0] = view_of(getpid(), self->at);
	self->view[1] = view_of_peer(&self->peer);
}

FIXTURE_TEARDOWN(memory)
{
	target_stop(&self->peer.target);
	if (variant->make == make_sysv)
		shmctl(self->handle, IPC_RMID, NULL);
	shm_unlink(SHM_NAME);
}

/*
 * Two processes have it at two addresses: these have the same frame, in which each
 * sees what the other wrote.
 */
TEST_F(memory, has_one_frame_at_two_addresses)
{
	EXPECT_EQ(OLD, self->peer.eye->saw);
	EXPECT_NE(self->view[0].at, self->view[1].at);
	EXPECT_EQ(0, frames_differ(self->view, 2));
	EXPECT_NE(0, self->view[0].frame);
	EXPECT_EQ(self->view[0].frame, self->view[1].frame);
	EXPECT_FALSE(self->view[0].alone);
	EXPECT_TRUE(has_kind(&self->view[0], variant->kind));
	EXPECT_TRUE(has_kind(&self->view[1], variant->kind));
	*self->at = NEW;
	EXPECT_EQ(NEW, peer_sees(&self->peer));
	*self->at = OLD;
	peer_writes(&self->peer);
	EXPECT_EQ(NEW, *self->at);
}

TEST_HARNESS_MAIN
