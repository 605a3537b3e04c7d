// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "explain_addr.h"
#include "header.h"
#include "message.h"
#include "options.h"
#include "parse.h"
#include "series.h"
#include "source.h"
#include "table.h"
#include "walk.h"
#include "words.h"

#define STACK	"stack:"
#define INDENT	2u

/* What is to be explained; WHAT_NAME is for explain_named(). */
enum what {
	WHAT_PROCESS,
	WHAT_ADDRESS,
	WHAT_SEGMENT,
	WHAT_STACK,
	WHAT_NAME,
};

/**
 * struct wanted - an operand
 * @operand: as it was typed, NULL for the process
 * @what: enum what
 * @walk: WHAT_ADDRESS: the address and its translation
 * @segment: WHAT_SEGMENT
 * @tid: WHAT_STACK: the thread
 */
struct wanted {
	const char *operand;
	enum what what;
	struct walk walk;
	enum segment segment;
	int tid;
};

/**
 * struct loaded - what is wanted, and what was read for it
 * @wanted: the operands
 * @nr: number of these, at least one
 * @has_pages: the page tables of the process are needed
 * @sp: the address space
 * @uppers: entries that lead to tables
 * @pages: the pages
 * @threads: the threads
 * @whole: no run is missing
 */
struct loaded {
	struct wanted *wanted;
	size_t nr;
	bool has_pages;
	struct space sp;
	struct uppers uppers;
	struct pages pages;
	struct threads threads;
	bool whole;
};

/* Cells */

struct row {
	const struct explanation *e;
	const struct said *said;
};

static const struct said *said_of(const void *row)
{
	return ((const struct row *)row)->said;
}

static const struct subject *subject_of(const void *row)
{
	const struct row *r = row;

	return &r->e->subject[r->said->subject];
}

static void cell_id(struct text *out, const void *row,
		    const struct options *opt)
{
	(void)opt;
	text_puts(out, sentence_id(said_of(row)->which));
}

static void cell_access(struct text *out, const void *row,
			const struct options *opt)
{
	static const char letters[] = "rwx";

	(void)opt;
	for (unsigned int i = 0; i < ACCESSES; i++)
		if (said_of(row)->access >> i & 1)
			text_add(out, &letters[i], 1);
}

static void cell_subject(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_string(out, subject_of(row)->name, opt);
}

