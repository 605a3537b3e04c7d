// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters of a query: the answer has to be what this program picks from the answer
 * to a query without filters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "oracle/kpage.h"
#include "oracle/shot.h"
#include "stream/read.h"
#include "stream/runs.h"

#define MAX_NOTES	10

/* Picking runs */

static bool fits(const struct mmscope_query *query, const struct run *run)
{
	if (query->kinds && !(query->kinds >> run->kind & 1))
		return false;
	if (query->levels && !(query->levels >> run->level & 1))
		return false;
	if ((run->attrs & query->attrs_set) != query->attrs_set ||
	    run->attrs & query->attrs_clear)
		return false;
	/* Where nothing is known of a page, no fact is known to be absent. */
	if (query->page_clear && !(run->page & MMSCOPE_PAGE_KNOWN))
		return false;
	return (run->page & query->page_set) == query->page_set &&
	       !(run->page & query->page_clear);
}

static bool entry_fits(const struct stream *s, const struct mmscope_query *query,
		       const struct run *run, __u64 addr)
{
	__u64 pages = run_size(s, run) >> s->header->page_shift;
	__u64 frame = run_frame(s, run, addr);

	return frame < query->frame_end && frame + pages > query->frame_start;
}

/* Cut off entries outside of the range of frames. Returns whether any is left. */
static bool clip(const struct stream *s, const struct mmscope_query *query,
		 struct run *run)
{
	struct run whole = *run;
	__u64 size = run_size(s, run);

	if (!query->frame_end)
		return true;
	if (!kind_has_frame(run->kind))
		return false;
	while (run->nr && !entry_fits(s, query, &whole, run->start)) {
		run->start += size;
		run->nr--;
	}
	while (run->nr && !entry_fits(s, query, &whole, run_end(s, run) - size))
		run->nr--;
	run->frame = run_frame(s, &whole, run->start);
	run->raw = run_raw(s, &whole, run->start);
	return run->nr;
}

static void note_run(const char *whose, const struct run *run)
{
	note("%s: %llx +%llu level %u kind %u frame %llx raw %llx attrs %x page %llx",
	     whose, run->start, run->nr, run->level, run->kind, run->frame,
	     run->raw, run->attrs, run->page);
}

/* Return: the number of runs that differ. */
static size_t compare(const struct stream *all, const struct stream *s,
		      const struct mmscope_query *query)
{
	size_t i, k = 0, differ = 0;

	for (i = 0; i < all->nr_runs; i++) {
		struct run run = all->run[i];

		if (!fits(query, &run) || !clip(all, query, &run))
			continue;
		if (k < s->nr_runs && !memcmp(&run, &s->run[k], sizeof(run))) {
			k++;
			continue;
		}
		if (differ++ < MAX_NOTES) {
			note_run("picked", &run);
			if (k < s->nr_runs)
				note_run("stream", &s->run[k]);
		}
		k++;
	}
	if (k != s->nr_runs) {
		note("%zu runs are picked, the stream has %zu", k, s->nr_runs);
		differ++;
	}
	return differ;
}

/* Queries with and without filters of a target that keeps still */

#define MAX_QUERIES	32

/**
 * struct queries - to be compared with one answer to a query without filters
 * @pid: of the target
 * @flags: of all queries
 * @start: of the range of all queries
 * @end: exclusive; 0: no bound
 * @nr: how many have not been compared yet
 * @query: these
 * @wrong: number of runs that differed
 */
struct queries {
	pid_t pid;
	__u32 flags;
	__u64 start;
	__u64 end;
	size_t nr;
	struct mmscope_query query[MAX_QUERIES];
	size_t wrong;
};

static bool same_runs(const struct stream *a, const struct stream *b)
{
	return a->nr_runs == b->nr_runs &&
	       !memcmp(a->run, b->run, a->nr_runs * sizeof(*a->run));
}

/* Only the filters are the query's own. */
static struct mmscope_query with_target(const struct queries *queries,
					struct mmscope_query query)
{
	query.pid = queries->pid;
	query.parts = MMSCOPE_PART_PAGETABLE;
	query.flags = queries->flags;
	query.start = queries->start;
	query.end = queries->end;
	return query;
}

static struct stream *ask_all(const struct queries *queries)
{
	return stream_of(with_target(queries, (struct mmscope_query){ }));
}

static size_t wrong_filter(const struct stream *all, const struct stream *s,
			   const struct mmscope_query *query)
{
	size_t differ = compare(all, s, query);

	if (differ)
		note("kinds %x levels %x attrs %x/%x page %llx/%llx frames %llx-%llx",
		     query->kinds, query->levels, query->attrs_set,
		     query->attrs_clear, query->page_set, query->page_clear,
		     query->frame_start, query->frame_end);
	return differ;
}

