// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kcore.h"
#include "oracle/proc.h"
#include "oracle/walks.h"
#include "stream/entries.h"
#include "stream/read.h"

struct stream *walk_of(pid_t pid, __u64 addr)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_WALK, addr, 0);

	if (s->walk->addr != addr)
		die("walk of %llx has address %llx", addr, s->walk->addr);
	return s;
}

/* Index of an address in the tables of one level. */
static __u64 index_at(const struct stream *s, unsigned int level, __u64 addr)
{
	return (addr >> s->header->level_shift[level]) % table_entries();
}

/* The attributes of a valid leaf, decoded from the entries in kcore. */
static unsigned int attrs_in_kcore(const struct stream *s,
				   const struct mmscope_step *step)
{
	__u32 nr = entry_block(s, step->level), first = step->index & -nr, i;
	unsigned int attrs =
		entry_attrs(kcore_phys(step->table + 8 * step->index));

	for (i = 0; attrs & MMSCOPE_ATTR_CONT && i < nr; i++)
		attrs |= ENTRY_BLOCK_ATTRS &
			 entry_attrs(kcore_phys(step->table + 8 * (first + i)));
	return attrs;
}

__u64 walk_raw_in_kcore(const struct stream *s, const struct mmscope_step *step)
{
	__u64 raw = kcore_phys(step->table + 8 * step->index);

	if (step->kind == MMSCOPE_TABLE || !entry_valid(raw) ||
	    !(entry_attrs(raw) & MMSCOPE_ATTR_CONT))
		return raw;
	return entry_in_block(raw, attrs_in_kcore(s, step));
}

/* What is wrong with the step @i, which has to be of @level; or NULL. */
static const char *wrong_step(const struct stream *s, size_t i,
			      unsigned int level)
{
	const struct mmscope_walk *w = s->walk;
	const struct mmscope_step *step = walk_step(w, i);
	bool last = i + 1 == w->nr;

	if (step->level != level)
		return "level";
	if (step->index != index_at(s, level, w->addr))
		return "index";
	if (i && step->table != entry_phys(s, walk_step(w, i - 1)->raw))
		return "table of the entry above";
	if (walk_raw_in_kcore(s, step) != step->raw)
		return "entry in kcore";
	if (!last && (step->kind != MMSCOPE_TABLE || !entry_valid(step->raw) ||
		      !entry_leads_on(step->raw)))
		return "entry that leads to a table";
	if (last && step->kind == MMSCOPE_TABLE)
		return "last entry: it leads to a table";
	if (last && entry_valid(step->raw) &&
	    (step->attrs ^ attrs_in_kcore(s, step)) & entry_attrs_known())
		return "attributes";
	return NULL;
}

size_t walk_wrong_steps(const struct stream *s)
{
	const struct mmscope_walk *w = s->walk;
	unsigned int level = MMSCOPE_PGD;
	size_t i, wrong = 0;

	for (i = 0; i < w->nr; i++, level--) {
		const struct mmscope_step *step = walk_step(w, i);
		const char *what;

		while (!s->header->level_shift[level])
			level--;
		what = wrong_step(s, i, level);
		if (!what)
			continue;
		note("%llx: step %zu, level %u: wrong %s (table %llx, raw %llx, attrs %x)",
		     w->addr, i, step->level, what, step->table, step->raw,
		     step->attrs);
		wrong++;
	}
	return wrong;
}

struct stream *walk_still(pid_t pid, __u64 addr, __u64 *page)
{
	struct stream *s;
	__u64 after;

	for (;;) {
		*page = proc_page(pid, addr);
		s = walk_of(pid, addr);
		after = proc_page(pid, addr);
		if (*page == after)
			return s;
		stream_free(s);
	}
}

/* The levels from the top one down to @level. */
static unsigned int levels_from(const struct stream *s, unsigned int level)
{
	unsigned int nr = 0;

	for (; level <= MMSCOPE_PGD; level++)
		nr += s->header->level_shift[level] != 0;
	return nr;
}

/* What is wrong with a walk to a page, whose entry in pagemap is @entry; or NULL. */
static const char *wrong_end(const struct stream *s, __u64 addr, __u64 entry,
			     unsigned int kind, unsigned int level)
{
	const struct mmscope_walk *w = s->walk;
	const struct mmscope_step *last = walk_step(w, w->nr - 1);
	unsigned int shift = s->header->level_shift[level];

	if (w->stop != MMSCOPE_STOP_ENTRY || !w->nr)
		return "stop";
	if (last->kind != kind || last->level != level)
		return "kind or level";
	if (!(entry & PM_PRESENT))
		return "presence in pagemap";
	if (w->frame != PM_FRAME(entry))
		return "frame";
	if (w->phys != PM_FRAME(entry) * PAGE + addr % PAGE)
		return "phys";
	if (w->page_shift != shift)
		return "page_shift";
	if (w->gap_start || w->gap_end)
		return "gap";
	if (w->nr != levels_from(s, level))
		return "number of steps";
	if (s->nr_vmas != 1 || s->vma[0]->start > addr || s->vma[0]->end <= addr)
		return "VMA";
	if (kind == MMSCOPE_PRESENT && entry_valid(last->raw) &&
	    (entry_phys(s, last->raw) & -(1ULL << shift)) !=
	    (w->phys & -(1ULL << shift)))
		return "raw";
	return NULL;
}

size_t walk_wrong_page(pid_t pid, __u64 addr, unsigned int kind,
		       unsigned int level)
{
	__u64 entry;
	struct stream *s = walk_still(pid, addr, &entry);
	const struct mmscope_walk *w = s->walk;
	size_t wrong = walk_wrong_steps(s);
	const char *what = wrong_end(s, addr, entry, kind, level);

	if (what) {
		note("%llx: wrong %s: nr %u stop %u frame %llx phys %llx shift %u, pagemap %llx",
		     addr, what, w->nr, w->stop, w->frame, w->phys,
		     w->page_shift, entry);
		wrong++;
	}
	stream_free(s);
	return wrong;
}

size_t walk_wrong_gap(pid_t pid, __u64 addr, __u64 start, __u64 end)
{
	struct stream *s = walk_of(pid, addr);
	const struct mmscope_walk *w = s->walk;
	bool wrong = w->stop != MMSCOPE_STOP_GAP || w->gap_start != start ||
		     w->gap_end != end || w->nr || w->phys || w->frame ||
		     w->page_shift || s->nr_vmas;

	if (wrong)
		note("%llx: stop %u, gap %llx-%llx, want %llx-%llx", addr,
		     w->stop, w->gap_start, w->gap_end, start, end);
	stream_free(s);
	return wrong;
}
