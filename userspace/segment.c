// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "array.h"
#include "segment.h"

static const struct segment_info infos[SEGMENTS] = {
	[SEGMENT_ANON] = { "anon", "anonymous", "anonymous", FAMILY_ANON },
	[SEGMENT_TEXT] = { "text", "text", "text", FAMILY_PROGRAM },
	[SEGMENT_RODATA] = { "rodata", "rodata", "rodata", FAMILY_PROGRAM },
	[SEGMENT_RELRO] = { "relro", "data, relro", "relro", FAMILY_PROGRAM },
	[SEGMENT_DATA] = { "data", "data", "data", FAMILY_PROGRAM },
	[SEGMENT_BSS] = { "bss", "bss", "bss", FAMILY_PROGRAM },
	[SEGMENT_HEAP] = { "heap", "heap", "heap", FAMILY_HEAP },
	[SEGMENT_LIB_TEXT] = { "lib-text", "library", "text", FAMILY_LIBRARY },
	[SEGMENT_LIB_RODATA] = { "lib-rodata", "library", "rodata",
				 FAMILY_LIBRARY },
	[SEGMENT_LIB_RELRO] = { "lib-relro", "library", "relro",
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
	[SEGMENT_PFNMAP] = { "pfnmap", "pfnmap", "pfnmap", FAMILY_FILE },
	[SEGMENT_STACK] = { "stack", "stack", "stack", FAMILY_STACK },
	[SEGMENT_THREAD_STACK] = { "thread-stack", "thread stack (a guess)",
				   "stack", FAMILY_STACK },
	[SEGMENT_GUARD] = { "guard", "guard", "guard", FAMILY_ANON },
	[SEGMENT_RESERVE] = { "reserve", "reserved, no access", "reserve",
			      FAMILY_ANON },
	[SEGMENT_ARENA] = { "arena", "malloc arena", "arena",
			    FAMILY_HEAP },
	[SEGMENT_VDSO] = { "vdso", "vdso", "vdso", FAMILY_KERNEL },
	[SEGMENT_VVAR] = { "vvar", "vvar", "vvar", FAMILY_KERNEL },
	[SEGMENT_UPROBES] = { "uprobes", "uprobes", "uprobes", FAMILY_KERNEL },
	[SEGMENT_SPECIAL] = { "special", "special", "special", FAMILY_KERNEL },
};

/**
 * segment_info - look up the names of a segment
 * @segment: which one
 *
 * Return: never NULL
 */
const struct segment_info *segment_info(enum segment segment)
{
	return &infos[segment];
}

/**
 * segment_named - find a segment by its name in tables
 * @name: its name
 *
 * Return: SEGMENTS if there is none of this name
 */
enum segment segment_named(const char *name)
{
	enum segment segment = SEGMENT_ANON;

	while (segment < SEGMENTS && strcmp(infos[segment].name, name))
		segment++;
	return segment;
}

/**
 * segment_merged - find the segment that others are counted with
 * @segment: the segment
 *
 * Return: one segment for all parts of libraries, @segment for all others
 */
enum segment segment_merged(enum segment segment)
{
	return segment_info(segment)->family == FAMILY_LIBRARY ?
		       SEGMENT_LIB_TEXT : segment;
}

/**
 * segment_kind - name of a kind of mapping
 * @kind: enum mmscope_vma_kind, or a newer one
 *
 * Return: "private-anon" and so on, or "?"
 */
const char *segment_kind(unsigned int kind)
{
	static const char *const names[] = {
		"?", "private-anon", "private-file", "shared-anon",
		"shared-file",
	};

	return names[kind < ARRAY_SIZE(names) ? kind : 0];
}
