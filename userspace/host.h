/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine that the reader runs on: what its kernel permits. */
#ifndef MMSCOPE_HOST_H
#define MMSCOPE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void host_line(const char *path, const char *key, char *buf, size_t size);
uint64_t host_sysctl(const char *path);
bool host_capable(unsigned int cap);
bool host_locked_down(void);

#endif
