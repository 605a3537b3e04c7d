// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "sizes.h"
#include "target/ia32.h"

void ia32_make(const char *path)
{
	static const unsigned char code[] = {
		0xb8, 0x1d, 0x00, 0x00, 0x00,	/* mov $29, %eax */
		0xcd, 0x80,			/* int $0x80 */
		0xeb, 0xf7,			/* jmp to the first */
	};
	struct {
		Elf32_Ehdr elf;
		Elf32_Phdr load;
		unsigned char code[sizeof(code)];
	} file = {
		.elf = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_entry = 0x8048000 + sizeof(Elf32_Ehdr) +
				   sizeof(Elf32_Phdr),
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.load = {
			.p_type = PT_LOAD,
			.p_vaddr = 0x8048000,
			.p_filesz = sizeof(file),
			.p_memsz = sizeof(file),
			.p_flags = PF_R | PF_X,
			.p_align = PAGE,
		},
	};
	FILE *to = fopen(path, "w");

	memcpy(file.code, code, sizeof(code));
	if (!to || fwrite(&file, sizeof(file), 1, to) != 1 || fclose(to))
		die("cannot write %s: %s", path, strerror(errno));
	if (chmod(path, 0700))
		die("chmod %s: %s", path, strerror(errno));
}
