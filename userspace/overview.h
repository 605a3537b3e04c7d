/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture on one screen. */
#ifndef MMSCOPE_OVERVIEW_H
#define MMSCOPE_OVERVIEW_H

#include "pen.h"

void overview_draw(const struct pen *pen, const struct regions *all);

#endif
