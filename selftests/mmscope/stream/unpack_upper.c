// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "stream/entries.h"
#include "stream/runs.h"
#include "stream/unpack.h"

static bool wrong_record(struct stream *s, const struct mmscope_upper *rec)
{
	if (rec->head.size < sizeof(*rec) || !rec->nr ||
	    rec->fixed != sizeof(*rec) ||
	    rec->head.size != sizeof(*rec) + rec->nr * sizeof(__u64))
		return !wrong(s, "upper: size %u, %u entries, fixed %u",
			      rec->head.size, rec->nr, rec->fixed);
	if (!rec->top || (s->top && s->top != rec->top))
		return !wrong(s, "upper: top table %llx, %llx before", rec->top,
			      s->top);
	if ((rec->attrs ^ entry_attrs(rec->raw)) & MMSCOPE_ATTR_ACCESSED)
		return !wrong(s, "upper: attributes %x of %llx", rec->attrs,
			      rec->raw);
	return false;
}

/* What the table maps that an entry of that level is in. */
static __u64 table_size(const struct stream *s, unsigned int level)
{
	while (++level <= MMSCOPE_PGD)
		if (s->header->level_shift[level])
			return 1ULL << s->header->level_shift[level];
	return 0;
}

/* @at: an address that the table of the entry maps, the first one maybe its own */
static struct upper unpack(const struct stream *s,
			   const struct mmscope_upper *rec, size_t i, __u64 at)
{
	__u64 word = upper_words(rec)[i];
	struct upper upper = {
		.level = MMSCOPE_UPPER_LEVEL(word),
		.frame = MMSCOPE_UPPER_FRAME(word),
		.attrs = rec->attrs,
	};
	__u64 size = table_size(s, upper.level);

	upper.start = (size ? at & -size : 0) +
		(MMSCOPE_UPPER_INDEX(word)
		 << s->header->level_shift[upper.level]);
	upper.raw = rec->raw +
		    ((upper.frame - MMSCOPE_UPPER_FRAME(upper_words(rec)[0]))
		     << s->header->page_shift);
	return upper;
}

/* @last: the entry before, or NULL. */
static bool wrong_entry(struct stream *s, const struct upper *upper,
			const struct upper *last)
{
	if (!entry_valid(upper->raw) || !entry_leads_on(upper->raw) ||
	    entry_phys(s, upper->raw) >> s->header->page_shift != upper->frame)
		return !wrong(s, "upper: %llx: raw %llx, frame %llx",
			      upper->start, upper->raw, upper->frame);
	if (!last || upper->start > last->start ||
	    (upper->start == last->start && upper->level < last->level))
		return false;
	return !wrong(s, "upper: %llx, level %u is out of order", upper->start,
		      upper->level);
}

bool upper_expand(struct stream *s, const struct mmscope_upper *rec)
{
	__u64 at = rec->start;
	size_t i;

	if (wrong_record(s, rec))
		return false;
	s->top = rec->top;
	s->upper = realloc(s->upper, (s->nr_upper + rec->nr) * sizeof(*s->upper));
	for (i = 0; i < rec->nr; i++) {
		struct upper *upper = &s->upper[s->nr_upper];
		unsigned int level = MMSCOPE_UPPER_LEVEL(upper_words(rec)[i]);

		if (level <= MMSCOPE_PTE || level > MMSCOPE_PGD ||
		    !s->header->level_shift[level])
			return wrong(s, "upper: level %u", level);
		*upper = unpack(s, rec, i, at);
		if (!i && upper->start != rec->start)
			return wrong(s, "upper: starts at %llx, not at %llx",
				     rec->start, upper->start);
		if (wrong_entry(s, upper, s->nr_upper ? upper - 1 : NULL))
			return false;
		s->nr_upper++;
		at = upper->start;
	}
	return true;
}
