// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real snapshots, compared with what /proc reported of the same process: see
 * recorded/README.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "recorded.h"
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
		line += strspn(line, " ");
		text_puts(out, strcmp(line, "-") ? line : "");
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

/* The file of the same name with another ending, NULL if there is none. */
static FILE *open_other(const char *snapshot, const char *ending)
{
	struct text path = { 0 };
	FILE *f;

	text_printf(&path, "%.*s%s", (int)(strlen(snapshot) - 8), snapshot,
		    ending);
	f = fopen(path.s, "r");
	text_free(&path);
	return f;
}

/* Fields of smaps, and into which of our columns they add up, in order. */
static const struct {
	const char *name;
	unsigned int columns[2];
} smaps_fields[] = {
	{ "Rss", { 0, 0 } },
	{ "Pss", { 1, 1 } },
	{ "Anonymous", { 2, 2 } },
	{ "Swap", { 3, 3 } },
	{ "Private_Clean", { 4, 4 } },
	{ "Private_Dirty", { 4, 4 } },
	{ "Private_Hugetlb", { 4, 0 } },
	{ "Shared_Clean", { 5, 5 } },
	{ "Shared_Dirty", { 5, 5 } },
	{ "Shared_Hugetlb", { 5, 0 } },
	{ "Referenced", { 6, 6 } },
};

#define SMAPS_COLUMNS	"RSS,PSS,ANON,SWAP,EXCLUSIVE,SHARED,ACCESSED"
#define NR_SMAPS	7

/* What smaps calls resident and referenced is without hugetlb. */
static void add_field(const char *line, uint64_t *sums)
{
	char name[32];
	uint64_t kb;

	if (sscanf(line, "%31[^:]: %" SCNu64, name, &kb) != 2)
		return;
	for (size_t i = 0; i < sizeof(smaps_fields) / sizeof(smaps_fields[0]);
	     i++) {
		const unsigned int *columns = smaps_fields[i].columns;

		if (strcmp(name, smaps_fields[i].name))
			continue;
		sums[columns[0]] += kb;
		if (columns[1] != columns[0])
			sums[columns[1]] += kb;
	}
}

static void put_sums(struct text *out, const uint64_t *sums)
{
	for (unsigned int i = 0; i < NR_SMAPS; i++)
		text_printf(out, "%" PRIu64 "%s", sums[i],
			    i + 1 < NR_SMAPS ? " " : "\n");
}

/* A line a mapping. */
static void read_smaps(FILE *f, struct text *out)
{
	uint64_t sums[NR_SMAPS] = { 0 };
	bool begun = false, wanted = false;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, f) > 0) {
		if (strchr(line, '-') && strchr(line, '-') < strchr(line, ' ')) {
			if (begun && wanted)
				put_sums(out, sums);
			begun = true;
			wanted = !strstr(line, "[vsyscall]");
			memset(sums, 0, sizeof(sums));
		}
		add_field(line, sums);
	}
	if (begun && wanted)
		put_sums(out, sums);
	free(line);
}

static void read_residency(const char *snapshot, struct text *out)
{
	struct output o = RUN("vmas", "-n", "-b", "-i", snapshot, "-o",
			      SMAPS_COLUMNS ",HUGETLB");
	char *at = o.out, *line;

	while ((line = strsep(&at, "\n")) && *line) {
		uint64_t sums[NR_SMAPS + 1];

		for (unsigned int i = 0; i <= NR_SMAPS; i++)
			sums[i] = strtoull(line, &line, 10) >> 10;
		/* smaps looks at no entry of hugetlb. */
		if (sums[NR_SMAPS])
			sums[6] = 0;
		put_sums(out, sums);
	}
	output_free(&o);
}

