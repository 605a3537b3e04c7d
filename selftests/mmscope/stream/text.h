/* SPDX-License-Identifier: GPL-2.0-only */
/* The text files of a folder. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Read an open text file to its end. Returns 0 or the errno of read(). */
int text_read(int fd, char **text);

/* Attach, open and read; dies on failure. */
char *text_get(pid_t pid, const char *file);

/* The value after "NAME: " on a line of its own, in a static buffer. */
const char *text_value(const char *text, const char *name);

bool text_has_line(const char *text, const char *line);

/*
 * Compare the text file "vmas", "pagetable" or "tables" of a target that keeps
 * still with a stream read after it. Return the number of lines that differ, and
 * note the first ones.
 */
size_t text_compare(pid_t pid, const char *file);

#endif
