// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kcore.h"
#include "oracle/kpage.h"
#include "oracle/kwalk.h"
#include "oracle/pgtables.h"
#include "oracle/shot.h"
#include "stream/entries.h"
#include "stream/runs.h"

/**
 * struct counted - what has to be in the tables, by the runs
 * @leaves: entries by level that do not lead to a table
 * @deposited: huge entries for which the kernel keeps a table
 * @fill: as in struct mmscope_tables_sum, for PTE tables that are not empty
 */
struct counted {
	__u64 leaves[NR_LEVELS];
	__u64 deposited;
	__u32 fill[MMSCOPE_FILL_BUCKETS];
};

static size_t differ(const char *what, __u64 is, __u64 want)
{
	if (is == want)
		return 0;
	note("tables: %s: %llu, should be %llu", what, is, want);
	return 1;
}

static __u64 table_of(__u64 addr)
{
	return addr / (table_entries() * PAGE);
}

static void count_fill(struct counted *counted, unsigned int used)
{
	unsigned int bucket = 0;

	while (used >> bucket)
		bucket++;
	if (used)
		counted->fill[bucket]++;
}

/* Count the entries of runs by table. */
static void count_tables(struct counted *counted, const struct stream *s)
{
	__u64 page = PAGE, last = 0, i, k;
	unsigned int used = 0;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		if (run->level != MMSCOPE_PTE)
			continue;
		for (k = 0; k < run->nr; k++) {
			__u64 table = table_of(run->start + k * page);

			if (table != last) {
				count_fill(counted, used);
				used = 0;
			}
			last = table;
			used++;
		}
	}
	count_fill(counted, used);
}

/* The kernel deposits tables for anonymous huge pages and the huge zero page. */
static bool keeps_table(__u64 frame)
{
	__u64 flags = kpage_flags(frame);

	if (flags & KPF_ZERO_PAGE)
		return true;
	return flags & KPF_ANON && !(flags & KPF_HUGE);
}

/* The level above the PTEs: with folded levels that need not be the PMD. */
static unsigned int huge_level(const struct stream *s)
{
	unsigned int level = MMSCOPE_PMD;

	while (!s->header->level_shift[level])
		level++;
	return level;
}

static struct counted count(const struct stream *s)
{
	const unsigned int huge = huge_level(s);
	struct counted counted = { };
	__u64 i, k;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		counted.leaves[run->level] += run->nr;
		for (k = 0; run->level == huge && k < run->nr; k++) {
			__u64 addr = run->start + k * run_size(s, run);

			if (!kind_present(run->kind) ||
			    keeps_table(run_frame(s, run, addr)))
				counted.deposited++;
		}
	}
	count_tables(&counted, s);
	return counted;
}

static size_t compare_levels(const struct stream *s,
			     const struct counted *counted)
{
	const struct mmscope_tables_sum *sum = s->sum;
	unsigned int level, lower = MMSCOPE_PTE, i;
	size_t n = 0;

	n += differ("used entries of PTE level", sum->used[MMSCOPE_PTE],
		    counted->leaves[MMSCOPE_PTE]);
	for (level = MMSCOPE_PMD; level <= MMSCOPE_PGD; level++) {
		if (!s->header->level_shift[level])
			continue;
		n += differ("used entries of a level", sum->used[level],
			    sum->pages[lower] + counted->leaves[level]);
		lower = level;
	}
	n += differ("top tables", sum->pages[lower], 1);
	for (i = 1; i < MMSCOPE_FILL_BUCKETS; i++)
		n += differ("fill of tables of PTEs", sum->fill[MMSCOPE_PTE][i],
			    counted->fill[i]);
	return n;
}

/* The entries in use of a VMA are those of its runs. */
static size_t compare_vma(const struct stream *s, const struct proc_maps *maps,
			  const struct mmscope_tables *tables)
{
	const struct proc_vma *vma = proc_vma_at(maps, tables->start);
	__u64 used = 0;
	size_t i, n = 0;

	for (i = 0; i < s->nr_runs; i++)
		if (s->run[i].level == MMSCOPE_PTE &&
		    s->run[i].start >= vma->start && s->run[i].start < vma->end)
			used += s->run[i].nr;
	n += differ("start of a VMA", tables->start, vma->start);
	n += differ("end of a VMA", tables->end, vma->end);
	n += differ("used entries of a VMA", tables->used[MMSCOPE_PTE], used);
	return n;
}

