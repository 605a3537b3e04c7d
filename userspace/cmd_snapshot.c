// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
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
		if (rec.head.type == MMSCOPE_REC_TASK)
			code = source_task(&rec.task);
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

static int complain_of(const char *name)
{
	return complain(EXIT_FAILED, "%s: %s", name, strerror(errno));
}

/* Some file systems tell only then that there was no room. */
static int finish(const struct options *opt, int fd, int code)
{
	if (close(fd) && (code == EXIT_FINE || code == EXIT_PARTIAL))
		return complain_of(opt->output);
	return code;
}

/* A device, a fifo, a file without a name: nothing is put in its place. */
static int to_device(const struct options *opt)
{
	struct copy copy = {
		.fd = open(opt->output, O_WRONLY | O_TRUNC | O_CLOEXEC),
	};

	if (copy.fd < 0)
		return complain_of(opt->output);
	return finish(opt, copy.fd, copy_stream(opt, &copy));
}

/* What must not be left behind. */
static char *unfinished;

static void remove_unfinished(int sig)
{
	unlink(unfinished);
	raise(sig);
}

static void mind_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction mind = {
		.sa_handler = remove_unfinished,
		.sa_flags = SA_RESETHAND,
	};
	struct sigaction before;

	/* nohup(1) has some of them ignored. */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &before) &&
		    before.sa_handler != SIG_IGN)
			sigaction(signals[i], &mind, NULL);
}

/* It appears whole or not at all. It tells addresses: mode 0600. */
static int to_name(const struct options *opt, const char *name)
{
	struct text beside = { 0 };
	struct copy copy = { 0 };
	int code;

	text_printf(&beside, "%s.XXXXXX", name);
	copy.fd = mkstemp(beside.s);
	if (copy.fd < 0) {
		code = complain_of(opt->output);
		text_free(&beside);
		return code;
	}
	unfinished = beside.s;
	mind_signals();
	code = finish(opt, copy.fd, copy_stream(opt, &copy));
	if (code == EXIT_FINE || code == EXIT_PARTIAL)
		if (rename(beside.s, name))
			code = complain_of(opt->output);
	if (code == EXIT_USAGE || code == EXIT_FAILED)
		unlink(beside.s);
	return code;
}

static int to_file(const struct options *opt)
{
	struct stat st;
	char *name;
	int code;

	if (stat(opt->output, &st)) {
		if (errno != ENOENT)
			return complain_of(opt->output);
		if (!lstat(opt->output, &st))
			return complain(EXIT_FAILED,
					"%s is a link that leads nowhere",
					opt->output);
		return to_name(opt, opt->output);
	}
	/* Where a link leads to. */
	name = S_ISREG(st.st_mode) ? realpath(opt->output, NULL) : NULL;
	code = name ? to_name(opt, name) : to_device(opt);
	free(name);
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
	.summary = "keep all but page facts and upper tables in a file for -i",
	.options = OPT_INPUT | OPT_FILE | OPT_FACTS,
	.run = run_snapshot,
};
