/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation: sentences about segments of an address space, with their facts. */
#ifndef MMSCOPE_EXPLAIN_H
#define MMSCOPE_EXPLAIN_H

#include "array.h"
#include "explain_text.h"

/**
 * struct subject - what sentences are about
 * @name: a segment, or another part of the address space
 * @start: first address; 0 if it is in several places
 * @end: exclusive
 * @nr: number of mappings
 * @operand: what it was explained for
 */
struct subject {
	char *name;
	uint64_t start;
	uint64_t end;
	size_t nr;
	const char *operand;
};

/**
 * struct said - a sentence that holds
 * @which: which one
 * @access: ACCESS_* that it is about, or 0
 * @subject: number of its subject
 * @nr: number of facts
 * @fact: the facts
 */
struct said {
	enum sentence which;
	unsigned int access;
	size_t subject;
	size_t nr;
	struct fact fact[FACTS_MAX];
};

/**
 * struct explanation - sentences in order
 * @subject: the subjects
 * @nr_subjects: number of subjects
 * @said: the sentences
 * @nr: number of sentences
 * @operand: what subjects are explained for from now on; NULL for the process
 */
struct explanation {
	struct subject *subject;
	size_t nr_subjects;
	size_t subject_room;
	struct said *said;
	size_t nr;
	const char *operand;
	size_t room;
};

void explain_subject(struct explanation *e, const char *name, uint64_t start,
		     uint64_t end, size_t nr);
void explain_add(struct explanation *e, enum sentence which,
		 unsigned int access, const struct fact *facts, size_t nr);
enum sentence explain_access(unsigned int access);
void explain_free(struct explanation *e);

/* Facts, and a sentence with some of them. */
#define BYTES(name, value)	{ name, FACT_BYTES, value, NULL }
#define ADDRESS(name, value)	{ name, FACT_ADDRESS, value, NULL }
#define COUNT(name, value)	{ name, FACT_COUNT, value, NULL }
#define NUMBER(name, value)	{ name, FACT_NUMBER, value, NULL }
#define WORD(name, value)	{ name, FACT_WORD, 0, value }
#define PART(name, value)	{ name, FACT_SENTENCE, value, NULL }

/* The first element only lets the list of facts be empty. */
#define EXPLAIN_ACCESS(e, sentence, access, ...) do {			\
	const struct fact facts_[] = { { 0 }, ##__VA_ARGS__ };		\
									\
	explain_add(e, sentence, access, facts_ + 1,			\
		    ARRAY_SIZE(facts_) - 1);				\
} while (0)

#define EXPLAIN(e, sentence, ...)					\
	EXPLAIN_ACCESS(e, sentence, 0, ##__VA_ARGS__)

#endif
