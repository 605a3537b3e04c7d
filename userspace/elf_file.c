// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files belong to the process that is looked at, and mmscope runs as root:
 * they may be forged, and may change while they are read. libelf is not used:
 * if e_shnum is 0, its elf_begin() reads a number of sections, up to 2^32 - 1,
 * from the file and allocates 200 bytes for each. The file can change between
 * a check and this call, and the call takes no limit. So the few headers that
 * are needed are read here, each of them once, with limits.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_file.h"
#include "text.h"

/* More headers than linkers make. A file with more is not read. */
#define PROGRAM_HEADERS_MAX	256
#define SECTION_HEADERS_MAX	4096
#define NAMES_MAX		(256U << 10)

/* A longer name of a section is left out. */
#define NAME_MAX_LEN		63

/* The first read: the file header, and usually the program headers. */
#define HEAD_SIZE		2048

/* Every address is below this, so that sums do not overflow. */
#define ADDRESS_MAX		(1ULL << 62)

/**
 * struct input - a file that is being read
 * @fd: file descriptor
 * @wide: ELFCLASS64
 * @head: the first bytes of the file
 * @head_len: number of these
 */
struct input {
	int fd;
	bool wide;
	unsigned char head[HEAD_SIZE];
	size_t head_len;
};

/* Return: bytes read, fewer at the end of the file or after an error. */
static size_t read_at(int fd, void *to, size_t len, uint64_t offset)
{
	size_t done = 0;

	while (done < len && offset < ADDRESS_MAX) {
		ssize_t got = pread(fd, (char *)to + done, len - done,
				    (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

static bool read_table(const struct input *in, void *to, size_t len,
		       uint64_t offset)
{
	if (offset <= in->head_len && len <= in->head_len - offset) {
		memcpy(to, in->head + offset, len);
		return true;
	}
	return read_at(in->fd, to, len, offset) == len;
}

/* The headers of both classes differ in the size and the order of fields. */
static Elf64_Ehdr file_header(const struct input *in)
{
	Elf64_Ehdr eh;
	Elf32_Ehdr narrow;

	memcpy(&eh, in->head, sizeof(eh));
	if (in->wide)
		return eh;
	memcpy(&narrow, in->head, sizeof(narrow));
	eh.e_type = narrow.e_type;
	eh.e_phoff = narrow.e_phoff;
	eh.e_shoff = narrow.e_shoff;
	eh.e_phentsize = narrow.e_phentsize;
	eh.e_phnum = narrow.e_phnum;
	eh.e_shentsize = narrow.e_shentsize;
	eh.e_shnum = narrow.e_shnum;
	eh.e_shstrndx = narrow.e_shstrndx;
	return eh;
}

static size_t program_header_size(const struct input *in)
{
	return in->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static Elf64_Phdr program_header(const struct input *in, const char *at)
{
	Elf64_Phdr ph = { 0 };
	Elf32_Phdr narrow;

	if (in->wide) {
		memcpy(&ph, at, sizeof(ph));
		return ph;
	}
	memcpy(&narrow, at, sizeof(narrow));
	ph.p_type = narrow.p_type;
	ph.p_flags = narrow.p_flags;
	ph.p_offset = narrow.p_offset;
	ph.p_vaddr = narrow.p_vaddr;
	ph.p_filesz = narrow.p_filesz;
	ph.p_memsz = narrow.p_memsz;
	return ph;
}

static size_t section_header_size(const struct input *in)
{
	return in->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

static Elf64_Shdr section_header(const struct input *in, const char *at)
{
	Elf64_Shdr sh = { 0 };
	Elf32_Shdr narrow;

	if (in->wide) {
		memcpy(&sh, at, sizeof(sh));
		return sh;
	}
	memcpy(&narrow, at, sizeof(narrow));
	sh.sh_name = narrow.sh_name;
	sh.sh_type = narrow.sh_type;
	sh.sh_flags = narrow.sh_flags;
	sh.sh_addr = narrow.sh_addr;
	sh.sh_offset = narrow.sh_offset;
	sh.sh_size = narrow.sh_size;
	return sh;
}

static bool read_head(struct input *in)
{
	const unsigned int one = 1;
	const unsigned char native =
		*(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	in->head_len = read_at(in->fd, in->head, sizeof(in->head), 0);
	if (in->head_len < sizeof(Elf64_Ehdr) ||
	    memcmp(in->head, ELFMAG, SELFMAG) ||
	    in->head[EI_DATA] != native)
		return false;
	in->wide = in->head[EI_CLASS] == ELFCLASS64;
	return in->wide || in->head[EI_CLASS] == ELFCLASS32;
}

/* Return: false if the header contradicts the ones before it. */
static bool add_load(struct elf_file *elf, const Elf64_Phdr *ph)
{
	uint64_t lowest = elf->nr_loads ? elf->load[elf->nr_loads - 1].end : 0;

	if (!ph->p_memsz)
		return true;
	if (ph->p_vaddr < lowest || ph->p_vaddr >= ADDRESS_MAX ||
	    ph->p_offset >= ADDRESS_MAX || ph->p_memsz >= ADDRESS_MAX ||
	    ph->p_filesz > ph->p_memsz)
		return false;
	elf->load[elf->nr_loads++] = (struct elf_load){
		.offset = ph->p_offset,
		.start = ph->p_vaddr,
		.file_end = ph->p_vaddr + ph->p_filesz,
		.end = ph->p_vaddr + ph->p_memsz,
		.flags = ph->p_flags,
	};
	return true;
}

static bool add_program_header(struct elf_file *elf, const Elf64_Phdr *ph)
{
	if (ph->p_type == PT_LOAD)
		return add_load(elf, ph);
	if (ph->p_type == PT_GNU_RELRO && ph->p_vaddr < ADDRESS_MAX &&
	    ph->p_memsz < ADDRESS_MAX) {
		elf->relro_start = ph->p_vaddr;
		elf->relro_end = ph->p_vaddr + ph->p_memsz;
	}
	return true;
}

static bool read_program_headers(struct elf_file *elf, const struct input *in,
				 const Elf64_Ehdr *eh)
{
	size_t size = program_header_size(in), nr = eh->e_phnum;
	bool fine;
	char *table;

	if ((eh->e_type != ET_EXEC && eh->e_type != ET_DYN) ||
	    eh->e_phentsize != size || nr > PROGRAM_HEADERS_MAX)
		return false;
	table = grow(NULL, nr, size);
	elf->load = grow(NULL, nr, sizeof(*elf->load));
	fine = read_table(in, table, nr * size, eh->e_phoff);
	for (size_t i = 0; fine && i < nr; i++) {
		Elf64_Phdr ph = program_header(in, table + i * size);

		fine = add_program_header(elf, &ph);
	}
	free(table);
	return fine && elf->nr_loads;
}

static bool is_loaded(const struct elf_file *elf, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < elf->nr_loads; i++)
		if (start >= elf->load[i].start && end <= elf->load[i].end)
			return true;
	return false;
}

/* The data of threads has addresses of other sections: it is copied elsewhere. */
static bool has_memory(const Elf64_Shdr *sh)
{
	return sh->sh_flags & SHF_ALLOC && sh->sh_size &&
	       !(sh->sh_flags & SHF_TLS && sh->sh_type == SHT_NOBITS);
}

static void add_section(struct elf_file *elf, const Elf64_Shdr *sh,
			size_t names_len)
{
	const char *name;

	if (!has_memory(sh) || sh->sh_name >= names_len ||
	    sh->sh_addr >= ADDRESS_MAX || sh->sh_size >= ADDRESS_MAX ||
	    !is_loaded(elf, sh->sh_addr, sh->sh_addr + sh->sh_size))
		return;
	name = elf->names + sh->sh_name;
	if (!*name || strlen(name) > NAME_MAX_LEN)
		return;
	elf->section[elf->nr_sections++] = (struct elf_section){
		.start = sh->sh_addr,
		.end = sh->sh_addr + sh->sh_size,
		.name = name,
	};
}

static int by_start(const void *a, const void *b)
{
	const struct elf_section *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Of sections that overlap, the first one is kept. */
static void sort_sections(struct elf_file *elf)
{
	size_t kept = 0;

	qsort(elf->section, elf->nr_sections, sizeof(*elf->section), by_start);
	for (size_t i = 0; i < elf->nr_sections; i++)
		if (!kept ||
		    elf->section[i].start >= elf->section[kept - 1].end)
			elf->section[kept++] = elf->section[i];
	elf->nr_sections = kept;
}

static size_t read_names(struct elf_file *elf, const struct input *in,
			 const Elf64_Shdr *sh)
{
	size_t len = (size_t)sh->sh_size;

	if (sh->sh_type != SHT_STRTAB || !len || sh->sh_size > NAMES_MAX)
		return 0;
	elf->names = grow(NULL, len + 1, 1);
	elf->names[len] = '\0';
	return read_table(in, elf->names, len, sh->sh_offset) ? len : 0;
}

static void read_sections(struct elf_file *elf, const struct input *in,
			  const Elf64_Ehdr *eh)
{
	size_t size = section_header_size(in), nr = eh->e_shnum, names = 0;
	char *table;

	if (eh->e_shentsize != size || eh->e_shstrndx >= nr ||
	    nr > SECTION_HEADERS_MAX)
		return;
	table = grow(NULL, nr, size);
	if (read_table(in, table, nr * size, eh->e_shoff)) {
		Elf64_Shdr sh = section_header(in,
					       table + eh->e_shstrndx * size);

		names = read_names(elf, in, &sh);
	}
	elf->section = grow(NULL, nr, sizeof(*elf->section));
	for (size_t i = 0; names && i < nr; i++) {
		Elf64_Shdr sh = section_header(in, table + i * size);

		add_section(elf, &sh, names);
	}
	free(table);
	sort_sections(elf);
}

/**
 * elf_file_read - read the headers of an ELF file of this machine's byte order
 * @elf: the result; the caller frees it with elf_file_free() in any case
 * @fd: a regular file; its offset does not matter
 *
 * Return: false if it is not a valid program or library
 */
bool elf_file_read(struct elf_file *elf, int fd)
{
	struct input in = { .fd = fd };
	Elf64_Ehdr eh;

	*elf = (struct elf_file){ 0 };
	if (!read_head(&in))
		return false;
	eh = file_header(&in);
	if (!read_program_headers(elf, &in, &eh))
		return false;
	read_sections(elf, &in, &eh);
	return true;
}

/**
 * elf_file_free - free what elf_file_read() allocated
 * @elf: the file
 */
void elf_file_free(struct elf_file *elf)
{
	free(elf->load);
	free(elf->section);
	free(elf->names);
	*elf = (struct elf_file){ 0 };
}
