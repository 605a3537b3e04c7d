/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of an address space that targets make while they are read. */
#ifndef CHANGES_H
#define CHANGES_H

#include <sys/types.h>

/* Each changes the calling process, and leaves it as it was. */
void change_map(pid_t *child);
void change_unmap_tables(pid_t *child);
void change_protect(pid_t *child);
void change_forget(pid_t *child);
void change_split(pid_t *child);
void change_collapse(pid_t *child);
void change_collapse_shared(pid_t *child);
void change_page_out(pid_t *child);
void change_brk(pid_t *child);
void change_move(pid_t *child);
void change_grow_stack(pid_t *child);
void change_threads(pid_t *child);
void change_fork(pid_t *child);
void change_hugetlb(pid_t *child);
void change_clear(pid_t *child);

/* Each starts a child, stores its PID, and waits for its end. */
void change_exit(pid_t *child);
void change_exec(pid_t *child);
void change_exec_in_thread(pid_t *child);

#endif
