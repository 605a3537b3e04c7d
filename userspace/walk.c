// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "entry.h"
#include "exit_code.h"
#include "header.h"
#include "run.h"
#include "source.h"
#include "walk.h"

#define TAG_SHIFT	56

/* Make the translation that one recorded run allows. */
static void take_run(struct walk *walk, const struct run *run,
		     const struct mmscope_header *h)
{
	unsigned int shift = h->level_shift[run->level];
	uint64_t inside = walk->addr & ((1ULL << shift) - 1);
	struct mmscope_walk *found = &walk->found;
	struct run entry = run_part(h, run,
				    (walk->addr - run->start) >> shift, 1);

	*found = (struct mmscope_walk){
		.addr = walk->addr,
		.frame = entry.frame,
		.nr = 1,
		.stop = MMSCOPE_STOP_ENTRY,
		.page = run->page,
	};
	walk->step[0] = (struct mmscope_step){
		.raw = entry.raw,
		.index = entry_index(h, walk->addr, run->level),
		.attrs = run->attrs,
		.level = run->level,
		.kind = run->kind,
	};
	walk->known = true;
	walk->has_raw = entry.has_raw;
	/* Markers mean the same for all addresses they map. */
	if (entry_kind(run->kind)->mapped || run->raw_shift)
		found->frame += inside >> h->page_shift;
	if (!entry_kind(run->kind)->mapped)
		return;
	found->page_shift = (uint8_t)shift;
	found->phys = (found->frame << h->page_shift) +
		      (inside & ((1ULL << h->page_shift) - 1));
}

static void take_runs(struct walk *walk, const struct record *rec,
		      const struct mmscope_header *h)
{
	struct unpack u = { .h = h, .rec = rec };
	struct run run;

	if (walk->addr < rec->runs.start || walk->addr > rec->last)
		return;
	while (unpack_next(&u, &run) && run.start <= walk->addr)
		if (walk->addr <= run_last(h, &run))
			take_run(walk, &run, h);
}

/* The module drops a tag in the top byte where the processor ignores it. */
static bool same_untagged(uint64_t a, uint64_t b)
{
	return (a ^ b) << (64 - TAG_SHIFT) == 0;
}

/**
 * walk_take - look for the address in a record
 * @walk: @addr is set
 * @rec: a record from stream_next()
 * @h: header of its stream
 */
void walk_take(struct walk *walk, const struct record *rec,
	       const struct mmscope_header *h)
{
	if (rec->head.type == MMSCOPE_REC_RUNS && !walk->walked)
		take_runs(walk, rec, h);
	if (rec->head.type != MMSCOPE_REC_WALK ||
	    !same_untagged(rec->walk.addr, walk->addr))
		return;
	walk->addr = rec->walk.addr;
	walk->found = rec->walk;
	memcpy(walk->step, rec->step, sizeof(walk->step));
	walk->known = true;
	walk->walked = true;
	walk->has_raw = true;
}

/**
 * walk_live - query the module for the translation
 * @opt: the process
 * @walk: @addr is set
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int walk_live(const struct options *opt, struct walk *walk)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_WALK,
		.start = walk->addr,
	};
	struct source src = { 0 };
	struct record rec;
	int code = source_open(&src, opt, &asked);

	if (!code) {
		while (stream_next(&src.stream, &rec))
			walk_take(walk, &rec, &src.stream.header);
		code = source_verdict(&src);
	}
	source_close(&src);
	return code;
}

/* Remove the tag of an address, if the process may use tags. */
static int untag(const struct options *opt, uint64_t *addr)
{
	struct walk walk = { .addr = *addr };
	int code = EXIT_FINE;

	if (*addr >> TAG_SHIFT)
		code = walk_live(opt, &walk);
	*addr = walk.addr;
	return code;
}

