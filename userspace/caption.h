/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines above the picture. */
#ifndef MMSCOPE_CAPTION_H
#define MMSCOPE_CAPTION_H

#include "pen.h"

void caption_draw(const struct pen *pen, const struct regions *all);

#endif
