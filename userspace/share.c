// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "share.h"
#include "text.h"

/* Bounds of runs, by frame or by address */

/**
 * struct bound - where a run begins or ends
 * @at: number of a frame or a page; that of an end is exclusive
 * @run: index of the run
 */
struct bound {
	uint64_t at;
	size_t run;
};

/**
 * struct sweep - a pass over all runs, from stretch to stretch
 * @s: the runs
 * @start: where runs begin, ascending
 * @end: where they end, ascending
 * @nr: number of runs
 * @active: runs that the current stretch is part of
 * @nr_active: number of these
 * @place: index in @active, by run
 *
 * No run begins or ends inside a stretch.
 */
struct sweep {
	struct share *s;
	struct bound *start;
	struct bound *end;
	size_t nr;
	const struct share_run **active;
	size_t nr_active;
	size_t *place;
};

/**
 * typedef visit_fn - look at a stretch
 * @s: the result
 * @one: a run of each process that has it, in order of processes
 * @nr: number of these
 * @len: length of the stretch in base pages
 */
typedef void (*visit_fn)(struct share *s, const struct share_run **one,
			 uint32_t nr, uint64_t len);

static uint64_t by_frame(const struct share_run *run)
{
	return run->frame;
}

static uint64_t by_page(const struct share_run *run)
{
	return run->start;
}

static int compare_bounds(const void *a, const void *b)
{
	const struct bound *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Sort the bounds of the runs that have all of these SHARE_*. */
static void sweep_init(struct sweep *w, struct share *s,
		       uint64_t (*key)(const struct share_run *run),
		       unsigned int flags)
{
	*w = (struct sweep){
		.s = s,
		.start = grow(NULL, s->nr_runs, sizeof(*w->start)),
		.end = grow(NULL, s->nr_runs, sizeof(*w->end)),
		.active = grow(NULL, s->nr_runs, sizeof(*w->active)),
		.place = grow(NULL, s->nr_runs, sizeof(*w->place)),
	};
	for (size_t i = 0; i < s->nr_runs; i++) {
		const struct share_run *run = &s->run[i];

		if ((run->flags & flags) != flags)
			continue;
		w->start[w->nr] = (struct bound){ key(run), i };
		w->end[w->nr++] = (struct bound){ key(run) + run->nr, i };
	}
	qsort(w->start, w->nr, sizeof(*w->start), compare_bounds);
	qsort(w->end, w->nr, sizeof(*w->end), compare_bounds);
}

static void sweep_free(struct sweep *w)
{
	free(w->start);
	free(w->end);
	free(w->active);
	free(w->place);
}

static void activate(struct sweep *w, size_t run)
{
	w->place[run] = w->nr_active;
	w->active[w->nr_active++] = &w->s->run[run];
}

/* The last one takes its place. */
static void deactivate(struct sweep *w, size_t run)
{
	const struct share_run *last = w->active[--w->nr_active];
	size_t place = w->place[run];

	w->active[place] = last;
	w->place[last - w->s->run] = place;
}

static int compare_processes(const void *a, const void *b)
{
	const struct share_run *x = *(const struct share_run *const *)a;
	const struct share_run *y = *(const struct share_run *const *)b;

	return (x->process > y->process) - (x->process < y->process);
}

/* Of several runs of one process, take that with the lowest address. */
static uint32_t one_each(struct sweep *w)
{
	struct share *s = w->s;
	uint32_t nr = 0;

	s->visits++;
	for (size_t i = 0; i < w->nr_active; i++) {
		const struct share_run *run = w->active[i];
		struct share_last *last = &s->last[run->process];

		if (last->visit != s->visits) {
			*last = (struct share_last){ s->visits, nr, 1 };
			s->one[nr++] = run;
			continue;
		}
		last->times++;
		if (run->start < s->one[last->place]->start)
			s->one[last->place] = run;
	}
	if (nr > 1)
		qsort(s->one, nr, sizeof(*s->one), compare_processes);
	return nr;
}

/* At equal places, ends come first: they are exclusive. */
static void sweep_run(struct sweep *w, visit_fn visit)
{
	size_t start = 0, end = 0;
	uint64_t at = 0, next;

	while (end < w->nr) {
		next = w->end[end].at;
		if (start < w->nr && w->start[start].at < next)
			next = w->start[start].at;
		if (w->nr_active && next > at)
			visit(w->s, w->s->one, one_each(w), next - at);
		at = next;
		while (end < w->nr && w->end[end].at == at)
			deactivate(w, w->end[end++].run);
		while (start < w->nr && w->start[start].at == at)
			activate(w, w->start[start++].run);
	}
}

/* Frames */

static uint64_t *pair(const struct share *s, uint64_t *of, uint32_t a,
		      uint32_t b)
{
	return a < b ? &of[(size_t)a * s->nr + b] : &of[(size_t)b * s->nr + a];
}

/* How the frames of a stretch are shared. */
static void add_class(struct share_sum *row, const struct share_run **one,
		      uint32_t nr, uint64_t len)
{
	unsigned int flags = 0;

	for (uint32_t i = 0; i < nr; i++)
		flags |= one[i]->flags;
	if (nr == 1) {
		row->exclusive += len;
	} else if (flags & SHARE_WRITE) {
		row->writable += len;
	} else {
		row->readonly += len;
		if (flags & SHARE_ANON)
			row->cow += len;
	}
}

/* The frames belong to the row of the first process that maps them. */
static void visit_frames(struct share *s, const struct share_run **one,
			 uint32_t nr, uint64_t len)
{
	struct share_sum *row = &s->row[one[0]->row];

	row->frames += len;
	row->mapped += len * nr;
	add_class(row, one, nr, len);
	s->spread[(size_t)one[0]->row * (s->nr + 1) + nr] += len;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t me = one[i]->process;
		uint64_t again = len * (s->last[me].times - 1);

		s->seen[(size_t)one[0]->row * s->nr + me] = true;
		row->repeated += again;
		s->process[me].repeated += again;
		s->process[me].frames += len;
		if (nr == 1)
			s->process[me].exclusive += len;
		for (uint32_t j = 0; j < i; j++)
			*pair(s, s->common, one[j]->process, me) += len;
	}
}

