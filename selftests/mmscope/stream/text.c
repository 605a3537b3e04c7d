// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "stream/module.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"

#define MAX_NOTES	10

/* Format the Nth line of a text file from a stream. */
typedef void (*format_fn)(char *to, const struct stream *stream, size_t n);

int text_read(int fd, char **text)
{
	size_t room = 65536, len = 0;
	ssize_t ret;

	*text = malloc(room);
	while ((ret = read(fd, *text + len, room - len - 1)) > 0) {
		len += ret;
		if (room - len < 32768) {
			room *= 2;
			*text = realloc(*text, room);
		}
	}
	(*text)[len] = '\0';
	if (!ret)
		return 0;
	ret = errno;
	free(*text);
	*text = NULL;
	return ret;
}

char *text_get(pid_t pid, const char *file)
{
	int fd = folder_open(pid, file);
	char *text;
	int err = text_read(fd, &text);

	if (err)
		die("%s of %d: %s", file, pid, strerror(err));
	close(fd);
	return text;
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : "";
}

const char *text_value(const char *text, const char *name)
{
	static char value[8192];
	size_t len = strlen(name);

	for (; *text; text = next_line(text)) {
		if (strncmp(text, name, len) || text[len] != ':')
			continue;
		text += len + 1;
		text += *text == ' ';
		snprintf(value, sizeof(value), "%.*s",
			 (int)strcspn(text, "\n"), text);
		return value;
	}
	die("no line \"%s:\"", name);
}

bool text_has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; *text; text = next_line(text))
		if (!strncmp(text, line, len) && text[len] == '\n')
			return true;
	return false;
}

/* Several blanks count as one: how columns are aligned is not checked. */
static void squeeze(char *to, const char *from, size_t len)
{
	for (; len--; from++)
		if (*from != ' ' || from[1] != ' ')
			*to++ = *from;
	*to = '\0';
}

/* Compare all lines but comments with @format(stream, i), i from 0 to @nr. */
static size_t compare_lines(const char *text, const struct stream *stream,
			    size_t nr, format_fn format)
{
	static char is[16384], wanted[16384];
	size_t i = 0, differ = 0;

	for (; *text; text = next_line(text)) {
		size_t len = strcspn(text, "\n");

		if (*text == '#')
			continue;
		squeeze(is, text, len);
		*wanted = '\0';
		if (i < nr)
			format(wanted, stream, i);
		i++;
		if (strcmp(is, wanted) && differ++ < MAX_NOTES) {
			note("text:   \"%s\"", is);
			note("binary: \"%s\"", wanted);
		}
	}
	if (i != nr) {
		note("text has %zu lines, the stream %zu records", i, nr);
		differ++;
	}
	return differ;
}

/* vmas */

static const char * const segments[] = {
	[MMSCOPE_SEG_MMAP] = "mmap",	[MMSCOPE_SEG_CODE] = "code",
	[MMSCOPE_SEG_DATA] = "data",	[MMSCOPE_SEG_HEAP] = "heap",
	[MMSCOPE_SEG_STACK] = "stack",	[MMSCOPE_SEG_VDSO] = "vdso",
	[MMSCOPE_SEG_VVAR] = "vvar",	[MMSCOPE_SEG_SPECIAL] = "special",
};

static const char * const kinds[] = {
	[MMSCOPE_PRIVATE_ANON] = "private-anon",
	[MMSCOPE_PRIVATE_FILE] = "private-file",
	[MMSCOPE_SHARED_ANON] = "shared-anon",
	[MMSCOPE_SHARED_FILE] = "shared-file",
};

static char *put_flags(char *to, const struct stream *stream, __u64 flags)
{
	const struct mmscope_names *names =
		stream->names[MMSCOPE_NAMES_VMA_FLAGS];
	const char *comma = "";
	__u32 i;

	for (i = 0; i < names->nr; i++) {
		if (!(flags >> names_at(names, i)->value & 1))
			continue;
		to += sprintf(to, "%s%s", comma, names_at(names, i)->name);
		comma = ",";
	}
	if (!*comma)
		to += sprintf(to, "-");
	return to;
}

