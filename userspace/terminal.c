// SPDX-License-Identifier: GPL-2.0-only
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"
#include "words.h"

#define WIDTH_DEFAULT	80
#define COLORS_FOLDER	"terminal-colors.d"

/* The environment variable is set and not empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Return: $XDG_CONFIG_HOME/terminal-colors.d or what stands for it, if it is known. */
static const char *user_folder(char *path, size_t size)
{
	const char *config = variable("XDG_CONFIG_HOME");
	const char *home = variable("HOME");

	if (!config && !home)
		return NULL;
	snprintf(path, size, "%s%s/" COLORS_FOLDER, config ? config : home,
		 config ? "" : "/.config");
	return path;
}

static bool wants_color(const struct options *opt, struct colors *c)
{
	const char *term = variable("TERM");
	char path[PATH_MAX];
	bool enabled;

	if (opt->when == COLORS_NEVER)
		return false;
	if (opt->when == COLORS_AUTO &&
	    (!opt->tty || variable("NO_COLOR") || !term || !strcmp(term, "dumb")))
		return false;
	enabled = colors_read(c, user_folder(path, sizeof(path)),
			      "/etc/" COLORS_FOLDER, term);
	return enabled || opt->when == COLORS_ALWAYS;
}

static unsigned int find_width(bool tty)
{
	const char *columns = variable("COLUMNS");
	struct winsize size;
	char *end;

	if (columns) {
		unsigned long width = strtoul(columns, &end, 10);

		if (!*end && *columns >= '0' && *columns <= '9' && width &&
		    width <= INT_MAX)
			return (unsigned int)width;
	}
	if (tty && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return WIDTH_DEFAULT;
}

/**
 * terminal_look - find out what standard output can show
 * @opt: options; sets @tty, @cut, @colors, @utf8, and @width if it is 0
 *
 * Only a terminal gets characters outside ASCII, so that piped output does not
 * depend on the locale; and formats for scripts are the same everywhere.
 */
void terminal_look(struct options *opt)
{
	static struct colors colors;

	opt->tty = opt->format == FORMAT_LINES && isatty(STDOUT_FILENO);
	opt->cut = opt->tty && !opt->whole;
	if (wants_color(opt, &colors))
		opt->colors = &colors;
	if (opt->tty && setlocale(LC_CTYPE, ""))
		opt->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!opt->width)
		opt->width = find_width(opt->tty);
}

/**
 * terminal_words - print words to standard output, in lines that fit on a terminal
 * @opt: the options
 * @words: words with one blank between them
 * @indent: blanks before each line
 *
 * A file or a pipe gets one line.
 */
void terminal_words(const struct options *opt, const char *words, size_t indent)
{
	words_print(stdout, words, indent, opt->tty ? opt->width : SIZE_MAX);
}
