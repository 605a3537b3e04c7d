/* SPDX-License-Identifier: GPL-2.0-only */
/* The mappings of a file, by its short name: "libc" is libc.so.6 and libc-2.31.so. */
#ifndef MMSCOPE_NAMED_H
#define MMSCOPE_NAMED_H

#include "classify.h"

/**
 * struct named - mappings that are looked for
 * @name: of the file, up to a dot, a dash or its end
 * @object: the program or library that was found, 0 for none yet
 */
struct named {
	const char *name;
	uint32_t object;
};

bool named_has(struct named *named, const struct classes *all, size_t i);

#endif
