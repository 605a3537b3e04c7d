// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "explain_grow.h"
#include "explain_segment.h"
#include "named.h"

/* Sentences about accesses are next to each other. */
#define FIRST_FAULT	TEXT_WORKS
#define LAST_FAULT	TEXT_VSYSCALL_FETCH

/**
 * struct group - mappings that are explained together
 * @name: of the subject
 * @what: sentence on what they are for
 * @segment: what all of them are, SEGMENTS if they differ
 * @in: by index of the mapping
 * @deep: explain reads and instruction fetches, too
 */
struct group {
	const char *name;
	enum sentence what;
	enum segment segment;
	bool *in;
	bool deep;
};

/* Sentences on a group */

/* Pages of the kernel and of drivers are there anyway. */
static bool is_provided(enum segment segment)
{
	return segment != SEGMENTS &&
	       (segment == SEGMENT_DEVICE || segment == SEGMENT_PFNMAP ||
		segment_info(segment)->family == FAMILY_KERNEL);
}

/* Pages of files and shared memory may be in RAM without being mapped here. */
static void explain_resident(struct explanation *e, const struct group *group,
			     const struct sum *sum)
{
	const bool own = sum->kind[MMSCOPE_PRIVATE_ANON] == sum->size;
	enum sentence which;

	if (is_provided(group->segment))
		which = TEXT_LENGTH;
	else if (sum->resident == sum->size)
		which = TEXT_ALL_RESIDENT;
	else if (sum->resident)
		which = own ? TEXT_LAZY : TEXT_LAZY_MAPPED;
	else
		which = own ? TEXT_NONE_RESIDENT : TEXT_NONE_MAPPED;
	EXPLAIN(e, which, BYTES("size", sum->size),
		BYTES("resident", sum->resident));
}

/* Sentences that hold if there is any of it. */
static void explain_amounts(struct explanation *e, const struct group *group,
			    const struct sum *sum)
{
	const struct {
		enum sentence which;
		uint64_t size;
		bool deep;
	} amounts[] = {
		{ TEXT_SWAPPED, sum->swapped, false },
		{ TEXT_ZEROES, sum->zero, false },
		{ TEXT_HUGE, sum->huge, true },
		{ TEXT_MAPPED_ONCE, sum->once, true },
		{ TEXT_MAPPED_OFTEN, sum->often, true },
		{ TEXT_LOCKED, sum->locked, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++)
		if (amounts[i].size && (group->deep || !amounts[i].deep))
			EXPLAIN(e, amounts[i].which,
				BYTES("size", amounts[i].size));
}

static void explain_kinds(struct explanation *e, const struct sum *sum)
{
	const struct {
		enum sentence which;
		uint64_t size;
	} kinds[] = {
		{ TEXT_PRIVATE_ANON, sum->kind[MMSCOPE_PRIVATE_ANON] },
		{ TEXT_PRIVATE_FILE, sum->kind[MMSCOPE_PRIVATE_FILE] },
		{ TEXT_SHARED_ANON, sum->kind[MMSCOPE_SHARED_ANON] },
		{ TEXT_SHARED_FILE, sum->kind[MMSCOPE_SHARED_FILE] },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].size)
			EXPLAIN(e, kinds[i].which,
				BYTES("size", kinds[i].size));
}

static void explain_one_fault(struct explanation *e, enum sentence which,
			      unsigned int access, uint64_t size,
			      uint64_t whole)
{
	EXPLAIN_ACCESS(e, which, access,
		       PART("access", explain_access(access)),
		       PART("where", size < whole ? TEXT_IN_PART : TEXT_IN_ALL),
		       BYTES("size", size));
}

