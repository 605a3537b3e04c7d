// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs, against /proc/PID/maps, smaps, stat and numa_maps, and against what the
 * target is known to have mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
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

#include "test.h"
#include "proc.h"
#include "stream.h"
#include "target.h"
#include "text.h"

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
#define WEIGHTED_INTERLEAVE	6

#define PAGE	4096UL
#define HUGE	(2 * MIB)

/* Comparing with /proc */

/* As maps prints a path: of all characters only the newline is changed. */
static void escape(char *to, const char *from)
{
	for (; *from; from++) {
		if (*from == '\n')
			to += sprintf(to, "\\012");
		else
			*to++ = *from;
	}
	*to = '\0';
}

static unsigned int name_kind(const char *name)
{
	if (!*name)
		return MMSCOPE_NAME_NONE;
	if (*name == '/')
		return MMSCOPE_NAME_PATH;
	return strncmp(name, "[anon", 5) ? MMSCOPE_NAME_SPECIAL :
					   MMSCOPE_NAME_ANON;
}

static bool wrong_name(const struct mmscope_vma *rec, const struct proc_vma *vma)
{
	static char escaped[4 * 4096 + 1];

	/* A stream tells paths up to PATH_MAX. */
	if (strlen(vma->name) >= 4096)
		return rec->name_kind != MMSCOPE_NAME_TOO_LONG || rec->name_len;
	if (rec->name_kind != name_kind(vma->name))
		return true;
	escape(escaped, rec->name);
	return strcmp(escaped, vma->name);
}

static bool wrong_perms(const struct mmscope_vma *rec, const struct proc_vma *vma)
{
	static const struct {
		char letter;
		__u8 bit;
	} perm[] = {
		{ 'r', MMSCOPE_READ }, { 'w', MMSCOPE_WRITE },
		{ 'x', MMSCOPE_EXEC }, { 's', MMSCOPE_SHARED },
	};
	size_t i;
	__u8 is = 0;

	for (i = 0; i < ARRAY_SIZE(perm); i++)
		if (vma->perms[i] == perm[i].letter)
			is |= perm[i].bit;
	return rec->perms != is;
}

/*
 * smaps names flags in the order of their bits. It prints "??" for bits that it
 * has no name for, and leaves out those of protection keys, which have a line
 * of their own.
 */
static bool wrong_flags(const struct stream *s, const struct mmscope_vma *rec,
			const struct proc_vma *vma)
{
	const char *flag = smaps_text(vma, "VmFlags");
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		const char *name = name_of(s, MMSCOPE_NAMES_VMA_FLAGS, bit);

		if (!(rec->flags >> bit & 1))
			continue;
		if (name && !strncmp(name, "pkey", 4))
			continue;
		if (strlen(flag) < 2)
			return true;
		if (!name && strncmp(flag, "??", 2))
			return true;
		if (name && strncmp(flag, name, 2))
			return true;
		flag += strlen(flag) > 2 ? 3 : 2;
	}
	return *flag;
}

static bool wrong_key(const struct stream *s, const struct mmscope_vma *rec,
		      const struct proc_vma *vma)
{
	unsigned int bit, key = 0;

	if (!strstr(vma->block, "ProtectionKey:"))
		return false;
	for (bit = 0; bit < 64; bit++) {
		const char *name = name_of(s, MMSCOPE_NAMES_VMA_FLAGS, bit);

		if (name && !strncmp(name, "pkey", 4) && rec->flags >> bit & 1)
			key |= 1U << (name[4] - '0');
	}
	return key != smaps_kb(vma, "ProtectionKey");
}

static bool touches(const struct proc_vma *vma, __u64 start, __u64 end)
{
	return vma->start < end && vma->end > start;
}

/* As uapi/mmscope.h says, from /proc/PID/stat. */
static bool wrong_segment(pid_t pid, const struct mmscope_vma *rec,
			  const struct proc_vma *vma)
{
	unsigned int is = MMSCOPE_SEG_MMAP;

	if (!strcmp(vma->name, "[vdso]"))
		is = MMSCOPE_SEG_VDSO;
	else if (!strncmp(vma->name, "[vvar", 5))
		is = MMSCOPE_SEG_VVAR;
	else if (!strcmp(vma->name, "[uprobes]"))
		is = MMSCOPE_SEG_SPECIAL;
	else if (touches(vma, proc_stat(pid, 26), proc_stat(pid, 27)))
		is = MMSCOPE_SEG_CODE;
	else if (touches(vma, proc_stat(pid, 45), proc_stat(pid, 46)))
		is = MMSCOPE_SEG_DATA;
	else if (!strcmp(vma->name, "[heap]"))
		is = MMSCOPE_SEG_HEAP;
	else if (!strcmp(vma->name, "[stack]"))
		is = MMSCOPE_SEG_STACK;
	return rec->segment != is;
}

