/* SPDX-License-Identifier: GPL-2.0-only */
/* A target with mappings of all kinds. */
#ifndef GROUND_H
#define GROUND_H

#define GROUND_FILES	14		/* in each of two folders, and more */
#define MAX_KNOWN	72

/**
 * struct known - a mapping that the target made
 * @start: its first address
 * @kind: enum mmscope_vma_kind
 * @flags: flags it must have, by their names in smaps; "" for none
 * @name: that it must have; "" if it is not checked
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
 * @dir: a folder for its files, made and removed by the test
 */
struct ground {
	struct known known[MAX_KNOWN];
	unsigned int nr;
	char dir[32];
};

/* The target function that makes them; @arg is a struct ground. */
void make_ground(void *arg, int step);

#endif
