// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "oracle/kcore.h"
#include "oracle/kwalk.h"
#include "stream/entries.h"
#include "stream/read.h"

/**
 * struct walker - on its way through the mappings, by ascending address
 * @s: tells the levels, and the top table
 * @table: by level, the table it is in
 * @entry: by level, the entries of that
 * @count: of the mapping at hand
 */
struct walker {
	const struct stream *s;
	__u64 table[NR_LEVELS];
	__u64 entry[NR_LEVELS][MAX_TABLE_ENTRIES];
	struct kwalk *count;
};

static unsigned int level_below(const struct walker *w, unsigned int level)
{
	do {
		level--;
	} while (!w->s->header->level_shift[level]);
	return level;
}

/* Return: whether it is a table that no mapping before needed. */
static bool enter(struct walker *w, unsigned int level, __u64 table)
{
	if (w->table[level] == table)
		return false;
	w->table[level] = table;
	w->count->pages[level]++;
	return true;
}

/* The top table may be smaller than a page. */
static __u64 entry_at(struct walker *w, unsigned int level, __u64 addr)
{
	__u64 index = (addr >> w->s->header->level_shift[level]) %
		      table_entries();

	if (level == walk_step(w->s->walk, 0)->level)
		return kcore_phys(w->table[level] + 8 * index);
	return w->entry[level][index];
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
		lower = level_below(w, level);
		if (enter(w, lower, entry_phys(w->s, raw))) {
			w->count->used[level]++;
			kcore_table(w->table[lower], w->entry[lower]);
		}
		walk(w, lower, addr, next);
	}
}

struct kwalk *kwalk(pid_t pid, const struct proc_maps *maps)
{
	struct kwalk *count = calloc(maps->nr, sizeof(*count));
	struct walker *w = calloc(1, sizeof(*w));
	const struct mmscope_step *top;
	size_t i;

	w->s = stream_get(pid, MMSCOPE_PART_WALK, maps->vma[0].start, 0);
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
