// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

/**
 * host_line - read a line of a file of the kernel
 * @path: the file
 * @key: what the line begins with; the first such line is read
 * @buf: result: the line after @key and without its newline, "" if there is none
 * @size: of @buf
 */
void host_line(const char *path, const char *key, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t skip = strlen(key);
	bool found = false;

	while (f && !found && fgets(buf, (int)size, f))
		found = !strncmp(buf, key, skip);
	if (f)
		fclose(f);
	if (!found) {
		buf[0] = '\0';
		return;
	}
	memmove(buf, buf + skip, strlen(buf + skip) + 1);
	buf[strcspn(buf, "\n")] = '\0';
}

/**
 * host_sysctl - read a number below /proc/sys
 * @path: the file
 *
 * Return: the number, 0 if the file cannot be read
 */
uint64_t host_sysctl(const char *path)
{
	char line[32];

	host_line(path, "", line, sizeof(line));
	return strtoull(line, NULL, 10);
}

/**
 * host_capable - whether the reader has a capability
 * @cap: CAP_*
 *
 * Return: true also if it has the capability only in a user namespace
 */
bool host_capable(unsigned int cap)
{
	char line[128];

	host_line("/proc/self/status", "CapEff:", line, sizeof(line));
	return strtoull(line, NULL, 16) >> cap & 1;
}

/**
 * host_locked_down - whether the kernel is locked down
 *
 * Return: true at both levels of kernel_lockdown(7)
 */
bool host_locked_down(void)
{
	char line[128];

	host_line(LOCKDOWN, "", line, sizeof(line));
	return strstr(line, "[integrity]") || strstr(line, "[confidentiality]");
}
