// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames in common: the sweep over runs, compared with a model that looks at each
 * page by itself.
 */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "share.h"
#include "tap.h"

#define PROCESSES	5
#define ROWS		3
#define FRAMES		96
#define PAGES		64
#define RUNS_MAX	(PROCESSES * PAGES)

/* The model: one page after the other. */
struct model {
	const struct share_run *page[PROCESSES][PAGES];
	uint64_t frames[PROCESSES], exclusive[PROCESSES], repeated[PROCESSES];
	uint64_t common[PROCESSES][PROCESSES], parted[PROCESSES][PROCESSES];
	uint64_t spread[ROWS][PROCESSES + 1];
	bool related[PROCESSES][PROCESSES];
	bool seen[ROWS][PROCESSES];
	struct share_sum row[ROWS];
};

/* The page with the lowest address that maps a frame, or NULL; and their number. */
static const struct share_run *mapper(const struct model *m, uint32_t p,
				      uint64_t frame, uint64_t *times)
{
	const struct share_run *first = NULL;

	*times = 0;
	for (uint64_t at = 0; at < PAGES; at++) {
		const struct share_run *run = m->page[p][at];

		if (!run || run->frame + at - run->start != frame)
			continue;
		if (!first)
			first = run;
		++*times;
	}
	return first;
}

static void model_frame(struct model *m, uint64_t frame)
{
	const struct share_run *run[PROCESSES], *first = NULL;
	uint64_t times[PROCESSES], nr = 0;
	struct share_sum *row;
	unsigned int flags = 0;

	for (uint32_t p = 0; p < PROCESSES; p++) {
		run[p] = mapper(m, p, frame, &times[p]);
		if (!run[p])
			continue;
		nr++;
		flags |= run[p]->flags;
		if (!first)
			first = run[p];
	}
	if (!first)
		return;
	row = &m->row[first->row];
	row->frames++;
	row->mapped += nr;
	m->spread[first->row][nr]++;
	if (nr == 1)
		row->exclusive++;
	else if (flags & SHARE_WRITE)
		row->writable++;
	else
		row->readonly++;
	if (nr > 1 && !(flags & SHARE_WRITE) && flags & SHARE_ANON)
		row->cow++;
	for (uint32_t p = 0; p < PROCESSES; p++) {
		if (!run[p])
			continue;
		m->seen[first->row][p] = true;
		m->frames[p]++;
		m->exclusive[p] += nr == 1;
		m->repeated[p] += times[p] - 1;
		row->repeated += times[p] - 1;
		for (uint32_t q = 0; q < PROCESSES; q++)
			m->common[p][q] += run[q] && q != p;
	}
}

static const struct share_run *private_page(const struct model *m, uint32_t p,
					    uint64_t at)
{
	const struct share_run *run = m->page[p][at];

	return run && run->flags & SHARE_PRIVATE ? run : NULL;
}

static bool same_frame(const struct share_run *a, const struct share_run *b)
{
	return a->frame - a->start == b->frame - b->start;
}

static void model_relatives(struct model *m)
{
	for (uint32_t p = 0; p < PROCESSES; p++) {
		for (uint32_t q = 0; q < PROCESSES; q++) {
			for (uint64_t at = 0; at < PAGES; at++) {
				const struct share_run *a, *b;

				a = private_page(m, p, at);
				b = private_page(m, q, at);
				m->related[p][q] |=
					a && b && a->object == b->object &&
					a->flags & b->flags & SHARE_ANON &&
					same_frame(a, b);
			}
		}
	}
	for (uint32_t i = 0; i < PROCESSES; i++)
		for (uint32_t p = 0; p < PROCESSES; p++)
			for (uint32_t q = 0; q < PROCESSES; q++)
				m->related[p][q] |= m->related[p][i] &&
						    m->related[i][q];
}

static void model_page(struct model *m, uint64_t at)
{
	for (uint32_t p = 0; p < PROCESSES; p++) {
		const struct share_run *mine = private_page(m, p, at);
		const struct share_run *first = NULL;
		bool copied = true;

		for (uint32_t q = 0; mine && q < p; q++) {
			const struct share_run *other = private_page(m, q, at);

			if (!other || !m->related[p][q] ||
			    other->object != mine->object)
				continue;
			first = first ? first : other;
			copied &= !same_frame(mine, other);
			m->parted[p][q] += !same_frame(mine, other);
			m->parted[q][p] += !same_frame(mine, other);
		}
		if (first && copied)
			m->row[first->row].parted++;
	}
}

static void model_count(struct model *m)
{
	for (uint64_t frame = 0; frame < FRAMES + PAGES; frame++)
		model_frame(m, frame);
	model_relatives(m);
	for (uint64_t at = 0; at < PAGES; at++)
		model_page(m, at);
	for (uint16_t i = 0; i < ROWS; i++)
		for (uint32_t p = 0; p < PROCESSES; p++)
			m->row[i].processes += m->seen[i][p];
}

