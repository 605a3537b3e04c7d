/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes of arrays and memory. */
#ifndef SIZES_H
#define SIZES_H

#include <unistd.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define KIB	1024UL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

/* Page tables of that many entries take a page each. */
#define PAGE		((unsigned long)sysconf(_SC_PAGESIZE))
#define TABLE_ENTRIES	(PAGE / 8)

/* What a table of PTEs maps: the size of a transparent huge page. */
#define HUGE		(TABLE_ENTRIES * PAGE)

#endif