static char *put_policy(char *to, const struct stream *stream,
			const struct mmscope_vma *vma)
{
	const char *separator = ":";
	unsigned int node, last;

	if (!vma->policy)
		return to + sprintf(to, "- ");
	to += sprintf(to, "%s", name_of(stream, MMSCOPE_NAMES_POLICIES,
					vma->policy));
	for (node = 0; node < 64; node = last + 1) {
		last = node;
		if (!(vma->policy_nodes >> node & 1))
			continue;
		while (last < 63 && vma->policy_nodes >> (last + 1) & 1)
			last++;
		to += sprintf(to, "%s%u", separator, node);
		if (last > node)
			to += sprintf(to, "-%u", last);
		separator = ",";
	}
	if (*separator == ':')
		to += sprintf(to, ":");
	return to + sprintf(to, " ");
}

static void format_vma(char *to, const struct stream *stream, size_t i)
{
	const struct mmscope_vma *vma = stream->vma[i];
	bool file = vma->ino || vma->dev_major || vma->dev_minor;
	const char *c;

	to += sprintf(to, "%012llx-%012llx %c%c%c%c %08llx %02x:%02x %llu %s %s %lluk ",
		      vma->start, vma->end,
		      vma->perms & MMSCOPE_READ ? 'r' : '-',
		      vma->perms & MMSCOPE_WRITE ? 'w' : '-',
		      vma->perms & MMSCOPE_EXEC ? 'x' : '-',
		      vma->perms & MMSCOPE_SHARED ? 's' : 'p',
		      file ? vma->pgoff << stream->header->page_shift : 0,
		      vma->dev_major, vma->dev_minor, vma->ino,
		      segments[vma->segment], kinds[vma->kind],
		      (1ULL << vma->page_shift) / 1024);
	to = put_policy(to, stream, vma);
	to = put_flags(to, stream, vma->flags);
	if (vma->name_kind != MMSCOPE_NAME_NONE)
		to += sprintf(to, " ");
	for (c = vma_name(vma); *c; c++) {
		if (*c == '\n')
			to += sprintf(to, "\\012");
		else if (*c != ' ' || c[1] != ' ')
			*to++ = *c;
	}
	*to = '\0';
}

static size_t nr_vmas(const struct stream *stream)
{
	return stream->nr_vmas;
}

/* pagetable */

static const char * const levels[] = {
	[MMSCOPE_PTE] = "PTE",	[MMSCOPE_PMD] = "PMD",	[MMSCOPE_PUD] = "PUD",
	[MMSCOPE_P4D] = "P4D",	[MMSCOPE_PGD] = "PGD",
};

static const char * const run_kinds[] = {
	[MMSCOPE_PRESENT] = "present",
	[MMSCOPE_ZERO] = "zero",
	[MMSCOPE_PROTNONE] = "protnone",
	[MMSCOPE_NUMA_HINT] = "numa-hint",
	[MMSCOPE_SWAP] = "swap",
	[MMSCOPE_MIGRATION] = "migration",
	[MMSCOPE_DEVICE_PRIVATE] = "dev-private",
	[MMSCOPE_DEVICE_EXCLUSIVE] = "dev-exclusive",
	[MMSCOPE_HWPOISON] = "hwpoison",
	[MMSCOPE_MARKER_UFFD_WP] = "marker-uffd-wp",
	[MMSCOPE_MARKER_POISON] = "poison",
	[MMSCOPE_MARKER_GUARD] = "guard",
	[MMSCOPE_MARKER] = "marker",
	[MMSCOPE_UNKNOWN] = "unknown",
	[MMSCOPE_UFFD_RWP] = "uffd-rwp",
};

