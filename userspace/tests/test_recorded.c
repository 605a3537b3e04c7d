// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real snapshots, each with the /proc/PID/maps of the same moment beside it:
 * NAME.snapshot and NAME.maps.
 */
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "text.h"

/* A line of maps, as the reader has it: blanks squeezed, name escaped. */
static void normalise(const char *line, struct text *out)
{
	uint64_t start, end, offset, inode;
	char perms[8], dev[16];
	int name = 0;

	if (sscanf(line,
		   "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %15s %" SCNu64 " %n",
		   &start, &end, perms, &offset, dev, &inode, &name) < 6)
		return;
	text_printf(out, "%" PRIx64 " %" PRIx64 " %s %" PRIx64 " %s %" PRIu64 " ",
		    start, end, perms, offset, dev, inode);
	text_escape(out, line + name, false);
	text_puts(out, "\n");
}

static void read_maps(const char *path, struct text *out)
{
	FILE *f = fopen(path, "r");
	size_t room = 0;
	char *line = NULL;

	while (f && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strstr(line, "[vsyscall]"))
			normalise(line, out);
	}
	free(line);
	if (f)
		fclose(f);
}

/* What the reader prints has one blank or more between columns. */
static void read_vmas(const char *snapshot, struct text *out)
{
	struct output o = RUN("vmas", "-n", "-i", snapshot, "-o",
			      "START,END,PERMS,OFFSET,DEV,INODE,NAME");
	char *at = o.out, *line;

	while ((line = strsep(&at, "\n")) && *line) {
		for (int column = 0; column < 6; column++) {
			char *word = line + strspn(line, " ");
			size_t len = strcspn(word, " ");

			text_add(out, word, len);
			text_puts(out, " ");
			line = word + len;
		}
		text_puts(out, line + strspn(line, " "));
		text_puts(out, "\n");
	}
	output_free(&o);
}

static void compare_maps(const char *name, const char *snapshot)
{
	struct text path = { 0 }, maps = { 0 }, vmas = { 0 };

	text_printf(&path, "%.*smaps", (int)(strlen(snapshot) - 8), snapshot);
	read_maps(path.s, &maps);
	if (!maps.len) {
		tap_skip("%s: there is no %s", name, path.s);
	} else {
		read_vmas(snapshot, &vmas);
		tap_ok(vmas.len && !strcmp(maps.s, vmas.s),
		       "%s: vmas are those of maps", name);
	}
	text_free(&path);
	text_free(&maps);
	text_free(&vmas);
}

static void test_snapshot(const char *snapshot)
{
	static const char *const views[] = { "picture", "mm", "vmas",
					     "pagetable" };
	const char *slash = strrchr(snapshot, '/');
	const char *name = slash ? slash + 1 : snapshot;
	struct output o;

	compare_maps(name, snapshot);
	for (size_t i = 0; i < 4; i++) {
		o = RUN(views[i], "-i", snapshot);
		tap_ok((o.code == 0 || o.code == 3) && *o.out, "%s: %s", name,
		       views[i]);
		output_free(&o);
		o = RUN(views[i], "--json", "-i", snapshot);
		tap_ok((o.code == 0 || o.code == 3) && json_valid(o.out),
		       "%s: %s --json", name, views[i]);
		output_free(&o);
	}
	o = RUN("--all", "-i", snapshot);
	tap_ok((o.code == 0 || o.code == 3) && *o.out, "%s: --all", name);
	output_free(&o);
}

int main(void)
{
	glob_t found;

	if (glob("tests/recorded/*.snapshot", 0, NULL, &found)) {
		tap_skip("no recorded snapshots");
		return tap_done();
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		test_snapshot(found.gl_pathv[i]);
	globfree(&found);
	return tap_done();
}
