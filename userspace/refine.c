// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>

#include "refine.h"

/**
 * struct place - which program header a mapping of a file is of
 * @load: the program header, NULL if none fits
 * @bias: distance from the addresses in the file to those of the process
 */
struct place {
	const struct elf_load *load;
	uint64_t bias;
};

static uint64_t page_mask(const struct space *sp)
{
	return (1ULL << sp->header.page_shift) - 1;
}

static uint64_t page_down(const struct space *sp, uint64_t addr)
{
	return addr & ~page_mask(sp);
}

static uint64_t page_up(const struct space *sp, uint64_t addr)
{
	return (addr + page_mask(sp)) & ~page_mask(sp);
}

/* Whether the start of a mapping is a page that the program header maps. */
static bool contains(const struct space *sp, const struct elf_load *load,
		     uint64_t offset)
{
	uint64_t len = load->file_end - load->start;

	return len && offset >= page_down(sp, load->offset) &&
	       offset < load->offset + len &&
	       !((load->offset ^ load->start) & page_mask(sp));
}

/* How well permissions agree; a debugger or the loader may have changed some. */
static unsigned int likeness(const struct elf_load *load,
			     const struct mapping *map)
{
	const unsigned int perms = map->vma.perms;

	return 2 * (!(load->flags & PF_X) == !(perms & MMSCOPE_EXEC)) +
	       (!(load->flags & PF_W) == !(perms & MMSCOPE_WRITE));
}

/*
 * Two program headers may map one page of the file. The bias decides if
 * it is known from another mapping of the file, else the permissions.
 */
static struct place find_place(const struct space *sp,
			       const struct elf_file *elf,
			       const struct mapping *map, const uint64_t *bias)
{
	uint64_t offset = map->vma.pgoff << sp->header.page_shift;
	struct place best = { 0 };
	unsigned int most = 0;

	for (size_t i = 0; i < elf->nr_loads; i++) {
		const struct elf_load *load = &elf->load[i];
		struct place place = { load, map->start - offset +
					     load->offset - load->start };
		unsigned int score = 1 + likeness(load, map);

		if (!contains(sp, load, offset))
			continue;
		if (bias && *bias == place.bias)
			score += 4;
		if (score > most) {
			most = score;
			best = place;
		}
	}
	return best;
}

static bool is_relro(const struct space *sp, const struct elf_file *elf,
		     const struct place *place, const struct mapping *map)
{
	return place->load->flags & PF_W &&
	       map->start < page_up(sp, elf->relro_end) + place->bias &&
	       map->vma.end > page_down(sp, elf->relro_start) + place->bias;
}

static bool is_program(enum segment segment)
{
	return segment_info(segment)->family == FAMILY_PROGRAM;
}

/* Permissions have decided about all others. */
static void refine_readonly(const struct space *sp, struct part *part,
			    const struct place *place,
			    const struct mapping *map)
{
	bool relro = is_relro(sp, part->elf, place, map);

	switch (part->segment) {
	case SEGMENT_RODATA:
	case SEGMENT_RELRO:
		part->segment = relro ? SEGMENT_RELRO : SEGMENT_RODATA;
		break;
	case SEGMENT_LIB_RODATA:
	case SEGMENT_LIB_RELRO:
		part->segment = relro ? SEGMENT_LIB_RELRO : SEGMENT_LIB_RODATA;
		break;
	default:
		break;
	}
}

static bool is_bss(enum segment segment)
{
	return segment == SEGMENT_BSS || segment == SEGMENT_LIB_BSS;
}

/* The loader takes away access from the pages between segments. */
static bool is_file(const struct mapping *map)
{
	return map->vma.kind == MMSCOPE_PRIVATE_FILE &&
	       mapping_is_accessible(map);
}

/* Join a mapping of an object's file to the ELF file. */
static void refine_file(struct classes *all, size_t i, const uint64_t *bias)
{
	const struct mapping *map = &all->sp->map[i];
	struct part *part = &all->part[i];
	const struct elf_file *elf = elf_cache_get(all->files, map);
	struct place place;

	if (!elf)
		return;
	place = find_place(all->sp, elf, map, bias);
	if (!place.load)
		return;
	part->elf = elf;
	part->bias = place.bias;
	refine_readonly(all->sp, part, &place, map);
}

