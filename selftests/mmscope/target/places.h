/* SPDX-License-Identifier: GPL-2.0-only */
/* A target with pages of many kinds, to be translated one by one. */
#ifndef PLACES_H
#define PLACES_H

/**
 * struct places - what a target maps to be translated; shared with it
 * @small: 16 pages: 8 written to, 4 read, 4 untouched
 * @denied: 4 written pages without any permission
 * @swapped: 16 swapped pages, NULL if there is no swap space
 * @thp: a transparent huge page, NULL if the kernel allocated none
 * @hugetlb: a page of hugetlb, NULL if there is none
 * @shared: 4 written pages of shared memory
 * @distant: a written page; nothing else is mapped within 4 GiB
 * @inside: an unmapped page between two written ones
 */
struct places {
	char *small;
	char *denied;
	char *swapped;
	char *thp;
	char *hugetlb;
	char *shared;
	char *distant;
	char *inside;
};

/* The target function that makes them; @arg is a struct places. */
void make_places(void *arg, int step);

/* Map a transparent huge page. Return: NULL if the kernel allocates none. */
char *place_thp(void);

#endif
