/* SPDX-License-Identifier: GPL-2.0-only */
/* Test Anything Protocol, and running the reader. */
#ifndef MMSCOPE_TESTS_TAP_H
#define MMSCOPE_TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool tap_ok(bool passed, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void tap_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int tap_done(void);

/**
 * struct output - the result of a run of the reader
 * @code: exit code, 128 + n for signal n
 * @out: standard output, NUL-terminated
 * @out_len: its length
 * @err: standard error, NUL-terminated
 * @max_kib: largest resident size in KiB
 */
struct output {
	int code;
	char *out;
	size_t out_len;
	char *err;
	long max_kib;
};

const char *reader_path(void);
void keep(const char *name, const void *bytes, size_t len);
struct output run_reader(const char *input, const char *const *args);
struct output run_on_terminal(unsigned int columns, const char *const *args);
pid_t start_reader(const char *const *args);
void output_free(struct output *o);

/* Run the reader with these arguments; standard input is /dev/null. */
#define RUN(...) run_reader(NULL, (const char *const[]){ __VA_ARGS__, NULL })

bool json_valid(const char *s);

#endif
