// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "cases.h"
#include "clock.h"
#include "peers.h"
#include "scope.h"
#include "shapes.h"
#include "shapes_shared.h"
#include "sizes.h"
#include "target/target.h"

#define ROUNDS		4	/* the first is thrown away */
#define MAX_SIZE	16
#define MAX_PEERS	2
#define MAX_CASES	5

#define PAGES		.parts = MMSCOPE_PART_PAGETABLE
#define VMAS		.parts = MMSCOPE_PART_VMAS
#define RESIDENCY	VMAS, .flags = MMSCOPE_QUERY_RESIDENCY
#define FACTS		PAGES, .flags = MMSCOPE_QUERY_FACTS
#define ALL		.parts = PARTS_ALL & ~MMSCOPE_PART_WALK, \
			.flags = MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS

/**
 * struct bench_case - a question to a target
 * @name: of the case
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @peer: who is asked the same
 * @change: if not NULL, called in the target before the question
 */
struct bench_case {
	const char *name;
	__u32 parts;
	__u32 flags;
	const struct peer *peer[MAX_PEERS];
	void (*change)(struct shape *shape);
};

/**
 * struct bench_target - a process, and what is asked about it
 * @make: its shape
 * @amount: how much of it at size 1
 * @sizes: of the case, up to this one: 1, 4, 16
 * @exists: whether the kernel can make that shape; NULL if every kernel can
 * @cases: the questions
 */
struct bench_target {
	void (*make)(struct shape *shape);
	size_t amount;
	int sizes;
	bool (*exists)(void);
	struct bench_case cases[MAX_CASES];
};

/*
 * Small sizes first, and first what is to lie together: the more memory was
 * used, the less it does.
 */
static const struct bench_target targets[] = {
	{ make_thp, 256 * MIB / (4 * KIB), 16, NULL, {
		{ "thp", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "all-thp", ALL },
		{ "dense", PAGES, .peer = { &pagemap, &pagemap_scan },
		  .change = split_huge },
		{ "residency-dense", RESIDENCY, .peer = { &smaps, &numa_maps },
		  .change = split_huge },
		{ "all-dense", ALL, .change = split_huge },
	} },
	{ make_thp_apart, 256 * MIB / (4 * KIB), 16, NULL, {
		{ "thp-apart", PAGES, .peer = { &pagemap, &pagemap_scan } },
	} },
	{ make_scattered, 256 * MIB / (4 * KIB), 16, NULL, {
		{ "scattered", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "all-scattered", ALL },
	} },
	{ make_sparse, 1 * GIB / (4 * KIB), 16, NULL, {
		{ "sparse", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "all-sparse", ALL },
	} },
	{ make_third, 256 * MIB / (4 * KIB), 16, NULL, {
		{ "third", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "all-third", ALL },
	} },
	{ make_vmas, 10000, 16, NULL, {
		{ "vmas", VMAS, .peer = { &maps, &procmap_query } },
		{ "residency-vmas", RESIDENCY, .peer = { &smaps, &numa_maps } },
		{ "all-vmas", ALL },
	} },
	{ make_vmas, 65000, 1, NULL, {
		{ "vmas-65000", VMAS, .peer = { &maps, &procmap_query } },
		{ "residency-65000", RESIDENCY, .peer = { &smaps, &numa_maps } },
		{ "all-65000", ALL },
	} },
	{ make_paths, 1000, 1, NULL, {
		{ "paths", VMAS, .peer = { &maps, &procmap_query } },
		{ "all-paths", ALL },
	} },
	{ make_entries, 1000 / 16 + 1, 16, NULL, {
		{ "entries", PAGES, .peer = { &pagemap } },
		{ "all-entries", ALL },
	} },
};

#define MEMORY		(256 * MIB / (4 * KIB))
#define SMAPS		.peer = { &smaps, &numa_maps }
#define KPAGE		.peer = { &kpageflags }

/* What pages have in common with other processes, and folios; after all others. */
static const struct bench_target shared_targets[] = {
	{ make_shared, MEMORY, 1, NULL, {
		{ "residency-shared", RESIDENCY, SMAPS },
	} },
	{ make_shared_mixed, MEMORY, 1, NULL, {
		{ "residency-shared-mixed", RESIDENCY, SMAPS },
		{ "facts-shared", FACTS, KPAGE },
		{ "all-shared", ALL },
	} },
	{ make_forked, MEMORY, 1, NULL, {
		{ "residency-forked", RESIDENCY, SMAPS },
	} },
	{ make_forked_mixed, MEMORY, 1, NULL, {
		{ "residency-forked-mixed", RESIDENCY, SMAPS },
		{ "facts-forked", FACTS, KPAGE },
		{ "all-forked", ALL },
	} },
	{ make_thp_forked, MEMORY, 1, NULL, {
		{ "residency-thp-forked", RESIDENCY, SMAPS },
	} },
	{ make_mthp, MEMORY, 1, mthp_exists, {
		{ "mthp", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "residency-mthp", RESIDENCY, SMAPS },
		{ "facts-mthp", FACTS, KPAGE },
		{ "all-mthp", ALL },
	} },
	{ make_mthp_mixed, MEMORY, 1, mthp_exists, {
		{ "mthp-mixed", PAGES, .peer = { &pagemap, &pagemap_scan } },
		{ "residency-mthp-mixed", RESIDENCY, SMAPS },
		{ "all-mthp-mixed", ALL },
	} },
	{ make_file_folios, MEMORY, 1, file_folios_exist, {
		{ "residency-folios", RESIDENCY, SMAPS },
	} },
	{ make_file_huge, MEMORY, 1, file_folios_exist, {
		{ "residency-folios-pmd", RESIDENCY, SMAPS },
	} },
	{ make_file_folios_mixed, MEMORY, 1, file_folios_exist, {
		{ "residency-folios-mixed", RESIDENCY, SMAPS },
		{ "all-folios", ALL },
	} },
	{ make_plain, MEMORY, 1, NULL, {
		{ "facts", FACTS, KPAGE },
	} },
	{ make_scattered, MEMORY, 1, NULL, {
		{ "facts-scattered", FACTS, KPAGE },
	} },
	{ make_cont_pmds, 48, 1, cont_pmds_exist, {
		{ "cont-pmds", PAGES, .peer = { &pagemap } },
		{ "all-cont-pmds", ALL },
	} },
};