/**
 * walk_untag - remove tags from the bounds of a range, as the module does
 * @opt: the process; with a file, tags stay
 * @start: first address
 * @end: exclusive; 0 for no bound, which it also becomes if the tags differ
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int walk_untag(const struct options *opt, uint64_t *start, uint64_t *end)
{
	const uint64_t tagged = *start;
	uint64_t last = *end - 1;
	int code;

	if (opt->input)
		return EXIT_FINE;
	code = untag(opt, start);
	if (code || !*end)
		return code;
	code = untag(opt, &last);
	*end = (tagged ^ *start) == ((*end - 1) ^ last) ? last + 1 : 0;
	return code;
}

/* Why there is no run at the address. */
static void find_stop(struct walk *walk, const struct space *sp)
{
	const struct mapping *map = space_find(sp, walk->addr);
	uint64_t user_end = sp->mm.task_size;

	if (!user_end)
		user_end = 1ULL << space_user_bits(sp);
	walk->known = true;
	walk->found = (struct mmscope_walk){ .addr = walk->addr };
	if (map && map->start <= walk->addr) {
		walk->found.stop = MMSCOPE_STOP_ENTRY;
	} else if (walk->addr >= user_end) {
		walk->found.stop = MMSCOPE_STOP_KERNEL;
	} else {
		walk->found.stop = MMSCOPE_STOP_GAP;
		walk->found.gap_end = map ? map->start : user_end;
		if (map ? map > sp->map : sp->nr > 0)
			walk->found.gap_start =
				(map ? map - 1 : &sp->map[sp->nr - 1])->vma.end;
	}
}

static struct mmscope_step table_step(const struct upper *upper)
{
	return (struct mmscope_step){
		.raw = upper->raw,
		.attrs = upper->attrs,
		.level = upper->level,
		.kind = MMSCOPE_TABLE,
	};
}

/*
 * The steps from the top table down to that of the run, or to an empty entry. A
 * table that came after the entries were recorded has none: then steps are missing.
 */
static void climb(struct walk *walk, const struct uppers *uppers)
{
	const struct mmscope_header *h = uppers->h;
	const struct mmscope_step none = { .kind = MMSCOPE_NONE };
	const struct mmscope_step end = walk->found.nr ? walk->step[0] : none;
	unsigned int level = header_below(h, MMSCOPE_LEVEL_SLOTS), nr = 0;
	struct mmscope_step step[MMSCOPE_LEVEL_SLOTS] = { 0 };
	uint64_t table = uppers->top;

	for (; level; level = header_below(h, level), nr++) {
		const struct upper *upper = level == end.level ?
			NULL : uppers_find(uppers, level, walk->addr);

		if (!upper && end.level && level != end.level)
			return;
		step[nr] = upper ? table_step(upper) : end;
		step[nr].level = (uint8_t)level;
		step[nr].table = table;
		step[nr].index = entry_index(h, walk->addr, level);
		if (!upper)
			break;
		table = upper->frame << h->page_shift;
	}
	walk->found.nr = (uint8_t)(nr + 1);
	memcpy(walk->step, step, sizeof(walk->step));
	walk->walked = true;
	walk->has_raw = true;
}

/**
 * walk_finish - complete a translation by what a file has recorded
 * @walk: the translation
 * @sp: the address space
 * @uppers: entries that lead to tables
 * @whole: no run is missing: where there is none, an entry is empty
 */
void walk_finish(struct walk *walk, const struct space *sp,
		 const struct uppers *uppers, bool whole)
{
	if (!walk->known)
		find_stop(walk, sp);
	if (walk->walked || walk->found.stop != MMSCOPE_STOP_ENTRY ||
	    !uppers_any(uppers))
		return;
	if (walk->found.nr || whole)
		climb(walk, uppers);
}

/**
 * walk_last - the last step
 * @walk: the translation
 *
 * Return: NULL if there is none
 */
const struct mmscope_step *walk_last(const struct walk *walk)
{
	return walk->found.nr ? &walk->step[walk->found.nr - 1] : NULL;
}

/**
 * walk_has_phys - whether it led to a physical address
 * @walk: the translation
 *
 * Return: true if it did
 */
bool walk_has_phys(const struct walk *walk)
{
	return walk->found.stop == MMSCOPE_STOP_ENTRY && walk->found.nr &&
	       entry_kind(walk_last(walk)->kind)->mapped;
}

static void put_frame(struct text *out, const struct walk *walk,
		      unsigned int kind)
{
	uint64_t frame = walk->found.frame;

	if (kind == MMSCOPE_SWAP)
		text_printf(out, ": device %" PRIu64 ", offset %" PRIu64,
			    (uint64_t)MMSCOPE_SWAP_DEVICE(frame),
			    (uint64_t)MMSCOPE_SWAP_OFFSET(frame));
	else if (entry_kind(kind)->frame)
		text_printf(out, ": frame %" PRIx64, frame);
}

