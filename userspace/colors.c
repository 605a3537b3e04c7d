// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "colors.h"

/* Whose files in terminal-colors.d apply. */
#define UTILITY	"mmscope"

static const struct {
	const char *name;
	const char *numbers;		/* unless a scheme has others */
} classes[COLORS] = {
	[COLOR_HEADER] = { "header", "1" },
	[COLOR_QUIET] = { "border", "90" },
	[COLOR_MARK] = { "mark", "1" },
	[COLOR_ALERT] = { "alert", "1;31" },
	[COLOR_FAMILY + FAMILY_ANON] = { "anon", "36" },
	[COLOR_FAMILY + FAMILY_PROGRAM] = { "program", "32" },
	[COLOR_FAMILY + FAMILY_HEAP] = { "heap", "33" },
	[COLOR_FAMILY + FAMILY_LIBRARY] = { "library", "34" },
	[COLOR_FAMILY + FAMILY_FILE] = { "file", "37" },
	[COLOR_FAMILY + FAMILY_SHARED] = { "shared", "35" },
	[COLOR_FAMILY + FAMILY_STACK] = { "stack", "31" },
	[COLOR_FAMILY + FAMILY_KERNEL] = { "kernel", "90" },
};

/* The names of colours in terminal-colors.d(5). */
static const struct {
	const char *name;
	const char *numbers;
} named[] = {
	{ "black", "30" },	{ "blink", "5" },	{ "blue", "34" },
	{ "bold", "1" },	{ "brown", "33" },	{ "cyan", "36" },
	{ "darkgray", "1;30" },	{ "gray", "37" },	{ "green", "32" },
	{ "halfbright", "2" },	{ "lightblue", "1;34" }, { "lightcyan", "1;36" },
	{ "lightgray", "1;37" }, { "lightgreen", "1;32" },
	{ "lightmagenta", "1;35" }, { "lightred", "1;31" },
	{ "magenta", "35" },	{ "red", "31" },	{ "reset", "0" },
	{ "reverse", "7" },	{ "yellow", "1;33" },
};

/* Numbers that are too long are ignored. */
static void set_color(struct colors *c, size_t which, const char *numbers,
		      size_t len)
{
	if (len <= COLOR_SIZE - sizeof("\033[m"))
		snprintf(c->start[which], COLOR_SIZE, "\033[%.*sm", (int)len,
			 numbers);
}

/*
 * A sequence is the name of a colour, numbers with semicolons, or \e[NUMBERSm. Nothing
 * else gets to the terminal of root, who may have the environment of another user.
 */
static void parse_sequence(struct colors *c, size_t which, const char *s)
{
	static const char *const forms[][2] = { { "\\e[", "m" }, { "", "" } };

	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (!strcmp(named[i].name, s))
			set_color(c, which, named[i].numbers,
				  strlen(named[i].numbers));
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t skip = strlen(forms[i][0]);
		size_t len = strspn(s + skip, "0123456789;");

		if (len && !strncmp(s, forms[i][0], skip) &&
		    !strcmp(s + skip + len, forms[i][1]))
			set_color(c, which, s + skip, len);
	}
}

/* One line of a scheme: NAME SEQUENCE. What is not valid is ignored. */
static void parse_line(struct colors *c, char *line)
{
	const char *name, *sequence;
	char *rest;

	line[strcspn(line, "#\n")] = '\0';
	name = strtok_r(line, " \t", &rest);
	sequence = strtok_r(NULL, " \t", &rest);
	if (!sequence)
		return;
	for (size_t i = COLOR_NONE + 1; i < COLORS; i++)
		if (!strcmp(classes[i].name, name))
			parse_sequence(c, i, sequence);
}

static void read_scheme(struct colors *c, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		parse_line(c, line);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
}

/* A part of a file's name: worth points if it is the expected one; empty fits all. */
static int score(const char *part, size_t len, const char *expected, int points)
{
	if (!len)
		return 0;
	return strlen(expected) == len && !strncmp(part, expected, len) ?
	       points : -100;
}

/**
 * struct found - the files of one type that fit
 * @type: how their names end
 * @score: of the most specific one, 0 without any
 * @name: its name
 */
struct found {
	const char *type;
	int score;
	char name[256];
};

enum { DISABLE, ENABLE, SCHEME, TYPES };

/* The name of a file is [[UTILITY][@TERM].]TYPE. */
static void look_at(struct found *found, const char *name, const char *term)
{
	const char *dot = strrchr(name, '.'), *type = dot ? dot + 1 : name;
	size_t len = dot ? (size_t)(dot - name) : 0;
	const char *at = memchr(name, '@', len);
	size_t utility = at ? (size_t)(at - name) : len;
	int points = 1 + score(name, utility, UTILITY, 20);

	if (at)
		points += score(at + 1, len - utility - 1, term, 10);
	for (int i = 0; i < TYPES; i++) {
		if (strcmp(found[i].type, type) || points <= found[i].score)
			continue;
		found[i].score = points;
		snprintf(found[i].name, sizeof(found[i].name), "%s", name);
	}
}

/* Return: false if there is no such folder, or it may not be read. */
static bool read_folder(struct found *found, struct colors *c, const char *path,
			const char *term)
{
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		look_at(found, entry->d_name, term);
	if (found[SCHEME].score)
		read_scheme(c, dirfd(dir), found[SCHEME].name);
	closedir(dir);
	return true;
}

/**
 * colors_read - read the scheme, as in terminal-colors.d(5)
 * @c: the scheme
 * @user: folder of the user, or NULL; if it can be read, it overrides @global
 * @global: folder for all users
 * @term: the terminal, or NULL
 *
 * Return: false if a file there disables colours, and none enables them that is as
 * specific
 */
bool colors_read(struct colors *c, const char *user, const char *global,
		 const char *term)
{
	struct found found[TYPES] = {
		[DISABLE] = { .type = "disable" },
		[ENABLE] = { .type = "enable" },
		[SCHEME] = { .type = "scheme" },
	};

	c->start[COLOR_NONE][0] = '\0';
	for (size_t i = COLOR_NONE + 1; i < COLORS; i++)
		set_color(c, i, classes[i].numbers, strlen(classes[i].numbers));
	if (!term)
		term = "";
	if (!read_folder(found, c, user, term))
		read_folder(found, c, global, term);
	return found[DISABLE].score <= found[ENABLE].score;
}

/**
 * color_of_segment - look up the colour of a segment
 * @segment: the segment
 *
 * Return: that of its family
 */
enum color color_of_segment(enum segment segment)
{
	return COLOR_FAMILY + segment_info(segment)->family;
}

/**
 * color_start - what starts a colour
 * @c: the scheme, NULL without colours
 * @which: what is coloured
 *
 * Return: an escape sequence, or ""
 */
const char *color_start(const struct colors *c, enum color which)
{
	return c ? c->start[which] : "";
}

/**
 * color_end - what ends a colour
 * @c: the scheme, NULL without colours
 * @which: what is coloured
 *
 * Return: an escape sequence, or ""
 */
const char *color_end(const struct colors *c, enum color which)
{
	return *color_start(c, which) ? "\033[m" : "";
}
