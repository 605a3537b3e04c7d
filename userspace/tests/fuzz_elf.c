// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arbitrary bytes as an ELF file, for libFuzzer: make fuzz, then
 * build/fuzz/fuzz_elf FOLDER, where FOLDER has some small programs and libraries.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What elf_file.h promises is relied upon elsewhere. */
static void use(const struct elf_file *elf)
{
	uint64_t last = 0;

	for (size_t i = 0; i < elf->nr_loads; i++) {
		const struct elf_load *load = &elf->load[i];

		if (load->start < last || load->file_end < load->start ||
		    load->end < load->file_end)
			abort();
		last = load->end;
	}
	last = 0;
	for (size_t i = 0; i < elf->nr_sections; i++) {
		const struct elf_section *section = &elf->section[i];

		if (section->start < last || section->end <= section->start ||
		    !strlen(section->name))
			abort();
		last = section->end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct elf_file elf;

	if (fd < 0)
		fd = memfd_create("elf", 0);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (elf_file_read(&elf, fd))
		use(&elf);
	elf_file_free(&elf);
	return 0;
}
