/* SPDX-License-Identifier: GPL-2.0-only */
/* What mappings are: the result of classify(). */
#ifndef MMSCOPE_CLASSES_H
#define MMSCOPE_CLASSES_H

#include "elf_cache.h"
#include "segment.h"
#include "space.h"

/**
 * struct part - what one mapping is
 * @segment: enum segment
 * @object: number of the program or library that it belongs to, 0 for none
 * @guess: @segment follows from position or shape only
 * @elf: the ELF file that the mapping is of, or whose bss it is; NULL if it was
 *	not read
 * @bias: distance from the addresses in @elf to those of the process
 * @tid: thread whose stack or guard it is, 0 for none
 * @others: further threads that have their stacks in it
 */
struct part {
	enum segment segment;
	uint32_t object;
	bool guess;
	const struct elf_file *elf;
	uint64_t bias;
	int tid;
	uint32_t others;
};

/**
 * struct classes - what all mappings of an address space are
 * @sp: the address space
 * @part: by index of the mapping
 * @files: ELF files that were read, or NULL
 */
struct classes {
	const struct space *sp;
	struct part *part;
	struct elf_cache *files;
};

#endif
