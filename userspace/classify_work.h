/* SPDX-License-Identifier: GPL-2.0-only */
/* The classification while it is made: between classify.c and classify_object.c. */
#ifndef MMSCOPE_CLASSIFY_WORK_H
#define MMSCOPE_CLASSIFY_WORK_H

#include "classes.h"

/**
 * struct work - the classification while it is made
 * @sp: the address space
 * @part: the result
 * @code: mapping of the program's file that contains code of the mm, or NULL
 * @io: bits of vm_flags for memory that the kernel does not count
 * @hugetlb: bit of vm_flags for hugetlb
 * @account: bit of vm_flags for memory that was writable at some time
 * @object_start: start of the object that the last mapping belongs to
 */
struct work {
	const struct space *sp;
	struct part *part;
	const struct mapping *code;
	uint64_t io;
	uint64_t hugetlb;
	uint64_t account;
	uint64_t object_start;
};

static inline bool is_private_file(const struct mapping *map)
{
	return map->vma.kind == MMSCOPE_PRIVATE_FILE;
}

static inline uint64_t size_of(const struct mapping *map)
{
	return map->vma.end - map->start;
}

static inline void set_segment(const struct work *w, size_t i,
			       enum segment segment, bool guess)
{
	w->part[i].segment = segment;
	w->part[i].guess = guess;
}

const struct mapping *objects_find_code(const struct space *sp);
void objects_classify(const struct work *w);
void objects_classify_moved(const struct work *w, size_t i);
void objects_classify_bss(struct work *w, size_t i);

#endif
