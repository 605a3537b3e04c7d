// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>

#include "array.h"
#include "cell.h"
#include "classify.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "range.h"
#include "refine.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "text.h"

struct row {
	const struct space *sp;
	const struct classes *classes;
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

static void cell_vma_end(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_end(out, vma_of(row)->end - 1, opt);
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

static void cell_vma_perms(struct text *out, const void *row,
			   const struct options *opt)
{
	(void)opt;
	cell_perms(out, vma_of(row)->perms);
}

/* As in /proc/PID/maps, only mappings of files have an offset. */
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
	cell_device(out, vma_of(row)->dev_major, vma_of(row)->dev_minor);
}

static void cell_inode(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_number(out, vma_of(row)->ino, 10);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	class_put(out, r->classes, r->map);
}

static void cell_vma_guess(struct text *out, const void *row,
			   const struct options *opt)
{
	const struct row *r = row;

	cell_guess(out, r->classes, r->map, opt);
}

static void cell_vma_sections(struct text *out, const void *row,
			      const struct options *opt)
{
	const struct row *r = row;

	cell_sections(out, r->classes, r->map, r->map->start,
		      r->map->vma.end - 1, opt);
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_puts(out, segment_kind(vma_of(row)->kind));
}

static void cell_flag_names(struct text *out, const void *row,
			    const struct options *opt)
{
	cell_flags(out, ((const struct row *)row)->sp, MMSCOPE_NAMES_VMA_FLAGS,
		   vma_of(row)->flags, opt);
}

/* One string, also in JSON. */
static void cell_vma_flags(struct text *out, const void *row,
			   const struct options *opt)
{
	const struct options plain = { .utf8 = opt->utf8 };

	cell_flag_names(out, row, &plain);
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
		text_number(out, r->map->vma.policy, 10);
	for (unsigned int node = 0; node < 64; node++) {
		if (!(r->map->vma.policy_nodes >> node & 1))
			continue;
		text_puts(out, gap);
		text_number(out, node, 10);
		gap = ",";
	}
}

static void cell_policy_nodes(struct text *out, const void *row,
			      const struct options *opt)
{
	const char *gap = opt->json ? ", " : ",";

	if (!vma_of(row)->policy)
		return;
	text_puts(out, opt->json ? "[" : "");
	for (unsigned int node = 0; node < 64; node++)
		if (vma_of(row)->policy_nodes >> node & 1)
			text_printf(out, "%s%u", out->len > 1 ? gap : "", node);
	text_puts(out, opt->json ? "]" : "");
}

static void cell_pagesize(struct text *out, const void *row,
			  const struct options *opt)
{
	cell_bytes(out, 1ULL << vma_of(row)->page_shift, opt);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_map_name(out, ((const struct row *)row)->map, opt);
}

#define COL_MORE	(COL_NUMBER | COL_RESIDENCY | COL_SUM | COL_PLAIN)
#define COL_PRESET	(COL_MORE | COL_IN_VIEW)

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, cell_vma_range,
	  "start and exclusive end" },
	{ "START", COL_ADDRESS, cell_start, "first address" },
	{ "END", COL_ADDRESS, cell_vma_end, "exclusive end" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER | COL_SUM | COL_PLAIN, cell_size,
	  "reserved" },
	{ "RSS", COL_PRESET, cell_rss,
	  "resident: PTE + PMD + PUD = ANON + FILE + SHMEM + HUGETLB" },
	{ "PSS", COL_PRESET, cell_pss,
	  "each page divided by the number of its mappings" },
	{ "ANON", COL_PRESET, cell_anon, "anonymous pages" },
	{ "FILE", COL_PRESET, cell_file, "pages of files" },
	{ "SHMEM", COL_PRESET, cell_shmem, "pages of tmpfs and shared memory" },
	{ "HUGETLB", COL_MORE, cell_hugetlb, "pages of hugetlb" },
	{ "SWAP", COL_PRESET, cell_swapped, "swapped out" },
	{ "DIRTY", COL_PRESET, cell_dirty, "dirty, as in smaps" },
	{ "ACCESSED", COL_MORE, cell_accessed, "accessed: Referenced in smaps" },
	{ "EXCLUSIVE", COL_MORE, cell_exclusive, "mapped once" },
	{ "SHARED", COL_MORE, cell_shared, "mapped more than once" },
	{ "ZERO", COL_MORE, cell_zero, "the shared page of zeroes; not in RSS" },
	{ "SPECIAL", COL_MORE, cell_special,
	  "without struct page: devices; not in RSS" },
	{ "OTHER", COL_MORE, cell_other,
	  "other entries: migrating, poisoned, markers; not in RSS" },
	{ "NEVER", COL_MORE, cell_never,
	  "never faulted in, freed, or swapped-out shmem" },
	{ "PTE", COL_MORE, cell_pte, "resident in base pages" },
	{ "PMD", COL_MORE, cell_pmd, "resident in huge pages of the PMD level" },
	{ "PUD", COL_MORE, cell_pud, "resident in huge pages of the PUD level" },
	{ "CONT", COL_MORE, cell_cont, "in blocks with a contiguous hint" },
	{ "PERMS", COL_DEFAULT | COL_PLAIN | COL_RIGHTS, cell_vma_perms,
	  "permissions, shared or private" },
	{ "OFFSET", COL_RIGHT | COL_HEX, cell_offset, "in the file, in bytes" },
	{ "DEV", 0, cell_dev, "device of the file" },
	{ "INODE", COL_NUMBER, cell_inode, "inode of the file" },
	{ "SEGMENT", COL_DEFAULT | COL_STACK | COL_SEGMENT, cell_segment,
	  "text, heap, stack:TID ..." },
	{ "GUESS", COL_JSON | COL_BOOLEAN, cell_vma_guess, "whether SEGMENT is a guess" },
	{ "SECTIONS", COL_JSON | COL_LIST | COL_SECTIONS | COL_CUT,
	  cell_vma_sections,
	  "ELF sections; in JSON, an array" },
	{ "KIND", 0, cell_kind, "private or shared, file or anonymous" },
	{ "FLAGS", COL_CUT, cell_vma_flags, "vm_flags, named as in smaps" },
	{ "FLAG_NAMES", COL_JSON | COL_LIST | COL_CUT, cell_flag_names,
	  "the same; in JSON, an array" },
	{ "POLICY", 0, cell_policy, "NUMA policy and nodes" },
	{ "POLICY_NODES", COL_JSON, cell_policy_nodes,
	  "the nodes; in JSON, an array" },
	{ "PAGESIZE", COL_NUMBER, cell_pagesize, "size of a page (hugetlb)" },
	{ "NAME", COL_DEFAULT | COL_CUT, cell_name,
	  "path, or name given by the kernel" },
};

