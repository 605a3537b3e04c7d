// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "header.h"
#include "text.h"
#include "upper.h"

/**
 * upper_next - unpack the next entry of a record
 * @u: position; set @h and @rec, and @at to 0 for the first entry
 * @entry: the entry
 *
 * Return: false if there is no more
 */
bool upper_next(struct upper_unpack *u, struct upper *entry)
{
	const struct mmscope_upper *rec = &u->rec->upper;
	uint64_t word, first;
	unsigned int level, above;

	if (u->at >= rec->nr)
		return false;
	if (!u->at)
		u->start = rec->start;
	word = record_word(u->rec, u->at++);
	first = MMSCOPE_UPPER_FRAME(record_word(u->rec, 0));
	level = MMSCOPE_UPPER_LEVEL(word);
	above = header_above(u->h, level);
	u->start = above ? u->start & -(1ULL << u->h->level_shift[above]) : 0;
	u->start += MMSCOPE_UPPER_INDEX(word) << u->h->level_shift[level];
	*entry = (struct upper){
		.start = u->start,
		.frame = MMSCOPE_UPPER_FRAME(word),
		.attrs = rec->attrs,
		.level = (uint8_t)level,
	};
	entry->raw = rec->raw + ((entry->frame - first) << u->h->page_shift);
	return true;
}

/**
 * uppers_init - start without entries
 * @all: the entries; call uppers_free() when done
 * @h: header of the stream
 */
void uppers_init(struct uppers *all, const struct mmscope_header *h)
{
	*all = (struct uppers){ .h = h };
}

/**
 * uppers_add - add the entries of a record
 * @all: the entries
 * @rec: a record from stream_next()
 */
void uppers_add(struct uppers *all, const struct record *rec)
{
	struct upper_unpack u = { .h = all->h, .rec = rec };
	struct upper entry;

	if (rec->head.type != MMSCOPE_REC_UPPER)
		return;
	all->top = rec->upper.top;
	while (upper_next(&u, &entry)) {
		unsigned int level = entry.level;

		all->entry[level] = more(all->entry[level], all->nr[level],
					 &all->room[level], sizeof(entry));
		all->entry[level][all->nr[level]++] = entry;
	}
}

/**
 * uppers_find - find the entry of a level that leads to a table for an address
 * @all: the entries
 * @level: enum mmscope_level
 * @addr: the address
 *
 * Return: NULL if there is none
 */
const struct upper *uppers_find(const struct uppers *all, unsigned int level,
				uint64_t addr)
{
	const struct upper *entry = all->entry[level];
	size_t low = 0, high = all->nr[level];

	/* The last one that starts at the address or before it. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (entry[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || (entry[low - 1].start ^ addr) >> all->h->level_shift[level])
		return NULL;
	return &entry[low - 1];
}

/**
 * uppers_any - whether the stream has such entries
 * @all: the entries
 *
 * Return: true if it does
 */
bool uppers_any(const struct uppers *all)
{
	return all->top;
}

/**
 * uppers_free - free the entries
 * @all: the entries
 */
void uppers_free(struct uppers *all)
{
	for (size_t i = 0; i < MMSCOPE_LEVEL_SLOTS; i++)
		free(all->entry[i]);
	*all = (struct uppers){ 0 };
}
