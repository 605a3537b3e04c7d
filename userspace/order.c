// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stddef.h>

#include "array.h"
#include "header.h"
#include "order.h"
#include "upper.h"

#define REC(type)	(1u << MMSCOPE_REC_##type)

/* Names are of bits of 64-bit words, or of values of 8 bits. */
#define NAMES_MAX	256

/*
 * Bytes of page tables that no machine has the memory for: totals of less fit
 * into 64 bits.
 */
#define TABLE_BYTES_MAX	(1ULL << 56)
#define TABLE_SIZE_MAX	(1ULL << 20)

static const char *check_names(struct order *o, const struct mmscope_header *h,
			       struct record *rec)
{
	uint32_t of = rec->names.of;

	(void)h;
	if (of > MMSCOPE_NAMES_POLICIES)
		return NULL;
	if (o->names & 1u << of)
		return "names given twice";
	if (rec->names.nr > NAMES_MAX)
		return "number of names";
	o->names |= 1u << of;
	return NULL;
}

static const char *check_vma(struct order *o, const struct mmscope_header *h,
			     struct record *rec)
{
	const struct mmscope_vma *vma = &rec->vma;
	uint64_t mask = (1ULL << h->page_shift) - 1;

	if (vma->start >= vma->end || (vma->start | vma->end) & mask ||
	    vma->end > 1ULL << header_user_bits(h))
		return "range of a mapping";
	if (vma->page_shift < h->page_shift || vma->page_shift > 60)
		return "page size of a mapping";
	if (vma->start < o->vma_end)
		return "mappings out of order";
	o->vma_start = vma->start;
	o->vma_end = vma->end;
	o->vmas++;
	return NULL;
}

