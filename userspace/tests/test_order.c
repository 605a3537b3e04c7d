// SPDX-License-Identifier: GPL-2.0-only
/* What the format promises of its records together: order, number and sums. */
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "stream.h"
#include "tap.h"

static const struct vma low = { .start = PAGE, .end = 3 * PAGE,
				.perms = "rw-p" };
static const struct vma middle = { .start = 2 * PAGE, .end = 4 * PAGE,
				   .perms = "rw-p" };
static const struct vma high = { .start = 8 * PAGE, .end = 9 * PAGE,
				 .perms = "rw-p" };

static const struct run run = {
	.start = PAGE, .frame = 7, .nr = 1, .level = MMSCOPE_PTE,
	.kind = MMSCOPE_PRESENT, .raw_shift = 12,
};

/* Append one record, by its letter. Return: its offset. */
static size_t put(struct build *b, char what)
{
	static const struct mmscope_residency nothing;
	static const struct mmscope_walk walk = { .addr = PAGE, .stop = 2 };
	static const struct mmscope_tables_sum sum = { .table_bytes = PAGE };
	struct mmscope_tables tables = { .start = PAGE, .end = 3 * PAGE };
	struct mmscope_mm mm = { .task_size = 1 << 30 };
	struct run second = run;
	size_t at = b->len;

	switch (what) {
	case 'T':
		build_task(b, 7, "init", 0);
		return at;
	case 'N':
		build_names(b, MMSCOPE_NAMES_VMA_FLAGS, NULL, 0);
		return at;
	case 'n':
		build_names(b, MMSCOPE_NAMES_MM_FLAGS, NULL, 0);
		return at;
	case 'u':
		build_names(b, 77, NULL, 0);
		return at;
	case 'M':
		build_mm(b, &mm, "", "");
		return at;
	case 'V':
		return build_vma(b, &low);
	case 'w':
		return build_vma(b, &middle);
	case 'v':
		return build_vma(b, &high);
	case 'R':
		return build_residency(b, &low, &nothing);
	case 'r':
		return build_residency(b, &high, &nothing);
	case 'P':
		return build_runs(b, &run, 1);
	case 'p':
		second.start = 8 * PAGE;
		return build_runs(b, &second, 1);
	case 'B':
		return build_tables(b, &tables);
	case 'c':
		tables.start = 2 * PAGE;
		tables.end = 4 * PAGE;
		return build_tables(b, &tables);
	case 'b':
		tables.start = 3 * PAGE;
		tables.end = 4 * PAGE;
		return build_tables(b, &tables);
	case 'S':
		return build_tables_sum(b, &sum);
	case 'W':
		return build_walk(b, &walk, NULL);
	case 'H':
		return build_thread(b, &(struct mmscope_thread){ .tid = 7 });
	case 'h':
		return build_thread(b, &(struct mmscope_thread){ .tid = 8 });
	case '0':
		return build_thread(b, &(struct mmscope_thread){ .tid = 0 });
	case '?':
		return build_record(b, 999, "unknown", 8);
	default:
		return build_end(b, 0, 0);
	}
}

/* Read to the end. Return: what is wrong, NULL if nothing is. */
static const char *read_all(const struct build *b, uint64_t *bad_at,
			    uint64_t *overlaps)
{
	struct stream s = { 0 };
	struct record rec;
	int fd = build_fd(b);

	if (stream_open(&s, fd))
		while (stream_next(&s, &rec))
			;
	stream_close(&s);
	close(fd);
	*bad_at = s.error == STREAM_CORRUPT ? s.bad_at : 0;
	if (overlaps)
		*overlaps = s.order.overlaps;
	if (s.error == STREAM_CUT)
		return "cut off";
	return s.error == STREAM_CORRUPT ? s.why : NULL;
}

/* Damage was found at this record, or nowhere if it is fine. */
static bool is_as_expected(uint64_t bad_at, uint64_t at, bool fine)
{
	return fine ? !bad_at : bad_at == at;
}

