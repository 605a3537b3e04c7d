// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "stream.h"

#define BUFFER_SIZE	(256u << 10)

static bool fail(struct stream *s, enum stream_error error)
{
	if (!s->error)
		s->error = error;
	return false;
}

static bool corrupt(struct stream *s, uint64_t at, const char *why)
{
	if (s->error)
		return false;
	s->bad_at = at;
	s->why = why;
	return fail(s, STREAM_CORRUPT);
}

/* Room for len bytes behind pos; pos stays a multiple of 8. */
static bool make_room(struct stream *s, size_t len)
{
	unsigned char *new;

	if (s->pos) {
		memmove(s->buf, s->buf + s->pos, s->fill - s->pos);
		s->fill -= s->pos;
		s->pos = 0;
	}
	if (len <= s->room)
		return true;
	new = realloc(s->buf, len);
	if (!new)
		return fail(s, STREAM_MEMORY);
	s->buf = new;
	s->room = len;
	return true;
}

/* Bytes that came, 0 at the end of the file, -1 after an error. */
static ssize_t read_more(struct stream *s)
{
	ssize_t n;

	do {
		n = read(s->fd, s->buf + s->fill, s->room - s->fill);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		s->sys_errno = errno;
		fail(s, STREAM_READ);
		return -1;
	}
	if (s->tap && n)
		s->tap(s->tap_arg, s->buf + s->fill, (size_t)n);
	s->fill += (size_t)n;
	return n;
}

/* True when len bytes are there; else error is STREAM_CUT or worse. */
static bool need(struct stream *s, size_t len)
{
	while (s->fill - s->pos < len) {
		ssize_t n;

		if (s->room - s->pos < len && !make_room(s, len))
			return false;
		n = read_more(s);
		if (n < 0)
			return false;
		if (n == 0)
			return fail(s, STREAM_CUT);
	}
	return true;
}

static void advance(struct stream *s, size_t len)
{
	s->pos += len;
	s->offset += len;
	if (s->pos == s->fill) {
		s->pos = 0;
		s->fill = 0;
	}
}

static bool terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

static bool check_levels(struct stream *s)
{
	const struct mmscope_header *h = &s->header;
	unsigned int used = 0, last = 0;

	for (unsigned int i = MMSCOPE_PTE; i < MMSCOPE_LEVEL_SLOTS; i++) {
		unsigned int shift = h->level_shift[i];

		if (!shift)
			continue;
		if (shift <= last || shift > 60)
			return false;
		last = shift;
		used++;
	}
	return used == h->levels && used > 0 && h->page_shift >= 12 &&
	       h->page_shift <= 20 &&
	       h->level_shift[MMSCOPE_PTE] == h->page_shift;
}

/**
 * stream_user_bits - log2 of the size that a user half can have at most
 * @h: header of the stream, checked
 *
 * Return: bits: x86-64 shares its top table among both halves, arm64 has two
 */
unsigned int stream_user_bits(const struct mmscope_header *h)
{
	unsigned int bits = 0;

	for (unsigned int i = MMSCOPE_PTE; i < MMSCOPE_LEVEL_SLOTS; i++)
		if (h->level_shift[i])
			bits = h->level_shift[i];
	/* A table is a page of 8-byte entries. */
	bits += h->page_shift - 3u;
	if (bits > 63)
		bits = 63;
	return h->machine == EM_AARCH64 ? bits : bits - 1;
}

static bool check_header(struct stream *s)
{
	const struct mmscope_header *h = &s->header;

	if (!check_levels(s))
		return corrupt(s, offsetof(struct mmscope_header, level_shift),
			       "levels of the page tables");
	if (!terminated(h->release, sizeof(h->release)))
		return corrupt(s, offsetof(struct mmscope_header, release),
			       "kernel release without an end");
	if (!terminated(h->module, sizeof(h->module)))
		return corrupt(s, offsetof(struct mmscope_header, module),
			       "module version without an end");
	return true;
}

/**
 * stream_open - begin to read: takes the header
 * @s: the stream; @tap and @tap_arg may be set, all else is initialised
 * @fd: where the bytes come from; stays the caller's
 *
 * Return: false with @s->error set. stream_close() is due either way.
 */
