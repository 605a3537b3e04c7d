// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "array.h"
#include "segment.h"
#include "space.h"

#define GUARD_MAX	(1ULL << 20)

/* How far behind its text an object made for pages of 64 KiB has its data. */
#define HOLE_MAX	(128ULL << 10)

static const struct segment_info infos[SEGMENTS] = {
	[SEGMENT_ANON] = { "anon", "anonymous", "anonymous", FAMILY_ANON },
	[SEGMENT_TEXT] = { "text", "text", "text", FAMILY_PROGRAM },
	[SEGMENT_RODATA] = { "rodata", "rodata", "rodata", FAMILY_PROGRAM },
	[SEGMENT_DATA] = { "data", "data", "data", FAMILY_PROGRAM },
	[SEGMENT_BSS] = { "bss", "bss", "bss", FAMILY_PROGRAM },
	[SEGMENT_HEAP] = { "heap", "heap", "heap", FAMILY_HEAP },
	[SEGMENT_LIB_TEXT] = { "lib-text", "library", "text", FAMILY_LIBRARY },
	[SEGMENT_LIB_RODATA] = { "lib-rodata", "library", "rodata",
				 FAMILY_LIBRARY },
	[SEGMENT_LIB_DATA] = { "lib-data", "library", "data", FAMILY_LIBRARY },
	[SEGMENT_LIB_BSS] = { "lib-bss", "library", "bss", FAMILY_LIBRARY },
	[SEGMENT_FILE] = { "file", "file", "file", FAMILY_FILE },
	[SEGMENT_SHARED_ANON] = { "shared-anon", "shared anonymous", "shared",
				  FAMILY_SHARED },
	[SEGMENT_SYSV] = { "sysv-shm", "SysV shm", "shm", FAMILY_SHARED },
	[SEGMENT_MEMFD] = { "memfd", "memfd", "memfd", FAMILY_SHARED },
	[SEGMENT_SHM] = { "posix-shm", "POSIX shm", "shm", FAMILY_SHARED },
	[SEGMENT_HUGETLB] = { "hugetlb", "hugetlb", "hugetlb", FAMILY_SHARED },
	[SEGMENT_DEVICE] = { "device", "device", "device", FAMILY_FILE },
	[SEGMENT_STACK] = { "stack", "stack", "stack", FAMILY_STACK },
	[SEGMENT_GUARD] = { "guard", "guard", "guard", FAMILY_ANON },
	[SEGMENT_RESERVE] = { "reserve", "reserved, no access", "reserve",
			      FAMILY_ANON },
	[SEGMENT_VDSO] = { "vdso", "vdso", "vdso", FAMILY_KERNEL },
	[SEGMENT_VVAR] = { "vvar", "vvar", "vvar", FAMILY_KERNEL },
	[SEGMENT_SPECIAL] = { "special", "special", "special", FAMILY_KERNEL },
};

/**
 * segment_info - what is known of a segment
 * @segment: which
 *
 * Return: never NULL
 */
const struct segment_info *segment_info(enum segment segment)
{
	return &infos[segment];
}

/**
 * segment_kind - name of one of the four kinds of mapping
 * @kind: enum mmscope_vma_kind, or a newer one
 *
 * Return: "private-anon" and the like, or "?"
 */
