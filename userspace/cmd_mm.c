// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "array.h"
#include "cell.h"
#include "command.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "text.h"

struct field;

struct row {
	const struct space *sp;
	const struct field *field;
	bool first;		/* of its group */
};

/**
 * struct field - one line
 * @group: heading it stands under
 * @name: as in struct mm_struct where it is from there
 * @at: offset in struct mmscope_mm
 * @at_end: offset of the end of the area that begins here, else 0
 * @value: append it
 * @meaning: append it in other words, or NULL
 */
struct field {
	const char *group;
	const char *name;
	size_t at;
	size_t at_end;
	void (*value)(struct text *out, const struct row *row,
		      const struct options *opt);
	void (*meaning)(struct text *out, const struct row *row,
			const struct options *opt);
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
	if (number(row) == UINT64_MAX)
		text_puts(out, "unlimited");
	else
		value_number(out, row, opt);
}

static void value_kernel(struct text *out, const struct row *row,
			 const struct options *opt)
{
	if (number(row))
		cell_address(out, number(row), opt);
	else
		text_puts(out, "-");
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

static void mean_layout(struct text *out, const struct row *row,
			const struct options *opt)
{
	static const char *const words[] = {
		"a layout this mmscope does not know",
		"mmap area grows down from the stack",
		"mmap area grows up to the stack",
	};
	unsigned int layout = row->sp->mm.layout;

	(void)opt;
	text_puts(out, words[layout < 3 ? layout : 0]);
}

static void mean_area(struct text *out, const struct row *row,
		      const struct options *opt)
{
	uint64_t start = number(row), end = u64_at(row, row->field->at_end);

	if (end >= start)
		cell_bytes(out, end - start, opt);
}

static void mean_bytes(struct text *out, const struct row *row,
		       const struct options *opt)
{
	if (number(row) != UINT64_MAX)
		cell_bytes(out, number(row), opt);
}

static void mean_gap(struct text *out, const struct row *row,
		     const struct options *opt)
{
	mean_bytes(out, row, opt);
	if (row->sp->mm.gap_flags & MMSCOPE_GAP_ASSUMED)
		text_puts(out, " (the kernel's default is assumed)");
}

static void mean_pages(struct text *out, const struct row *row,
		       const struct options *opt)
{
	uint64_t bytes = number(row) << row->sp->header.page_shift;

	if (opt->bytes || opt->json)
		text_printf(out, "%" PRIu64, bytes);
	else
		text_printf(out, "%" PRIu64 " kB", bytes >> 10);
}

static void mean_kernel(struct text *out, const struct row *row,
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
		text_puts(out, "this kernel has no such pointer");
}

static void mean_flags(struct text *out, const struct row *row,
		       const struct options *opt)
{
	bool of_mm = row->field->at == offsetof(struct mmscope_mm, flags);
	enum mmscope_names_of of = of_mm ? MMSCOPE_NAMES_MM_FLAGS :
					   MMSCOPE_NAMES_VMA_FLAGS;
	const char *gap = "";

	for (unsigned int bit = 0; bit < 64; bit++) {
		const char *name = space_name(row->sp, of, bit);

		if (!(number(row) >> bit & 1))
			continue;
		text_puts(out, gap);
		if (name)
			cell_string(out, name, opt);
		else
			text_printf(out, "bit%u", bit);
		gap = " ";
	}
}

#define AT(member)	offsetof(struct mmscope_mm, member)

static const struct field fields[] = {
	{ "program", "exe", 0, 0, value_exe, NULL },
	{ "program", "start_code", AT(start_code), AT(end_code), value_address,
	  mean_area },
	{ "program", "end_code", AT(end_code), 0, value_address, NULL },
	{ "program", "start_data", AT(start_data), AT(end_data), value_address,
	  mean_area },
	{ "program", "end_data", AT(end_data), 0, value_address, NULL },
	{ "program", "start_brk", AT(start_brk), AT(brk), value_address,
	  mean_area },
	{ "program", "brk", AT(brk), 0, value_address, NULL },
	{ "stack", "start_stack", AT(start_stack), 0, value_address, NULL },
	{ "stack", "arg_start", AT(arg_start), AT(arg_end), value_address,
	  mean_area },
	{ "stack", "arg_end", AT(arg_end), 0, value_address, NULL },
	{ "stack", "env_start", AT(env_start), AT(env_end), value_address,
	  mean_area },
	{ "stack", "env_end", AT(env_end), 0, value_address, NULL },
	{ "stack", "rlimit_stack", AT(rlimit_stack), 0, value_limit, mean_bytes },
	{ "stack", "stack_guard_gap", AT(stack_guard_gap), 0, value_number,
	  mean_gap },
	{ "layout", "layout", 0, 0, value_layout, mean_layout },
	{ "layout", "aslr", 0, 0, value_aslr, NULL },
	{ "layout", "levels", 0, 0, value_levels, NULL },
	{ "layout", "mmap_base", AT(mmap_base), 0, value_address, NULL },
	{ "layout", "mmap_legacy_base", AT(mmap_legacy_base), 0, value_address,
	  NULL },
	{ "layout", "task_size", AT(task_size), 0, value_address, mean_bytes },
	{ "layout", "get_unmapped_area", AT(get_unmapped_area), 0, value_kernel,
	  mean_kernel },
	{ "layout", "pgd", AT(pgd), 0, value_kernel, mean_kernel },
	{ "reserved", "total_vm", AT(total_vm), 0, value_number, mean_pages },
	{ "reserved", "hiwater_vm", AT(hiwater_vm), 0, value_number, mean_pages },
	{ "reserved", "data_vm", AT(data_vm), 0, value_number, mean_pages },
	{ "reserved", "exec_vm", AT(exec_vm), 0, value_number, mean_pages },
	{ "reserved", "stack_vm", AT(stack_vm), 0, value_number, mean_pages },
	{ "reserved", "locked_vm", AT(locked_vm), 0, value_number, mean_pages },
	{ "reserved", "pinned_vm", AT(pinned_vm), 0, value_number, mean_pages },
	{ "reserved", "map_count", AT(map_count), 0, value_u32, NULL },
	{ "resident", "rss_anon", AT(rss_anon), 0, value_number, mean_pages },
	{ "resident", "rss_file", AT(rss_file), 0, value_number, mean_pages },
	{ "resident", "rss_shmem", AT(rss_shmem), 0, value_number, mean_pages },
	{ "resident", "rss_swap", AT(rss_swap), 0, value_number, mean_pages },
	{ "resident", "hiwater_rss", AT(hiwater_rss), 0, value_number,
	  mean_pages },
	{ "resident", "pgtables_bytes", AT(pgtables_bytes), 0, value_number,
	  mean_bytes },
	{ "state", "mm_users", AT(mm_users), 0, value_u32, NULL },
	{ "state", "mm_count", AT(mm_count), 0, value_u32, NULL },
	{ "state", "def_flags", AT(def_flags), 0, value_hex, mean_flags },
	{ "state", "flags", AT(flags), 0, value_hex, mean_flags },
};

static void cell_group(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct row *r = row;

	if (r->first || opt->json || opt->noheadings)
		text_puts(out, r->field->group);
}

static void cell_field(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, ((const struct row *)row)->field->name);
}

static void cell_value(struct text *out, const void *row,
		       const struct options *opt)
{
	((const struct row *)row)->field->value(out, row, opt);
}

static void cell_meaning(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	if (r->field->meaning)
		r->field->meaning(out, r, opt);
}

static const struct column columns[] = {
	{ "GROUP", COL_DEFAULT, cell_group, "what belongs together" },
	{ "FIELD", COL_DEFAULT, cell_field, "name, as in struct mm_struct" },
	{ "VALUE", COL_DEFAULT, cell_value,
	  "address, pages, bytes or number, as the kernel has it" },
	{ "MEANING", COL_DEFAULT, cell_meaning, "size, or names of the bits" },
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
		if (!src.stream.error)
			code = source_task(&sp.task);
		if (!src.stream.error && !code && sp.has_mm)
			print(opt, &src, &sp);
		if (!code)
			code = source_verdict(&src);
		if (code != EXIT_FAILED && !sp.has_mm)
			code = complain(EXIT_FAILED,
					"nothing of its mm_struct was recorded");
		space_free(&sp);
	}
	source_close(&src);
	return code;
}

const struct command cmd_mm = {
	.name = "mm",
	.operands = "",
	.summary = "list the fields of struct mm_struct",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_mm,
};
