// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "run.h"
#include "text.h"
#include "thread.h"

/* A C library's control block is no smaller: where the stack's end is a guess. */
#define CONTROL_LEAST	1024u

/* On arm64, the TLS block is above its base: larger ones make the end a guess. */
#define TLS_MOST	(64u << 10)

/* Stacks are read with what is between them, if that is no more than this. */
#define JOIN_LEAST	(16ULL << 20)

/* Each range is a query: if there are more, stacks farther apart are joined. */
#define RANGES_MAX	64

/**
 * struct place - where a thread's stack is looked for
 * @thread: the thread
 * @addr: an address in the stack: usually its stack pointer
 * @low: lowest address that the stack may have
 * @high: exclusive: the next guard, or the end of the mapping
 */
struct place {
	struct thread *thread;
	uint64_t addr;
	uint64_t low;
	uint64_t high;
};

/* Extents */

/* Extents ascend, but a huge entry may begin before the end of the last run. */
static void add_extent(struct extents *all, uint64_t start, uint64_t end)
{
	struct extent *last = all->nr ? &all->extent[all->nr - 1] : NULL;
	uint64_t before = last ? last->before + (last->end - last->start) : 0;

	if (last && start < last->end)
		start = last->end;
	if (start >= end)
		return;
	if (last && start == last->end) {
		last->end = end;
		return;
	}
	all->extent = more(all->extent, all->nr, &all->room,
			   sizeof(*all->extent));
	all->extent[all->nr++] = (struct extent){ start, end, before };
}

