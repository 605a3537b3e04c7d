// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [CASE,...]: measures mmscope and its peers in a guest whose clock counts
 * instructions. It prints the lines described in cases.h, and fails if answers
 * differ.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cases.h"
#include "clock.h"
#include "commands.h"
#include "delay.h"
#include "die.h"
#include "machine.h"
#include "processes.h"
#include "shapes.h"
#include "sizes.h"

/* By then the kernel has finished the work that boot put off. */
#define IDLE_SECONDS	30

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	/* Targets copy the heap: keep no memory that was freed. */
	mallopt(M_MMAP_THRESHOLD, 128 * KIB);
	/* Targets map the same file: reclaim would change their residency. */
	if (mlockall(MCL_CURRENT))
		die("cannot lock memory");
	machine_settle();
	shapes_prepare();
	idle(IDLE_SECONDS);
	cases_run(only);
	commands_run(only);
	processes_run(only);
	if (!only || strstr(only, "mmap-delay"))
		delay_run();
	return 0;
}