static void format_run(char *to, const struct stream *stream, size_t i)
{
	static const char letters[] = "rwxuadspGSUDecX";
	const struct run *run = &stream->run[i];
	unsigned int bit;

	to += sprintf(to, "%012llx-%012llx %s %s %llu ", run->start,
		      run_end(stream, run), levels[run->level],
		      run_kinds[run->kind], run->nr);
	if (run->kind == MMSCOPE_SWAP)
		to += sprintf(to, "%llu:%llx ",
			      MMSCOPE_SWAP_DEVICE(run->frame),
			      MMSCOPE_SWAP_OFFSET(run->frame));
	else
		to += sprintf(to, "%llx ", run->frame);
	to += sprintf(to, "%016llx ", run->raw);
	for (bit = 0; letters[bit]; bit++) {
		if (run->attrs >> bit & 1)
			*to++ = letters[bit];
		else if (bit < 6)
			*to++ = '-';
	}
	*to = '\0';
}

static size_t nr_runs(const struct stream *stream)
{
	return stream->nr_runs;
}

/* tables */

static char *put_fill(char *to, const __u32 *fill)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_FILL_BUCKETS; i++)
		if (fill[i])
			to += sprintf(to, " %u+:%u", i ? 1u << (i - 1) : 0,
				      fill[i]);
	return to;
}

static void format_tables(char *to, const struct mmscope_tables *tables)
{
	unsigned int level;

	to += sprintf(to, "%012llx-%012llx", tables->start, tables->end);
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PUD; level++)
		to += sprintf(to, " %u %llu", tables->pages[level],
			      tables->used[level]);
}

/* One line for each level, then two for the whole. */
static void format_sum(char *to, const struct stream *stream, size_t line)
{
	const struct mmscope_tables_sum *sum = stream->sum;
	unsigned int level;

	for (level = MMSCOPE_PTE; level < LEVELS_END; level++) {
		if (!sum->pages[level] || line--)
			continue;
		to += sprintf(to, "%s: %llu pages, %llu bytes, %llu entries used, tables by entries used:",
			      levels[level], sum->pages[level],
			      sum->pages[level] * sum->table_bytes,
			      sum->used[level]);
		put_fill(to, sum->fill[level]);
		return;
	}
	if (!line)
		sprintf(to, "deposited: %llu pages", sum->deposited);
	else
		sprintf(to, "pgtables_bytes: %llu bytes", sum->pgtables_bytes);
}

static void format_tables_line(char *to, const struct stream *stream, size_t i)
{
	if (i < stream->nr_tables)
		format_tables(to, stream->tables[i]);
	else
		format_sum(to, stream, i - stream->nr_tables);
}

static size_t nr_tables_lines(const struct stream *stream)
{
	return stream->nr_tables + stream->header->levels + 2;
}

/* Files and streams */

static const struct text_file {
	const char *name;
	__u32 part;
	size_t (*nr)(const struct stream *stream);
	format_fn format;
} files[] = {
	{ "vmas", MMSCOPE_PART_VMAS, nr_vmas, format_vma },
	{ "pagetable", MMSCOPE_PART_PAGETABLE, nr_runs, format_run },
	{ "tables", MMSCOPE_PART_TABLES, nr_tables_lines, format_tables_line },
};

static const struct text_file *file_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	die("no text file is called %s", name);
}

size_t text_compare(pid_t pid, const char *name)
{
	const struct text_file *file = file_named(name);
	char *text = text_get(pid, name);
	struct stream *s = stream_get(pid, file->part, 0, 0);
	size_t differ = compare_lines(text, s, file->nr(s), file->format);
	char first[64];

	snprintf(first, sizeof(first), "# mmscope %s, abi ", name);
	if (strncmp(text, first, strlen(first))) {
		note("first line: %.40s", text);
		differ++;
	}
	stream_free(s);
	free(text);
	return differ;
}
