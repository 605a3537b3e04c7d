// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "sizes.h"
#include "oracle/kpage.h"
#include "oracle/numa.h"
#include "oracle/proc.h"
#include "oracle/shot.h"
#include "stream/read.h"
#include "stream/runs.h"

#define MAX_NODES	64

/**
 * struct by_node - memory of a mapping
 * @start: of the mapping
 * @kb: kilobytes by node
 */
struct by_node {
	__u64 start;
	__u64 kb[MAX_NODES];
};

struct numa_maps {
	struct by_node *vma;
	size_t nr;
};

static void add(struct by_node *vma, unsigned int node, __u64 kb)
{
	if (node >= MAX_NODES)
		die("a page of node %u", node);
	vma->kb[node] += kb;
}

/* numa_maps */

/* The address is the first word, the size of a page the last one. */
static struct by_node parse_line(char *line)
{
	struct by_node vma = { };
	__u64 nr, page_kb = 0;
	unsigned int node;
	char *word;

	vma.start = strtoull(strsep(&line, " "), NULL, 16);
	/* numa_maps escapes blanks and "=" in file names. */
	while ((word = strsep(&line, " "))) {
		if (sscanf(word, "N%u=%llu", &node, &nr) == 2)
			add(&vma, node, nr);
		else if (sscanf(word, "kernelpagesize_kB=%llu", &nr) == 1)
			page_kb = nr;
	}
	for (node = 0; node < MAX_NODES; node++)
		vma.kb[node] *= page_kb;
	return vma;
}

static struct numa_maps numa_maps(pid_t pid)
{
	char *text = proc_read(pid, "numa_maps", NULL);
	struct numa_maps maps = { };
	char *line, *next = text;

	while ((line = strsep(&next, "\n")) && *line) {
		maps.vma = realloc(maps.vma,
				   (maps.nr + 1) * sizeof(*maps.vma));
		maps.vma[maps.nr++] = parse_line(line);
	}
	free(text);
	return maps;
}

static bool same(const struct numa_maps *a, const struct numa_maps *b)
{
	return a->nr == b->nr &&
	       !memcmp(a->vma, b->vma, a->nr * sizeof(*a->vma));
}

__u64 numa_kb(pid_t pid, __u64 start, unsigned int node)
{
	struct numa_maps maps = numa_maps(pid);
	__u64 kb = 0;
	size_t i;

	for (i = 0; i < maps.nr; i++)
		if (maps.vma[i].start == start)
			kb = maps.vma[i].kb[node];
	free(maps.vma);
	return kb;
}

/* Runs */

/* numa_maps counts ordinary pages only; the zero page is none. */
static bool counts(const struct run *run)
{
	return kind_present(run->kind) && run->kind != MMSCOPE_ZERO &&
	       !(run->attrs & MMSCOPE_ATTR_SPECIAL) &&
	       run->page & MMSCOPE_PAGE_KNOWN && !(run->page & KPF_RESERVED);
}

/* Before 6.2, numa_maps did not look into VM_PFNMAP. */
static bool is_listed(const struct proc_maps *smaps, const struct by_node *vma)
{
	const struct proc_vma *of = proc_vma_at(smaps, vma->start);

	return kernel_since(6, 2) || !of || !smaps_flag(of, "pf");
}

/* Runs and mappings ascend, and each run lies in one mapping. */
static size_t compare(const struct stream *s, const struct numa_maps *maps,
		      const struct proc_maps *smaps)
{
	size_t i, k = 0, differ = 0;
	unsigned int node;

	for (i = 0; i < maps->nr; i++) {
		const struct by_node *vma = &maps->vma[i];
		struct by_node is = { };

		for (; k < s->nr_runs && (i + 1 == maps->nr ||
					  s->run[k].start < vma[1].start); k++)
			if (counts(&s->run[k]))
				add(&is, MMSCOPE_PAGE_NODE(s->run[k].page),
				    s->run[k].nr * run_size(s, &s->run[k]) /
				    KIB);
		if (!is_listed(smaps, vma))
			continue;
		for (node = 0; node < MAX_NODES; node++) {
			if (is.kb[node] == vma->kb[node])
				continue;
			note("%llx: %llu kB on node %u, numa_maps %llu",
			     vma->start, is.kb[node], node, vma->kb[node]);
			differ++;
		}
	}
	return differ;
}

size_t numa_compare(pid_t pid)
{
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.flags = MMSCOPE_QUERY_FACTS,
	};
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		struct numa_maps before = numa_maps(pid), after;
		struct stream *s = stream_of(query);
		struct proc_maps *smaps = proc_maps(pid, "smaps");
		bool still;
		size_t differ;

		after = numa_maps(pid);
		still = same(&before, &after);
		differ = compare(s, &after, smaps);
		proc_maps_free(smaps);
		free(before.vma);
		free(after.vma);
		stream_free(s);
		if (still)
			return differ;
	}
	die("the nodes of %d never keep still", pid);
}