static void put_entry(struct text *out, const struct walk *walk,
		      const struct space *sp, bool exact)
{
	const struct mmscope_step *last = walk_last(walk);
	unsigned int shift;

	if (!last) {
		text_puts(out, "no entry is recorded: the page was never faulted in, or was freed");
		return;
	}
	if (walk_has_phys(walk)) {
		text_printf(out, "physical address %" PRIx64 ", in a ",
			    (uint64_t)walk->found.phys);
		text_size(out, 1ULL << walk->found.page_shift, exact);
		text_puts(out, " page");
		if (last->kind != MMSCOPE_PRESENT)
			text_printf(out, " (%s)", entry_kind(last->kind)->what);
		return;
	}
	text_printf(out, "stops at the %s: ", entry_level(last->level));
	shift = sp->header.level_shift[last->level];
	if (last->kind == MMSCOPE_NONE && last->level != MMSCOPE_PTE && shift) {
		text_puts(out, "the entry is empty, these ");
		text_size(out, 1ULL << shift, exact);
		text_puts(out, " have no page table");
		return;
	}
	text_printf(out, "the page is %s%s",
		    last->kind == MMSCOPE_NONE ? "not present: " : "",
		    entry_kind(last->kind)->what);
	put_frame(out, walk, last->kind);
}

static void put_gap(struct text *out, const struct walk *walk, bool exact)
{
	uint64_t start = walk->found.gap_start, end = walk->found.gap_end;

	text_printf(out, "no mapping: in a gap, %" PRIx64 "-%" PRIx64, start,
		    end);
	if (end > start) {
		text_puts(out, ", of ");
		text_size(out, end - start, exact);
	}
}

static void put_outside(struct text *out, const struct walk *walk,
			const struct space *sp)
{
	uint64_t vsyscall = space_vsyscall(sp);

	switch (space_outside(sp, walk->addr)) {
	case OUTSIDE_BEYOND:
		text_printf(out, "above the last address of user mode: task_size is %" PRIx64,
			    (uint64_t)sp->mm.task_size);
		break;
	case OUTSIDE_HOLE:
		text_printf(out, "not canonical, so no address: bits 63-%u are not all the same",
			    space_user_bits(sp));
		break;
	case OUTSIDE_KERNEL:
		text_puts(out, "in the kernel half, closed to user mode");
		break;
	}
	if (vsyscall && (walk->addr ^ vsyscall) >> sp->header.page_shift == 0)
		text_puts(out, "; [vsyscall] is here, unless vsyscall=none");
}

/**
 * walk_sentence - append the physical address, or why there is none
 * @out: the text
 * @walk: the translation
 * @sp: the address space
 * @exact: sizes in bytes
 */
void walk_sentence(struct text *out, const struct walk *walk,
		   const struct space *sp, bool exact)
{
	switch (walk->found.stop) {
	case MMSCOPE_STOP_ENTRY:
		put_entry(out, walk, sp, exact);
		break;
	case MMSCOPE_STOP_GAP:
		put_gap(out, walk, exact);
		break;
	case MMSCOPE_STOP_KERNEL:
		put_outside(out, walk, sp);
		break;
	default:
		text_puts(out, "stopped for a reason unknown to this mmscope");
	}
}

/**
 * walk_stop - one word for why the walk ended
 * @walk: the translation
 * @sp: the address space
 *
 * Return: name of the kind of entry, "gap", "beyond", "hole", "kernel" or "?"
 */
const char *walk_stop(const struct walk *walk, const struct space *sp)
{
	static const char *const outside[] = {
		[OUTSIDE_BEYOND] = "beyond",
		[OUTSIDE_HOLE] = "hole",
		[OUTSIDE_KERNEL] = "kernel",
	};

	switch (walk->found.stop) {
	case MMSCOPE_STOP_ENTRY:
		return entry_kind(walk->found.nr ? walk_last(walk)->kind :
						   MMSCOPE_NONE)->name;
	case MMSCOPE_STOP_GAP:
		return "gap";
	case MMSCOPE_STOP_KERNEL:
		return outside[space_outside(sp, walk->addr)];
	default:
		return "?";
	}
}