void cases_print(const char *name, int size, const char *who,
		 const struct cost *cost)
{
	printf("cost\t%s\t%d\t%s\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n",
	       name, size, who, cost->insns, cost->bytes, cost->vmas,
	       cost->runs, cost->entries, cost->holds, cost->longest);
	fflush(stdout);
}

static int by_insns(const void *a, const void *b)
{
	const struct cost *first = a, *second = b;

	return (first->insns > second->insns) - (first->insns < second->insns);
}

/* Of the rounds behind the first, but no hold goes unseen. */
static struct cost median(struct cost *round)
{
	__u64 longest = 0;
	int i;

	for (i = 0; i < ROUNDS; i++)
		if (round[i].longest > longest)
			longest = round[i].longest;
	qsort(round + 1, ROUNDS - 1, sizeof(*round), by_insns);
	round[ROUNDS / 2].longest = longest;
	return round[ROUNDS / 2];
}

/* @amount is what an answer without entries is about: pages, or VMAs. */
static void measure_scope(const char *name, int size, const char *who,
			  const struct ask *ask, size_t amount)
{
	struct cost round[ROUNDS] = { 0 }, cost;
	int i;

	for (i = 0; i < ROUNDS; i++)
		scope_measure(ask, &round[i]);
	cost = median(round);
	if (!cost.entries)
		cost.entries = amount;
	cases_print(name, size, who, &cost);
}

static void measure_peer(const char *name, const struct peer *peer,
			 const struct ask *ask)
{
	struct cost round[ROUNDS] = { 0 }, cost;
	int i;

	if (!peer || !peer->exists())
		return;
	for (i = 0; i < ROUNDS; i++)
		peer_measure(peer, ask, &round[i]);
	cost = median(round);
	cases_print(name, 1, peer->name, &cost);
}

static struct ask ask_of(const struct bench_case *c, pid_t pid,
			 const struct shape *shape)
{
	struct ask ask = { .pid = pid, .parts = c->parts, .flags = c->flags };

	if (c->parts == MMSCOPE_PART_PAGETABLE) {
		ask.start = (unsigned long)shape->start;
		ask.end = ask.start + shape->size;
	}
	return ask;
}

static bool is_all(const struct bench_case *c)
{
	return c->parts & MMSCOPE_PART_MM;
}

static void run_case(const struct bench_case *c, int size, pid_t pid,
		     const struct shape *shape)
{
	struct ask ask = ask_of(c, pid, shape);
	int i;

	/* All is the sum of what is compared alone. */
	if (is_all(c) && size > 1)
		return;
	if (!is_all(c))
		answers_compare(&ask);
	measure_scope(c->name, size, "mmscope", &ask, shape->amount);
	for (i = 0; size == 1 && i < MAX_PEERS; i++)
		measure_peer(c->name, c->peer[i], &ask);
}

static bool wanted(const char *only, const char *name)
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
		if (!wanted(only, c->name))
			continue;
		change_shape(&target, shape, c->change);
		idle(2);
		run_case(c, size, target.pid, shape);
	}
	target_stop(&target);
	idle(2);
}

static bool any_wanted(const struct bench_target *bench, const char *only)
{
	bool any = false;
	int i;

	for (i = 0; i < MAX_CASES && bench->cases[i].name; i++)
		any |= wanted(only, bench->cases[i].name);
	return any;
}

/* The same two MiB in a small process and in a big one: a peer of its own. */
static void run_range(void)
{
	static const struct bench_case range = { "range", PAGES };
	static const struct {
		void (*make)(struct shape *shape);
		const char *who;
	} both[] = { { make_small, "small" }, { make_huge, "mmscope" } };
	int i;

	for (i = 0; i < ARRAY_SIZE(both); i++) {
		struct shape *shape = target_share(sizeof(*shape));
		struct target target;
		struct ask ask;

		shape->make = both[i].make;
		target_start(&target, shape_make, shape);
		idle(2);
		ask = ask_of(&range, target.pid, shape);
		answers_compare(&ask);
		measure_scope(range.name, 1, both[i].who, &ask, 0);
		if (shape->make == make_huge)
			measure_peer(range.name, &pagemap, &ask);
		target_stop(&target);
	}
}

static void run_targets(const struct bench_target *target, size_t nr, int size,
		     const char *only)
{
	for (; nr--; target++)
		if (size <= target->sizes && any_wanted(target, only) &&
		    (!target->exists || target->exists()))
			run_target(target, size, only);
}

void cases_run(const char *only)
{
	int size;

	for (size = 1; size <= MAX_SIZE; size *= 4)
		run_targets(targets, ARRAY_SIZE(targets), size, only);
	if (wanted(only, "range"))
		run_range();
	run_targets(shared_targets, ARRAY_SIZE(shared_targets), 1, only);
}