static void explain_faults(struct explanation *e, const struct sum *sum,
			   bool deep)
{
	for (enum sentence i = FIRST_FAULT; i <= LAST_FAULT; i++) {
		uint64_t written = 0;

		for (unsigned int access = 1; access < ACCESS_SETS; access++) {
			uint64_t size = sum->fault[i][access];

			if (deep && size)
				explain_one_fault(e, i, access, size,
						  sum->size);
			if (access & ACCESS_WRITE)
				written += size;
		}
		if (!deep && written)
			explain_one_fault(e, i, ACCESS_WRITE, written,
					  sum->size);
	}
	if (sum->past_end)
		EXPLAIN(e, TEXT_END_OF_FILE);
}

static const struct mapping *first_of(const struct explained *all,
				      const struct group *group)
{
	size_t i = 0;

	while (!group->in[i])
		i++;
	return &all->sp->map[i];
}

static bool any_grows(const struct explained *all, const struct group *group)
{
	for (size_t i = 0; i < all->sp->nr; i++)
		if (group->in[i] && grow_is_down(all->rules, &all->sp->map[i]))
			return true;
	return false;
}

/* Thread stacks are not in the heap, as some texts have it. */
static void explain_place(struct explanation *e, const struct explained *all,
			  const struct sum *sum)
{
	const struct mmscope_mm *mm = &all->sp->mm;

	if (mm->layout == MMSCOPE_LAYOUT_FLEXIBLE && sum->end <= mm->mmap_base)
		EXPLAIN(e, TEXT_IN_MMAP_AREA);
}

static void explain_growth(struct explanation *e, const struct explained *all,
			   const struct group *group, const struct sum *sum)
{
	if (group->segment == SEGMENT_HEAP)
		grow_explain_heap(e, all->rules);
	if (group->segment == SEGMENT_THREAD_STACK)
		explain_place(e, all, sum);
	if (group->segment != SEGMENT_STACK &&
	    group->segment != SEGMENT_THREAD_STACK)
		return;
	if (sum->nr == 1)
		grow_explain_stack(e, all->rules, first_of(all, group));
	else if (!any_grows(all, group))
		EXPLAIN(e, TEXT_STACK_FIXED);
}

/* Return: false if the group has no mappings. */
static bool explain_group(struct explanation *e, const struct explained *all,
			  const struct group *group)
{
	struct sum sum = sum_of(all, group->in, group->deep);

	if (!sum.nr)
		return false;
	explain_subject(e, group->name, sum.apart ? 0 : sum.start,
			sum.apart ? 0 : sum.end, sum.nr);
	EXPLAIN(e, group->what, COUNT("count", sum.objects));
	if (sum.guess)
		EXPLAIN(e, TEXT_GUESS, BYTES("size", sum.guess));
	if (all->pages)
		explain_resident(e, group, &sum);
	else
		EXPLAIN(e, TEXT_RESERVED, BYTES("size", sum.size));
	explain_amounts(e, group, &sum);
	if (!is_provided(group->segment))
		explain_kinds(e, &sum);
	explain_growth(e, all, group, &sum);
	if (all->pages)
		explain_faults(e, &sum, group->deep);
	else
		EXPLAIN(e, TEXT_PAGES_UNKNOWN);
	return true;
}

/* Which mappings */

static bool is_library(enum segment segment)
{
	return segment_info(segment)->family == FAMILY_LIBRARY;
}

static struct group group_segment(const struct explained *all,
				  enum segment segment)
{
	struct group group = {
		.name = segment_info(segment)->name,
		.what = TEXT_IS_ANON + segment,
		.segment = segment,
		.in = grow(NULL, all->sp->nr, sizeof(*group.in)),
	};

	for (size_t i = 0; i < all->sp->nr; i++)
		group.in[i] = all->classes->part[i].segment == segment;
	return group;
}

static struct group group_libraries(const struct explained *all)
{
	struct group group = {
		.name = "libraries",
		.what = TEXT_IS_LIBRARIES,
		.segment = SEGMENTS,
		.in = grow(NULL, all->sp->nr, sizeof(*group.in)),
	};

	for (size_t i = 0; i < all->sp->nr; i++)
		group.in[i] = is_library(all->classes->part[i].segment);
	return group;
}

