// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "uapi.h"
#include "oracle/proc.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif

int proc_open(pid_t pid, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	return fd;
}

static char *read_to_end(int fd, size_t *len)
{
	size_t room = 65536, used = 0;
	char *data = malloc(room);
	ssize_t ret;

	while ((ret = read(fd, data + used, room - used - 1)) > 0) {
		used += ret;
		if (room - used < 32768) {
			room *= 2;
			data = realloc(data, room);
		}
	}
	if (ret < 0)
		die("a read from /proc failed: %s", strerror(errno));
	data[used] = '\0';
	if (len)
		*len = used;
	return data;
}

char *proc_read(pid_t pid, const char *file, size_t *len)
{
	int fd = proc_open(pid, file, O_RDONLY);
	char *data = read_to_end(fd, len);

	close(fd);
	return data;
}

char *proc_link(pid_t pid, const char *file)
{
	char path[64];
	char *to = calloc(1, 8192);

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	if (readlink(path, to, 8191) < 0)
		die("cannot read the link %s: %s", path, strerror(errno));
	return to;
}

/* maps and smaps */

/* Return: whether @line is the first one of a mapping. */
static bool parse_vma(struct proc_vma *vma, char *line)
{
	int at = 0;

	memset(vma, 0, sizeof(*vma));
	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu%n", &vma->start,
		   &vma->end, vma->perms, &vma->offset, &vma->major,
		   &vma->minor, &vma->ino, &at) != 7)
		return false;
	while (line[at] == ' ')
		at++;
	vma->name = strdup(line + at);
	vma->block = strdup("");
	return true;
}

static void add_line(struct proc_vma *vma, const char *line)
{
	size_t old = strlen(vma->block);

	vma->block = realloc(vma->block, old + strlen(line) + 2);
	sprintf(vma->block + old, "%s\n", line);
}

struct proc_maps *proc_maps(pid_t pid, const char *file)
{
	struct proc_maps *maps = calloc(1, sizeof(*maps));
	char *text = proc_read(pid, file, NULL);
	char *line, *next = text;
	size_t room = 0;

	while ((line = strsep(&next, "\n")) && *line) {
		struct proc_vma vma;

		if (!parse_vma(&vma, line)) {
			if (maps->nr)
				add_line(&maps->vma[maps->nr - 1], line);
			continue;
		}
		if (maps->nr == room) {
			room = room ? room * 2 : 64;
			maps->vma = realloc(maps->vma, room * sizeof(vma));
		}
		maps->vma[maps->nr++] = vma;
	}
	if (maps->nr && !strcmp(maps->vma[maps->nr - 1].name, "[vsyscall]"))
		maps->nr--;
	free(text);
	return maps;
}

void proc_maps_free(struct proc_maps *maps)
{
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		free(maps->vma[i].name);
		free(maps->vma[i].block);
	}
	free(maps->vma);
	free(maps);
}

const struct proc_vma *proc_vma_at(const struct proc_maps *maps, __u64 addr)
{
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (maps->vma[i].start <= addr && addr < maps->vma[i].end)
			return &maps->vma[i];
	die("no mapping at %llx", addr);
}

const struct proc_vma *proc_vma_named(const struct proc_maps *maps,
				      const char *name)
{
	const struct proc_vma *found = NULL;
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		if (strcmp(maps->vma[i].name, name))
			continue;
		if (found)
			die("two mappings are called %s", name);
		found = &maps->vma[i];
	}
	if (!found)
		die("no mapping is called %s", name);
	return found;
}

/* The text after "NAME:" at the start of a line, in a static buffer. */
static const char *line_of(const char *text, const char *name)
{
	static char value[512];
	size_t len = strlen(name);

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, len) || text[len] != ':')
			continue;
		text += len + 1;
		text += strspn(text, " \t");
		snprintf(value, sizeof(value), "%.*s",
			 (int)strcspn(text, "\n"), text);
		return value;
	}
	return NULL;
}

const char *smaps_text(const struct proc_vma *vma, const char *name)
{
	const char *value = line_of(vma->block, name);

	if (!value)
		die("smaps has no line %s", name);
	return value;
}

__u64 smaps_kb(const struct proc_vma *vma, const char *name)
{
	return strtoull(smaps_text(vma, name), NULL, 10);
}

bool smaps_flag(const struct proc_vma *vma, const char *flag)
{
	const char *flags = smaps_text(vma, "VmFlags");

	for (; strlen(flags) >= 2; flags += 3)
		if (!strncmp(flags, flag, 2))
			return true;
	return false;
}

/* Other files of a process */

bool proc_has_status(pid_t pid, const char *name)
{
	char *text = proc_read(pid, "status", NULL);
	bool has = line_of(text, name);

	free(text);
	return has;
}

