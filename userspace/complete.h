/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion of command lines, for the scripts in completions/. */
#ifndef MMSCOPE_COMPLETE_H
#define MMSCOPE_COMPLETE_H

int complete(int argc, char **argv);

#endif
