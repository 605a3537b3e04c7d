// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [CASE,...]: what mmscope and its peers cost, for a guest whose clock
 * counts instructions. The lines it prints are those of cases.h; answers that
 * differ end it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cases.h"
#include "clock.h"
#include "delay.h"
#include "die.h"
#include "machine.h"
#include "shapes.h"

/* Until then, boot is not over. */
#define IDLE_SECONDS	30

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	/* What is mapped here is the file that targets map as well. */
	if (mlockall(MCL_CURRENT))
		die("memory cannot be locked");
	machine_settle();
	shapes_prepare();
	idle(IDLE_SECONDS);
	cases_run(only);
	if (!only || strstr(only, "mmap-delay"))
		delay_run();
	return 0;
}
