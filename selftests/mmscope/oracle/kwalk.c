// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "oracle/kcore.h"
#include "oracle/kwalk.h"
#include "stream/entries.h"
#include "stream/read.h"

/**
 * struct walker - walks the mappings by ascending address
 * @s: has the shifts of the levels, and the address of the top table
 * @table: by level, the table it is in
 * @entry: by level, the entries of that table
 * @count: of the current mapping
 * @fn: gets the entries that lead to tables, may be NULL
 * @arg: its first argument
 */
struct walker {
	const struct stream *s;
	__u64 table[NR_LEVELS];
	__u64 entry[NR_LEVELS][MAX_TABLE_ENTRIES];
	struct kwalk *count;
	kentry_fn fn;
	void *arg;
};

/* Return: whether no earlier mapping needed that table. */
static bool enter(struct walker *w, unsigned int level, __u64 table)
{
	if (w->table[level] == table)
		return false;
	w->table[level] = table;
	w->count->pages[level]++;
	return true;
}

/* The top table may be smaller than a page, so it is read entry by entry. */
static __u64 entry_at(struct walker *w, unsigned int level, __u64 addr)
{
	__u64 index = (addr >> w->s->header->level_shift[level]) %
		      table_entries();

	if (level == walk_step(w->s->walk, 0)->level)
		return kcore_phys(w->table[level] + 8 * index);
	return w->entry[level][index];
}

static void report(struct walker *w, unsigned int level, __u64 addr, __u64 raw)
{
	__u64 size = 1ULL << w->s->header->level_shift[level];
	const struct kentry entry = { level, addr & -size, raw, w->table[level] };

	if (w->fn)
		w->fn(w->arg, &entry);
}

static void walk(struct walker *w, unsigned int level, __u64 addr, __u64 end)
{
	__u64 size = 1ULL << w->s->header->level_shift[level], next;

	for (; addr < end; addr = next) {
		__u64 raw = entry_at(w, level, addr);
		unsigned int lower;

		next = (addr | (size - 1)) + 1;
		if (next > end)
			next = end;
		if (!raw)
			continue;
		if (level == MMSCOPE_PTE || !entry_valid(raw) ||
		    !entry_leads_on(raw)) {
			w->count->used[level]++;
			continue;
		}
		lower = level_below(w->s, level);
		if (enter(w, lower, entry_phys(w->s, raw))) {
			w->count->used[level]++;
			report(w, level, addr, raw);
			kcore_table(w->table[lower], w->entry[lower],
				    table_entries());
		}
		walk(w, lower, addr, next);
	}
}

struct kwalk *kwalk(pid_t pid, const struct proc_maps *maps, kentry_fn fn,
		    void *arg)
{
	struct kwalk *count = calloc(maps->nr, sizeof(*count));
	struct walker *w = calloc(1, sizeof(*w));
	const struct mmscope_step *top;
	size_t i;

	w->s = stream_get(pid, MMSCOPE_PART_WALK, maps->vma[0].start, 0);
	w->fn = fn;
	w->arg = arg;
	top = walk_step(w->s->walk, 0);
	for (i = 0; i < maps->nr; i++) {
		w->count = &count[i];
		enter(w, top->level, top->table);
		walk(w, top->level, maps->vma[i].start, maps->vma[i].end);
	}
	stream_free((struct stream *)w->s);
	free(w);
	return count;
}

/* Finds populated ranges, and joins those that follow each other. */
struct finder {
	const struct stream *s;
	kwalk_fn fn;
	void *arg;
	__u64 start;			/* of the last range, not yet reported */
	__u64 end;			/* 0: there is none */
	__u64 entry[NR_LEVELS][MAX_TABLE_ENTRIES];	/* those in the range */
};

static void flush_range(struct finder *finder)
{
	if (finder->end)
		finder->fn(finder->arg, finder->start, finder->end);
	finder->end = 0;
}

static void add_range(struct finder *finder, __u64 start, __u64 end)
{
	if (finder->end != start) {
		flush_range(finder);
		finder->start = start;
	}
	finder->end = end;
}

static void find(struct finder *finder, unsigned int level, __u64 table,
		 __u64 addr, __u64 end)
{
	const struct stream *s = finder->s;
	__u64 size = 1ULL << s->header->level_shift[level], next;
	const __u64 *entry = finder->entry[level];

	kcore_table(table + 8 * (addr / size % table_entries()),
		    finder->entry[level], (end - 1) / size - addr / size + 1);
	for (; addr < end; addr = next) {
		__u64 raw = *entry++;

		next = (addr | (size - 1)) + 1;
		if (next > end)
			next = end;
		if (!raw)
			continue;
		if (level_below(s, level) == MMSCOPE_PTE ||
		    !entry_valid(raw) || !entry_leads_on(raw))
			add_range(finder, addr, next);
		else
			find(finder, level_below(s, level), entry_phys(s, raw),
			     addr, next);
	}
}

void kwalk_populated(pid_t pid, __u64 start, __u64 end, kwalk_fn fn, void *arg)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_WALK, start, 0);
	struct finder *finder = calloc(1, sizeof(*finder));
	const struct mmscope_step *top = walk_step(s->walk, 0);

	finder->s = s;
	finder->fn = fn;
	finder->arg = arg;
	find(finder, top->level, top->table, start, end);
	flush_range(finder);
	free(finder);
	stream_free(s);
}
