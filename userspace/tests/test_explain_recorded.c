// SPDX-License-Identifier: GPL-2.0-only
/* The command explain, on recorded snapshots. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "recorded.h"
#include "tap.h"
#include "text.h"

static uint64_t sum_of_maps(const char *snapshot, bool read_only)
{
	struct text path = { 0 };
	uint64_t start, end, sum = 0;
	char *line = NULL, write;
	size_t room = 0;
	FILE *f;

	text_printf(&path, "%.*smaps", (int)(strlen(snapshot) - 8), snapshot);
	f = fopen(path.s, "r");
	while (f && getline(&line, &room, f) > 0)
		if (!strstr(line, "[vsyscall]") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " %*c%c", &start, &end,
			   &write) == 3 && (!read_only || write != 'w'))
			sum += end - start;
	free(line);
	if (f)
		fclose(f);
	text_free(&path);
	return sum;
}

/* The sum of the fact "size" of sentences with one of these identifiers. */
static uint64_t sum_of(const char *table, const char *const *ids)
{
	char *copy = strdup(table), *at = copy, *line;
	uint64_t sum = 0;

	while ((line = strsep(&at, "\n")) && *line) {
		const char *size = strstr(line, "\"size\":");
		size_t len = strcspn(line, " ");

		for (size_t i = 0; ids[i] && size; i++)
			if (strlen(ids[i]) == len && !strncmp(ids[i], line, len))
				sum += strtoull(strchr(size, ':') + 1, NULL, 10);
	}
	free(copy);
	return sum;
}

static void test_sums(const char *name, const char *snapshot)
{
	static const char *const sizes[] = {
		"lazy", "lazy-mapped", "all-resident", "none-resident",
		"none-mapped", "length", NULL,
	};
	static const char *const denied[] = { "denied", NULL };
	struct output o = RUN("explain", "-i", snapshot, "-n", "-o",
			      "ID,TEXT,FACTS");
	uint64_t all = sum_of(o.out, sizes), none = sum_of(o.out, denied);

	tap_ok(all == sum_of_maps(snapshot, false),
	       "%s: segments have the size of all mappings", name);
	tap_ok(none == sum_of_maps(snapshot, true),
	       "%s: writes are denied where maps has no w", name);
	output_free(&o);
}

static void test_snapshot(const char *snapshot)
{
	const char *name = strrchr(snapshot, '/') + 1;
	struct output o = RUN("explain", "-i", snapshot);

	tap_ok(o.code == 0 && strstr(o.out, "\ntext ") &&
	       strstr(o.out, "\nstack ") && strstr(o.out, "\nkernel ") &&
	       !strchr(o.out, '{'), "%s: %d %s", name, o.code, o.err);
	tap_ok(widest_line(o.out) <= 80, "%s: %zu columns", name,
	       widest_line(o.out));
	output_free(&o);
	o = RUN("explain", "-i", snapshot, "--json", "stack");
	tap_ok(o.code == 0 && json_valid(o.out), "%s: JSON", name);
	output_free(&o);
	test_sums(name, snapshot);
}

int main(void)
{
	each_recorded(test_snapshot);
	return tap_done();
}
