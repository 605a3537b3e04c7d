// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "array.h"
#include "command.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "text.h"

struct row {
	const struct space *sp;
	const struct mapping *map;
};

static const struct mmscope_vma *vma_of(const void *row)
{
	return &((const struct row *)row)->map->vma;
}

static void cell_vma_range(struct text *out, const void *row,
			   const struct options *opt)
{
	cell_range(out, vma_of(row)->start, vma_of(row)->end - 1, opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	cell_address(out, vma_of(row)->start, opt);
}

static void cell_end(struct text *out, const void *row,
		     const struct options *opt)
{
	cell_address(out, vma_of(row)->end, opt);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, vma_of(row)->end - vma_of(row)->start, opt);
}

static void cell_rss(struct text *out, const void *row,
		     const struct options *opt)
{
	cell_bytes(out, ((const struct row *)row)->map->resident, opt);
}

static void cell_swap(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, ((const struct row *)row)->map->swapped, opt);
}

static void cell_perms(struct text *out, const void *row,
		       const struct options *opt)
{
	unsigned int perms = vma_of(row)->perms;

	(void)opt;
	text_printf(out, "%c%c%c%c", perms & MMSCOPE_READ ? 'r' : '-',
		    perms & MMSCOPE_WRITE ? 'w' : '-',
		    perms & MMSCOPE_EXEC ? 'x' : '-',
		    perms & MMSCOPE_SHARED ? 's' : 'p');
}

/* As /proc/PID/maps has it: only what has a file has an offset. */
static void cell_offset(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	bool file = r->map->vma.ino || r->map->vma.dev_major ||
		    r->map->vma.dev_minor;

	cell_address(out,
		     file ? r->map->vma.pgoff << r->sp->header.page_shift : 0,
		     opt);
}

static void cell_dev(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_printf(out, "%02x:%02x", vma_of(row)->dev_major,
		    vma_of(row)->dev_minor);
}

static void cell_inode(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu64, (uint64_t)vma_of(row)->ino);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	(void)opt;
	text_puts(out, segment_info(((const struct row *)row)->map->segment)->name);
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_puts(out, segment_kind(vma_of(row)->kind));
}

static void cell_flags(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct row *r = row;
	const char *gap = "";

	for (unsigned int bit = 0; bit < 64; bit++) {
		const char *name;

		if (!(r->map->vma.flags >> bit & 1))
			continue;
		text_puts(out, gap);
		name = space_name(r->sp, MMSCOPE_NAMES_VMA_FLAGS, bit);
		if (name)
			cell_string(out, name, opt);
		else
			text_printf(out, "bit%u", bit);
		gap = " ";
	}
}

static void cell_policy(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	const char *name;
	const char *gap = ":";

	if (!r->map->vma.policy)
		return;
	name = space_name(r->sp, MMSCOPE_NAMES_POLICIES, r->map->vma.policy);
	if (name)
		cell_string(out, name, opt);
	else
		text_printf(out, "%u", r->map->vma.policy);
	for (unsigned int node = 0; node < 64; node++) {
		if (!(r->map->vma.policy_nodes >> node & 1))
			continue;
		text_printf(out, "%s%u", gap, node);
		gap = ",";
	}
}

static void cell_pagesize(struct text *out, const void *row,
			  const struct options *opt)
{
	cell_bytes(out, 1ULL << vma_of(row)->page_shift, opt);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct mapping *map = ((const struct row *)row)->map;

	if (map->vma.name_kind == MMSCOPE_NAME_TOO_LONG)
		text_puts(out, "(path too long)");
	else
		cell_string(out, map->name, opt);
}

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT, cell_vma_range, "start and end" },
	{ "START", 0, cell_start, "first address" },
	{ "END", 0, cell_end, "first address behind" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, cell_size, "reserved" },
	{ "RSS", COL_NUMBER | COL_RUNS, cell_rss,
	  "resident; walks the page tables" },
	{ "SWAP", COL_NUMBER | COL_RUNS, cell_swap,
	  "swapped out; walks the page tables" },
	{ "PERMS", COL_DEFAULT, cell_perms,
	  "read, write, execute, shared or private" },
	{ "OFFSET", COL_RIGHT, cell_offset, "in the file, in bytes" },
	{ "DEV", 0, cell_dev, "device of the file" },
	{ "INODE", COL_NUMBER, cell_inode, "inode of the file" },
	{ "SEGMENT", COL_DEFAULT, cell_segment, "what it is" },
	{ "KIND", 0, cell_kind, "private or shared, file or anonymous" },
	{ "FLAGS", 0, cell_flags, "vm_flags, named as in smaps" },
	{ "POLICY", 0, cell_policy, "NUMA policy and nodes" },
	{ "PAGESIZE", COL_NUMBER, cell_pagesize, "size of a page (hugetlb)" },
	{ "NAME", COL_DEFAULT, cell_name, "file, or the kernel's name" },
};

static void print(const struct options *opt, const struct source *src,
		  const struct space *sp, const struct asked *asked)
{
	struct table *t = table_open(opt, &src->stream);

	for (size_t i = 0; i < sp->nr; i++) {
		struct row row = { .sp = sp, .map = &sp->map[i] };

		if (row.map->vma.end <= asked->start)
			continue;
		if (asked->end && row.map->vma.start >= asked->end)
			break;
		table_row(t, &row);
	}
	table_close(t, &src->stream);
}

/*
 * What a mapping is depends on its neighbours, so a range is cut out here. The
 * page tables are walked for the range only.
 */
static int run_vmas(const struct options *opt)
{
	struct asked asked = { .parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS };
	struct asked query;
	struct source src = { 0 };
	struct space sp;
	int code;

	if (options_want(opt, COL_RUNS))
		asked.parts |= MMSCOPE_PART_PAGETABLE;
	code = options_range(opt, &asked.start, &asked.end);
	if (code)
		return code;
	query = (struct asked){ .parts = asked.parts };
	code = source_open(&src, opt, &query);
	if (!code) {
		space_load(&sp, &src.stream);
		if (!src.stream.error)
			code = source_task(&sp.task);
		if (!src.stream.error && !code)
			print(opt, &src, &sp, &asked);
		if (!code)
			code = source_verdict(&src);
		space_free(&sp);
	}
	source_close(&src);
	return code;
}

const struct command cmd_vmas = {
	.name = "vmas",
	.operands = "[START-END | START+LENGTH | ADDRESS]",
	.summary = "list the mappings (VMAs)",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_vmas,
};
