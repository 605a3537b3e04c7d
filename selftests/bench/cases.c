// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "answers.h"
#include "cases.h"
#include "clock.h"
#include "peers.h"
#include "scope.h"
#include "shapes.h"
#include "sizes.h"
#include "target/target.h"
#include "targets.h"

#define ROUNDS		4	/* the first one warms up */
#define MAX_SIZE	16

void cases_print(const char *name, int size, const char *reader,
		 const struct cost *cost)
{
	printf("cost\t%s\t%d\t%s\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n",
	       name, size, reader, cost->insns, cost->bytes, cost->vmas,
	       cost->runs, cost->entries, cost->holds, cost->longest);
	fflush(stdout);
}

static int by_insns(const void *a, const void *b)
{
	const struct cost *first = a, *second = b;

	return (first->insns > second->insns) - (first->insns < second->insns);
}

/*
 * The second longest of the rounds. The kernel may let another thread run while the
 * reader holds the lock: that hold is longer, but it hardly happens in two rounds.
 */
static __u64 longest_hold(const struct cost *round)
{
	__u64 longest = 0, second = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (round[i].longest > longest) {
			second = longest;
			longest = round[i].longest;
		} else if (round[i].longest > second) {
			second = round[i].longest;
		}
	}
	return second;
}

/* The first round does not count, except for its longest hold. */
static struct cost median(struct cost *round)
{
	__u64 longest = longest_hold(round);

	qsort(round + 1, ROUNDS - 1, sizeof(*round), by_insns);
	round[ROUNDS / 2].longest = longest;
	return round[ROUNDS / 2];
}

void cases_measure(const char *name, int size, const char *reader,
		   void (*fn)(const void *arg, struct cost *cost),
		   const void *arg, size_t amount)
{
	struct cost round[ROUNDS] = { 0 }, cost;
	int i;

	for (i = 0; i < ROUNDS; i++)
		fn(arg, &round[i]);
	cost = median(round);
	if (!cost.entries)
		cost.entries = amount;
	cases_print(name, size, reader, &cost);
}

static void ask_scope(const void *question, struct cost *cost)
{
	scope_measure(question, cost);
}

static void measure_scope(const char *name, int size, const char *reader,
			  const struct question *question, size_t amount)
{
	cases_measure(name, size, reader, ask_scope, question, amount);
}

static void measure_peer(const char *name, const struct peer *peer,
			 const struct question *question)
{
	struct cost round[ROUNDS] = { 0 }, cost;
	int i;

	if (!peer || !peer->exists())
		return;
	for (i = 0; i < ROUNDS; i++)
		peer_measure(peer, question, &round[i]);
	cost = median(round);
	cases_print(name, 1, peer->name, &cost);
}

static struct question question_of(const struct bench_case *c, pid_t pid,
				   const struct shape *shape)
{
	struct question question = {
		.pid = pid,
		.parts = c->parts,
		.flags = c->flags,
	};

	if (c->parts == MMSCOPE_PART_PAGETABLE) {
		question.start = (unsigned long)shape->start;
		question.end = question.start + shape->size;
	}
	return question;
}

/* Does the case ask for all parts at once? No peer answers that. */
static bool is_all(const struct bench_case *c)
{
	return c->parts & MMSCOPE_PART_MM;
}

static void run_case(const struct bench_case *c, int size, pid_t pid,
		     const struct shape *shape)
{
	struct question question = question_of(c, pid, shape);
	int i;

	/* Its cost grows as those of its parts, which have cases of their own. */
	if (is_all(c) && size > 1)
		return;
	/*
	 * At the largest size this would take longer than all else. A test compares
	 * threads.
	 */
	if (!is_all(c) && size < MAX_SIZE && c->parts != MMSCOPE_PART_THREADS)
		answers_compare(&question);
	measure_scope(c->name, size, "mmscope", &question, shape->amount);
	for (i = 0; size == 1 && i < MAX_PEERS; i++)
		measure_peer(c->name, c->peer[i], &question);
}

bool cases_wanted(const char *only, const char *name)
{
	size_t len = strlen(name);
	const char *at = only;

	if (!only)
		return true;
	while ((at = strstr(at, name))) {
		if ((at == only || at[-1] == ',') &&
		    (!at[len] || at[len] == ','))
			return true;
		at += len;
	}
	return false;
}

static void change_shape(struct target *target, struct shape *shape,
			 void (*change)(struct shape *shape))
{
	if (!change || change == shape->make)
		return;
	shape->make = change;
	target_step(target, 1);
}

static void run_target(const struct bench_target *bench, int size,
		       const char *only)
{
	struct shape *shape = target_share(sizeof(*shape));
	const struct bench_case *c = bench->cases;
	struct target target;

	shape->make = bench->make;
	shape->amount = bench->amount * size;
	target_start(&target, shape_make, shape);
	for (; c < bench->cases + MAX_CASES && c->name; c++) {
		if (!cases_wanted(only, c->name))
			continue;
		change_shape(&target, shape, c->change);
		idle(2);
		run_case(c, size, target.pid, shape);
	}
	target_stop(&target);
	munmap(shape, sizeof(*shape));
	idle(2);
}

static bool any_wanted(const struct bench_target *bench, const char *only)
{
	bool any = false;
	int i;

	for (i = 0; i < MAX_CASES && bench->cases[i].name; i++)
		any |= cases_wanted(only, bench->cases[i].name);
	return any;
}

static void run_targets(const struct bench_target *bench, int size,
			const char *only)
{
	for (; bench->make; bench++)
		if (size <= bench->sizes && any_wanted(bench, only) &&
		    (!bench->exists || bench->exists()))
			run_target(bench, size, only);
}

static void run_range(void)
{
	static const struct {
		void (*make)(struct shape *shape);
		const char *reader;
	} both[] = { { make_small, "small" }, { make_huge, "mmscope" } };
	int i;

	for (i = 0; i < ARRAY_SIZE(both); i++) {
		struct shape *shape = target_share(sizeof(*shape));
		struct question question;
		struct target target;

		shape->make = both[i].make;
		target_start(&target, shape_make, shape);
		idle(2);
		question = question_of(&range_case, target.pid, shape);
		answers_compare(&question);
		measure_scope(range_case.name, 1, both[i].reader, &question, 0);
		if (shape->make == make_huge)
			measure_peer(range_case.name, &pagemap, &question);
		target_stop(&target);
		munmap(shape, sizeof(*shape));
	}
}

void cases_run(const char *only)
{
	int size;

	for (size = 1; size <= MAX_SIZE; size *= 4)
		run_targets(growing_targets, size, only);
	if (cases_wanted(only, range_case.name))
		run_range();
	run_targets(shared_targets, 1, only);
}
