// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <elf.h>
#include <err.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array.h"
#include "build.h"

/**
 * build_bytes - append bytes as they are
 * @b: the stream
 * @bytes: the bytes
 * @len: number of bytes
 */
void build_bytes(struct build *b, const void *bytes, size_t len)
{
	if (b->len + len > b->room) {
		b->room = (b->len + len) * 2;
		b->bytes = realloc(b->bytes, b->room);
		if (!b->bytes)
			err(99, "realloc");
	}
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

/**
 * build_record - append a record
 * @b: the stream
 * @type: enum mmscope_rec, or another
 * @body: what follows its head
 * @len: bytes of it; padded to a multiple of 8
 *
 * Return: offset of the record in the stream
 */
size_t build_record(struct build *b, uint32_t type, const void *body,
		    size_t len)
{
	size_t at = b->len;
	struct mmscope_head head = {
		.type = type,
		.size = (uint32_t)((sizeof(head) + len + 7) & ~7UL),
	};

	build_bytes(b, &head, sizeof(head));
	build_bytes(b, body, len);
	build_bytes(b, "\0\0\0\0\0\0\0", at + head.size - b->len);
	return at;
}

/**
 * build_header - start a stream of x86-64
 * @b: the stream
 * @levels: 4 or 5
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 */
void build_header(struct build *b, unsigned int levels, uint32_t parts,
		  uint32_t flags)
{
	struct mmscope_header h = {
		.magic = MMSCOPE_MAGIC,
		.byte_order = MMSCOPE_BYTE_ORDER,
		.abi = MMSCOPE_ABI,
		.size = sizeof(h),
		.machine = EM_X86_64,
		.page_shift = 12,
		.levels = (uint8_t)levels,
		.parts = parts,
		.flags = flags,
		.time_ns = 1700000000000000000ULL,
		.level_shift = { 0, 12, 21, 30, 0, 39 },
		.release = "6.1.0-test",
		.module = "0.1.0",
	};

	if (levels == 5) {
		h.level_shift[MMSCOPE_P4D] = 39;
		h.level_shift[MMSCOPE_PGD] = 48;
	}
	build_bytes(b, &h, sizeof(h));
}

/**
 * build_task - append a TASK record
 * @b: the stream
 * @pid: process id
 * @comm: at most 15 bytes
 * @flags: MMSCOPE_TASK_*
 */
void build_task(struct build *b, int pid, const char *comm, uint32_t flags)
{
	struct mmscope_task task = {
		.pid = pid, .tgid = pid, .flags = flags,
	};

	snprintf(task.comm, sizeof(task.comm), "%s", comm);
	build_record(b, MMSCOPE_REC_TASK, &task.pid, sizeof(task) - 8);
}

/**
 * build_mm - append an MM record
 * @b: the stream
 * @mm: its fields; lengths are filled in
 * @exe: path of the executable
 * @symbol: name of get_unmapped_area
 */
void build_mm(struct build *b, const struct mmscope_mm *mm, const char *exe,
	      const char *symbol)
{
	size_t len = sizeof(*mm) + strlen(exe) + strlen(symbol) + 2;
	struct mmscope_mm *copy = calloc(1, len);

	if (!copy)
		err(99, "calloc");
	*copy = *mm;
	copy->fixed = sizeof(*mm);
	copy->exe_len = (uint16_t)strlen(exe);
	copy->area_len = (uint16_t)strlen(symbol);
	memcpy((char *)copy + sizeof(*mm), exe, strlen(exe));
	memcpy((char *)copy + sizeof(*mm) + strlen(exe) + 1, symbol,
	       strlen(symbol));
	build_record(b, MMSCOPE_REC_MM, &copy->fixed, len - 8);
	free(copy);
}

/**
 * build_names - append a NAMES record
 * @b: the stream
 * @of: enum mmscope_names_of
 * @names: the names
 * @nr: number of these
 */
void build_names(struct build *b, uint32_t of, const struct mmscope_name *names,
		 uint32_t nr)
{
	struct {
		struct mmscope_names rec;
		struct mmscope_name name[64];
	} copy = {
		.rec = {
			.of = of, .nr = nr, .fixed = sizeof(copy.rec),
			.name_size = sizeof(copy.name[0]),
		},
	};

	if (nr > ARRAY_SIZE(copy.name))
		errx(99, "%u names", nr);
	if (nr)
		memcpy(copy.name, names, nr * sizeof(*names));
	build_record(b, MMSCOPE_REC_NAMES, &copy.rec.of,
		     sizeof(copy.rec) + nr * sizeof(*names) - 8);
}

static uint8_t vma_kind(const struct vma *vma)
{
	if (vma->perms[3] == 's')
		return vma->ino ? MMSCOPE_SHARED_FILE : MMSCOPE_SHARED_ANON;
	return vma->ino ? MMSCOPE_PRIVATE_FILE : MMSCOPE_PRIVATE_ANON;
}

static uint8_t name_kind(const struct vma *vma)
{
	if (!vma->name)
		return MMSCOPE_NAME_NONE;
	if (!strncmp(vma->name, "[anon", 5))
		return MMSCOPE_NAME_ANON;
	return *vma->name == '[' ? MMSCOPE_NAME_SPECIAL : MMSCOPE_NAME_PATH;
}

/**
 * build_vma - append a VMA record
 * @b: the stream
 * @vma: the mapping
 *
 * Return: offset of the record in the stream
 */
size_t build_vma(struct build *b, const struct vma *vma)
{
	size_t name_len = vma->name ? strlen(vma->name) : 0;
	size_t len = sizeof(struct mmscope_vma) + name_len + 1, at;
	struct mmscope_vma *rec = calloc(1, len);

	if (!rec)
		err(99, "calloc");
	rec->start = vma->start;
	rec->end = vma->end;
	rec->pgoff = vma->pgoff;
	rec->flags = vma->flags;
	rec->ino = vma->ino;
	rec->dev_major = vma->ino ? 8 : 0;
	rec->dev_minor = vma->ino ? 1 : 0;
	rec->perms = (vma->perms[0] == 'r' ? MMSCOPE_READ : 0) |
		     (vma->perms[1] == 'w' ? MMSCOPE_WRITE : 0) |
		     (vma->perms[2] == 'x' ? MMSCOPE_EXEC : 0) |
		     (vma->perms[3] == 's' ? MMSCOPE_SHARED : 0);
	rec->kind = vma_kind(vma);
	rec->segment = vma->segment ? vma->segment : MMSCOPE_SEG_MMAP;
	rec->page_shift = vma->page_shift ? vma->page_shift : 12;
	rec->name_kind = name_kind(vma);
	rec->name_len = (uint16_t)name_len;
	rec->fixed = sizeof(*rec);
	memcpy((char *)rec + sizeof(*rec), vma->name ? vma->name : "",
	       name_len);
	at = build_record(b, MMSCOPE_REC_VMA, &rec->start, len - 8);
	free(rec);
	b->end.vmas++;
	return at;
}

/**
 * build_words - append a RUNS record as it is, which END will not count
 * @b: the stream
 * @rec: its fixed part
 * @words: its words
 * @nr: number of these
 *
 * Return: offset of the record in the stream
 */
size_t build_words(struct build *b, const struct mmscope_runs *rec,
		   const uint64_t *words, uint16_t nr)
{
	struct {
		struct mmscope_runs rec;
		uint64_t word[512];
	} copy = { .rec = *rec };

	copy.rec.nr = nr;
	copy.rec.fixed = sizeof(copy.rec);
	if (nr)
		memcpy(copy.word, words, nr * sizeof(*words));
	return build_record(b, MMSCOPE_REC_RUNS, &copy.rec.start,
			    sizeof(*rec) + nr * sizeof(*words) - 8);
}

/* Pages of the base size that an entry of the level maps. */
static uint64_t entry_pages(unsigned int level)
{
	return 1ULL << 9 * (level - 1);
}

static uint64_t raw_at(const struct run *first, uint64_t frame)
{
	uint64_t frames = frame - first->frame;

	if (first->raw_shift < 0)
		return first->raw - (frames << -first->raw_shift);
	return first->raw_shift ? first->raw + (frames << first->raw_shift) :
				  first->raw;
}

/* Whether a run may be in the record whose first run is given. */
static bool joins(const struct run *first, const struct run *run)
{
	uint64_t size = PAGE * entry_pages(run->level);

	return run->attrs == first->attrs && run->level == first->level &&
	       run->kind == first->kind && run->page == first->page &&
	       run->raw_shift == first->raw_shift &&
	       run->raw == raw_at(first, run->frame) &&
	       run->start >= first->start &&
	       (run->start - first->start) / size <= MMSCOPE_RUN_INDEX_MAX;
}

static uint32_t put_record(struct build *b, const struct run *runs, uint32_t nr)
{
	struct mmscope_runs rec = {
		.start = runs->start, .raw = runs->raw, .page = runs->page,
		.attrs = runs->attrs, .level = runs->level,
		.kind = runs->kind, .raw_shift = runs->raw_shift,
	};
	uint64_t words[512], size = PAGE * entry_pages(runs->level);
	uint16_t used = 0;
	uint32_t i;

	for (i = 0; i < nr && joins(runs, &runs[i]) && used < 510; i++) {
		uint64_t index = (runs[i].start - runs->start) / size;

		words[used++] = runs[i].frame |
				index << MMSCOPE_RUN_INDEX_SHIFT |
				(runs[i].nr != 1 ? MMSCOPE_RUN_LONG : 0);
		if (runs[i].nr != 1)
			words[used++] = runs[i].nr;
	}
	build_words(b, &rec, words, used);
	return i;
}

/**
 * build_runs - append runs, in as few records as possible
 * @b: the stream
 * @runs: the runs
 * @nr: number of these
 *
 * Return: offset of the first record in the stream
 */
size_t build_runs(struct build *b, const struct run *runs, uint32_t nr)
{
	size_t at = b->len;

	for (uint32_t i = 0; i < nr;)
		i += put_record(b, &runs[i], nr - i);
	b->end.runs += nr;
	for (uint32_t i = 0; i < nr; i++)
		b->end.entries += runs[i].nr;
	return at;
}

/**
 * build_residency - append a RESIDENCY record
 * @b: the stream
 * @vma: the mapping before
 * @counts: all but its range and @never, which is the rest
 *
 * Return: offset of the record in the stream
 */
size_t build_residency(struct build *b, const struct vma *vma,
		       const struct mmscope_residency *counts)
{
	struct mmscope_residency res = *counts;

	res.start = vma->start;
	res.end = vma->end;
	res.never = (vma->end - vma->start) / PAGE - res.pte - res.pmd -
		    res.pud - res.zero - res.special - res.swapped - res.other;
	return build_record(b, MMSCOPE_REC_RESIDENCY, &res.start,
			    sizeof(res) - 8);
}

/**
 * build_tables - append a TABLES record
 * @b: the stream
 * @tables: its fields
 *
 * Return: offset of the record in the stream
 */
size_t build_tables(struct build *b, const struct mmscope_tables *tables)
{
	return build_record(b, MMSCOPE_REC_TABLES, &tables->start,
			    sizeof(*tables) - 8);
}

/**
 * build_tables_sum - append a TABLES_SUM record
 * @b: the stream
 * @sum: its fields
 *
 * Return: offset of the record in the stream
 */
size_t build_tables_sum(struct build *b, const struct mmscope_tables_sum *sum)
{
	return build_record(b, MMSCOPE_REC_TABLES_SUM, sum->pages,
			    sizeof(*sum) - 8);
}

/**
 * build_upper - append an UPPER record
 * @b: the stream; its header has four levels
 * @top: physical address of the top table
 * @entries: the entries; @raw and @attrs are those of the first one
 * @nr: number of entries
 *
 * Return: offset of the record in the stream
 */
size_t build_upper(struct build *b, uint64_t top, const struct upper *entries,
		   uint16_t nr)
{
	static const unsigned int shift[] = {
		[MMSCOPE_PMD] = 21, [MMSCOPE_PUD] = 30, [MMSCOPE_PGD] = 39,
	};
	struct {
		struct mmscope_upper rec;
		uint64_t word[32];
	} copy = { .rec = {
		.top = top, .start = entries->start, .raw = entries->raw,
		.attrs = entries->attrs, .nr = nr, .fixed = sizeof(copy.rec),
	} };

	for (uint16_t i = 0; i < nr; i++)
		copy.word[i] = entries[i].frame |
			(entries[i].start >> shift[entries[i].level] & 511) <<
				MMSCOPE_UPPER_INDEX_SHIFT |
			(uint64_t)entries[i].level << MMSCOPE_UPPER_LEVEL_SHIFT;
	b->end.upper += nr;
	return build_record(b, MMSCOPE_REC_UPPER, &copy.rec.top,
			    sizeof(copy.rec) + nr * sizeof(copy.word[0]) - 8);
}

/**
 * build_walk - append a WALK record
 * @b: the stream
 * @walk: its fields; @nr counts the steps
 * @steps: the steps
 *
 * Return: offset of the record in the stream
 */
size_t build_walk(struct build *b, const struct mmscope_walk *walk,
		  const struct mmscope_step *steps)
{
	struct {
		struct mmscope_walk rec;
		struct mmscope_step step[16];
	} copy = { .rec = *walk };

	copy.rec.fixed = sizeof(copy.rec);
	copy.rec.step_size = sizeof(copy.step[0]);
	if (walk->nr)
		memcpy(copy.step, steps, walk->nr * sizeof(*steps));
	return build_record(b, MMSCOPE_REC_WALK, &copy.rec.addr,
			    sizeof(copy.rec) + walk->nr * sizeof(*steps) - 8);
}

/**
 * build_thread - append a THREAD record
 * @b: the stream
 * @thread: its fields
 *
 * Return: offset of the record in the stream
 */
size_t build_thread(struct build *b, const struct mmscope_thread *thread)
{
	b->end.threads++;
	return build_record(b, MMSCOPE_REC_THREAD, &thread->tid,
			    sizeof(*thread) - 8);
}

/**
 * build_end - append the END record, with the counts so far
 * @b: the stream
 * @status: 0 or an errno
 * @flags: MMSCOPE_END_*
 *
 * Return: offset of the record in the stream
 */
size_t build_end(struct build *b, uint32_t status, uint32_t flags)
{
	b->end.status = status;
	b->end.flags = flags;
	b->end.holds = 3;
	b->end.longest_ns = 4711;
	return build_record(b, MMSCOPE_REC_END, &b->end.status,
			    sizeof(b->end) - 8);
}

/**
 * build_free - free a stream
 * @b: the stream; empty and usable afterwards
 */
void build_free(struct build *b)
{
	free(b->bytes);
	*b = (struct build){ 0 };
}

/**
 * build_fd - the stream as an open file
 * @b: the stream
 *
 * Return: file descriptor, at its beginning
 */
int build_fd(const struct build *b)
{
	int fd = memfd_create("stream", 0);

	if (fd < 0 || write(fd, b->bytes, b->len) != (ssize_t)b->len)
		err(99, "memfd");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/**
 * build_file - the stream as a file that the reader can open
 * @b: the stream
 *
 * Return: its name; valid until the next call
 */
const char *build_file(const struct build *b)
{
	static char name[64];
	static int fd = -1;

	if (fd >= 0)
		close(fd);
	fd = build_fd(b);
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)getpid(), fd);
	return name;
}

/**
 * build_answer_fd - make a file of the module that answers any query with a stream
 * @b: the stream
 *
 * The query is written over the zeroes at the start, and the answer is read after them.
 *
 * Return: a file descriptor, which the caller closes
 */
int build_answer_fd(const struct build *b)
{
	const struct mmscope_query room = { 0 };
	struct build file = { 0 };
	int fd;

	build_bytes(&file, &room, sizeof(room));
	build_bytes(&file, b->bytes, b->len);
	fd = build_fd(&file);
	build_free(&file);
	return fd;
}
