/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes of arrays and memory. */
#ifndef SIZES_H
#define SIZES_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define KIB	1024UL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

#endif
