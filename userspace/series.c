// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "exit_code.h"
#include "process.h"
#include "screen.h"
#include "series.h"

/**
 * series_begin - count a process that something is printed about
 * @opt: the options; nothing is counted for a single process
 *
 * Return: false for the first one
 */
bool series_begin(const struct options *opt)
{
	return opt->series && opt->series->begun++;
}

/* The arguments of the process, or its name, if it still exists. */
static void put_title(struct text *out, const struct options *opt)
{
	struct process p = { .pid = opt->pid };

	text_printf(out, "%d: ", opt->pid);
	if (!process_read(&p, PROCESS_NAMES))
		text_escape(out, process_title(&p), opt->utf8);
	process_free(&p);
}

/**
 * series_heading - print a line about the process before its table
 * @opt: the options; nothing is printed for a single process
 */
void series_heading(const struct options *opt)
{
	struct text title = { 0 }, line = { 0 };

	if (!opt->series)
		return;
	put_title(&title, opt);
	if (opt->cut && text_width(title.s) > opt->width)
		text_fit(&line, title.s, opt->width, screen_more(opt));
	else
		text_join(&line, &title);
	printf("%s%s%s%s\n", opt->series->begun > 1 ? "\n" : "",
	       color_start(opt->colors, COLOR_HEADER), line.s,
	       color_end(opt->colors, COLOR_HEADER));
	text_free(&title);
	text_free(&line);
}

/**
 * series_has_pid - whether each row of a table begins with the PID
 * @opt: the options
 *
 * Return: true for several processes, unless a heading or JSON has it
 */
bool series_has_pid(const struct options *opt)
{
	return opt->series && opt->format != FORMAT_JSON &&
	       (opt->format != FORMAT_LINES || opt->noheadings);
}

/**
 * series_json - begin the JSON of the next process: together, they are an array
 * @opt: the options; nothing is appended for a single process
 * @out: what is printed
 */
void series_json(const struct options *opt, struct text *out)
{
	if (opt->series)
		text_puts(out, opt->series->begun > 1 ? ",\n" : "[\n");
}

static bool has_one_heading(const struct options *opt)
{
	return opt->format == FORMAT_RAW || opt->format == FORMAT_CSV;
}

static bool is_same_for_all(int code)
{
	return code == EXIT_USAGE || code == EXIT_FAILED;
}

/**
 * series_run - run a command for each of its processes
 * @opt: the options
 *
 * What makes the first one fail will most likely make all of them fail.
 *
 * Return: the exit code of all; EXIT_PARTIAL if they differ
 */
int series_run(const struct options *opt)
{
	struct series series = { 0 };
	struct options of = *opt;
	int result = EXIT_FINE;

	of.series = &series;
	for (size_t i = 0; i < opt->targets.nr; i++) {
		int code;

		of.pid = opt->targets.pid[i];
		of.noheadings |= series.begun && has_one_heading(opt);
		code = opt->cmd->run(&of);
		result = !i || code == result ? code : EXIT_PARTIAL;
		if (!i && is_same_for_all(code))
			break;
	}
	if (series.begun && opt->format == FORMAT_JSON)
		printf("]\n");
	return result;
}