static void explain_in_process(struct explanation *e,
			       const struct explained *all,
			       struct group group)
{
	explain_group(e, all, &group);
	free(group.in);
}

/**
 * explain_segment - explain one segment in depth
 * @e: the explanation
 * @all: the process
 * @segment: the segment
 *
 * Return: false if the process has none
 */
bool explain_segment(struct explanation *e, const struct explained *all,
		     enum segment segment)
{
	struct group group = group_segment(all, segment);
	bool found;

	group.deep = true;
	found = explain_group(e, all, &group);
	free(group.in);
	return found;
}

/* The mappings of a file. */
static struct group group_object(const struct explained *all, const char *name)
{
	struct group group = {
		.name = name,
		.what = TEXT_IS_FILE,
		.segment = SEGMENTS,
		.in = grow(NULL, all->sp->nr, sizeof(*group.in)),
	};
	struct named named = { .name = name };

	for (size_t i = 0; i < all->sp->nr; i++)
		group.in[i] = named_has(&named, all->classes, i);
	if (named.object)
		group.what = TEXT_IS_OBJECT;
	return group;
}

static void explain_kernel_half(struct explanation *e, const struct space *sp)
{
	const uint64_t start = -(1ULL << space_kernel_bits(sp));

	explain_subject(e, "kernel", start, 0, 0);
	EXPLAIN(e, TEXT_KERNEL_HALF, ADDRESS("start", start));
}

/**
 * explain_named - explain in depth what is no single segment
 * @e: the explanation
 * @all: the process
 * @name: libraries, kernel, or a file: its name without the folder, or the start of it
 *	up to a dot or a dash
 *
 * Return: false if there is nothing of this name
 */
bool explain_named(struct explanation *e, const struct explained *all,
		   const char *name)
{
	struct group group;
	bool found;

	if (!strcmp(name, "kernel")) {
		explain_kernel_half(e, all->sp);
		return true;
	}
	group = strcmp(name, "libraries") ? group_object(all, name) :
					    group_libraries(all);
	group.deep = true;
	found = explain_group(e, all, &group);
	free(group.in);
	return found;
}

/* Threads */

static void explain_guard(struct explanation *e, const struct thread *thread)
{
	const uint64_t size = thread->guard_end - thread->guard_start;

	if (thread->guard == GUARD_MAPPING)
		EXPLAIN(e, TEXT_GUARD_MAPPING, BYTES("size", size));
	else if (thread->guard == GUARD_ENTRIES)
		EXPLAIN(e, TEXT_GUARD_ENTRIES, BYTES("size", size));
	else if (thread->guard == GUARD_NONE)
		EXPLAIN(e, TEXT_GUARD_NONE);
}

static void explain_thread(struct explanation *e, const struct thread *thread)
{
	const struct mmscope_thread *rec = thread->rec;

	EXPLAIN(e, TEXT_THREAD, NUMBER("tid", (uint64_t)rec->tid),
		WORD("name", rec->comm), ADDRESS("start", thread->start),
		ADDRESS("end", thread->end));
	if (thread_has_depth(thread))
		EXPLAIN(e, TEXT_THREAD_USED, ADDRESS("sp", rec->sp),
			BYTES("used", thread->end - rec->sp),
			BYTES("room", rec->sp > thread->limit ?
					      rec->sp - thread->limit : 0));
	if (thread->origin == ORIGIN_LIBRARY)
		EXPLAIN(e, TEXT_THREAD_TLS, ADDRESS("tls", rec->tls));
	explain_guard(e, thread);
}

/* The mapping may hold the stacks of other threads, too. */
static void explain_stack_mapping(struct explanation *e,
				  const struct explained *all,
				  const struct mapping *map)
{
	struct group group = group_segment(all, class_of(all->classes, map));
	struct text name = { 0 };

	class_put(&name, all->classes, map);
	group.name = name.s;
	group.deep = true;
	for (size_t i = 0; i < all->sp->nr; i++)
		group.in[i] = &all->sp->map[i] == map;
	explain_group(e, all, &group);
	text_free(&name);
	free(group.in);
}

