// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "uapi.h"
#include "oracle/proc.h"
#include "target/ground.h"
#include "target/target.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE		0x08
#endif
#ifndef SYS_mseal
#define SYS_mseal		462
#endif
#ifndef MFD_HUGETLB
#define MFD_HUGETLB		4U
#endif

#define RW	(PROT_READ | PROT_WRITE)

__printf(4, 5)
static struct known *know(struct ground *ground, void *start, unsigned int kind,
			  const char *name, ...)
{
	struct known *known = &ground->known[ground->nr++];
	va_list args;

	va_start(args, name);
	known->start = start;
	known->kind = kind;
	vsnprintf(known->name, sizeof(known->name), name, args);
	va_end(args);
	return known;
}

static const char * const file_names[GROUND_FILES] = {
	"plain", "a blank", "two  blanks", "new\nline", "back\\slash",
	"\\012 is no newline", "\303\274tf-8 \342\230\203", "tab\tbed",
	"trailing ", "it's (deleted)", "[heap]", "quote\"d", "\001\177",
	"\377\376 is no utf-8",
};

static void map_files(struct ground *ground, const char *dir)
{
	char path[512];
	size_t i;
	void *p;
	int fd;

	for (i = 0; i < ARRAY_SIZE(file_names); i++) {
		bool shared = i % 2;

		snprintf(path, sizeof(path), "%s/%s", dir, file_names[i]);
		fd = target_file(path, 4 * PAGE);
		p = target_map_alone(3, i % 3 ? RW : PROT_READ,
				     shared ? MAP_SHARED : MAP_PRIVATE, fd);
		know(ground, p, shared ? MMSCOPE_SHARED_FILE :
					 MMSCOPE_PRIVATE_FILE, "%s", path);
		close(fd);
	}
	snprintf(path, sizeof(path), "%s/gone", dir);
	fd = target_file(path, 4 * PAGE);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	unlink(path);
	know(ground, p, MMSCOPE_PRIVATE_FILE, "%s (deleted)", path);
	close(fd);
}

/* A path longer than PATH_MAX. */
static void map_too_long(struct ground *ground)
{
	char name[251];
	int i, fd;

	memset(name, 'x', 250);
	name[250] = '\0';
	for (i = 0; i < 17; i++)
		if (mkdir(name, 0700) || chdir(name))
			die("cannot make a long path: %s", strerror(errno));
	fd = target_file("end", PAGE);
	know(ground, target_map_alone(1, PROT_READ, MAP_PRIVATE, fd),
	     MMSCOPE_PRIVATE_FILE, "%s", "");
	close(fd);
}

static void map_anon(struct ground *ground)
{
	know(ground, target_map_alone(4, RW, MAP_PRIVATE, -1),
	     MMSCOPE_PRIVATE_ANON, "%s", "");
	know(ground, target_map_alone(4, PROT_NONE, MAP_PRIVATE, -1),
	     MMSCOPE_PRIVATE_ANON, "%s", "");
	know(ground, target_map_alone(4, RW, MAP_SHARED, -1),
	     MMSCOPE_SHARED_ANON, "/dev/zero (deleted)");
	know(ground, target_map_alone(4, PROT_READ, MAP_SHARED, -1),
	     MMSCOPE_SHARED_ANON, "/dev/zero (deleted)");
}

static void map_shm(struct ground *ground)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600);
	void *p = shmat(id, NULL, 0);
	int fd;

	if (p == (void *)-1)
		die("shmat: %s", strerror(errno));
	shmctl(id, IPC_RMID, NULL);
	know(ground, p, MMSCOPE_SHARED_ANON, "/SYSV00000000 (deleted)");

	fd = shm_open("/mmscope-shm", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, 3 * PAGE))
		die("shm_open: %s", strerror(errno));
	know(ground, target_map_alone(3, RW, MAP_SHARED, fd),
	     MMSCOPE_SHARED_FILE, "/dev/shm/mmscope-shm");
	know(ground, target_map_alone(3, RW, MAP_PRIVATE, fd),
	     MMSCOPE_PRIVATE_FILE, "/dev/shm/mmscope-shm");
	close(fd);
}

static void map_memfd(struct ground *ground, const char *name,
		      unsigned int flags, size_t pages)
{
	int fd = memfd_create(name, flags);
	void *p;

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		return;
	p = mmap(NULL, pages * PAGE, RW, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		know(ground, p, MMSCOPE_SHARED_FILE, "/memfd:%s (deleted)",
		     name);
	close(fd);
}

static void map_hugetlb(struct ground *ground)
{
	int flags = MAP_ANONYMOUS | MAP_HUGETLB;
	void *p;

	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 6)
		file_write("/proc/sys/vm/nr_hugepages", "6");
	p = mmap(NULL, kernel_hugetlb_size(), RW, MAP_PRIVATE | flags, -1, 0);
	if (p != MAP_FAILED)
		know(ground, p, MMSCOPE_PRIVATE_ANON, "/anon_hugepage (deleted)");
	p = mmap(NULL, kernel_hugetlb_size(), RW, MAP_SHARED | flags, -1, 0);
	if (p != MAP_FAILED)
		know(ground, p, MMSCOPE_SHARED_ANON, "/anon_hugepage (deleted)");
	map_memfd(ground, "huge", MFD_HUGETLB, kernel_hugetlb_size() / PAGE);
}

