/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One record of a stream. Its bytes are untrusted, and may be of an older or
 * newer version than this reader: shorter or longer. Only record.c looks at
 * them; all others use the copy, whose size is that of this version.
 */
#ifndef MMSCOPE_RECORD_H
#define MMSCOPE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/mmscope.h"

/**
 * struct record - one record, copied
 * @offset: of the record in the stream
 * @head: type, and size in the stream
 * @task: the fixed part of a TASK record, and so on; fields that the record
 *	does not have are zero
 * @name: VMA: name; MM: path of the executable
 * @symbol: MM: name of its get_unmapped_area, "" if unknown
 * @step: WALK: the first @walk.nr are valid
 * @last: RUNS: last address they map
 *
 * @name, @symbol and what record_word() and record_name() use are in the
 * stream's buffer: valid until the next stream_next().
 */
struct record {
	uint64_t offset;
	union {
		struct mmscope_head head;
		struct mmscope_task task;
		struct mmscope_mm mm;
		struct mmscope_names names;
		struct mmscope_vma vma;
		struct mmscope_runs runs;
		struct mmscope_upper upper;
		struct mmscope_residency residency;
		struct mmscope_tables tables;
		struct mmscope_tables_sum tables_sum;
		struct mmscope_walk walk;
		struct mmscope_sums sums;
		struct mmscope_thread thread;
		struct mmscope_kernel kernel;
		struct mmscope_kernel_region kernel_region;
		struct mmscope_kernel_run kernel_run;
		struct mmscope_end end;
	};
	const char *name;
	const char *symbol;
	struct mmscope_step step[MMSCOPE_LEVEL_SLOTS];
	uint64_t last;

	const unsigned char *tail;	/* what follows the fixed part */
};

void record_copy(void *to, size_t room, const void *from, size_t len);
bool record_is_known(uint32_t type);
const char *record_read(struct record *rec, const unsigned char *bytes);
struct mmscope_name record_name(const struct record *rec, uint32_t i);

/**
 * record_word - one word of a RUNS or UPPER record
 * @rec: the record
 * @i: number of the word, below @rec->runs.nr or @rec->upper.nr
 *
 * Return: the word
 */
static inline uint64_t record_word(const struct record *rec, uint32_t i)
{
	uint64_t word;

	__builtin_memcpy(&word, rec->tail + i * sizeof(word), sizeof(word));
	return word;
}

#endif