static void cell_operand(struct text *out, const void *row,
			 const struct options *opt)
{
	if (subject_of(row)->operand)
		cell_string(out, subject_of(row)->operand, opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct subject *subject = subject_of(row);

	if (subject->start || subject->end)
		cell_address(out, subject->start, opt);
}

static void cell_subject_end(struct text *out, const void *row,
			     const struct options *opt)
{
	const struct subject *subject = subject_of(row);

	if (subject->start || subject->end)
		cell_end(out, subject->end - 1, opt);
}

static void put_sentence(struct text *out, const struct said *said,
			 const struct options *opt)
{
	sentence_put(out, said->which, said->fact, said->nr, opt->bytes,
		     opt->utf8);
}

static void cell_text(struct text *out, const void *row,
		      const struct options *opt)
{
	put_sentence(out, said_of(row), opt);
}

static void put_value(struct text *out, const struct fact *fact)
{
	if (fact->type == FACT_WORD)
		text_json(out, fact->word);
	else if (fact->type == FACT_ADDRESS)
		text_printf(out, "\"0x%" PRIx64 "\"", fact->number);
	else
		text_json_number(out, fact->number);
}

static void put_facts(struct text *out, const struct said *said)
{
	const char *gap = "";

	text_puts(out, "{");
	for (size_t i = 0; i < said->nr; i++) {
		if (said->fact[i].type == FACT_SENTENCE)
			continue;
		text_printf(out, "%s\"%s\": ", gap, said->fact[i].name);
		put_value(out, &said->fact[i]);
		gap = ", ";
	}
	text_puts(out, "}");
}

/* A JSON object, which is also readable in a table: there, names may need escapes. */
static void cell_facts(struct text *out, const void *row,
		       const struct options *opt)
{
	struct text object = { 0 };

	put_facts(&object, said_of(row));
	if (opt->json)
		text_puts(out, object.s);
	else
		text_escape(out, object.s, opt->utf8);
	text_free(&object);
}

static const struct column columns[] = {
	{ "SUBJECT", COL_DEFAULT, cell_subject, "what the sentence is about" },
	{ "OPERAND", 0, cell_operand, "what it was explained for" },
	{ "START", COL_ADDRESS, cell_start, "first address of that" },
	{ "END", COL_ADDRESS, cell_subject_end, "exclusive end of that" },
	{ "ID", COL_DEFAULT, cell_id, "identifier of the sentence" },
	{ "ACCESS", COL_DEFAULT, cell_access,
	  "accesses that it is about: r, w, x for fetch" },
	{ "FACTS", COL_JSON | COL_CUT, cell_facts,
	  "its facts; in JSON, an object" },
	{ "TEXT", COL_DEFAULT | COL_CUT, cell_text, "the sentence" },
};

/* Printing */

static void print_heading(const struct subject *subject,
			  const struct options *opt)
{
	struct text line = { 0 };

	text_escape(&line, subject->name, opt->utf8);
	if (subject->start || subject->end) {
		text_puts(&line, " ");
		text_number(&line, subject->start, 16);
		text_puts(&line, "-");
		cell_end(&line, subject->end - 1, opt);
	}
	if (subject->nr > 1) {
		text_puts(&line, ", ");
		text_count(&line, subject->nr);
		text_puts(&line, " mappings");
	}
	printf("%s%s%s\n", color_start(opt->colors, COLOR_HEADER), line.s,
	       color_end(opt->colors, COLOR_HEADER));
	text_free(&line);
}

/* Steps and accesses are compared with each other: they have lines of their own. */
static bool is_line(const struct said *said)
{
	return said->access || (said->which >= TEXT_SPLIT &&
				said->which <= TEXT_PHYSICAL);
}

/* Does the sentence continue the paragraph of the one before? */
static bool continues(const struct said *before, const struct said *said)
{
	return before->subject == said->subject && !is_line(said) &&
	       (!is_line(before) || before->which == TEXT_PHYSICAL);
}

static void print_text(const struct options *opt, const struct explanation *e)
{
	struct text text = { 0 };

	series_begin(opt);
	series_heading(opt);
	for (size_t i = 0; i < e->nr; i++) {
		const struct said *said = &e->said[i];

		if (!i || said[-1].subject != said->subject) {
			printf("%s", i ? "\n" : "");
			print_heading(&e->subject[said->subject], opt);
		}
		if (text.len)
			text_puts(&text, " ");
		put_sentence(&text, said, opt);
		if (i + 1 < e->nr && continues(said, said + 1))
			continue;
		words_print(stdout, text.s, INDENT, opt->width);
		text_clear(&text);
	}
	text_free(&text);
}

static void print_table(const struct options *opt, const struct source *src,
			const struct explanation *e)
{
	struct table *t = table_open(opt, &src->stream);

	for (size_t i = 0; i < e->nr; i++)
		table_row(t, &(struct row){ e, &e->said[i] });
	table_close(t, &src->stream);
}

/* Explaining */

static bool is_address(const struct wanted *wanted)
{
	return wanted->what == WHAT_ADDRESS;
}

static int explain_one(struct explanation *e, const struct explained *all,
		       const struct wanted *wanted, bool whole)
{
	bool found = true;

	e->operand = wanted->operand;
	switch (wanted->what) {
	case WHAT_PROCESS:
		explain_process(e, all);
		break;
	case WHAT_ADDRESS:
		explain_address(e, all, &wanted->walk, whole);
		break;
	case WHAT_SEGMENT:
		found = explain_segment(e, all, wanted->segment);
		break;
	case WHAT_STACK:
		if (!explain_stack(e, all, wanted->tid))
			return complain(EXIT_FAILED,
					"the stack of thread %d is not known",
					wanted->tid);
		break;
	case WHAT_NAME:
		found = explain_named(e, all, wanted->operand);
		break;
	}
	return found ? EXIT_FINE :
		       complain(EXIT_FAILED,
				"the process has no segment or file \"%s\"",
				wanted->operand);
}

static int explain_all(struct explanation *e, struct loaded *loaded)
{
	struct fault_rules rules;
	struct classes classes;
	struct explained all = {
		.sp = &loaded->sp,
		.classes = &classes,
		.rules = &rules,
		.threads = &loaded->threads,
	};
	int code = EXIT_FINE;

	classify(&classes, &loaded->sp);
	fault_rules_init(&rules, &classes);
	threads_find(&loaded->threads);
	if (loaded->whole && loaded->has_pages) {
		pages_end(&loaded->pages);
		all.pages = &loaded->pages;
	}
	for (size_t i = 0; i < loaded->nr && !code; i++)
		code = explain_one(e, &all, &loaded->wanted[i], loaded->whole);
	classes_free(&classes);
	return code;
}

/* Reading */

static void load_record(struct loaded *loaded, const struct source *src,
			const struct record *rec)
{
	space_add(&loaded->sp, rec);
	threads_add(&loaded->threads, rec);
	uppers_add(&loaded->uppers, rec);
	if (loaded->has_pages)
		pages_add(&loaded->pages, rec);
	for (size_t i = 0; i < loaded->nr && !src->pid; i++)
		if (is_address(&loaded->wanted[i]))
			walk_take(&loaded->wanted[i].walk, rec,
				  &src->stream.header);
}

static void load(struct loaded *loaded, struct source *src)
{
	const struct mmscope_header *h = &src->stream.header;
	struct record rec;

	space_init(&loaded->sp, &src->stream);
	uppers_init(&loaded->uppers, h);
	pages_init(&loaded->pages, &loaded->sp);
	threads_init(&loaded->threads, &loaded->sp);
	for (size_t i = 0; i < loaded->nr && !src->pid; i++)
		loaded->wanted[i].walk.addr =
			header_untag(h, loaded->wanted[i].walk.addr);
	while (stream_next(&src->stream, &rec))
		load_record(loaded, src, &rec);
	/* A stream that ended early may lack runs. */
	loaded->whole = src->stream.ended && !src->stream.end.status;
}

/* Return: the worst exit code of all translations. */
static int translate(const struct options *opt, struct loaded *loaded)
{
	int worst = EXIT_FINE;

	for (size_t i = 0; i < loaded->nr; i++) {
		struct walk *walk = &loaded->wanted[i].walk;
		int code = EXIT_FINE;

		if (!is_address(&loaded->wanted[i]))
			continue;
		if (opt->input)
			walk_finish(walk, &loaded->sp, &loaded->uppers,
				    loaded->whole);
		else
			code = walk_live(opt, walk);
		if (exit_is_failure(code))
			return code;
		if (code)
			worst = code;
	}
	return worst;
}

static int explain(const struct options *opt, struct source *src,
		   struct loaded *loaded)
{
	struct explanation e = { 0 };
	int code, worst;

	load(loaded, src);
	if (!source_is_readable(src))
		return source_verdict(src);
	code = source_task(&loaded->sp.task);
	if (code)
		return code;
	worst = translate(opt, loaded);
	if (exit_is_failure(worst))
		return worst;
	code = explain_all(&e, loaded);
	if (!code && options_table(opt))
		print_table(opt, src, &e);
	else if (!code)
		print_text(opt, &e);
	explain_free(&e);
	if (!code)
		code = source_verdict(src);
	return code ? code : worst;
}

/* Operands */

static int parse_stack(const char *id, struct wanted *wanted)
{
	uint64_t tid;

	if (id[strspn(id, "0123456789")] || !parse_length(id, &tid) ||
	    tid > INT_MAX)
		return complain(EXIT_USAGE, "invalid thread: \"%s%s\"", STACK,
				id);
	wanted->what = WHAT_STACK;
	wanted->tid = (int)tid;
	return EXIT_FINE;
}

/* A name that is also a hexadecimal number is an address, as in RANGE. */
static int parse_operand(const char *s, struct wanted *wanted)
{
	wanted->operand = s;
	if (!strncmp(s, STACK, strlen(STACK)))
		return parse_stack(s + strlen(STACK), wanted);
	wanted->segment = segment_named(s);
	if (wanted->segment != SEGMENTS)
		wanted->what = WHAT_SEGMENT;
	else if (!parse_address(s, &wanted->walk.addr))
		wanted->what = WHAT_NAME;
	else
		wanted->what = WHAT_ADDRESS;
	return is_address(wanted) ? options_address(s, &wanted->walk.addr) :
				    EXIT_FINE;
}

/* Without operands, the process is explained. */
static int parse_operands(const struct options *opt, struct loaded *loaded)
{
	int code = EXIT_FINE;

	loaded->nr = opt->nr_operands ? (size_t)opt->nr_operands : 1;
	loaded->wanted = grow(NULL, loaded->nr, sizeof(*loaded->wanted));
	memset(loaded->wanted, 0, loaded->nr * sizeof(*loaded->wanted));
	for (int i = 0; i < opt->nr_operands && !code; i++)
		code = parse_operand(opt->operands[i], &loaded->wanted[i]);
	for (size_t i = 0; i < loaded->nr; i++)
		loaded->has_pages |= !is_address(&loaded->wanted[i]);
	return code;
}

static bool any_in_kernel(const struct loaded *loaded)
{
	for (size_t i = 0; i < loaded->nr; i++)
		if (loaded->wanted[i].walk.addr >> 63)
			return true;
	return false;
}

static struct asked what_to_ask(const struct options *opt,
				const struct loaded *loaded)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 source_threads(opt),
	};

	if (opt->input || loaded->has_pages)
		asked.parts |= MMSCOPE_PART_PAGETABLE;
	if (!opt->input && loaded->has_pages)
		asked.flags |= MMSCOPE_QUERY_FACTS;
	if (any_in_kernel(loaded))
		asked.parts |= source_kernel_layout(opt);
	return asked;
}

static int run_explain(const struct options *opt)
{
	struct source src = { .fd = -1 };
	struct loaded loaded = { 0 };
	struct asked asked;
	int code = parse_operands(opt, &loaded);

	if (!code) {
		asked = what_to_ask(opt, &loaded);
		code = source_open(&src, opt, &asked);
	}
	if (!code)
		code = explain(opt, &src, &loaded);
	pages_free(&loaded.pages);
	threads_free(&loaded.threads);
	uppers_free(&loaded.uppers);
	space_free(&loaded.sp);
	free(loaded.wanted);
	source_close(&src);
	return code;
}

const struct command cmd_explain = {
	.name = "explain",
	.operands = "[ADDRESS|SEGMENT]...",
	.summary = "explain the process, segments or addresses in sentences",
	.example = "What the heap is for, and what an access to an address would do:\n"
		   "  mmscope explain 4711 heap 564ef4ccb000\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_WIDTH |
		   OPT_CGROUP,
	.repeats = true,
	.draws = true,
	.most = 10000,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_explain,
};
