// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "text.h"
#include "words.h"

/**
 * words_print - print words in lines
 * @out: where to
 * @words: words with one blank between them
 * @indent: blanks before each line
 * @width: columns of a line; a longer word has a line of its own
 */
void words_print(FILE *out, const char *words, size_t indent, size_t width)
{
	struct text line = { 0 }, word = { 0 };

	text_fill(&line, " ", indent);
	for (size_t used = 0; *words; used = text_width(line.s)) {
		size_t len = strcspn(words, " ");

		text_clear(&word);
		text_add(&word, words, len);
		words += len + (words[len] == ' ');
		if (used > indent && used + 1 + text_width(word.s) > width) {
			fprintf(out, "%s\n", line.s);
			text_clear(&line);
			text_fill(&line, " ", indent);
		} else if (used > indent) {
			text_puts(&line, " ");
		}
		text_puts(&line, word.s);
	}
	fprintf(out, "%s\n", line.s);
	text_free(&line);
	text_free(&word);
}
