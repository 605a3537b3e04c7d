// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON Schema, draft 2020-12. Rows follow from the columns of the command; what no
 * flag of a column says is in the tables here.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "column.h"
#include "schema.h"

#define INDENT	2u

struct member;

/**
 * struct type - a type of values
 * @names: its JSON types, in single quotes, which stand for double ones
 * @more: further keywords, in such quotes, or NULL
 * @members: of the object, or of each object in the array
 */
struct type {
	const char *names;
	const char *more;
	const struct member *members;
};

/**
 * struct member - a member of an object
 * @name: its name; NULL ends a list
 * @type: type of its values
 * @help: description
 */
struct member {
	const char *name;
	const struct type *type;
	const char *help;
};

/* Single values */

#define WORD_OF(number)	#number
#define WORD(number)	WORD_OF(number)
#define EXACT	"'minimum': 0, 'maximum': 9007199254740991"

static const struct type string = { "'string'", NULL, NULL };
static const struct type boolean = { "'boolean'", NULL, NULL };
static const struct type integer = { "'integer'", NULL, NULL };
static const struct type decimal = { "'number'", "'minimum': 0", NULL };
static const struct type digits = { "'string'", "'pattern': '^[0-9]+$'", NULL };
static const struct type list = { "'array'", "'items': {'type': 'string'}", NULL };
static const struct type format = { "'integer'", "'const': " WORD(JSON_FORMAT), NULL };

static const struct type number = {
	"'integer', 'string'", EXACT ", 'pattern': '^[0-9]{16,20}$'", NULL
};

static const struct type address = {
	"'string'", "'pattern': '^0x[0-9a-f]{1,17}$'", NULL
};

static const struct type range = {
	"'string'", "'pattern': '^0x[0-9a-f]{1,16}-0x[0-9a-f]{1,17}$'", NULL
};

static const struct type frame = {
	"'string'", "'pattern': '^(0x[0-9a-f]{1,16}|[0-9]+:[0-9]+)$'", NULL
};

static const struct type value = { "'integer', 'string'", EXACT, NULL };

static const struct type nodes = {
	"'array'", "'items': {'type': 'integer', 'minimum': 0, 'maximum': 63}", NULL
};

static const struct type pids = {
	"'array'", "'items': {'type': 'integer'}, 'minItems': 2, 'maxItems': 2", NULL
};

static const struct type facts = {
	"'object'", "'additionalProperties': {'type': ['integer', 'string']}", NULL
};

/* Objects, and arrays of objects */

static const struct type fill = {
	"'array'", NULL, (const struct member[]) {
		{ "least", &integer, "entries in use, at least" },
		{ "most", &integer, "and at most" },
		{ "tables", &number, "number of tables" },
		{ NULL, NULL, NULL }
	}
};

static const struct type spread = {
	"'array'", NULL, (const struct member[]) {
		{ "processes", &integer, "number of processes" },
		{ "frames", &number, "frames that so many map, in bytes" },
		{ NULL, NULL, NULL }
	}
};

#define HEAD								\
	{ "json", &format, "version of the format" },			\
	{ "abi", &integer, "version of the stream" },			\
	{ "release", &string, "of the kernel" },			\
	{ "time_ns", &digits, "of the read, since 1970" }

static const struct type head = {
	"'object'", NULL, (const struct member[]) { HEAD, { NULL, NULL, NULL } }
};

static const struct type process_head = {
	"'object'", NULL, (const struct member[]) {
		HEAD,
		{ "pid", &integer, "process or thread" },
		{ "tgid", &integer, "its process" },
		{ "comm", &string, "its name" },
		{ NULL, NULL, NULL }
	}
};

static const struct type end = {
	"'object'", NULL, (const struct member[]) {
		{ "status", &integer, "0, or the errno that ended the read early" },
		{ "changed", &boolean,
		  "whether the address space changed during the read" },
		{ "holds", &number, "number of holds of mmap_lock" },
		{ "longest_ns", &number, "the longest hold" },
		{ NULL, NULL, NULL }
	}
};

static const struct type agreement = {
	"'object'", NULL, (const struct member[]) {
		{ "bytes", &number, "size of the tables, as the kernel counts them" },
		{ "found", &number, "size of the tables that were found" },
		{ "agree", &boolean, "whether these are equal" },
		{ NULL, NULL, NULL }
	}
};

