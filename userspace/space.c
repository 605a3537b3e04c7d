// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "entry.h"
#include "run.h"
#include "space.h"
#include "text.h"

#define VSYSCALL	0xffffffffff600000ULL

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
	for (uint32_t i = 0; i < from->nr; i++) {
		struct mmscope_name *name = &to->name[i];

		*name = record_name(rec, i);
		if (name->value < NAMES_VALUES)
			to->of_value[name->value] = name->name;
	}
}

static void add_vma(struct space *sp, const struct record *rec)
{
	struct mapping *map;

	sp->map = more(sp->map, sp->nr, &sp->room, sizeof(*sp->map));
	map = &sp->map[sp->nr++];
	*map = (struct mapping){ .start = rec->vma.start, .vma = rec->vma };
	map->name = copy_string(rec->name);
}

static void add_residency(struct space *sp, const struct record *rec)
{
	uint64_t start = rec->residency.start, end = rec->residency.end;
	struct mapping *map = (struct mapping *)space_find(sp, end - 1);

	if (map && map->vma.start == start && map->vma.end == end)
		map->res = rec->residency;
}

static void add_thread(struct space *sp, const struct record *rec)
{
	sp->thread = more(sp->thread, sp->nr_threads, &sp->thread_room,
			  sizeof(*sp->thread));
	sp->thread[sp->nr_threads++] = rec->thread;
}

static void add_kernel_region(struct space *sp, const struct record *rec)
{
	sp->kernel = more(sp->kernel, sp->nr_kernel, &sp->kernel_room,
			  sizeof(*sp->kernel));
	sp->kernel[sp->nr_kernel++] = rec->kernel_region;
}

static bool is_resident(const struct run *run)
{
	return entry_kind(run->kind)->resident &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL);
}

/*
 * Runs ascend as mappings do, so the cursor passes every mapping once. What two
 * runs have in common, since a huge entry replaced a table, counts once.
 */
static void add_run(struct space *sp, const struct run *run, bool resident)
{
	uint64_t last = run_last(&sp->header, run), start = run->start;

	if (start < sp->counted)
		start = sp->counted;
	sp->counted = last + 1;
	while (sp->cursor < sp->nr && sp->map[sp->cursor].vma.end <= start)
		sp->cursor++;
	for (size_t i = sp->cursor; i < sp->nr; i++) {
		struct mapping *map = &sp->map[i];
		uint64_t from, to;

		if (map->start > last)
			break;
		from = map->start > start ? map->start : start;
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
 * space_init - start with an empty address space
 * @sp: the address space; call space_free() when done
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
 * space_add - add one record
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
		[MMSCOPE_REC_THREAD] = add_thread,
		[MMSCOPE_REC_KERNEL_REGION] = add_kernel_region,
	};
	uint32_t type = rec->head.type;

	if (type < ARRAY_SIZE(add) && add[type])
		add[type](sp, rec);
}

/**
 * space_load - read a whole stream
 * @sp: the address space; call space_free() when done
 * @s: an open stream; source_verdict() reports whether it was whole
 */
void space_load(struct space *sp, struct stream *s)
{
	struct record rec;

	space_init(sp, s);
	while (stream_next(s, &rec))
		space_add(sp, &rec);
}

/**
 * space_free - free an address space
 * @sp: the address space
 */
void space_free(struct space *sp)
{
	for (size_t i = 0; i < sp->nr; i++)
		free((char *)sp->map[i].name);
	for (size_t i = 0; i < NAMES_OF_MAX; i++)
		free(sp->names[i].name);
	free(sp->map);
	free(sp->thread);
	free(sp->kernel);
	free(sp->exe);
	free(sp->symbol);
	*sp = (struct space){ 0 };
}

/**
 * space_find - find the first mapping that ends after an address
 * @sp: the address space
 * @addr: the address
 *
 * Return: the mapping that contains the address, or else the next one, or NULL
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
 * space_at - find the mapping that contains an address
 * @sp: the address space
 * @addr: the address
 *
 * Return: the mapping, or NULL
 */
const struct mapping *space_at(const struct space *sp, uint64_t addr)
{
	const struct mapping *map = space_find(sp, addr);

	return map && map->start <= addr ? map : NULL;
}

/**
 * space_has - whether a mapping is as it was in another stream
 * @sp: the address space
 * @vma: the record in the other stream
 *
 * Return: true if it is
 */
bool space_has(const struct space *sp, const struct mmscope_vma *vma)
{
	const struct mapping *map = space_find(sp, vma->end - 1);

	return map && !memcmp(&map->vma, vma, sizeof(*vma));
}

/**
 * space_name - name of a flag or policy
 * @sp: the address space
 * @of: what the name belongs to
 * @value: bit number, or value
 *
 * Return: the name, or NULL if the stream has none
 */
const char *space_name(const struct space *sp, enum mmscope_names_of of,
		       uint32_t value)
{
	return value < NAMES_VALUES ? sp->names[of].of_value[value] : NULL;
}

/**
 * space_flag - the bit of vm_flags that has a name
 * @sp: the address space
 * @name: as in smaps
 *
 * Return: the bit, 0 if the stream has no such name
 */
uint64_t space_flag(const struct space *sp, const char *name)
{
	const struct names *names = &sp->names[MMSCOPE_NAMES_VMA_FLAGS];

	for (uint32_t i = 0; i < names->nr; i++)
		if (names->name[i].value < 64 &&
		    !strcmp(names->name[i].name, name))
			return 1ULL << names->name[i].value;
	return 0;
}

/**
 * mapping_same_file - whether two mappings are of one file
 * @a: a mapping
 * @b: another
 *
 * On btrfs, files of two subvolumes may have one device and inode.
 *
 * Return: true if they are
 */
bool mapping_same_file(const struct mapping *a, const struct mapping *b)
{
	return a->vma.ino == b->vma.ino &&
	       a->vma.dev_major == b->vma.dev_major &&
	       a->vma.dev_minor == b->vma.dev_minor &&
	       !strcmp(a->name, b->name);
}

/**
 * space_is_narrow - whether it is the address space of a program of 32 bits
 * @sp: the address space
 *
 * Return: false also if that is unknown
 */
bool space_is_narrow(const struct space *sp)
{
	return sp->mm.task_size && sp->mm.task_size <= 1ULL << 32;
}

/**
 * space_vsyscall - where /proc/PID/maps may list [vsyscall]
 * @sp: the address space
 *
 * Return: the address, which is part of the ABI; 0 if there is none in such an
 * address space
 */
uint64_t space_vsyscall(const struct space *sp)
{
	if (sp->header.machine != EM_X86_64 || space_is_narrow(sp))
		return 0;
	return VSYSCALL;
}

/* arm64 may use only a part of the top table: then 48 bits. */
static unsigned int arm64_bits(const struct space *sp)
{
	unsigned int bits = header_user_bits(&sp->header);
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
	return header_user_bits(&sp->header);
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

/**
 * space_outside - find out what an address that user mode cannot map is
 * @sp: the address space
 * @addr: an address at or above its task_size
 *
 * Return: enum outside
 */
enum outside space_outside(const struct space *sp, uint64_t addr)
{
	if (addr >= -(1ULL << space_kernel_bits(sp)))
		return OUTSIDE_KERNEL;
	return addr >> space_user_bits(sp) ? OUTSIDE_HOLE : OUTSIDE_BEYOND;
}
