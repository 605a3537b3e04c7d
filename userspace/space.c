// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "entry.h"
#include "run.h"
#include "space.h"
#include "text.h"

static char *copy_string(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(grow(NULL, len, 1), s, len);
}

static void add_task(struct space *sp, const struct record *rec)
{
	sp->task = rec->task;
}

static void add_mm(struct space *sp, const struct record *rec)
{
	free(sp->exe);
	free(sp->symbol);
	sp->mm = rec->mm;
	sp->exe = copy_string(rec->name);
	sp->symbol = copy_string(rec->symbol);
	sp->has_mm = true;
}

static void add_names(struct space *sp, const struct record *rec)
{
	const struct mmscope_names *from = &rec->names;
	struct names *to;

	if (from->of >= NAMES_OF_MAX)
		return;
	to = &sp->names[from->of];
	to->nr = from->nr;
	to->name = grow(to->name, from->nr, sizeof(*to->name));
	for (uint32_t i = 0; i < from->nr; i++)
		to->name[i] = record_name(rec, i);
}

static void add_vma(struct space *sp, const struct record *rec)
{
	const struct mapping *last = sp->nr ? &sp->map[sp->nr - 1] : NULL;
	struct mapping *map;
	uint64_t start = rec->vma.start;

	/* The one that goes with a WALK record was listed before. */
	if (last && rec->vma.end <= last->vma.end)
		return;
	if (last && start < last->vma.end)
		start = last->vma.end;
	sp->map = more(sp->map, sp->nr, &sp->room, sizeof(*sp->map));
	map = &sp->map[sp->nr++];
	*map = (struct mapping){ .start = start, .vma = rec->vma };
	map->name = copy_string(rec->name);
}

static void add_residency(struct space *sp, const struct record *rec)
{
	uint64_t start = rec->residency.start, end = rec->residency.end;
	struct mapping *map = (struct mapping *)space_find(sp, end - 1);

	if (map && map->vma.start == start && map->vma.end == end)
		map->res = rec->residency;
}

static bool is_resident(const struct run *run)
{
	return entry_kind(run->kind)->resident &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL);
}

/* Runs ascend as mappings do, so the cursor passes every mapping once. */
static void add_run(struct space *sp, const struct run *run, bool resident)
{
	uint64_t last = run_last(&sp->header, run);

	while (sp->cursor < sp->nr &&
	       sp->map[sp->cursor].vma.end <= run->start)
		sp->cursor++;
	for (size_t i = sp->cursor; i < sp->nr; i++) {
		struct mapping *map = &sp->map[i];
		uint64_t from, to;

		if (map->start > last)
			break;
		from = map->start > run->start ? map->start : run->start;
		to = map->vma.end - 1 < last ? map->vma.end - 1 : last;
		*(resident ? &map->resident : &map->swapped) += to - from + 1;
	}
}

static void add_runs(struct space *sp, const struct record *rec)
{
	struct unpack u = { .h = &sp->header, .rec = rec };
	struct run run;
	bool resident;

	while (unpack_next(&u, &run)) {
		resident = is_resident(&run);
		if (resident || entry_kind(run.kind)->swapped)
			add_run(sp, &run, resident);
	}
}

/**
 * space_init - begin with an empty one
 * @sp: the address space; space_free() is due
 * @s: an open stream
 */
void space_init(struct space *sp, const struct stream *s)
{
	*sp = (struct space){
		.header = s->header,
		.has_runs = s->header.parts & MMSCOPE_PART_PAGETABLE,
		.exe = copy_string(""),
		.symbol = copy_string(""),
	};
}

/**
 * space_add - take in one record
 * @sp: the address space
 * @rec: a record from stream_next()
 */
void space_add(struct space *sp, const struct record *rec)
{
	static void (*const add[])(struct space *, const struct record *) = {
		[MMSCOPE_REC_TASK] = add_task,
		[MMSCOPE_REC_MM] = add_mm,
		[MMSCOPE_REC_NAMES] = add_names,
		[MMSCOPE_REC_VMA] = add_vma,
		[MMSCOPE_REC_RUNS] = add_runs,
		[MMSCOPE_REC_RESIDENCY] = add_residency,
	};
	uint32_t type = rec->head.type;

	if (type < ARRAY_SIZE(add) && add[type])
		add[type](sp, rec);
}

/**
 * space_load - take in a whole stream, and classify its mappings
 * @sp: the address space; space_free() is due
 * @s: an open stream; whether all of it came, source_verdict() tells
 */
void space_load(struct space *sp, struct stream *s)
{
	struct record rec;

	space_init(sp, s);
	while (stream_next(s, &rec))
		space_add(sp, &rec);
	segment_classify(sp);
}

/**
 * space_free - give the memory back
 * @sp: the address space
 */
void space_free(struct space *sp)
{
	for (size_t i = 0; i < sp->nr; i++)
		free((char *)sp->map[i].name);
	for (size_t i = 0; i < NAMES_OF_MAX; i++)
		free(sp->names[i].name);
	free(sp->map);
	free(sp->exe);
	free(sp->symbol);
	*sp = (struct space){ 0 };
}

/**
 * space_find - the first mapping that ends behind an address
 * @sp: the address space
 * @addr: the address
 *
 * Return: it, whether it holds the address or lies behind it; or NULL
 */
const struct mapping *space_find(const struct space *sp, uint64_t addr)
{
	size_t low = 0, high = sp->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sp->map[mid].vma.end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < sp->nr ? &sp->map[low] : NULL;
}

/**
 * space_at - the mapping that holds an address
 * @sp: the address space
 * @addr: the address
 *
 * Return: it, or NULL
 */
const struct mapping *space_at(const struct space *sp, uint64_t addr)
{
	const struct mapping *map = space_find(sp, addr);

	return map && map->start <= addr ? map : NULL;
}

/**
 * space_name - name of a flag or policy
 * @sp: the address space
 * @of: what it is a name of
 * @value: bit number, or value
 *
 * Return: NULL if the stream gives none
 */
const char *space_name(const struct space *sp, enum mmscope_names_of of,
		       uint32_t value)
{
	const struct names *names = &sp->names[of];

	for (uint32_t i = 0; i < names->nr; i++)
		if (names->name[i].value == value)
			return names->name[i].name;
	return NULL;
}

/* arm64 may use less of the top table than it holds: then 48 bits. */
static unsigned int arm64_bits(const struct space *sp)
{
	unsigned int bits = stream_user_bits(&sp->header);
	unsigned int used = 48;

	while (used < bits && sp->mm.task_size > 1ULL << used)
		used++;
	return used < bits ? used : bits;
}

/**
 * space_user_bits - log2 of the size of the user half
 * @sp: the address space
 *
 * Return: bits
 */
unsigned int space_user_bits(const struct space *sp)
{
	if (sp->header.machine == EM_AARCH64)
		return arm64_bits(sp);
	return stream_user_bits(&sp->header);
}

/**
 * space_kernel_bits - log2 of the size of the kernel half
 * @sp: the address space
 *
 * Return: bits
 */
unsigned int space_kernel_bits(const struct space *sp)
{
	return space_user_bits(sp);
}
