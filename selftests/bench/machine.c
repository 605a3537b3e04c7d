// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "machine.h"
#include "oracle/proc.h"

#define DEBUG		"/sys/kernel/debug/"
#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define PREEMPT		DEBUG "sched/preempt"

#define MAX_MAPS	"400000"

void machine_settle(void)
{
	kernel_stand_still();
	file_write(THP "enabled", "madvise");
	file_write("/proc/sys/vm/max_map_count", MAX_MAPS);
	/* Time flies here. */
	file_write("/proc/sys/kernel/hung_task_timeout_secs", "0");
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

/* The word in parentheses is the mode of the moment. */
static void read_mode(char *mode, size_t size)
{
	FILE *file = fopen(PREEMPT, "r");
	char word[32];

	if (!file)
		die("the kernel's preemption cannot be chosen");
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