/* Copies */

static uint32_t find_relative(struct share *s, uint32_t i)
{
	struct share_process *process = s->process;

	while (process[i].relative != i) {
		process[i].relative = process[process[i].relative].relative;
		i = process[i].relative;
	}
	return i;
}

static bool is_same_frame(const struct share_run *a, const struct share_run *b)
{
	return a->frame - a->start == b->frame - b->start;
}

/* Only fork() gives two processes the same anonymous page at one address. */
static void visit_relatives(struct share *s, const struct share_run **one,
			    uint32_t nr, uint64_t len)
{
	(void)len;
	for (uint32_t i = 1; i < nr; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (!(one[i]->flags & one[j]->flags & SHARE_ANON) ||
			    one[i]->object != one[j]->object ||
			    !is_same_frame(one[i], one[j]))
				continue;
			s->process[find_relative(s, one[i]->process)].relative =
				find_relative(s, one[j]->process);
			break;
		}
	}
}

static bool is_same_page(struct share *s, const struct share_run *a,
			 const struct share_run *b)
{
	return a->object == b->object &&
	       find_relative(s, a->process) == find_relative(s, b->process);
}

/* The copies belong to the row of the first relative that has the page. */
static void visit_copies(struct share *s, const struct share_run **one,
			 uint32_t nr, uint64_t len)
{
	for (uint32_t i = 1; i < nr; i++) {
		const struct share_run *first = NULL;
		bool copied = true;

		for (uint32_t j = 0; j < i; j++) {
			if (!is_same_page(s, one[i], one[j]))
				continue;
			if (!first)
				first = one[j];
			if (is_same_frame(one[i], one[j]))
				copied = false;
			else
				*pair(s, s->parted, one[i]->process,
				      one[j]->process) += len;
		}
		if (first && copied)
			s->row[first->row].parted += len;
	}
}

/* Sums */