static void compare_smaps(const char *name, const char *snapshot)
{
	struct text smaps = { 0 }, mine = { 0 };
	FILE *f = open_other(snapshot, "smaps");

	if (!f)
		return;
	read_smaps(f, &smaps);
	fclose(f);
	read_residency(snapshot, &mine);
	tap_ok(mine.len && smaps.len && !strcmp(smaps.s, mine.s),
	       "%s: residency is that of smaps", name);
	text_free(&smaps);
	text_free(&mine);
}

static void compare_status(const char *name, const char *snapshot)
{
	FILE *f = open_other(snapshot, "status");
	struct output o;
	char want[128];
	uint64_t kb;

	if (!f)
		return;
	if (fscanf(f, "VmPTE: %" SCNu64, &kb) != 1)
		kb = 0;
	fclose(f);
	o = RUN("tables", "-i", snapshot, "-b");
	snprintf(want, sizeof(want), "tables is %" PRIu64 ": it agrees.",
		 kb << 10);
	tap_ok(kb && strstr(o.out, want), "%s: page tables as VmPTE", name);
	output_free(&o);
}

static void read_all(const char *path, struct build *b)
{
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t len;

	while (f && (len = fread(bytes, 1, sizeof(bytes), f)))
		build_bytes(b, bytes, len);
	if (f)
		fclose(f);
}

/* The snapshot as if the query had been for mappings alone. */
static void read_mappings(const char *snapshot, struct build *b)
{
	struct mmscope_header *h;
	struct mmscope_head *head;
	struct mmscope_end *end = NULL;
	size_t to;

	read_all(snapshot, b);
	h = (void *)b->bytes;
	to = h->size;
	h->parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS;
	for (size_t at = to, size; at < b->len; at += size) {
		head = (void *)(b->bytes + at);
		size = head->size;
		if (head->type == MMSCOPE_REC_RUNS)
			continue;
		end = memmove(b->bytes + to, head, size);
		to += size;
	}
	b->len = to;
	if (!end)
		return;
	end->runs = 0;
	end->entries = 0;
}

static void compare_segments(const char *name, const char *snapshot)
{
	struct build b = { 0 };
	struct output all, mappings;

	read_mappings(snapshot, &b);
	all = RUN("vmas", "-i", snapshot, "-o", "RANGE,SEGMENT");
	mappings = RUN("vmas", "-i", build_file(&b), "-o", "RANGE,SEGMENT");
	tap_ok(*all.out && !strcmp(all.out, mappings.out),
	       "%s: segments do not hang on page tables", name);
	output_free(&all);
	output_free(&mappings);
	build_free(&b);
}

static void test_snapshot(const char *snapshot)
{
	static const char *const views[] = { "picture", "mm", "vmas",
					     "pagetable", "explain" };
	const char *slash = strrchr(snapshot, '/');
	const char *name = slash ? slash + 1 : snapshot;
	struct output o;

	compare_maps(name, snapshot);
	compare_smaps(name, snapshot);
	compare_status(name, snapshot);
	compare_segments(name, snapshot);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		o = RUN(views[i], "-i", snapshot);
		tap_ok((o.code == 0 || o.code == 3) && *o.out, "%s: %s", name,
		       views[i]);
		output_free(&o);
		o = RUN(views[i], "--json", "-i", snapshot);
		tap_ok((o.code == 0 || o.code == 3) && json_valid(o.out),
		       "%s: %s --json", name, views[i]);
		output_free(&o);
	}
	o = RUN("shared", "-nb", "-i", snapshot, snapshot, "-o",
		"EXCLUSIVE,PARTED");
	tap_ok((o.code == 0 || o.code == 3) && *o.out &&
	       !o.out[strspn(o.out, " 0\n")],
	       "%s: has all frames in common with itself", name);
	output_free(&o);
	o = RUN("--all", "-i", snapshot);
	tap_ok((o.code == 0 || o.code == 3) && *o.out, "%s: --all", name);
	output_free(&o);
}

int main(void)
{
	each_recorded(test_snapshot);
	return tap_done();
}