static bool is_about_thp(int advice)
{
	return advice == MADV_HUGEPAGE || advice == MADV_NOHUGEPAGE;
}

static void map_advised(struct ground *ground)
{
	static const struct {
		int advice;
		const char *flag;
	} advised[] = {
		{ MADV_RANDOM, "rr" },		{ MADV_SEQUENTIAL, "sr" },
		{ MADV_DONTFORK, "dc" },	{ MADV_DONTDUMP, "dd" },
		{ MADV_WIPEONFORK, "wf" },	{ MADV_MERGEABLE, "mg" },
		{ MADV_HUGEPAGE, "hg" },	{ MADV_NOHUGEPAGE, "nh" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(advised); i++) {
		void *p = target_map_alone(3, RW, MAP_PRIVATE, -1);

		if (is_about_thp(advised[i].advice) && !kernel_has_thp())
			continue;
		if (madvise(p, 3 * PAGE, advised[i].advice))
			die("madvise(%d): %s", advised[i].advice,
			    strerror(errno));
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       advised[i].flag);
	}
}

#ifdef __aarch64__
/* Flags that only arm64 has, if the processor supports them. */
static void map_arm64(struct ground *ground)
{
	static const struct {
		int prot;
		const char *flag;
	} flagged[] = {
		{ PROT_READ | PROT_EXEC | PROT_BTI, "bt" },
		{ RW | PROT_MTE, "mt" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flagged); i++) {
		void *p = target_map_alone(3, PROT_READ, MAP_PRIVATE, -1);

		/* mmap() ignores what the processor lacks; mprotect() fails. */
		if (!mprotect(p, 3 * PAGE, flagged[i].prot))
			strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s",
				    "")->flags, flagged[i].flag);
	}
}
#else
static void map_arm64(struct ground *ground)
{
}
#endif

static void map_flagged(struct ground *ground)
{
	void *p = target_map_alone(3, RW, MAP_PRIVATE | MAP_NORESERVE, -1);

	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "nr");
	p = target_map_alone(3, RW, MAP_PRIVATE | MAP_GROWSDOWN, -1);
	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "gd");
	p = target_map_alone(3, RW, MAP_PRIVATE, -1);
	if (mlock(p, 3 * PAGE))
		die("mlock: %s", strerror(errno));
	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "lo");
	p = mmap(NULL, 3 * PAGE, RW, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       "dp");
	p = target_map_alone(3, RW, MAP_PRIVATE, -1);
	if (!syscall(SYS_mseal, p, 3 * PAGE, 0))
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       "sl");
}

static void map_uffd(struct ground *ground)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	struct uffdio_register range = {
		.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	void *p = target_map_alone(3, RW, MAP_PRIVATE, -1);

	range.range.start = (unsigned long)p;
	range.range.len = 3 * PAGE;
	if (!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range))
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       "um uw");
}

static void map_keyed(void)
{
	int key = pkey_alloc(0, 0);
	void *p = target_map_alone(3, RW, MAP_PRIVATE, -1);

	/* ProtectionKey in smaps shows which key a mapping has. */
	if (key > 0)
		pkey_mprotect(p, 3 * PAGE, RW, key);
	key = pkey_alloc(0, 0);
	p = target_map_alone(3, RW, MAP_PRIVATE, -1);
	if (key > 0)
		pkey_mprotect(p, 3 * PAGE, RW, key);
}

static void map_named(struct ground *ground)
{
	void *p = target_map_alone(3, RW, MAP_PRIVATE, -1);

	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 3 * PAGE, "a name!"))
		know(ground, p, MMSCOPE_PRIVATE_ANON, "[anon:a name!]");
	p = target_map_alone(3, RW, MAP_SHARED, -1);
	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 3 * PAGE, "common"))
		know(ground, p, MMSCOPE_SHARED_ANON,
		     kernel_since(6, 2) ? "[anon_shmem:common]" : "%s", "");
}

void make_ground(void *arg, int step)
{
	struct ground *ground = arg;
	char here[] = "/root/mmscope-XXXXXX";

	sbrk(3 * PAGE);
	map_files(ground, ground->dir);
	if (mkdtemp(here))
		map_files(ground, here);
	if (chdir(ground->dir))
		die("no %s", ground->dir);
	map_too_long(ground);
	map_anon(ground);
	map_shm(ground);
	map_memfd(ground, "plain", 0, 3);
	map_memfd(ground, "new\nline \\ blank", 0, 3);
	map_memfd(ground, "", 0, 3);
	map_hugetlb(ground);
	map_advised(ground);
	map_arm64(ground);
	map_flagged(ground);
	map_uffd(ground);
	map_keyed();
	map_named(ground);
}