/* Join mappings to ELF files, and drop guesses about the bss of these. */
static void refine_files(struct classes *all)
{
	const struct part *last = NULL;

	for (size_t i = 0; i < all->sp->nr; i++) {
		struct part *part = &all->part[i];
		bool same = last && part->object == last->object;

		if (!part->object)
			continue;
		if (is_file(&all->sp->map[i])) {
			refine_file(all, i, same ? &last->bias : NULL);
			if (part->elf)
				last = part;
		} else if (is_bss(part->segment) && same) {
			*part = (struct part){ .segment = SEGMENT_ANON };
		}
	}
}

/*
 * The kernel may have merged the bss with other memory: then what there is more
 * of decides.
 */
static void name_bss(struct classes *all, size_t i, const struct part *object,
		     uint64_t start, uint64_t end)
{
	const struct mapping *map = &all->sp->map[i];
	struct part *part = &all->part[i];
	uint64_t from = map->start > start ? map->start : start;
	uint64_t to = map->vma.end < end ? map->vma.end : end;

	part->elf = object->elf;
	part->bias = object->bias;
	if (to - from < (map->vma.end - map->start) / 2)
		return;
	part->segment = is_program(object->segment) ? SEGMENT_BSS :
						      SEGMENT_LIB_BSS;
	part->object = object->object;
	part->guess = false;
}

static bool may_be_bss(const struct mapping *map, const struct part *part)
{
	return map->vma.kind == MMSCOPE_PRIVATE_ANON && !part->elf &&
	       (part->segment == SEGMENT_ANON ||
		part->segment == SEGMENT_THREAD_STACK);
}

/*
 * The bss of one program header, after the page that is partly from the file. The
 * first mapping that is nothing of it ends the search, which so stays linear.
 */
static void refine_bss(struct classes *all, const struct part *object,
		       const struct elf_load *load)
{
	const struct space *sp = all->sp;
	uint64_t start = load->file_end == load->start ?
				 page_down(sp, load->start + object->bias) :
				 page_up(sp, load->file_end + object->bias);
	uint64_t end = page_up(sp, load->end + object->bias);
	const struct mapping *map;

	if (start >= end || load->file_end == load->end)
		return;
	map = space_at(sp, start);
	for (; map && map < sp->map + sp->nr && map->start < end; map++) {
		size_t i = (size_t)(map - sp->map);

		if (!may_be_bss(map, &all->part[i]))
			break;
		name_bss(all, i, object, start, end);
	}
}

/* Each object once, or more often if its mappings are of several files. */
static void refine_objects(struct classes *all)
{
	const struct part *last = NULL;

	for (size_t i = 0; i < all->sp->nr; i++) {
		const struct part *part = &all->part[i];

		if (!part->elf || !is_file(&all->sp->map[i]))
			continue;
		if (last && last->elf == part->elf && last->bias == part->bias)
			continue;
		last = part;
		for (size_t n = 0; n < part->elf->nr_loads; n++)
			refine_bss(all, part, &part->elf->load[n]);
	}
}

/**
 * refine - correct segments by the ELF files that a live process has mapped
 * @all: the result of classify(), which frees what is read here
 * @pid: the process, as in /proc; 0 for a snapshot: then no file is opened
 *
 * Files that cannot be read change nothing.
 */
void refine(struct classes *all, int pid)
{
	if (!pid || all->files)
		return;
	all->files = elf_cache_new(pid);
	refine_files(all);
	refine_objects(all);
}

/**
 * refine_section - find sections in a range of a mapping, in order of address
 * @all: the result of refine()
 * @map: a mapping of its address space
 * @start: first address
 * @last: last address
 * @next: cursor; 0 before the first call
 *
 * Return: the next section, with addresses of its file, or NULL
 */
const struct elf_section *refine_section(const struct classes *all,
					 const struct mapping *map,
					 uint64_t start, uint64_t last,
					 size_t *next)
{
	const struct part *part = &all->part[map - all->sp->map];
	const struct elf_file *elf = part->elf;

	for (; elf && *next < elf->nr_sections; ++*next) {
		const struct elf_section *section = &elf->section[*next];

		if (section->start + part->bias > last)
			break;
		if (section->end - 1 + part->bias >= start) {
			++*next;
			return section;
		}
	}
	return NULL;
}