/* No count is above that of the mapping's pages, so sums do not overflow. */
static bool are_below(const struct mmscope_residency *res, uint64_t pages)
{
	const __u64 counts[] = {
		res->pte, res->pmd, res->pud, res->cont, res->anon, res->file,
		res->shmem, res->hugetlb, res->exclusive, res->shared,
		res->dirty, res->accessed, res->zero, res->special,
		res->swapped, res->other, res->never,
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (counts[i] > pages)
			return false;
	return true;
}

static const char *check_sums(const struct mmscope_residency *res,
			      uint64_t pages, unsigned int page_shift)
{
	uint64_t mapped = res->pte + res->pmd + res->pud;

	if (mapped + res->zero + res->special + res->swapped + res->other +
	    res->never != pages)
		return "residency counts other pages than the mapping has";
	if (res->anon + res->file + res->shmem + res->hugetlb != mapped ||
	    res->exclusive + res->shared != mapped)
		return "residency whose parts do not add up";
	if (res->cont > mapped || res->dirty > mapped ||
	    res->accessed > mapped ||
	    res->pss_bytes > (mapped - res->hugetlb) << page_shift)
		return "residency with parts larger than the whole";
	return NULL;
}

static const char *check_residency(struct order *o,
				   const struct mmscope_header *h,
				   struct record *rec)
{
	const struct mmscope_residency *res = &rec->residency;
	uint64_t pages = (o->vma_end - o->vma_start) >> h->page_shift;

	if (o->last != MMSCOPE_REC_VMA || res->start != o->vma_start ||
	    res->end != o->vma_end)
		return "residency without its mapping";
	if (!are_below(res, pages))
		return "more is resident than the mapping has";
	return check_sums(res, pages, h->page_shift);
}

/*
 * The run at word *at of a record. next: the entry after the last run, counted
 * from the start of the record.
 */
static const char *check_run(struct order *o, const struct record *rec,
			     uint32_t *at, uint64_t *next)
{
	uint64_t word = record_word(rec, (*at)++), nr = 1;
	uint64_t index = MMSCOPE_RUN_INDEX(word);

	if (word & MMSCOPE_RUN_LONG) {
		if (*at == rec->runs.nr)
			return "long run without its length";
		nr = record_word(rec, (*at)++);
		if (nr < 2)
			return "length of a long run";
	}
	if (!*next && index)
		return "first run not at the start of its record";
	if (index < *next)
		return "runs out of order";
	if (__builtin_add_overflow(index, nr, next))
		return "run beyond the address space";
	o->runs++;
	o->entries += nr;
	return NULL;
}

static const char *check_common(const struct mmscope_header *h,
				const struct mmscope_runs *runs)
{
	if (runs->level < MMSCOPE_PTE || runs->level >= MMSCOPE_LEVEL_SLOTS ||
	    !h->level_shift[runs->level])
		return "level of runs";
	if (runs->start & ((1ULL << h->level_shift[runs->level]) - 1))
		return "start of runs";
	if (runs->raw_shift > 63 || runs->raw_shift < -63)
		return "growth of raw entries";
	return NULL;
}

/* Last address of nr entries from the start on, which has to be a user's. */
static bool last_address(const struct mmscope_header *h,
			 const struct mmscope_runs *runs, uint64_t nr,
			 uint64_t *last)
{
	unsigned int shift = h->level_shift[runs->level];
	uint64_t end = 1ULL << header_user_bits(h);

	if (runs->start >= end || nr > (end - runs->start) >> shift)
		return false;
	*last = runs->start + (nr << shift) - 1;
	return true;
}

/* Runs before the end of the last one: only one entry, of a higher level. */
static bool may_overlap(const struct order *o, const struct mmscope_header *h,
			const struct record *rec)
{
	uint64_t size = 1ULL << h->level_shift[rec->runs.level];

	return rec->runs.level > o->run_level && rec->last > o->run_last &&
	       o->run_last - rec->runs.start < size;
}

static const char *check_runs(struct order *o, const struct mmscope_header *h,
			      struct record *rec)
{
	const struct mmscope_runs *runs = &rec->runs;
	const char *why = check_common(h, runs);
	uint64_t next = 0;

	for (uint32_t at = 0; !why && at < runs->nr;)
		why = check_run(o, rec, &at, &next);
	if (why)
		return why;
	if (!last_address(h, runs, next, &rec->last))
		return "run beyond the address space";
	if (o->run_level && runs->start <= o->run_last) {
		if (!may_overlap(o, h, rec))
			return "runs out of order";
		o->overlaps++;
	}
	o->run_last = rec->last;
	o->run_level = runs->level;
	return NULL;
}

/* Entries of the table that an entry of that level is in. */
static uint64_t table_entries(const struct mmscope_header *h,
			      unsigned int level)
{
	unsigned int above = header_above(h, level);
	unsigned int bits = above ? h->level_shift[above] : header_user_bits(h);

	return 1ULL << (bits - h->level_shift[level]);
}

static const char *check_word(const struct mmscope_header *h, uint64_t word)
{
	unsigned int level = MMSCOPE_UPPER_LEVEL(word);

	if (level <= MMSCOPE_PTE || level >= MMSCOPE_LEVEL_SLOTS ||
	    !h->level_shift[level])
		return "level of an entry that leads to a table";
	if (MMSCOPE_UPPER_INDEX(word) >= table_entries(h, level))
		return "index of an entry that leads to a table";
	return NULL;
}

/* Above the others that start at the same address comes the entry of its table. */
static bool ascends(const struct order *o, const struct upper *entry)
{
	if (!o->upper_level || entry->start > o->upper_start)
		return true;
	return entry->start == o->upper_start && entry->level < o->upper_level;
}

static const char *check_upper(struct order *o, const struct mmscope_header *h,
			       struct record *rec)
{
	struct upper_unpack u = { .h = h, .rec = rec };
	struct upper entry;
	const char *why;

	if (rec->upper.start >> header_user_bits(h))
		return "start of entries that lead to tables";
	while (u.at < rec->upper.nr) {
		why = check_word(h, record_word(rec, u.at));
		if (why)
			return why;
		upper_next(&u, &entry);
		if (u.at == 1 && entry.start != rec->upper.start)
			return "start of entries that lead to tables";
		if (!ascends(o, &entry))
			return "entries that lead to tables out of order";
		o->upper_start = entry.start;
		o->upper_level = entry.level;
		o->uppers++;
	}
	return NULL;
}

static const char *check_tables(struct order *o, const struct mmscope_header *h,
				struct record *rec)
{
	const struct mmscope_tables *tables = &rec->tables;

	(void)h;
	if (tables->start >= tables->end)
		return "range of page tables";
	if (tables->start < o->tables_end)
		return "page tables out of order";
	for (size_t i = 0; i < MMSCOPE_LEVEL_SLOTS; i++)
		o->tables += tables->pages[i];
	if (o->tables > TABLE_BYTES_MAX / TABLE_SIZE_MAX)
		return "number of page tables";
	o->tables_end = tables->end;
	return NULL;
}

static const char *check_tables_sum(struct order *o,
				    const struct mmscope_header *h,
				    struct record *rec)
{
	const struct mmscope_tables_sum *sum = &rec->tables_sum;
	uint64_t bytes = sum->table_bytes, most;

	(void)o;
	(void)h;
	if (bytes < 8 || bytes > TABLE_SIZE_MAX || bytes & (bytes - 1))
		return "size of a page table";
	most = TABLE_BYTES_MAX / bytes;
	if (sum->deposited > most || sum->pgtables_bytes > TABLE_BYTES_MAX)
		return "number of page tables";
	for (size_t i = 0; i < MMSCOPE_LEVEL_SLOTS; i++) {
		if (sum->pages[i] > most)
			return "number of page tables";
		if (sum->used[i] > sum->pages[i] * (bytes / 8))
			return "page tables with more entries than fit";
	}
	return NULL;
}

static const char *check_walk(struct order *o, const struct mmscope_header *h,
			      struct record *rec)
{
	const struct mmscope_walk *walk = &rec->walk;
	unsigned int above = MMSCOPE_LEVEL_SLOTS;

	(void)o;
	(void)h;
	if (walk->page_shift > 60)
		return "page size of a translation";
	for (unsigned int i = 0; i < walk->nr; i++) {
		if (rec->step[i].level < MMSCOPE_PTE ||
		    rec->step[i].level >= above)
			return "levels of a translation";
		above = rec->step[i].level;
	}
	return NULL;
}

static const char *check_thread(struct order *o, const struct mmscope_header *h,
				struct record *rec)
{
	(void)h;
	if (rec->thread.tid <= o->tid)
		return "threads out of order";
	o->tid = rec->thread.tid;
	o->threads++;
	return NULL;
}

/* The first version of END has no number of threads, nor had its streams any. */
static bool are_threads_missing(const struct order *o, const struct record *rec)
{
	const size_t least = offsetof(struct mmscope_end, threads);

	return rec->head.size > least && rec->end.threads != o->threads;
}

/* No kernel has that many regions. */
#define REGIONS_MAX	64

/* Whether a range of the kernel half does not wrap; it may end at 2^64. */
static bool is_kernel_range(uint64_t start, uint64_t size)
{
	return start >> 63 && size && size - 1 <= UINT64_MAX - start;
}

static const char *check_kernel(struct order *o, const struct mmscope_header *h,
				struct record *rec)
{
	const struct mmscope_kernel *kernel = &rec->kernel;

	(void)o;
	(void)h;
	if ((uint64_t)kernel->same + kernel->own > kernel->used)
		return "more entries are shared than in use";
	return NULL;
}

static const char *check_kernel_region(struct order *o,
				       const struct mmscope_header *h,
				       struct record *rec)
{
	const struct mmscope_kernel_region *region = &rec->kernel_region;

	(void)h;
	if (!is_kernel_range(region->start, region->size))
		return "range of a region";
	if (region->start < o->region_start)
		return "regions out of order";
	if (++o->regions > REGIONS_MAX)
		return "number of regions";
	o->region_start = region->start;
	return NULL;
}

/* A huge entry that replaced a table may begin before the end of the run before. */
static const char *check_kernel_run(struct order *o,
				    const struct mmscope_header *h,
				    struct record *rec)
{
	const struct mmscope_kernel_run *run = &rec->kernel_run;

	if (run->level < MMSCOPE_PTE || run->level >= MMSCOPE_LEVEL_SLOTS ||
	    !h->level_shift[run->level])
		return "level of a run of the kernel";
	if (!is_kernel_range(run->start, run->size) ||
	    (run->start | run->size) & ((1ULL << h->level_shift[run->level]) - 1))
		return "range of a run of the kernel";
	if (run->start <= o->kernel_start)
		return "runs of the kernel out of order";
	o->kernel_start = run->start;
	return NULL;
}

static const char *check_all_sums(struct order *o,
				  const struct mmscope_header *h,
				  struct record *rec)
{
	const struct mmscope_sums *sums = &rec->sums;
	uint64_t mapped = sums->pte + sums->pmd + sums->pud;

	(void)o;
	(void)h;
	if (sums->anon + sums->file + sums->shmem + sums->hugetlb != mapped ||
	    sums->exclusive + sums->shared != mapped)
		return "sums of residency";
	return NULL;
}

static const char *check_end(struct order *o, const struct mmscope_header *h,
			     struct record *rec)
{
	const struct mmscope_end *end = &rec->end;

	(void)h;
	if (end->vmas != o->vmas || end->runs != o->runs ||
	    end->entries != o->entries || are_threads_missing(o, rec))
		return "the counts of END differ from what was read";
	/* The first version of the record has no such count. */
	if (end->head.size > offsetof(struct mmscope_end, upper) &&
	    end->upper != o->uppers)
		return "the counts of END differ from what was read";
	return NULL;
}

/**
 * struct rule - where a type of record may be
 * @before: 1 << enum mmscope_rec: types that may not come before it; its own, if
 *	there is only one
 * @check: check the record itself; returns what is wrong
 */
static const struct rule {
	uint32_t before;
	const char *(*check)(struct order *o, const struct mmscope_header *h,
			     struct record *rec);
} rules[] = {
	[MMSCOPE_REC_TASK] = { UINT32_MAX, NULL },
	[MMSCOPE_REC_NAMES] = {
		REC(VMA) | REC(MM) | REC(WALK) | REC(THREAD), check_names,
	},
	[MMSCOPE_REC_MM] = { REC(MM) | REC(VMA) | REC(THREAD), NULL },
	[MMSCOPE_REC_VMA] = {
		REC(UPPER) | REC(RUNS) | REC(TABLES) | REC(TABLES_SUM) |
			REC(WALK) | REC(THREAD),
		check_vma,
	},
	[MMSCOPE_REC_RESIDENCY] = { 0, check_residency },
	[MMSCOPE_REC_UPPER] = {
		REC(RUNS) | REC(TABLES) | REC(TABLES_SUM) | REC(WALK) |
			REC(THREAD),
		check_upper,
	},
	[MMSCOPE_REC_RUNS] = {
		REC(TABLES) | REC(TABLES_SUM) | REC(WALK) | REC(THREAD),
		check_runs,
	},
	[MMSCOPE_REC_TABLES] = { REC(TABLES_SUM) | REC(THREAD), check_tables },
	[MMSCOPE_REC_TABLES_SUM] = {
		REC(TABLES_SUM) | REC(THREAD), check_tables_sum,
	},
	[MMSCOPE_REC_WALK] = { REC(WALK) | REC(THREAD), check_walk },
	[MMSCOPE_REC_THREAD] = { 0, check_thread },
	[MMSCOPE_REC_KERNEL] = { REC(KERNEL) | REC(KERNEL_RUN), check_kernel },
	[MMSCOPE_REC_KERNEL_REGION] = { REC(KERNEL_RUN), check_kernel_region },
	[MMSCOPE_REC_KERNEL_RUN] = { 0, check_kernel_run },
	[MMSCOPE_REC_SUMS] = { REC(SUMS) | REC(THREAD), check_all_sums },
	[MMSCOPE_REC_END] = { 0, check_end },
};

/**
 * order_check - check a record against those before it
 * @o: all zero before the first record
 * @h: header of the stream, checked
 * @rec: a record of a known type; sets its @last
 *
 * Return: NULL, or what is wrong, a part of a sentence
 */
const char *order_check(struct order *o, const struct mmscope_header *h,
			struct record *rec)
{
	uint32_t type = rec->head.type;
	const struct rule *rule = &rules[type];
	const char *why;

	if (type != MMSCOPE_REC_TASK && !(o->seen & REC(TASK)))
		return "the first record is not TASK";
	if (o->seen & rule->before)
		return "record out of order, or given twice";
	why = rule->check ? rule->check(o, h, rec) : NULL;
	o->seen |= 1u << type;
	o->last = type;
	return why;
}
