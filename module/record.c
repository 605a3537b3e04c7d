// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of records in a buffer: sizes, alignment, zeroed padding. The rest of
 * the module only fills in fields.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "entry.h"
#include "record.h"

#define RECORD_ALIGN	8

/*
 * Only the mappings of one moment have to fit. By default, a process has 65,530
 * mappings at most: that is a KiB for each.
 */
#define BUF_MAX		(64u << 20)

/**
 * mmscope_buf_init() - give a buffer its first memory
 * @buf: the buffer
 * @first: outlives the buffer, which does not free it
 * @size: of @first, in bytes
 */
void mmscope_buf_init(struct mmscope_buf *buf, void *first, size_t size)
{
	buf->first = first;
	buf->first_size = size;
	buf->data = first;
	buf->size = size;
	mmscope_buf_cut(buf, 0);
}

/**
 * mmscope_buf_grow() - make a buffer at least as large as some size
 * @buf: the buffer; keeps what is in it
 * @size: in bytes
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM if it cannot be allocated, or is more than BUF_MAX.
 */
int mmscope_buf_grow(struct mmscope_buf *buf, size_t size)
{
	const size_t len = buf->len;
	void *data;

	if (size <= buf->size)
		return 0;
	if (size > BUF_MAX)
		return -ENOMEM;
	/* The caller reports -ENOMEM; do not warn. */
	data = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!data)
		return -ENOMEM;
	memcpy(data, buf->data, len);
	mmscope_buf_free(buf);
	buf->data = data;
	buf->size = size;
	mmscope_buf_cut(buf, len);
	return 0;
}

/**
 * mmscope_buf_free() - free what a buffer has allocated
 * @buf: the buffer; initialised, or zeroed
 *
 * Context: may sleep.
 */
void mmscope_buf_free(struct mmscope_buf *buf)
{
	if (buf->data != buf->first)
		kvfree(buf->data);
}

/**
 * mmscope_buf_shrink() - return to the first memory of a buffer, and empty it
 * @buf: the buffer
 *
 * Context: may sleep.
 */
void mmscope_buf_shrink(struct mmscope_buf *buf)
{
	mmscope_buf_free(buf);
	mmscope_buf_init(buf, buf->first, buf->first_size);
}

/**
 * mmscope_buf_cut() - drop what was added to a buffer last
 * @buf: the buffer
 * @len: bytes that stay; whole records
 */
void mmscope_buf_cut(struct mmscope_buf *buf, size_t len)
{
	buf->len = len;
	buf->runs = NULL;
	buf->tight = false;
}

/**
 * mmscope_record_header() - begin a stream
 * @buf: an empty buffer
 *
 * Return: the header, zeroed but for its own size, or NULL if it does not fit.
 */
struct mmscope_header *mmscope_record_header(struct mmscope_buf *buf)
{
	struct mmscope_header *header = mmscope_record_room(buf,
							    sizeof(*header));

	if (!header)
		return NULL;
	*header = (struct mmscope_header){ .size = sizeof(*header) };
	mmscope_record_done(buf, sizeof(*header));
	return header;
}

/**
 * mmscope_record() - append a record
 * @buf: the buffer
 * @type: of the record
 * @fixed: bytes of its fixed part
 * @extra: bytes after it that may be needed at most
 *
 * Return: the record, its head filled in and the rest of its fixed part zeroed,
 * or NULL if it does not fit. A caller with @extra bytes writes those that it
 * needs, and calls mmscope_record_trim().
 */
void *mmscope_record(struct mmscope_buf *buf, enum mmscope_rec type,
		     size_t fixed, size_t extra)
{
	size_t size = ALIGN(fixed + extra, RECORD_ALIGN);
	struct mmscope_head *head = mmscope_record_room(buf, size);

	if (!head)
		return NULL;
	memset(head, 0, fixed);
	head->type = type;
	head->size = size;
	mmscope_record_done(buf, size);
	return head;
}

/**
 * mmscope_record_trim() - cut a record down to what was used
 * @buf: the buffer
 * @rec: a record of it; those after it move up
 * @size: bytes used
 */
void mmscope_record_trim(struct mmscope_buf *buf, void *rec, size_t size)
{
	const size_t aligned = ALIGN(size, RECORD_ALIGN);
	struct mmscope_head *head = rec;
	void *after = rec + head->size;

	memset(rec + size, 0, aligned - size);
	memmove(rec + aligned, after, buf->data + buf->len - after);
	buf->len -= head->size - aligned;
	buf->runs = NULL;
	head->size = aligned;
}

/**
 * mmscope_record_extend() - make the last record longer
 * @buf: the buffer, with room for it
 * @rec: the last record of it
 * @size: bytes to add, a multiple of 8
 *
 * Return: where these bytes are to be written.
 */