bool stream_open(struct stream *s, int fd)
{
	struct mmscope_header *h = &s->header;

	*s = (struct stream){
		.fd = fd, .tap = s->tap, .tap_arg = s->tap_arg,
	};
	if (!make_room(s, BUFFER_SIZE))
		return false;
	if (!need(s, sizeof(h->magic))) {
		if (s->error == STREAM_CUT &&
		    memcmp(s->buf, MMSCOPE_MAGIC, s->fill))
			s->error = STREAM_FOREIGN;
		return false;
	}
	if (memcmp(s->buf, MMSCOPE_MAGIC, sizeof(h->magic)))
		return fail(s, STREAM_FOREIGN);
	if (!need(s, MMSCOPE_HEADER_SIZE_MIN))
		return false;
	record_copy(h, sizeof(*h), s->buf, MMSCOPE_HEADER_SIZE_MIN);
	if (h->byte_order == __builtin_bswap32(MMSCOPE_BYTE_ORDER))
		return fail(s, STREAM_BYTE_ORDER);
	if (h->byte_order != MMSCOPE_BYTE_ORDER)
		return corrupt(s, offsetof(struct mmscope_header, byte_order),
			       "byte order");
	if (h->abi != MMSCOPE_ABI)
		return fail(s, STREAM_ABI);
	if (h->size < MMSCOPE_HEADER_SIZE_MIN || h->size % 8 ||
	    h->size > STREAM_RECORD_MAX)
		return corrupt(s, offsetof(struct mmscope_header, size),
			       "size of the header");
	if (!need(s, h->size))
		return false;
	record_copy(h, sizeof(*h), s->buf, h->size);
	if (!check_header(s))
		return false;
	advance(s, h->size);
	return true;
}

static bool take_task(struct stream *s, struct record *rec)
{
	s->task = rec->task;
	s->has_task = true;
	return true;
}

static bool take_vma(struct stream *s, struct record *rec)
{
	const struct mmscope_vma *vma = &rec->vma;
	uint64_t mask = (1ULL << s->header.page_shift) - 1;

	if (vma->start >= vma->end || (vma->start | vma->end) & mask)
		return corrupt(s, rec->offset, "range of a mapping");
	if (vma->page_shift < s->header.page_shift || vma->page_shift > 60)
		return corrupt(s, rec->offset, "page size of a mapping");
	if (vma->start < s->vma_start || vma->end <= s->vma_end)
		s->unsorted_at = rec->offset;
	else if (vma->start < s->vma_end)
		s->overlaps++;
	s->vma_start = vma->start;
	s->vma_end = vma->end;
	s->vmas++;
	return true;
}

/*
 * One run of a RUNS record, at its word *at. next: how many entries of the
 * level, counted from the record's start, the runs before went through.
 */
static const char *check_run(struct stream *s, const struct record *rec,
			     uint32_t *at, uint64_t *next)
{
	uint64_t word = record_word(rec, (*at)++), nr = 1;
	uint64_t index = MMSCOPE_RUN_INDEX(word);

	if (word & MMSCOPE_RUN_LONG) {
		if (*at == rec->runs.nr)
			return "long run without its length";
		nr = record_word(rec, (*at)++);
		if (nr < 2)
			return "length of a long run";
	}
	if (!*next && index)
		return "first run not at the start of its record";
	if (index < *next)
		return "runs out of order";
	if (__builtin_add_overflow(index, nr, next))
		return "run beyond the address space";
	s->runs++;
	s->entries += nr;
	return NULL;
}

static const char *check_common(const struct stream *s,
				const struct mmscope_runs *runs)
{
	if (runs->level < MMSCOPE_PTE || runs->level >= MMSCOPE_LEVEL_SLOTS ||
	    !s->header.level_shift[runs->level])
		return "level of runs";
	if (runs->start & ((1ULL << s->header.level_shift[runs->level]) - 1))
		return "start of runs";
	if (runs->raw_shift > 63 || runs->raw_shift < -63)
		return "growth of raw entries";
	return NULL;
}

/* Last address of so many entries from the start on, in the user half. */
static bool last_address(const struct stream *s,
			 const struct mmscope_runs *runs, uint64_t nr,
			 uint64_t *last)
{
	unsigned int shift = s->header.level_shift[runs->level];
	uint64_t end = 1ULL << stream_user_bits(&s->header);

	if (runs->start >= end || nr > (end - runs->start) >> shift)
		return false;
	*last = runs->start + (nr << shift) - 1;
	return true;
}

static const char *check_runs(struct stream *s, const struct record *rec,
			      uint64_t *last)
{
	const struct mmscope_runs *runs = &rec->runs;
	const char *why = check_common(s, runs);
	uint64_t next = 0;

	for (uint32_t at = 0; !why && at < runs->nr;)
		why = check_run(s, rec, &at, &next);
	if (why)
		return why;
	if (!last_address(s, runs, next, last))
		return "run beyond the address space";
	if (s->has_run && *last <= s->run_last)
		return "runs out of order";
	if (s->has_run && runs->start <= s->run_last)
		s->overlaps++;
	s->run_last = *last;
	s->has_run = true;
	return NULL;
}

static bool take_runs(struct stream *s, struct record *rec)
{
	const char *why = check_runs(s, rec, &rec->last);

	return why ? corrupt(s, rec->offset, why) : true;
}

