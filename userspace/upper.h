/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries that lead to tables, from UPPER records. */
#ifndef MMSCOPE_UPPER_H
#define MMSCOPE_UPPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

/**
 * struct upper - an entry that leads to a table
 * @start: first address that it maps
 * @frame: of the table
 * @raw: the entry as the hardware holds it
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level that the stream uses
 */
struct upper {
	uint64_t start;
	uint64_t frame;
	uint64_t raw;
	uint32_t attrs;
	uint8_t level;
};

/**
 * struct upper_unpack - position in an UPPER record
 * @h: header of its stream
 * @rec: the record, its levels checked
 * @at: number of the next entry
 * @start: first address that the entry before maps
 */
struct upper_unpack {
	const struct mmscope_header *h;
	const struct record *rec;
	uint32_t at;
	uint64_t start;
};

bool upper_next(struct upper_unpack *u, struct upper *entry);

/**
 * struct uppers - all entries of a stream that lead to tables
 * @h: header of the stream
 * @top: physical address of the top table
 * @entry: by level, ascending
 * @nr: number of these
 * @room: allocated
 */
struct uppers {
	const struct mmscope_header *h;
	uint64_t top;
	struct upper *entry[MMSCOPE_LEVEL_SLOTS];
	size_t nr[MMSCOPE_LEVEL_SLOTS];
	size_t room[MMSCOPE_LEVEL_SLOTS];
};

void uppers_init(struct uppers *all, const struct mmscope_header *h);
void uppers_add(struct uppers *all, const struct record *rec);
const struct upper *uppers_find(const struct uppers *all, unsigned int level,
				uint64_t addr);
bool uppers_any(const struct uppers *all);
void uppers_free(struct uppers *all);

#endif
