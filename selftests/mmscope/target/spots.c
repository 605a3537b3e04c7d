// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/places.h"
#include "target/spots.h"
#include "target/target.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif

#define RW	(PROT_READ | PROT_WRITE)

/* Pages of this program: they begin and end with others of their kind. */
#define LARGEST_PAGE	(64 * KIB)

/* To the next mapping. */
#define HEAP_PAGES	50

static char data[3 * LARGEST_PAGE] = { 1 };
static char bss[3 * LARGEST_PAGE];

static struct spot *add(struct spots *spots, const char *name, void *addr)
{
	struct spot *spot = &spots->spot[spots->nr++];

	if (spots->nr > MAX_SPOTS)
		die("too many spots");
	snprintf(spot->name, sizeof(spot->name), "%s", name);
	spot->addr = addr;
	return spot;
}

static void fill(char *page)
{
	memset(page, SPOT_BEFORE, PAGE);
}

/* A small page between two unmapped ones. */
static char *map(int prot, int flags, int fd)
{
	char *p = target_map_alone(1, prot, flags, fd);

	madvise(p, PAGE, MADV_NOHUGEPAGE);
	return p;
}

static char *map_filled(int flags)
{
	char *p = map(RW, flags, -1);

	fill(p);
	return p;
}

/* Files */

static int new_file(size_t pages)
{
	char path[] = "/tmp/mmscope-XXXXXX", *page = malloc(PAGE);
	int fd = mkstemp(path);

	memset(page, SPOT_BEFORE, PAGE);
	while (fd >= 0 && pages--)
		if (write(fd, page, PAGE) != PAGE)
			die("cannot write %s: %s", path, strerror(errno));
	/* Clean pages: a file system has to learn of the next write. */
	if (fd < 0 || fsync(fd))
		die("cannot make %s: %s", path, strerror(errno));
	unlink(path);
	free(page);
	return fd;
}

enum { UNTOUCHED, READ, WRITTEN, PAST_END, FILE_PAGES };

static char *map_file(int flags, int fd, off_t offset)
{
	char *p = map(PROT_NONE, MAP_PRIVATE, -1);

	if (mmap(p, PAGE, RW, flags | MAP_FIXED, fd, offset) == MAP_FAILED)
		die("cannot map a file: %s", strerror(errno));
	return p;
}

/*
 * The pages of a file, and one after its end. A read fault also maps pages nearby, but
 * only those of the same mapping: so each has its own.
 */
static void add_file(struct spots *spots, const char *const *names, int flags,
		     int fd)
{
	int i;

	if (ftruncate(fd, PAST_END * PAGE))
		die("ftruncate: %s", strerror(errno));
	for (i = 0; i < FILE_PAGES; i++) {
		struct spot *spot = add(spots, names[i],
					map_file(flags, fd, i * PAGE));

		spot->fd = fd;
		spot->offset = i * PAGE;
		spot->witnessed = true;
		spot->past_end = i == PAST_END;
		if (i == READ)
			target_look(spot->addr, PAGE);
		if (i == WRITTEN)
			fill(spot->addr);
	}
}

static void add_files(struct spots *spots)
{
	static const char *const shared[] = {
		"shared file", "shared file, read", "shared file, written",
		"shared file, after its end",
	};
	static const char *const private[] = {
		"private file", "private file, read", "private file, written",
		"private file, after its end",
	};
	static const char *const memfd[] = {
		"memfd", "memfd, read", "memfd, written",
		"memfd, after its end",
	};
	struct spot *spot;
	int fd;

	add_file(spots, shared, MAP_SHARED, new_file(FILE_PAGES));
	add_file(spots, private, MAP_PRIVATE, new_file(FILE_PAGES));
	fd = memfd_create("spots", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, FILE_PAGES * PAGE))
		die("memfd_create: %s", strerror(errno));
	add_file(spots, memfd, MAP_SHARED, fd);
	fd = new_file(1);
	spot = add(spots, "read-only file", map(PROT_READ, MAP_SHARED, fd));
	spot->fd = fd;
}

/* Shared memory */

static void add_shared(struct spots *spots)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *p = id < 0 ? (char *)-1 : shmat(id, NULL, 0);

	add(spots, "shared anonymous, untouched",
	    map(RW, MAP_SHARED, -1))->witnessed = true;
	add(spots, "shared anonymous", map_filled(MAP_SHARED))->witnessed = true;
	if (p == (char *)-1)
		die("SysV shared memory: %s", strerror(errno));
	shmctl(id, IPC_RMID, NULL);
	fill(p);
	add(spots, "SysV", p)->witnessed = true;
}

/* Memory that was or is shared since fork() */

