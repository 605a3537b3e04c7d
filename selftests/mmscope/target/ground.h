/* SPDX-License-Identifier: GPL-2.0-only */
/* A target with mappings of all kinds. */
#ifndef GROUND_H
#define GROUND_H

#define GROUND_FILES	14		/* in each of two folders, and more */
#define MAX_KNOWN	72

/**
 * struct known - a mapping that the target made
 * @start: of it
 * @kind: of what it mapped
 * @flags: smaps' names of flags it must have, "" for none
 * @name: as the kernel was given it; "" to leave that to maps
 */
struct known {
	char *start;
	unsigned int kind;
	char flags[16];
	char name[256];
};

/**
 * struct ground - shared with the target
 * @known: what it mapped
 * @nr: number of them
 * @dir: a folder for its files, to be made and removed by others
 */
struct ground {
	struct known known[MAX_KNOWN];
	unsigned int nr;
	char dir[32];
};

/* What a target does to have them; @arg is its struct ground. */
void make_ground(void *arg, int step);

#endif
