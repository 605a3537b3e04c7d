// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "array.h"
#include "record.h"

/**
 * record_copy - copy a structure that may be of an older or newer version
 * @to: the structure of this version
 * @room: its size
 * @from: the structure as it is in the stream
 * @len: its size there
 *
 * What @from does not have becomes zero; what this version does not know is
 * left out.
 */
void record_copy(void *to, size_t room, const void *from, size_t len)
{
	size_t both = len < room ? len : room;

	memcpy(to, from, both);
	memset((char *)to + both, 0, room - both);
}

static bool is_terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

/* The string of len bytes at offset at, or NULL if the record does not hold it. */
static const char *string_at(const struct record *rec, size_t at, size_t len,
			     size_t tail)
{
	const char *s = (const char *)rec->tail + at;

	if (at + len + 1 > tail || s[len] || strlen(s) != len)
		return NULL;
	return s;
}

static const char *read_task(struct record *rec, size_t tail)
{
	(void)tail;
	if (!is_terminated(rec->task.comm, sizeof(rec->task.comm)))
		return "task name without a NUL";
	return rec->task.pid < 0 || rec->task.tgid < 0 ? "negative PID" : NULL;
}

static const char *read_mm(struct record *rec, size_t tail)
{
	const struct mmscope_mm *mm = &rec->mm;

	rec->name = string_at(rec, 0, mm->exe_len, tail);
	rec->symbol = string_at(rec, mm->exe_len + 1u, mm->area_len, tail);
	return rec->name && rec->symbol ? NULL : "text of an mm record";
}

/* Whether nr elements of that size, which is at least the minimum, fit. */
static bool fits(uint32_t nr, size_t size, size_t least, size_t tail)
{
	return size >= least && nr <= tail / size;
}

static const char *read_names(struct record *rec, size_t tail)
{
	const struct mmscope_names *names = &rec->names;

	if (!fits(names->nr, names->name_size, MMSCOPE_NAME_SIZE_MIN, tail))
		return "number of names";
	for (uint32_t i = 0; i < names->nr; i++) {
		struct mmscope_name name = record_name(rec, i);

		if (!is_terminated(name.name, sizeof(name.name)))
			return "flag name without a NUL";
	}
	return NULL;
}

static const char *read_vma(struct record *rec, size_t tail)
{
	rec->name = string_at(rec, 0, rec->vma.name_len, tail);
	return rec->name ? NULL : "name of a mapping";
}

static const char *read_runs(struct record *rec, size_t tail)
{
	const struct mmscope_runs *runs = &rec->runs;

	if (!runs->nr || runs->nr > tail / sizeof(uint64_t))
		return "number of runs";
	return NULL;
}

static const char *read_upper(struct record *rec, size_t tail)
{
	const struct mmscope_upper *upper = &rec->upper;

	if (!upper->nr || upper->nr > tail / sizeof(uint64_t))
		return "number of entries that lead to tables";
	return NULL;
}

static const char *read_walk(struct record *rec, size_t tail)
{
	const struct mmscope_walk *walk = &rec->walk;

	if (walk->nr >= MMSCOPE_LEVEL_SLOTS ||
	    !fits(walk->nr, walk->step_size, MMSCOPE_STEP_SIZE_MIN, tail))
		return "number of steps of a translation";
	for (unsigned int i = 0; i < walk->nr; i++)
		record_copy(&rec->step[i], sizeof(rec->step[i]),
			    rec->tail + i * walk->step_size, walk->step_size);
	return NULL;
}

static const char *read_thread(struct record *rec, size_t tail)
{
	(void)tail;
	if (!is_terminated(rec->thread.comm, sizeof(rec->thread.comm)))
		return "thread name without a NUL";
	return NULL;
}

#define ALONE(type)							\
	MMSCOPE_##type##_SIZE_MIN, sizeof(struct RECORD_##type), 0
