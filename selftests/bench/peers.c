// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "oracle/proc.h"
#include "peers.h"
#include "sizes.h"

/* The kernel headers of the host may be older than these. */
#define PAGE_PRESENT		(1 << 3)

struct scan_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define SCAN			_IOWR('f', 16, struct scan_arg)

#define QUERY_NEXT		(1 << 4)

struct query_arg {
	__u64 size;
	__u64 query_flags;
	__u64 query_addr;
	__u64 vma_start;
	__u64 vma_end;
	__u64 vma_flags;
	__u64 vma_page_size;
	__u64 vma_offset;
	__u64 inode;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 vma_name_size;
	__u32 build_id_size;
	__u64 vma_name_addr;
	__u64 build_id_addr;
};

#define QUERY			_IOWR('f', 17, struct query_arg)

/* Large enough that no peer needs many calls. */
static char buffer[512 * KIB];

/* Its parts, in words, for entries of pagemap and for a word of each frame. */
#define ENTRIES			(56 * KIB)
#define FRAMES			(8 * KIB)

static bool always(void)
{
	return true;
}

/* Does the file know the ioctl? A bad argument is another error than ENOTTY. */
static bool takes(const char *file, unsigned long request)
{
	int fd = proc_open(getpid(), file, O_RDONLY);
	bool unknown = ioctl(fd, request, NULL) && errno == ENOTTY;

	close(fd);
	return !unknown;
}

/* pagemap */

static __u64 read_pagemap(const struct question *question)
{
	long page = sysconf(_SC_PAGESIZE);
	off_t at = question->start / page * sizeof(__u64);
	off_t end = question->end / page * sizeof(__u64);
	int fd = proc_open(question->pid, "pagemap", O_RDONLY);
	__u64 bytes = end - at;
	ssize_t ret;

	while (at < end) {
		ret = pread(fd, buffer, end - at < (off_t)sizeof(buffer) ?
			    end - at : (off_t)sizeof(buffer), at);
		if (ret <= 0)
			die("pagemap of %d is cut off", question->pid);
		at += ret;
	}
	close(fd);
	return bytes;
}

const struct peer pagemap = { "pagemap", always, read_pagemap };

/* pagemap, and kpageflags and kpagecount of each page */

/* Read one word for each of @nr frames in a row. */
static __u64 read_words(int fd, __u64 frame, size_t nr)
{
	__u64 *word = (__u64 *)buffer + ENTRIES;
	ssize_t size = nr * sizeof(*word);

	if (pread(fd, word, size, frame * sizeof(*word)) != size)
		die("%zu frames from %llx on: %s", nr, frame, strerror(errno));
	return size;
}

static size_t frames_in_row(const __u64 *entry, size_t nr)
{
	size_t n = 1;

	nr = nr < FRAMES ? nr : FRAMES;
	while (n < nr && entry[n] & PM_PRESENT &&
	       PM_FRAME(entry[n]) == PM_FRAME(*entry) + n)
		n++;
	return n;
}

static __u64 read_kpages(const struct question *question)
{
	__u64 *entry = (void *)buffer;
	int flags = open("/proc/kpageflags", O_RDONLY);
	int counts = open("/proc/kpagecount", O_RDONLY);
	long page = sysconf(_SC_PAGESIZE);
	__u64 addr, bytes = 0;
	size_t i, nr, row;

	for (addr = question->start; addr < question->end; addr += nr * page) {
		nr = (question->end - addr) / page;
		nr = nr < ENTRIES ? nr : ENTRIES;
		proc_pagemap(question->pid, addr, nr, entry);
		for (i = 0; i < nr; i += row) {
			row = 1;
			if (!(entry[i] & PM_PRESENT))
				continue;
			row = frames_in_row(entry + i, nr - i);
			bytes += read_words(flags, PM_FRAME(entry[i]), row);
			bytes += read_words(counts, PM_FRAME(entry[i]), row);
		}
		bytes += nr * sizeof(*entry);
	}
	close(flags);
	close(counts);
	return bytes;
}

const struct peer kpageflags = { "kpageflags", always, read_kpages };

/* PAGEMAP_SCAN */

static bool scan_exists(void)
{
	return takes("pagemap", SCAN);
}