static void add_row(struct share *s, uint16_t i)
{
	struct share_sum *row = &s->row[i], *total = &s->total;

	for (uint32_t p = 0; p < s->nr; p++)
		row->processes += s->seen[(size_t)i * s->nr + p];
	total->frames += row->frames;
	total->exclusive += row->exclusive;
	total->readonly += row->readonly;
	total->cow += row->cow;
	total->writable += row->writable;
	total->parted += row->parted;
	total->mapped += row->mapped;
	total->repeated += row->repeated;
}

static void *zeroes(size_t nr, size_t size)
{
	return memset(grow(NULL, nr, size), 0, nr * size);
}

/**
 * share_add - add a run
 * @s: all zero before the first one; call share_free() when done
 * @run: a run of memory, not empty; neither the page of zeroes nor devices
 */
void share_add(struct share *s, const struct share_run *run)
{
	s->run = more(s->run, s->nr_runs, &s->room, sizeof(*s->run));
	s->run[s->nr_runs++] = *run;
}

static void allocate(struct share *s, uint32_t processes, uint16_t rows)
{
	size_t nr = processes;

	s->nr = processes;
	s->process = zeroes(nr, sizeof(*s->process));
	s->rows = rows;
	s->row = zeroes(rows, sizeof(*s->row));
	s->common = zeroes(nr * nr, sizeof(*s->common));
	s->parted = zeroes(nr * nr, sizeof(*s->parted));
	s->spread = zeroes((nr + 1) * rows, sizeof(*s->spread));
	s->seen = zeroes(nr * rows, sizeof(*s->seen));
	s->last = zeroes(nr, sizeof(*s->last));
	s->one = grow(NULL, nr, sizeof(*s->one));
	for (uint32_t i = 0; i < processes; i++)
		s->process[i].relative = i;
}

/**
 * share_count - compute all numbers, once all runs are added
 * @s: the result
 * @processes: number of processes; above all @process of runs
 * @rows: number of rows; above all @row of runs
 *
 * The time is O(n log n) for n runs, and for each stretch of frames between two
 * bounds of runs the square of the number of processes that map it. The memory is
 * proportional to the number of runs.
 */
void share_count(struct share *s, uint32_t processes, uint16_t rows)
{
	struct sweep w;

	allocate(s, processes, rows);
	sweep_init(&w, s, by_frame, 0);
	sweep_run(&w, visit_frames);
	sweep_free(&w);
	sweep_init(&w, s, by_page, SHARE_PRIVATE);
	sweep_run(&w, visit_relatives);
	sweep_run(&w, visit_copies);
	sweep_free(&w);
	for (uint16_t i = 0; i < s->rows; i++)
		add_row(s, i);
	for (uint32_t p = 0; p < s->nr; p++)
		s->total.processes += s->process[p].frames != 0;
}

/**
 * share_common - frames that two processes have in common
 * @s: the result of share_count()
 * @a: index of a process
 * @b: that of another, or of the same
 *
 * Return: number of frames; of one process, all that it maps
 */
uint64_t share_common(const struct share *s, uint32_t a, uint32_t b)
{
	return a == b ? s->process[a].frames : *pair(s, s->common, a, b);
}

/**
 * share_parted - private pages at the same address that have different frames
 * @s: the result of share_count()
 * @a: index of a process
 * @b: that of another
 *
 * Only pages of relatives count: processes that have an anonymous page in common at
 * the same address, or that both have such a relative.
 *
 * Return: number of pages
 */
uint64_t share_parted(const struct share *s, uint32_t a, uint32_t b)
{
	return *pair(s, s->parted, a, b);
}

/**
 * share_spread - frames that a certain number of processes maps
 * @s: the result of share_count()
 * @row: the row
 * @processes: number of processes, at most that of all
 *
 * Return: number of frames
 */
uint64_t share_spread(const struct share *s, uint16_t row, uint32_t processes)
{
	return s->spread[(size_t)row * (s->nr + 1) + processes];
}

/**
 * share_free - free the result
 * @s: the result
 */
void share_free(struct share *s)
{
	free(s->process);
	free(s->row);
	free(s->run);
	free(s->common);
	free(s->parted);
	free(s->spread);
	free(s->seen);
	free(s->last);
	free(s->one);
	*s = (struct share){ 0 };
}
