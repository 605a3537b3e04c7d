// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments and sections by ELF files, of this process: what readelf(1), nm(1) and
 * the loader report decides what is right.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "array.h"
#include "refine.h"
#include "tap.h"
#include "text.h"

/* Larger than a page, so that each has mappings of its own. */
int in_data[20000] = { 1 };
int in_bss[20000];
const int in_rodata[20000] = { 1 };

static char folder[32];

static void parse_line(struct space *sp, const char *line)
{
	unsigned long start, end, offset, ino;
	unsigned int dev_major, dev_minor;
	struct mapping *map;
	char perms[5];
	int at = 0;

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &start, &end, perms,
		   &offset, &dev_major, &dev_minor, &ino, &at) < 7)
		return;
	sp->map = more(sp->map, sp->nr, &sp->room, sizeof(*sp->map));
	map = &sp->map[sp->nr++];
	*map = (struct mapping){
		.start = start,
		.name = strndup(line + at, strcspn(line + at, "\n")),
		.vma = {
			.start = start, .end = end, .ino = ino,
			.pgoff = offset >> sp->header.page_shift,
			.dev_major = dev_major, .dev_minor = dev_minor,
			.kind = ino ? MMSCOPE_PRIVATE_FILE :
				      MMSCOPE_PRIVATE_ANON,
			.perms = (perms[0] == 'r' ? MMSCOPE_READ : 0) |
				 (perms[1] == 'w' ? MMSCOPE_WRITE : 0) |
				 (perms[2] == 'x' ? MMSCOPE_EXEC : 0) |
				 (perms[3] == 's' ? MMSCOPE_SHARED : 0),
		},
	};
	map->vma.name_kind = line[at] == '/' ? MMSCOPE_NAME_PATH :
			     line[at] == '[' ? MMSCOPE_NAME_SPECIAL :
					       MMSCOPE_NAME_NONE;
}

/* This process as /proc/self/maps has it: there is no module here. */
static void load_self(struct space *sp, struct classes *classes, int pid)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4200];

	*sp = (struct space){ 0 };
	sp->header.page_shift = (uint8_t)__builtin_ctz(getpagesize());
	sp->exe = realpath("/proc/self/exe", NULL);
	sp->has_mm = true;
	sp->mm.task_size = 1ULL << 47;
	while (f && fgets(line, sizeof(line), f))
		parse_line(sp, line);
	if (f)
		fclose(f);
	classify(classes, sp);
	refine(classes, pid);
}

static void unload(struct space *sp, struct classes *classes)
{
	classes_free(classes);
	space_free(sp);
}

static const struct elf_section *section_of(const struct classes *classes,
					    uint64_t addr)
{
	const struct mapping *map = space_at(classes->sp, addr);
	size_t next = 0;

	return map ? refine_section(classes, map, addr, addr, &next) : NULL;
}

static const char *section_name(const struct classes *classes, const void *at)
{
	const struct elf_section *section = section_of(classes, (uintptr_t)at);

	return section ? section->name : "none";
}

static enum segment segment_at(const struct classes *classes, uint64_t addr)
{
	const struct mapping *map = space_at(classes->sp, addr);

	return map ? class_of(classes, map) : SEGMENTS;
}

static void expect_section(const struct classes *classes, const void *at,
			   const char *name)
{
	const char *is = section_name(classes, at);

	tap_ok(!strcmp(is, name), "%p is in %s: %s", at, name, is);
}

