// SPDX-License-Identifier: GPL-2.0-only
#include "branch.h"
#include "exit_code.h"
#include "header.h"
#include "walk.h"

/**
 * branch_init - begin without a path
 * @b: the branch
 * @h: header of the stream
 * @uppers: the entries of a file; NULL: query the module for them
 */
void branch_init(struct branch *b, const struct mmscope_header *h,
		 const struct uppers *uppers)
{
	*b = (struct branch){ .h = h, .uppers = uppers };
	for (unsigned int level = header_below(h, MMSCOPE_LEVEL_SLOTS), above = 0;
	     level; above = level, level = header_below(h, level)) {
		b->above[level] = above;
		b->depth[level] = above ? b->depth[above] + 1 : 0;
	}
}

static void put_steps(struct branch *b, const struct walk *walk,
		      unsigned int below)
{
	for (unsigned int i = 0; i + 1 < walk->found.nr; i++) {
		const struct mmscope_step *step = &walk->step[i];
		struct run *entry = &b->entry[step->level];

		if (step->kind != MMSCOPE_TABLE || step->level <= below)
			continue;
		entry->raw = step->raw;
		entry->attrs = step->attrs;
		entry->frame = step[1].table >> b->h->page_shift;
		entry->has_raw = true;
	}
}

/* The path has no entry of that level for addr. */
static bool is_new(const struct branch *b, unsigned int level, uint64_t addr)
{
	return !b->known[level] ||
	       (b->entry[level].start ^ addr) >> b->h->level_shift[level];
}

/* A file may lack the entry: it was recorded without, or the table is newer. */
static void put_upper(struct run *entry, const struct upper *upper)
{
	if (!upper)
		return;
	entry->raw = upper->raw;
	entry->attrs = upper->attrs;
	entry->frame = upper->frame;
	entry->has_raw = true;
}

static void put_entry(struct branch *b, unsigned int level, uint64_t addr)
{
	b->known[level] = true;
	b->entry[level] = (struct run){
		.start = addr & -(1ULL << b->h->level_shift[level]),
		.nr = 1,
		.level = (uint8_t)level,
		.kind = MMSCOPE_TABLE,
	};
	if (b->uppers)
		put_upper(&b->entry[level],
			  uppers_find(b->uppers, level, addr));
}

/* The path to another table than before. */
static int find_path(struct branch *b, const struct options *opt,
		     const struct run *run)
{
	struct walk walk = { .addr = run->start };
	int code = EXIT_FINE;

	for (unsigned int level = b->above[run->level]; level;
	     level = b->above[level])
		if (is_new(b, level, run->start)) {
			put_entry(b, level, run->start);
			b->first_new = level;
		}
	if (!b->uppers)
		code = walk_live(opt, &walk);
	if (walk.walked)
		put_steps(b, &walk, run->level);
	return code;
}

/**
 * branch_move - find the path to a run, with one query for each new path if live
 * @b: the branch
 * @opt: the options
 * @run: the run, all of it in one table
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int branch_move(struct branch *b, const struct options *opt,
		const struct run *run)
{
	unsigned int above = b->above[run->level];

	b->first_new = 0;
	/* Runs ascend: if the lowest entry is the same, so are all others. */
	if (!above || !is_new(b, above, run->start))
		return EXIT_FINE;
	return find_path(b, opt, run);
}

/**
 * branch_room - how much of a run is in the same table as its first entry
 * @b: the branch
 * @run: the run
 *
 * Return: number of entries
 */
uint64_t branch_room(const struct branch *b, const struct run *run)
{
	const struct mmscope_header *h = b->h;
	unsigned int above = b->above[run->level];
	unsigned int shift = h->level_shift[run->level];
	uint64_t table, room;

	if (!above)
		return run->nr;
	table = 1ULL << h->level_shift[above];
	room = (table - (run->start & (table - 1))) >> shift;
	return room < run->nr ? room : run->nr;
}
