/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small program with an object in each segment. Tests execute it, and let it take
 * steps; it stores what it sees of its own memory in a file that it shares with them.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "target/target.h"

/* Size of its data and of its bss; two whole pages of any size lie in each. */
#define EXAMPLE_SIZE	(3 * 65536UL)

/* Every byte of its data at the start; what EXAMPLE_WRITE writes. */
#define EXAMPLE_DATA	'd'
#define EXAMPLE_WRITTEN	'w'

/* Steps: what it does with @addr and @size of struct example. */
enum example_step {
	EXAMPLE_READ = 1,	/* @result: all bytes of the range, or-ed */
	EXAMPLE_WRITE,		/* writes to all bytes of the range */
	EXAMPLE_BRK,		/* moves brk by @size, which may be negative */
	EXAMPLE_MAP,		/* @result: @size bytes of new anonymous memory */
	EXAMPLE_UNMAP,
	EXAMPLE_MALLOC,		/* @result: @size bytes */
	EXAMPLE_FREE,		/* what EXAMPLE_MALLOC returned */
	EXAMPLE_THRESHOLD,	/* sets M_MMAP_THRESHOLD to @size */
	EXAMPLE_CALL,		/* calls a function that calls itself, for @size of stack */
};

/**
 * struct example - what the program shares with the test
 * @function: address of a function, like the following ones
 * @literal: a string literal
 * @pointer: the variable that points to the literal
 * @data: first whole page of initialised data
 * @bss: first whole page of data that is not initialised
 * @local: a variable of main()
 * @loader: the dynamic loader
 * @vdso: the vDSO
 * @text_start: lowest address of the executable program headers
 * @text_end: their end, exclusive
 * @data_start: start of the last program header
 * @etext: address of the linker's symbol, like the following ones
 * @edata: end of initialised data
 * @end: end of bss
 * @argc: where the kernel put the number of arguments
 * @arg_start: first argument
 * @arg_end: end of the last one with its NUL, exclusive
 * @env_start: first string of the environment
 * @env_end: end of the last one with its NUL, exclusive
 * @addr: argument of a step, set by the test
 * @size: argument of a step, set by the test
 * @result: of a step
 * @brk: sbrk(0) after the step
 * @faults: minor faults of the step, by getrusage(2)
 * @signal: SIGSEGV if the step ended with it, else 0
 * @code: si_code of the signal
 * @fault: si_addr of the signal
 */
struct example {
	unsigned long function, literal, pointer, data, bss, local, loader, vdso;
	unsigned long text_start, text_end, data_start;
	unsigned long etext, edata, end;
	unsigned long argc, arg_start, arg_end, env_start, env_end;
	unsigned long addr, size;
	unsigned long result, brk, faults;
	unsigned long signal, code, fault;
};

/**
 * struct example_setup - how the program is executed
 * @file: "example_pie", position independent, or "example_fixed"
 * @personality: as for personality(2)
 * @stack: RLIMIT_STACK
 * @claim: that is broken if target_broken()
 */
struct example_setup {
	const char *file;
	unsigned long personality;
	unsigned long stack;
	const char *claim;
};

/**
 * struct example_run - a run of the program
 * @target: its process
 * @see: what it shares
 */
struct example_run {
	struct target target;
	struct example *see;
};

void example_start(struct example_run *run, const struct example_setup *setup);
void example_stop(struct example_run *run);

/* Let it take a step; returns when it is done and sleeps again. */
void example_do(struct example_run *run, enum example_step step,
		unsigned long addr, unsigned long size);

#endif