/* Every line of "readelf -SW" that is memory must be a section here. */
static void compare_line(const struct classes *classes, uint64_t bias,
			 const char *path, char *line, size_t *nr)
{
	char name[128], type[32], flags[16];
	uint64_t start, size;
	const struct elf_section *first, *last;
	char *at = strchr(line, ']');

	if (!at || sscanf(at + 1, "%127s %31s %" SCNx64 " %*x %" SCNx64
			  " %*x %15s", name, type, &start, &size, flags) != 5 ||
	    !strchr(flags, 'A') || !size ||
	    (strchr(flags, 'T') && !strcmp(type, "NOBITS")))
		return;
	first = section_of(classes, start + bias);
	last = section_of(classes, start + size - 1 + bias);
	++*nr;
	if (first && first == last && !strcmp(first->name, name) &&
	    first->start == start && first->end == start + size)
		return;
	tap_ok(false, "%s: %s at %" PRIx64 ": %s", path, name, start,
	       first ? first->name : "none");
}

static void compare_sections(const struct classes *classes, uint64_t bias,
			     const char *path)
{
	struct text command = { 0 };
	char line[512];
	size_t nr = 0;
	FILE *f;

	text_printf(&command, "readelf -SW %s", path);
	f = popen(command.s, "re");
	while (f && fgets(line, sizeof(line), f))
		compare_line(classes, bias, path, line, &nr);
	tap_ok(f && !pclose(f) && nr > 5, "%s: %zu sections", path, nr);
	text_free(&command);
}

static void compare_relro(const struct classes *classes, uint64_t bias,
			  const Elf64_Phdr *ph, const char *path)
{
	uint64_t page = 1ULL << classes->sp->header.page_shift;
	uint64_t start = (ph->p_vaddr + bias) & ~(page - 1);
	uint64_t end = (ph->p_vaddr + ph->p_memsz + bias) & ~(page - 1);
	enum segment is = segment_at(classes, start);

	if (start < end)
		tap_ok(is == SEGMENT_RELRO || is == SEGMENT_LIB_RELRO,
		       "%s: RELRO is %s", path, segment_info(is)->name);
}

static void compare_bss(const struct classes *classes, uint64_t bias,
			const Elf64_Phdr *ph, const char *path)
{
	uint64_t page = 1ULL << classes->sp->header.page_shift;
	uint64_t start = (ph->p_vaddr + ph->p_filesz + bias + page - 1) &
			 ~(page - 1);
	uint64_t end = (ph->p_vaddr + ph->p_memsz + bias + page - 1) &
		       ~(page - 1);
	const struct mapping *map = space_at(classes->sp, start);
	enum segment is = segment_at(classes, start);

	/* Merged with other memory, the mapping may be named after that. */
	if (start < end && map && (end - start) * 2 >= map->vma.end - start)
		tap_ok((is == SEGMENT_BSS || is == SEGMENT_LIB_BSS) &&
		       !class_is_guess(classes, map), "%s: bss is %s", path,
		       segment_info(is)->name);
}

static int compare_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	const struct classes *classes = arg;
	const char *path = *info->dlpi_name ? info->dlpi_name :
					      classes->sp->exe;

	(void)size;
	if (access(path, R_OK))
		return 0;	/* the vdso */
	compare_sections(classes, info->dlpi_addr, path);
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_GNU_RELRO)
			compare_relro(classes, info->dlpi_addr, ph, path);
		if (ph->p_type == PT_LOAD && ph->p_memsz > ph->p_filesz)
			compare_bss(classes, info->dlpi_addr, ph, path);
	}
	return 0;
}

/* The loader and readelf know where the sections of all objects are. */
static void test_self(void)
{
	struct classes classes;
	struct space sp;

	load_self(&sp, &classes, getpid());
	dl_iterate_phdr(compare_object, &classes);
	expect_section(&classes, in_data, ".data");
	expect_section(&classes, in_bss, ".bss");
	expect_section(&classes, in_rodata, ".rodata");
	expect_section(&classes, (const void *)(uintptr_t)test_self, ".text");
	tap_ok(segment_at(&classes, (uintptr_t)&in_bss[19999]) == SEGMENT_BSS,
	       "bss of the program");
	unload(&sp, &classes);
}

