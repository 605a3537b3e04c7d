/* SPDX-License-Identifier: GPL-2.0-only */
/* The module under test, and its files. */
#ifndef MODULE_H
#define MODULE_H

#include <sys/types.h>

#define MMSCOPE_DIR	"/sys/kernel/debug/mmscope"

/* Load the module unless it is loaded; dies if that fails. */
void module_need(void);

/* Each returns 0 or an errno. */
int module_load(const char *params);
int module_unload(void);
int module_loaded(void);

/* Write to "attach". Each returns 0 or an errno. */
int attach_text(const void *text, size_t size);
int attach(pid_t pid);
int detach(pid_t pid);

/* The path of a file in a task's folder, in a static buffer. */
const char *folder_path(pid_t pid, const char *file);
int folder_exists(pid_t pid);
/* Attach, and open a file of the folder; dies if that fails. */
int folder_open(pid_t pid, const char *file);

/* The number of folders. */
size_t folder_count(void);

/* Read an open file to its end with read()s of @step bytes; dies on failure. */
size_t file_read_in_steps(int fd, char *to, size_t step);

#endif
