// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "text.h"

/* Milliseconds before the line is shown, and from one line to the next. */
#define FIRST	1000
#define EACH	200

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A terminal that can write over a line. */
static bool is_suitable(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb");
}

/**
 * progress_begin - begin something that may take long
 * @p: zero; ended by progress_end()
 */
void progress_begin(struct progress *p)
{
	if (!p->clock)
		p->clock = clock_ms;
	if (!p->out && is_suitable(STDERR_FILENO))
		p->out = stderr;
	if (p->out)
		p->next = p->clock() + FIRST;
}

static bool is_due(struct progress *p)
{
	uint64_t now;

	if (!p->out)
		return false;
	now = p->clock();
	if (now < p->next)
		return false;
	p->next = now + EACH;
	return true;
}

/* The cursor stays at the start of the line: a message is written over it. */
static void show(struct progress *p, const char *what)
{
	size_t len = strlen(what);
	int fill = p->shown > len ? (int)(p->shown - len) : 0;

	fprintf(p->out, "%s%*s\r", what, fill, "");
	fflush(p->out);
	p->shown = len;
}

/**
 * progress_bytes - report bytes that were read
 * @p: begun
 * @bytes: their number
 */
void progress_bytes(struct progress *p, uint64_t bytes)
{
	struct text line = { 0 };

	if (!is_due(p))
		return;
	text_puts(&line, "mmscope: ");
	text_size(&line, bytes, false);
	text_puts(&line, " read");
	show(p, line.s);
	text_free(&line);
}

/**
 * progress_processes - report processes that were read
 * @p: begun
 * @nr: their number
 * @all: number of all processes
 */
void progress_processes(struct progress *p, size_t nr, size_t all)
{
	char line[64];

	if (!is_due(p))
		return;
	snprintf(line, sizeof(line), "mmscope: %zu of %zu processes", nr, all);
	show(p, line);
}

/**
 * progress_end - remove the line
 * @p: begun, or zero
 */
void progress_end(struct progress *p)
{
	if (p->shown)
		show(p, "");
	p->shown = 0;
	p->out = NULL;
}
