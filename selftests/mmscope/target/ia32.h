/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IA32_H
#define IA32_H

/*
 * A program of 32 bits that does nothing but wait: one segment, which holds the
 * headers and a loop around pause().
 */
void ia32_make(const char *path);

#endif
