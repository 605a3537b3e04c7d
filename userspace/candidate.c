// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "candidate.h"

/**
 * candidate_list - complete the last item of a list with commas
 * @c: the candidates; @typed is the list
 */
void candidate_list(struct candidates *c)
{
	const char *comma = strrchr(c->typed, ',');

	c->list = c->typed;
	if (comma)
		c->typed = comma + 1;
}

static bool is_listed(const struct candidates *c, const char *name)
{
	size_t len;

	for (const char *item = c->list; item && item < c->typed;
	     item += len + 1) {
		len = strcspn(item, ",");
		if (strlen(name) == len && !strncasecmp(item, name, len))
			return true;
	}
	return false;
}

/*
 * Shells drop candidates that do not begin with what was typed: after a lower-case
 * letter, names are in lower case, and so they are after such a list.
 */
static char spell(const struct candidates *c, char letter)
{
	const char *like = *c->typed || !c->list ? c->typed : c->list;

	if (c->any_case && islower((unsigned char)*like))
		return (char)tolower((unsigned char)letter);
	return letter;
}

static bool fits(const struct candidates *c, const char *name)
{
	for (const char *typed = c->typed; *typed; typed++, name++)
		if (spell(c, *name) != *typed)
			return false;
	return true;
}

static void print_last(const struct candidates *c, const char *help)
{
	printf("%s\t%.*s\n", c->last.s, (int)strcspn(help, "\n"), help);
}

/**
 * candidate_offer - print a name if what was typed is the beginning of it
 * @c: the candidates
 * @name: what @typed may become
 * @help: description; only its first line is printed
 */
void candidate_offer(struct candidates *c, const char *name, const char *help)
{
	if (!fits(c, name) || is_listed(c, name))
		return;
	text_clear(&c->last);
	text_add(&c->last, c->word, (size_t)(c->typed - c->word));
	for (; *name; name++)
		text_putc(&c->last, spell(c, *name));
	print_last(c, help);
	c->nr++;
}

/** candidate_files - let the shell offer the names of files */
void candidate_files(void)
{
	printf("\tfile\n");
}

/**
 * candidate_end - finish the candidates
 * @c: the candidates
 *
 * A shell adds a blank after the only candidate, unless there is another one: here the
 * same with a comma, after which a list goes on.
 */
void candidate_end(struct candidates *c)
{
	if (c->list && c->nr == 1) {
		text_putc(&c->last, ',');
		print_last(c, "and others");
	}
	text_free(&c->last);
}
