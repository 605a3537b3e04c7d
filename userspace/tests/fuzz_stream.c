// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arbitrary bytes as a stream, for libFuzzer: make fuzz, then
 * build/fuzz/fuzz_stream FOLDER, where FOLDER has copies of tests/recorded.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "picture.h"
#include "run.h"
#include "stream.h"
#include "thread.h"
#include "upper.h"
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Draw both pictures to memory. */
static void draw(const struct space *sp)
{
	struct options opt = { .width = 80 };
	struct threads threads;
	struct classes classes;
	struct regions all;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	classify(&classes, sp);
	threads_init(&threads, sp);
	threads_find(&threads);
	regions_build(&all, &classes, REGIONS_GROUPED);
	picture_draw(f, &opt, &classes, &threads, &all);
	opt.all = true;
	picture_draw(f, &opt, &classes, &threads, &all);
	regions_free(&all);
	threads_free(&threads);
	classes_free(&classes);
	fclose(f);
	free(text);
}

/* A stack is in the mapping that it was found in. */
static void find_stacks(const struct space *sp)
{
	struct threads all;
	size_t nr;

	threads_init(&all, sp);
	threads_find(&all);
	free(threads_ranges(&all, &nr));
	for (size_t i = 0; i < all.nr; i++) {
		const struct thread *t = &all.thread[i];

		if (t->end && (t->start >= t->end ||
			       t->start < t->map->start ||
			       t->end > t->map->vma.end))
			abort();
	}
	threads_free(&all);
}

/* What the checks promise of a record is relied upon here. */
static void use(const struct record *rec, const struct mmscope_header *h)
{
	struct unpack u = { .h = h, .rec = rec };
	struct run run;
	uint64_t last = 0;

	if (rec->head.type != MMSCOPE_REC_RUNS)
		return;
	while (unpack_next(&u, &run)) {
		if (last && run.start <= last)
			abort();
		last = run_last(h, &run);
		if (last < run.start)
			abort();
	}
	if (last != rec->last)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk walk = { .addr = 0x555500003010 };
	struct stream s = { 0 };
	struct uppers uppers;
	struct record rec;
	struct space sp;
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("stream", 0);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	lseek(fd, 0, SEEK_SET);
	if (stream_open(&s, fd)) {
		space_init(&sp, &s);
		uppers_init(&uppers, &s.header);
		while (stream_next(&s, &rec)) {
			use(&rec, &s.header);
			space_add(&sp, &rec);
			uppers_add(&uppers, &rec);
			walk_take(&walk, &rec, &s.header);
		}
		walk_finish(&walk, &sp, &uppers, s.ended);
		if (walk.found.nr > MMSCOPE_LEVEL_SLOTS)
			abort();
		uppers_free(&uppers);
		for (size_t i = 0; i < sp.nr; i++)
			if (sp.map[i].resident >
			    sp.map[i].vma.end - sp.map[i].start)
				abort();
		draw(&sp);
		find_stacks(&sp);
		space_free(&sp);
	}
	stream_close(&s);
	return 0;
}
