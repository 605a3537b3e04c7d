// SPDX-License-Identifier: GPL-2.0-only
#include <linux/elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kcore.h"

static int fd = -1;
static struct elf64_phdr *segment;
static size_t nr_segments;

static void read_at(void *to, size_t size, off_t at)
{
	if (pread(fd, to, size, at) != size)
		die("kcore at %lx: %s", at, strerror(errno));
}

static void need_kcore(void)
{
	struct elf64_hdr header;

	if (fd >= 0)
		return;
	fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open /proc/kcore: %s", strerror(errno));
	read_at(&header, sizeof(header), 0);
	nr_segments = header.e_phnum;
	segment = calloc(nr_segments, sizeof(*segment));
	read_at(segment, nr_segments * sizeof(*segment), header.e_phoff);
}

__u64 kcore_map(__u64 phys)
{
	size_t i;

	need_kcore();
	/* The first segments map the kernel image; the direct map comes last. */
	for (i = nr_segments; i--;) {
		const struct elf64_phdr *s = &segment[i];

		if (s->p_type == PT_LOAD && s->p_paddr != -1ULL &&
		    s->p_paddr <= phys && phys - s->p_paddr < s->p_memsz)
			return s->p_vaddr + (phys - s->p_paddr);
	}
	die("kcore has no segment for the physical address %llx", phys);
}

static void read_virt(__u64 virt, void *to, size_t size)
{
	size_t i;

	need_kcore();
	for (i = 0; i < nr_segments; i++) {
		const struct elf64_phdr *s = &segment[i];

		if (s->p_type != PT_LOAD || virt < s->p_vaddr ||
		    virt - s->p_vaddr >= s->p_memsz)
			continue;
		read_at(to, size, s->p_offset + virt - s->p_vaddr);
		return;
	}
	die("kcore has no segment for the address %llx", virt);
}

__u64 kcore_virt(__u64 virt)
{
	__u64 value;

	read_virt(virt, &value, sizeof(value));
	return value;
}

__u64 kcore_phys(__u64 phys)
{
	return kcore_virt(kcore_map(phys));
}

size_t table_entries(void)
{
	size_t nr = TABLE_ENTRIES;

	if (nr > MAX_TABLE_ENTRIES)
		die("a table has %zu entries", nr);
	return nr;
}

void kcore_table(__u64 phys, __u64 *entries, size_t nr)
{
	read_virt(kcore_map(phys), entries, nr * sizeof(*entries));
}

__u64 kcore_segment(__u64 virt)
{
	size_t i;

	need_kcore();
	for (i = 0; i < nr_segments; i++)
		if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr == virt)
			return segment[i].p_memsz;
	return 0;
}