/* The records of a stream, one letter each; '!' is before the one to refuse. */
static void test_sequences(void)
{
	static const char *const cases[] = {
		"TNnMVRvrPpBbSWE", "TE", "TWE", "TNVWE", "T?N?M?V?P?E", "TuuE",
		"TVvE", "TVRvE", "TPpE", "TBSE", "TSE",
		/* TASK: first, once */
		"!E", "!VTE", "!NTE", "T!TE", "TV!TE",
		/* NAMES: before VMA, MM and WALK, one for each */
		"TN!NE", "TM!NE", "TV!NE", "TW!NE",
		/* MM: once, before VMA */
		"TM!ME", "TV!ME",
		/* VMA: ascending, no overlaps; RESIDENCY: right after its VMA */
		"Tv!VE", "TV!VE", "TV!wE", "TP!VE", "TB!VE", "TS!VE",
		"T!RE", "TV!rE", "TVR!RE", "TVv!RE", "TVP!RE", "TVR?E",
		/* RUNS: after VMA, ascending */
		"TP!PE", "Tp!PE", "TB!PE", "TS!PE", "TW!PE",
		/* TABLES: ascending, no overlaps; the sum after them, once */
		"TB!BE", "Tb!BE", "TB!cE", "TS!BE", "TS!SE",
		"TW!WE", "TW!VE", "TE!E",
		/* THREAD: after all others, ascending */
		"TNMVRPBSWHhE", "THE", "THhE", "TH!HE", "Th!HE", "T!0E",
		"TH!NE", "TH!ME", "TH!VE", "TH!PE", "TH!BE", "TH!SE", "TH!WE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct build b = { 0 };
		uint64_t bad_at, want = 0;
		const char *why;
		bool right;

		build_header(&b, 4, 0, 0);
		for (const char *c = cases[i]; *c; c++) {
			if (*c == '!')
				want = put(&b, *++c);
			else
				put(&b, *c);
		}
		why = read_all(&b, &bad_at, NULL);
		right = bad_at == want && !why == !want;
		if (!why)
			why = "accepted";
		tap_ok(right, "%s: %s", cases[i], why);
		build_free(&b);
	}
}