static pid_t fork_child(bool stay)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		die_with(parent);
		while (stay)
			pause();
		_exit(0);
	}
	if (!stay)
		waitpid(pid, NULL, 0);
	return pid;
}

static void add_thp(struct spots *spots, const char *name, bool witnessed)
{
	char *p = kernel_has_thp() ? place_thp() : NULL;
	struct spot *spot = add(spots, name, p);

	if (!p) {
		strcpy(spot->missing, "no transparent huge page");
		return;
	}
	memset(p, SPOT_BEFORE, HUGE);
	spot->witnessed = witnessed;
}

static void add_forked(struct spots *spots)
{
	add(spots, "shared since fork", map_filled(MAP_PRIVATE))->witnessed =
		true;
	add_thp(spots, "huge page shared since fork", true);
	spots->witness = fork_child(true);
	add(spots, "shared with a child that ended", map_filled(MAP_PRIVATE));
	fork_child(false);
}

/* Private memory */

static void add_guard(struct spots *spots)
{
	char *p = map_filled(MAP_PRIVATE);
	struct spot *spot = add(spots, "guard entry", p);

	if (madvise(p, PAGE, MADV_GUARD_INSTALL))
		strcpy(spot->missing, "no guard entries");
}

static void add_swapped(struct spots *spots)
{
	char *p = map_filled(MAP_PRIVATE);
	struct spot *spot = add(spots, "swapped out", p);

	if (!target_page_out(p, PAGE))
		strcpy(spot->missing, "no swap");
}

static void ignore(int signal)
{
	(void)signal;
}

static void add_poisoned(struct spots *spots)
{
	char *p = map_filled(MAP_PRIVATE);
	struct spot *spot = add(spots, "poisoned", p);

	/* The kernel sends this signal, too, and kills a process that ignores it. */
	signal(SIGBUS, ignore);
	if (madvise(p, PAGE, MADV_HWPOISON))
		strcpy(spot->missing, "no MADV_HWPOISON");
}

#define KSM	"/sys/kernel/mm/ksm/"

static __u64 frame_of(const char *p)
{
	return PM_FRAME(proc_page(getpid(), (unsigned long)p));
}

/* Two equal pages, which KSM makes one. */
static void add_merged(struct spots *spots)
{
	char *p = map_filled(MAP_PRIVATE), *twin = map_filled(MAP_PRIVATE);
	struct spot *spot = add(spots, "merged by KSM", p);

	if (madvise(p, PAGE, MADV_MERGEABLE) ||
	    madvise(twin, PAGE, MADV_MERGEABLE)) {
		strcpy(spot->missing, "no KSM");
		return;
	}
	file_write(KSM "sleep_millisecs", "1");
	file_write(KSM "pages_to_scan", "1000");
	file_write(KSM "run", "1");
	while (frame_of(p) != frame_of(twin))
		usleep(1000);
	file_write(KSM "run", "0");
}

static void add_private(struct spots *spots)
{
	char *p;

	add(spots, "untouched", map(RW, MAP_PRIVATE, -1));
	p = map(RW, MAP_PRIVATE, -1);
	target_look(p, PAGE);
	add(spots, "read", p);
	add(spots, "written", map_filled(MAP_PRIVATE));
	p = map_filled(MAP_PRIVATE);
	mprotect(p, PAGE, PROT_READ);
	add(spots, "read-only", p);
	p = map_filled(MAP_PRIVATE);
	mprotect(p, PAGE, PROT_READ);
	mprotect(p, PAGE, RW);
	add(spots, "writable again", p);
	p = map_filled(MAP_PRIVATE);
	mprotect(p, PAGE, PROT_NONE);
	add(spots, "no access", p);
	add(spots, "write-only", map(PROT_WRITE, MAP_PRIVATE, -1));
	p = map_filled(MAP_PRIVATE);
	madvise(p, PAGE, MADV_DONTNEED);
	add(spots, "freed", p);
	add_guard(spots);
	add_swapped(spots);
	add_thp(spots, "huge page", false);
	add_merged(spots);
}

static void add_hugetlb(struct spots *spots)
{
	size_t size = kernel_hugetlb_size();
	char *p = mmap(NULL, 2 * size, RW,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED) {
		strcpy(add(spots, "hugetlb", NULL)->missing,
		       "no huge pages in the pool");
		return;
	}
	memset(p, SPOT_BEFORE, PAGE);
	add(spots, "hugetlb", p);
	add(spots, "hugetlb, untouched", p + size);
}

/* Code */

static void function(void)
{
	asm volatile("");
}

static void put_return(char *p)
{
#ifdef __x86_64__
	*p = (char)0xc3;
#else
	*(uint32_t *)p = 0xd65f03c0;
	__builtin___clear_cache(p, p + 4);
#endif
}

