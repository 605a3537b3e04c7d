/* SPDX-License-Identifier: GPL-2.0-only */
/* Snapshots of real processes. */
#ifndef MMSCOPE_TESTS_RECORDED_H
#define MMSCOPE_TESTS_RECORDED_H

void each_recorded(void (*test)(const char *snapshot));

#endif
