// SPDX-License-Identifier: GPL-2.0-only
/* Forged ELF files: what is read of them is sound, or nothing is. */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array.h"
#include "elf_file.h"
#include "tap.h"

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	return fd;
}

static bool is_sound(const struct elf_file *elf)
{
	uint64_t last = 0;

	for (size_t i = 0; i < elf->nr_loads; i++) {
		const struct elf_load *load = &elf->load[i];

		if (load->start < last || load->file_end < load->start ||
		    load->end < load->file_end)
			return false;
		last = load->end;
	}
	last = 0;
	for (size_t i = 0; i < elf->nr_sections; i++) {
		const struct elf_section *section = &elf->section[i];

		if (section->start < last || section->end <= section->start ||
		    !*section->name || strlen(section->name) > 63)
			return false;
		last = section->end;
	}
	return true;
}

/* Return: whether what was read of it, if anything, is sound. */
static bool read_forged(const void *bytes, size_t len, bool *valid)
{
	struct elf_file elf;
	int fd = file_of(bytes, len);
	bool sound;

	*valid = elf_file_read(&elf, fd);
	sound = is_sound(&elf);
	elf_file_free(&elf);
	close(fd);
	return sound;
}

/* A program of 32 bits, made by hand: text, data with RELRO, bss. */
struct narrow {
	Elf32_Ehdr eh;
	Elf32_Phdr ph[3];
	Elf32_Shdr sh[5];
	char names[40];
};

static struct narrow make_narrow(void)
{
	struct narrow n = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
				     ELFDATA2LSB,
#else
				     ELFDATA2MSB,
#endif
				     EV_CURRENT },
			.e_type = ET_EXEC,
			.e_phoff = offsetof(struct narrow, ph),
			.e_shoff = offsetof(struct narrow, sh),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 3,
			.e_shentsize = sizeof(Elf32_Shdr),
			.e_shnum = 5,
			.e_shstrndx = 4,
		},
		.ph = {
			{ .p_type = PT_LOAD, .p_vaddr = 0x8000,
			  .p_filesz = 0x1000, .p_memsz = 0x1000,
			  .p_flags = PF_R | PF_X },
			{ .p_type = PT_LOAD, .p_offset = 0x1000,
			  .p_vaddr = 0xa000, .p_filesz = 0x800,
			  .p_memsz = 0x3000, .p_flags = PF_R | PF_W },
			{ .p_type = PT_GNU_RELRO, .p_vaddr = 0xa000,
			  .p_memsz = 0x400 },
		},
		.sh = {
			{ .sh_name = 0 },
			{ .sh_name = 1, .sh_type = SHT_NOBITS,
			  .sh_flags = SHF_ALLOC | SHF_WRITE,
			  .sh_addr = 0xa800, .sh_size = 0x2800 },
			{ .sh_name = 6, .sh_type = SHT_PROGBITS,
			  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			  .sh_addr = 0x8100, .sh_size = 0xf00 },
			/* overlaps the section before it */
			{ .sh_name = 12, .sh_type = SHT_PROGBITS,
			  .sh_flags = SHF_ALLOC, .sh_addr = 0x8f00,
			  .sh_size = 0x80 },
			{ .sh_type = SHT_STRTAB,
			  .sh_offset = offsetof(struct narrow, names),
			  .sh_size = 40 },
		},
		.names = "\0.bss\0.text\0.over",
	};

	return n;
}