/* Return: what is wrong with a record, or NULL. */
static const char *wrong_vma(pid_t pid, const struct stream *s,
			     const struct mmscope_vma *rec,
			     const struct proc_vma *vma)
{
	bool file = vma->ino || vma->major || vma->minor;

	if (rec->start != vma->start || rec->end != vma->end)
		return "range";
	if (wrong_perms(rec, vma))
		return "permissions";
	if (file && rec->pgoff << s->header->page_shift != vma->offset)
		return "offset";
	if (rec->ino != vma->ino || rec->dev_major != vma->major ||
	    rec->dev_minor != vma->minor)
		return "inode";
	if (wrong_name(rec, vma))
		return "name";
	if (wrong_flags(s, rec, vma))
		return "flags";
	if (wrong_key(s, rec, vma))
		return "protection key";
	if ((1ULL << rec->page_shift) / 1024 != smaps_kb(vma, "KernelPageSize"))
		return "page size";
	if (wrong_segment(pid, rec, vma))
		return "segment";
	return NULL;
}

static size_t compare(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, 0, 0);
	struct proc_maps *maps = proc_maps(pid, "smaps");
	size_t i, differ = 0;

	if (s->nr_vmas != maps->nr) {
		note("%zu VMAs, but %zu mappings", s->nr_vmas, maps->nr);
		differ++;
	}
	for (i = 0; i < maps->nr && i < s->nr_vmas; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		const char *what = wrong_vma(pid, s, s->vma[i], vma);

		if (!what)
			continue;
		note("%llx-%llx %s %s: wrong %s: %llx-%llx flags %llx ino %llu segment %u \"%s\"",
		     vma->start, vma->end, vma->perms, vma->name, what,
		     s->vma[i]->start, s->vma[i]->end, s->vma[i]->flags,
		     s->vma[i]->ino, s->vma[i]->segment, s->vma[i]->name);
		differ++;
	}
	proc_maps_free(maps);
	stream_free(s);
	return differ;
}

static size_t compare_text(pid_t pid)
{
	char *text = text_get(pid, "vmas");
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, 0, 0);
	size_t differ = text_compare_vmas(text, s);

	if (strncmp(text, "# mmscope vmas, abi ", 20)) {
		note("first line: %.40s", text);
		differ++;
	}
	stream_free(s);
	free(text);
	return differ;
}

static size_t compare_range(pid_t pid, const struct proc_maps *maps,
			    __u64 start, __u64 end)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, start, end);
	size_t i, k = 0, differ = 0;

	for (i = 0; i < maps->nr; i++) {
		if (!touches(&maps->vma[i], start, end ? end : ~0ULL))
			continue;
		if (k >= s->nr_vmas || s->vma[k]->start != maps->vma[i].start ||
		    s->vma[k]->end != maps->vma[i].end)
			differ++;
		k++;
	}
	if (k != s->nr_vmas)
		differ++;
	if (differ)
		note("%llx-%llx: %zu VMAs, want %zu", start, end, s->nr_vmas, k);
	stream_free(s);
	return differ;
}

/* Ranges that begin and end at the bounds of a mapping, and beside them. */
static size_t compare_ranges(pid_t pid, size_t step)
{
	static const int beside[] = { -4096, -1, 0, 1, 4096 };
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i, k, m, differ = 0;

	for (i = 0; i < maps->nr; i += step) {
		const struct proc_vma *vma = &maps->vma[i];

		for (k = 0; k < ARRAY_SIZE(beside); k++) {
			__u64 from = vma->start + beside[k];

			differ += compare_range(pid, maps, vma->end + beside[k],
						0);
			for (m = 0; m < ARRAY_SIZE(beside); m++) {
				__u64 to = vma->end + beside[m];

				if (from < to)
					differ += compare_range(pid, maps, from,
								to);
			}
		}
	}
	proc_maps_free(maps);
	return differ;
}

