// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "gate.h"

/**
 * gate_exists - whether this kernel has a [vsyscall] page
 *
 * No VMA holds it, and it is the same for all processes of 64 bits, so the list of
 * this one is read: it is short.
 *
 * Return: false also if the list cannot be read
 */
bool gate_exists(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, " [vsyscall]\n");
	if (f)
		fclose(f);
	return found;
}