/* nm numbers addresses as the file does. */
static void test_nm(void)
{
	static const struct {
		const char *name;
		const void *at;
	} symbols[] = {
		{ "in_data", in_data }, { "in_bss", in_bss },
		{ "in_rodata", in_rodata },
	};
	struct classes classes;
	struct space sp;
	char line[512], name[256];
	size_t nr = 0;
	FILE *f = popen("nm /proc/$PPID/exe", "re");

	load_self(&sp, &classes, getpid());
	while (f && fgets(line, sizeof(line), f)) {
		uint64_t value;

		if (sscanf(line, "%" SCNx64 " %*c %255s", &value, name) != 2)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
			uint64_t addr = (uintptr_t)symbols[i].at;
			const struct mapping *map = space_at(&sp, addr);

			if (strcmp(name, symbols[i].name) || !map)
				continue;
			nr++;
			tap_ok(addr - classes.part[map - sp.map].bias == value,
			       "%s as nm has it", name);
		}
	}
	tap_ok(f && !pclose(f) && nr == ARRAY_SIZE(symbols), "nm found all");
	unload(&sp, &classes);
}

/* A snapshot may be of another machine. */
static void test_no_process(void)
{
	struct classes classes;
	struct space sp;
	bool any = false;

	load_self(&sp, &classes, 0);
	for (size_t i = 0; i < sp.nr; i++)
		any |= !!classes.part[i].elf;
	tap_ok(!classes.files && !any, "no file is opened for a snapshot");
	unload(&sp, &classes);
}

static void path_in_folder(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

/*
 * A library with size numbers in each section. Between its segments are holes,
 * which the loader leaves mapped without access.
 */
static bool compile(const char *name, unsigned int size)
{
	struct text command = { 0 };
	bool fine;

	text_printf(&command, "echo 'int d[%u] = { 1 }; int b[%u];", size,
		    size * 10);
	text_printf(&command, "const int r[%u] = { 1 };", size);
	text_puts(&command, "void *const p[600] = { d };");
	text_puts(&command, "int f(void) { return 1; }' | cc -xc -O1 -fPIC");
	text_puts(&command, " -shared -Wl,-z,relro -Wl,-z,max-page-size=65536");
	text_printf(&command, " -o %s/%s -", folder, name);
	fine = !system(command.s);
	text_free(&command);
	return fine;
}

static void *open_library(const char *name)
{
	char path[64];

	path_in_folder(path, sizeof(path), name);
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static size_t holes_with_sections(const struct classes *classes)
{
	const struct space *sp = classes->sp;
	size_t nr = 0;

	for (size_t i = 0; i < sp->nr; i++)
		nr += classes->part[i].elf &&
		      !(sp->map[i].vma.perms & ~MMSCOPE_SHARED);
	return nr;
}

/* The file of the mapping counts, not what its name leads to now. */
static void expect_library(void *library, const char *what)
{
	static const struct {
		const char *symbol;
		const char *section;
		enum segment segment;
	} wanted[] = {
		{ "d", ".data", SEGMENT_LIB_DATA },
		{ "b", ".bss", SEGMENT_LIB_BSS },
		{ "r", ".rodata", SEGMENT_LIB_RODATA },
		{ "f", ".text", SEGMENT_LIB_TEXT },
		{ "p", ".data.rel.ro", SEGMENT_LIB_RELRO },
	};
	struct classes classes;
	struct space sp;

	load_self(&sp, &classes, getpid());
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		char *at = dlsym(library, wanted[i].symbol);
		const char *name;

		/* In the second page: the first one may begin with data. */
		if (wanted[i].segment == SEGMENT_LIB_BSS)
			at += 2 << sp.header.page_shift;
		name = section_name(&classes, at);
		tap_ok(!strcmp(name, wanted[i].section) &&
		       segment_at(&classes, (uintptr_t)at) == wanted[i].segment,
		       "%s: %s is in %s, %s", what, wanted[i].symbol, name,
		       segment_info(segment_at(&classes, (uintptr_t)at))->name);
	}
	tap_ok(!holes_with_sections(&classes), "%s: holes have no section",
	       what);
	unload(&sp, &classes);
}

static void test_replaced(void)
{
	char from[64], to[64];
	void *library;

	if (!tap_ok(compile("lib.so", 30000) && compile("other.so", 60),
		    "compile libraries"))
		return;
	library = open_library("lib.so");
	if (!tap_ok(library, "load a library"))
		return;
	path_in_folder(from, sizeof(from), "other.so");
	path_in_folder(to, sizeof(to), "lib.so");
	expect_library(library, "as it is");
	tap_ok(!rename(from, to), "replace its file");
	expect_library(library, "replaced");
	tap_ok(!unlink(to), "remove that");
	expect_library(library, "deleted");
	dlclose(library);
}

static const struct elf_file *get_file(struct elf_cache *cache,
				       struct mapping *map, const char *name)
{
	struct stat st;

	if (stat(name, &st))
		return NULL;
	map->name = name;
	map->vma.ino = st.st_ino;
	map->vma.dev_major = major(st.st_dev);
	map->vma.dev_minor = minor(st.st_dev);
	return elf_cache_get(cache, map);
}

/* By name, where the mapping is gone: only if it is the file that was mapped. */
static void test_by_name(void)
{
	struct elf_cache *cache = elf_cache_new(getpid());
	struct mapping maps[4] = { 0 };
	char name[64];

	tap_ok(compile("named.so", 100), "compile a library");
	path_in_folder(name, sizeof(name), "named.so");
	tap_ok(get_file(cache, &maps[0], name), "a file by its name");
	maps[1] = maps[0];
	maps[1].vma.ino++;
	tap_ok(!elf_cache_get(cache, &maps[1]), "not one of another inode");
	maps[2] = maps[0];
	maps[2].vma.dev_minor++;
	tap_ok(!elf_cache_get(cache, &maps[2]), "nor of another device");
	elf_cache_free(cache);
}

/* Whether the file is opened, but with O_PATH, of which there is no event. */
static bool is_opened(struct elf_cache *cache, struct mapping *map,
		      const char *name)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char event[512];
	bool opened;

	if (watch < 0 || inotify_add_watch(watch, name, IN_OPEN) < 0)
		return true;
	opened = get_file(cache, map, name) ||
		 read(watch, event, sizeof(event)) > 0;
	close(watch);
	return opened;
}

