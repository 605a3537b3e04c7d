/* SPDX-License-Identifier: GPL-2.0-only */
/* An address space as one stream tells it, held in memory. */
#ifndef MMSCOPE_SPACE_H
#define MMSCOPE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"
#include "stream.h"

/**
 * struct mapping - one VMA
 * @vma: the record; its name is not behind it but at @name
 * @start: first address; later than that of @vma if it overlapped the one before
 * @name: as recorded, unescaped, "" if none
 * @segment: what it is, see segment.h
 * @object: number of the program or library it is part of, 0 for none
 * @resident: bytes, from the page-table runs
 * @swapped: bytes
 * @res: residency, all zero if not recorded
 */
struct mapping {
	struct mmscope_vma vma;
	uint64_t start;
	const char *name;
	enum segment segment;
	uint32_t object;
	uint64_t resident;
	uint64_t swapped;
	struct mmscope_residency res;
};

/**
 * struct names - names of bits or values, from a NAMES record
 * @nr: how many
 * @name: the names
 */
struct names {
	uint32_t nr;
	struct mmscope_name *name;
};

#define NAMES_OF_MAX	4

/**
 * struct space - what was read
 * @header: of the stream
 * @task: whom it is of
 * @mm: fields, if @has_mm
 * @exe: path of the executable
 * @symbol: name of get_unmapped_area
 * @map: mappings, in ascending order, without overlap by @start
 * @nr: how many
 * @names: by enum mmscope_names_of
 * @has_runs: the stream has page tables: @resident and @swapped count
 */
struct space {
	struct mmscope_header header;
	struct mmscope_task task;
	bool has_mm;
	struct mmscope_mm mm;
	char *exe;
	char *symbol;
	struct mapping *map;
	size_t nr;
	struct names names[NAMES_OF_MAX];
	bool has_runs;

	size_t room;
	size_t cursor;
};

void space_init(struct space *sp, const struct stream *s);
void space_add(struct space *sp, const struct record *rec);
void space_load(struct space *sp, struct stream *s);
void space_free(struct space *sp);
const struct mapping *space_find(const struct space *sp, uint64_t addr);
const struct mapping *space_at(const struct space *sp, uint64_t addr);
const char *space_name(const struct space *sp, enum mmscope_names_of of,
		       uint32_t value);
unsigned int space_user_bits(const struct space *sp);
unsigned int space_kernel_bits(const struct space *sp);

#endif
