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

static const struct mmscope_residency *res_of(const void *row)
{
	return &((const struct row *)row)->map->res;
}

static void put_pages(struct text *out, const void *row, uint64_t pages,
		      const struct options *opt)
{
	cell_bytes(out, pages << ((const struct row *)row)->sp->header.page_shift,
		   opt);
}

static void put_count(struct text *out, const void *row, size_t at,
		      const struct options *opt)
{
	uint64_t pages;

	memcpy(&pages, (const char *)res_of(row) + at, sizeof(pages));
	put_pages(out, row, pages, opt);
}

static void cell_rss(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct mmscope_residency *res = res_of(row);

	put_pages(out, row, res->pte + res->pmd + res->pud, opt);
}

static void cell_pss(struct text *out, const void *row,
		     const struct options *opt)
{
	cell_bytes(out, res_of(row)->pss_bytes, opt);
}

#define CELL_PAGES(member)						\
static void cell_##member(struct text *out, const void *row,		\
			  const struct options *opt)			\
{									\
	put_count(out, row, offsetof(struct mmscope_residency, member),	\
		  opt);							\
}

CELL_PAGES(anon)
CELL_PAGES(file)
CELL_PAGES(shmem)
CELL_PAGES(hugetlb)
CELL_PAGES(swapped)
CELL_PAGES(dirty)
CELL_PAGES(accessed)
CELL_PAGES(exclusive)
CELL_PAGES(shared)
CELL_PAGES(zero)
CELL_PAGES(special)
CELL_PAGES(other)
CELL_PAGES(never)
CELL_PAGES(pte)
CELL_PAGES(pmd)
CELL_PAGES(pud)
CELL_PAGES(cont)

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

#define COL_MORE	(COL_NUMBER | COL_RESIDENCY | COL_SUM)
#define COL_PRESET	(COL_MORE | COL_IN_VIEW)

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, cell_vma_range, "start and end" },
	{ "START", COL_ADDRESS, cell_start, "first address" },
	{ "END", COL_ADDRESS, cell_end, "first address behind" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER | COL_SUM, cell_size, "reserved" },
	{ "RSS", COL_PRESET, cell_rss,
	  "in memory: PTE + PMD + PUD, or ANON + FILE + SHMEM + HUGETLB" },
	{ "PSS", COL_PRESET, cell_pss,
	  "each page divided by how often it is mapped" },
	{ "ANON", COL_PRESET, cell_anon, "anonymous pages" },
	{ "FILE", COL_PRESET, cell_file, "pages of files" },
	{ "SHMEM", COL_PRESET, cell_shmem, "of tmpfs and shared memory" },
	{ "HUGETLB", COL_MORE, cell_hugetlb, "of hugetlb" },
	{ "SWAP", COL_PRESET, cell_swapped, "swapped out" },
	{ "DIRTY", COL_PRESET, cell_dirty, "written, as smaps counts it" },
	{ "ACCESSED", COL_MORE, cell_accessed, "Referenced in smaps" },
	{ "EXCLUSIVE", COL_MORE, cell_exclusive, "mapped here only" },
	{ "SHARED", COL_MORE, cell_shared, "mapped more than once" },
	{ "ZERO", COL_MORE, cell_zero, "the shared page of zeroes; not in RSS" },
	{ "SPECIAL", COL_MORE, cell_special,
	  "of devices and the like; not in RSS" },
	{ "OTHER", COL_MORE, cell_other,
	  "entries of other kinds: migrating, poisoned, markers" },
	{ "NEVER", COL_MORE, cell_never,
	  "no entry: not touched, given back, or SHMEM that is swapped out" },
	{ "PTE", COL_MORE, cell_pte, "mapped by base pages" },
	{ "PMD", COL_MORE, cell_pmd, "mapped by huge entries in PMDs" },
	{ "PUD", COL_MORE, cell_pud, "mapped by huge entries in PUDs" },
	{ "CONT", COL_MORE, cell_cont, "in blocks with a contiguous hint" },
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

/* Sums of the counts, which are all of one type and stand side by side. */
static void add_up(struct mapping *sum, const struct mapping *map)
{
	const __u64 *from = &map->res.pte;

	for (__u64 *to = &sum->res.pte; to <= &sum->res.pss_bytes; to++)
		*to += *from++;
	sum->vma.end += map->vma.end - map->vma.start;
}

