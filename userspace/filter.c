// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	{ "present", { .kinds = KIND(PRESENT) }, "mapped, resident" },
	{ "zero", { .kinds = KIND(ZERO) }, "the shared page of zeroes" },
	{ "protnone", { .kinds = KIND(PROTNONE) },
	  "resident, any access faults" },
	{ "numa-hint", { .kinds = KIND(NUMA_HINT) },
	  "the same, for NUMA balancing" },
	{ "uffd-rwp", { .kinds = KIND(UFFD_RWP) },
	  "the same, for userfaultfd" },
	{ "swap", { .kinds = KIND(SWAP) }, "swapped out" },
	{ "migration", { .kinds = KIND(MIGRATION) },
	  "migrating to another frame" },
	{ "dev-private", { .kinds = KIND(DEVICE_PRIVATE) },
	  "in a device's own memory" },
	{ "dev-exclusive", { .kinds = KIND(DEVICE_EXCLUSIVE) },
	  "lent exclusively to a device" },
	{ "device", { .kinds = DEVICE }, "dev-private or dev-exclusive" },
	{ "hwpoison", { .kinds = KIND(HWPOISON) }, "memory error" },
	{ "marker-uffd-wp", { .kinds = KIND(MARKER_UFFD_WP) },
	  "write-protected by userfaultfd" },
	{ "poison", { .kinds = KIND(MARKER_POISON) }, "marked as poisoned" },
	{ "guard", { .kinds = KIND(MARKER_GUARD) }, "MADV_GUARD_INSTALL" },
	{ "marker", { .kinds = KIND(MARKER) }, "another marker" },
	{ "markers", { .kinds = MARKERS }, "any of these four" },
	{ "unknown", { .kinds = KIND(UNKNOWN) }, "unknown to the module" },
	{ "PTE", { .levels = 1u << MMSCOPE_PTE }, "in PTE tables" },
	{ "PMD", { .levels = 1u << MMSCOPE_PMD }, "in PMD tables" },
	{ "PUD", { .levels = 1u << MMSCOPE_PUD }, "in PUD tables" },
	{ "huge", { .levels = HUGE }, "PMD or PUD" },
	{ "read", { .attrs_set = ATTR(READ) }, "readable" },
	{ "write", { .attrs_set = ATTR(WRITE) }, "writable" },
	{ "exec", { .attrs_set = ATTR(EXEC) }, "executable" },
	{ "wx", { .attrs_set = WX }, "writable and executable" },
	{ "user", { .attrs_set = ATTR(USER) }, "accessible in user mode" },
	{ "kernel-exec", { .attrs_set = ATTR(KERNEL_EXEC) },
	  "executable in kernel mode" },
	{ "accessed", { .attrs_set = ATTR(ACCESSED) }, "bit of the entry" },
	{ "dirty", { .attrs_set = ATTR(DIRTY) }, "bit of the entry" },
	{ "soft-dirty", { .attrs_set = ATTR(SOFT_DIRTY) },
	  "written since clear_refs" },
	{ "uffd-wp", { .attrs_set = ATTR(UFFD_WP) },
	  "write-protected by userfaultfd" },
	{ "global", { .attrs_set = ATTR(GLOBAL) }, "in all address spaces" },
	{ "special", { .attrs_set = ATTR(SPECIAL) },
	  "without struct page, not counted" },
	{ "uncached", { .attrs_set = ATTR(UNCACHED) },
	  "not ordinary write-back memory" },
	{ "devmap", { .attrs_set = ATTR(DEVMAP) }, "device memory (DAX)" },
	{ "cont", { .attrs_set = ATTR(CONT) }, "in a contiguous block" },
	{ "anon", { .page_set = PAGE_BIT(ANON) }, "anonymous page" },
	{ "file", { .page_set = KNOWN, .page_clear = NOT_FILE },
	  "page of a file's page cache" },
	{ "shmem", { .page_set = PAGE_BIT(SWAPBACKED), .page_clear = NOT_SHMEM },
	  "page of tmpfs or shared memory" },
	{ "hugetlb", { .page_set = PAGE_BIT(HUGETLB) }, "page of hugetlb" },
	{ "thp", { .page_set = PAGE_BIT(THP) },
	  "part of a transparent huge page" },
	{ "ksm", { .page_set = PAGE_BIT(KSM) }, "merged by KSM" },
	{ "shared", { .page_set = SHARED }, "page mapped more than once" },
	{ "exclusive", { .page_set = MMSCOPE_PAGE_EXCLUSIVE },
	  "page mapped once" },
	{ "mlocked", { .page_set = PAGE_BIT(MLOCKED) }, "locked in memory" },
	{ "unevictable", { .page_set = PAGE_BIT(UNEVICTABLE) },
	  "cannot be reclaimed" },
	{ "active", { .page_set = PAGE_BIT(ACTIVE) }, "on an active list" },
	{ "referenced", { .page_set = PAGE_BIT(REFERENCED) },
	  "flag of the page" },
	{ "swapcache", { .page_set = PAGE_BIT(SWAPCACHE) },
	  "also has a place in swap" },
	{ "writeback", { .page_set = PAGE_BIT(WRITEBACK) },
	  "being written back" },
	{ "page-dirty", { .page_set = PAGE_BIT(DIRTY) }, "flag of the page" },
};

