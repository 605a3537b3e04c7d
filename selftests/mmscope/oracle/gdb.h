/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads of a process, as gdb reports them. */
#ifndef GDB_H
#define GDB_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The process has to be stopped by SIGSTOP, and to have several threads. gdb may let
 * it go on when it detaches.
 *
 * Return: how many threads have other registers in gdb than in mmscope, plus one if
 * gdb does not list as many.
 */
size_t gdb_compare(pid_t pid);

#endif