static bool is_asked(const struct asked *asked, const struct mapping *map)
{
	return map->vma.end > asked->start &&
	       (!asked->end || map->vma.start < asked->end);
}

static void print(const struct options *opt, const struct source *src,
		  const struct space *sp, const struct asked *asked)
{
	struct table *t = table_open(opt, &src->stream);
	struct mapping sum = { 0 };

	for (size_t i = 0; i < sp->nr; i++) {
		struct row row = { .sp = sp, .map = &sp->map[i] };

		if (!is_asked(asked, row.map))
			continue;
		table_row(t, &row);
		add_up(&sum, row.map);
	}
	if (!sum.vma.end && opt->nr_operands)
		note("no mapping lies in %s", opt->operands[0]);
	if (asked->flags & MMSCOPE_QUERY_RESIDENCY)
		table_total(t, &(struct row){ .sp = sp, .map = &sum });
	table_close(t, &src->stream);
}

static uint32_t wanted(const struct options *opt)
{
	uint32_t flags = 0;

	if (opt->given & OPT_RESIDENCY || options_want(opt, COL_RESIDENCY))
		flags |= MMSCOPE_QUERY_RESIDENCY;
	if (opt->given & OPT_CONSISTENT)
		flags |= MMSCOPE_QUERY_CONSISTENT;
	return flags;
}

static bool is_listed(const struct space *sp, const struct mmscope_vma *vma)
{
	const struct mapping *map = space_find(sp, vma->end - 1);

	return map && !memcmp(&map->vma, vma, sizeof(*vma));
}

static bool all_told(const struct space *sp, const struct asked *asked)
{
	for (size_t i = 0; i < sp->nr; i++)
		if (is_asked(asked, &sp->map[i]) &&
		    sp->map[i].res.end != sp->map[i].vma.end)
			return false;
	return true;
}

/* What is in memory of the mappings asked for, once all are listed. */
static int load_residency(const struct options *opt, const struct asked *asked,
			  struct space *sp)
{
	struct source src = { 0 };
	struct record rec;
	bool same = true;
	int code = source_open(&src, opt, asked);

	if (!code) {
		while (stream_next(&src.stream, &rec)) {
			if (rec.head.type == MMSCOPE_REC_VMA)
				same &= is_listed(sp, &rec.vma);
			else if (rec.head.type == MMSCOPE_REC_RESIDENCY)
				space_add(sp, &rec);
		}
		code = source_verdict(&src);
	}
	source_close(&src);
	if (!code && !(same && all_told(sp, asked))) {
		note("the address space changed during the read");
		code = EXIT_PARTIAL;
	}
	return code;
}

static int print_all(const struct options *opt, struct source *src,
		     const struct asked *asked)
{
	struct space sp;
	int code = EXIT_FINE;

	space_load(&sp, &src->stream);
	if (source_is_readable(src))
		code = source_task(&sp.task);
	if (source_is_readable(src) && !code &&
	    asked->flags & ~src->stream.header.flags)
		code = load_residency(opt, asked, &sp);
	if (source_is_readable(src) && code != EXIT_FAILED)
		print(opt, src, &sp, asked);
	if (!code)
		code = source_verdict(src);
	space_free(&sp);
	return code;
}

/*
 * What a mapping is depends on its neighbours, so a range is cut out here. What
 * is in memory does not, and takes long: of a process, it is asked by range.
 */
static int run_vmas(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS,
		.flags = wanted(opt),
	};
	struct asked list = asked;
	struct source src = { 0 };
	int code;

	if (asked.flags == (MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_CONSISTENT))
		return complain(EXIT_USAGE,
				"--consistent lists mappings, it does not go with what is in memory");
	code = options_range(opt, &asked.start, &asked.end);
	if (code)
		return code;
	if (opt->nr_operands && !opt->input)
		list.flags &= ~MMSCOPE_QUERY_RESIDENCY;
	code = source_open(&src, opt, &list);
	if (!code)
		code = print_all(opt, &src, &asked);
	source_close(&src);
	return code;
}

const struct command cmd_vmas = {
	.name = "vmas",
	.operands = "[START-END | START+LENGTH | ADDRESS]",
	.summary = "list the mappings (VMAs)",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_RESIDENCY |
		   OPT_CONSISTENT,
	.view = OPT_RESIDENCY,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_vmas,
};