__u64 scan_regions(const struct question *question, region_fn fn, void *arg)
{
	struct scan_region *region = (void *)buffer;
	struct scan_arg scan = {
		.size = sizeof(scan),
		.start = question->start,
		.end = question->end,
		.vec = (unsigned long)region,
		.vec_len = sizeof(buffer) / sizeof(*region),
		.category_mask = PAGE_PRESENT,
		.return_mask = PAGE_PRESENT,
	};
	int fd = proc_open(question->pid, "pagemap", O_RDONLY);
	__u64 bytes = 0;
	int i, nr;

	while (scan.start < scan.end) {
		nr = ioctl(fd, SCAN, &scan);
		if (nr < 0)
			die("PAGEMAP_SCAN: %s", strerror(errno));
		for (i = 0; fn && i < nr; i++)
			fn(arg, region[i].start, region[i].end);
		bytes += nr * sizeof(*region);
		scan.start = scan.walk_end;
	}
	close(fd);
	return bytes;
}

static __u64 read_scan(const struct question *question)
{
	return scan_regions(question, NULL, NULL);
}

const struct peer pagemap_scan = { "PAGEMAP_SCAN", scan_exists, read_scan };

/* Text */

static __u64 read_text(const struct question *question, const char *name)
{
	int fd = proc_open(question->pid, name, O_RDONLY);
	__u64 bytes = 0;
	ssize_t ret;

	while ((ret = read(fd, buffer, sizeof(buffer))) > 0)
		bytes += ret;
	if (ret < 0)
		die("%s of %d: %s", name, question->pid, strerror(errno));
	close(fd);
	return bytes;
}

static __u64 read_maps(const struct question *question)
{
	return read_text(question, "maps");
}

static __u64 read_smaps(const struct question *question)
{
	return read_text(question, "smaps");
}

static __u64 read_numa_maps(const struct question *question)
{
	return read_text(question, "numa_maps");
}

const struct peer maps = { "maps", always, read_maps };
const struct peer smaps = { "smaps", always, read_smaps };
const struct peer numa_maps = { "numa_maps", always, read_numa_maps };

/* The state of each thread, in a file of its own. */
static __u64 read_task_stat(const struct question *question)
{
	struct dirent *entry;
	__u64 bytes = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", question->pid);
	dir = opendir(path);
	if (!dir)
		die("%s: %s", path, strerror(errno));
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "task/%.16s/stat", entry->d_name);
		bytes += read_text(question, path);
	}
	closedir(dir);
	return bytes;
}

const struct peer task_stat = { "task/stat", always, read_task_stat };

/* PROCMAP_QUERY */

static bool query_exists(void)
{
	return takes("maps", QUERY);
}

static void report(const struct query_arg *query, const char *name,
		   procmap_fn fn, void *arg)
{
	static const char bits[] = "rwx";
	char perms[] = "---p";
	const struct procmap_vma vma = {
		.start = query->vma_start,
		.end = query->vma_end,
		.offset = query->vma_offset,
		.ino = query->inode,
		.major = query->dev_major,
		.minor = query->dev_minor,
		.perms = perms,
		.name = query->vma_name_size ? name : "",
	};
	int i;

	for (i = 0; i < 3; i++)
		if (query->vma_flags & 1 << i)
			perms[i] = bits[i];
	if (query->vma_flags & 1 << 3)
		perms[3] = 's';
	fn(arg, &vma);
}

__u64 query_vmas(const struct question *question, procmap_fn fn, void *arg)
{
	static char name[PATH_MAX];
	int fd = proc_open(question->pid, "maps", O_RDONLY);
	__u64 addr = 0, bytes = 0;

	for (;;) {
		struct query_arg query = {
			.size = sizeof(query),
			.query_flags = QUERY_NEXT,
			.query_addr = addr,
			.vma_name_size = sizeof(name),
			.vma_name_addr = (unsigned long)name,
		};

		if (ioctl(fd, QUERY, &query)) {
			if (errno != ENOENT)
				die("PROCMAP_QUERY: %s", strerror(errno));
			break;
		}
		if (fn)
			report(&query, name, fn, arg);
		bytes += sizeof(query) + query.vma_name_size;
		addr = query.vma_end;
	}
	close(fd);
	return bytes;
}

static __u64 read_query(const struct question *question)
{
	return query_vmas(question, NULL, NULL);
}

const struct peer procmap_query = { "PROCMAP_QUERY", query_exists, read_query };

void peer_measure(const struct peer *peer, const struct question *question,
		  struct cost *cost)
{
	__u64 before = instructions();

	cost->bytes = peer->read(question);
	cost->insns = instructions() - before;
}
