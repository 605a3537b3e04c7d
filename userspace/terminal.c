// SPDX-License-Identifier: GPL-2.0-only
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

#define WIDTH_DEFAULT	80

/* The environment variable is set and not empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool wants_color(const struct options *opt)
{
	const char *term = variable("TERM");

	if (opt->when != COLOR_AUTO)
		return opt->when == COLOR_ALWAYS;
	return opt->tty && !variable("NO_COLOR") && term &&
	       strcmp(term, "dumb");
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
 * @opt: options; sets @tty, @color, @utf8, and @width if it is 0
 *
 * Only a terminal gets characters outside ASCII, so that piped output does not
 * depend on the locale; and formats for scripts are the same everywhere.
 */
void terminal_look(struct options *opt)
{
	opt->tty = isatty(STDOUT_FILENO) &&
		   (opt->format == FORMAT_LINES || opt->json);
	opt->color = wants_color(opt);
	if (opt->tty && setlocale(LC_CTYPE, ""))
		opt->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!opt->width)
		opt->width = find_width(opt->tty);
}
