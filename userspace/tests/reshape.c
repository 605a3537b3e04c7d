// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams as an older or a newer module would write them: records, names and
 * steps that are shorter or longer than this version has them.
 */
#include <string.h>

#include "array.h"
#include "build.h"

/* Offset of a field of the record of a type. */
#define AT(type, field)	offsetof(struct mmscope_##type, field)

/**
 * struct sizes - how a struct has grown
 * @least: its size in the first version
 * @now: its size in this version
 */
struct sizes {
	size_t least;
	size_t now;
};

#define SIZES(TYPE, type) \
	{ MMSCOPE_##TYPE##_SIZE_MIN, sizeof(struct mmscope_##type) }

/**
 * struct form - where a type of record has what can change its size
 * @fixed_part: its fixed part
 * @fixed: offset of its field @fixed, 0 if nothing follows the fixed part
 * @nr: offset of the number of its elements, and its size
 * @element: offset of the size of an element, 0 if they cannot grow
 * @element_sizes: an element
 */
static const struct form {
	struct sizes fixed_part;
	size_t fixed;
	size_t nr, nr_size;
	size_t element;
	struct sizes element_sizes;
} forms[] = {
	[MMSCOPE_REC_TASK] = { SIZES(TASK, task), 0, 0, 0, 0, { 0, 0 } },
	[MMSCOPE_REC_MM] = { SIZES(MM, mm), AT(mm, fixed), 0, 0, 0, { 0, 0 } },
	[MMSCOPE_REC_NAMES] = {
		SIZES(NAMES, names), AT(names, fixed), AT(names, nr), 4,
		AT(names, name_size), SIZES(NAME, name),
	},
	[MMSCOPE_REC_VMA] = { SIZES(VMA, vma), AT(vma, fixed), 0, 0,
			      0, { 0, 0 } },
	[MMSCOPE_REC_RUNS] = { SIZES(RUNS, runs), AT(runs, fixed), 0, 0,
			       0, { 0, 0 } },
	[MMSCOPE_REC_WALK] = {
		SIZES(WALK, walk), AT(walk, fixed), AT(walk, nr), 1,
		AT(walk, step_size), SIZES(STEP, step),
	},
	[MMSCOPE_REC_END] = { SIZES(END, end), 0, 0, 0, 0, { 0, 0 } },
	[MMSCOPE_REC_RESIDENCY] = { SIZES(RESIDENCY, residency), 0, 0, 0, 0,
				    { 0, 0 } },
	[MMSCOPE_REC_TABLES] = { SIZES(TABLES, tables), 0, 0, 0, 0, { 0, 0 } },
	[MMSCOPE_REC_TABLES_SUM] = { SIZES(TABLES_SUM, tables_sum), 0, 0, 0, 0,
				     { 0, 0 } },
	[MMSCOPE_REC_THREAD] = { SIZES(THREAD, thread), 0, 0, 0, 0, { 0, 0 } },
	[MMSCOPE_REC_UPPER] = { SIZES(UPPER, upper), AT(upper, fixed), 0, 0,
				0, { 0, 0 } },
	[MMSCOPE_REC_SUMS] = { SIZES(SUMS, sums), 0, 0, 0, 0, { 0, 0 } },
};

/*
 * Append len bytes in room for want: what is too much is cut off. An older stream
 * lacks fields, which are zero; fields of a later version hold anything.
 */
static void put(struct build *to, const unsigned char *from, size_t len,
		size_t want, size_t now)
{
	build_bytes(to, from, len < want ? len : want);
	for (; len < want; len++)
		build_bytes(to, len < now ? "" : "\xa5", 1);
}

static size_t reshaped(size_t len, const struct sizes *sizes, enum shape shape)
{
	if (shape == SHAPE_LEAST)
		return sizes->least;
	if (shape == SHAPE_TOO_SHORT)
		return sizes->least - 8;
	return (len > sizes->now ? len : sizes->now) + 24;
}

static uint16_t get16(const unsigned char *rec, size_t at)
{
	uint16_t value;

	memcpy(&value, rec + at, sizeof(value));
	return value;
}

static void set16(struct build *to, size_t at, size_t value)
{
	uint16_t small = (uint16_t)value;

	memcpy(to->bytes + at, &small, sizeof(small));
}

/* What follows the fixed part: elements, or bytes as they are. */
static void put_tail(struct build *to, const struct form *form, size_t record,
		     const unsigned char *rec, size_t size, enum shape shape)
{
	size_t at = get16(rec, form->fixed), element, want;
	uint32_t nr = 0;

	if (!form->element) {
		build_bytes(to, rec + at, size - at);
		return;
	}
	memcpy(&nr, rec + form->nr, form->nr_size);
	element = get16(rec, form->element);
	want = reshaped(element, &form->element_sizes, shape);
	set16(to, record + form->element, want);
	while (nr--) {
		put(to, rec + at, element, want, form->element_sizes.now);
		at += element;
	}
}

static void put_record(struct build *to, const unsigned char *rec, size_t size,
		       const struct form *form, enum shape shape)
{
	size_t record = to->len, fixed = size, want;
	uint32_t whole;

	if (form->fixed)
		fixed = get16(rec, form->fixed);
	want = reshaped(fixed, &form->fixed_part, shape);
	put(to, rec, fixed, want, form->fixed_part.now);
	if (form->fixed) {
		set16(to, record + form->fixed, want);
		put_tail(to, form, record, rec, size, shape);
	}
	while ((to->len - record) % 8)
		build_bytes(to, "", 1);
	whole = (uint32_t)(to->len - record);
	memcpy(to->bytes + record + offsetof(struct mmscope_head, size),
	       &whole, sizeof(whole));
}

static void put_header(struct build *to, const unsigned char *header,
		       uint32_t size, enum shape shape)
{
	static const struct sizes sizes = SIZES(HEADER, header);
	uint32_t want = (uint32_t)reshaped(size, &sizes, shape);

	put(to, header, size, want, sizes.now);
	memcpy(to->bytes + offsetof(struct mmscope_header, size), &want,
	       sizeof(want));
}

/**
 * build_reshape - copy a stream with records, names and steps of other sizes
 * @to: the copy, empty before
 * @from: the stream
 * @type: enum mmscope_rec, RESHAPE_HEADER or RESHAPE_ALL: what gets another size
 * @shape: which size
 *
 * Return: offset of the first record of that type in the copy, or of the last
 * byte if there is none
 */
size_t build_reshape(struct build *to, const struct build *from, uint32_t type,
		     enum shape shape)
{
	bool all = type == RESHAPE_ALL, found = false;
	struct mmscope_head head;
	size_t at = 0, first = 0;
	uint32_t size;

	memcpy(&size, from->bytes + offsetof(struct mmscope_header, size),
	       sizeof(size));
	if (all || type == RESHAPE_HEADER)
		put_header(to, from->bytes, size, shape);
	else
		build_bytes(to, from->bytes, size);
	for (at = size; at < from->len; at += head.size) {
		memcpy(&head, from->bytes + at, sizeof(head));
		if (!found)
			first = to->len;
		found |= head.type == type;
		if ((all || head.type == type) &&
		    head.type < ARRAY_SIZE(forms) && forms[head.type].fixed_part.least)
			put_record(to, from->bytes + at, head.size,
				   &forms[head.type], shape);
		else
			build_bytes(to, from->bytes + at, head.size);
	}
	return first;
}
