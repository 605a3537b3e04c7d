// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "exit_code.h"
#include "message.h"
#include "thread_load.h"

/**
 * threads_parts - what the stream for threads_load() has to contain
 * @opt: process or file
 * @stacks: whether the stacks are needed
 *
 * Of a live process, only the page tables of stacks are read: threads_load() asks
 * for them when it knows where these are.
 *
 * Return: MMSCOPE_PART_*
 */
uint32_t threads_parts(const struct options *opt, bool stacks)
{
	uint32_t parts = MMSCOPE_PART_THREADS;

	if (stacks)
		parts |= MMSCOPE_PART_MM | MMSCOPE_PART_VMAS;
	if (stacks && opt->input)
		parts |= MMSCOPE_PART_PAGETABLE;
	return parts;
}

/* A list of mappings that changed, but for one that was undone, has other sums. */
static bool have_same_sums(const struct mmscope_mm *a,
			   const struct mmscope_mm *b)
{
	return a->map_count == b->map_count && a->total_vm == b->total_vm &&
	       a->data_vm == b->data_vm && a->stack_vm == b->stack_vm;
}

/* Read page tables. same: whether the mappings are still those of the list. */
static int load_range(const struct options *opt, struct threads *all,
		      const struct range *range, bool *same)
{
	const struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_PAGETABLE,
		.start = range->start,
		.end = range->end,
	};
	struct source src = { 0 };
	struct record rec;
	int code = source_open(&src, opt, &asked);

	while (!code && stream_next(&src.stream, &rec)) {
		if (rec.head.type == MMSCOPE_REC_MM)
			*same &= have_same_sums(&all->sp->mm, &rec.mm);
		threads_add(all, &rec);
	}
	if (!code && src.stream.ended && !src.stream.end.status)
		*same &= !stream_changed(&src.stream);
	else if (!code)
		code = source_verdict(&src);
	source_close(&src);
	return code;
}

static int load_ranges(const struct options *opt, struct threads *all,
		       bool *same)
{
	struct range *ranges;
	int code = EXIT_FINE;
	size_t nr;

	threads_find(all);
	ranges = threads_ranges(all, &nr);
	for (size_t i = 0; i < nr && !code; i++)
		code = load_range(opt, all, &ranges[i], same);
	free(ranges);
	return code;
}

/**
 * threads_load - read threads and stacks
 * @all: the threads; call threads_free() in any case
 * @sp: their address space; call space_free() in any case
 * @src: a source with threads_parts(), just opened
 * @opt: the options it was opened with
 * @stacks: whether the stacks are needed
 *
 * Return: EXIT_FINE, or another exit code after a message; after EXIT_PARTIAL, what
 * was read can be shown
 */
int threads_load(struct threads *all, struct space *sp, struct source *src,
		 const struct options *opt, bool stacks)
{
	struct record rec;
	bool same = true;
	int code, late = EXIT_FINE;

	space_init(sp, &src->stream);
	threads_init(all, sp);
	while (stream_next(&src->stream, &rec)) {
		space_add(sp, &rec);
		threads_add(all, &rec);
	}
	if (!source_is_readable(src))
		return source_verdict(src);
	code = source_task(&sp->task);
	if (code)
		return code;
	if (stacks && !opt->input)
		late = load_ranges(opt, all, &same);
	if (exit_is_failure(late))
		return late;
	threads_find(all);
	code = source_verdict(src);
	if (!code && !late && !same) {
		note("the address space changed during the read");
		return EXIT_PARTIAL;
	}
	return code ? code : late;
}
