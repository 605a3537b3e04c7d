// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "array.h"
#include "here.h"
#include "options.h"
#include "series.h"

/**
 * run_here - run a command as main() would, without a terminal
 * @cmd: the command
 * @args: at most 30 arguments, without its name; NULL-terminated
 *
 * Return: the result; the caller frees it with output_free()
 */
struct output run_here(const struct command *cmd, const char *const *args)
{
	FILE *out = stdout, *err = stderr;
	struct options opt = { .cmd = cmd, .width = 80 };
	char *argv[32] = { (char *)"mmscope" };
	struct output o = { 0 };
	size_t err_len;
	int argc = 1;

	while (*args && argc < 31)
		argv[argc++] = (char *)*args++;
	stdout = open_memstream(&o.out, &o.out_len);
	stderr = open_memstream(&o.err, &err_len);
	o.code = options_parse(&opt, argc, argv);
	if (!o.code)
		o.code = options_repeat(&opt) ? series_run(&opt) :
						cmd->run(&opt);
	targets_free(&opt.targets);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	return o;
}

/**
 * keep_formats - keep the output in every format for test_output, which has no module
 * @cmd: the command
 * @operand: its operand, or an option for other columns, or NULL
 */
void keep_formats(const struct command *cmd, const char *operand)
{
	static const struct {
		const char *name, *option;
	} formats[] = {
		{ "json", "--json" },
		{ "lines", "--json=lines" },
		{ "csv", "--csv" },
		{ "raw", "--raw" },
		{ "pairs", "--pairs" },
		{ "table", NULL },
	};
	const char *exact = cmd->options & OPT_BYTES ? "-b" : "--output-all";

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const char *const args[] = { "--output-all", exact,
					     formats[i].option ?: operand,
					     formats[i].option ? operand : NULL,
					     NULL };
		struct output o = run_here(cmd, args);
		char name[32];

		snprintf(name, sizeof(name), "%s%s.%s", cmd->name,
			 operand && *operand == '-' ? operand : "",
			 formats[i].name);
		keep(name, o.out, o.out_len);
		tap_ok(!o.code && *o.out, "%s: %s", name, o.err);
		output_free(&o);
	}
}
