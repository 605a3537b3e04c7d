/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MMSCOPE_ARRAY_H
#define MMSCOPE_ARRAY_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