/* Mappings of all kinds */

#define MAX_KNOWN	64

/**
 * struct known - a mapping that the target made
 * @start: of it
 * @kind: of what it mapped
 * @flags: smaps' names of flags it must have, "" for none
 * @name: as the kernel was given it; "" to leave that to maps
 */
struct known {
	char *start;
	unsigned int kind;
	char flags[16];
	char name[256];
};

struct ground {
	struct known known[MAX_KNOWN];
	unsigned int nr;
};

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

/* Mappings side by side that are alike would become one. */
static void *map(size_t pages, int prot, int flags, int fd)
{
	char *p = target_map(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE,
			     -1);

	munmap(p, PAGE);
	munmap(p + (pages + 1) * PAGE, PAGE);
	return target_map(p + PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd);
}

#define RW	(PROT_READ | PROT_WRITE)

static const char * const file_names[] = {
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
		p = map(3, i % 3 ? RW : PROT_READ,
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

/* Deeper than PATH_MAX: a path that nobody could open. */
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
	know(ground, map(1, PROT_READ, MAP_PRIVATE, fd), MMSCOPE_PRIVATE_FILE,
	     "%s", "");
	close(fd);
}

static void map_anon(struct ground *ground)
{
	know(ground, map(4, RW, MAP_PRIVATE, -1), MMSCOPE_PRIVATE_ANON, "%s", "");
	know(ground, map(4, PROT_NONE, MAP_PRIVATE, -1), MMSCOPE_PRIVATE_ANON,
	     "%s", "");
	know(ground, map(4, RW, MAP_SHARED, -1), MMSCOPE_SHARED_ANON,
	     "/dev/zero (deleted)");
	know(ground, map(4, PROT_READ, MAP_SHARED, -1), MMSCOPE_SHARED_ANON,
	     "/dev/zero (deleted)");
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
	know(ground, map(3, RW, MAP_SHARED, fd), MMSCOPE_SHARED_FILE,
	     "/dev/shm/mmscope-shm");
	know(ground, map(3, RW, MAP_PRIVATE, fd), MMSCOPE_PRIVATE_FILE,
	     "/dev/shm/mmscope-shm");
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
	p = mmap(NULL, HUGE, RW, MAP_PRIVATE | flags, -1, 0);
	if (p != MAP_FAILED)
		know(ground, p, MMSCOPE_PRIVATE_ANON, "/anon_hugepage (deleted)");
	p = mmap(NULL, HUGE, RW, MAP_SHARED | flags, -1, 0);
	if (p != MAP_FAILED)
		know(ground, p, MMSCOPE_SHARED_ANON, "/anon_hugepage (deleted)");
	map_memfd(ground, "huge", MFD_HUGETLB, 512);
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
		void *p = map(3, RW, MAP_PRIVATE, -1);

		if (madvise(p, 3 * PAGE, advised[i].advice))
			die("madvise(%d): %s", advised[i].advice,
			    strerror(errno));
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       advised[i].flag);
	}
}

static void map_flagged(struct ground *ground)
{
	void *p = map(3, RW, MAP_PRIVATE | MAP_NORESERVE, -1);

	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "nr");
	p = map(3, RW, MAP_PRIVATE | MAP_GROWSDOWN, -1);
	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "gd");
	p = map(3, RW, MAP_PRIVATE, -1);
	if (mlock(p, 3 * PAGE))
		die("mlock: %s", strerror(errno));
	strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags, "lo");
	p = mmap(NULL, 3 * PAGE, RW, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       "dp");
	p = map(3, RW, MAP_PRIVATE, -1);
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
	void *p = map(3, RW, MAP_PRIVATE, -1);

	range.range.start = (unsigned long)p;
	range.range.len = 3 * PAGE;
	if (!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range))
		strcpy(know(ground, p, MMSCOPE_PRIVATE_ANON, "%s", "")->flags,
		       "um uw");
}

static void map_keyed(void)
{
	int key = pkey_alloc(0, 0);
	void *p = map(3, RW, MAP_PRIVATE, -1);

	/* Which of keys and bits are right is seen from ProtectionKey. */
	if (key > 0)
		pkey_mprotect(p, 3 * PAGE, RW, key);
	key = pkey_alloc(0, 0);
	p = map(3, RW, MAP_PRIVATE, -1);
	if (key > 0)
		pkey_mprotect(p, 3 * PAGE, RW, key);
}