static char *page_inside(char *start)
{
	return (char *)(((unsigned long)start + PAGE) & -PAGE);
}

static void add_program(struct spots *spots)
{
	char *p = map(RW | PROT_EXEC, MAP_PRIVATE, -1);

	add(spots, "text", (char *)function);
	fill(p);
	put_return(p);
	add(spots, "executable", p);
	p = page_inside(data);
	add(spots, "data", p);
	p = page_inside(data + LARGEST_PAGE);
	fill(p);
	add(spots, "data, written", p);
	add(spots, "bss", page_inside(bss));
	p = sbrk(4 * PAGE);
	p = (char *)(((unsigned long)p + 2 * PAGE) & -PAGE);
	add(spots, "heap", p);
	/* This stops the heap. */
	target_map(p + HEAP_PAGES * PAGE, PAGE, PROT_READ,
		   MAP_PRIVATE | MAP_FIXED_NOREPLACE, -1);
}

/* Addresses without memory */

static void add_unmapped(struct spots *spots)
{
	unsigned int bits = kernel_user_bits();
	char *p = target_map_alone(1, RW, MAP_PRIVATE, -1);

	munmap(p, PAGE);
	add(spots, "unmapped", p);
	add(spots, "NULL", (char *)8);
	add(spots, "kernel half", (char *)-(1UL << (bits - 1)));
	add(spots, "above the user half", (char *)(1UL << bits));
}

/* Stacks that grow: to the limit, and to the gap above the mapping below. */

#define STACK_PAGES	1024
#define HOLE_PAGES	2000
#define GAP_PAGES	256

static char *map_stack(char *end)
{
	char *p = target_map(end - 2 * PAGE, 2 * PAGE, RW,
			     MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, -1);

	madvise(p, 2 * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static char *make_hole(void)
{
	char *p = target_map(NULL, (HOLE_PAGES + 2) * PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_NORESERVE, -1);

	munmap(p + PAGE, HOLE_PAGES * PAGE);
	return p + PAGE;
}

static void add_stacks(struct spots *spots)
{
	const struct rlimit limit = { STACK_PAGES * PAGE, STACK_PAGES * PAGE };
	char *hole, *end;

	if (setrlimit(RLIMIT_STACK, &limit))
		die("setrlimit: %s", strerror(errno));
	hole = make_hole();
	end = hole + HOLE_PAGES * PAGE;
	map_stack(end);
	/* An instruction of arm64 has four bytes, and must be aligned to that. */
	add(spots, "over RLIMIT_STACK", end - STACK_PAGES * PAGE - 4);
	add(spots, "at RLIMIT_STACK", end - STACK_PAGES * PAGE);
	hole = make_hole();
	end = hole + HOLE_PAGES * PAGE;
	map_stack(end);
	hole = target_map(end - (STACK_PAGES / 2) * PAGE, PAGE, RW,
			  MAP_PRIVATE | MAP_FIXED, -1) + PAGE;
	add(spots, "in the gap below a stack", hole + GAP_PAGES * PAGE - 1);
	add(spots, "above the gap below a stack", hole + GAP_PAGES * PAGE);
}

/* Accesses */

static sigjmp_buf after;

static void on_signal(int signal)
{
	siglongjmp(after, signal);
}

static void look(struct spots *spots)
{
	const volatile unsigned char *p = (unsigned char *)spots->spot[spots->at].addr;

	spots->first = p[0];
	spots->second = p[1];
}

static void access_spot(struct spots *spots, int step)
{
	char *addr = spots->spot[spots->at].addr;

	switch (step) {
	case SPOT_READ:
		look(spots);
		break;
	case SPOT_WRITE:
		*(volatile unsigned char *)addr = SPOT_WRITTEN;
		look(spots);
		break;
	case SPOT_FETCH:
		((void (*)(void))addr)();
		break;
	}
}

static void make_spots(struct spots *spots)
{
	static const struct sigaction action = {
		.sa_handler = on_signal, .sa_flags = SA_NODEFER,
	};

	add_poisoned(spots);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	/* What the child shall share comes first. */
	add_shared(spots);
	add_files(spots);
	add_forked(spots);
	add_private(spots);
	add_hugetlb(spots);
	add_program(spots);
	add_unmapped(spots);
	add_stacks(spots);
}

void live_spots(void *arg, int step)
{
	struct spots *spots = arg;

	if (!step) {
		make_spots(spots);
		return;
	}
	if (step == SPOT_GROW) {
		spots->signal = sbrk(spots->grow) == (void *)-1;
		return;
	}
	spots->signal = sigsetjmp(after, 1);
	if (!spots->signal)
		access_spot(spots, step);
}