static const struct type half = {
	"'object'", NULL, (const struct member[]) {
		{ "used", &integer, "entries of the top table in use" },
		{ "same", &integer, "those that lead to the same table in other_pid" },
		{ "own", &integer, "those that each process has for itself" },
		{ "other_pid", &integer, "the other process" },
		{ "shared", &boolean, "whether both share the kernel half" },
		{ "pti", &boolean, "whether PTI is on" },
		{ "wx_runs", &number,
		  "runs that are both writable and executable" },
		{ NULL, NULL, NULL }
	}
};

static const struct type processes = {
	"'array'", NULL, (const struct member[]) {
		{ "pid", &integer, "process or thread" },
		{ "tgid", &integer, "its process" },
		{ "comm", &string, "its name" },
		{ "time_ns", &digits, "of the read, since 1970" },
		{ "frames", &number, "all its frames, in bytes" },
		{ "exclusive", &number, "those that none of the others maps" },
		{ "repeated", &number, "what it maps again" },
		{ NULL, NULL, NULL }
	}
};

static const struct type pairs = {
	"'array'", NULL, (const struct member[]) {
		{ "pids", &pids, "the two processes" },
		{ "common", &number, "frames that both map, in bytes" },
		{ "parted", &number, "further copies of the same page" },
		{ NULL, NULL, NULL }
	}
};

/* Members after the rows, see table_member(); they may be missing. */
static const struct {
	const char *command;
	struct member member;
} extras[] = {
	{ "tables", { "kernel", &agreement, "compared with the kernel's own count" } },
	{ "kernel", { "half", &half, "compared with the kernel half of another process" } },
	{ "shared", { "processes", &processes, "the processes" } },
	{ "shared", { "pairs", &pairs, "each two of them" } },
};

/* Columns whose type does not follow from their flags. */
static const struct {
	const char *command;
	const char *column;
	const struct type *type;
} exceptions[] = {
	{ "mm", "VALUE", &value },
	{ "vmas", "POLICY_NODES", &nodes },
	{ "pagetable", "FRAME", &frame },
	{ "who", "FRAMES", &range },
	{ "tables", "AVERAGE", &decimal },
	{ "tables", "FILL", &fill },
	{ "shared", "SPREAD", &spread },
	{ "explain", "FACTS", &facts },
};

static const struct type *type_of(const struct command *cmd,
				  const struct column *col)
{
	static const struct {
		unsigned int flag;
		const struct type *type;
	} types[] = {
		{ COL_NUMBER, &number },
		{ COL_RANGE, &range },
		{ COL_ADDRESS | COL_HEX, &address },
		{ COL_BOOLEAN, &boolean },
		{ COL_LIST, &list },
	};

	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
		if (!strcmp(exceptions[i].command, cmd->name) &&
		    !strcmp(exceptions[i].column, col->name))
			return exceptions[i].type;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (col->flags & types[i].flag)
			return types[i].type;
	return &string;
}

/* Writing */

static void put_line(struct text *out, const char *gap, unsigned int depth)
{
	text_puts(out, gap);
	text_putc(out, '\n');
	text_fill(out, " ", INDENT * depth);
}

static void put_keywords(struct text *out, const char *s)
{
	for (; *s; s++)
		text_putc(out, *s == '\'' ? '"' : *s);
}

/* Help may have lines, and these are indented. */
static void put_help(struct text *out, const char *help)
{
	struct text line = { 0 };

	for (const char *s = help; *s; s++)
		if (!isspace((unsigned char)*s))
			text_putc(&line, *s);
		else if (!isspace((unsigned char)s[1]))
			text_putc(&line, ' ');
	text_puts(out, "\"description\": ");
	text_json(out, line.s);
	text_free(&line);
}

static void put_object(struct text *out, const struct member *members,
		       unsigned int depth);

static void put_type(struct text *out, const struct type *type, bool may_be_null,
		     unsigned int depth)
{
	bool array = type->members && strstr(type->names, "array");
	bool several = may_be_null || strchr(type->names, ',');

	put_keywords(out, several ? "'type': [" : "'type': ");
	put_keywords(out, type->names);
	put_keywords(out, may_be_null ? ", 'null']" : several ? "]" : "");
	if (type->more) {
		text_puts(out, ", ");
		put_keywords(out, type->more);
	}
	if (array)
		put_keywords(out, ", 'items': {'type': 'object'");
	if (type->members)
		put_object(out, type->members, depth);
	if (array)
		text_putc(out, '}');
}

