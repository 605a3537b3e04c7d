// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "classify.h"
#include "classify_work.h"
#include "text.h"
#include "thread.h"

/* A larger mapping without access is a reserve, not a guard. */
#define GUARD_MAX	(1ULL << 20)

/* A smaller mapping is not a thread's stack: PTHREAD_STACK_MIN. */
#define STACK_MIN	(16ULL << 10)

/* glibc's HEAP_MAX_SIZE for 64 bits: size and alignment of the heaps of arenas. */
#define ARENA_SIZE	(64ULL << 20)

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* A mapping that covers an empty heap is not the heap. */
static bool is_heap(const struct space *sp)
{
	return !sp->has_mm || sp->mm.start_brk < sp->mm.brk;
}

/* What the kernel records. */
static bool by_kernel(const struct work *w, size_t i)
{
	static const struct {
		enum mmscope_segment from;
		enum segment to;
	} same[] = {
		{ MMSCOPE_SEG_HEAP, SEGMENT_HEAP },
		{ MMSCOPE_SEG_STACK, SEGMENT_STACK },
		{ MMSCOPE_SEG_VDSO, SEGMENT_VDSO },
		{ MMSCOPE_SEG_VVAR, SEGMENT_VVAR },
		{ MMSCOPE_SEG_SPECIAL, SEGMENT_SPECIAL },
	};
	unsigned int segment = w->sp->map[i].vma.segment;

	if (segment == MMSCOPE_SEG_HEAP && !is_heap(w->sp))
		return false;
	for (size_t n = 0; n < ARRAY_SIZE(same); n++) {
		if (segment == same[n].from) {
			w->part[i].segment = same[n].to;
			return true;
		}
	}
	return false;
}

/* Device DAX has large pages, too: the flag decides where it has a name. */
static bool is_hugetlb(const struct work *w, const struct mapping *map)
{
	if (w->hugetlb)
		return map->vma.flags & w->hugetlb;
	return map->vma.page_shift > w->sp->header.page_shift;
}

/* Anonymous inodes with frame numbers are rings of the kernel's own memory. */
static enum segment of_io(const struct mapping *map)
{
	return begins(map->name, "anon_inode:") ? SEGMENT_PFNMAP :
						  SEGMENT_DEVICE;
}

/* A private mapping of /dev/zero is anonymous memory. */
static enum segment of_kind(const struct mapping *map)
{
	if (!(map->vma.perms & MMSCOPE_SHARED) &&
	    !strcmp(map->name, "/dev/zero"))
		return SEGMENT_ANON;
	switch (map->vma.kind) {
	case MMSCOPE_PRIVATE_FILE:
	case MMSCOPE_SHARED_FILE:
		return SEGMENT_FILE;
	case MMSCOPE_SHARED_ANON:
		return SEGMENT_SHARED_ANON;
	default:
		return SEGMENT_ANON;
	}
}

static bool is_uprobes(const struct mapping *map)
{
	return map->vma.name_kind == MMSCOPE_NAME_SPECIAL &&
	       !strcmp(map->name, "[uprobes]");
}

static void classify_one(const struct work *w, size_t i)
{
	const struct mapping *map = &w->sp->map[i];

	if (is_uprobes(map)) {
		w->part[i].segment = SEGMENT_UPROBES;
		return;
	}
	if (by_kernel(w, i))
		return;
	if (is_hugetlb(w, map))
		w->part[i].segment = SEGMENT_HUGETLB;
	else if (map->vma.page_shift > w->sp->header.page_shift)
		w->part[i].segment = SEGMENT_DEVICE;
	else if (map->vma.flags & w->io)
		w->part[i].segment = of_io(map);
	else
		w->part[i].segment = of_kind(map);
}

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), tail = strlen(with);

	return len >= tail && !strcmp(s + len - tail, with);
}

/*
 * Shared memory, which the kernel makes of files with certain names. No folder
 * holds those of SysV and memfd, so they look deleted.
 */
