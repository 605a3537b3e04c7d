/* SPDX-License-Identifier: GPL-2.0-only */
/* The text in a box of the picture. */
#ifndef MMSCOPE_LABEL_H
#define MMSCOPE_LABEL_H

#include "pen.h"

/* In place of permissions */
#define PERMS_NONE	(~0u)
#define PERMS_MIXED	(~1u)

size_t label_width(const struct pen *pen);
void label_name(const struct pen *pen, const struct region *region,
		struct text *out);
void label_file(const struct pen *pen, const struct region *region,
		struct text *out);
bool label_is_guess(const struct pen *pen, const struct region *region);
unsigned int label_perms(const struct pen *pen, const struct region *region);
void label_row(const struct pen *pen, const char *label, unsigned int perms,
	       const struct region *sum, struct text *out);
void label_head(const struct pen *pen, const struct region *region,
		struct text *out);
void label_plain(const struct pen *pen, const struct region *region,
		 const char *label, struct text *out);
void label_headings(const struct pen *pen, struct text *out);
unsigned int label_parts(const struct pen *pen, const struct region *region);

#endif
