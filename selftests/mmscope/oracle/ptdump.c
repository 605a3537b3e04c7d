// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/const.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/ptdump.h"
#include "sizes.h"

/* Words of a line that stand for a bit; "PAT" is another bit in huge entries. */
static const struct {
	const char *word;
	__u64 bit;
	__u64 huge;
} words[] = {
#ifdef __x86_64__
	{ "RW", _BITULL(1), _BITULL(1) },
	{ "USR", _BITULL(2), _BITULL(2) },
	{ "PWT", _BITULL(3), _BITULL(3) },
	{ "PCD", _BITULL(4), _BITULL(4) },
	{ "PSE", 0, _BITULL(7) },
	{ "PAT", _BITULL(7), _BITULL(12) },
	{ "GLB", _BITULL(8), _BITULL(8) },
	{ "NX", _BITULL(63), _BITULL(63) },
#else
	{ "USR", _BITULL(6), _BITULL(6) },
	{ "ro", _BITULL(7), _BITULL(7) },
	{ "NG", _BITULL(11), _BITULL(11) },
	{ "GP", _BITULL(50), _BITULL(50) },
	{ "CON", _BITULL(52), _BITULL(52) },
	{ "NX", _BITULL(53), _BITULL(53) },
	{ "UXN", _BITULL(54), _BITULL(54) },
#endif
};

static const char * const level_name[] = {
	[MMSCOPE_PTE] = "pte",
	[MMSCOPE_PMD] = "pmd",
	[MMSCOPE_PUD] = "pud",
	[MMSCOPE_P4D] = "p4d",
	[MMSCOPE_PGD] = "pgd",
};

static __u64 bit_of(int word, unsigned int level)
{
	return level == MMSCOPE_PTE ? words[word].bit : words[word].huge;
}

__u64 ptdump_bits(unsigned int level)
{
	__u64 bits = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		bits |= bit_of(i, level);
	return bits;
}

static bool has_word(const char *line, const char *word)
{
	const size_t len = strlen(word);
	const char *at = line;

	while ((at = strcasestr(at, word))) {
		if (at > line && at[-1] == ' ' && strchr("\n ", at[len]))
			return true;
		at++;
	}
	return false;
}

/* Return: whether the line is of memory that is mapped. On arm64, "F" is a fault. */
static bool parse(const char *line, struct khalf_run *run)
{
	unsigned long long start, end;
	int i;

	if (sscanf(line, "0x%llx-0x%llx", &start, &end) != 2)
		return false;
	if ((!has_word(line, "RW") && !has_word(line, "ro")) || has_word(line, "F"))
		return false;
	*run = (struct khalf_run){ .start = start, .size = end - start };
	for (i = 0; i < ARRAY_SIZE(level_name); i++)
		if (level_name[i] && has_word(line, level_name[i]))
			run->level = i;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(line, words[i].word))
			run->raw |= bit_of(i, run->level);
	return true;
}

struct khalf ptdump_read(__u64 start, __u64 last)
{
	FILE *file = fopen(PTDUMP_FILE, "r");
	struct khalf found = { };
	struct khalf_run run;
	char line[256];

	if (!file)
		die("%s: %s", PTDUMP_FILE, strerror(errno));
	while (fgets(line, sizeof(line), file))
		if (parse(line, &run) && khalf_cut(&run, start, last))
			khalf_add(&found, run);
	fclose(file);
	return found;
}
