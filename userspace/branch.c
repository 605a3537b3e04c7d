// SPDX-License-Identifier: GPL-2.0-only
#include "branch.h"
#include "exit_code.h"
#include "walk.h"

/* The next level above that is in use, 0 if there is none. */
static unsigned int above(const struct mmscope_header *h, unsigned int level)
{
	while (++level < MMSCOPE_LEVEL_SLOTS)
		if (h->level_shift[level])
			return level;
	return 0;
}

/**
 * branch_init - begin without a path
 * @b: the branch
 * @h: header of the stream
 * @live: the module can be queried for the entries
 */
void branch_init(struct branch *b, const struct mmscope_header *h, bool live)
{
	*b = (struct branch){ .h = h, .live = live };
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

static void put_entry(struct branch *b, unsigned int level, uint64_t addr)
{
	b->known[level] = true;
	b->entry[level] = (struct run){
		.start = addr & -(1ULL << b->h->level_shift[level]),
		.nr = 1,
		.level = (uint8_t)level,
		.kind = MMSCOPE_TABLE,
	};
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
	struct walk walk = { .addr = run->start };
	int code = EXIT_FINE;

	b->first_new = 0;
	for (unsigned int level = above(b->h, run->level); level;
	     level = above(b->h, level))
		if (is_new(b, level, run->start)) {
			put_entry(b, level, run->start);
			b->first_new = level;
		}
	if (b->first_new && b->live)
		code = walk_live(opt, &walk);
	if (walk.walked)
		put_steps(b, &walk, run->level);
	return code;
}

/**
 * branch_depth - number of levels above
 * @b: the branch
 * @level: enum mmscope_level
 *
 * Return: 0 for the top level
 */
unsigned int branch_depth(const struct branch *b, unsigned int level)
{
	unsigned int depth = 0;

	while ((level = above(b->h, level)))
		depth++;
	return depth;
}

/**
 * branch_room - how much of a run is in the same table as its first entry
 * @h: header of the stream
 * @run: the run
 *
 * Return: number of entries
 */
uint64_t branch_room(const struct mmscope_header *h, const struct run *run)
{
	unsigned int up = above(h, run->level);
	unsigned int shift = h->level_shift[run->level];
	uint64_t table, room;

	if (!up)
		return run->nr;
	table = 1ULL << h->level_shift[up];
	room = (table - (run->start & (table - 1))) >> shift;
	return room < run->nr ? room : run->nr;
}
