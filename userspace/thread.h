/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stacks of threads: what the stack pointer, the mappings, the guard entries
 * and the TLS base say together.
 */
#ifndef MMSCOPE_THREAD_H
#define MMSCOPE_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "space.h"

/* Who made the stack. */
enum origin {
	ORIGIN_UNKNOWN,
	ORIGIN_KERNEL,		/* the stack of execve() */
	ORIGIN_LIBRARY,		/* a guard below, the thread's TLS at the top */
	ORIGIN_PROGRAM,		/* a guess: all others */
};

/* What is below the stack. */
enum guard {
	GUARD_UNKNOWN,
	GUARD_NONE,
	GUARD_MAPPING,		/* a mapping without access */
	GUARD_ENTRIES,		/* entries of MADV_GUARD_INSTALL */
	GUARD_GAP,		/* the gap that the kernel keeps below it */
};

/* struct thread @guess */
#define GUESS_START	(1u << 0)
#define GUESS_END	(1u << 1)
#define GUESS_ORIGIN	(1u << 2)

/**
 * struct thread - a thread and its stack
 * @rec: the record
 * @map: mapping that holds its stack pointer, or NULL. If the thread runs on its
 *	alternate signal stack, the mapping that its stack is looked for in
 * @start: first address of the stack
 * @end: exclusive; 0 if the stack is not known
 * @limit: lowest address that it may use: @start, or below if it grows
 * @guard_start: first address of the guard
 * @guard_end: exclusive; 0 without a guard
 * @resident: bytes of the stack in memory, if page tables were read
 * @origin: enum origin
 * @guard: enum guard
 * @guess: GUESS_*: what of this is a guess
 * @on_altstack: the stack pointer is in the alternate signal stack
 */
struct thread {
	const struct mmscope_thread *rec;
	const struct mapping *map;
	uint64_t start;
	uint64_t end;
	uint64_t limit;
	uint64_t guard_start;
	uint64_t guard_end;
	uint64_t resident;
	enum origin origin;
	enum guard guard;
	unsigned int guess;
	bool on_altstack;
};

/* Memory in a row; @before: bytes of all extents before it. */
struct extent {
	uint64_t start;
	uint64_t end;
	uint64_t before;
};

struct extents {
	struct extent *extent;
	size_t nr;
	size_t room;
};

/**
 * struct threads - the threads of an address space
 * @sp: the address space
 * @thread: by ascending id
 * @nr: number of threads
 * @resident: resident memory
 * @guards: guard entries
 */
struct threads {
	const struct space *sp;
	struct thread *thread;
	size_t nr;
	struct extents resident;
	struct extents guards;
};

/* A range of addresses; @end is exclusive. */
struct range {
	uint64_t start;
	uint64_t end;
};

void threads_init(struct threads *all, const struct space *sp);
void threads_add(struct threads *all, const struct record *rec);
struct range *threads_ranges(const struct threads *all, size_t *nr);
void threads_find(struct threads *all);
const struct thread *threads_by_id(const struct threads *all, int tid);
bool thread_has_depth(const struct thread *thread);
void threads_free(struct threads *all);

#endif