/**
 * explain_stack - explain the stack of a thread in depth
 * @e: the explanation
 * @all: the process
 * @tid: the thread
 *
 * Return: false if the stack is not known
 */
bool explain_stack(struct explanation *e, const struct explained *all, int tid)
{
	const struct thread *thread = threads_by_id(all->threads, tid);
	struct text name = { 0 };

	if (!thread || !thread->end)
		return false;
	text_printf(&name, "thread %d", tid);
	explain_subject(e, name.s, thread->start, thread->end, 1);
	text_free(&name);
	explain_thread(e, thread);
	explain_stack_mapping(e, all, thread->map);
	return true;
}

/* The process */

static void explain_totals(struct explanation *e, const struct explained *all)
{
	const struct space *sp = all->sp;
	uint64_t size = 0, resident = 0, swapped = 0;

	for (size_t i = 0; i < sp->nr; i++) {
		size += sp->map[i].vma.end - sp->map[i].start;
		resident += sp->map[i].resident;
		swapped += sp->map[i].swapped;
	}
	EXPLAIN(e, all->pages ? TEXT_TOTAL : TEXT_TOTAL_RESERVED,
		BYTES("size", size), BYTES("resident", resident),
		BYTES("swapped", swapped));
}

static void explain_head(struct explanation *e, const struct explained *all)
{
	const struct space *sp = all->sp;

	explain_subject(e, sp->task.comm, 0, 0, sp->nr);
	EXPLAIN(e, TEXT_PROCESS, WORD("name", sp->task.comm),
		NUMBER("pid", (uint64_t)sp->task.pid),
		WORD("release", sp->header.release));
	if (sp->nr_threads)
		EXPLAIN(e, TEXT_THREADS, COUNT("threads", sp->nr_threads));
	explain_totals(e, all);
	EXPLAIN(e, TEXT_LEVELS, COUNT("levels", sp->header.levels),
		BYTES("size", 1ULL << sp->header.page_shift));
	if (sp->has_mm)
		EXPLAIN(e, TEXT_TABLES, BYTES("size", sp->mm.pgtables_bytes));
	EXPLAIN(e, sp->task.flags & MMSCOPE_TASK_RANDOMIZED ? TEXT_ASLR :
							      TEXT_NO_ASLR);
}

/**
 * explain_process - explain all segments of a process, from the lowest up as a rule
 * @e: the explanation
 * @all: the process
 */
void explain_process(struct explanation *e, const struct explained *all)
{
	static const enum segment low[] = {
		SEGMENT_TEXT, SEGMENT_RODATA, SEGMENT_RELRO, SEGMENT_DATA,
		SEGMENT_BSS, SEGMENT_HEAP,
	};
	static const enum segment high[] = {
		SEGMENT_FILE, SEGMENT_ANON, SEGMENT_ARENA,
		SEGMENT_THREAD_STACK, SEGMENT_GUARD, SEGMENT_RESERVE,
		SEGMENT_SHARED_ANON, SEGMENT_SYSV, SEGMENT_SHM, SEGMENT_MEMFD,
		SEGMENT_HUGETLB, SEGMENT_DEVICE, SEGMENT_PFNMAP,
		SEGMENT_UPROBES, SEGMENT_SPECIAL, SEGMENT_STACK, SEGMENT_VVAR,
		SEGMENT_VDSO,
	};

	explain_head(e, all);
	for (size_t i = 0; i < ARRAY_SIZE(low); i++)
		explain_in_process(e, all, group_segment(all, low[i]));
	grow_explain_mmap(e, all->sp);
	explain_in_process(e, all, group_libraries(all));
	for (size_t i = 0; i < ARRAY_SIZE(high); i++)
		explain_in_process(e, all, group_segment(all, high[i]));
	explain_kernel_half(e, all->sp);
}
