// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "classify.h"
#include "entry.h"
#include "page.h"
#include "share_load.h"
#include "text.h"

static void keep_runs(struct share_pages *pages, const struct record *rec,
		      const struct mmscope_header *h)
{
	struct unpack u = { .h = h, .rec = rec };
	struct run run;

	while (unpack_next(&u, &run)) {
		if (!entry_kind(run.kind)->mapped)
			continue;
		pages->run = more(pages->run, pages->nr, &pages->room,
				  sizeof(run));
		pages->run[pages->nr++] = run;
	}
}

/**
 * share_pages_read - read a whole stream
 * @pages: the result; call share_pages_free() when done
 * @s: an open stream
 */
void share_pages_read(struct share_pages *pages, struct stream *s)
{
	struct record rec;

	*pages = (struct share_pages){ 0 };
	space_init(&pages->sp, s);
	while (stream_next(s, &rec)) {
		if (rec.head.type == MMSCOPE_REC_RUNS)
			keep_runs(pages, &rec, &s->header);
		else
			space_add(&pages->sp, &rec);
	}
}

/* Not the page of zeroes, and not memory of a device. */
static bool is_memory(const struct share_pages *pages, const struct run *run)
{
	bool facts = pages->sp.header.flags & MMSCOPE_QUERY_FACTS;

	return run->kind != MMSCOPE_ZERO &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL) &&
	       (!facts || run->page & MMSCOPE_PAGE_KNOWN);
}

static bool is_private_anon(const struct mapping *map, enum segment segment)
{
	return map->vma.kind == MMSCOPE_PRIVATE_ANON &&
	       segment_info(segment)->family != FAMILY_KERNEL;
}

/*
 * A page of a file is never dirty by an entry of a private mapping: a write makes
 * an anonymous copy. Only page facts show copies that were swapped in since.
 */
static bool is_anon(const struct run *run, const struct mapping *map,
		    enum segment segment)
{
	if (map->vma.perms & MMSCOPE_SHARED)
		return false;
	if (run->page & MMSCOPE_PAGE_KNOWN)
		return run->page & PAGE_BIT(ANON);
	return is_private_anon(map, segment) || run->attrs & MMSCOPE_ATTR_DIRTY;
}

static uint32_t mix(uint32_t hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * 16777619u;
	return hash;
}

/* A file, and where the mapping would begin if it had all of it. */
static uint32_t object_of(const struct share_pages *pages,
			  const struct mapping *map)
{
	const struct mmscope_vma *vma = &map->vma;
	unsigned int shift = pages->sp.header.page_shift;
	uint32_t hash = 2166136261u;

	if (!vma->ino && !vma->dev_major && !vma->dev_minor)
		return 0;
	hash = mix(hash, (uint64_t)vma->dev_major << 32 | vma->dev_minor);
	hash = mix(hash, vma->ino);
	hash = mix(hash, (vma->start >> shift) - vma->pgoff);
	return hash ? hash : 1;
}

static uint64_t size_of(const struct mmscope_header *h, const struct run *run)
{
	return (run_last(h, run) - run->start + 1) >> h->page_shift;
}

static uint16_t flags_of(const struct run *run, const struct mapping *map,
			 enum segment segment)
{
	const unsigned int both = MMSCOPE_SHARED | MMSCOPE_WRITE;
	uint16_t flags = 0;

	/* Where two private mappings have write access, they are one. */
	if (run->attrs & MMSCOPE_ATTR_WRITE)
		flags |= SHARE_WRITE;
	if (!map)
		return flags;
	if ((map->vma.perms & both) == both)
		flags |= SHARE_WRITE;
	if (!(map->vma.perms & MMSCOPE_SHARED))
		flags |= SHARE_PRIVATE;
	if (is_anon(run, map, segment))
		flags |= SHARE_ANON;
	return flags;
}

static void add_memory(const struct share_pages *pages, const struct run *run,
		       const struct mapping *map, struct share *s,
		       struct share_run to)
{
	const struct mmscope_header *h = &pages->sp.header;

	to.frame = run->frame;
	to.start = run->start >> h->page_shift;
	/* All entries may map one page, though no kernel makes such a run. */
	to.nr = run_frames(h, run) ? size_of(h, run) :
				     1ULL << (h->level_shift[run->level] -
					      h->page_shift);
	to.flags = flags_of(run, map, to.row);
	to.object = map ? object_of(pages, map) : 0;
	share_add(s, &to);
}

/**
 * share_pages_add - add the pages of a process to those of others
 * @pages: its pages, read to the end
 * @s: the result
 * @process: its index
 * @apart: by row: pages that are no shared memory are added here
 */
void share_pages_add(const struct share_pages *pages, struct share *s,
		     uint32_t process, struct share_apart *apart)
{
	const struct mmscope_header *h = &pages->sp.header;
	struct classes classes;

	classify(&classes, &pages->sp);
	for (size_t i = 0; i < pages->nr; i++) {
		const struct run *run = &pages->run[i];
		const struct mapping *map = space_at(&pages->sp, run->start);
		uint16_t row = map ? class_of(&classes, map) : SEGMENTS;

		if (is_memory(pages, run))
			add_memory(pages, run, map, s, (struct share_run){
				.process = process, .row = row });
		else if (run->kind == MMSCOPE_ZERO)
			apart[row].zero += size_of(h, run);
		else
			apart[row].special += size_of(h, run);
	}
	classes_free(&classes);
}

/**
 * share_pages_free - free what share_pages_read() allocated
 * @pages: the pages
 */
void share_pages_free(struct share_pages *pages)
{
	space_free(&pages->sp);
	free(pages->run);
}
