// SPDX-License-Identifier: GPL-2.0-only
/* The line that shows progress, with a clock of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "progress.h"
#include "stream.h"
#include "tap.h"
#include "text.h"

static uint64_t now;

static uint64_t test_clock(void)
{
	return now;
}

static char *text;
static size_t len;

static struct progress begin(void)
{
	struct progress p = {
		.clock = test_clock,
		.out = open_memstream(&text, &len),
	};

	now = 5000;
	progress_begin(&p);
	return p;
}

static void expect(FILE *out, const char *want, const char *name)
{
	fclose(out);
	tap_ok(!strcmp(text, want), "%s: \"%s\"", name, text);
	free(text);
}

/* Nothing is shown in the first second, and then it is removed in the end. */
static void test_bytes(void)
{
	struct progress p = begin();
	FILE *out = p.out;

	progress_bytes(&p, 4096);
	now = 5999;
	progress_bytes(&p, 1 << 20);
	progress_end(&p);
	expect(out, "", "less than a second");

	p = begin();
	out = p.out;
	now = 6000;
	progress_bytes(&p, 1023 << 10);
	now = 6199;
	progress_bytes(&p, 2 << 20);
	now = 6200;
	progress_bytes(&p, 3 << 20);
	progress_end(&p);
	progress_end(&p);
	expect(out, "mmscope: 1023K read\rmmscope: 3M read   \r                \r",
	       "more than a second");
}

static void test_processes(void)
{
	struct progress p = begin();
	FILE *out = p.out;

	for (size_t i = 1; i <= 20; i++) {
		now += 100;
		progress_processes(&p, i, 20);
	}
	progress_end(&p);
	expect(out, "mmscope: 10 of 20 processes\r"
	       "mmscope: 12 of 20 processes\r"
	       "mmscope: 14 of 20 processes\r"
	       "mmscope: 16 of 20 processes\r"
	       "mmscope: 18 of 20 processes\r"
	       "mmscope: 20 of 20 processes\r"
	       "                           \r", "processes");
}

/* A stream shows how much of it was read, and nothing once it is at its end. */
static void test_stream(void)
{
	struct progress p = begin();
	FILE *out = p.out;
	struct stream s = { .progress = &p };
	struct build b = { 0 };
	struct record rec;
	struct text size = { 0 };
	char want[64];
	size_t nr = 0;
	int fd;

	build_process(&b, 4);
	fd = build_fd(&b);
	now = 6000;
	tap_ok(stream_open(&s, fd), "open a stream");
	while (stream_next(&s, &rec))
		nr++;
	tap_ok(nr && s.ended && !p.out, "read it to its end");
	text_size(&size, b.len, false);
	snprintf(want, sizeof(want), "mmscope: %s read\r%*s\r", size.s,
		 (int)(size.len + strlen("mmscope:  read")), "");
	expect(out, want, "a stream");
	stream_close(&s);
	close(fd);
	text_free(&size);
	build_free(&b);
}

/* Without a terminal, the clock is not even read. */
static void test_nowhere(void)
{
	struct progress p = { .clock = test_clock };

	setenv("TERM", "dumb", 1);
	progress_begin(&p);
	now += 5000;
	progress_bytes(&p, 1);
	progress_end(&p);
	tap_ok(!p.out && !p.next, "no terminal");
}

int main(void)
{
	test_bytes();
	test_processes();
	test_stream();
	test_nowhere();
	return tap_done();
}
