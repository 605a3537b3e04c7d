/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that appears under its name once it is complete, or never. */
#ifndef MMSCOPE_NEW_FILE_H
#define MMSCOPE_NEW_FILE_H

#include <stdbool.h>

/**
 * struct new_file - a file that is being written
 * @fd: its file descriptor
 * @name: the name that it gets in the end
 * @temporary: its name until then, NULL if it has none
 */
struct new_file {
	int fd;
	const char *name;
	char *temporary;
};

bool new_file_open(struct new_file *file, const char *name);
bool new_file_keep(struct new_file *file);
void new_file_discard(struct new_file *file);

#endif
