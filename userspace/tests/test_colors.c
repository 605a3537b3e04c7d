// SPDX-License-Identifier: GPL-2.0-only
/* Schemes of colours, by the rules of terminal-colors.d(5). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "colors.h"
#include "tap.h"

#define FILES	4

/* Two folders: that of the user and that of all users. */
static char folder[2][64];

static void make_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		tap_ok(false, "write %s", path);
}

static void empty_folder(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}

/* Which files there are, and whether there are colours on a terminal "xterm". */
static const struct {
	const char *user[FILES], *global[FILES];
	bool enabled;
} switches[] = {
	{ { NULL }, { NULL }, true },
	{ { NULL }, { "disable" }, true },	/* the user's folder overrides */
	{ { "disable" }, { NULL }, false },
	{ { "mmscope.disable" }, { NULL }, false },
	{ { "@xterm.disable" }, { NULL }, false },
	{ { "mmscope@xterm.disable" }, { NULL }, false },
	{ { "dmesg.disable" }, { NULL }, true },
	{ { "@vt100.disable" }, { NULL }, true },
	{ { "mmscope@vt100.disable" }, { NULL }, true },
	{ { "dmesg@xterm.disable" }, { NULL }, true },
	{ { "mmscope.disabled" }, { NULL }, true },
	{ { "disable", "enable" }, { NULL }, true },
	{ { "mmscope.disable", "enable" }, { NULL }, false },
	{ { "disable", "mmscope.enable" }, { NULL }, true },
	{ { "@xterm.disable", "mmscope.enable" }, { NULL }, true },
	{ { "mmscope.disable", "@xterm.enable" }, { NULL }, false },
	{ { "mmscope@xterm.disable", "mmscope.enable" }, { NULL }, false },
};

static void test_switches(void)
{
	struct colors c;

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		for (size_t f = 0; f < FILES && switches[i].user[f]; f++)
			make_file(folder[0], switches[i].user[f], "");
		for (size_t f = 0; f < FILES && switches[i].global[f]; f++)
			make_file(folder[1], switches[i].global[f], "");
		tap_ok(colors_read(&c, folder[0], folder[1], "xterm") ==
		       switches[i].enabled, "files %zu", i);
		empty_folder(folder[0]);
		empty_folder(folder[1]);
	}
}

/* Without a folder of the user, that of all users counts. */
static void test_global(void)
{
	struct colors c;

	make_file(folder[1], "disable", "");
	tap_ok(!colors_read(&c, NULL, folder[1], "xterm"), "no folder of the user");
	tap_ok(!colors_read(&c, "/nonexistent", folder[1], "xterm"),
	       "a folder that is missing");
	tap_ok(colors_read(&c, "/nonexistent", "/nonexistent", NULL),
	       "no folder at all");
	empty_folder(folder[1]);
}

/* The line of a scheme, and what starts the colour of marks then. */
static const struct {
	const char *line, *start;
} lines[] = {
	{ "mark red", "\033[31m" },
	{ "mark yellow", "\033[1;33m" },
	{ "  mark\t 1;4;35  ", "\033[1;4;35m" },
	{ "mark \\e[7m", "\033[7m" },
	{ "mark 0", "\033[0m" },
	{ "mark red # a comment", "\033[31m" },
	{ "mark red\nmark blue", "\033[34m" },
	{ "# mark red", "\033[1m" },
	{ "mark", "\033[1m" },
	{ "mark no-such-color", "\033[1m" },
	{ "mark \\e[2J", "\033[1m" },
	{ "mark \\e]0;title\\a", "\033[1m" },
	{ "mark \033[31m", "\033[1m" },
	{ "mark 31m", "\033[1m" },
	{ "mark 1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1", "\033[1m" },
	{ "marks red", "\033[1m" },
	{ "heap red", "\033[1m" },
};

static void test_schemes(void)
{
	struct colors c;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		make_file(folder[0], "mmscope.scheme", lines[i].line);
		colors_read(&c, folder[0], folder[1], "xterm");
		tap_ok(!strcmp(color_start(&c, COLOR_MARK), lines[i].start),
		       "scheme %zu: %s", i, color_start(&c, COLOR_MARK) + 1);
	}
	tap_ok(!strcmp(color_start(&c, COLOR_FAMILY + FAMILY_HEAP), "\033[31m"),
	       "another class");
	empty_folder(folder[0]);
}

/* The most specific scheme is the only one that is read. */
static void test_specific(void)
{
	static const struct {
		const char *name, *line, *start;
	} files[] = {
		{ "scheme", "mark 30", "\033[30m" },
		{ "@xterm.scheme", "mark 31", "\033[31m" },
		{ "mmscope.scheme", "mark 32", "\033[32m" },
		{ "mmscope@xterm.scheme", "heap 33", "\033[1m" },
		{ "@vt100.scheme", "mark 34", "\033[1m" },
	};
	struct colors c;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		make_file(folder[0], files[i].name, files[i].line);
		colors_read(&c, folder[0], folder[1], "xterm");
		tap_ok(!strcmp(color_start(&c, COLOR_MARK), files[i].start),
		       "with %s", files[i].name);
	}
	empty_folder(folder[0]);
}

static void test_sequences(void)
{
	struct colors c;

	colors_read(&c, NULL, "/nonexistent", NULL);
	tap_ok(!*color_start(NULL, COLOR_MARK) && !*color_end(NULL, COLOR_MARK),
	       "no colours");
	tap_ok(!*color_start(&c, COLOR_NONE) && !*color_end(&c, COLOR_NONE),
	       "nothing to colour");
	tap_ok(!strcmp(color_end(&c, COLOR_MARK), "\033[m"), "the end");
	for (unsigned int i = COLOR_NONE + 1; i < COLORS; i++)
		tap_ok(*color_start(&c, i), "class %u has a colour", i);
	tap_ok(color_of_segment(SEGMENT_LIB_BSS) == COLOR_FAMILY + FAMILY_LIBRARY,
	       "a segment has the colour of its family");
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(folder); i++) {
		snprintf(folder[i], sizeof(folder[i]), "/tmp/mmscope-XXXXXX");
		if (!mkdtemp(folder[i]))
			tap_ok(false, "mkdtemp");
	}
	test_switches();
	test_global();
	test_schemes();
	test_specific();
	test_sequences();
	for (size_t i = 0; i < ARRAY_SIZE(folder); i++)
		tap_ok(!rmdir(folder[i]), "nothing is left");
	return tap_done();
}