static void classify_shared(const struct work *w, size_t i)
{
	static const struct {
		const char *prefix;
		const char *suffix;
		enum segment segment;
	} shared[] = {
		{ "/SYSV", " (deleted)", SEGMENT_SYSV },
		{ "/memfd:", " (deleted)", SEGMENT_MEMFD },
		{ "/dev/shm/", "", SEGMENT_SHM },
		{ "/dev/zero", " (deleted)", SEGMENT_SHARED_ANON },
	};
	const struct mapping *map = &w->sp->map[i];
	struct part *part = &w->part[i];

	if (map->vma.name_kind != MMSCOPE_NAME_PATH ||
	    (part->segment != SEGMENT_FILE &&
	     part->segment != SEGMENT_SHARED_ANON))
		return;
	for (size_t n = 0; n < ARRAY_SIZE(shared); n++)
		if (begins(map->name, shared[n].prefix) &&
		    ends(map->name, shared[n].suffix))
			part->segment = shared[n].segment;
}

/* Anonymous memory */

static bool touches(const struct space *sp, size_t i)
{
	const struct mapping *map = &sp->map[i];

	return (i && sp->map[i - 1].vma.end == map->start) ||
	       (i + 1 < sp->nr && sp->map[i + 1].start == map->vma.end);
}

/*
 * Memory without access: small and next to another mapping, it guards that. Pages
 * in it do not count, because few commands read the page tables.
 */
static void classify_barrier(const struct work *w, size_t i)
{
	const struct mapping *map = &w->sp->map[i];

	if (w->part[i].segment != SEGMENT_ANON || mapping_is_accessible(map))
		return;
	if (i && w->part[i - 1].segment == SEGMENT_ARENA &&
	    w->sp->map[i - 1].vma.end == map->start)
		set_segment(w, i, SEGMENT_RESERVE, true);
	else if (size_of(map) <= GUARD_MAX && touches(w->sp, i))
		set_segment(w, i, SEGMENT_GUARD, true);
	else
		set_segment(w, i, SEGMENT_RESERVE, true);
}

static bool is_private_rw(const struct mapping *map)
{
	const unsigned int access = MMSCOPE_READ | MMSCOPE_WRITE;

	return (map->vma.perms & (access | MMSCOPE_EXEC | MMSCOPE_SHARED)) ==
	       access;
}

/* Where the heap ends that contains the last byte of a mapping. */
static uint64_t arena_end(const struct mapping *map)
{
	return (map->vma.end - 1) / ARENA_SIZE * ARENA_SIZE + ARENA_SIZE;
}

/*
 * glibc reserves a heap of 64M at a multiple of 64M, and makes memory accessible
 * from its start. Heaps that touch are one mapping if the first one is full. What
 * reserves more than the rest of 64M is no arena, such as the heap of a JVM.
 * With glibc.mem.decorate_maps=1, arenas have a name.
 */
static void classify_arena(const struct work *w, size_t i)
{
	const struct mapping *map = &w->sp->map[i], *rest = map + 1;

	if (w->part[i].segment != SEGMENT_ANON || !is_private_rw(map))
		return;
	if (map->vma.name_kind == MMSCOPE_NAME_ANON &&
	    begins(map->name, "[anon: glibc: malloc arena")) {
		set_segment(w, i, SEGMENT_ARENA, false);
		return;
	}
	if (i + 1 == w->sp->nr || space_is_narrow(w->sp) ||
	    map->vma.name_kind != MMSCOPE_NAME_NONE ||
	    map->start % ARENA_SIZE || rest->start != map->vma.end ||
	    rest->vma.end != arena_end(map) || mapping_is_accessible(rest) ||
	    rest->vma.kind != MMSCOPE_PRIVATE_ANON)
		return;
	set_segment(w, i, SEGMENT_ARENA, true);
}

/* A guess: memory directly above a guard is the stack of a thread. */
static void classify_thread_stack(const struct work *w, size_t i)
{
	const unsigned int access = MMSCOPE_READ | MMSCOPE_WRITE;
	const struct mapping *map = &w->sp->map[i];
	const struct part *below = &w->part[i - 1];

	if (w->part[i].segment == SEGMENT_ANON &&
	    (map->vma.perms & (access | MMSCOPE_SHARED)) == access &&
	    below->segment == SEGMENT_GUARD && !below->object &&
	    w->sp->map[i - 1].vma.end == map->start &&
	    size_of(map) >= STACK_MIN)
		set_segment(w, i, SEGMENT_THREAD_STACK, true);
}

