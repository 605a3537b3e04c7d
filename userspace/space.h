/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space of a stream, in memory. */
#ifndef MMSCOPE_SPACE_H
#define MMSCOPE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream.h"

/**
 * struct mapping - one VMA
 * @vma: the record
 * @start: first address, that of @vma
 * @name: as recorded, unescaped, "" if none
 * @resident: bytes that runs have as resident
 * @swapped: bytes that runs have as swapped out
 * @res: residency, all zero if not recorded
 */
struct mapping {
	struct mmscope_vma vma;
	uint64_t start;
	const char *name;
	uint64_t resident;
	uint64_t swapped;
	struct mmscope_residency res;
};

/**
 * mapping_is_accessible - whether any access is allowed
 * @map: the mapping
 *
 * Return: false for PROT_NONE
 */
static inline bool mapping_is_accessible(const struct mapping *map)
{
	return map->vma.perms & (MMSCOPE_READ | MMSCOPE_WRITE | MMSCOPE_EXEC);
}

#define NAMES_VALUES	256

/**
 * struct names - names of bits or values, from a NAMES record
 * @nr: number of names
 * @name: the names
 * @of_value: the same by bit number or value, NULL if it has no name
 */
struct names {
	uint32_t nr;
	struct mmscope_name *name;
	const char *of_value[NAMES_VALUES];
};

#define NAMES_OF_MAX	4

/**
 * struct space - an address space
 * @header: of the stream
 * @task: of the stream
 * @has_mm: the stream had an MM record
 * @mm: the MM record
 * @exe: path of the executable
 * @symbol: name of get_unmapped_area
 * @map: mappings, ascending, without overlaps
 * @nr: number of mappings
 * @names: by enum mmscope_names_of
 * @has_gate: the kernel is known to have [vsyscall], at space_vsyscall()
 * @thread: threads, by ascending id
 * @nr_threads: number of threads
 * @kernel: regions of the kernel half, ascending; those inside others after them
 * @nr_kernel: number of these; 0 if they were not asked for
 * @has_runs: the stream has page tables: @resident and @swapped are valid
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
	bool has_gate;
	struct mmscope_thread *thread;
	size_t nr_threads;
	struct mmscope_kernel_region *kernel;
	size_t nr_kernel;
	bool has_runs;

	size_t room;		/* of @map */
	size_t thread_room;	/* of @thread */
	size_t kernel_room;	/* of @kernel */
	size_t cursor;		/* the first mapping that runs may still be in */
	uint64_t counted;	/* end of what was counted as @resident */
};

/* Addresses that user mode cannot map. */
enum outside {
	OUTSIDE_BEYOND,		/* from task_size to the end of the user half */
	OUTSIDE_HOLE,		/* not canonical */
	OUTSIDE_KERNEL,
};

void space_init(struct space *sp, const struct stream *s);
void space_add(struct space *sp, const struct record *rec);
void space_load(struct space *sp, struct stream *s);
void space_free(struct space *sp);
const struct mapping *space_find(const struct space *sp, uint64_t addr);
const struct mapping *space_at(const struct space *sp, uint64_t addr);
bool space_has(const struct space *sp, const struct mmscope_vma *vma);
const char *space_name(const struct space *sp, enum mmscope_names_of of,
		       uint32_t value);
uint64_t space_flag(const struct space *sp, const char *name);
bool space_is_narrow(const struct space *sp);
uint64_t space_vsyscall(const struct space *sp);
unsigned int space_user_bits(const struct space *sp);
unsigned int space_kernel_bits(const struct space *sp);
bool mapping_same_file(const struct mapping *a, const struct mapping *b);
enum outside space_outside(const struct space *sp, uint64_t addr);

#endif
