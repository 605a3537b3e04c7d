/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF files that a live process has mapped, each opened once. */
#ifndef MMSCOPE_ELF_CACHE_H
#define MMSCOPE_ELF_CACHE_H

#include "elf_file.h"
#include "space.h"

struct elf_cache;

struct elf_cache *elf_cache_new(int pid);
const struct elf_file *elf_cache_get(struct elf_cache *cache,
				     const struct mapping *map);
void elf_cache_free(struct elf_cache *cache);

#endif