/* The mapping that holds the stack of a thread, and the guard below. */
static void classify_stack(const struct work *w, const struct thread *thread)
{
	struct part *part = &w->part[thread->map - w->sp->map];

	if (part->segment != SEGMENT_ANON &&
	    part->segment != SEGMENT_THREAD_STACK)
		return;
	if (part->tid) {
		part->others++;
		return;
	}
	part->segment = SEGMENT_THREAD_STACK;
	part->tid = thread->rec->tid;
	if (thread->guard != GUARD_MAPPING || part[-1].segment != SEGMENT_GUARD)
		return;
	part[-1].tid = part->tid;
}

static void classify_stacks(const struct work *w)
{
	struct threads all;

	threads_init(&all, w->sp);
	threads_find(&all);
	for (size_t i = 0; i < all.nr; i++)
		if (all.thread[i].end)
			classify_stack(w, &all.thread[i]);
	threads_free(&all);
}

/**
 * classify - find out what each mapping is, from the mm and the mappings alone
 * @all: the result; the caller frees it with classes_free()
 * @sp: a whole address space; must stay until then
 *
 * The time is linear in the number of mappings.
 */
void classify(struct classes *all, const struct space *sp)
{
	struct work w = {
		.sp = sp,
		.part = grow(NULL, sp->nr, sizeof(*w.part)),
		.code = objects_find_code(sp),
		.io = space_flag(sp, "io") | space_flag(sp, "pf"),
		.hugetlb = space_flag(sp, "ht"),
		.account = space_flag(sp, "ac"),
	};

	*all = (struct classes){ .sp = sp, .part = w.part };
	memset(w.part, 0, sp->nr * sizeof(*w.part));
	for (size_t i = 0; i < sp->nr; i++)
		classify_one(&w, i);
	objects_classify(&w);
	for (size_t i = 0; i < sp->nr; i++) {
		classify_shared(&w, i);
		objects_classify_moved(&w, i);
		if (i)
			objects_classify_bss(&w, i);
		classify_arena(&w, i);
		classify_barrier(&w, i);
		if (i)
			classify_thread_stack(&w, i);
	}
	if (sp->nr_threads)
		classify_stacks(&w);
}

/**
 * classes_free - free the result of classify()
 * @all: the result
 */
void classes_free(struct classes *all)
{
	free(all->part);
	elf_cache_free(all->files);
	*all = (struct classes){ 0 };
}

/**
 * class_of - look up the segment of a mapping
 * @all: the result of classify()
 * @map: a mapping of its address space
 *
 * Return: enum segment
 */
enum segment class_of(const struct classes *all, const struct mapping *map)
{
	return all->part[map - all->sp->map].segment;
}

/**
 * class_is_guess - whether the segment of a mapping is a guess
 * @all: the result of classify()
 * @map: a mapping of its address space
 *
 * Return: true if it follows from position or shape only
 */
bool class_is_guess(const struct classes *all, const struct mapping *map)
{
	return all->part[map - all->sp->map].guess;
}

/**
 * class_name - look up the name of the segment of a mapping
 * @all: the result of classify()
 * @map: a mapping of its address space
 *
 * Return: never NULL
 */
const char *class_name(const struct classes *all, const struct mapping *map)
{
	return segment_info(class_of(all, map))->name;
}

/**
 * class_put - append the name of a mapping: heap, stack:TID, guard:TID ...
 * @out: the text
 * @all: the result of classify()
 * @map: a mapping of its address space
 */
void class_put(struct text *out, const struct classes *all,
	       const struct mapping *map)
{
	const struct part *part = &all->part[map - all->sp->map];

	if (!part->tid) {
		text_puts(out, class_name(all, map));
		return;
	}
	text_puts(out, part->segment == SEGMENT_GUARD ? "guard:" : "stack:");
	text_number(out, (uint64_t)part->tid, 10);
	if (!part->others)
		return;
	text_puts(out, "+");
	text_number(out, part->others, 10);
}
