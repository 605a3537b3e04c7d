// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "entry.h"
#include "filter.h"
#include "page.h"

#define KIND(kind)	(1u << MMSCOPE_##kind)
#define ATTR(attr)	MMSCOPE_ATTR_##attr

#define WX	(ATTR(WRITE) | ATTR(EXEC))
#define DEVICE	(KIND(DEVICE_PRIVATE) | KIND(DEVICE_EXCLUSIVE))
#define MARKERS	(KIND(MARKER_UFFD_WP) | KIND(MARKER_POISON) | \
		 KIND(MARKER_GUARD) | KIND(MARKER))
#define HUGE	(1u << MMSCOPE_PMD | 1u << MMSCOPE_PUD)

#define KNOWN	MMSCOPE_PAGE_KNOWN
#define SHARED	MMSCOPE_PAGE_SHARED
#define NOT_FILE (PAGE_BIT(ANON) | PAGE_BIT(SWAPBACKED) | PAGE_BIT(HUGETLB) | \
		  PAGE_BIT(ZERO) | PAGE_BIT(RESERVED))
#define NOT_SHMEM (PAGE_BIT(ANON) | PAGE_BIT(HUGETLB))

static const struct {
	const char *name;
	struct filter f;
	const char *help;
} names[] = {
	{ "present", { .kinds = KIND(PRESENT) }, "in memory" },
	{ "zero", { .kinds = KIND(ZERO) }, "the shared page of zeroes" },
	{ "protnone", { .kinds = KIND(PROTNONE) },
	  "in memory, all access faults" },
	{ "numa-hint", { .kinds = KIND(NUMA_HINT) },
	  "the same, for NUMA balancing" },
	{ "uffd-rwp", { .kinds = KIND(UFFD_RWP) },
	  "the same, for userfaultfd" },
	{ "swap", { .kinds = KIND(SWAP) }, "swapped out" },
	{ "migration", { .kinds = KIND(MIGRATION) },
	  "on the way to another frame" },
	{ "device", { .kinds = DEVICE }, "held by or lent to a device" },
	{ "poison", { .kinds = KIND(HWPOISON) | KIND(MARKER_POISON) },
	  "broken, or marked as such" },
	{ "guard", { .kinds = KIND(MARKER_GUARD) }, "MADV_GUARD_INSTALL" },
	{ "marker", { .kinds = MARKERS }, "any marker" },
	{ "pte", { .levels = 1u << MMSCOPE_PTE }, "in tables of PTEs" },
	{ "pmd", { .levels = 1u << MMSCOPE_PMD }, "in tables of PMDs" },
	{ "pud", { .levels = 1u << MMSCOPE_PUD }, "in tables of PUDs" },
	{ "huge", { .levels = HUGE }, "pmd or pud" },
	{ "write", { .attrs_set = ATTR(WRITE) }, "may be written" },
	{ "exec", { .attrs_set = ATTR(EXEC) }, "may be executed" },
	{ "wx", { .attrs_set = WX }, "may be written and executed" },
	{ "kernel-exec", { .attrs_set = ATTR(KERNEL_EXEC) },
	  "may be executed by the kernel" },
	{ "accessed", { .attrs_set = ATTR(ACCESSED) }, "by the entry's bit" },
	{ "dirty", { .attrs_set = ATTR(DIRTY) }, "by the entry's bit" },
	{ "soft-dirty", { .attrs_set = ATTR(SOFT_DIRTY) },
	  "written since clear_refs" },
	{ "uffd-wp", { .attrs_set = ATTR(UFFD_WP) },
	  "write-protected by userfaultfd" },
	{ "special", { .attrs_set = ATTR(SPECIAL) },
	  "not counted as memory of a process" },
	{ "uncached", { .attrs_set = ATTR(UNCACHED) },
	  "not ordinary write-back memory" },
	{ "contiguous", { .attrs_set = ATTR(CONT) }, "in a block with a hint" },
	{ "anon", { .page_set = PAGE_BIT(ANON) }, "anonymous pages" },
	{ "file", { .page_set = KNOWN, .page_clear = NOT_FILE },
	  "pages of the page cache of a file" },
	{ "shmem", { .page_set = PAGE_BIT(SWAPBACKED), .page_clear = NOT_SHMEM },
	  "pages of tmpfs and shared memory" },
	{ "hugetlb", { .page_set = PAGE_BIT(HUGETLB) }, "pages of hugetlb" },
	{ "thp", { .page_set = PAGE_BIT(THP) },
	  "parts of transparent huge pages" },
	{ "ksm", { .page_set = PAGE_BIT(KSM) }, "merged for being the same" },
	{ "shared", { .page_set = SHARED }, "pages mapped more than once" },
	{ "exclusive", { .page_set = MMSCOPE_PAGE_EXCLUSIVE },
	  "pages mapped here only" },
	{ "mlocked", { .page_set = PAGE_BIT(MLOCKED) }, "locked in memory" },
	{ "unevictable", { .page_set = PAGE_BIT(UNEVICTABLE) },
	  "not to be reclaimed" },
	{ "active", { .page_set = PAGE_BIT(ACTIVE) }, "on an active list" },
	{ "referenced", { .page_set = PAGE_BIT(REFERENCED) },
	  "by the page's flag" },
	{ "swapcache", { .page_set = PAGE_BIT(SWAPCACHE) },
	  "has a place in swap, too" },
	{ "writeback", { .page_set = PAGE_BIT(WRITEBACK) },
	  "being written out" },
	{ "page-dirty", { .page_set = PAGE_BIT(DIRTY) }, "by the page's flag" },
};