/* No count can be more than the mapping: sums of them do not overflow. */
static bool take_residency(struct stream *s, struct record *rec)
{
	const struct mmscope_residency *res = &rec->residency;
	uint64_t bytes = res->end - res->start;

	if (!s->vmas || res->start != s->vma_start || res->end != s->vma_end)
		return corrupt(s, rec->offset,
			       "residency of another mapping than the one before");
	for (const __u64 *nr = &res->pte; nr < &res->pss_bytes; nr++)
		if (*nr > bytes >> s->header.page_shift)
			return corrupt(s, rec->offset,
				       "more is resident than the mapping holds");
	if (res->pss_bytes > bytes)
		return corrupt(s, rec->offset,
			       "more is resident than the mapping holds");
	return true;
}

static bool take_tables(struct stream *s, struct record *rec)
{
	const struct mmscope_tables *tables = &rec->tables;

	if (tables->start >= tables->end)
		return corrupt(s, rec->offset, "range of page tables");
	if (s->has_tables && tables->start <= s->tables_start)
		return corrupt(s, rec->offset, "page tables out of order");
	s->tables_start = tables->start;
	s->has_tables = true;
	return true;
}

static bool take_tables_sum(struct stream *s, struct record *rec)
{
	uint64_t bytes = rec->tables_sum.table_bytes;

	if (bytes < 8 || bytes > 1u << 20 || bytes & (bytes - 1))
		return corrupt(s, rec->offset, "size of a page table");
	return true;
}

static bool take_walk(struct stream *s, struct record *rec)
{
	const struct mmscope_walk *walk = &rec->walk;

	if (walk->page_shift > 60)
		return corrupt(s, rec->offset, "page size of a translation");
	for (unsigned int i = 0; i < walk->nr; i++) {
		unsigned int level = rec->step[i].level;

		if (level < MMSCOPE_PTE || level >= MMSCOPE_LEVEL_SLOTS)
			return corrupt(s, rec->offset, "level of a translation");
	}
	return true;
}

static bool take_end(struct stream *s, struct record *rec)
{
	const struct mmscope_end *end = &rec->end;

	if (!s->has_task)
		return corrupt(s, rec->offset, "no task before the END record");
	if (end->vmas != s->vmas || end->runs != s->runs ||
	    end->entries != s->entries)
		return corrupt(s, rec->offset,
			       "the END record counts other than what came");
	s->end = *end;
	return true;
}

static bool (*const take[])(struct stream *s, struct record *rec) = {
	[MMSCOPE_REC_TASK] = take_task,
	[MMSCOPE_REC_VMA] = take_vma,
	[MMSCOPE_REC_RUNS] = take_runs,
	[MMSCOPE_REC_RESIDENCY] = take_residency,
	[MMSCOPE_REC_TABLES] = take_tables,
	[MMSCOPE_REC_TABLES_SUM] = take_tables_sum,
	[MMSCOPE_REC_WALK] = take_walk,
	[MMSCOPE_REC_END] = take_end,
};

/* Only the mapping that belongs to a WALK record may stand out of order. */
static bool check_order(struct stream *s, uint32_t type)
{
	if (s->unsorted_at && type != MMSCOPE_REC_WALK)
		return corrupt(s, s->unsorted_at, "mappings out of order");
	s->unsorted_at = 0;
	return true;
}

/* One whole record at pos, copied if its type is known. */
static bool fetch(struct stream *s, struct record *rec)
{
	struct mmscope_head *head = &rec->head;
	const char *why;

	if (!need(s, sizeof(*head)))
		return false;
	memcpy(head, s->buf + s->pos, sizeof(*head));
	if (head->size < sizeof(*head) || head->size % 8 ||
	    head->size > STREAM_RECORD_MAX)
		return corrupt(s, s->offset, "size of a record");
	if (!need(s, head->size))
		return false;
	rec->offset = s->offset;
	if (!record_is_known(head->type))
		return true;
	why = record_read(rec, s->buf + s->pos);
	return why ? corrupt(s, s->offset, why) : true;
}

static void check_silence(struct stream *s)
{
	if (need(s, 1))
		corrupt(s, s->offset, "bytes behind the END record");
	if (s->error != STREAM_CUT)
		return;
	s->error = STREAM_OK;
	s->ended = true;
}

/**
 * stream_next - the next record of a type known here
 * @s: the stream
 * @rec: the record
 *
 * The END record is not handed out: it stands in @s->end.
 *
 * Return: false when there is none: @s->ended tells the end from an error
 */
bool stream_next(struct stream *s, struct record *rec)
{
	while (!s->ended && !s->error && fetch(s, rec)) {
		uint32_t type = rec->head.type;
		bool known = record_is_known(type);

		if (known && !check_order(s, type))
			return false;
		if (known && type < ARRAY_SIZE(take) && take[type] &&
		    !take[type](s, rec))
			return false;
		advance(s, rec->head.size);
		if (type == MMSCOPE_REC_END) {
			check_silence(s);
			return false;
		}
		if (known)
			return true;
	}
	return false;
}

/**
 * stream_close - give the memory back; what was read from it stays valid
 * @s: the stream
 */
void stream_close(struct stream *s)
{
	free(s->buf);
	s->buf = NULL;
}
