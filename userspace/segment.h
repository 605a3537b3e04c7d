/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of segments: what mappings are for. */
#ifndef MMSCOPE_SEGMENT_H
#define MMSCOPE_SEGMENT_H

enum segment {
	SEGMENT_ANON,		/* private anonymous, none of the others */
	SEGMENT_TEXT,
	SEGMENT_RODATA,
	SEGMENT_RELRO,
	SEGMENT_DATA,
	SEGMENT_BSS,
	SEGMENT_HEAP,
	SEGMENT_LIB_TEXT,
	SEGMENT_LIB_RODATA,
	SEGMENT_LIB_RELRO,
	SEGMENT_LIB_DATA,
	SEGMENT_LIB_BSS,
	SEGMENT_FILE,
	SEGMENT_SHARED_ANON,
	SEGMENT_SYSV,
	SEGMENT_MEMFD,
	SEGMENT_SHM,
	SEGMENT_HUGETLB,
	SEGMENT_DEVICE,
	SEGMENT_PFNMAP,
	SEGMENT_STACK,
	SEGMENT_THREAD_STACK,
	SEGMENT_GUARD,
	SEGMENT_RESERVE,
	SEGMENT_ARENA,
	SEGMENT_VDSO,
	SEGMENT_VVAR,
	SEGMENT_UPROBES,
	SEGMENT_SPECIAL,
	SEGMENTS,
};

/* Segments of one family have one colour, and rows of them are drawn as one. */
enum family {
	FAMILY_ANON,
	FAMILY_PROGRAM,
	FAMILY_HEAP,
	FAMILY_LIBRARY,
	FAMILY_FILE,
	FAMILY_SHARED,
	FAMILY_STACK,
	FAMILY_KERNEL,
	FAMILIES,
};

/**
 * struct segment_info - names of a segment
 * @name: in tables
 * @label: in the picture
 * @part: in the picture, within the box of its program or library
 * @family: enum family
 */
struct segment_info {
	const char *name;
	const char *label;
	const char *part;
	enum family family;
};

const struct segment_info *segment_info(enum segment segment);
enum segment segment_named(const char *name);
enum segment segment_merged(enum segment segment);
const char *segment_kind(unsigned int kind);

#endif
