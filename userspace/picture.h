/* SPDX-License-Identifier: GPL-2.0-only */
/* Drawing an address space. */
#ifndef MMSCOPE_PICTURE_H
#define MMSCOPE_PICTURE_H

#include <stdio.h>

#include "command.h"
#include "region.h"

void picture_draw(FILE *out, const struct options *opt, const struct space *sp,
		  const struct regions *all);
unsigned int picture_height(const struct space *sp,
			    const struct region *region);

#endif
