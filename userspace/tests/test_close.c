// SPDX-License-Identifier: GPL-2.0-only
/* A lack of space that only close() reports, as that of NFS: it is replaced. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_code.h"
#include "output.h"
#include "tap.h"

static bool is_full;

int close(int fd)
{
	if (syscall(SYS_close, fd))
		return -1;
	errno = ENOSPC;
	return is_full ? -1 : 0;
}

int main(void)
{
	FILE *old = stderr;
	char *text;
	size_t len;
	int code;

	tap_ok(output_close(EXIT_PARTIAL) == EXIT_PARTIAL,
	       "the exit code stays if all was written");
	stderr = open_memstream(&text, &len);
	is_full = true;
	code = output_close(EXIT_FINE);
	is_full = false;
	fclose(stderr);
	stderr = old;
	tap_ok(code == EXIT_FAILED &&
	       !strcmp(text, "mmscope: write error: No space left on device\n"),
	       "an error of close(): %d %s", code, text);
	free(text);
	return tap_done();
}
