// SPDX-License-Identifier: GPL-2.0-only
/*
 * The number of page tables, the VMAs that needed them, and how full they are.
 *
 * The walk enters tables in ascending order: a table that is entered again, for
 * the next VMA or in the next slice, is the last one of its level.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "level.h"
#include "part.h"
#include "pgwalk.h"
#include "ptes.h"
#include "record.h"

/**
 * struct table_count - a walk that counts page tables
 * @walk: the walk
 * @buf: takes the records
 * @vma: record of the current VMA; its @end is 0 if there is none
 * @sum: the sums over all VMAs
 * @parent: by level, the entry that leads to the current table
 * @used: by level, entries in use in that table
 */
struct table_count {
	struct mmscope_pgwalk walk;
	struct mmscope_buf *buf;
	struct mmscope_tables vma;
	struct mmscope_tables_sum sum;
	const void *parent[MMSCOPE_LEVEL_SLOTS];
	u32 used[MMSCOPE_LEVEL_SLOTS];
};

/* In instructions, see struct mmscope_pgwalk. */
#define COST_USED	30	/* a hole after it included */
#define COST_EMPTY	2

static struct table_count *count_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct table_count, walk);
}

/* Add the last table of @level, which is complete, to the sums. */
static void settle(struct table_count *tables,
		   enum mmscope_level level)
{
	u32 used = tables->used[level];
	unsigned int bucket = used ? fls(used) : 0;

	if (!tables->parent[level])
		return;
	bucket = min_t(unsigned int, bucket, MMSCOPE_FILL_BUCKETS - 1);
	tables->sum.fill[level][bucket]++;
	tables->used[level] = 0;
	tables->parent[level] = NULL;
}

/* The walk enters the table of @level that @parent leads to. */
static void enter(struct table_count *tables, enum mmscope_level level,
		  const void *parent)
{
	if (tables->parent[level] == parent)
		return;
	settle(tables, level);
	tables->parent[level] = parent;
	tables->sum.pages[level]++;
	tables->vma.pages[level]++;
}

static void use(struct table_count *tables, enum mmscope_level level,
		unsigned int nr)
{
	tables->used[level] += nr;
	tables->sum.used[level] += nr;
	tables->vma.used[level] += nr;
}

/* The level of the tables below @level: the next one that is not folded. */
static enum mmscope_level below(const struct mmscope_pgwalk *walk,
				enum mmscope_level level)
{
	return mmscope_shown_level(walk->mm, level - 1);
}

static void tables_table(struct mmscope_pgwalk *walk, enum mmscope_level level,
			 void *entryp, u64 raw)
{
	struct table_count *tables = count_of(walk);
	enum mmscope_level shown = mmscope_shown_level(walk->mm, level);
	enum mmscope_level next = below(walk, level);

	if (shown == MMSCOPE_PGD)
		enter(tables, MMSCOPE_PGD, walk->mm);
	/* It was entered before, for another VMA or in another slice. */
	if (tables->parent[next] == entryp)
		return;
	use(tables, shown, 1);
	enter(tables, next, entryp);
}

static int tables_leaf(struct mmscope_pgwalk *walk,
		       const struct mmscope_leaf *leaf)
{
	struct table_count *tables = count_of(walk);

	use(tables, mmscope_shown_level(walk->mm, leaf->level), 1);
	/* The kernel keeps a table for each huge page that may be split. */
	if (leaf->level == MMSCOPE_PMD && vma_is_anonymous(walk->vma))
		tables->sum.deposited++;
	return MMSCOPE_GO_ON;
}

static int tables_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
		       unsigned long addr, unsigned long end)
{
	unsigned long nr = (end - addr) >> PAGE_SHIFT, i;
	unsigned int used = 0;

	for (i = 0; i < nr; i++) {
		if (!mmscope_pte_raw(ptep + i))
			i += ptes_empty(ptep + i, nr - i) - 1;
		else if (!ptes_none(mmscope_pte_raw(ptep + i)))
			used++;
	}
	use(count_of(walk), MMSCOPE_PTE, used);
	walk->budget -= used * COST_USED + nr * COST_EMPTY;
	return MMSCOPE_GO_ON;
}

static bool has_tables(const struct mmscope_tables *vma)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vma->pages); i++)
		if (vma->pages[i])
			return true;
	return false;
}

/* Return: false if the record of the current VMA does not fit. */
static bool end_vma(struct table_count *tables)
{
	struct mmscope_tables *rec;

	if (has_tables(&tables->vma)) {
		rec = mmscope_record(tables->buf, MMSCOPE_REC_TABLES,
				     sizeof(*rec), 0);
		if (!rec)
			return false;
		tables->vma.head = rec->head;
		*rec = tables->vma;
	}
	tables->vma = (struct mmscope_tables){ };
	return true;
}

/*
 * VMAs can grow, shrink, merge or be replaced between two slices. One that
 * contains the start of the current record goes on in it; before any other, the
 * record is cut, so that records do not overlap.
 */
static int tables_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		      unsigned long addr)
{
	struct table_count *tables = count_of(walk);

	if (tables->vma.end && vma->vm_start <= tables->vma.start) {
		tables->vma.end = vma->vm_end;
		return MMSCOPE_GO_ON;
	}
	tables->vma.end = min_t(u64, tables->vma.end, vma->vm_start);
	if (!end_vma(tables)) {
		walk->cursor = addr;
		return MMSCOPE_STOP;
	}
	tables->vma.start = vma->vm_start;
	tables->vma.end = vma->vm_end;
	return MMSCOPE_GO_ON;
}

static const struct mmscope_pgwalk_ops tables_ops = {
	.vma = tables_vma,
	.table = tables_table,
	.leaf = tables_leaf,
	.ptes = tables_ptes,
};

static bool record_sum(struct table_count *tables)
{
	struct mmscope_tables_sum *rec;
	enum mmscope_level level;

	rec = mmscope_record(tables->buf, MMSCOPE_REC_TABLES_SUM,
			     sizeof(*rec), 0);
	if (!rec)
		return false;
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PGD; level++)
		settle(tables, level);
	tables->sum.head = rec->head;
	tables->sum.pgtables_bytes = mm_pgtables_bytes(tables->walk.mm);
	tables->sum.table_bytes = PAGE_SIZE;
	*rec = tables->sum;
	return true;
}

#define TABLE_COLUMNS							\
	"# start      -end         PTE pages      used PMD pages      used "	\
	"PUD pages      used\n"

static void tables_start(struct mmscope_job *job)
{
	struct table_count *tables = job->state;

	mmscope_pgwalk_start(&tables->walk, &tables_ops, job->target.mm,
			     job->query.start, job->query.end);
	job->walk = &tables->walk;
}

static int tables_slice(struct mmscope_job *job)
{
	struct table_count *tables = job->state;

	tables->buf = &job->buf;
	if (!mmscope_pgwalk_slice(&tables->walk) || !end_vma(tables) ||
	    !record_sum(tables))
		return MMSCOPE_MORE;
	mmscope_job_digest(job, tables->walk.digest);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_tables = {
	.parts = MMSCOPE_PART_TABLES,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct table_count),
	.columns = TABLE_COLUMNS,
	.start = tables_start,
	.slice = tables_slice,
};