/* Compare the answers if the target kept still. Return: whether it did. */
static bool try_queries(struct queries *queries)
{
	struct stream *before = ask_all(queries);
	struct stream *s[MAX_QUERIES], *after;
	size_t i;
	bool still;

	for (i = 0; i < queries->nr; i++)
		s[i] = stream_of(queries->query[i]);
	after = ask_all(queries);
	still = same_runs(before, after);
	for (i = 0; i < queries->nr; i++) {
		if (still)
			queries->wrong += wrong_filter(before, s[i],
						       &queries->query[i]);
		stream_free(s[i]);
	}
	stream_free(before);
	stream_free(after);
	return still;
}

/* If flags of pages change by themselves, the comparison starts again. */
static size_t wrong_queries(struct queries *queries)
{
	int attempt;

	for (attempt = 0; queries->nr && attempt < MAX_ATTEMPTS; attempt++)
		if (try_queries(queries))
			queries->nr = 0;
	if (queries->nr)
		die("the pages of %d never keep still", queries->pid);
	return queries->wrong;
}

static void ask(struct queries *queries, struct mmscope_query query)
{
	queries->query[queries->nr++] = with_target(queries, query);
	if (queries->nr == MAX_QUERIES)
		wrong_queries(queries);
}

/* The queries */

static size_t wrong_by_kind(pid_t pid)
{
	struct queries queries = { .pid = pid };
	struct mmscope_query query = { };
	unsigned int kind;

	for (kind = MMSCOPE_PRESENT; kind < KINDS_END; kind++) {
		query.kinds = 1u << kind;
		ask(&queries, query);
		query.kinds |= 1u << MMSCOPE_ZERO | 1u << MMSCOPE_SWAP;
		ask(&queries, query);
	}
	return wrong_queries(&queries);
}

static size_t wrong_by_level(pid_t pid)
{
	struct queries queries = { .pid = pid };
	struct mmscope_query query = { };
	unsigned int level;

	for (level = MMSCOPE_PTE; level < LEVELS_END; level++) {
		query.levels = 1u << level;
		ask(&queries, query);
		query.levels |= 1u << MMSCOPE_PTE;
		ask(&queries, query);
		query.kinds = 1u << MMSCOPE_PRESENT;
		ask(&queries, query);
	}
	return wrong_queries(&queries);
}

static size_t wrong_by_attributes(pid_t pid)
{
	struct queries queries = { .pid = pid };
	unsigned int attr;

	for (attr = MMSCOPE_ATTR_READ; attr < ATTRS_ALL; attr <<= 1) {
		struct mmscope_query query = { };

		query.attrs_set = attr;
		ask(&queries, query);
		query.attrs_set |= MMSCOPE_ATTR_WRITE;
		ask(&queries, query);
		query.attrs_set = 0;
		query.attrs_clear = attr;
		ask(&queries, query);
		query.attrs_clear = attr | MMSCOPE_ATTR_EXEC;
		query.attrs_set = MMSCOPE_ATTR_USER & ~query.attrs_clear;
		ask(&queries, query);
	}
	return wrong_queries(&queries);
}

static size_t wrong_by_page(pid_t pid)
{
	static const __u64 bit[] = {
		KPF_REFERENCED, KPF_UPTODATE, KPF_DIRTY, KPF_LRU, KPF_ACTIVE,
		KPF_MMAP, KPF_ANON, KPF_SWAPBACKED, KPF_HUGE, KPF_UNEVICTABLE,
		KPF_KSM, KPF_THP, KPF_ZERO_PAGE, KPF_MLOCKED, MMSCOPE_PAGE_SHARED,
		MMSCOPE_PAGE_EXCLUSIVE, MMSCOPE_PAGE_KNOWN,
	};
	struct queries queries = { .pid = pid, .flags = MMSCOPE_QUERY_FACTS };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bit); i++) {
		struct mmscope_query query = { .page_set = bit[i] };

		ask(&queries, query);
		query.page_set |= MMSCOPE_PAGE_KNOWN;
		query.page_clear = KPF_ANON & ~query.page_set;
		ask(&queries, query);
		query.page_set = 0;
		query.page_clear = bit[i];
		ask(&queries, query);
	}
	return wrong_queries(&queries);
}

/* Ranges of frames around the bounds of a run, and within its entries. */
static void ask_frames(struct queries *queries, const struct stream *all,
		       const struct run *run)
{
	__u64 first = run->frame, end, middle;
	size_t i;

	end = run_frame(all, run, run_end(all, run) - PAGE) + 1;
	middle = first + (end - first) / 2;
	{
		const __u64 range[][2] = {
			{ first, first + 1 }, { end - 1, end },
			{ end, end + 1 }, { middle, middle + 1 },
			{ middle - 1, middle + 600 }, { first + 1, end },
			{ first, end }, { first - 1, first },
			{ middle, ~0ULL },
		};

		for (i = 0; i < ARRAY_SIZE(range); i++) {
			const struct mmscope_query query = {
				.frame_start = range[i][0],
				.frame_end = range[i][1],
			};

			if (query.frame_start < query.frame_end)
				ask(queries, query);
		}
	}
}

