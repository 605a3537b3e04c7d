// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "text.h"

struct field;

struct row {
	const struct space *sp;
	const struct field *field;
	bool first;		/* in its group */
};

enum field_type {
	EXE,
	LAYOUT,
	ASLR,
	ADDRESS,
	AREA,			/* first address of an area */
	WHOLE,			/* exclusive end of the user half */
	KERNEL,			/* address in the kernel half */
	FLAGS,
	PAGES,
	BYTES,
	GAP,
	LIMIT,
	COUNT,
	LEVELS,
};

typedef void put_fn(struct text *out, const struct row *row,
		    const struct options *opt);

/**
 * struct type - a type of fields
 * @unit: of the values, NULL for words
 * @number: the value is a number in JSON
 * @value: append the value; nothing if there is none
 * @size: append the amount of memory, or NULL
 * @words: append an explanation, or NULL
 */
struct type {
	const char *unit;
	bool number;
	put_fn *value;
	put_fn *size;
	put_fn *words;
};

/**
 * struct field - one line
 * @group: of fields
 * @name: as in struct mm_struct if it is a member of that
 * @type: enum field_type
 * @at: offset in struct mmscope_mm
 * @at_end: AREA: offset of the end of the area
 */
struct field {
	const char *group;
	const char *name;
	enum field_type type;
	size_t at;
	size_t at_end;
};

static uint64_t u64_at(const struct row *row, size_t at)
{
	uint64_t value;

	memcpy(&value, (const char *)&row->sp->mm + at, sizeof(value));
	return value;
}

static uint64_t number(const struct row *row)
{
	return u64_at(row, row->field->at);
}

static void value_number(struct text *out, const struct row *row,
			 const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu64, number(row));
}

static void value_u32(struct text *out, const struct row *row,
		      const struct options *opt)
{
	uint32_t value;

	(void)opt;
	memcpy(&value, (const char *)&row->sp->mm + row->field->at,
	       sizeof(value));
	text_printf(out, "%" PRIu32, value);
}

static void value_address(struct text *out, const struct row *row,
			  const struct options *opt)
{
	cell_address(out, number(row), opt);
}

static void value_hex(struct text *out, const struct row *row,
		      const struct options *opt)
{
	(void)opt;
	text_printf(out, "0x%" PRIx64, number(row));
}

static void value_limit(struct text *out, const struct row *row,
			const struct options *opt)
{
	if (number(row) != UINT64_MAX)
		value_number(out, row, opt);
	else if (!opt->json)
		text_puts(out, "unlimited");
}

static void value_kernel(struct text *out, const struct row *row,
			 const struct options *opt)
{
	if (number(row))
		cell_address(out, number(row), opt);
}

static void value_exe(struct text *out, const struct row *row,
		      const struct options *opt)
{
	cell_string(out, row->sp->exe, opt);
}

static void value_layout(struct text *out, const struct row *row,
			 const struct options *opt)
{
	static const char *const names[] = { "?", "flexible", "classic" };
	unsigned int layout = row->sp->mm.layout;

	(void)opt;
	text_puts(out, names[layout < 3 ? layout : 0]);
}

static void value_aslr(struct text *out, const struct row *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, row->sp->task.flags & MMSCOPE_TASK_RANDOMIZED ? "on" :
								       "off");
}

static void value_levels(struct text *out, const struct row *row,
			 const struct options *opt)
{
	(void)opt;
	text_printf(out, "%u", row->sp->header.levels);
}

static void size_area(struct text *out, const struct row *row,
		      const struct options *opt)
{
	uint64_t start = number(row), end = u64_at(row, row->field->at_end);

	if (end >= start)
		cell_bytes(out, end - start, opt);
}

static void size_bytes(struct text *out, const struct row *row,
		       const struct options *opt)
{
	if (number(row) != UINT64_MAX)
		cell_bytes(out, number(row), opt);
}

static void size_pages(struct text *out, const struct row *row,
		       const struct options *opt)
{
	uint64_t bytes = number(row) << row->sp->header.page_shift;

	if (opt->bytes || opt->json)
		text_printf(out, "%" PRIu64, bytes);
	else
		text_printf(out, "%" PRIu64 " kB", bytes >> 10);
}

static void words_gap(struct text *out, const struct row *row,
		      const struct options *opt)
{
	if (row->sp->mm.gap_flags & MMSCOPE_GAP_ASSUMED)
		text_puts(out, opt->json ? "kernel default, assumed" :
					   " (kernel default, assumed)");
}

/* In JSON, such a value is null. */
static void words_limit(struct text *out, const struct row *row,
			const struct options *opt)
{
	if (number(row) == UINT64_MAX && opt->json)
		text_puts(out, "unlimited");
}

static void words_layout(struct text *out, const struct row *row,
			 const struct options *opt)
{
	static const char *const words[] = {
		"a layout unknown to this mmscope",
		"mmap area grows down from the stack",
		"mmap area grows up to the stack",
	};
	unsigned int layout = row->sp->mm.layout;

	(void)opt;
	text_puts(out, words[layout < 3 ? layout : 0]);
}