static void map_named(struct ground *ground)
{
	void *p = map(3, RW, MAP_PRIVATE, -1);

	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 3 * PAGE, "a name!"))
		know(ground, p, MMSCOPE_PRIVATE_ANON, "[anon:a name!]");
	p = map(3, RW, MAP_SHARED, -1);
	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 3 * PAGE, "common"))
		know(ground, p, MMSCOPE_SHARED_ANON,
		     kernel_since(6, 2) ? "[anon_shmem:common]" : "%s", "");
}

static char dir[32];

static void make_ground(void *arg, int step)
{
	struct ground *ground = arg;
	char here[] = "/root/mmscope-XXXXXX";

	sbrk(3 * PAGE);
	map_files(ground, dir);
	if (mkdtemp(here))
		map_files(ground, here);
	if (chdir(dir))
		die("no %s", dir);
	map_too_long(ground);
	map_anon(ground);
	map_shm(ground);
	map_memfd(ground, "plain", 0, 3);
	map_memfd(ground, "new\nline \\ blank", 0, 3);
	map_memfd(ground, "", 0, 3);
	map_hugetlb(ground);
	map_advised(ground);
	map_flagged(ground);
	map_uffd(ground);
	map_keyed();
	map_named(ground);
}

FIXTURE(vmas)
{
	struct ground *ground;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(vmas)
{
	module_need();
	strcpy(dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(dir));
	self->ground = target_share(sizeof(*self->ground));
	target_start(&self->target, make_ground, self->ground);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(vmas)
{
	char command[64];

	target_stop(&self->target);
	shm_unlink("/mmscope-shm");
	snprintf(command, sizeof(command), "rm -rf %s /root/mmscope-*", dir);
	EXPECT_EQ(0, system(command));
}

TEST_F(vmas, agree_with_maps_and_smaps)
{
	EXPECT_EQ(0, compare(self->pid));
}

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
			note("%s", vma->name);
		}
		seen |= 1 << vma->kind;
	}
	EXPECT_EQ(0x1e, seen);
	stream_free(s);
}

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
		EXPECT_STREQ(known->name, vma->name);
		EXPECT_EQ(*known->name == '/' ? MMSCOPE_NAME_PATH :
						MMSCOPE_NAME_ANON,
			  vma->name_kind);
	}
	EXPECT_LE(2 * ARRAY_SIZE(file_names), named);
	stream_free(s);
}

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
	EXPECT_LE(11, flagged);
	stream_free(s);
}

TEST_F(vmas, hold_the_special_mappings)
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
			if (strcmp(s->vma[k]->name, name[i]) ||
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
	EXPECT_EQ(0, compare_text(self->pid));
}

TEST_F(vmas, in_ranges_are_those_that_touch_them)
{
	EXPECT_EQ(0, compare_ranges(self->pid, 1));
}

/* Between two mappings nothing touches; over all bounds everything does. */
TEST_F(vmas, in_ranges_without_any)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct proc_vma *last = &maps->vma[maps->nr - 1];

	EXPECT_EQ(0, compare_range(self->pid, maps, 0, 4096));
	EXPECT_EQ(0, compare_range(self->pid, maps, last->end, 0));
	EXPECT_EQ(0, compare_range(self->pid, maps, last->end, ~0ULL));
	EXPECT_EQ(0, compare_range(self->pid, maps, 1ULL << 63, 0));
	EXPECT_EQ(0, compare_range(self->pid, maps, ~0ULL, 0));
	EXPECT_EQ(0, compare_range(self->pid, maps, ~0ULL - 1, ~0ULL));
	EXPECT_EQ(0, compare_range(self->pid, maps, 0, ~0ULL));
	EXPECT_EQ(0, compare_range(self->pid, maps, 1, 0));
	proc_maps_free(maps);
}

/* The same VMAs come with the page tables. */
TEST_F(vmas, come_in_every_stream)
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
	/* And what a snapshot holds besides. */
	EXPECT_NE(NULL, snapshot->mm);
	EXPECT_EQ(all->nr_runs, snapshot->nr_runs);
	EXPECT_EQ(0, memcmp(all->run, snapshot->run,
			    all->nr_runs * sizeof(*all->run)));
	stream_free(alone);
	stream_free(all);
	stream_free(snapshot);
}

