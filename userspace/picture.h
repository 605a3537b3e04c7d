/* SPDX-License-Identifier: GPL-2.0-only */
/* Drawing an address space. */
#ifndef MMSCOPE_PICTURE_H
#define MMSCOPE_PICTURE_H

#include <stdio.h>

#include "options.h"
#include "region.h"
#include "thread.h"

void picture_draw(FILE *out, const struct options *opt,
		  const struct classes *classes, const struct threads *threads,
		  const struct regions *all);

#endif
