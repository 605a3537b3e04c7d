// SPDX-License-Identifier: GPL-2.0-only
/* The pager; the terminal of these tests has 25 lines. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define TERMINAL(...)							\
	run_on_terminal(80, (const char *const[]){ __VA_ARGS__, NULL })

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void test_choice(void)
{
	static const struct {
		const char *mmscope, *pager, *option, *begins;
	} cases[] = {
		{ "sed s/^/A/", "sed s/^/B/", NULL, "Athing" },
		{ NULL, "sed s/^/B/", NULL, "Bthing" },
		{ "", "sed s/^/B/", NULL, "thing" },
		{ "cat", "sed s/^/B/", NULL, "thing" },
		{ NULL, "", NULL, "thing" },
		{ NULL, "sed s/^/B/", "--no-pager", "thing" },
		{ "sed s/^/A/", NULL, "-a", "Athing" },
		{ "sed s/^/A/", NULL, "--json", "{" },
		{ "/nonexistent/pager", NULL, NULL, "sh: " },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o;

		set("MMSCOPE_PAGER", cases[i].mmscope);
		set("PAGER", cases[i].pager);
		o = TERMINAL("-i", build_file(&b), cases[i].option);
		/* What a shell complains of is on standard error. */
		if (!strcmp(cases[i].begins, "sh: "))
			tap_ok(o.code == 0 && !strncmp(o.out, "thing", 5) &&
			       *o.err, "printed if the pager cannot be run");
		else
			tap_ok(o.code == 0 &&
			       !strncmp(o.out, cases[i].begins,
					strlen(cases[i].begins)),
			       "case %zu begins with %s: %.10s", i,
			       cases[i].begins, o.out);
		output_free(&o);
	}
	build_free(&b);
}

/* A process with one mapping has a picture of less than 25 lines. */
static void test_short(void)
{
	static const struct vma stack = {
		.start = 0x7ffe00000000, .end = 0x7ffe00021000, .perms = "rw-p",
		.name = "[stack]", .segment = MMSCOPE_SEG_STACK,
	};
	struct mmscope_mm mm = { .task_size = (1ULL << 47) - PAGE };
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "short", 0);
	build_mm(&b, &mm, "/x", "x");
	build_vma(&b, &stack);
	build_end(&b, 0, 0);
	set("MMSCOPE_PAGER", "sed s/^/A/");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(!strncmp(o.out, "short", 5), "none for a short picture");
	output_free(&o);
	o = TERMINAL("-a", "-i", build_file(&b));
	tap_ok(!strncmp(o.out, "Ashort", 6), "but for a long one");
	output_free(&o);
	build_free(&b);
}

static void test_pipe(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	set("MMSCOPE_PAGER", "sed s/^/A/");
	o = RUN("-i", build_file(&b));
	tap_ok(!strncmp(o.out, "thing", 5), "none in a pipe");
	output_free(&o);
	build_free(&b);
}

static void test_quit(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	set("MMSCOPE_PAGER", "true");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(o.code == 0 && !*o.out && !*o.err,
	       "the pager may quit early: %d %s", o.code, o.err);
	output_free(&o);
	set("MMSCOPE_PAGER", "cat >/dev/null; exit 3");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(o.code == 0, "its exit code does not count");
	output_free(&o);
	b.len -= sizeof(struct mmscope_end);
	o = TERMINAL("-i", build_file(&b));
	tap_ok(o.code == 3 && strstr(o.err, "is cut off"),
	       "that of the reader does: %d", o.code);
	output_free(&o);
	build_free(&b);
}

static void test_less(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	set("MMSCOPE_PAGER", "echo LESS=$LESS.");
	unsetenv("LESS");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(!strncmp(o.out, "LESS=FRX.", 9), "LESS is set: %.10s", o.out);
	output_free(&o);
	set("LESS", "S");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(!strncmp(o.out, "LESS=S.", 7), "unless it is: %.10s", o.out);
	output_free(&o);
	build_free(&b);
}

/* Without less, too, the picture is printed. */
static void test_no_less(void)
{
	struct build b = { 0 };
	struct output o;
	char *path = strdup(getenv("PATH"));

	build_process(&b, 4);
	set("MMSCOPE_PAGER", NULL);
	set("PAGER", NULL);
	set("PATH", "/nonexistent");
	o = TERMINAL("-i", build_file(&b));
	tap_ok(o.code == 0 && !strncmp(o.out, "thing", 5) && !*o.err,
	       "printed without less");
	output_free(&o);
	set("PATH", path);
	free(path);
	build_free(&b);
}

int main(void)
{
	set("TERM", "dumb");
	test_choice();
	test_short();
	test_pipe();
	test_quit();
	test_less();
	test_no_less();
	return tap_done();
}
