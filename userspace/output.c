// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_code.h"
#include "message.h"
#include "output.h"

static int fail(int error)
{
	return complain(EXIT_FAILED, "write error: %s", strerror(error));
}

/**
 * output_check - end the program if a write to standard output failed
 *
 * Call it after each write, so that a full disk or a closed pipe ends the program
 * before it reads terabytes for nobody. What stdio still holds is lost.
 */
void output_check(void)
{
	int error = errno;

	if (ferror(stdout))
		_exit(fail(error));
}

/**
 * output_write - write text to standard output, and check that this worked
 * @out: the text; empty afterwards
 */
void output_write(struct text *out)
{
	if (!out->len)
		return;
	fwrite(out->s, 1, out->len, stdout);
	output_check();
	text_clear(out);
}

/**
 * output_close - write what stdio still holds
 * @code: exit code of the program so far
 *
 * Return: @code, or EXIT_FAILED after a message
 */
int output_close(int code)
{
	/* Some file systems report a lack of space only at close(). */
	if (!fflush(stdout) && !ferror(stdout) && !close(dup(STDOUT_FILENO)))
		return code;
	return fail(errno);
}
