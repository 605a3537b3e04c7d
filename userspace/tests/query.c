// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "query.h"

int query_fd = -1;
int (*query_open)(void) = query_open_empty;

/* Takes the place of the C library's, for all but the query file as that works. */
int open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (!strstr(path, "/mmscope/query"))
		return openat(AT_FDCWD, path, flags, mode);
	return query_open();
}

/**
 * query_open_empty - make a query file for query_answer()
 *
 * Return: its file descriptor
 */
int query_open_empty(void)
{
	query_fd = memfd_create("query", MFD_CLOEXEC);
	return query_fd;
}

/**
 * query_answer - answer a query that a test found in write()
 * @b: the stream; freed
 */
void query_answer(struct build *b)
{
	if (ftruncate(query_fd, 0) ||
	    pwrite(query_fd, b->bytes, b->len, 0) != (ssize_t)b->len ||
	    lseek(query_fd, 0, SEEK_SET))
		err(99, "query");
	build_free(b);
}