static uint64_t size_key(const void *row)
{
	return vma_of(row)->end - vma_of(row)->start;
}

static uint64_t perms_key(const void *row)
{
	return vma_of(row)->perms;
}

static uint64_t device_key(const void *row)
{
	return (uint64_t)vma_of(row)->dev_major << 32 | vma_of(row)->dev_minor;
}

static uint64_t inode_key(const void *row)
{
	return vma_of(row)->ino;
}

static uint64_t kind_key(const void *row)
{
	return vma_of(row)->kind;
}

static uint64_t flags_key(const void *row)
{
	return vma_of(row)->flags;
}

static uint64_t pagesize_key(const void *row)
{
	return vma_of(row)->page_shift;
}

static const struct column_key keys[] = {
	{ cell_size, size_key },
	{ cell_vma_perms, perms_key },
	{ cell_dev, device_key },
	{ cell_inode, inode_key },
	{ cell_kind, kind_key },
	{ cell_vma_flags, flags_key },
	{ cell_flag_names, flags_key },
	{ cell_pagesize, pagesize_key },
	{ NULL, NULL },
};

/* The counts of struct mmscope_residency are neighbours of one type. */
static void add_up(struct mapping *sum, const struct mapping *map)
{
	const __u64 *from = &map->res.pte;

	for (__u64 *to = &sum->res.pte; to <= &sum->res.pss_bytes; to++)
		*to += *from++;
	sum->vma.end += map->vma.end - map->vma.start;
}