static void words_kernel(struct text *out, const struct row *row,
			 const struct options *opt)
{
	bool symbol = row->field->at ==
		      offsetof(struct mmscope_mm, get_unmapped_area);

	if (symbol && *row->sp->symbol) {
		cell_string(out, row->sp->symbol, opt);
		return;
	}
	if (number(row))
		return;
	if (!(row->sp->task.flags & MMSCOPE_TASK_ADDRESSES))
		text_puts(out, "withheld: needs CAP_SYSLOG");
	else if (symbol)
		text_puts(out, "no such pointer in this kernel");
}

/* Names of the bits that are set. */
static void list_flags(struct text *out, const struct row *row,
		       const struct options *opt)
{
	bool of_mm = row->field->at == offsetof(struct mmscope_mm, flags);
	enum mmscope_names_of of = of_mm ? MMSCOPE_NAMES_MM_FLAGS :
					   MMSCOPE_NAMES_VMA_FLAGS;

	cell_flags(out, row->sp, of, number(row), opt);
}

static void words_flags(struct text *out, const struct row *row,
			const struct options *opt)
{
	const struct options plain = { .utf8 = opt->utf8 };

	if (!opt->json)
		list_flags(out, row, &plain);
}

static const struct type types[] = {
	[EXE] = { .value = value_exe },
	[LAYOUT] = { .value = value_layout, .words = words_layout },
	[ASLR] = { .value = value_aslr },
	[ADDRESS] = { .unit = "address", .value = value_address },
	[AREA] = { .unit = "address", .value = value_address,
		   .size = size_area },
	[WHOLE] = { .unit = "address", .value = value_address,
		    .size = size_bytes },
	[KERNEL] = { .unit = "address", .value = value_kernel,
		     .words = words_kernel },
	[FLAGS] = { .unit = "flags", .value = value_hex, .words = words_flags },
	[PAGES] = { .unit = "pages", .number = true, .value = value_number,
		    .size = size_pages },
	[BYTES] = { .unit = "bytes", .number = true, .value = value_number,
		    .size = size_bytes },
	[GAP] = { .unit = "bytes", .number = true, .value = value_number,
		  .size = size_bytes, .words = words_gap },
	[LIMIT] = { .unit = "bytes", .number = true, .value = value_limit,
		    .size = size_bytes, .words = words_limit },
	[COUNT] = { .unit = "count", .number = true, .value = value_u32 },
	[LEVELS] = { .unit = "count", .number = true, .value = value_levels },
};

#define AT(member)	offsetof(struct mmscope_mm, member)

static const struct field fields[] = {
	{ "program", "exe", EXE, 0, 0 },
	{ "program", "start_code", AREA, AT(start_code), AT(end_code) },
	{ "program", "end_code", ADDRESS, AT(end_code), 0 },
	{ "program", "start_data", AREA, AT(start_data), AT(end_data) },
	{ "program", "end_data", ADDRESS, AT(end_data), 0 },
	{ "program", "start_brk", AREA, AT(start_brk), AT(brk) },
	{ "program", "brk", ADDRESS, AT(brk), 0 },
	{ "stack", "start_stack", ADDRESS, AT(start_stack), 0 },
	{ "stack", "arg_start", AREA, AT(arg_start), AT(arg_end) },
	{ "stack", "arg_end", ADDRESS, AT(arg_end), 0 },
	{ "stack", "env_start", AREA, AT(env_start), AT(env_end) },
	{ "stack", "env_end", ADDRESS, AT(env_end), 0 },
	{ "stack", "rlimit_stack", LIMIT, AT(rlimit_stack), 0 },
	{ "stack", "stack_guard_gap", GAP, AT(stack_guard_gap), 0 },
	{ "layout", "layout", LAYOUT, 0, 0 },
	{ "layout", "aslr", ASLR, 0, 0 },
	{ "layout", "levels", LEVELS, 0, 0 },
	{ "layout", "mmap_base", ADDRESS, AT(mmap_base), 0 },
	{ "layout", "mmap_legacy_base", ADDRESS, AT(mmap_legacy_base), 0 },
	{ "layout", "task_size", WHOLE, AT(task_size), 0 },
	{ "layout", "get_unmapped_area", KERNEL, AT(get_unmapped_area), 0 },
	{ "layout", "pgd", KERNEL, AT(pgd), 0 },
	{ "reserved", "total_vm", PAGES, AT(total_vm), 0 },
	{ "reserved", "hiwater_vm", PAGES, AT(hiwater_vm), 0 },
	{ "reserved", "data_vm", PAGES, AT(data_vm), 0 },
	{ "reserved", "exec_vm", PAGES, AT(exec_vm), 0 },
	{ "reserved", "stack_vm", PAGES, AT(stack_vm), 0 },
	{ "reserved", "locked_vm", PAGES, AT(locked_vm), 0 },
	{ "reserved", "pinned_vm", PAGES, AT(pinned_vm), 0 },
	{ "reserved", "map_count", COUNT, AT(map_count), 0 },
	{ "resident", "rss_anon", PAGES, AT(rss_anon), 0 },
	{ "resident", "rss_file", PAGES, AT(rss_file), 0 },
	{ "resident", "rss_shmem", PAGES, AT(rss_shmem), 0 },
	{ "resident", "rss_swap", PAGES, AT(rss_swap), 0 },
	{ "resident", "hiwater_rss", PAGES, AT(hiwater_rss), 0 },
	{ "resident", "pgtables_bytes", BYTES, AT(pgtables_bytes), 0 },
	{ "state", "mm_users", COUNT, AT(mm_users), 0 },
	{ "state", "mm_count", COUNT, AT(mm_count), 0 },
	{ "state", "def_flags", FLAGS, AT(def_flags), 0 },
	{ "state", "flags", FLAGS, AT(flags), 0 },
};

