/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers of an ELF file: untrusted bytes, so all that is read has a limit. */
#ifndef MMSCOPE_ELF_FILE_H
#define MMSCOPE_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct elf_load - a PT_LOAD program header
 * @offset: in the file
 * @start: address in the file's own numbering, like all addresses here
 * @file_end: end of what is mapped from the file
 * @end: end of the segment; from @file_end on it is bss
 * @flags: PF_R, PF_W, PF_X
 */
struct elf_load {
	uint64_t offset;
	uint64_t start;
	uint64_t file_end;
	uint64_t end;
	uint32_t flags;
};

/**
 * struct elf_section - a section that occupies memory
 * @start: first address
 * @end: exclusive
 * @name: untrusted text, not empty
 */
struct elf_section {
	uint64_t start;
	uint64_t end;
	const char *name;
};

/**
 * struct elf_file - what is kept of an ELF file
 * @load: PT_LOAD headers, ascending, without overlaps
 * @nr_loads: number of these
 * @relro_start: of PT_GNU_RELRO
 * @relro_end: exclusive; 0 without one
 * @section: sections, ascending, without overlaps, each within one of @load
 * @nr_sections: number of these; 0 also if the section headers are invalid
 * @names: memory of the names
 */
struct elf_file {
	struct elf_load *load;
	size_t nr_loads;
	uint64_t relro_start;
	uint64_t relro_end;
	struct elf_section *section;
	size_t nr_sections;
	char *names;
};

bool elf_file_read(struct elf_file *elf, int fd);
void elf_file_free(struct elf_file *elf);

#endif
