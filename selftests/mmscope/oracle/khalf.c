// SPDX-License-Identifier: GPL-2.0-only
#include <linux/const.h>
#include <stdlib.h>

#include "oracle/kcore.h"
#include "oracle/khalf.h"
#include "sizes.h"
#include "stream/entries.h"

/* @entry: by level, those of the table that is walked */
struct walker {
	const struct stream *s;
	struct khalf *found;
	__u64 start;
	__u64 last;
	__u64 entry[MMSCOPE_PGD + 1][MAX_TABLE_ENTRIES];
};

#if defined(__x86_64__)
#define COMMON		(_BITULL(63) | 0x11f)
#define COMMON_PTE	(COMMON | _BITULL(7))
#define COMMON_HUGE	(COMMON | _BITULL(7) | _BITULL(12))

/* Every level has a say in writing, executing and user mode. */
static __u32 rights(__u64 raw, bool table)
{
	return (raw & 2 ? MMSCOPE_ATTR_WRITE : 0) |
	       (raw & 4 ? MMSCOPE_ATTR_USER : 0) |
	       (raw & _BITULL(63) ? 0 : MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_KERNEL_EXEC);
}

/* SMEP */
static __u32 in_force(__u32 attrs, __u64 raw)
{
	if (attrs & MMSCOPE_ATTR_USER)
		attrs &= ~MMSCOPE_ATTR_KERNEL_EXEC;
	return attrs | (raw & _BITULL(8) ? MMSCOPE_ATTR_GLOBAL : 0);
}
#else
/* Type, memory type, user, read-only, nG, guarded, contiguous, PXN, UXN */
#define COMMON_PTE	(0x8df | _BITULL(50) | _BITULL(52) | _BITULL(53) | _BITULL(54))
#define COMMON_HUGE	COMMON_PTE

static __u32 rights(__u64 raw, bool table)
{
	if (table)
		return (raw & _BITULL(62) ? 0 : MMSCOPE_ATTR_WRITE) |
		       (raw & _BITULL(61) ? 0 : MMSCOPE_ATTR_USER) |
		       (raw & _BITULL(60) ? 0 : MMSCOPE_ATTR_EXEC) |
		       (raw & _BITULL(59) ? 0 : MMSCOPE_ATTR_KERNEL_EXEC);
	return (raw & _BITULL(7) ? 0 : MMSCOPE_ATTR_WRITE) |
	       (raw & _BITULL(6) ? MMSCOPE_ATTR_USER : 0) |
	       (raw & _BITULL(54) ? 0 : MMSCOPE_ATTR_EXEC) |
	       (raw & _BITULL(53) ? 0 : MMSCOPE_ATTR_KERNEL_EXEC);
}

static __u32 in_force(__u32 attrs, __u64 raw)
{
	return attrs | (raw & _BITULL(11) ? 0 : MMSCOPE_ATTR_GLOBAL);
}
#endif

void khalf_add(struct khalf *found, struct khalf_run run)
{
	struct khalf_run *last = found->run + found->nr - 1;

	if (found->nr && last->start + last->size == run.start &&
	    last->raw == run.raw && last->attrs == run.attrs &&
	    last->level == run.level) {
		last->size += run.size;
		return;
	}
	found->run = realloc(found->run, (found->nr + 1) * sizeof(run));
	found->run[found->nr++] = run;
}

bool khalf_cut(struct khalf_run *run, __u64 start, __u64 last)
{
	__u64 run_last = run->start + run->size - 1;

	if (run->start < start)
		run->start = start;
	if (run_last > last)
		run_last = last;
	run->size = run_last - run->start + 1;
	return run->start <= run_last;
}

/* @base: the first address that the table maps; a small top table has fewer entries. */
static void walk(struct walker *w, unsigned int level, __u64 table, __u64 base,
		 size_t nr, __u32 granted)
{
	const __u64 size = 1ULL << w->s->header->level_shift[level];
	__u64 addr = base;

	kcore_table(table, w->entry[level], nr);
	for (size_t i = 0; i < nr; i++, addr += size) {
		const __u64 raw = w->entry[level][i];

		if (addr + size - 1 < w->start || addr > w->last ||
		    !entry_valid(raw))
			continue;
		if (level == MMSCOPE_PTE || !entry_leads_on(raw))
			khalf_add(w->found, (struct khalf_run){
				.start = addr,
				.size = size,
				.raw = raw & (level == MMSCOPE_PTE ? COMMON_PTE :
					      COMMON_HUGE),
				.attrs = in_force(granted & rights(raw, false), raw),
				.level = level,
			});
		else
			walk(w, level_below(w->s, level), entry_phys(w->s, raw),
			     addr, table_entries(), granted & rights(raw, true));
	}
}

/* The part of the top table that maps the kernel half. @nr: of its entries */
static __u64 top_table(const struct stream *s, size_t *nr)
{
	*nr = -s->kernel->start >> s->header->level_shift[MMSCOPE_PGD];
	/* On x86, the lower half of the top table is that of user mode. */
	if (s->kernel->flags & MMSCOPE_KERNEL_ONE_ROOT)
		return s->kernel->root;
	return s->kernel->root + 8 * (table_entries() - *nr);
}

struct khalf khalf_walk(const struct stream *s, __u64 start, __u64 last)
{
	struct khalf found = { };
	struct walker *w = calloc(1, sizeof(*w));
	size_t nr;
	__u64 table = top_table(s, &nr);

	w->s = s;
	w->found = &found;
	w->start = start;
	w->last = last;
	walk(w, MMSCOPE_PGD, table, s->kernel->start, nr, ~0u);
	free(w);
	return found;
}

__u64 khalf_phys(const struct stream *s, __u64 addr)
{
	const __u8 *shift = s->header->level_shift;
	unsigned int level = MMSCOPE_PGD;
	size_t nr;
	__u64 table = top_table(s, &nr), raw;

	for (;; level = level_below(s, level)) {
		raw = kcore_phys(table + 8 * ((addr >> shift[level]) % nr));
		if (!entry_valid(raw))
			return 0;
		table = entry_phys(s, raw);
		if (level == MMSCOPE_PTE || !entry_leads_on(raw))
			break;
		nr = table_entries();
	}
	return (table & -(1ULL << shift[level])) + addr % (1ULL << shift[level]);
}

size_t khalf_top(const struct stream *s, __u64 *phys)
{
	size_t nr, i;
	__u64 table = top_table(s, &nr);

	kcore_table(table, phys, nr);
	for (i = 0; i < nr; i++)
		phys[i] = entry_valid(phys[i]) ? entry_phys(s, phys[i]) : 0;
	return nr;
}
