// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "oracle/shot.h"
#include "stream/read.h"

size_t vma_pages(const struct proc_vma *vma)
{
	return (vma->end - vma->start) / sysconf(_SC_PAGESIZE);
}

struct shot shot_take(pid_t pid)
{
	struct shot shot = { .maps = proc_maps(pid, "smaps") };
	size_t i;

	shot.page = calloc(shot.maps->nr, sizeof(*shot.page));
	for (i = 0; i < shot.maps->nr; i++) {
		const struct proc_vma *vma = &shot.maps->vma[i];

		shot.page[i] = malloc(vma_pages(vma) * sizeof(**shot.page));
		proc_pagemap(pid, vma->start, vma_pages(vma), shot.page[i]);
	}
	return shot;
}

void shot_free(struct shot *shot)
{
	size_t i;

	for (i = 0; i < shot->maps->nr; i++)
		free(shot->page[i]);
	free(shot->page);
	proc_maps_free(shot->maps);
}

bool shot_same(const struct shot *a, const struct shot *b)
{
	size_t i;

	if (a->maps->nr != b->maps->nr)
		return false;
	for (i = 0; i < a->maps->nr; i++) {
		const struct proc_vma *va = &a->maps->vma[i];
		const struct proc_vma *vb = &b->maps->vma[i];

		if (va->start != vb->start || va->end != vb->end ||
		    strcmp(va->block, vb->block) ||
		    memcmp(a->page[i], b->page[i],
			   vma_pages(va) * sizeof(__u64)))
			return false;
	}
	return true;
}

struct stream *shot_with_stream(struct mmscope_query query, struct shot *shot)
{
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct stream *s;
		struct shot after;
		bool still;

		*shot = shot_take(query.pid);
		s = stream_of(query);
		after = shot_take(query.pid);
		still = shot_same(shot, &after);
		shot_free(&after);
		if (still)
			return s;
		shot_free(shot);
		stream_free(s);
	}
	die("the pages of %d never keep still", query.pid);
}
