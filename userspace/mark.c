// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "mark.h"

static void add_mark(struct pen *pen, const char *name, uint64_t addr)
{
	size_t at = pen->nr_marks;

	if (!addr || at == MARKS_MAX)
		return;
	while (at > 0 && pen->marks[at - 1].addr < addr)
		at--;
	memmove(&pen->marks[at + 1], &pen->marks[at],
		(pen->nr_marks - at) * sizeof(pen->marks[0]));
	pen->marks[at] = (struct mark){ addr, name };
	pen->nr_marks++;
}

/* Two fields that are equal as a rule share a mark. */
static void add_marks(struct pen *pen, const char *both, const char *first,
		      uint64_t first_addr, const char *second,
		      uint64_t second_addr)
{
	if (first_addr == second_addr) {
		add_mark(pen, both, first_addr);
	} else {
		add_mark(pen, second, second_addr);
		add_mark(pen, first, first_addr);
	}
}

/* The lowest address that the stack may grow to, if nothing is there yet. */
static void add_stack_limit(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;
	const struct mapping *stack = space_at(pen->sp, mm->start_stack);
	uint64_t limit;

	if (!stack || mm->rlimit_stack >= stack->vma.end)
		return;
	limit = stack->vma.end - mm->rlimit_stack;
	if (limit < stack->start && !space_at(pen->sp, limit))
		add_mark(pen, "stack may grow to here (RLIMIT_STACK), else SIGSEGV", limit);
}

static const char *mmap_mark(const struct pen *pen)
{
	bool down = pen->sp->mm.layout != MMSCOPE_LAYOUT_CLASSIC;

	if (pen->brief && pen->opt->utf8)
		return down ? "mmap_base, grows ↓" : "mmap_base, grows ↑";
	if (pen->brief)
		return down ? "mmap_base, grows v" : "mmap_base, grows ^";
	if (pen->opt->utf8)
		return down ? "mmap_base, mappings grow down ↓" :
			      "mmap_base, mappings grow up ↑";
	return down ? "mmap_base, mappings grow down v" :
		      "mmap_base, mappings grow up ^";
}

static void add_stack_marks(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;

	add_mark(pen, "env_end", mm->env_end);
	add_marks(pen, "arg_end, env_start", "arg_end", mm->arg_end,
		  "env_start", mm->env_start);
	add_mark(pen, "arg_start", mm->arg_start);
	add_mark(pen, "start_stack", mm->start_stack);
}

/**
 * marks_collect - find the fields of the mm that name addresses
 * @pen: the pen; sets its marks
 *
 * An overview has fewer.
 */
void marks_collect(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;

	if (!pen->sp->has_mm)
		return;
	if (pen->sp->has_gate)
		add_mark(pen, "[vsyscall], not a VMA", space_vsyscall(pen->sp));
	add_mark(pen, "task_size", mm->task_size);
	if (pen->brief)
		add_mark(pen, "start_stack; argv and environ above",
			 mm->start_stack);
	else
		add_stack_marks(pen);
	add_stack_limit(pen);
	add_mark(pen, mmap_mark(pen), mm->mmap_base);
	add_marks(pen, "start_brk, brk: no heap", "start_brk", mm->start_brk,
		  "brk", mm->brk);
	add_marks(pen, "start_data, end_data", "start_data", mm->start_data,
		  "end_data", mm->end_data);
	add_marks(pen, "start_code, end_code", "start_code", mm->start_code,
		  "end_code", mm->end_code);
}

/* Append the names of all marks at the address of one. Return: the last of these. */
static size_t put_names(const struct pen *pen, size_t i, struct text *out)
{
	const struct mark *mark = pen->marks;

	text_puts(out, mark[i].name);
	for (; i + 1 < pen->nr_marks && mark[i + 1].addr == mark[i].addr; i++)
		text_printf(out, ", %s", mark[i + 1].name);
	return i;
}

/**
 * marks_draw - draw the marks inside a region; those at its start are on its border
 * @pen: the pen
 * @region: the region
 * @indent: blanks before each
 *
 * Return: the number of lines
 */
unsigned int marks_draw(const struct pen *pen, const struct region *region,
			size_t indent)
{
	struct text line = { 0 };
	unsigned int lines = 0;
	char margin[24];

	for (size_t i = 0; i < pen->nr_marks; i++) {
		uint64_t addr = pen->marks[i].addr;

		if (addr <= region->start || addr > region->last)
			continue;
		text_clear(&line);
		text_fill(&line, " ", indent);
		text_printf(&line, "%s ", pen->glyph->mark);
		i = put_names(pen, i, &line);
		snprintf(margin, sizeof(margin), "%" PRIx64, addr);
		pen_text(pen, region, margin, line.s, COLOR_MARK);
		lines++;
	}
	text_free(&line);
	return lines;
}
