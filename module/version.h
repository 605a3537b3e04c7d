/* SPDX-License-Identifier: GPL-2.0-only */
/* The version. debian/changelog repeats it; all other files take it from here. */
#ifndef _MMSCOPE_VERSION_H
#define _MMSCOPE_VERSION_H

#define MMSCOPE_VERSION "0.1.0"

#endif