static const struct field *field_of(const void *row)
{
	return ((const struct row *)row)->field;
}

static const struct type *type_of(const void *row)
{
	return &types[field_of(row)->type];
}

static void cell_group(struct text *out, const void *row,
		       const struct options *opt)
{
	if (((const struct row *)row)->first || !opt->tty || opt->noheadings)
		text_puts(out, field_of(row)->group);
}

static void cell_field(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, field_of(row)->name);
}

static void cell_value(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct type *type = type_of(row);
	struct text plain = { 0 };

	type->value(&plain, row, opt);
	if (plain.len && opt->json && type->number)
		text_json_number(out, strtoull(plain.s, NULL, 10));
	else if (plain.len && opt->json)
		text_json(out, plain.s);
	else if (plain.len)
		text_puts(out, plain.s);
	text_free(&plain);
}

static void cell_unit(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	if (type_of(row)->unit)
		text_puts(out, type_of(row)->unit);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	if (type_of(row)->size)
		type_of(row)->size(out, row, opt);
}

static void cell_meaning(struct text *out, const void *row,
			 const struct options *opt)
{
	/* JSON has a member for the size. */
	if (!opt->json)
		cell_size(out, row, opt);
	if (type_of(row)->words)
		type_of(row)->words(out, row, opt);
}

static void cell_flag_names(struct text *out, const void *row,
			    const struct options *opt)
{
	if (field_of(row)->type == FLAGS)
		list_flags(out, row, opt);
}

static const struct column columns[] = {
	{ "GROUP", COL_DEFAULT, cell_group, "group of the field" },
	{ "FIELD", COL_DEFAULT, cell_field, "name, as in struct mm_struct" },
	{ "VALUE", COL_DEFAULT | COL_JSON | COL_CUT, cell_value,
	  "as the kernel holds it" },
	{ "UNIT", 0, cell_unit,
	  "of VALUE: address, pages, bytes, count or flags" },
	{ "SIZE", COL_NUMBER, cell_size,
	  "in bytes: of the value, or of the area that starts there" },
	{ "FLAG_NAMES", COL_JSON | COL_LIST | COL_CUT, cell_flag_names,
	  "of flags, the names; in JSON, an array" },
	{ "MEANING", COL_DEFAULT | COL_CUT, cell_meaning,
	  "size, or names of flags" },
};

static void print(const struct options *opt, const struct source *src,
		  const struct space *sp)
{
	struct table *t = table_open(opt, &src->stream);
	const char *group = "";

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct row row = {
			.sp = sp,
			.field = &fields[i],
			.first = strcmp(group, fields[i].group),
		};

		group = fields[i].group;
		table_row(t, &row);
	}
	table_close(t, &src->stream);
}

static int run_mm(const struct options *opt)
{
	static const struct asked asked = { .parts = MMSCOPE_PART_MM };
	struct source src = { 0 };
	struct space sp;
	int code = source_open(&src, opt, &asked);

	if (!code) {
		space_load(&sp, &src.stream);
		if (source_is_readable(&src))
			code = source_task(&sp.task);
		if (source_is_readable(&src) && !code && sp.has_mm)
			print(opt, &src, &sp);
		if (!code)
			code = source_verdict(&src);
		if (!exit_is_failure(code) && !sp.has_mm)
			code = complain(EXIT_FAILED,
					"%s: no mm_struct fields recorded",
					src.file ? src.file : "mmscope");
		space_free(&sp);
	}
	source_close(&src);
	return code;
}

const struct command cmd_mm = {
	.name = "mm",
	.operands = "",
	.summary = "list the fields of struct mm_struct",
	.example = "How much is resident, and was at most, as the kernel counts it:\n"
		   "  mmscope mm 4711 -o FIELD,SIZE | grep rss\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_CGROUP,
	.repeats = true,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_mm,
};
