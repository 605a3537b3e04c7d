// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "oracle/proc.h"
#include "sizes.h"
#include "smaps.h"

/* Sums that both sides report, in kB. */
enum sum {
	RSS, PSS, SHARED, EXCLUSIVE, DIRTY, ACCESSED, ANON, IN_HUGE, SWAP, SUMS,
};

static const char *const sum_name[] = {
	[RSS] = "resident", [PSS] = "pss", [SHARED] = "shared",
	[EXCLUSIVE] = "exclusive", [DIRTY] = "dirty",
	[ACCESSED] = "accessed", [ANON] = "anonymous", [IN_HUGE] = "huge",
	[SWAP] = "swapped",
};

/* The sums that a line of smaps adds to. */
static const struct {
	const char *line;
	unsigned int sums;
} lines[] = {
	{ "Rss:", 1 << RSS },
	{ "Pss:", 1 << PSS },
	{ "Shared_Clean:", 1 << SHARED },
	{ "Shared_Dirty:", 1 << SHARED | 1 << DIRTY },
	{ "Private_Clean:", 1 << EXCLUSIVE },
	{ "Private_Dirty:", 1 << EXCLUSIVE | 1 << DIRTY },
	{ "Referenced:", 1 << ACCESSED },
	{ "Anonymous:", 1 << ANON },
	{ "AnonHugePages:", 1 << IN_HUGE },
	{ "ShmemPmdMapped:", 1 << IN_HUGE },
	{ "FilePmdMapped:", 1 << IN_HUGE },
	{ "Swap:", 1 << SWAP },
};

static struct {
	FILE *smaps;
	FILE *numa_maps;
	char line[8192];		/* the next one of smaps */
} text;

static FILE *open_text(pid_t pid, const char *name)
{
	return fdopen(proc_open(pid, name, O_RDONLY), "r");
}

static void next_line(void)
{
	if (!fgets(text.line, sizeof(text.line), text.smaps))
		*text.line = '\0';
}

void smaps_open(pid_t pid)
{
	text.smaps = open_text(pid, "smaps");
	text.numa_maps = open_text(pid, "numa_maps");
	next_line();
}

static void add_line(__u64 *kb)
{
	size_t i, sum;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		size_t len = strlen(lines[i].line);

		if (strncmp(text.line, lines[i].line, len))
			continue;
		for (sum = 0; sum < SUMS; sum++)
			if (lines[i].sums & 1 << sum)
				kb[sum] += strtoull(text.line + len, NULL, 10);
	}
}

/* Read one mapping; its first line begins with the address. */
static __u64 take_smaps(__u64 *kb)
{
	__u64 start = strtoull(text.line, NULL, 16);

	next_line();
	for (; isupper((unsigned char)*text.line); next_line())
		add_line(kb);
	return start;
}

/* Read one mapping; return its pages on all nodes, in kB. */
static __u64 take_numa_maps(__u64 *start)
{
	static const char page_size[] = "kernelpagesize_kB=";
	char line[8192], *word, *next = line;
	__u64 sum = 0, kb = 4;

	if (!fgets(line, sizeof(line), text.numa_maps))
		die("numa_maps is cut off");
	*start = strtoull(line, NULL, 16);
	while ((word = strsep(&next, "\n "))) {
		size_t value = strcspn(word, "=") + 1;

		if (!strncmp(word, page_size, strlen(page_size)))
			kb = strtoull(word + value, NULL, 10);
		else if (*word == 'N' && isdigit((unsigned char)word[1]))
			sum += strtoull(word + value, NULL, 10);
	}
	return sum * kb;
}

static void sum_up(const struct mmscope_residency *residency, __u64 *kb)
{
	__u64 page = sysconf(_SC_PAGESIZE) / KIB;

	kb[RSS] = (residency->pte + residency->pmd + residency->pud) * page;
	kb[PSS] = residency->pss_bytes / KIB;
	kb[SHARED] = residency->shared * page;
	kb[EXCLUSIVE] = residency->exclusive * page;
	kb[DIRTY] = residency->dirty * page;
	kb[ACCESSED] = residency->accessed * page;
	kb[ANON] = residency->anon * page;
	kb[IN_HUGE] = residency->pmd * page;
	kb[SWAP] = residency->swapped * page;
}

void smaps_compare(const struct mmscope_residency *residency)
{
	__u64 ours[SUMS], smaps[SUMS] = { 0 }, start, numa;
	int i;

	sum_up(residency, ours);
	start = take_smaps(smaps);
	if (start != residency->start)
		die("mmscope is at %llx, smaps at %llx", residency->start, start);
	for (i = 0; i < SUMS; i++)
		if (ours[i] != smaps[i])
			die("%llx: %s: mmscope %llu kB, smaps %llu kB", start,
			    sum_name[i], ours[i], smaps[i]);
	numa = take_numa_maps(&start);
	if (start != residency->start || numa != ours[RSS])
		die("%llx: mmscope %llu kB, numa_maps %llu kB at %llx",
		    residency->start, ours[RSS], numa, start);
}

/* [vsyscall] lies in the kernel half and is no VMA. */
void smaps_close(void)
{
	__u64 kb[SUMS] = { 0 };

	if (*text.line && !(take_smaps(kb) >> 63))
		die("smaps has more mappings than mmscope");
	fclose(text.smaps);
	fclose(text.numa_maps);
}
