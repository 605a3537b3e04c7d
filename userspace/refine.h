/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments and sections of programs and libraries, from their ELF files. */
#ifndef MMSCOPE_REFINE_H
#define MMSCOPE_REFINE_H

#include "classify.h"

void refine(struct classes *all, int pid);
const struct elf_section *refine_section(const struct classes *all,
					 const struct mapping *map,
					 uint64_t start, uint64_t last,
					 size_t *next);

#endif