const char *segment_kind(unsigned int kind)
{
	static const char *const names[] = {
		"?", "private-anon", "private-file", "shared-anon",
		"shared-file",
	};

	return names[kind < ARRAY_SIZE(names) ? kind : 0];
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool is_private_file(const struct mapping *map)
{
	return map->vma.kind == MMSCOPE_PRIVATE_FILE;
}

static bool is_accessible(const struct mapping *map)
{
	return map->vma.perms & (MMSCOPE_READ | MMSCOPE_WRITE | MMSCOPE_EXEC);
}

/* The bits of vm_flags that say it is no ordinary memory. */
static uint64_t device_flags(const struct space *sp)
{
	const struct names *names = &sp->names[MMSCOPE_NAMES_VMA_FLAGS];
	uint64_t flags = 0;

	for (uint32_t i = 0; i < names->nr; i++) {
		const struct mmscope_name *name = &names->name[i];

		if (name->value < 64 && (!strcmp(name->name, "io") ||
					 !strcmp(name->name, "pf")))
			flags |= 1ULL << name->value;
	}
	return flags;
}

/* What the kernel knows for sure. */
static bool by_kernel(struct mapping *map)
{
	static const struct {
		enum mmscope_segment from;
		enum segment to;
	} same[] = {
		{ MMSCOPE_SEG_HEAP, SEGMENT_HEAP },
		{ MMSCOPE_SEG_STACK, SEGMENT_STACK },
		{ MMSCOPE_SEG_VDSO, SEGMENT_VDSO },
		{ MMSCOPE_SEG_VVAR, SEGMENT_VVAR },
		{ MMSCOPE_SEG_SPECIAL, SEGMENT_SPECIAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		if (map->vma.segment == same[i].from) {
			map->segment = same[i].to;
			return true;
		}
	}
	return false;
}

static bool by_name(struct mapping *map)
{
	static const struct {
		const char *prefix;
		enum segment segment;
	} shared[] = {
		{ "/SYSV", SEGMENT_SYSV },
		{ "/memfd:", SEGMENT_MEMFD },
		{ "/dev/shm/", SEGMENT_SHM },
		{ "/dev/zero (deleted)", SEGMENT_SHARED_ANON },
	};

	if (map->vma.name_kind != MMSCOPE_NAME_PATH)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		if (begins(map->name, shared[i].prefix)) {
			map->segment = shared[i].segment;
			return true;
		}
	}
	return false;
}

static enum segment of_kind(const struct mapping *map)
{
	switch (map->vma.kind) {
	case MMSCOPE_PRIVATE_FILE:
	case MMSCOPE_SHARED_FILE:
		return SEGMENT_FILE;
	case MMSCOPE_SHARED_ANON:
		return SEGMENT_SHARED_ANON;
	default:
		return SEGMENT_ANON;
	}
}

static void classify_one(const struct space *sp, struct mapping *map,
			 uint64_t device)
{
	if (by_kernel(map))
		return;
	if (map->vma.page_shift > sp->header.page_shift)
		map->segment = SEGMENT_HUGETLB;
	else if (map->vma.flags & device)
		map->segment = SEGMENT_DEVICE;
	else if (!by_name(map))
		map->segment = of_kind(map);
}

static bool same_file(const struct mapping *a, const struct mapping *b)
{
	return a->vma.ino == b->vma.ino &&
	       a->vma.dev_major == b->vma.dev_major &&
	       a->vma.dev_minor == b->vma.dev_minor;
}

static bool is_object_part(const struct mapping *map)
{
	return map->segment == SEGMENT_FILE && is_private_file(map);
}

static enum segment part_of(const struct mapping *map, bool program)
{
	if (!is_accessible(map))
		return SEGMENT_GUARD;
	if (map->vma.perms & MMSCOPE_EXEC)
		return program ? SEGMENT_TEXT : SEGMENT_LIB_TEXT;
	if (map->vma.perms & MMSCOPE_WRITE)
		return program ? SEGMENT_DATA : SEGMENT_LIB_DATA;
	return program ? SEGMENT_RODATA : SEGMENT_LIB_RODATA;
}

/*
 * The object that a file's mapping continues behind a hole, in which others may
 * lie: where the kernel maps a loader it fills no holes, and mmap() does.
 */
static const struct mapping *continued(const struct space *sp, size_t i)
{
	const struct mapping *map = &sp->map[i];

	while (i-- && map->start - sp->map[i].vma.end < HOLE_MAX) {
		const struct mapping *below = &sp->map[i];

		if (below->object && same_file(below, map) &&
		    below->vma.pgoff < map->vma.pgoff)
			return below;
	}
	return NULL;
}

/* Mappings first to end are one file's; it is an object if one is code. */
static void classify_object(struct space *sp, size_t first, size_t end,
			    uint32_t number)
{
	bool code = false, program = false;

	for (size_t i = first; i < end; i++) {
		code |= sp->map[i].vma.perms & MMSCOPE_EXEC;
		program |= sp->map[i].vma.segment == MMSCOPE_SEG_CODE;
	}
	if (!code && !program) {
		const struct mapping *below = continued(sp, first);

		if (!below)
			return;
		number = below->object;
		program = infos[below->segment].family == FAMILY_PROGRAM;
	}
	for (size_t i = first; i < end; i++) {
		sp->map[i].segment = part_of(&sp->map[i], program);
		sp->map[i].object = number;
	}
}

static void classify_objects(struct space *sp)
{
	uint32_t number = 0;
	size_t end;

	for (size_t first = 0; first < sp->nr; first = end) {
		end = first + 1;
		if (!is_object_part(&sp->map[first]))
			continue;
		while (end < sp->nr && is_object_part(&sp->map[end]) &&
		       same_file(&sp->map[first], &sp->map[end]))
			end++;
		classify_object(sp, first, end, ++number);
	}
}

/* Code and data copied to anonymous memory, as for huge pages. */
static void classify_moved(struct mapping *map)
{
	if (map->segment != SEGMENT_ANON)
		return;
	if (map->vma.segment == MMSCOPE_SEG_CODE && is_accessible(map))
		map->segment = part_of(map, true);
	else if (map->vma.segment == MMSCOPE_SEG_DATA && is_accessible(map))
		map->segment = part_of(map, true);
}

/* Bytes mapped of the object whose last mapping is at index last. */
static uint64_t object_size(const struct space *sp, size_t last)
{
	size_t first = last;

	while (first && sp->map[first - 1].object == sp->map[last].object)
		first--;
	return sp->map[last].vma.end - sp->map[first].start;
}

/*
 * The program's bss ends where the heap may start. That of a library has no
 * end in the mm, and the kernel merges neighbours into it or puts them there:
 * what is longer than all else of its library is taken for a neighbour.
 */
static bool fits_bss(const struct space *sp, size_t i, bool program)
{
	const struct mapping *map = &sp->map[i];

	if (!program)
		return sp->map[i - 1].segment != SEGMENT_LIB_BSS &&
		       map->vma.end - map->start <= object_size(sp, i - 1);
	return !sp->mm.start_brk || map->start < sp->mm.start_brk;
}

/* Writable memory right behind the last file mapping of an object. */
static void classify_bss(const struct space *sp, size_t i)
{
	const struct mapping *before = &sp->map[i - 1];
	struct mapping *map = &sp->map[i];
	bool program;

	if (map->segment != SEGMENT_ANON || !(map->vma.perms & MMSCOPE_WRITE) ||
	    map->vma.name_kind != MMSCOPE_NAME_NONE)
		return;
	if (!before->object || before->vma.end != map->start ||
	    before->segment == SEGMENT_TEXT ||
	    before->segment == SEGMENT_LIB_TEXT ||
	    before->segment == SEGMENT_GUARD)
		return;
	program = infos[before->segment].family == FAMILY_PROGRAM;
	if (!fits_bss(sp, i, program))
		return;
	map->segment = program ? SEGMENT_BSS : SEGMENT_LIB_BSS;
	map->object = before->object;
}

static bool touches(const struct space *sp, size_t i)
{
	const struct mapping *map = &sp->map[i];

	return (i && sp->map[i - 1].vma.end == map->start) ||
	       (i + 1 < sp->nr && sp->map[i + 1].start == map->vma.end);
}

/*
 * Memory nobody may touch: small and beside a mapping it guards that. Whether
 * there is something in it does not count: few commands ask for that.
 */
static void classify_barrier(struct space *sp, size_t i)
{
	struct mapping *map = &sp->map[i];

	if (map->segment != SEGMENT_ANON || is_accessible(map))
		return;
	if (map->vma.end - map->start <= GUARD_MAX && touches(sp, i))
		map->segment = SEGMENT_GUARD;
	else
		map->segment = SEGMENT_RESERVE;
}

/**
 * segment_classify - find out what each mapping is; linear in their number
 * @sp: a whole address space; sets @segment and @object of its mappings
 */
void segment_classify(struct space *sp)
{
	uint64_t device = device_flags(sp);

	for (size_t i = 0; i < sp->nr; i++)
		classify_one(sp, &sp->map[i], device);
	classify_objects(sp);
	for (size_t i = 0; i < sp->nr; i++) {
		classify_moved(&sp->map[i]);
		if (i)
			classify_bss(sp, i);
		classify_barrier(sp, i);
	}
}