/* open() of a FIFO would wait for a writer, that of a device may change it. */
static void test_not_regular(void)
{
	struct elf_cache *cache = elf_cache_new(getpid());
	struct mapping maps[4] = { 0 };
	char fifo[64], regular[64], device[64] = "";
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	path_in_folder(regular, sizeof(regular), "named.so");
	tap_ok(is_opened(cache, &maps[3], regular), "a regular file is opened");
	path_in_folder(fifo, sizeof(fifo), "fifo");
	tap_ok(!mkfifo(fifo, 0600), "make a FIFO");
	tap_ok(!is_opened(cache, &maps[0], fifo), "a FIFO is not opened");
	/* A device that nobody else opens. */
	tap_ok(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal) &&
	       !ptsname_r(terminal, device, sizeof(device)) &&
	       !is_opened(cache, &maps[1], device), "nor a device");
	close(terminal);
	tap_ok(!is_opened(cache, &maps[2], folder), "nor a folder");
	elf_cache_free(cache);
}

int main(void)
{
	char command[64];

	snprintf(folder, sizeof(folder), "/tmp/mmscope-elf-XXXXXX");
	if (!tap_ok(mkdtemp(folder), "make a folder"))
		return tap_done();
	if (geteuid()) {
		tap_skip("only root may open /proc/PID/map_files");
	} else {
		test_self();
		test_nm();
		test_no_process();
		test_replaced();
	}
	test_by_name();
	test_not_regular();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	tap_ok(!system(command), "remove the folder");
	return tap_done();
}