static bool processes_agree(const struct share *s, const struct model *m)
{
	for (uint32_t p = 0; p < PROCESSES; p++) {
		const struct share_process *one = &s->process[p];

		if (one->frames != m->frames[p] ||
		    one->exclusive != m->exclusive[p] ||
		    one->repeated != m->repeated[p])
			return false;
		for (uint32_t q = 0; q < PROCESSES; q++)
			if (p != q &&
			    (share_common(s, p, q) != m->common[p][q] ||
			     share_parted(s, p, q) != m->parted[p][q]))
				return false;
	}
	return true;
}

static bool rows_agree(const struct share *s, const struct model *m)
{
	struct share_sum total = { 0 };

	for (uint16_t i = 0; i < ROWS; i++) {
		if (memcmp(&s->row[i], &m->row[i], sizeof(m->row[i])))
			return false;
		for (uint32_t nr = 1; nr <= PROCESSES; nr++)
			if (share_spread(s, i, nr) != m->spread[i][nr])
				return false;
		total.frames += m->row[i].frames;
		total.parted += m->row[i].parted;
	}
	return s->total.frames == total.frames &&
	       s->total.parted == total.parted &&
	       s->total.exclusive + s->total.readonly + s->total.writable ==
		       s->total.frames;
}

static unsigned int up_to(unsigned int limit)
{
	return (unsigned int)random() % limit;
}

/* Often the run of the process before, as after fork(). */
static struct share_run some_run(const struct model *m, uint32_t p, uint64_t at,
				 uint64_t nr)
{
	static const uint16_t kinds[] = {
		0, SHARE_WRITE, SHARE_PRIVATE, SHARE_PRIVATE | SHARE_ANON,
		SHARE_PRIVATE | SHARE_ANON, SHARE_PRIVATE | SHARE_WRITE,
	};
	struct share_run run = {
		.frame = up_to(FRAMES),
		.object = up_to(3) ? 0 : 7,
		.row = (uint16_t)up_to(ROWS),
		.flags = kinds[up_to(ARRAY_SIZE(kinds))],
	};

	if (p && m->page[p - 1][at] && up_to(3)) {
		run = *m->page[p - 1][at];
		run.frame += at - run.start;
	}
	run.process = p;
	run.start = at;
	run.nr = nr;
	return run;
}

static void fill(struct model *m, struct share_run *runs, size_t *nr_runs)
{
	for (uint32_t p = 0; p < PROCESSES; p++) {
		uint64_t at = up_to(4), nr;

		for (; at < PAGES; at += nr + up_to(8)) {
			struct share_run *run = &runs[(*nr_runs)++];

			nr = 1 + up_to(12);
			if (nr > PAGES - at)
				nr = PAGES - at;
			*run = some_run(m, p, at, nr);
			for (uint64_t i = 0; i < nr; i++)
				m->page[p][at + i] = run;
		}
	}
}

static void test_sweep(void)
{
	for (unsigned int seed = 0; seed < 500; seed++) {
		static struct share_run runs[RUNS_MAX];
		struct model m = { 0 };
		struct share s = { 0 };
		size_t nr = 0;

		srandom(seed);
		fill(&m, runs, &nr);
		model_count(&m);
		/* The order of runs must not matter. */
		for (size_t i = 0; i < nr; i++)
			share_add(&s, &runs[seed % 2 ? i : nr - 1 - i]);
		share_count(&s, PROCESSES, ROWS);
		if (!processes_agree(&s, &m) || !rows_agree(&s, &m))
			tap_ok(false, "runs of seed %u", seed);
		share_free(&s);
	}
	tap_ok(true, "random runs");
}

static void test_nothing(void)
{
	struct share s = { 0 };

	share_count(&s, 2, 1);
	tap_ok(!s.total.frames && !share_common(&s, 0, 1) &&
	       !share_common(&s, 1, 1), "two processes without pages");
	share_free(&s);
}

/* Runs that would be a terabyte each, page by page. */
static void test_large(void)
{
	const uint64_t nr = 1ULL << 28;
	struct share s = { 0 };

	for (uint32_t p = 0; p < 3; p++)
		share_add(&s, &(struct share_run){
			.frame = nr + p, .start = nr, .nr = nr, .process = p });
	share_count(&s, 3, 1);
	tap_ok(s.total.frames == nr + 2 && share_common(&s, 0, 2) == nr - 2 &&
	       share_spread(&s, 0, 3) == nr - 2 &&
	       s.process[1].exclusive == 0 && s.process[2].exclusive == 1,
	       "runs of a terabyte");
	share_free(&s);
}

int main(void)
{
	test_sweep();
	test_nothing();
	test_large();
	return tap_done();
}