__u64 proc_status(pid_t pid, const char *name)
{
	char *text = proc_read(pid, "status", NULL);
	const char *value = line_of(text, name);

	if (!value)
		die("status of %d has no line %s", pid, name);
	free(text);
	return strtoull(value, NULL, 10);
}

/* The fields after the name, which may contain blanks and parentheses. */
static const char *stat_tail(const char *text)
{
	const char *tail = strrchr(text, ')');

	if (!tail)
		die("stat without a name: %s", text);
	return tail + 2;
}

char proc_state(pid_t pid)
{
	char *text = proc_read(pid, "stat", NULL);
	char state = *stat_tail(text);

	free(text);
	return state;
}

__u64 proc_stat(pid_t pid, unsigned int field)
{
	char *text = proc_read(pid, "stat", NULL);
	const char *at = stat_tail(text);
	unsigned int i;
	__u64 value;

	for (i = 3; i < field; i++)
		at += strcspn(at, " ") + 1;
	value = strtoull(at, NULL, 10);
	free(text);
	return value;
}

__u64 proc_statm(pid_t pid, unsigned int column)
{
	char *text = proc_read(pid, "statm", NULL);
	char *at = text;
	__u64 value;

	while (column--)
		at += strcspn(at, " ") + 1;
	value = strtoull(at, NULL, 10);
	free(text);
	return value;
}

/* The size of a word of the program: its ELF class. */
static size_t word_size(pid_t pid)
{
	unsigned char ident[EI_NIDENT];
	int fd = proc_open(pid, "exe", O_RDONLY);

	if (read(fd, ident, sizeof(ident)) != sizeof(ident) ||
	    memcmp(ident, ELFMAG, SELFMAG))
		die("the program of %d is no ELF file", pid);
	close(fd);
	return ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
}

static __u64 word_at(const char *words, size_t i, size_t size)
{
	__u64 word = 0;

	/* All architectures here are little-endian. */
	memcpy(&word, words + i * size, size);
	return word;
}

__u64 proc_auxv(pid_t pid, __u64 type)
{
	size_t len, i, size = word_size(pid);
	char *auxv = proc_read(pid, "auxv", &len);
	__u64 value = 0;
	bool found = false;

	for (i = 0; i + 1 < len / size && !found; i += 2) {
		if (word_at(auxv, i, size) != type)
			continue;
		value = word_at(auxv, i + 1, size);
		found = true;
	}
	free(auxv);
	if (!found)
		die("auxv of %d has no entry %llu", pid, type);
	return value;
}

static __u64 page_up(__u64 addr)
{
	__u64 page = PAGE;

	return (addr + page - 1) & -page;
}

struct proc_heap proc_heap(pid_t pid, const struct proc_maps *maps)
{
	__u64 start_brk = proc_stat(pid, 47);
	struct proc_heap heap = { page_up(start_brk), page_up(start_brk) };
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (!strcmp(maps->vma[i].name, "[heap]") &&
		    !strcmp(maps->vma[i].perms, "rw-p") &&
		    maps->vma[i].end > heap.end)
			heap.end = maps->vma[i].end;
	/* The first page may be that of bss, if start_brk lies in it. */
	if (heap.end > heap.start)
		heap.start = start_brk;
	return heap;
}

/* Pages */

void proc_pagemap_at(int pagemap, __u64 start, size_t nr, __u64 *entries)
{
	long page = PAGE;
	size_t done = 0;

	while (done < nr) {
		ssize_t ret = pread(pagemap, entries + done,
				    (nr - done) * sizeof(*entries),
				    (start / page + done) * sizeof(*entries));

		if (ret <= 0)
			die("pagemap at %llx: %s", start + done * page,
			    ret ? strerror(errno) : "the end");
		done += ret / sizeof(*entries);
	}
}

void proc_pagemap(pid_t pid, __u64 start, size_t nr, __u64 *entries)
{
	int fd = proc_open(pid, "pagemap", O_RDONLY);

	proc_pagemap_at(fd, start, nr, entries);
	close(fd);
}

__u64 proc_page(pid_t pid, __u64 addr)
{
	__u64 entry;

	proc_pagemap(pid, addr, 1, &entry);
	return entry;
}

void proc_clear_refs(pid_t pid, int what)
{
	int fd = proc_open(pid, "clear_refs", O_WRONLY);

	if (dprintf(fd, "%d\n", what) < 0)
		die("clear_refs of %d: %s", pid, strerror(errno));
	close(fd);
}

/* The kernel */

#define MAX_RANGES	64

/* What /proc/iomem lists as memory; @last is the last address of a range. */
struct memory {
	struct {
		__u64 start;
		__u64 last;
	} range[MAX_RANGES];
	size_t nr;
};