/* Number of extents that begin at or before the address. */
static size_t count_extents(const struct extents *all, uint64_t addr)
{
	size_t low = 0, high = all->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->extent[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Bytes of all extents below an address. */
static uint64_t bytes_below(const struct extents *all, uint64_t addr)
{
	size_t nr = count_extents(all, addr);
	const struct extent *last;

	if (!nr)
		return 0;
	last = &all->extent[nr - 1];
	return last->before + (addr < last->end ? addr : last->end) -
	       last->start;
}

/* What is where */

/* The guard entries that an address is in or directly above, or NULL. */
static const struct extent *guard_at(const struct threads *all, uint64_t addr)
{
	size_t nr = count_extents(&all->guards, addr);

	return nr ? &all->guards.extent[nr - 1] : NULL;
}

/* A stack pointer in the guard has left the stack above. */
static uint64_t leave_guard(const struct threads *all, uint64_t addr)
{
	const struct mapping *map = space_at(all->sp, addr);
	const struct extent *guard = guard_at(all, addr);

	if (map && !mapping_is_accessible(map))
		return map->vma.end;
	return guard && addr < guard->end ? guard->end : addr;
}

static bool is_on_altstack(const struct mmscope_thread *rec)
{
	return rec->sp - rec->altstack_start < rec->altstack_size;
}

/*
 * A thread on its alternate stack does not show its own: that of the main thread
 * is known, other threads have their TLS in it.
 */
static uint64_t anchor(const struct threads *all, const struct thread *thread)
{
	const struct mmscope_thread *rec = thread->rec;

	if (!thread->on_altstack)
		return leave_guard(all, rec->sp);
	if (rec->tid == all->sp->task.tgid)
		return all->sp->mm.start_stack;
	return rec->tls;
}

/* Only anonymous memory is a stack as a whole; a heap or a file contains one. */
static bool is_stack_memory(const struct mapping *map)
{
	return map->vma.segment == MMSCOPE_SEG_MMAP &&
	       (map->vma.kind == MMSCOPE_PRIVATE_ANON ||
		map->vma.kind == MMSCOPE_SHARED_ANON);
}

static bool touches_below(const struct space *sp, const struct mapping *map)
{
	return map > sp->map && map[-1].vma.end == map->start;
}

/* The stack of the main thread */

static bool grows_down(const struct space *sp, const struct mapping *map)
{
	const uint64_t flag = space_flag(sp, "gd");

	return !flag || map->vma.flags & flag;
}

/* How far it may grow: to its limit, and to the gap above the next mapping. */
static uint64_t find_limit(const struct space *sp, const struct mapping *map)
{
	const struct mmscope_mm *mm = &sp->mm;
	uint64_t page = 1ULL << sp->header.page_shift;
	uint64_t limit = 0;

	if (mm->rlimit_stack < map->vma.end)
		limit = (map->vma.end - mm->rlimit_stack + page - 1) & -page;
	if (map > sp->map && mapping_is_accessible(&map[-1]) &&
	    limit < map[-1].vma.end + mm->stack_guard_gap)
		limit = map[-1].vma.end + mm->stack_guard_gap;
	return limit < map->start ? limit : map->start;
}

static void find_main_stack(const struct threads *all, struct thread *thread)
{
	const struct space *sp = all->sp;
	const struct mapping *map = thread->map;

	thread->start = map->start;
	thread->end = map->vma.end;
	thread->limit = map->start;
	thread->origin = ORIGIN_KERNEL;
	if (!sp->has_mm || !grows_down(sp, map))
		return;
	thread->limit = find_limit(sp, map);
	thread->guard = GUARD_GAP;
	if (sp->mm.stack_guard_gap < map->start)
		thread->guard_start = map->start - sp->mm.stack_guard_gap;
	thread->guard_end = map->start;
}

/* Other stacks */

/* The guard below a place: entries in the mapping, or the mapping below. */
static void find_guard(const struct threads *all, struct place *place)
{
	struct thread *thread = place->thread;
	const struct mapping *map = thread->map;
	const struct extent *guard = guard_at(all, place->addr);
	size_t next = count_extents(&all->guards, place->addr);

	place->low = map->start;
	place->high = map->vma.end;
	if (next < all->guards.nr &&
	    all->guards.extent[next].start < place->high)
		place->high = all->guards.extent[next].start;
	if (guard && guard->end >= map->start) {
		place->low = guard->end;
		thread->guard = GUARD_ENTRIES;
		thread->guard_start = guard->start;
	} else if (touches_below(all->sp, map) && !mapping_is_accessible(&map[-1])) {
		thread->guard = GUARD_MAPPING;
		thread->guard_start = map[-1].start;
	} else {
		thread->guard = GUARD_NONE;
		return;
	}
	thread->guard_end = place->low;
}

/* Return: whether there is a place to compare with those of other threads. */
static bool find_place(const struct threads *all, struct place *place)
{
	struct thread *thread = place->thread;

	if (thread->rec->flags & MMSCOPE_THREAD_WORKER)
		return false;
	thread->on_altstack = is_on_altstack(thread->rec);
	place->addr = anchor(all, thread);
	thread->map = space_at(all->sp, place->addr);
	if (!thread->map)
		return false;
	if (thread->map->vma.segment == MMSCOPE_SEG_STACK) {
		find_main_stack(all, thread);
		return false;
	}
	if (!is_stack_memory(thread->map) || !mapping_is_accessible(thread->map))
		return false;
	find_guard(all, place);
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* After vfork(), parent and child are on one stack, and have one TLS. */
static bool share_stack(const struct place *a, const struct place *b)
{
	return a->low == b->low && a->thread->rec->tls == b->thread->rec->tls;
}

static bool is_tls_above(const struct space *sp)
{
	return sp->header.machine == EM_AARCH64;
}

/*
 * Where the stack ends that threads first to last are on; next: the place above,
 * in the same part of the mapping, or NULL. The C library puts TLS and control
 * block at the top: x86 has the TLS base at the start of the control block, arm64
 * between both.
 */
static uint64_t find_end(const struct space *sp, const struct place *last,
			 const struct place *next, unsigned int *guess)
{
	uint64_t page = 1ULL << sp->header.page_shift;
	uint64_t tls = last->thread->rec->tls, end;
	uint64_t most = is_tls_above(sp) && page < TLS_MOST ? TLS_MOST : page;

	if (tls < last->addr || tls >= (next ? next->addr : last->high)) {
		*guess |= GUESS_END;
		return next ? 0 : last->high;
	}
	if (!next && last->high - tls <= most)
		return last->high;
	*guess |= GUESS_END;
	if (!next && is_tls_above(sp))
		return last->high;
	end = (tls + CONTROL_LEAST + page - 1) & -page;
	return end < last->high ? end : last->high;
}

static bool has_tls(const struct thread *thread)
{
	return thread->rec->tls - thread->start < thread->end - thread->start;
}

static void set_stack(struct thread *thread, uint64_t start, uint64_t end,
		      unsigned int guess)
{
	if (!start || !end) {
		thread->guard = GUARD_UNKNOWN;
		thread->guard_start = 0;
		thread->guard_end = 0;
		return;
	}
	thread->start = start;
	thread->end = end;
	thread->limit = start;
	thread->guess = guess;
	if (thread->guard_end != start) {
		thread->guard = GUARD_NONE;
		thread->guard_start = 0;
		thread->guard_end = 0;
	}
	thread->origin = thread->guard != GUARD_NONE && has_tls(thread) ?
				 ORIGIN_LIBRARY : ORIGIN_PROGRAM;
	if (thread->origin == ORIGIN_PROGRAM)
		thread->guess |= GUESS_ORIGIN;
	if (thread->on_altstack)
		thread->guess |= GUESS_START | GUESS_END;
}

/* Places first to last are on one stack, between those before and after them. */
static void find_stack(const struct threads *all, const struct place *places,
		       size_t nr, size_t first, size_t last)
{
	const struct place *low = &places[first], *high = &places[last];
	const struct place *before = first ? low - 1 : NULL;
	const struct place *next = last + 1 < nr ? high + 1 : NULL;
	unsigned int guess = 0;
	uint64_t start, end;

	if (before && before->low != low->low)
		before = NULL;
	if (next && next->low != low->low)
		next = NULL;
	end = find_end(all->sp, high, next, &guess);
	start = before ? before->thread->end : low->low;
	if (before || low->thread->guard == GUARD_NONE)
		guess |= GUESS_START;
	if (start > low->addr)
		start = 0;
	for (size_t i = first; i <= last; i++)
		set_stack(places[i].thread, start, end, guess);
}

static void find_stacks(const struct threads *all, struct place *places,
			size_t nr)
{
	size_t last;

	qsort(places, nr, sizeof(*places), by_address);
	for (size_t first = 0; first < nr; first = last + 1) {
		last = first;
		while (last + 1 < nr &&
		       share_stack(&places[first], &places[last + 1]))
			last++;
		find_stack(all, places, nr, first, last);
	}
}

static void count_resident(const struct threads *all, struct thread *thread)
{
	thread->resident = bytes_below(&all->resident, thread->end) -
			   bytes_below(&all->resident, thread->start);
}

/**
 * threads_find - find the stacks, in O(n log n) for all threads together
 * @all: the threads; without page tables, guard entries are not known
 */
void threads_find(struct threads *all)
{
	const struct space *sp = all->sp;
	struct place *places = grow(NULL, sp->nr_threads, sizeof(*places));
	size_t nr = 0;

	all->nr = sp->nr_threads;
	all->thread = grow(all->thread, all->nr, sizeof(*all->thread));
	for (size_t i = 0; i < all->nr; i++) {
		struct place place = { .thread = &all->thread[i] };

		all->thread[i] = (struct thread){ .rec = &sp->thread[i] };
		if (find_place(all, &place))
			places[nr++] = place;
	}
	find_stacks(all, places, nr);
	free(places);
	for (size_t i = 0; i < all->nr; i++)
		count_resident(all, &all->thread[i]);
}

/**
 * threads_init - start without page tables
 * @all: the threads; call threads_free() when done
 * @sp: their address space; must stay until then
 */
void threads_init(struct threads *all, const struct space *sp)
{
	*all = (struct threads){ .sp = sp };
}

/**
 * threads_add - add page tables
 * @all: the threads
 * @rec: a record from stream_next(); addresses ascend from call to call
 */
void threads_add(struct threads *all, const struct record *rec)
{
	struct unpack u = { .h = &all->sp->header, .rec = rec };
	struct run run;

	if (rec->head.type != MMSCOPE_REC_RUNS)
		return;
	while (unpack_next(&u, &run)) {
		uint64_t end = run_last(u.h, &run) + 1;

		if (run.kind == MMSCOPE_MARKER_GUARD)
			add_extent(&all->guards, run.start, end);
		else if (entry_kind(run.kind)->resident &&
			 !(run.attrs & MMSCOPE_ATTR_SPECIAL))
			add_extent(&all->resident, run.start, end);
	}
}

/* Ranges to read */

static bool may_be_stack(const struct mapping *map)
{
	return map && (map->vma.segment == MMSCOPE_SEG_STACK ||
		       is_stack_memory(map));
}

/* The mappings that hold stacks, ascending, each once. Return: their number. */
static size_t list_mappings(const struct threads *all,
			    const struct mapping **maps)
{
	const struct space *sp = all->sp;
	bool *holds = grow(NULL, sp->nr, sizeof(*holds));
	size_t nr = 0;

	memset(holds, 0, sp->nr * sizeof(*holds));
	for (size_t i = 0; i < all->nr; i++)
		if (may_be_stack(all->thread[i].map))
			holds[all->thread[i].map - sp->map] = true;
	for (size_t i = 0; i < sp->nr; i++)
		if (holds[i])
			maps[nr++] = &sp->map[i];
	free(holds);
	return nr;
}

/* Bytes with access between two mappings, which is what a walk may have to read. */
static uint64_t bytes_between(const struct mapping *low,
			      const struct mapping *high)
{
	uint64_t bytes = 0;

	while (++low < high)
		if (mapping_is_accessible(low))
			bytes += low->vma.end - low->start;
	return bytes;
}

/* Return: number of ranges. */
static size_t join(const struct mapping **maps, size_t nr, uint64_t most,
		   struct range *ranges)
{
	size_t n = 0;

	for (size_t i = 0; i < nr; i++) {
		if (!i || bytes_between(maps[i - 1], maps[i]) > most)
			ranges[n++].start = maps[i]->start;
		ranges[n - 1].end = maps[i]->vma.end;
	}
	return n;
}

/**
 * threads_ranges - find the ranges whose page tables threads_add() needs
 * @all: the threads, after threads_find()
 * @nr: number of ranges
 *
 * Return: the ranges, ascending; the caller frees them
 */
struct range *threads_ranges(const struct threads *all, size_t *nr)
{
	const struct mapping **maps = grow(NULL, all->sp->nr, sizeof(*maps));
	size_t nr_maps = list_mappings(all, maps);
	struct range *ranges = grow(NULL, nr_maps, sizeof(*ranges));
	uint64_t most = JOIN_LEAST;

	do {
		*nr = join(maps, nr_maps, most, ranges);
		most *= 8;
	} while (*nr > RANGES_MAX && most < 1ULL << 60);
	free(maps);
	return ranges;
}

/**
 * threads_by_id - look up a thread
 * @all: the threads, after threads_find()
 * @tid: its id
 *
 * Return: the thread, or NULL
 */
const struct thread *threads_by_id(const struct threads *all, int tid)
{
	size_t low = 0, high = all->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->thread[mid].rec->tid < tid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < all->nr && all->thread[low].rec->tid == tid ?
		       &all->thread[low] : NULL;
}

/**
 * thread_has_depth - whether the stack pointer shows how much of the stack is used
 * @thread: the thread
 *
 * Return: false on an alternate stack: the stack pointer is not in the thread's own
 */
bool thread_has_depth(const struct thread *thread)
{
	return thread->end && !thread->on_altstack &&
	       thread->rec->sp <= thread->end;
}

/**
 * threads_free - free the memory
 * @all: the threads
 */
void threads_free(struct threads *all)
{
	free(all->thread);
	free(all->resident.extent);
	free(all->guards.extent);
	*all = (struct threads){ 0 };
}
