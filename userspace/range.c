// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "classify.h"
#include "exit_code.h"
#include "message.h"
#include "named.h"
#include "parse.h"
#include "range.h"
#include "source.h"
#include "thread_load.h"
#include "walk.h"

#define STACK		"stack:"
#define NOT_TWICE	"\"%s\" needs a file that can be read twice"

/**
 * struct wanted - mappings that are a range
 * @word: what the user typed
 * @segment: their segment; SEGMENTS for those of a file
 * @file: the file
 */
struct wanted {
	const char *word;
	enum segment segment;
	struct named file;
};

static bool is_wanted(struct wanted *wanted, const struct classes *all, size_t i)
{
	return wanted->segment == SEGMENTS ? named_has(&wanted->file, all, i) :
					     all->part[i].segment == wanted->segment;
}

/* The mappings that are wanted, if nothing is between them. */
static int find_mappings(const struct space *sp, struct wanted *wanted,
			 uint64_t *start, uint64_t *end)
{
	struct classes classes;
	bool found = false, apart = false;

	classify(&classes, sp);
	for (size_t i = 0; i < sp->nr; i++) {
		const struct mapping *map = &sp->map[i];

		if (!is_wanted(wanted, &classes, i))
			continue;
		apart |= found && map->start != *end;
		*start = found ? *start : map->start;
		*end = map->vma.end;
		found = true;
	}
	classes_free(&classes);
	if (!found)
		return complain(EXIT_FAILED,
				"the process has no segment or file \"%s\"",
				wanted->word);
	if (apart)
		return complain(EXIT_USAGE,
				"%s is in several places: give the addresses of one",
				wanted->word);
	return EXIT_FINE;
}

/* The file is read a second time after this. */
static bool can_be_read_again(const struct options *opt)
{
	struct stat st;

	if (!opt->input)
		return true;
	if (!strcmp(opt->input, "-"))
		return false;
	return stat(opt->input, &st) || S_ISREG(st.st_mode);
}

/* Read the mappings for @word, which needs them; the caller frees @sp if this succeeds. */
static int load_mappings(const struct options *opt, const char *word,
			 struct space *sp)
{
	const struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS,
	};
	struct source src = { 0 };
	int code;

	if (!can_be_read_again(opt))
		return complain(EXIT_USAGE, NOT_TWICE, word);
	code = source_open(&src, opt, &asked);
	if (!code) {
		space_load(sp, &src.stream);
		code = source_is_readable(&src) ? source_task(&sp->task) :
						  source_verdict(&src);
		if (code)
			space_free(sp);
	}
	source_close(&src);
	return code;
}

static int named_operand(const struct options *opt, const char *word,
			 uint64_t *start, uint64_t *end)
{
	struct wanted wanted = {
		.word = word, .segment = segment_named(word), .file.name = word,
	};
	struct space sp;
	int code = load_mappings(opt, word, &sp);

	if (code)
		return code;
	code = find_mappings(&sp, &wanted, start, end);
	space_free(&sp);
	return code;
}

static int set_stack(const struct threads *all, int tid, uint64_t *start,
		     uint64_t *end)
{
	const struct thread *thread = threads_by_id(all, tid);

	if (!thread)
		return complain(EXIT_FAILED, "there is no thread %d", tid);
	if (!thread->end)
		return complain(EXIT_FAILED,
				"the stack of thread %d is not known", tid);
	*start = thread->start;
	*end = thread->end;
	return EXIT_FINE;
}

static int find_stack(const struct options *opt, int tid, uint64_t *start,
		      uint64_t *end)
{
	struct asked asked = { .parts = threads_parts(opt, true) };
	struct threads all = { 0 };
	struct space sp = { 0 };
	struct source src = { 0 };
	int code = source_open(&src, opt, &asked);

	if (!code)
		code = threads_load(&all, &sp, &src, opt, true);
	if (!exit_is_failure(code))
		code = set_stack(&all, tid, start, end);
	threads_free(&all);
	space_free(&sp);
	source_close(&src);
	return code;
}

static int stack_operand(const struct options *opt, const char *id,
			 uint64_t *start, uint64_t *end)
{
	uint64_t tid;

	if (id[strspn(id, "0123456789")] || !parse_length(id, &tid) ||
	    tid > INT_MAX)
		return complain(EXIT_USAGE, "invalid thread: \"%s%s\"", STACK,
				id);
	if (!can_be_read_again(opt))
		return complain(EXIT_USAGE, NOT_TWICE, opt->operands[0]);
	return find_stack(opt, (int)tid, start, end);
}

/* No address begins like this, unless it is the name of a segment or a file. */
static bool is_name(const char *s)
{
	uint64_t start, end;

	return segment_named(s) != SEGMENTS ||
	       (isalpha((unsigned char)*s) && !parse_range(s, &start, &end));
}

static bool has_neighbours(const struct options *opt)
{
	return opt->before || opt->after;
}

/**
 * range_of - addresses of the optional operand RANGE
 * @opt: the options; the name of a segment or file, or the stack of a thread, is looked
 *	up in their process or file
 * @start: first address, 0 without an operand
 * @end: exclusive, 0 for no bound
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int range_of(const struct options *opt, uint64_t *start, uint64_t *end)
{
	const char *s = opt->nr_operands ? opt->operands[0] : "";
	int code;

	if (has_neighbours(opt) && !opt->nr_operands)
		return complain(EXIT_USAGE, "-A and -B need RANGE");
	if (!strncmp(s, STACK, strlen(STACK)))
		return stack_operand(opt, s + strlen(STACK), start, end);
	if (is_name(s))
		return named_operand(opt, s, start, end);
	code = options_range(opt, start, end);
	return code ? code : walk_untag(opt, start, end);
}

/**
 * range_has - whether a mapping is in a range, at least in part
 * @map: the mapping
 * @start: first address
 * @end: exclusive, 0 for no bound
 *
 * Return: true if it is
 */
bool range_has(const struct mapping *map, uint64_t start, uint64_t end)
{
	return map->vma.end > start && (!end || map->vma.start < end);
}

/**
 * range_widen - widen a range to its neighbours, also if there is only a gap in it
 * @opt: the options; without --before and --after, the range stays
 * @sp: the mappings
 * @start: first address
 * @end: exclusive, 0 for no bound
 */
void range_widen(const struct options *opt, const struct space *sp,
		 uint64_t *start, uint64_t *end)
{
	size_t first = 0, past;

	if (!has_neighbours(opt))
		return;
	while (first < sp->nr && sp->map[first].vma.end <= *start)
		first++;
	for (past = first; past < sp->nr && range_has(&sp->map[past], *start, *end);)
		past++;
	first -= opt->before < first ? opt->before : first;
	past += opt->after < sp->nr - past ? opt->after : sp->nr - past;
	if (first == past)
		return;
	if (sp->map[first].start < *start)
		*start = sp->map[first].start;
	if (*end && sp->map[past - 1].vma.end > *end)
		*end = sp->map[past - 1].vma.end;
}

/**
 * range_with_neighbours - addresses of the optional operand RANGE, widened
 * @opt: the options
 * @start: first address, 0 without an operand
 * @end: exclusive, 0 for no bound
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int range_with_neighbours(const struct options *opt, uint64_t *start,
			  uint64_t *end)
{
	struct space sp;
	int code = range_of(opt, start, end);

	if (code || !has_neighbours(opt))
		return code;
	code = load_mappings(opt, opt->after ? "--after" : "--before", &sp);
	if (code)
		return code;
	range_widen(opt, &sp, start, end);
	space_free(&sp);
	return EXIT_FINE;
}