static void read_iomem(struct memory *memory)
{
	FILE *file = fopen("/proc/iomem", "r");
	__u64 start, last;
	char line[256];

	if (!file)
		die("no /proc/iomem");
	while (fgets(line, sizeof(line), file)) {
		if (!strstr(line, ": System RAM") ||
		    sscanf(line, "%llx-%llx", &start, &last) != 2)
			continue;
		if (memory->nr == MAX_RANGES)
			die("more than %u ranges of memory", MAX_RANGES);
		memory->range[memory->nr].start = start;
		memory->range[memory->nr++].last = last;
	}
	fclose(file);
}

/* Read once: tests ask for every frame of large mappings. */
bool proc_is_memory(__u64 frame)
{
	static struct memory memory;
	__u64 addr = frame * PAGE;
	bool found = false;
	size_t i;

	if (!memory.nr)
		read_iomem(&memory);
	for (i = 0; i < memory.nr && !found; i++)
		found = memory.range[i].start <= addr &&
			addr <= memory.range[i].last;
	return found;
}

/* The kernel takes long to print the file, so a process reads it once. */
__u64 proc_symbol(const char *name)
{
	static char *text;
	const size_t len = strlen(name);
	const char *at;
	int fd;

	if (!text) {
		fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die("no /proc/kallsyms");
		text = read_to_end(fd, NULL);
		close(fd);
	}
	for (at = text; (at = strstr(at, name)); at += len)
		if (at[-1] == ' ' && strchr("\t\n", at[len]))
			return strtoull(at - strlen("ffffffffffffffff T "), NULL, 16);
	return 0;
}

long long file_number(const char *path, long long missing)
{
	FILE *file = fopen(path, "r");
	long long value;

	if (!file)
		return missing;
	if (fscanf(file, "%lld", &value) != 1)
		value = missing;
	fclose(file);
	return value;
}

long long file_value(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char line[256], word[64];
	long long value;
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%63s %lld", word, &value) == 2 &&
			!strcmp(word, name);
	if (!found)
		die("%s has no line %s", path, name);
	fclose(file);
	return value;
}

void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != strlen(text))
		die("cannot write %s to %s: %s", text, path, strerror(errno));
	close(fd);
}

bool file_has_word(const char *path, const char *word)
{
	FILE *file = fopen(path, "r");
	char next[256];
	bool found = false;

	if (!file)
		return false;
	while (!found && fscanf(file, "%255s", next) == 1)
		found = !strcmp(next, word);
	fclose(file);
	return found;
}

/* Write only what differs: a write wakes khugepaged up for one more scan. */
void kernel_stand_still(void)
{
	const char *balance = "/proc/sys/kernel/numa_balancing";
	const char *sampling = "/sys/module/damon_stat/parameters/enabled";
	const char *sleep = "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs";

	if (file_has_word(sampling, "Y"))
		file_write(sampling, "N");
	if (file_number(sleep, UINT_MAX) != UINT_MAX)
		file_write(sleep, "4294967295");
	if (file_number(balance, 0))
		file_write(balance, "0");
}

#ifdef __x86_64__
unsigned int kernel_user_bits(void)
{
	return file_has_word("/proc/cpuinfo", "la57") ? 56 : 47;
}
#else
/* Can the page that ends at that address be mapped? */
static bool can_map_below(__u64 end)
{
	void *last = (void *)(unsigned long)(end - PAGE);
	void *p = mmap(last, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno == EEXIST;
	munmap(p, PAGE);
	return true;
}

unsigned int kernel_user_bits(void)
{
	unsigned int bits = 52;

	while (!can_map_below(1ULL << bits))
		bits--;
	return bits;
}
#endif

/* x86 has one bit more, for the kernel half. */
unsigned int kernel_levels(void)
{
#ifdef __x86_64__
	unsigned int bits = kernel_user_bits() + 1;
#else
	unsigned int bits = kernel_user_bits();
#endif
	unsigned int levels = 0;
	__u64 maps = PAGE;

	while (maps < 1ULL << bits) {
		maps *= TABLE_ENTRIES;
		levels++;
	}
	return levels;
}

unsigned int kernel_huge_level(void)
{
	return kernel_levels() > 2 ? MMSCOPE_PMD : MMSCOPE_PGD;
}

size_t kernel_hugetlb_size(void)
{
	return file_value("/proc/meminfo", "Hugepagesize:") * KIB;
}

bool kernel_has_thp(void)
{
	return !access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK);
}

bool kernel_since(unsigned int major, unsigned int minor)
{
	unsigned int is_major = 0, is_minor = 0;
	struct utsname uts;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &is_major, &is_minor) != 2)
		die("unknown kernel release: %s", uts.release);
	return is_major > major || (is_major == major && is_minor >= minor);
}