static size_t wrong_by_frame(pid_t pid)
{
	const struct mmscope_query with_memory = {
		.kinds = 1u << MMSCOPE_PRESENT,
		.frame_end = ~0ULL,
	};
	struct queries queries = { .pid = pid };
	struct stream *all = ask_all(&queries);
	size_t i, step;

	/* Some runs, and always the last one; all huge ones. */
	step = all->nr_runs / 20 + 1;
	for (i = all->nr_runs % step; i < all->nr_runs; i += step)
		ask_frames(&queries, all, &all->run[i]);
	for (i = 0; i < all->nr_runs && queries.wrong < MAX_NOTES; i++)
		if (all->run[i].level != MMSCOPE_PTE)
			ask_frames(&queries, all, &all->run[i]);
	ask(&queries, with_memory);
	stream_free(all);
	return wrong_queries(&queries);
}

static struct mmscope_query all_filters(void)
{
	return (struct mmscope_query){
		.kinds = 1u << MMSCOPE_PRESENT | 1u << MMSCOPE_PROTNONE,
		.levels = 1u << MMSCOPE_PTE | 1u << kernel_huge_level(),
		.attrs_set = MMSCOPE_ATTR_DIRTY,
		.attrs_clear = MMSCOPE_ATTR_EXEC,
		.page_set = MMSCOPE_PAGE_KNOWN,
		.page_clear = MMSCOPE_PAGE_SHARED,
		.frame_end = ~0ULL,
	};
}

static size_t wrong_by_all_at_once(pid_t pid, __u64 start, __u64 end)
{
	struct queries queries = {
		.pid = pid,
		.flags = MMSCOPE_QUERY_FACTS,
		.start = start,
		.end = end,
	};

	ask(&queries, all_filters());
	return wrong_queries(&queries);
}

/*
 * The target gets its memory into a shape, and sleeps. Query it with each filter,
 * alone and combined.
 */
TEST_F(shape, is_filtered_right)
{
	__u64 start = (unsigned long)self->shape->start;
	pid_t pid = self->target.pid;

	NEED_SHAPE();
	EXPECT_EQ(0, wrong_by_kind(pid));
	EXPECT_EQ(0, wrong_by_level(pid));
	EXPECT_EQ(0, wrong_by_attributes(pid));
	EXPECT_EQ(0, wrong_by_page(pid));
	EXPECT_EQ(0, wrong_by_frame(pid));
	EXPECT_EQ(0, wrong_by_all_at_once(pid, 0, 0));
	EXPECT_EQ(0, wrong_by_all_at_once(pid, start,
					  start + self->shape->size));
}

/* Finding a frame */

#define SHARED_PAGES	16

struct share {
	int fd;
	char *start[3];
	int nr;
};

static void map_shared(void *arg, int step)
{
	struct share *share = arg;
	int me = share->nr++;

	/* Each of them has the memory at another address. */
	target_map(NULL, (1 + 3 * me) * PAGE, PROT_NONE, MAP_PRIVATE, -1);
	share->start[me] = target_map(NULL, SHARED_PAGES * PAGE,
				      PROT_READ | PROT_WRITE, MAP_SHARED,
				      share->fd);
	target_touch(share->start[me], SHARED_PAGES * PAGE);
}

/*
 * Three targets map the same memfd at different addresses. A filter for one frame
 * finds its page in each of them.
 */
TEST(a_frame_is_found_in_all_targets_that_map_it)
{
	struct share *share = target_share(sizeof(*share));
	struct target target[3];
	size_t i, page;

	module_need();
	kernel_stand_still();
	share->fd = memfd_create("shared", 0);
	ASSERT_EQ(0, ftruncate(share->fd, SHARED_PAGES * PAGE));
	for (i = 0; i < 3; i++)
		target_start(&target[i], map_shared, share);
	for (page = 0; page < SHARED_PAGES; page += 5) {
		__u64 first = (unsigned long)share->start[0] + page * PAGE;
		__u64 frame = PM_FRAME(proc_page(target[0].pid, first));

		for (i = 0; i < 3; i++) {
			struct stream *s = stream_of((struct mmscope_query){
				.pid = target[i].pid,
				.parts = MMSCOPE_PART_PAGETABLE,
				.frame_start = frame,
				.frame_end = frame + 1,
			});

			ASSERT_EQ(1, s->nr_runs);
			EXPECT_EQ(1, s->run[0].nr);
			EXPECT_EQ(frame, s->run[0].frame);
			EXPECT_EQ((unsigned long)share->start[i] + page * PAGE,
				  s->run[0].start);
			stream_free(s);
		}
	}
	for (i = 0; i < 3; i++)
		target_stop(&target[i]);
}

TEST_HARNESS_MAIN