void *mmscope_record_extend(struct mmscope_buf *buf, void *rec, size_t size)
{
	struct mmscope_head *head = rec;
	void *at = buf->data + buf->len;

	buf->len += size;
	head->size += size;
	return at;
}

static bool same_kind(const struct mmscope_runs *rec,
		      const struct mmscope_run *run)
{
	return rec->attrs == run->attrs && rec->level == run->level &&
	       rec->kind == run->kind && rec->page == run->page &&
	       rec->raw_shift == run->raw_shift;
}

static const u64 *first_word(const struct mmscope_runs *rec)
{
	return mmscope_record_tail(rec);
}

/* Does @run, which is @index entries after the first one, fit into the record? */
static bool run_fits(const struct mmscope_runs *rec,
		     const struct mmscope_run *run, u64 index)
{
	const u64 base = MMSCOPE_RUN_FRAME(*first_word(rec));

	if (!same_kind(rec, run))
		return false;
	if (index > MMSCOPE_RUN_INDEX_MAX || rec->nr > U16_MAX - 2)
		return false;
	if (!run->raw_shift)
		return run->raw == rec->raw && run->frame == base;
	return run->raw == rec->raw +
			   mmscope_raw_delta(run->frame - base,
					     run->raw_shift);
}

static void begin_runs(struct mmscope_buf *buf, const struct mmscope_run *run)
{
	struct mmscope_runs *rec = mmscope_record(buf, MMSCOPE_REC_RUNS,
						  sizeof(*rec), 0);

	rec->start = run->start;
	rec->raw = run->raw;
	rec->page = run->page;
	rec->attrs = run->attrs;
	rec->fixed = sizeof(*rec);
	rec->level = run->level;
	rec->kind = run->kind;
	rec->raw_shift = run->raw_shift;
	buf->runs = rec;
}

/**
 * mmscope_record_run() - append a run, to the last record if it fits there
 * @buf: the buffer
 * @run: what to append
 *
 * Return: true if there was room.
 */
bool mmscope_record_run(struct mmscope_buf *buf, const struct mmscope_run *run)
{
	struct mmscope_runs *rec = buf->runs;
	u64 *word, index = 0;

	if (!mmscope_record_room(buf, sizeof(*rec) + 2 * sizeof(*word)))
		return false;
	if (rec)
		index = (run->start - rec->start) >>
			mmscope_entry_shift(run->level);
	if (!rec || !run_fits(rec, run, index)) {
		begin_runs(buf, run);
		index = 0;
	}
	word = buf->data + buf->len;
	*word++ = run->frame | index << MMSCOPE_RUN_INDEX_SHIFT |
		  (run->nr > 1 ? MMSCOPE_RUN_LONG : 0);
	if (run->nr > 1)
		*word++ = run->nr;
	mmscope_record_words(buf, word);
	return true;
}

/**
 * mmscope_record_words() - extend the last record by words written after it
 * @buf: the buffer; its last record is of runs
 * @end: end of the last word
 */
void mmscope_record_words(struct mmscope_buf *buf, const u64 *end)
{
	size_t size = (void *)end - (buf->data + buf->len);

	buf->len += size;
	buf->runs->head.size += size;
	buf->runs->nr += size / sizeof(*end);
}

/**
 * mmscope_run_next() - find the next run
 * @rec: the record it is in
 * @word: number of the first word of the run before
 *
 * Return: number of its first word.
 */
unsigned int mmscope_run_next(const struct mmscope_runs *rec, unsigned int word)
{
	return word + (first_word(rec)[word] & MMSCOPE_RUN_LONG ? 2 : 1);
}

/**
 * mmscope_run_get() - unpack a run
 * @rec: the record it is in
 * @word: number of its first word
 * @run: filled in
 */
void mmscope_run_get(const struct mmscope_runs *rec, unsigned int word,
		     struct mmscope_run *run)
{
	const u64 *words = first_word(rec);
	u64 first = words[word];
	u64 frame = MMSCOPE_RUN_FRAME(first);

	*run = (struct mmscope_run){
		.start = rec->start + (MMSCOPE_RUN_INDEX(first) <<
				       mmscope_entry_shift(rec->level)),
		.frame = frame,
		.raw = rec->raw,
		.page = rec->page,
		.nr = first & MMSCOPE_RUN_LONG ? words[word + 1] : 1,
		.attrs = rec->attrs,
		.level = rec->level,
		.kind = rec->kind,
		.raw_shift = rec->raw_shift,
	};
	if (rec->raw_shift)
		run->raw += mmscope_raw_delta(frame -
					      MMSCOPE_RUN_FRAME(words[0]),
					      rec->raw_shift);
}

/**
 * mmscope_run_end() - end of a run
 * @run: the run
 *
 * Return: the end of what it maps, exclusive.
 */
u64 mmscope_run_end(const struct mmscope_run *run)
{
	return run->start + (run->nr << mmscope_entry_shift(run->level));
}