static bool is_asked(const struct asked *asked, const struct mapping *map)
{
	return range_has(map, asked->start, asked->end);
}

static bool is_any_asked(const struct asked *asked, const struct space *sp)
{
	for (size_t i = 0; i < sp->nr; i++)
		if (is_asked(asked, &sp->map[i]))
			return true;
	return false;
}

static void print(const struct options *opt, const struct source *src,
		  const struct space *sp, const struct asked *asked)
{
	struct table *t = table_open(opt, &src->stream);
	bool sums = asked->flags & MMSCOPE_QUERY_RESIDENCY;
	struct mapping sum = { 0 };
	struct classes classes;

	classify(&classes, sp);
	if (options_sections(opt))
		refine(&classes, src->pid);
	for (size_t i = 0; i < sp->nr; i++) {
		struct row row = {
			.sp = sp,
			.classes = &classes,
			.map = &sp->map[i],
		};

		if (!is_asked(asked, row.map))
			continue;
		table_row(t, &row);
		if (sums)
			add_up(&sum, row.map);
	}
	if (sums)
		table_total(t, &(struct row){ .sp = sp, .map = &sum });
	table_close(t, &src->stream);
	classes_free(&classes);
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

static bool is_complete(const struct space *sp, const struct asked *asked)
{
	for (size_t i = 0; i < sp->nr; i++)
		if (is_asked(asked, &sp->map[i]) &&
		    sp->map[i].res.end != sp->map[i].vma.end)
			return false;
	return true;
}

/* Read the residency of the mappings in range, after the list of all. */
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
				same &= space_has(sp, &rec.vma);
			else if (rec.head.type == MMSCOPE_REC_RESIDENCY)
				space_add(sp, &rec);
		}
		code = source_verdict(&src);
	}
	source_close(&src);
	if (!code && !(same && is_complete(sp, asked))) {
		note("the address space changed during the read");
		code = EXIT_PARTIAL;
	}
	return code;
}

static int print_all(const struct options *opt, struct source *src,
		     struct asked *asked)
{
	struct space sp;
	int code = EXIT_FINE;

	space_load(&sp, &src->stream);
	if (source_is_readable(src))
		code = source_task(&sp.task);
	if (source_is_readable(src) && !code && opt->nr_operands &&
	    !is_any_asked(asked, &sp))
		note("no mapping in %s", opt->operands[0]);
	range_widen(opt, &sp, &asked->start, &asked->end);
	if (source_is_readable(src) && !code &&
	    asked->flags & ~src->stream.header.flags)
		code = load_residency(opt, asked, &sp);
	if (source_is_readable(src) && !exit_is_failure(code))
		print(opt, src, &sp, asked);
	if (!code)
		code = source_verdict(src);
	space_free(&sp);
	return code;
}

/*
 * The segment of a mapping depends on its neighbours, so the list is read as a
 * whole. Residency does not, and takes long: it is read for the range only.
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
				"--consistent cannot be combined with residency");
	code = range_of(opt, &asked.start, &asked.end);
	if (code)
		return code;
	if (opt->nr_operands && !opt->input)
		list.flags &= ~MMSCOPE_QUERY_RESIDENCY;
	if (options_want(opt, COL_STACK))
		list.parts |= source_threads(opt);
	code = source_open(&src, opt, &list);
	if (!code)
		code = print_all(opt, &src, &asked);
	source_close(&src);
	return code;
}

const struct command cmd_vmas = {
	.name = "vmas",
	.operands = "[RANGE]",
	.summary = "list the mappings (VMAs)",
	.example = "The mappings with the most resident memory first:\n"
		   "  mmscope vmas 4711 -o +RSS,SWAP --sort -RSS\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_RESIDENCY |
		   OPT_CONSISTENT | OPT_SECTIONS | OPT_CGROUP |
		   OPT_NEIGHBOURS,
	.repeats = true,
	.view = OPT_RESIDENCY,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.keys = keys,
	.run = run_vmas,
};
