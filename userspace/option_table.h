/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of all options. */
#ifndef MMSCOPE_OPTION_TABLE_H
#define MMSCOPE_OPTION_TABLE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "command.h"

#define NO_LETTER	256

enum {
	LONG_COLOR = NO_LETTER,
	LONG_CSV,
	LONG_EVERY_COLUMN,
	LONG_SORT,
	LONG_SCHEMA,
	LONG_WIDTH,
	LONG_ONLY,
	LONG_FRAME,
	LONG_USER,
	LONG_CGROUP,
	LONG_FAMILY,
	LONG_GIVEN,			/* and above: bits of @given */
};

/* Options without an argument that only set their bit. */
#define GIVEN(opt)	(LONG_GIVEN + __builtin_ctz(opt))

/* At most so many options are known. */
#define KNOWN_MAX	48

/**
 * struct known - an option
 * @val: what getopt_long(3) returns for it: its letter, or LONG_*
 * @name: long name
 * @arg: name of its argument, NULL without
 * @mask: OPT_* of the commands that take it
 * @help: description
 */
struct known {
	int val;
	const char *name;
	const char *arg;
	unsigned int mask;
	const char *help;
};

extern const struct known known[];
extern const size_t nr_known;

/**
 * struct accepted - options in the two forms of getopt_long(3)
 * @brief: letters, after up to two characters for the mode
 * @longer: long options
 */
struct accepted {
	char brief[2 * KNOWN_MAX + 3];
	struct option longer[KNOWN_MAX + 1];
};

bool option_taken(const struct known *k, unsigned int options);
bool option_is_optional(const struct known *k);
const struct known *option_find(int val, unsigned int options);
void options_accept(struct accepted *a, unsigned int options, const char *mode);

#endif
