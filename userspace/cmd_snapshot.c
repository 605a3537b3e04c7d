// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "new_file.h"
#include "options.h"
#include "source.h"

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

/* A copy of a file contains what the file contains. */
static struct asked what(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE,
	};

	if (!opt->input) {
		asked.parts |= MMSCOPE_PART_TABLES | MMSCOPE_PART_UPPER |
			       MMSCOPE_PART_THREADS;
		asked.flags = MMSCOPE_QUERY_RESIDENCY;
	}
	if (opt->given & OPT_FACTS)
		asked.flags |= MMSCOPE_QUERY_FACTS;
	return asked;
}

static int copy_stream(const struct options *opt, int fd)
{
	struct copy copy = { .fd = fd };
	struct asked asked = what(opt);
	struct source src = {
		.stream = { .tap = write_all, .tap_arg = &copy },
	};
	struct record rec;
	int code = source_open(&src, opt, &asked);

	while (!code && !copy.error && stream_next(&src.stream, &rec))
		if (rec.head.type == MMSCOPE_REC_TASK)
			code = source_task(&rec.task);
	if (!code && copy.error)
		code = complain(EXIT_FAILED, "%s: %s", opt->output,
				strerror(copy.error));
	if (!code)
		code = source_verdict(&src);
	source_close(&src);
	return code;
}

static int to_output(const struct options *opt)
{
	if (isatty(STDOUT_FILENO))
		return complain(EXIT_USAGE,
				"not writing a binary snapshot to a terminal: use -o FILE, or a pipe");
	return copy_stream(opt, STDOUT_FILENO);
}

static int fail(const char *name)
{
	return complain(EXIT_FAILED, "%s: %s", name, strerror(errno));
}

static bool is_useful(int code)
{
	return code == EXIT_FINE || code == EXIT_PARTIAL;
}

/* A device, a FIFO or a file without a name is written in place. */
static int to_device(const struct options *opt)
{
	int fd = open(opt->output, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int code;

	if (fd < 0)
		return fail(opt->output);
	code = copy_stream(opt, fd);
	/* Some file systems report a lack of space only here. */
	if (close(fd) && is_useful(code))
		return fail(opt->output);
	return code;
}

static int to_name(const struct options *opt, const char *name)
{
	struct new_file file;
	int code;

	if (!new_file_open(&file, name))
		return fail(opt->output);
	code = copy_stream(opt, file.fd);
	if (!is_useful(code))
		new_file_discard(&file);
	else if (!new_file_keep(&file))
		return fail(opt->output);
	return code;
}

static int to_file(const struct options *opt)
{
	struct stat st;
	char *name;
	int code;

	if (stat(opt->output, &st)) {
		if (errno != ENOENT)
			return fail(opt->output);
		if (!lstat(opt->output, &st))
			return complain(EXIT_FAILED,
					"%s: dangling symbolic link",
					opt->output);
		return to_name(opt, opt->output);
	}
	/* The target of a link is replaced, not the link. */
	name = S_ISREG(st.st_mode) ? realpath(opt->output, NULL) : NULL;
	code = name ? to_name(opt, name) : to_device(opt);
	free(name);
	return code;
}

static int run_snapshot(const struct options *opt)
{
	if (!opt->output)
		return complain(EXIT_USAGE,
				"missing -o FILE (-o - for standard output)");
	return strcmp(opt->output, "-") ? to_file(opt) : to_output(opt);
}

const struct command cmd_snapshot = {
	.name = "snapshot",
	.operands = "",
	.summary = "save a process to a file, which -i FILE reads",
	.example = "Save a process, and look at it later without root:\n"
		   "  mmscope snapshot 4711 -o it.snapshot\n"
		   "  mmscope -i it.snapshot\n",
	.options = OPT_INPUT | OPT_FILE | OPT_FACTS,
	.run = run_snapshot,
};
