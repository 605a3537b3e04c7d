/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sentences of mmscope explain. All text is in one table, so that it can be
 * translated: a sentence is whole, and names its facts in braces.
 */
#ifndef MMSCOPE_EXPLAIN_TEXT_H
#define MMSCOPE_EXPLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* The accesses that a sentence is about. */
#define ACCESS_READ	(1u << 0)
#define ACCESS_WRITE	(1u << 1)
#define ACCESS_FETCH	(1u << 2)
#define ACCESSES	3

enum sentence {
	TEXT_NOTHING,

	/* The process */
	TEXT_PROCESS,
	TEXT_THREADS,
	TEXT_TOTAL,
	TEXT_TOTAL_RESERVED,
	TEXT_LEVELS,
	TEXT_TABLES,
	TEXT_ASLR,
	TEXT_NO_ASLR,

	/* What a segment is for, in the order of enum segment */
	TEXT_IS_ANON,
	TEXT_IS_TEXT,
	TEXT_IS_RODATA,
	TEXT_IS_RELRO,
	TEXT_IS_DATA,
	TEXT_IS_BSS,
	TEXT_IS_HEAP,
	TEXT_IS_LIB_TEXT,
	TEXT_IS_LIB_RODATA,
	TEXT_IS_LIB_RELRO,
	TEXT_IS_LIB_DATA,
	TEXT_IS_LIB_BSS,
	TEXT_IS_FILE,
	TEXT_IS_SHARED_ANON,
	TEXT_IS_SYSV,
	TEXT_IS_MEMFD,
	TEXT_IS_SHM,
	TEXT_IS_HUGETLB,
	TEXT_IS_DEVICE,
	TEXT_IS_PFNMAP,
	TEXT_IS_STACK,
	TEXT_IS_THREAD_STACK,
	TEXT_IS_GUARD,
	TEXT_IS_RESERVE,
	TEXT_IS_ARENA,
	TEXT_IS_VDSO,
	TEXT_IS_VVAR,
	TEXT_IS_UPROBES,
	TEXT_IS_SPECIAL,
	TEXT_IS_LIBRARIES,
	TEXT_IS_OBJECT,
	TEXT_GUESS,

	/* Reserved and resident */
	TEXT_LAZY,
	TEXT_ALL_RESIDENT,
	TEXT_NONE_RESIDENT,
	TEXT_LAZY_MAPPED,
	TEXT_NONE_MAPPED,
	TEXT_LENGTH,
	TEXT_RESERVED,
	TEXT_SWAPPED,
	TEXT_ZEROES,
	TEXT_HUGE,
	TEXT_MAPPED_ONCE,
	TEXT_MAPPED_OFTEN,
	TEXT_LOCKED,

	/* The four kinds of mapping */
	TEXT_PRIVATE_ANON,
	TEXT_PRIVATE_FILE,
	TEXT_SHARED_ANON,
	TEXT_SHARED_FILE,

	/* Where it grows, and what stops it */
	TEXT_HEAP_GROWS,
	TEXT_HEAP_ROOM,
	TEXT_HEAP_DATA,
	TEXT_STACK_GROWS,
	TEXT_STACK_FIXED,
	TEXT_IN_MMAP_AREA,
	TEXT_STACK_LIMIT,
	TEXT_STACK_UNLIMITED,
	TEXT_STACK_BELOW,
	TEXT_STACK_GAP,
	TEXT_STACK_GAP_ASSUMED,
	TEXT_MMAP_DOWN,
	TEXT_MMAP_UP,

	/* Threads */
	TEXT_THREAD,
	TEXT_THREAD_USED,
	TEXT_THREAD_TLS,
	TEXT_GUARD_MAPPING,
	TEXT_GUARD_ENTRIES,
	TEXT_GUARD_NONE,

	/* The kernel half */
	TEXT_KERNEL_HALF,
	TEXT_KERNEL_AREA,

