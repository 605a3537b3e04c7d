// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "source.h"
#include "text.h"

/**
 * struct copy - where the bytes go
 * @fd: file descriptor
 * @error: errno of the first write that failed
 */
struct copy {
	int fd;
	int error;
};

static void write_all(void *arg, const void *bytes, size_t len)
{
	struct copy *copy = arg;
	const char *from = bytes;

	while (len && !copy->error) {
		ssize_t n = write(copy->fd, from, len);

		if (n < 0 && errno != EINTR)
			copy->error = errno;
		if (n <= 0)
			continue;
		from += n;
		len -= (size_t)n;
	}
}

/* A copy of a file holds what the file holds. */
static struct asked what(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE,
	};

	if (!opt->input) {
		asked.parts |= MMSCOPE_PART_TABLES;
		asked.flags = MMSCOPE_QUERY_RESIDENCY;
	}
	if (opt->given & OPT_FACTS)
		asked.flags |= MMSCOPE_QUERY_FACTS;
	return asked;
}

static int copy_stream(const struct options *opt, struct copy *copy)
{
	struct asked asked = what(opt);
	struct source src = {
		.stream = { .tap = write_all, .tap_arg = copy },
	};
	struct record rec;
	int code = source_open(&src, opt, &asked);

	while (!code && !copy->error && stream_next(&src.stream, &rec))
		if (rec.head->type == MMSCOPE_REC_TASK)
			code = source_task(rec.task);
	if (!code && copy->error)
		code = complain(EXIT_FAILED, "%s: %s", opt->output,
				strerror(copy->error));
	if (!code)
		code = source_verdict(&src);
	source_close(&src);
	return code;
}

static int to_output(const struct options *opt)
{
	struct copy copy = { .fd = STDOUT_FILENO };

	if (isatty(STDOUT_FILENO))
		return complain(EXIT_USAGE,
				"a snapshot is binary: give -o FILE, or send it down a pipe");
	return copy_stream(opt, &copy);
}

static int keep(const struct options *opt, int fd, const char *name, int code)
{
	if (close(fd) || rename(name, opt->output))
		return complain(EXIT_FAILED, "%s: %s", opt->output,
				strerror(errno));
	return code;
}

/* The file appears whole or not at all. It tells addresses: mode 0600. */
static int to_file(const struct options *opt)
{
	struct text name = { 0 };
	struct copy copy = { 0 };
	int code;

	text_printf(&name, "%s.XXXXXX", opt->output);
	copy.fd = mkstemp(name.s);
	if (copy.fd < 0) {
		code = complain(EXIT_FAILED, "%s: %s", opt->output,
				strerror(errno));
		text_free(&name);
		return code;
	}
	code = copy_stream(opt, &copy);
	if (code == EXIT_FINE || code == EXIT_PARTIAL)
		code = keep(opt, copy.fd, name.s, code);
	else
		close(copy.fd);
	if (code == EXIT_USAGE || code == EXIT_FAILED)
		unlink(name.s);
	text_free(&name);
	return code;
}

static int run_snapshot(const struct options *opt)
{
	if (!opt->output)
		return complain(EXIT_USAGE,
				"where to? give -o FILE, or -o - for standard output");
	return strcmp(opt->output, "-") ? to_file(opt) : to_output(opt);
}

const struct command cmd_snapshot = {
	.name = "snapshot",
	.operands = "",
	.summary = "keep all of it in a file, to be read with -i anywhere",
	.options = OPT_INPUT | OPT_FILE | OPT_FACTS,
	.run = run_snapshot,
};