#define WITH_TAIL(type)							\
	MMSCOPE_##type##_SIZE_MIN, sizeof(struct RECORD_##type),	\
	offsetof(struct RECORD_##type, fixed)
#define RECORD_TASK		mmscope_task
#define RECORD_MM		mmscope_mm
#define RECORD_NAMES		mmscope_names
#define RECORD_VMA		mmscope_vma
#define RECORD_RUNS		mmscope_runs
#define RECORD_WALK		mmscope_walk
#define RECORD_END		mmscope_end
#define RECORD_RESIDENCY	mmscope_residency
#define RECORD_TABLES		mmscope_tables
#define RECORD_TABLES_SUM	mmscope_tables_sum
#define RECORD_THREAD		mmscope_thread
#define RECORD_SUMS		mmscope_sums
#define RECORD_UPPER		mmscope_upper
#define RECORD_KERNEL		mmscope_kernel
#define RECORD_KERNEL_REGION	mmscope_kernel_region
#define RECORD_KERNEL_RUN	mmscope_kernel_run

/**
 * struct type - form of one type of record
 * @least: its size in the first version of the format
 * @size: of its fixed part in this version
 * @fixed: offset of its field @fixed, 0 if nothing follows the fixed part
 * @read: check what follows the fixed part, in that many bytes; returns what
 *	is wrong
 */
static const struct type {
	uint16_t least;
	uint16_t size;
	uint16_t fixed;
	const char *(*read)(struct record *rec, size_t tail);
} types[] = {
	[MMSCOPE_REC_TASK] = { ALONE(TASK), read_task },
	[MMSCOPE_REC_MM] = { WITH_TAIL(MM), read_mm },
	[MMSCOPE_REC_NAMES] = { WITH_TAIL(NAMES), read_names },
	[MMSCOPE_REC_VMA] = { WITH_TAIL(VMA), read_vma },
	[MMSCOPE_REC_RUNS] = { WITH_TAIL(RUNS), read_runs },
	[MMSCOPE_REC_WALK] = { WITH_TAIL(WALK), read_walk },
	[MMSCOPE_REC_END] = { ALONE(END), NULL },
	[MMSCOPE_REC_RESIDENCY] = { ALONE(RESIDENCY), NULL },
	[MMSCOPE_REC_TABLES] = { ALONE(TABLES), NULL },
	[MMSCOPE_REC_TABLES_SUM] = { ALONE(TABLES_SUM), NULL },
	[MMSCOPE_REC_THREAD] = { ALONE(THREAD), read_thread },
	[MMSCOPE_REC_UPPER] = { WITH_TAIL(UPPER), read_upper },
	[MMSCOPE_REC_KERNEL] = { ALONE(KERNEL), NULL },
	[MMSCOPE_REC_KERNEL_REGION] = { ALONE(KERNEL_REGION), NULL },
	[MMSCOPE_REC_KERNEL_RUN] = { ALONE(KERNEL_RUN), NULL },
	[MMSCOPE_REC_SUMS] = { ALONE(SUMS), NULL },
};

/**
 * record_is_known - whether this reader knows a type of record
 * @type: enum mmscope_rec, or a newer one
 *
 * Return: true if it does; others are skipped
 */
bool record_is_known(uint32_t type)
{
	return type < ARRAY_SIZE(types) && types[type].size;
}

/**
 * record_read - copy a record, and check that it is whole
 * @rec: the copy; @offset stays
 * @bytes: the record in the stream, of a known type, all of its size there
 *
 * Return: NULL, or what is wrong, a part of a sentence
 */
const char *record_read(struct record *rec, const unsigned char *bytes)
{
	struct mmscope_head head;
	const struct type *type;
	uint16_t fixed;
	size_t len;

	memcpy(&head, bytes, sizeof(head));
	type = &types[head.type];
	len = head.size;
	if (len < type->least)
		return "record shorter than its type";
	if (type->fixed) {
		memcpy(&fixed, bytes + type->fixed, sizeof(fixed));
		if (fixed < type->least || fixed > len)
			return "fixed part of a record";
		len = fixed;
	}
	record_copy(&rec->head, type->size, bytes, len);
	rec->tail = bytes + len;
	return type->read ? type->read(rec, head.size - len) : NULL;
}

/**
 * record_name - one name of a NAMES record
 * @rec: the record
 * @i: number of the name, below @rec->names.nr
 *
 * Return: the name
 */
struct mmscope_name record_name(const struct record *rec, uint32_t i)
{
	size_t size = rec->names.name_size;
	struct mmscope_name name;

	record_copy(&name, sizeof(name), rec->tail + i * size, size);
	return name;
}
