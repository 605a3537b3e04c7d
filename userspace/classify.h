/* SPDX-License-Identifier: GPL-2.0-only */
/* Which segment each mapping is. */
#ifndef MMSCOPE_CLASSIFY_H
#define MMSCOPE_CLASSIFY_H

#include "classes.h"
#include "text.h"

void classify(struct classes *all, const struct space *sp);
void classes_free(struct classes *all);
enum segment class_of(const struct classes *all, const struct mapping *map);
bool class_is_guess(const struct classes *all, const struct mapping *map);
const char *class_name(const struct classes *all, const struct mapping *map);
void class_put(struct text *out, const struct classes *all,
	       const struct mapping *map);

#endif
