// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <string.h>

#include "spell.h"

/* Longer words are not compared. */
#define LETTERS	32u

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/**
 * spell_distance - how much two words differ
 * @a: a word
 * @b: another
 *
 * A letter too many, one too few, a wrong one, or two that changed places count as one
 * difference each.
 *
 * Return: the number of differences; SIZE_MAX for words that are too long
 */
size_t spell_distance(const char *a, const char *b)
{
	size_t d[LETTERS + 1][LETTERS + 1], na = strlen(a), nb = strlen(b);

	if (na > LETTERS || nb > LETTERS)
		return SIZE_MAX;
	for (size_t i = 0; i <= na; i++) {
		for (size_t j = 0; j <= nb; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}
