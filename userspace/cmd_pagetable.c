// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "array.h"
#include "command.h"
#include "entry.h"
#include "source.h"
#include "table.h"
#include "text.h"

struct row {
	const struct mmscope_header *header;
	const struct mmscope_run *run;
};

static const struct mmscope_run *run_of(const void *row)
{
	return ((const struct row *)row)->run;
}

static uint64_t last_of(const void *row)
{
	return run_last(((const struct row *)row)->header, run_of(row));
}

static void cell_run_range(struct text *out, const void *row,
			   const struct options *opt)
{
	cell_range(out, run_of(row)->start, last_of(row), opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	cell_address(out, run_of(row)->start, opt);
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_level(run_of(row)->level));
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_kind(run_of(row)->kind)->name);
}

static void cell_entries(struct text *out, const void *row,
			 const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu32, run_of(row)->nr);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, last_of(row) - run_of(row)->start + 1, opt);
}

/* A frame number, or for swap: device:offset. */
static void cell_frame(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct mmscope_run *run = run_of(row);

	if (run->kind == MMSCOPE_SWAP)
		text_printf(out, "%" PRIu64 ":%" PRIu64,
			    (uint64_t)MMSCOPE_SWAP_DEVICE(run->frame),
			    (uint64_t)MMSCOPE_SWAP_OFFSET(run->frame));
	else
		cell_address(out, run->frame, opt);
}

static void cell_attrs(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	entry_attrs(out, run_of(row)->attrs);
}

static void cell_raw(struct text *out, const void *row,
		     const struct options *opt)
{
	cell_address(out, run_of(row)->raw, opt);
}

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT, cell_run_range, "what the entries map" },
	{ "START", 0, cell_start, "first address" },
	{ "LEVEL", COL_DEFAULT, cell_level, "of the table they stand in" },
	{ "KIND", COL_DEFAULT, cell_kind, "present, swap, guard ..." },
	{ "ENTRIES", COL_DEFAULT | COL_NUMBER, cell_entries, "how many" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, cell_size, "of what they map" },
	{ "FRAME", COL_DEFAULT | COL_RIGHT, cell_frame,
	  "of the first, in base pages; swap: device:offset" },
	{ "ATTRS", COL_DEFAULT, cell_attrs,
	  "read write exec user accessed dirty, soft-dirty uffd-w(p) Global Special\n"
	  "              Uncached Devmap exclusive contiguous" },
	{ "RAW", COL_DEFAULT | COL_RIGHT, cell_raw,
	  "the first as the hardware holds it" },
};

/* Rows go out while records come in: there may be millions. */
static int print(const struct options *opt, struct source *src,
		 const struct asked *asked)
{
	struct stream *s = &src->stream;
	struct table *t = NULL;
	struct record rec;
	int code = EXIT_FINE;

	while (!code && stream_next(s, &rec)) {
		if (rec.head->type == MMSCOPE_REC_TASK) {
			code = source_task(rec.task);
		} else if (rec.head->type == MMSCOPE_REC_RUNS) {
			if (!t)
				t = table_open(opt, s);
			for (uint32_t i = 0; i < rec.runs->nr; i++) {
				struct row row = {
					&s->header, record_run(rec.runs, i)
				};

				if (last_of(&row) < asked->start ||
				    (asked->end && row.run->start >= asked->end))
					continue;
				table_row(t, &row);
			}
		}
	}
	if (!t && !code && !s->error)
		t = table_open(opt, s);
	if (t)
		table_close(t, s);
	return code ? code : source_verdict(src);
}

static int run_pagetable(const struct options *opt)
{
	struct asked asked = { .parts = MMSCOPE_PART_PAGETABLE };
	struct source src = { 0 };
	int code = options_range(opt, &asked.start, &asked.end);

	if (code)
		return code;
	code = source_open(&src, opt, &asked);
	if (!code)
		code = source_check_file(&src);
	if (!code)
		code = print(opt, &src, &asked);
	source_close(&src);
	return code;
}

const struct command cmd_pagetable = {
	.name = "pagetable",
	.operands = "[START-END | START+LENGTH | ADDRESS]",
	.summary = "list the page-table entries, one line a run of like ones",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_pagetable,
};