/* A huge entry replaced a table: it may begin before the end of the last run. */
static void test_overlaps(void)
{
	static const struct {
		const char *what;
		struct run first, second;
		bool fine;
	} cases[] = {
		{ "a PMD over PTEs",
		  { .start = PAGE, .nr = 2, .level = MMSCOPE_PTE },
		  { .start = 0, .nr = 4, .level = MMSCOPE_PMD }, true },
		{ "a PMD that ends before them",
		  { .start = 512 * PAGE, .nr = 2, .level = MMSCOPE_PTE },
		  { .start = 0, .nr = 1, .level = MMSCOPE_PMD }, false },
		{ "two PMDs over PTEs",
		  { .start = 512 * PAGE, .nr = 2, .level = MMSCOPE_PTE },
		  { .start = 0, .nr = 2, .level = MMSCOPE_PMD }, false },
		{ "PTEs over PTEs",
		  { .start = 0, .nr = 4, .level = MMSCOPE_PTE },
		  { .start = 2 * PAGE, .nr = 4, .level = MMSCOPE_PTE }, false },
		{ "PTEs over a PMD",
		  { .start = 0, .nr = 1, .level = MMSCOPE_PMD },
		  { .start = 511 * PAGE, .nr = 4, .level = MMSCOPE_PTE },
		  false },
		{ "a PUD over PMDs",
		  { .start = 0, .nr = 1, .level = MMSCOPE_PMD },
		  { .start = 0, .nr = 1, .level = MMSCOPE_PUD }, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct build b = { 0 };
		uint64_t bad_at, overlaps;
		const char *why;
		size_t at;

		build_header(&b, 4, 0, 0);
		put(&b, 'T');
		build_runs(&b, &cases[i].first, 1);
		at = build_runs(&b, &cases[i].second, 1);
		put(&b, 'E');
		why = read_all(&b, &bad_at, &overlaps);
		tap_ok(is_as_expected(bad_at, at, cases[i].fine) &&
		       (!cases[i].fine || (!why && overlaps == 1)),
		       "overlap: %s", cases[i].what);
		build_free(&b);
	}
}

/* Counts of a VMA of eight pages. */
static void test_residency(void)
{
	static const struct vma vma = { .start = 0, .end = 8 * PAGE,
					.perms = "rw-p" };
	static const struct {
		const char *what;
		struct mmscope_residency res;
		bool fine;
	} cases[] = {
		{ "all zero", { .never = 0 }, false },
		{ "nothing", { .never = 8 }, true },
		{ "one of each, and pages never used",
		  { .pte = 3, .anon = 1, .file = 1, .shmem = 1, .exclusive = 2,
		    .shared = 1, .zero = 1, .special = 1, .swapped = 1,
		    .other = 1, .never = 1, .dirty = 3, .accessed = 3,
		    .cont = 3, .pss_bytes = 3 * PAGE }, true },
		{ "a page too few", { .never = 7 }, false },
		{ "a page too many", { .never = 8, .zero = 1 }, false },
		{ "more than the VMA", { .never = 9 }, false },
		{ "a sum that wraps", { .never = 9, .zero = -1ULL }, false },
		{ "mapped, but of no kind",
		  { .pte = 1, .never = 7, .exclusive = 1 }, false },
		{ "of two kinds",
		  { .pte = 1, .never = 7, .exclusive = 1, .anon = 1,
		    .file = 1 }, false },
		{ "neither shared nor exclusive",
		  { .pte = 1, .never = 7, .anon = 1 }, false },
		{ "shared and exclusive",
		  { .pte = 1, .never = 7, .anon = 1, .shared = 1,
		    .exclusive = 1 }, false },
		{ "dirty, but not mapped", { .never = 8, .dirty = 1 }, false },
		{ "accessed, but not mapped", { .never = 8, .accessed = 1 },
		  false },
		{ "contiguous, but not mapped", { .never = 8, .cont = 1 },
		  false },
		{ "PSS above RSS",
		  { .pte = 1, .never = 7, .anon = 1, .shared = 1,
		    .pss_bytes = PAGE + 1 }, false },
		{ "PSS of hugetlb",
		  { .pmd = 1, .never = 7, .hugetlb = 1, .shared = 1,
		    .pss_bytes = 1 }, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mmscope_residency res = cases[i].res;
		struct build b = { 0 };
		uint64_t bad_at;
		size_t at;

		build_header(&b, 4, 0, 0);
		put(&b, 'T');
		build_vma(&b, &vma);
		res.start = vma.start;
		res.end = vma.end;
		at = build_record(&b, MMSCOPE_REC_RESIDENCY, &res.start,
				  sizeof(res) - 8);
		put(&b, 'E');
		read_all(&b, &bad_at, NULL);
		tap_ok(is_as_expected(bad_at, at, cases[i].fine), "residency: %s",
		       cases[i].what);
		build_free(&b);
	}
}

static void expect_sum(const char *what, const struct mmscope_tables_sum *sum,
		       bool fine)
{
	struct build b = { 0 };
	uint64_t bad_at;
	size_t at;

	build_header(&b, 4, 0, 0);
	put(&b, 'T');
	at = build_tables_sum(&b, sum);
	put(&b, 'E');
	read_all(&b, &bad_at, NULL);
	tap_ok(is_as_expected(bad_at, at, fine), "tables: %s", what);
	build_free(&b);
}

static void test_tables_sum(void)
{
	static const uint64_t sizes[] = { 0, 4, 100, 1ULL << 40, 1ULL << 63 };
	struct mmscope_tables_sum sum = { .table_bytes = PAGE };

	sum.pages[MMSCOPE_PTE] = 2;
	sum.used[MMSCOPE_PTE] = 1024;
	expect_sum("two full ones", &sum, true);
	sum.used[MMSCOPE_PTE] = 1025;
	expect_sum("more entries than fit", &sum, false);
	sum.used[MMSCOPE_PTE] = 0;
	sum.pages[MMSCOPE_PTE] = 1ULL << 52;
	expect_sum("bytes that wrap", &sum, false);
	sum.pages[MMSCOPE_PTE] = 0;
	sum.deposited = 1ULL << 52;
	expect_sum("deposited bytes that wrap", &sum, false);
	sum.deposited = 0;
	sum.pgtables_bytes = -1ULL;
	expect_sum("more bytes than memory can be", &sum, false);
	sum.pgtables_bytes = 0;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		sum.table_bytes = sizes[i];
		expect_sum("their size", &sum, false);
	}
}

static void test_tables(void)
{
	struct mmscope_tables tables = { .start = PAGE, .end = PAGE };
	struct build b = { 0 };
	uint64_t bad_at;
	size_t at = 0;

	build_header(&b, 4, 0, 0);
	put(&b, 'T');
	at = build_tables(&b, &tables);
	put(&b, 'E');
	read_all(&b, &bad_at, NULL);
	tap_ok(bad_at == at, "tables: an empty range");
	build_free(&b);
	build_header(&b, 4, 0, 0);
	put(&b, 'T');
	for (uint64_t i = 0; i < 20; i++) {
		tables.start = i * PAGE;
		tables.end = tables.start + PAGE;
		for (size_t level = 0; level < MMSCOPE_LEVEL_SLOTS; level++)
			tables.pages[level] = UINT32_MAX;
		build_tables(&b, &tables);
	}
	put(&b, 'E');
	tap_ok(read_all(&b, &bad_at, NULL), "tables: totals that wrap");
	build_free(&b);
}

/* With four levels, the user half has 2^47 bytes. */
static void test_user_half(void)
{
	static const struct {
		uint64_t start, end;
		bool fine;
	} cases[] = {
		{ (1ULL << 47) - PAGE, 1ULL << 47, true },
		{ (1ULL << 47) - PAGE, (1ULL << 47) + PAGE, false },
		{ 1ULL << 63, -PAGE, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vma vma = { .start = cases[i].start,
				   .end = cases[i].end, .perms = "rw-p" };
		struct build b = { 0 };
		uint64_t bad_at;
		size_t at;

		build_header(&b, 4, 0, 0);
		put(&b, 'T');
		at = build_vma(&b, &vma);
		put(&b, 'E');
		read_all(&b, &bad_at, NULL);
		tap_ok(is_as_expected(bad_at, at, cases[i].fine),
		       "user half: VMA up to %llx",
		       (unsigned long long)cases[i].end);
		build_free(&b);
	}
}

/* Levels go down from step to step. */
static void test_walk(void)
{
	static const struct {
		uint8_t nr, levels[4];
		bool fine;
	} cases[] = {
		{ 0, { 0 }, true },
		{ 4, { MMSCOPE_PGD, MMSCOPE_PUD, MMSCOPE_PMD, MMSCOPE_PTE },
		  true },
		{ 2, { 7, 1 }, true },
		{ 1, { 0 }, false },
		{ 1, { 8 }, false },
		{ 2, { MMSCOPE_PTE, MMSCOPE_PMD }, false },
		{ 2, { MMSCOPE_PMD, MMSCOPE_PMD }, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mmscope_walk walk = { .nr = cases[i].nr };
		struct mmscope_step steps[4] = { 0 };
		struct build b = { 0 };
		uint64_t bad_at;
		size_t at;

		for (size_t n = 0; n < 4; n++)
			steps[n].level = cases[i].levels[n];
		build_header(&b, 4, 0, 0);
		put(&b, 'T');
		at = build_walk(&b, &walk, steps);
		put(&b, 'E');
		read_all(&b, &bad_at, NULL);
		tap_ok(is_as_expected(bad_at, at, cases[i].fine), "walk %zu", i);
		build_free(&b);
	}
}

static void test_names(void)
{
	struct {
		struct mmscope_names rec;
		struct mmscope_name name[257];
	} many = {
		.rec = { .of = MMSCOPE_NAMES_VMA_FLAGS, .nr = 257,
			 .fixed = sizeof(many.rec),
			 .name_size = sizeof(many.name[0]) },
	};
	struct build b = { 0 };
	uint64_t bad_at;
	size_t at;

	build_header(&b, 4, 0, 0);
	put(&b, 'T');
	at = build_record(&b, MMSCOPE_REC_NAMES, &many.rec.of,
			  sizeof(many) - 8);
	put(&b, 'E');
	read_all(&b, &bad_at, NULL);
	tap_ok(bad_at == at, "more names than values");
	build_free(&b);
}

int main(void)
{
	test_sequences();
	test_overlaps();
	test_residency();
	test_tables_sum();
	test_tables();
	test_user_half();
	test_walk();
	test_names();
	return tap_done();
}
