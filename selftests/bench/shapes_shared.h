/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shapes of memory whose pages are shared or part of large folios.
 *
 * Each comes in two forms. In the plain one, all pages are alike. In the mixed one,
 * stretches of 1 to 32 pages differ in who maps them, in accessed and dirty
 * bits, and in how they became what they are; their frames are in no order.
 */
#ifndef SHAPES_SHARED_H
#define SHAPES_SHARED_H

#include <stdbool.h>

#include "shapes.h"

/* A memfd that two processes have mapped. */
void make_shared(struct shape *shape);
void make_shared_mixed(struct shape *shape);

/* Anonymous memory of a process that forked: small pages, and huge ones. */
void make_forked(struct shape *shape);
void make_thp_forked(struct shape *shape);
void make_forked_mixed(struct shape *shape);

/* Anonymous memory in folios of 64 KiB. */
bool mthp_exists(void);
void make_mthp(struct shape *shape);
void make_mthp_mixed(struct shape *shape);

/* A private mapping of a file whose page cache consists of large folios. */
bool file_folios_exist(void);
void make_file_folios(struct shape *shape);
void make_file_huge(struct shape *shape);	/* mapped by PMDs where possible */
void make_file_folios_mixed(struct shape *shape);

/* Huge pages of 32 MiB, each in 16 PMDs with the contiguous hint of arm64. */
bool cont_pmds_exist(void);
void make_cont_pmds(struct shape *shape);

#endif