/* More than one slice takes */

#define MANY	3000

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

TEST_F(many, agree_with_maps_and_smaps)
{
	struct stream *s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);

	EXPECT_LT(MANY, s->nr_vmas);
	EXPECT_EQ(0, compare(self->target.pid));
	stream_free(s);
}

TEST_F(many, agree_with_text)
{
	EXPECT_EQ(0, compare_text(self->target.pid));
}

TEST_F(many, in_ranges_are_those_that_touch_them)
{
	EXPECT_EQ(0, compare_ranges(self->target.pid, 311));
}

/* VMAs that become one while they are told */

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

/* What was told stays told: the rest may not begin before its end. */
TEST_F(merging, between_slices_tells_nothing_twice)
{
	int memory = memfd_create("stream", 0), fd = query_open();
	char next[65536];
	struct stream *s;
	ssize_t ret;

	ASSERT_EQ(0, query_ask(fd, self->target.pid, MMSCOPE_PART_VMAS, 0, 0));
	ASSERT_EQ(1, read(fd, next, 1));
	ASSERT_EQ(1, write(memory, next, 1));
	target_step(&self->target, 1);
	while ((ret = read(fd, next, sizeof(next))) > 0)
		ASSERT_EQ(ret, write(memory, next, ret));
	EXPECT_EQ(0, ret);
	lseek(memory, 0, SEEK_SET);
	ASSERT_EQ(0, stream_read(memory, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
	stream_free(s);
}

/* NUMA policies */

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
	bool may_lack;		/* older kernels do not have it */
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

/* Without libnuma: it is one system call. */
static void bind_memory(void *arg, int step)
{
	struct binding *binding = arg;
	void *p = map(4, RW, MAP_PRIVATE, -1);

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

/* Does every word of the kernel's name stand in ours? */
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

TEST_F(policy, is_as_it_was_bound)
{
	const struct mmscope_vma *vma;
	char policy[80];
	struct stream *s;
	const char *name;

	if (self->impossible)
		SKIP(return, "this kernel does not have that policy");
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
	EXPECT_EQ(0, compare_text(self->target.pid));
	stream_free(s);
}

TEST_F(policy, is_nobody_elses)
{
	struct stream *s;
	size_t i;

	if (self->impossible)
		SKIP(return, "this kernel does not have that policy");
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

/* Real programs */

FIXTURE(program)
{
	pid_t pid;
	bool missing;
};

FIXTURE_VARIANT(program)
{
	const char *argv[10];
	unsigned int threads;
};

FIXTURE_VARIANT_ADD(program, shell) {
	.argv = { "bash", "-c", "read x" },
	.threads = 1,
};

FIXTURE_VARIANT_ADD(program, memcached) {
	.argv = { "memcached", "-u", "root", "-l", "127.0.0.1", "-p", "0" },
	.threads = 5,
};

FIXTURE_VARIANT_ADD(program, python) {
	.argv = { "python3", "-c",
		  "import threading, time, json, ssl\n"
		  "for i in range(3):\n"
		  "    threading.Thread(target=time.sleep, args=(9999,)).start()\n"
		  "time.sleep(9999)\n" },
	.threads = 4,
};

FIXTURE_SETUP(program)
{
	char command[128];
	int in[2];

	module_need();
	snprintf(command, sizeof(command), "command -v %s >/dev/null",
		 variant->argv[0]);
	self->missing = system(command);
	if (self->missing)
		return;
	/* Input that never comes. */
	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, dup2(in[0], 0));
	self->pid = target_spawn((char *const *)variant->argv);
	while (proc_status(self->pid, "Threads") < variant->threads)
		usleep(10000);
	target_await_state(self->pid, 'S');
	target_freeze(self->pid);
}

FIXTURE_TEARDOWN(program)
{
	if (self->pid)
		target_kill(self->pid);
}

TEST_F(program, agrees_with_maps_and_smaps)
{
	if (self->missing)
		SKIP(return, "%s is not installed", variant->argv[0]);
	EXPECT_EQ(0, compare(self->pid));
	EXPECT_EQ(0, compare_text(self->pid));
	EXPECT_EQ(0, compare_ranges(self->pid, 13));
}

TEST_HARNESS_MAIN
