// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries that lead to page tables.
 *
 * The walk reports such an entry without an address. The next callback has an
 * address that the entry maps, and records it.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "entry.h"
#include "level.h"
#include "part.h"
#include "pgwalk.h"
#include "record.h"

/* In instructions, copying it to the reader included. */
#define COST_RECORDED	100

/**
 * struct climb - a walk that records the entries above the last one
 * @walk: the walk
 * @buf: takes the entries
 * @rec: the last record, if it can take more entries, or NULL
 * @raw: by level, the entry reported last, until it is recorded; else 0
 * @done: by level, end of what the entry recorded last maps, exclusive
 * @entries: number of entries recorded
 */
struct climb {
	struct mmscope_pgwalk walk;
	struct mmscope_buf *buf;
	struct mmscope_upper *rec;
	u64 raw[MMSCOPE_LEVEL_SLOTS];
	unsigned long done[MMSCOPE_LEVEL_SLOTS];
	u64 entries;
};

static struct climb *climb_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct climb, walk);
}

/* Has the entry the bits of the record's first one, apart from the frame? */
static bool entry_fits(const struct mmscope_upper *rec, u64 raw, u64 frame)
{
	const u64 *first = mmscope_record_tail(rec);
	u64 frames = frame - MMSCOPE_UPPER_FRAME(*first);

	return raw == rec->raw + mmscope_raw_delta(frames, PAGE_SHIFT) &&
	       rec->nr < U16_MAX;
}

static void begin_upper(struct climb *climb, u64 start, u64 raw)
{
	struct mmscope_upper *rec = mmscope_record(climb->buf,
						   MMSCOPE_REC_UPPER,
						   sizeof(*rec), 0);

	rec->top = virt_to_phys(climb->walk.mm->pgd);
	rec->start = start;
	rec->raw = raw;
	rec->attrs = mmscope_attrs(raw, mmscope_table_bits);
	rec->fixed = sizeof(*rec);
	climb->rec = rec;
}

/* Return: false if there was no room. */
static bool record_entry(struct climb *climb, unsigned long addr,
			 enum mmscope_level level, u64 raw)
{
	const unsigned int shift = mmscope_entry_shift(level);
	const u64 index = addr >> shift;
	u64 frame = mmscope_arch_frame(raw, MMSCOPE_PTE);
	u64 *word;

	if (!mmscope_record_room(climb->buf,
				 sizeof(*climb->rec) + sizeof(*word)))
		return false;
	if (!climb->rec || !entry_fits(climb->rec, raw, frame))
		begin_upper(climb, index << shift, raw);
	word = mmscope_record_extend(climb->buf, climb->rec, sizeof(*word));
	*word = frame |
		(index & (PTRS_PER_PTE - 1)) << MMSCOPE_UPPER_INDEX_SHIFT |
		(u64)level << MMSCOPE_UPPER_LEVEL_SHIFT;
	climb->rec->nr++;
	climb->entries++;
	climb->done[level] = (index + 1) << shift;
	climb->walk.budget -= COST_RECORDED;
	return true;
}

/*
 * An entry is reported again for each VMA, and in each slice. It is recorded once,
 * even if it changed meanwhile: records ascend.
 */
static int record_entries(struct mmscope_pgwalk *walk, unsigned long addr)
{
	struct climb *climb = climb_of(walk);
	enum mmscope_level level;

	for (level = MMSCOPE_PGD; level > MMSCOPE_PTE; level--) {
		u64 raw = climb->raw[level];

		if (raw && addr >= climb->done[level] &&
		    !record_entry(climb, addr, level, raw)) {
			walk->cursor = addr;
			return MMSCOPE_STOP;
		}
		climb->raw[level] = 0;
	}
	return MMSCOPE_GO_ON;
}

static void upper_table(struct mmscope_pgwalk *walk, enum mmscope_level level,
			void *entryp, u64 raw)
{
	climb_of(walk)->raw[mmscope_shown_level(walk->mm, level)] = raw;
}

static int upper_leaf(struct mmscope_pgwalk *walk,
		      const struct mmscope_leaf *leaf)
{
	return record_entries(walk, leaf->addr);
}

static int upper_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		      unsigned long addr, unsigned long end)
{
	return record_entries(walk, addr);
}

static const struct mmscope_pgwalk_ops upper_ops = {
	.table = upper_table,
	.hole = upper_leaf,
	.leaf = upper_leaf,
	.ptes = upper_ptes,
};

static void upper_start(struct mmscope_job *job)
{
	struct climb *climb = job->state;

	mmscope_pgwalk_start(&climb->walk, &upper_ops, job->target.mm,
			     job->query.start, job->query.end);
	job->walk = &climb->walk;
}

static int upper_slice(struct mmscope_job *job)
{
	struct climb *climb = job->state;
	bool done;

	climb->buf = &job->buf;
	climb->rec = NULL;
	/* A slice may end between the report of an entry and its record. */
	memset(climb->raw, 0, sizeof(climb->raw));
	done = mmscope_pgwalk_slice(&climb->walk);
	job->sum.upper = climb->entries;
	if (!done)
		return MMSCOPE_MORE;
	mmscope_job_digest(job, climb->walk.digest);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_upper = {
	.parts = MMSCOPE_PART_UPPER,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct climb),
	.start = upper_start,
	.slice = upper_slice,
};