static void put_member(struct text *out, const struct member *member,
		       bool may_be_null, unsigned int depth)
{
	put_line(out, "", depth);
	text_printf(out, "\"%s\": {", member->name);
	put_help(out, member->help);
	text_puts(out, ", ");
	put_type(out, member->type, may_be_null, depth);
	text_putc(out, '}');
}

static void put_object(struct text *out, const struct member *members,
		       unsigned int depth)
{
	put_keywords(out, ", 'properties': {");
	for (const struct member *m = members; m->name; m++) {
		text_puts(out, m == members ? "" : ",");
		put_member(out, m, false, depth + 1);
	}
	put_line(out, "", depth);
	put_keywords(out, "}, 'required': [");
	for (const struct member *m = members; m->name; m++)
		text_printf(out, "%s\"%s\"", m == members ? "" : ", ", m->name);
	put_keywords(out, "], 'additionalProperties': false");
}

static void put_column(struct text *out, const struct command *cmd,
		       const struct column *col)
{
	struct member member = { .type = type_of(cmd, col), .help = col->help };
	struct text name = { 0 };

	column_member(&name, col);
	member.name = name.s;
	put_member(out, &member, true, 4);
	text_free(&name);
}

/* -o selects columns: none is required. */
static void put_row(struct text *out, const struct command *cmd)
{
	put_keywords(out, "'$defs': {\n"
			  "    'row': {\n"
			  "      'type': 'object',\n"
			  "      'properties': {");
	for (size_t i = 0; i < cmd->nr_columns; i++) {
		text_puts(out, i ? "," : "");
		put_column(out, cmd, &cmd->columns[i]);
	}
	if (cmd->options & OPT_TREE)
		put_keywords(out, ",\n"
			     "        'depth': {'description': 'in the tree, with --json=lines', 'type': 'integer'},\n"
			     "        'children': {'description': 'with --tree', 'type': 'array', 'items': {'$ref': '#/$defs/row'}}");
	put_keywords(out, "\n"
			  "      },\n"
			  "      'additionalProperties': false\n"
			  "    }\n"
			  "  }\n");
}

static void put_members(struct text *out, const struct command *cmd)
{
	const bool one = !cmd->all_processes && !cmd->several;
	const struct member first = { "mmscope", one ? &process_head : &head,
				      "what was read" };
	const struct member last = { "end", &end,
				     "how the read ended; null if the stream is incomplete" };

	put_keywords(out, "'properties': {");
	put_member(out, &first, false, 2);
	text_printf(out, ",\n    \"%s\": ", cmd->name);
	put_keywords(out, "{'description': 'the rows', 'type': 'array', 'items': {'$ref': '#/$defs/row'}},");
	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		if (strcmp(extras[i].command, cmd->name))
			continue;
		put_member(out, &extras[i].member, false, 2);
		text_putc(out, ',');
	}
	put_member(out, &last, true, 2);
	text_printf(out, "\n  },\n  \"required\": [\"mmscope\", \"%s\", \"end\"],\n",
		    cmd->name);
}

/**
 * schema_print - print the schema of a command's JSON
 * @cmd: a command that prints tables
 *
 * With --json=lines, each line is as #/$defs/row.
 */
void schema_print(const struct command *cmd)
{
	struct text out = { 0 }, help = { 0 };

	put_keywords(&out, "{\n"
			   "  '$schema': 'https://json-schema.org/draft/2020-12/schema',\n");
	text_printf(&out, "  \"title\": \"mmscope %s --json\",\n  ", cmd->name);
	text_puts(&help, cmd->summary);
	text_puts(&help, ". Sizes are in bytes, addresses hexadecimal, ends exclusive.");
	text_puts(&help, " A number above 2^53 - 1 is a string, an empty cell is null.");
	put_help(&out, help.s);
	put_keywords(&out, ",\n  'type': 'object',\n  ");
	put_members(&out, cmd);
	put_keywords(&out, "  'additionalProperties': false,\n  ");
	put_row(&out, cmd);
	text_puts(&out, "}\n");
	fputs(out.s, stdout);
	text_free(&help);
	text_free(&out);
}