static size_t compare_counts(const struct mmscope_tables *tables,
			     const struct proc_vma *vma,
			     const struct kwalk *count)
{
	unsigned int level;
	size_t n = 0;

	n += differ("start of a VMA with tables", tables->start, vma->start);
	for (level = 0; level < NR_LEVELS; level++) {
		n += differ("tables of a VMA", tables->pages[level],
			    count->pages[level]);
		n += differ("entries of a VMA", tables->used[level],
			    count->used[level]);
	}
	if (n)
		note("    of %llx-%llx %s", vma->start, vma->end, vma->name);
	return n;
}

static bool has_tables(const struct kwalk *count)
{
	unsigned int level;

	for (level = 0; level < NR_LEVELS; level++)
		if (count->pages[level])
			return true;
	return false;
}

static void add(struct kwalk *sum, const struct kwalk *count)
{
	unsigned int level;

	for (level = 0; level < NR_LEVELS; level++) {
		sum->pages[level] += count->pages[level];
		sum->used[level] += count->used[level];
	}
}

static size_t compare_sum(const struct stream *s, const struct kwalk *sum)
{
	unsigned int level;
	size_t n = 0;

	for (level = 0; level < NR_LEVELS; level++) {
		n += differ("tables of all", s->sum->pages[level],
			    sum->pages[level]);
		n += differ("entries of all", s->sum->used[level],
			    sum->used[level]);
	}
	return n;
}

/**
 * struct uppers - entries that lead to tables, compared one by one
 * @s: the stream
 * @at: number of the next one in it
 * @wrong: number of differences
 */
struct uppers {
	const struct stream *s;
	size_t at;
	size_t wrong;
};

static const char *wrong_upper(const struct uppers *uppers,
			       const struct kentry *entry)
{
	const struct stream *s = uppers->s;
	const struct upper *upper = &s->upper[uppers->at];

	if (uppers->at >= s->nr_upper)
		return "is missing";
	if (upper->start != entry->start || upper->level != entry->level)
		return "has another place";
	if (upper->raw != entry->raw)
		return "has another value";
	if (upper->frame * PAGE != entry_phys(s, entry->raw))
		return "leads to another table";
	if (!uppers->at && s->top != entry->table)
		return "is in another top table";
	return NULL;
}

static void compare_upper(void *arg, const struct kentry *entry)
{
	struct uppers *uppers = arg;
	const char *what = wrong_upper(uppers, entry);

	if (what) {
		note("upper: entry %zu, %llx of level %u, %llx: %s", uppers->at,
		     entry->start, entry->level, entry->raw, what);
		uppers->wrong++;
	}
	uppers->at++;
}

/* Which VMA needs a table first: by a second walk, through /proc/kcore. */
static size_t compare_walk(pid_t pid, const struct stream *s,
			   const struct proc_maps *maps)
{
	struct uppers uppers = { .s = s };
	struct kwalk *count = kwalk(pid, maps, compare_upper, &uppers);
	struct kwalk sum = { };
	size_t i, k = 0, n = 0;

	for (i = 0; i < maps->nr; i++) {
		add(&sum, &count[i]);
		if (!has_tables(&count[i]))
			continue;
		if (k < s->nr_tables)
			n += compare_counts(s->tables[k], &maps->vma[i],
					    &count[i]);
		k++;
	}
	n += differ("VMAs with tables", s->nr_tables, k);
	n += differ("entries that lead to tables", s->nr_upper, uppers.at);
	n += uppers.wrong;
	n += compare_sum(s, &sum);
	free(count);
	return n;
}

static bool kernel_counts(unsigned int level)
{
	return level <= MMSCOPE_PUD;
}

static size_t compare_kernel(pid_t pid, const struct stream *s,
			     const struct counted *counted)
{
	const struct mmscope_tables_sum *sum = s->sum;
	__u64 pages = sum->deposited;
	unsigned int level;
	size_t n = 0;

	for (level = MMSCOPE_PTE; kernel_counts(level); level++)
		pages += sum->pages[level];
	n += differ("kB of tables", pages * sum->table_bytes / KIB,
		    proc_status(pid, "VmPTE"));
	n += differ("pgtables_bytes", sum->pgtables_bytes,
		    pages * sum->table_bytes);
	n += differ("deposited", sum->deposited, counted->deposited);
	return n;
}

size_t pgtables_compare(pid_t pid)
{
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES |
			 MMSCOPE_PART_UPPER,
	};
	struct shot shot;
	struct stream *s = shot_with_stream(query, &shot);
	struct counted counted = count(s);
	size_t i, n = compare_levels(s, &counted);

	n += compare_kernel(pid, s, &counted);
	for (i = 0; i < s->nr_tables; i++)
		n += compare_vma(s, shot.maps, s->tables[i]);
	n += compare_walk(pid, s, shot.maps);
	shot_free(&shot);
	stream_free(s);
	return n;
}