static bool is_single_bit(uint64_t bits)
{
	return bits && !(bits & (bits - 1));
}

/* "no-" goes before what is one bit of an entry or of a page. */
static bool can_negate(const struct filter *f)
{
	return !f->attrs_clear && !f->page_clear &&
	       (is_single_bit(f->attrs_set) ^ is_single_bit(f->page_set)) &&
	       !(f->attrs_set && f->page_set);
}

static const struct filter *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == len &&
		    !strncmp(names[i].name, name, len))
			return &names[i].f;
	return NULL;
}

static bool add_name(struct filter *f, const char *name, size_t len)
{
	bool negate = len > 3 && !strncmp(name, "no-", 3);
	const struct filter *add = find(name + (negate ? 3 : 0),
					len - (negate ? 3 : 0));

	if (!add || (negate && !can_negate(add)))
		return false;
	f->kinds |= add->kinds;
	f->levels |= add->levels;
	if (negate) {
		f->attrs_clear |= add->attrs_set;
		f->page_clear |= add->page_set;
		/* Of what has no page, nobody knows. */
		f->page_set |= add->page_set ? KNOWN : 0;
	} else {
		f->attrs_set |= add->attrs_set;
		f->page_set |= add->page_set;
		f->page_clear |= add->page_clear;
	}
	return true;
}

/**
 * filter_add - narrow a filter by a list of names
 * @f: the filter
 * @list: names with commas between
 * @len: length of the name that is not known
 *
 * Kinds add up, and so do levels; all else must hold at the same time.
 *
 * Return: NULL, or where in @list the first name stands that is not known
 */
const char *filter_add(struct filter *f, const char *list, size_t *len)
{
	do {
		*len = strcspn(list, ",");
		if (!add_name(f, list, *len))
			return list;
		list += *len + (list[*len] == ',');
	} while (*list);
	return NULL;
}

/**
 * filter_excludes_all - whether its conditions contradict each other
 * @f: the filter
 *
 * Return: true if nothing can pass
 */
bool filter_excludes_all(const struct filter *f)
{
	return f->attrs_set & f->attrs_clear || f->page_set & f->page_clear;
}

/** filter_help - print the names */
void filter_help(void)
{
	printf("\nNames for --only (~ also with no- before it, + looks at the page). Kinds add\n"
	       "up, and so do levels; all else must hold at the same time:\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		printf(" %c%c%-11s %s\n",
		       can_negate(&names[i].f) ? '~' : ' ',
		       names[i].f.page_set ? '+' : ' ', names[i].name,
		       names[i].help);
}

/**
 * filter_wants_facts - whether it looks at page facts
 * @f: the filter
 *
 * Return: true if it does
 */
bool filter_wants_facts(const struct filter *f)
{
	return f->page_set || f->page_clear;
}

static bool lets_pass(const struct filter *f, const struct run *run)
{
	if (f->kinds && (run->kind > 31 || !(f->kinds >> run->kind & 1)))
		return false;
	if (f->levels && !(f->levels >> run->level & 1))
		return false;
	return (run->attrs & f->attrs_set) == f->attrs_set &&
	       !(run->attrs & f->attrs_clear) &&
	       (run->page & f->page_set) == f->page_set &&
	       !(run->page & f->page_clear);
}

/* Cut a run down to the entries whose frames overlap those of the filter. */
static bool clip_frames(const struct filter *f, const struct mmscope_header *h,
			struct run *run)
{
	uint64_t each = 1ULL << (h->level_shift[run->level] - h->page_shift);
	uint64_t first = 0, behind = run->nr;

	if (!entry_kind(run->kind)->frame || f->frame_end <= run->frame)
		return false;
	if (!run_frames(h, run))
		return f->frame_start < run->frame + each;
	if (f->frame_start > run->frame)
		first = (f->frame_start - run->frame) / each;
	if (behind > (f->frame_end - run->frame - 1) / each)
		behind = (f->frame_end - run->frame - 1) / each + 1;
	if (first >= behind)
		return false;
	*run = run_part(h, run, first, behind - first);
	return true;
}

/**
 * filter_run - the part of a run that passes
 * @f: the filter
 * @h: the stream's header
 * @run: the run; what is left of it
 *
 * Return: false if nothing is left
 */
bool filter_run(const struct filter *f, const struct mmscope_header *h,
		struct run *run)
{
	return lets_pass(f, run) && (!f->frame_end || clip_frames(f, h, run));
}