	/* Where an address is */
	TEXT_IN,
	TEXT_IN_FILE,
	TEXT_PARTED,
	TEXT_IN_GAP,
	TEXT_NULL,
	TEXT_NO_GROWTH,
	TEXT_OVER_LIMIT,
	TEXT_OVER_GAP,
	TEXT_VSYSCALL,

	/* How it translates */
	TEXT_SPLIT,
	TEXT_STEP_TABLE,
	TEXT_STEP_PAGE,
	TEXT_STEP_EMPTY,
	TEXT_STEP_OTHER,
	TEXT_STEPS_UNKNOWN,
	TEXT_PHYSICAL,
	TEXT_PAGE,
	TEXT_PAGE_UNKNOWN,

	/* What an access does */
	TEXT_WORKS,
	TEXT_WRITE_OWN,
	TEXT_WRITE_SHARED,
	TEXT_WRITE_FILE,
	TEXT_ZEROED,
	TEXT_LEAVES_ZERO_PAGE,
	TEXT_MAPS_ZERO_PAGE,
	TEXT_READS_ZERO_PAGE,
	TEXT_COPY_FILE,
	TEXT_COPY_IN,
	TEXT_COPY_SHARED,
	TEXT_COPY_KSM,
	TEXT_COPY_UNLESS_ALONE,
	TEXT_COPY_UNKNOWN,
	TEXT_FILE_IN,
	TEXT_FILE_WRITE_IN,
	TEXT_SHARED_IN,
	TEXT_SHARED_WRITE_IN,
	TEXT_KERNEL_IN,
	TEXT_HUGETLB_IN,
	TEXT_HUGETLB_COPY,
	TEXT_NOTIFY_FILE,
	TEXT_UNPROTECT,
	TEXT_SWAP_IN,
	TEXT_WAIT,
	TEXT_FROM_DEVICE,
	TEXT_NUMA,
	TEXT_UFFD,
	TEXT_DENIED,
	TEXT_SHADOW_STACK,
	TEXT_GUARD,
	TEXT_POISON,
	TEXT_PKEY,
	TEXT_DRIVER,
	TEXT_EXEC_ONLY,
	TEXT_UNKNOWN,
	TEXT_GAP,
	TEXT_GROWS,
	TEXT_CLOSED,
	TEXT_NOT_CANONICAL,
	TEXT_BEYOND,
	TEXT_VSYSCALL_FETCH,
	TEXT_END_OF_FILE,
	TEXT_PAGES_UNKNOWN,

	/* Parts of sentences */
	TEXT_A_READ,
	TEXT_A_WRITE,
	TEXT_A_READ_OR_WRITE,
	TEXT_A_FETCH,
	TEXT_A_READ_OR_FETCH,
	TEXT_A_WRITE_OR_FETCH,
	TEXT_ANY_ACCESS,
	TEXT_HERE,
	TEXT_IN_PART,
	TEXT_IN_ALL,
	TEXT_MAPPED_UNKNOWN,
	TEXT_MAPPED_HERE_ONLY,
	TEXT_MAPPED_ELSEWHERE,
	SENTENCES,
};

enum fact_type {
	FACT_BYTES,		/* a size */
	FACT_ADDRESS,		/* hexadecimal */
	FACT_COUNT,
	FACT_NUMBER,		/* an identifier, without commas */
	FACT_WORD,		/* text that is not trusted */
	FACT_SENTENCE,		/* enum sentence: part of a sentence */
};

/**
 * struct fact - something that a sentence says
 * @name: its name in braces
 * @type: enum fact_type
 * @number: its value
 * @word: FACT_WORD: its value
 */
struct fact {
	const char *name;
	enum fact_type type;
	uint64_t number;
	const char *word;
};

#define FACTS_MAX	8

const char *sentence_id(enum sentence which);
void sentence_put(struct text *out, enum sentence which,
		  const struct fact *facts, size_t nr, bool exact, bool utf8);

#endif