static bool is_single_bit(uint64_t bits)
{
	return bits && !(bits & (bits - 1));
}

/* "no-" goes before names of one bit of an entry or of a page. */
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
		    !strncasecmp(names[i].name, name, len))
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
		/* Entries without a page match neither. */
		f->page_set |= add->page_set ? KNOWN : 0;
	} else {
		f->attrs_set |= add->attrs_set;
		f->page_set |= add->page_set;
		f->page_clear |= add->page_clear;
	}
	return true;
}

/**
 * filter_add - add a list of names to a filter
 * @f: the filter
 * @list: names, separated by commas
 * @len: length of the first unknown name
 *
 * Entries of any of the kinds match, and of any of the levels; all other
 * conditions must hold at the same time.
 *
 * Return: NULL, or the first unknown name, in @list
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
 * filter_is_empty - whether there are no conditions
 * @f: the filter
 *
 * Return: true if every entry matches
 */
bool filter_is_empty(const struct filter *f)
{
	return !(f->kinds | f->levels | f->attrs_set | f->attrs_clear |
		 f->page_set | f->page_clear | f->frame_end);
}

/**
 * filter_excludes_all - whether the conditions contradict each other
 * @f: the filter
 *
 * Return: true if no entry can match
 */
bool filter_excludes_all(const struct filter *f)
{
	return f->attrs_set & f->attrs_clear || f->page_set & f->page_clear;
}

/** filter_help - print the names */
void filter_help(void)
{
	printf("\nNAMES of --only (~ also no-NAME, + reads page facts). Entries of any of the\n"
	       "kinds and of any of the levels match; all other names must hold at once:\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		printf(" %c%c%-14s %s\n",
		       can_negate(&names[i].f) ? '~' : ' ',
		       names[i].f.page_set ? '+' : ' ', names[i].name,
		       names[i].help);
}

/**
 * filter_name - list the names that filter_add() knows
 * @i: number of the name
 * @help: its description
 * @negates: "no-" may go before it
 *
 * Return: the name, NULL after the last one
 */
const char *filter_name(size_t i, const char **help, bool *negates)
{
	if (i >= ARRAY_SIZE(names))
		return NULL;
	*help = names[i].help;
	*negates = can_negate(&names[i].f);
	return names[i].name;
}

/**
 * filter_wants_facts - whether the filter needs page facts
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

/* Cut a run to the entries whose frames overlap those of the filter. */
static bool clip_frames(const struct filter *f, const struct mmscope_header *h,
			struct run *run)
{
	uint64_t each = 1ULL << (h->level_shift[run->level] - h->page_shift);
	uint64_t first = 0, end = run->nr;

	if (!entry_kind(run->kind)->frame || f->frame_end <= run->frame)
		return false;
	if (!run_frames(h, run))
		return f->frame_start < run->frame + each;
	if (f->frame_start > run->frame)
		first = (f->frame_start - run->frame) / each;
	if (end > (f->frame_end - run->frame - 1) / each)
		end = (f->frame_end - run->frame - 1) / each + 1;
	if (first >= end)
		return false;
	*run = run_part(h, run, first, end - first);
	return true;
}

/**
 * filter_run - cut a run to the part that matches
 * @f: the filter
 * @h: header of the stream
 * @run: the run
 *
 * Return: false if nothing matches
 */
bool filter_run(const struct filter *f, const struct mmscope_header *h,
		struct run *run)
{
	return lets_pass(f, run) && (!f->frame_end || clip_frames(f, h, run));
}
