// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "cell.h"
#include "entry.h"
#include "page.h"

/**
 * cell_address - append an address: hexadecimal, with 0x in JSON
 * @out: the cell
 * @addr: the address
 * @opt: the options
 */
void cell_address(struct text *out, uint64_t addr, const struct options *opt)
{
	text_printf(out, opt->json ? "0x%" PRIx64 : "%" PRIx64, addr);
}

/**
 * cell_bytes - append a size: readable, exact with -b and in JSON
 * @out: the cell
 * @bytes: the size
 * @opt: the options
 */
void cell_bytes(struct text *out, uint64_t bytes, const struct options *opt)
{
	text_size(out, bytes, opt->json || opt->bytes);
}

/**
 * cell_string - append untrusted text, made safe for where it goes
 * @out: the cell
 * @s: the text
 * @opt: the options
 */
void cell_string(struct text *out, const char *s, const struct options *opt)
{
	if (opt->json)
		text_utf8(out, s);
	else
		text_escape(out, s, opt->utf8);
}

/**
 * cell_range - append a range as START-END, END exclusive
 * @out: the cell
 * @start: first address
 * @last: last address
 * @opt: the options
 */
void cell_range(struct text *out, uint64_t start, uint64_t last,
		const struct options *opt)
{
	cell_address(out, start, opt);
	text_puts(out, "-");
	if (last == UINT64_MAX)
		text_puts(out, opt->json ? "0x10000000000000000" :
					   "10000000000000000");
	else
		cell_address(out, last + 1, opt);
}

/**
 * cell_frame - append a frame: its number, for swap DEVICE:OFFSET
 * @out: the cell
 * @kind: enum mmscope_kind of the entry
 * @frame: as it is recorded
 * @opt: the options
 */
void cell_frame(struct text *out, unsigned int kind, uint64_t frame,
		const struct options *opt)
{
	if (kind == MMSCOPE_SWAP)
		text_printf(out, "%" PRIu64 ":%" PRIu64,
			    (uint64_t)MMSCOPE_SWAP_DEVICE(frame),
			    (uint64_t)MMSCOPE_SWAP_OFFSET(frame));
	else
		cell_address(out, frame, opt);
}

/* Of a run */

static const struct run *run_of(const void *row)
{
	return ((const struct run_row *)row)->run;
}

static uint64_t last_of(const void *row)
{
	return run_last(((const struct run_row *)row)->header, run_of(row));
}

/* Of a table above, from a snapshot, nothing is known but that it is there. */
static bool is_known(const struct run *run)
{
	return run->kind != MMSCOPE_TABLE || run->has_raw;
}

void run_cell_range(struct text *out, const void *row,
		    const struct options *opt)
{
	cell_range(out, run_of(row)->start, last_of(row), opt);
}

void run_cell_start(struct text *out, const void *row,
		    const struct options *opt)
{
	cell_address(out, run_of(row)->start, opt);
}

void run_cell_level(struct text *out, const void *row,
		    const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_level(run_of(row)->level));
}

void run_cell_index(struct text *out, const void *row,
		    const struct options *opt)
{
	const struct mmscope_header *h = ((const struct run_row *)row)->header;

	(void)opt;
	text_printf(out, "%" PRIu32,
		    entry_index(h, run_of(row)->start, run_of(row)->level));
}

void run_cell_kind(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_kind(run_of(row)->kind)->name);
}

void run_cell_entries(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu64, run_of(row)->nr);
}

void run_cell_size(struct text *out, const void *row,
		   const struct options *opt)
{
	cell_bytes(out, last_of(row) - run_of(row)->start + 1, opt);
}

void run_cell_frame(struct text *out, const void *row,
		    const struct options *opt)
{
	if (is_known(run_of(row)))
		cell_frame(out, run_of(row)->kind, run_of(row)->frame, opt);
}

/* Of a huge entry, all frames it maps; of entries alike, the one. */
void run_cell_frames(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct mmscope_header *h = ((const struct run_row *)row)->header;
	const struct run *run = run_of(row);
	uint64_t nr = (last_of(row) - run->start + 1) >> h->page_shift;

	if (run->nr > 1 && !run_frames(h, run))
		nr = 1;
	if (nr > 1)
		cell_range(out, run->frame, run->frame + nr - 1, opt);
	else
		cell_address(out, run->frame, opt);
}

void run_cell_attrs(struct text *out, const void *row,
		    const struct options *opt)
{
	(void)opt;
	if (is_known(run_of(row)))
		entry_attrs(out, run_of(row)->attrs);
}

void run_cell_raw(struct text *out, const void *row,
		  const struct options *opt)
{
	if (run_of(row)->has_raw)
		cell_address(out, run_of(row)->raw, opt);
}

void run_cell_mapped(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_puts(out, page_mapped(run_of(row)->page));
}

void run_cell_node(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	page_node(out, run_of(row)->page);
}

void run_cell_page(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	page_flags(out, run_of(row)->page, ",");
}