static void test_narrow(void)
{
	struct narrow n = make_narrow();
	struct elf_file elf;
	int fd = file_of(&n, sizeof(n));
	bool valid = elf_file_read(&elf, fd);

	tap_ok(valid && elf.nr_loads == 2 && elf.load[1].offset == 0x1000 &&
	       elf.load[1].start == 0xa000 && elf.load[1].file_end == 0xa800 &&
	       elf.load[1].end == 0xd000 && elf.load[1].flags == (PF_R | PF_W),
	       "program headers of 32 bits");
	tap_ok(elf.relro_start == 0xa000 && elf.relro_end == 0xa400, "RELRO");
	tap_ok(elf.nr_sections == 2 && !strcmp(elf.section[0].name, ".text") &&
	       elf.section[0].start == 0x8100 &&
	       elf.section[0].end == 0x9000 &&
	       !strcmp(elf.section[1].name, ".bss"), "sections, sorted");
	elf_file_free(&elf);
	close(fd);
}

/* Files that are no program, or that promise more than they have. */
static void test_refused(void)
{
	static const struct {
		const char *name;
		size_t at;
		size_t len;
		unsigned char byte;
	} wrong[] = {
		{ "magic", 1, 1, 'X' },
		{ "class", EI_CLASS, 1, 3 },
		{ "byte order", EI_DATA, 1, 3 },
		{ "type", offsetof(Elf32_Ehdr, e_type), 1, ET_CORE },
		{ "size of program headers",
		  offsetof(Elf32_Ehdr, e_phentsize), 1, 255 },
		{ "number of program headers",
		  offsetof(Elf32_Ehdr, e_phnum), 2, 255 },
		{ "place of program headers",
		  offsetof(Elf32_Ehdr, e_phoff), 4, 255 },
		{ "more in the file than in memory",
		  offsetof(struct narrow, ph[0].p_filesz), 4, 255 },
	};
	struct narrow n;
	bool valid;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		n = make_narrow();
		memset((char *)&n + wrong[i].at, wrong[i].byte, wrong[i].len);
		tap_ok(read_forged(&n, sizeof(n), &valid) && !valid,
		       "refused: %s", wrong[i].name);
	}
	n = make_narrow();
	for (size_t len = 0; len < sizeof(n.eh) + sizeof(n.ph); len++)
		if (!read_forged(&n, len, &valid) || valid)
			tap_ok(false, "refused: cut after %zu", len);
}

/* Sections that cannot be right leave the program headers. */
static void test_bad_sections(void)
{
	static const struct {
		const char *name;
		size_t at;
		size_t len;
	} wrong[] = {
		{ "number", offsetof(Elf32_Ehdr, e_shnum), 2 },
		{ "place", offsetof(Elf32_Ehdr, e_shoff), 4 },
		{ "section of names", offsetof(Elf32_Ehdr, e_shstrndx), 2 },
		{ "size of names", offsetof(struct narrow, sh[4].sh_size), 4 },
		{ "place of names", offsetof(struct narrow, sh[4].sh_offset),
		  4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct narrow n = make_narrow();
		struct elf_file elf;
		int fd;

		memset((char *)&n + wrong[i].at, 255, wrong[i].len);
		fd = file_of(&n, sizeof(n));
		/* Sparse, and larger than all memory. */
		tap_ok(!ftruncate(fd, 1LL << 40) && elf_file_read(&elf, fd) &&
		       elf.nr_loads == 2 && !elf.nr_sections,
		       "sections with a wrong %s", wrong[i].name);
		elf_file_free(&elf);
		close(fd);
	}
}

static uint32_t random_number(void)
{
	static uint32_t state = 12345;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* Bytes of the headers changed at random, always the same ones. */
static void test_mutated(void)
{
	size_t bad = 0, read = 0;

	for (unsigned int round = 0; round < 5000; round++) {
		struct narrow n = make_narrow();
		bool valid;

		for (unsigned int i = 0; i <= round % 4; i++)
			((unsigned char *)&n)[random_number() % sizeof(n)] =
				(unsigned char)random_number();
		bad += !read_forged(&n, sizeof(n), &valid);
		read += valid;
	}
	tap_ok(!bad && read, "changed at random: %zu of 5000 read", read);
}

int main(void)
{
	test_narrow();
	test_refused();
	test_bad_sections();
	test_mutated();
	return tap_done();
}
