// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>

#include "cell.h"
#include "entry.h"
#include "explain_addr.h"
#include "explain_grow.h"
#include "header.h"
#include "kernel_area.h"
#include "page.h"

/* An address in no mapping: all accesses do the same. */
#define ANY	(ACCESS_READ | ACCESS_WRITE | ACCESS_FETCH)

#define ALL_DO(e, sentence, ...)					\
	EXPLAIN_ACCESS(e, sentence, ANY, PART("access", TEXT_ANY_ACCESS), \
		       PART("where", TEXT_HERE), ##__VA_ARGS__)

/* Where it is */

static void explain_mapping(struct explanation *e, const struct explained *all,
			    const struct mapping *map, uint64_t addr)
{
	const uint64_t inside = addr - map->start;
	struct text segment = { 0 }, perms = { 0 };

	class_put(&segment, all->classes, map);
	cell_perms(&perms, map->vma.perms);
	EXPLAIN(e, TEXT_IN, ADDRESS("addr", addr), WORD("segment", segment.s),
		ADDRESS("offset", inside), ADDRESS("start", map->start),
		ADDRESS("end", map->vma.end), WORD("perms", perms.s));
	text_free(&segment);
	text_free(&perms);
	EXPLAIN(e, TEXT_IS_ANON + class_of(all->classes, map));
	if (class_is_guess(all->classes, map))
		EXPLAIN(e, TEXT_GUESS,
			BYTES("size", map->vma.end - map->start));
	if (map->vma.ino)
		EXPLAIN(e, TEXT_IN_FILE,
			ADDRESS("offset", (map->vma.pgoff <<
					   all->sp->header.page_shift) + inside),
			WORD("file", map->name));
	if (map->vma.kind >= MMSCOPE_PRIVATE_ANON &&
	    map->vma.kind <= MMSCOPE_SHARED_FILE)
		EXPLAIN(e, TEXT_PRIVATE_ANON + map->vma.kind -
				   MMSCOPE_PRIVATE_ANON,
			BYTES("size", map->vma.end - map->start));
}

/* The stack grows for any access, but then it has to allow that. */
static void explain_growing(struct explanation *e, const struct mapping *above,
			    uint64_t page)
{
	unsigned int access = ACCESS_READ;

	if (above->vma.perms & MMSCOPE_WRITE)
		access |= ACCESS_WRITE;
	if (above->vma.perms & MMSCOPE_EXEC)
		access |= ACCESS_FETCH;
	EXPLAIN_ACCESS(e, TEXT_GROWS, access,
		       PART("access", explain_access(access)),
		       PART("where", TEXT_HERE),
		       BYTES("size", above->vma.end - page));
	if (access != ANY)
		EXPLAIN_ACCESS(e, TEXT_DENIED, ANY & ~access,
			       PART("access", explain_access(ANY & ~access)),
			       PART("where", TEXT_HERE));
}

/* Can the mapping above a gap grow down to the page? */
static void explain_above(struct explanation *e, const struct explained *all,
			  const struct mapping *above, uint64_t page)
{
	const struct mmscope_mm *mm = &all->sp->mm;
	struct growth growth;

	if (!grow_is_down(all->rules, above)) {
		EXPLAIN(e, TEXT_NO_GROWTH);
		ALL_DO(e, TEXT_GAP);
		return;
	}
	growth = grow_down(all->rules, above);
	if (page >= growth.end) {
		explain_growing(e, above, page);
		return;
	}
	if (growth.stop == STOP_LIMIT)
		EXPLAIN(e, TEXT_OVER_LIMIT,
			BYTES("over", above->vma.end - page - mm->rlimit_stack),
			BYTES("limit", mm->rlimit_stack));
	else
		EXPLAIN(e, TEXT_OVER_GAP, BYTES("gap", mm->stack_guard_gap));
	ALL_DO(e, TEXT_GAP);
}

static void explain_gap(struct explanation *e, const struct explained *all,
			const struct walk *walk)
{
	const uint64_t start = walk->found.gap_start;
	const uint64_t end = walk->found.gap_end;
	const uint64_t page = walk->addr >> all->sp->header.page_shift;
	const struct mapping *above = space_find(all->sp, walk->addr);

	explain_subject(e, "gap", start, end, 0);
	EXPLAIN(e, TEXT_IN_GAP, ADDRESS("addr", walk->addr),
		BYTES("size", end - start), ADDRESS("start", start),
		ADDRESS("end", end));
	if (!page)
		EXPLAIN(e, TEXT_NULL);
	if (above && all->sp->has_mm)
		explain_above(e, all, above,
			      page << all->sp->header.page_shift);
	else
		ALL_DO(e, TEXT_GAP);
}

/* The smallest region that holds it: those inside others come after them. */
static void explain_area(struct explanation *e, const struct space *sp,
			 uint64_t addr)
{
	const char *name = NULL;

	for (size_t i = 0; i < sp->nr_kernel; i++)
		if (addr - sp->kernel[i].start < sp->kernel[i].size)
			name = kernel_area_name(sp->kernel[i].area);
	if (name)
		EXPLAIN(e, TEXT_KERNEL_AREA, WORD("area", name));
}

static void explain_vsyscall(struct explanation *e)
{
	EXPLAIN(e, TEXT_VSYSCALL);
	EXPLAIN_ACCESS(e, TEXT_CLOSED, ACCESS_READ | ACCESS_WRITE,
		       PART("access", TEXT_A_READ_OR_WRITE),
		       PART("where", TEXT_HERE));
	EXPLAIN_ACCESS(e, TEXT_VSYSCALL_FETCH, ACCESS_FETCH,
		       PART("access", TEXT_A_FETCH), PART("where", TEXT_HERE));
}

static void explain_outside(struct explanation *e, const struct space *sp,
			    uint64_t addr)
{
	const unsigned int bits = space_user_bits(sp);
	const uint64_t kernel = -(1ULL << space_kernel_bits(sp));
	const uint64_t vsyscall = space_vsyscall(sp);

	switch (space_outside(sp, addr)) {
	case OUTSIDE_KERNEL:
		explain_subject(e, "kernel", kernel, 0, 0);
		EXPLAIN(e, TEXT_KERNEL_HALF, ADDRESS("start", kernel));
		explain_area(e, sp, addr);
		if (vsyscall && !((addr ^ vsyscall) >> sp->header.page_shift))
			explain_vsyscall(e);
		else
			ALL_DO(e, TEXT_CLOSED);
		break;
	case OUTSIDE_HOLE:
		explain_subject(e, "hole", 1ULL << bits, kernel, 0);
		ALL_DO(e, TEXT_NOT_CANONICAL, COUNT("bit", bits));
		break;
	case OUTSIDE_BEYOND:
		explain_subject(e, "gap", sp->mm.task_size, 1ULL << bits, 0);
		ALL_DO(e, TEXT_BEYOND, ADDRESS("end", sp->mm.task_size));
		break;
	}
}

/* How it translates */

/* "PGD 255 (bits 47-39), ..., offset abc (bits 11-0)" */
static void explain_split(struct explanation *e, const struct space *sp,
			  uint64_t addr)
{
	const struct mmscope_header *h = &sp->header;
	unsigned int level = header_below(h, MMSCOPE_LEVEL_SLOTS);
	unsigned int top = space_user_bits(sp);
	struct text split = { 0 };

	/* x86 has the bit in the index that parts both halves. */
	if (h->machine != EM_AARCH64)
		top++;
	for (; level; level = header_below(h, level)) {
		text_printf(&split, "%s %u (bits %u-%u), ", entry_level(level),
			    entry_index(h, addr, level), top - 1,
			    h->level_shift[level]);
		top = h->level_shift[level];
	}
	text_puts(&split, "offset ");
	text_number(&split, addr & ((1ULL << h->page_shift) - 1), 16);
	text_printf(&split, " (bits %u-0)", h->page_shift - 1u);
	EXPLAIN(e, TEXT_SPLIT, WORD("split", split.s));
	text_free(&split);
}

static void explain_step(struct explanation *e, const struct space *sp,
			 const struct mmscope_step *step)
{
	const struct entry_kind *kind = entry_kind(step->kind);
	enum sentence which = step->kind == MMSCOPE_TABLE ? TEXT_STEP_TABLE :
			      step->kind == MMSCOPE_NONE ? TEXT_STEP_EMPTY :
			      kind->mapped ? TEXT_STEP_PAGE : TEXT_STEP_OTHER;

	EXPLAIN(e, which, WORD("level", entry_level(step->level)),
		NUMBER("index", step->index), ADDRESS("table", step->table),
		BYTES("size", 1ULL << sp->header.level_shift[step->level]),
		WORD("kind", kind->name));
}

/* Pages of a private mapping that are writable or anonymous are copies. */
static bool is_copy(const struct mapping *map, const struct walk *walk)
{
	return map->vma.kind == MMSCOPE_PRIVATE_FILE &&
	       (walk_last(walk)->attrs & MMSCOPE_ATTR_WRITE ||
		walk->found.page & PAGE_BIT(ANON));
}

static void explain_page(struct explanation *e, uint64_t page)
{
	enum sentence mapped = page & MMSCOPE_PAGE_SHARED ?
				       TEXT_MAPPED_ELSEWHERE :
			       page & MMSCOPE_PAGE_EXCLUSIVE ?
				       TEXT_MAPPED_HERE_ONLY :
				       TEXT_MAPPED_UNKNOWN;
	struct text flags = { 0 };

	if (!(page & MMSCOPE_PAGE_KNOWN)) {
		EXPLAIN(e, TEXT_PAGE_UNKNOWN);
		return;
	}
	page_flags(&flags, page, " ");
	EXPLAIN(e, TEXT_PAGE, PART("mapped", mapped),
		WORD("flags", flags.len ? flags.s : "none"));
	text_free(&flags);
}

static void explain_walk(struct explanation *e, const struct space *sp,
			 const struct mapping *map, const struct walk *walk)
{
	explain_split(e, sp, walk->addr);
	if (walk->walked)
		for (unsigned int i = 0; i < walk->found.nr; i++)
			explain_step(e, sp, &walk->step[i]);
	else
		EXPLAIN(e, TEXT_STEPS_UNKNOWN);
	if (!walk_has_phys(walk))
		return;
	EXPLAIN(e, TEXT_PHYSICAL, ADDRESS("phys", walk->found.phys),
		BYTES("size", 1ULL << walk->found.page_shift));
	explain_page(e, walk->found.page);
	if (is_copy(map, walk))
		EXPLAIN(e, TEXT_PARTED);
}

/* What accesses do */

static void explain_accesses(struct explanation *e, const struct mapping *map,
			     const struct faults *faults)
{
	bool past_end = false;

	for (unsigned int i = 0; i < ACCESSES; i++) {
		unsigned int access = 0;

		for (unsigned int n = 0; n < ACCESSES; n++)
			if (faults->of[n] == faults->of[i])
				access |= 1u << n;
		past_end |= fault_may_pass_end(map, faults->of[i]);
		/* Once for each sentence: with its first access. */
		if (access & ((1u << i) - 1))
			continue;
		EXPLAIN_ACCESS(e, faults->of[i], access,
			       PART("access", explain_access(access)),
			       PART("where", TEXT_HERE));
	}
	if (past_end)
		EXPLAIN(e, TEXT_END_OF_FILE);
}

static void explain_entry(struct explanation *e, const struct explained *all,
			  const struct mapping *map, const struct walk *walk,
			  bool whole)
{
	const struct mmscope_step *last = walk_last(walk);
	struct fault_entry entry = { .kind = MMSCOPE_NONE };
	struct faults faults;

	if (!last && (!whole || walk->found.stop != MMSCOPE_STOP_ENTRY)) {
		EXPLAIN(e, TEXT_PAGES_UNKNOWN);
		return;
	}
	if (last)
		entry = (struct fault_entry){
			last->kind, last->level, last->attrs, walk->found.page,
		};
	faults = faults_at(all->rules, map, &entry);
	explain_accesses(e, map, &faults);
}

/**
 * explain_address - explain an address
 * @e: the explanation
 * @all: the process; @pages is not needed
 * @walk: the translation of the address
 * @whole: where no entry is known, there is none
 */
void explain_address(struct explanation *e, const struct explained *all,
		     const struct walk *walk, bool whole)
{
	const struct mapping *map = space_at(all->sp, walk->addr);
	struct text name = { 0 };

	if (walk->found.stop == MMSCOPE_STOP_KERNEL) {
		explain_outside(e, all->sp, walk->addr);
		return;
	}
	if (!map) {
		explain_gap(e, all, walk);
		return;
	}
	class_put(&name, all->classes, map);
	explain_subject(e, name.s, map->start, map->vma.end, 1);
	text_free(&name);
	explain_mapping(e, all, map, walk->addr);
	explain_walk(e, all->sp, map, walk);
	explain_entry(e, all, map, walk, whole);
}
