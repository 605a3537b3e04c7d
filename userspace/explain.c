// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "explain.h"

/**
 * explain_subject - begin a subject; further sentences are about it
 * @e: the explanation
 * @name: its name; copied
 * @start: first address; 0 if it is in several places
 * @end: exclusive
 * @nr: number of mappings
 */
void explain_subject(struct explanation *e, const char *name, uint64_t start,
		     uint64_t end, size_t nr)
{
	e->subject = more(e->subject, e->nr_subjects, &e->subject_room,
			  sizeof(*e->subject));
	e->subject[e->nr_subjects++] = (struct subject){
		.name = copy_string(name),
		.start = start,
		.end = end,
		.nr = nr,
		.operand = e->operand,
	};
}

/**
 * explain_add - add a sentence about the last subject
 * @e: the explanation, with a subject
 * @which: which one
 * @access: ACCESS_* that it is about, or 0
 * @facts: its facts; words are copied
 * @nr: number of facts, up to FACTS_MAX
 */
void explain_add(struct explanation *e, enum sentence which,
		 unsigned int access, const struct fact *facts, size_t nr)
{
	struct said *said;

	e->said = more(e->said, e->nr, &e->room, sizeof(*e->said));
	said = &e->said[e->nr++];
	*said = (struct said){
		.which = which,
		.access = access,
		.subject = e->nr_subjects - 1,
		.nr = nr < FACTS_MAX ? nr : FACTS_MAX,
	};
	for (size_t i = 0; i < said->nr; i++) {
		said->fact[i] = facts[i];
		if (facts[i].type == FACT_WORD)
			said->fact[i].word = copy_string(facts[i].word);
	}
}

/**
 * explain_access - the words for some accesses
 * @access: ACCESS_*, at least one
 *
 * Return: a part of a sentence
 */
enum sentence explain_access(unsigned int access)
{
	static const enum sentence parts[] = {
		[ACCESS_READ] = TEXT_A_READ,
		[ACCESS_WRITE] = TEXT_A_WRITE,
		[ACCESS_READ | ACCESS_WRITE] = TEXT_A_READ_OR_WRITE,
		[ACCESS_FETCH] = TEXT_A_FETCH,
		[ACCESS_READ | ACCESS_FETCH] = TEXT_A_READ_OR_FETCH,
		[ACCESS_WRITE | ACCESS_FETCH] = TEXT_A_WRITE_OR_FETCH,
		[ACCESS_READ | ACCESS_WRITE | ACCESS_FETCH] = TEXT_ANY_ACCESS,
	};

	return parts[access];
}

/**
 * explain_free - free the memory
 * @e: the explanation
 */
void explain_free(struct explanation *e)
{
	for (size_t i = 0; i < e->nr; i++)
		for (size_t n = 0; n < e->said[i].nr; n++)
			if (e->said[i].fact[n].type == FACT_WORD)
				free((char *)e->said[i].fact[n].word);
	for (size_t i = 0; i < e->nr_subjects; i++)
		free(e->subject[i].name);
	free(e->said);
	free(e->subject);
	*e = (struct explanation){ 0 };
}
