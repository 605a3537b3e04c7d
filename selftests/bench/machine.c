// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "machine.h"
#include "oracle/proc.h"
#include "sizes.h"

#define DEBUG		"/sys/kernel/debug/"
#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define PREEMPT		DEBUG "sched/preempt"

#define HUGETLB		"/sys/kernel/mm/hugepages/hugepages-%zukB/nr_hugepages"

#define MAX_MAPS	"400000"

void machine_settle(void)
{
	kernel_stand_still();
	file_write(THP "enabled", "madvise");
	file_write("/proc/sys/vm/max_map_count", MAX_MAPS);
}

void machine_split_huge(void *start, size_t size)
{
	char text[64];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx", getpid(),
		 (unsigned long)start, (unsigned long)start + size);
	file_write(DEBUG "split_huge_pages", text);
}

void machine_fault_around(size_t size)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", size);
	file_write(DEBUG "fault_around_bytes", text);
}

bool machine_has_folios(void)
{
	return !access(THP "hugepages-64kB/enabled", F_OK);
}

/* Memory that may have folios of both sizes gets those of 2 MiB. */
void machine_folios(bool on)
{
	file_write(THP "hugepages-2048kB/enabled", on ? "never" : "inherit");
	file_write(THP "hugepages-64kB/enabled", on ? "madvise" : "never");
}

static void hugetlb_path(char *path, size_t len, size_t size)
{
	snprintf(path, len, HUGETLB, size / KIB);
}

bool machine_has_huge(size_t size)
{
	char path[128];

	hugetlb_path(path, sizeof(path), size);
	return !access(path, F_OK);
}

void machine_reserve_huge(size_t size, size_t nr)
{
	char path[128], text[32];

	hugetlb_path(path, sizeof(path), size);
	snprintf(text, sizeof(text), "%zu", nr);
	file_write(path, text);
	if (file_number(path, 0) < nr)
		die("the kernel reserved fewer than %zu huge pages", nr);
}

/* The current mode is the word in parentheses. */
static void read_mode(char *mode, size_t size)
{
	FILE *file = fopen(PREEMPT, "r");
	char word[32];

	if (!file)
		die("cannot read " PREEMPT);
	while (fscanf(file, "%31s", word) == 1)
		if (sscanf(word, "(%30[^)])", word) == 1)
			snprintf(mode, size, "%s", word);
	fclose(file);
}

void machine_preempt(bool any_time)
{
	static char before[32];

	if (!*before)
		read_mode(before, sizeof(before));
	file_write(PREEMPT, any_time ? "full" : before);
}
