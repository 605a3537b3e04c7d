// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/kernel_runs.h"
#include "oracle/khalf.h"
#include "oracle/ptdump.h"
#include "stream/read.h"

struct stream *kernel_runs_get(__u64 start, __u64 last)
{
	return stream_get(getpid(), MMSCOPE_PART_KERNEL_PAGETABLE, start, last + 1);
}

static bool same_runs(const struct stream *a, const struct stream *b)
{
	size_t i;

	if (a->nr_kruns != b->nr_kruns)
		return false;
	for (i = 0; i < a->nr_kruns; i++)
		if (memcmp(a->krun[i], b->krun[i], sizeof(**a->krun)))
			return false;
	return true;
}

/* Note the first run that differs. Return: whether none does. */
static bool runs_are(const struct stream *s, const struct khalf *expected)
{
	size_t i;

	for (i = 0; i < s->nr_kruns && i < expected->nr; i++) {
		const struct mmscope_kernel_run *r = s->krun[i];
		const struct khalf_run *e = &expected->run[i];

		if (r->start == e->start && r->size == e->size &&
		    r->level == e->level && r->kind == MMSCOPE_PRESENT &&
		    (r->attrs & KHALF_ATTRS) == e->attrs &&
		    (r->raw & e->raw) == e->raw)
			continue;
		printf("# %llx: size %llx, level %u, attrs %x, raw %llx; by kcore %llx: %llx, %u, %x, %llx\n",
		       r->start, r->size, r->level, r->attrs, r->raw, e->start,
		       e->size, e->level, e->attrs, e->raw);
		return false;
	}
	if (s->nr_kruns != expected->nr)
		printf("# %zu runs, by kcore %zu\n", s->nr_kruns, expected->nr);
	return s->nr_kruns == expected->nr;
}

bool kernel_runs_agree(const struct stream *layout, __u64 start, __u64 last)
{
	bool still = false, agrees = false;

	while (!still) {
		struct stream *before = kernel_runs_get(start, last), *after;
		struct khalf expected = khalf_walk(layout, start, last);

		after = kernel_runs_get(start, last);
		still = same_runs(before, after);
		agrees = runs_are(before, &expected);
		stream_free(before);
		stream_free(after);
		free(expected.run);
	}
	return agrees;
}

/* The runs of a stream in a region, by the bits that the kernel's own list shows. */
static struct khalf runs_as_listed(const struct stream *s,
				   const struct mmscope_kernel_region *r)
{
	struct khalf runs = { };
	size_t i;

	for (i = 0; i < s->nr_kruns; i++) {
		struct khalf_run run = {
			.start = s->krun[i]->start,
			.size = s->krun[i]->size,
			.raw = s->krun[i]->raw & ptdump_bits(s->krun[i]->level),
			.level = s->krun[i]->level,
		};

		if (khalf_cut(&run, r->start, r->start + r->size - 1))
			khalf_add(&runs, run);
	}
	return runs;
}

static struct khalf list_of_region(const struct khalf *list,
				   const struct mmscope_kernel_region *r)
{
	struct khalf runs = { };
	size_t i;

	for (i = 0; i < list->nr; i++) {
		struct khalf_run run = list->run[i];

		if (khalf_cut(&run, r->start, r->start + r->size - 1))
			khalf_add(&runs, run);
	}
	return runs;
}

/* Note the first run that differs. Return: whether none does. */
static bool runs_equal(const struct khalf *a, const struct khalf *b)
{
	size_t i;

	for (i = 0; i < a->nr && i < b->nr; i++) {
		const struct khalf_run *r = &a->run[i], *e = &b->run[i];

		if (r->start == e->start && r->size == e->size &&
		    r->level == e->level && r->raw == e->raw)
			continue;
		printf("# %llx: size %llx, level %u, raw %llx; listed %llx: %llx, %u, %llx\n",
		       r->start, r->size, r->level, r->raw, e->start, e->size,
		       e->level, e->raw);
		return false;
	}
	if (a->nr != b->nr)
		printf("# %zu runs, listed %zu\n", a->nr, b->nr);
	return a->nr == b->nr;
}

static bool region_is_listed(const struct stream *s, const struct khalf *list,
			     const struct mmscope_kernel_region *r, size_t *nr)
{
	struct khalf runs = runs_as_listed(s, r), listed = list_of_region(list, r);
	bool equal = runs_equal(&runs, &listed);

	*nr += listed.nr;
	free(runs.run);
	free(listed.run);
	return equal;
}

/* The list takes long: one serves all regions. */
bool kernel_runs_are_listed(const struct stream *layout, const __u32 *areas,
			    size_t nr_areas, size_t *nr)
{
	const struct mmscope_kernel_region *r;
	bool still = false, agrees = false;
	__u64 start = -1ULL, last = 0;
	size_t i;

	for (i = 0; i < nr_areas; i++) {
		r = region_of(layout, areas[i]);
		start = r->start < start ? r->start : start;
		last = r->start + r->size - 1 > last ? r->start + r->size - 1 : last;
	}
	while (!still) {
		struct stream *before = kernel_runs_get(start, last), *after;
		struct khalf list = ptdump_read(start, last);

		after = kernel_runs_get(start, last);
		still = same_runs(before, after);
		agrees = true;
		for (i = 0; i < nr_areas; i++)
			agrees &= region_is_listed(before, &list,
						   region_of(layout, areas[i]), nr);
		stream_free(before);
		stream_free(after);
		free(list.run);
	}
	return agrees;
}
