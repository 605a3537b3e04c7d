// SPDX-License-Identifier: GPL-2.0-only
/* Tables as JSON, written row by row. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "column.h"
#include "format.h"
#include "schema.h"
#include "series.h"

/* Every number of so many digits is exact in JavaScript. */
#define EXACT_DIGITS	15u

static void put_number(struct text *out, const struct text *cell)
{
	if (cell->len <= EXACT_DIGITS ||
	    cell->s[strspn(cell->s, "0123456789")])
		text_join(out, cell);
	else
		text_json_number(out, strtoull(cell->s, NULL, 10));
}

static void put_quoted(struct text *out, const struct text *cell)
{
	text_putc(out, '"');
	text_join(out, cell);
	text_putc(out, '"');
}

/* Nearly all strings are as they are. */
static void put_string(struct text *out, const struct text *cell)
{
	if (ascii_has_padded(cell->s, cell->len,
			     ASCII_NONE | ASCII_CONTROL | ASCII_QUOTE))
		text_json(out, cell->s);
	else
		put_quoted(out, cell);
}

/* What goes before a value: a comma and the name of the member. */
static void make_keys(struct table *t, const char *first)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct text *key = &t->slot[i].name;

		text_puts(key, i ? ", " : first);
		text_putc(key, '"');
		column_member(key, t->slot[i].col);
		text_puts(key, "\": ");
	}
}

static void put_member(struct text *out, const struct slot *slot)
{
	unsigned int flags = slot->col->flags;

	text_join(out, &slot->name);
	if (!slot->cell.len)
		text_puts(out, "null");
	else if (flags & COL_JSON)
		text_join(out, &slot->cell);
	else if (flags & COL_NUMBER)
		put_number(out, &slot->cell);
	else if (flags & (COL_ADDRESS | COL_RANGE))
		put_quoted(out, &slot->cell);
	else
		put_string(out, &slot->cell);
}

/* A member that may stay the same is kept, the others are written only once. */
static void put_members(struct table *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct slot *slot = &t->slot[i];

		if (!slot->key_of) {
			put_member(&t->out, slot);
			continue;
		}
		if (!slot->same) {
			text_clear(&slot->member);
			put_member(&slot->member, slot);
		}
		text_join(&t->out, &slot->member);
	}
}

/* End the last row, and the lists of children that end with it. */
static void end_rows(struct table *t, unsigned int depth)
{
	if (!t->any)
		return;
	text_putc(&t->out, '}');
	for (; t->depth > depth; t->depth--)
		text_puts(&t->out, "]}");
}

/* A row stays open until it is known that it has no children. */
static void json_row(struct table *t, unsigned int depth)
{
	struct text *out = &t->out;

	if (t->any && depth > t->depth) {
		text_puts(out, ", \"children\": [");
	} else if (t->any) {
		end_rows(t, depth);
		text_putc(out, ',');
	}
	text_puts(out, "\n      ");
	if (depth)
		text_fill(out, " ", INDENT * depth);
	put_members(t);
	t->any = true;
	t->depth = depth;
}

static void json_head(struct table *t, const struct stream *s)
{
	struct text *out = &t->out;

	make_keys(t, "{");
	series_json(t->opt, out);
	text_printf(out, "{\n   \"mmscope\": {\"json\": %d, \"abi\": %" PRIu32,
		    JSON_FORMAT, s->header.abi);
	text_puts(out, ", \"release\": ");
	text_json(out, s->header.release);
	text_printf(out, ", \"time_ns\": \"%" PRIu64 "\"",
		    (uint64_t)s->header.time_ns);
	if (!t->opt->cmd->all_processes && !t->opt->cmd->several) {
		text_printf(out, ", \"pid\": %" PRId32 ", \"tgid\": %" PRId32,
			    s->task.pid, s->task.tgid);
		text_puts(out, ", \"comm\": ");
		text_json(out, s->task.comm);
	}
	text_printf(out, "},\n   \"%s\": [", t->opt->cmd->name);
}

static void json_tail(struct table *t, const struct stream *s)
{
	const struct mmscope_end *end = &s->end;
	struct text *out = &t->out;

	end_rows(t, 0);
	text_puts(out, "\n   ]");
	if (t->members.len)
		text_join(out, &t->members);
	text_puts(out, ",\n   \"end\": ");
	if (!s->ended) {
		text_puts(out, "null\n}\n");
		return;
	}
	text_printf(out, "{\"status\": %" PRIu32 ", \"changed\": %s, \"holds\": ",
		    end->status,
		    end->flags & MMSCOPE_END_CHANGED ? "true" : "false");
	text_json_number(out, end->holds);
	text_puts(out, ", \"longest_ns\": ");
	text_json_number(out, end->longest_ns);
	text_puts(out, "}\n}\n");
}

/* One object a line */

static bool is_tree(const struct table *t)
{
	return t->opt->given & OPT_TREE;
}

static void json_lines_head(struct table *t, const struct stream *s)
{
	(void)s;
	make_keys(t, is_tree(t) ? ", " : "{");
}

/* A tree is flat here: its depth is a member. */
static void json_lines_row(struct table *t, unsigned int depth)
{
	struct text *out = &t->out;

	if (is_tree(t)) {
		text_puts(out, "{\"depth\": ");
		text_number(out, depth, 10);
	}
	put_members(t);
	text_puts(out, "}\n");
}

static void json_lines_tail(struct table *t, const struct stream *s)
{
	(void)t;
	(void)s;
}

const struct format format_json_lines = {
	.head = json_lines_head,
	.row = json_lines_row,
	.tail = json_lines_tail,
};

const struct format format_json = {
	.head = json_head,
	.row = json_row,
	.tail = json_tail,
};
