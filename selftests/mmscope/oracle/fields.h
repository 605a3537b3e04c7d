/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the fields of an mm with /proc. */
#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <sys/types.h>

#include "uapi.h"

/*
 * Compare the stream of a target that keeps still with
 * /proc/PID/{stat,status,statm,maps,smaps,auxv}, and the file "mm" with the
 * stream. Return the number of fields that differ, and note them.
 */
size_t fields_compare(pid_t pid);
size_t fields_compare_text(pid_t pid);

/* The fields themselves, without the text after them. */
struct mmscope_mm fields_of(pid_t pid);

#endif
