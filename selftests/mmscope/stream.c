// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "die.h"
#include "module.h"
#include "stream.h"

#ifdef __x86_64__
#define MACHINE	EM_X86_64
#else
#define MACHINE	EM_AARCH64
#endif

#define PARTS_NAMED	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_WALK)

/* Note the first thing that is wrong. Returns false, for return. */
__printf(2, 3)
static bool wrong(struct stream *stream, const char *format, ...)
{
	va_list args;

	if (*stream->wrong)
		return false;
	va_start(args, format);
	vsnprintf(stream->wrong, sizeof(stream->wrong), format, args);
	va_end(args);
	return false;
}

static bool all_zero(const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		if (*p++)
			return false;
	return true;
}

/* What goes where */

__u64 run_size(const struct stream *stream, const struct mmscope_run *run)
{
	return 1ULL << stream->header->level_shift[run->level];
}

__u64 run_end(const struct stream *stream, const struct mmscope_run *run)
{
	return run->start + run->nr * run_size(stream, run);
}

__u64 run_frame(const struct stream *stream, const struct mmscope_run *run,
		__u64 addr)
{
	__u64 pages = (addr - run->start) >> stream->header->page_shift;

	/* The zero page stays the same from entry to entry. */
	if (run->kind == MMSCOPE_ZERO)
		pages &= (run_size(stream, run) >> stream->header->page_shift) - 1;
	return run->frame + pages;
}

const struct mmscope_run *run_at(const struct stream *stream, __u64 addr)
{
	size_t low = 0, high = stream->nr_runs;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (run_end(stream, &stream->run[mid]) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < stream->nr_runs && stream->run[low].start <= addr)
		return &stream->run[low];
	return NULL;
}

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr)
{
	size_t i;

	for (i = 0; i < stream->nr_vmas; i++)
		if (stream->vma[i]->start <= addr && addr < stream->vma[i]->end)
			return stream->vma[i];
	return NULL;
}

const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value)
{
	const struct mmscope_names *names = stream->names[of];
	__u32 i;

	for (i = 0; names && i < names->nr; i++)
		if (names->name[i].value == value)
			return names->name[i].name;
	return NULL;
}

bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name)
{
	const struct mmscope_names *names = stream->names[of];
	__u32 i;

	for (i = 0; names && i < names->nr; i++)
		if (!strcmp(names->name[i].name, name))
			return flags >> names->name[i].value & 1;
	die("the stream has no flag called \"%s\"", name);
}

/* The rules of single records */

static bool check_levels(struct stream *s)
{
	const struct mmscope_header *h = s->header;
	unsigned int level, last = 0, used = 0;

	for (level = 0; level < sizeof(h->level_shift); level++) {
		unsigned int shift = h->level_shift[level];

		if (!shift)
			continue;
		if (level < MMSCOPE_PTE || level > MMSCOPE_PGD || shift <= last)
			return wrong(s, "level_shift[%u] is %u", level, shift);
		last = shift;
		used++;
	}
	if (used != h->levels || h->level_shift[MMSCOPE_PTE] != h->page_shift)
		return wrong(s, "%u levels, %u of them have a shift",
			     h->levels, used);
	return true;
}

static bool check_header(struct stream *s)
{
	const struct mmscope_header *h = (void *)s->data;
	struct utsname uts;

	if (s->len < sizeof(*h))
		return wrong(s, "only %zu bytes", s->len);
	s->header = h;
	uname(&uts);
	if (memcmp(h->magic, MMSCOPE_MAGIC, sizeof(h->magic)) ||
	    h->byte_order != MMSCOPE_BYTE_ORDER || h->abi != MMSCOPE_ABI)
		return wrong(s, "header: magic, byte order or abi");
	if (h->size != sizeof(*h) || h->__pad)
		return wrong(s, "header: size %u, pad %u", h->size, h->__pad);
	if (1L << h->page_shift != sysconf(_SC_PAGESIZE))
		return wrong(s, "header: page_shift %u", h->page_shift);
	if (!memchr(h->release, 0, sizeof(h->release)) ||
	    !memchr(h->module, 0, sizeof(h->module)) ||
	    strcmp(h->release, uts.release))
		return wrong(s, "header: release or module");
	if (h->machine != MACHINE)
		return wrong(s, "header: machine %u", h->machine);
	return check_levels(s);
}

static bool check_task(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_task *task = (void *)head;

	if (head->size != sizeof(*task) || s->task)
		return wrong(s, "task: size or number");
	if (!memchr(task->comm, 0, sizeof(task->comm)))
		return wrong(s, "task: comm without end");
	s->task = task;
	return true;
}

static bool check_mm(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_mm *mm = (void *)head;
	size_t used = mm->fixed + mm->exe_len + 1 + mm->area_len + 1;

	if (head->size < sizeof(*mm) || mm->fixed != sizeof(*mm) || s->mm)
		return wrong(s, "mm: size or number");
	if (head->size != (used + 7) / 8 * 8)
		return wrong(s, "mm: size %u, used %zu", head->size, used);
	if (strlen(mm->text) != mm->exe_len ||
	    strlen(mm->text + mm->exe_len + 1) != mm->area_len)
		return wrong(s, "mm: lengths of text");
	if (mm->__pad || !all_zero((char *)mm + used, head->size - used))
		return wrong(s, "mm: padding");
	s->mm = mm;
	return true;
}

static bool check_names(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_names *names = (void *)head;
	__u32 i;

	if (head->size < sizeof(*names) ||
	    head->size != sizeof(*names) + names->nr * sizeof(names->name[0]))
		return wrong(s, "names: size %u, nr %u", head->size, names->nr);
	if (!names->of || names->of > MMSCOPE_NAMES_POLICIES ||
	    s->names[names->of])
		return wrong(s, "names: of %u", names->of);
	for (i = 0; i < names->nr; i++)
		if (!memchr(names->name[i].name, 0, sizeof(names->name[i].name)) ||
		    !*names->name[i].name ||
		    name_of(s, names->of, names->name[i].value))
			return wrong(s, "names: %u of %u", i, names->of);
	s->names[names->of] = names;
	return true;
}

static bool check_vma(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_vma *vma = (void *)head;
	__u64 page = 1ULL << s->header->page_shift;
	size_t used = vma->fixed + vma->name_len + 1;

	if (head->size < sizeof(*vma) || vma->fixed != sizeof(*vma) ||
	    head->size != (used + 7) / 8 * 8)
		return wrong(s, "vma: size %u, used %zu", head->size, used);
	if (strlen(vma->name) != vma->name_len ||
	    !all_zero((char *)vma + used, head->size - used) ||
	    !all_zero(vma->__pad, sizeof(vma->__pad)))
		return wrong(s, "vma: name or padding");
	if (vma->start >= vma->end || vma->start % page || vma->end % page)
		return wrong(s, "vma: %llx-%llx", vma->start, vma->end);
	if (s->nr_vmas && s->vma[s->nr_vmas - 1]->end > vma->start)
		return wrong(s, "vma: %llx comes too late", vma->start);
	if (!vma->kind || vma->kind > MMSCOPE_SHARED_FILE || !vma->segment ||
	    vma->segment > MMSCOPE_SEG_SPECIAL ||
	    vma->name_kind > MMSCOPE_NAME_TOO_LONG)
		return wrong(s, "vma: %llx: an enum", vma->start);
	s->vma = realloc(s->vma, (s->nr_vmas + 1) * sizeof(*s->vma));
	s->vma[s->nr_vmas++] = vma;
	return true;
}

static bool check_run(struct stream *s, const struct mmscope_run *run)
{
	const struct mmscope_run *last = run - 1;

	if (run->level < MMSCOPE_PTE || run->level > MMSCOPE_PGD ||
	    !s->header->level_shift[run->level])
		return wrong(s, "run: %llx: level %u", run->start, run->level);
	if (!run->nr || run->start & (run_size(s, run) - 1))
		return wrong(s, "run: %llx: nr %u, level %u", run->start,
			     run->nr, run->level);
	if (run->kind <= MMSCOPE_TABLE || run->kind > MMSCOPE_UNKNOWN)
		return wrong(s, "run: %llx: kind %u", run->start, run->kind);
	if (!run->raw)
		return wrong(s, "run: %llx: raw 0", run->start);
	if (run != s->run && run_end(s, last) > run->start)
		return wrong(s, "run: %llx comes too late", run->start);
	return true;
}

static bool check_runs(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_runs *runs = (void *)head;
	size_t i;

	if (head->size < sizeof(*runs) || !runs->nr ||
	    runs->run_size != sizeof(runs->run[0]) ||
	    head->size != sizeof(*runs) + (size_t)runs->nr * runs->run_size)
		return wrong(s, "runs: size %u, nr %u of %u", head->size,
			     runs->nr, runs->run_size);
	s->run = realloc(s->run, (s->nr_runs + runs->nr) * sizeof(*s->run));
	memcpy(s->run + s->nr_runs, runs->run, runs->nr * sizeof(*s->run));
	for (i = 0; i < runs->nr; i++)
		if (!check_run(s, &s->run[s->nr_runs++]))
			return false;
	return true;
}

static bool check_walk(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_walk *walk = (void *)head;

	if (head->size != sizeof(*walk) || s->walk)
		return wrong(s, "walk: size or number");
	if (walk->nr > s->header->levels || !walk->stop ||
	    walk->stop > MMSCOPE_STOP_KERNEL ||
	    !all_zero(walk->__pad, sizeof(walk->__pad)))
		return wrong(s, "walk: nr %u, stop %u", walk->nr, walk->stop);
	s->walk = walk;
	return true;
}

static bool check_end(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_end *end = (void *)head;
	__u64 entries = 0;
	size_t i;

	if (head->size != sizeof(*end))
		return wrong(s, "end: size %u", head->size);
	for (i = 0; i < s->nr_runs; i++)
		entries += s->run[i].nr;
	if (end->vmas != s->nr_vmas || end->runs != s->nr_runs ||
	    end->entries != entries)
		return wrong(s, "end: %llu vmas, %llu runs, %llu entries; there are %zu, %zu, %llu",
			     end->vmas, end->runs, end->entries, s->nr_vmas,
			     s->nr_runs, entries);
	if (end->flags & ~MMSCOPE_END_CHANGED)
		return wrong(s, "end: flags %x", end->flags);
	s->end = end;
	return true;
}

/* In the order in which they come. */
static const struct {
	__u32 parts;
	bool (*check)(struct stream *s, const struct mmscope_head *head);
} rules[] = {
	[MMSCOPE_REC_TASK] = { ~0u, check_task },
	[MMSCOPE_REC_NAMES] = { PARTS_NAMED, check_names },
	[MMSCOPE_REC_MM] = { MMSCOPE_PART_MM, check_mm },
	[MMSCOPE_REC_VMA] = { MMSCOPE_PART_VMAS | MMSCOPE_PART_WALK, check_vma },
	[MMSCOPE_REC_RUNS] = { MMSCOPE_PART_PAGETABLE, check_runs },
	[MMSCOPE_REC_WALK] = { MMSCOPE_PART_WALK, check_walk },
	[MMSCOPE_REC_END] = { ~0u, check_end },
};

static const unsigned char rank[] = {
	[MMSCOPE_REC_TASK] = 1,	[MMSCOPE_REC_NAMES] = 2,
	[MMSCOPE_REC_MM] = 3,	[MMSCOPE_REC_VMA] = 4,
	[MMSCOPE_REC_RUNS] = 5,	[MMSCOPE_REC_WALK] = 6,
	[MMSCOPE_REC_END] = 7,
};

/* What a stream that was not cut short has to hold. */
static bool check_whole(struct stream *s)
{
	__u32 parts = s->header->parts;

	if (!s->task)
		return wrong(s, "no task");
	if (s->task->flags & MMSCOPE_TASK_KTHREAD)
		parts = 0;
	if (s->end->status)
		return true;
	if (parts & PARTS_NAMED && (!s->names[1] || !s->names[2] || !s->names[3]))
		return wrong(s, "names are missing");
	if (parts & MMSCOPE_PART_MM && !s->mm)
		return wrong(s, "mm is missing");
	if (parts & MMSCOPE_PART_WALK && !s->walk)
		return wrong(s, "walk is missing");
	if (parts & ~PARTS_NAMED && !s->end->holds)
		return wrong(s, "nothing was held");
	return true;
}

static bool check_records(struct stream *s)
{
	size_t at = sizeof(*s->header);
	__u32 last = MMSCOPE_REC_TASK;

	while (!s->end) {
		const struct mmscope_head *head = (void *)(s->data + at);

		if (s->len - at < sizeof(*head))
			return wrong(s, "no END");
		if (head->size < sizeof(*head) || head->size % 8 ||
		    head->size > s->len - at)
			return wrong(s, "record %u at %zu: size %u", head->type,
				     at, head->size);
		if (head->type < MMSCOPE_REC_TASK || head->type > MMSCOPE_REC_END)
			return wrong(s, "record at %zu: type %u", at, head->type);
		if (!(rules[head->type].parts & s->header->parts))
			return wrong(s, "record %u was not asked for", head->type);
		if (rank[head->type] < rank[last])
			return wrong(s, "record %u after %u", head->type, last);
		if (!rules[head->type].check(s, head))
			return false;
		last = head->type;
		at += head->size;
	}
	if (at != s->len)
		return wrong(s, "%zu bytes behind END", s->len - at);
	return check_whole(s);
}

/* Reading */

int query_open(void)
{
	int fd = open(MMSCOPE_DIR "/query", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("cannot open query: %s", strerror(errno));
	return fd;
}

int query_ask(int fd, pid_t pid, __u32 parts, __u64 start, __u64 end)
{
	const struct mmscope_query query = {
		.size = sizeof(query),
		.abi = MMSCOPE_ABI,
		.parts = parts,
		.pid = pid,
		.start = start,
		.end = end,
	};
	ssize_t ret = write(fd, &query, sizeof(query));

	if (ret < 0)
		return errno;
	if (ret != sizeof(query))
		die("query took %zd bytes", ret);
	return 0;
}

static int read_all(int fd, struct stream *s)
{
	size_t room = 0;
	ssize_t ret;

	do {
		if (room - s->len < 65536) {
			room = room ? room * 2 : 131072;
			s->data = realloc(s->data, room);
			if (!s->data)
				die("out of memory at %zu bytes", s->len);
		}
		ret = read(fd, s->data + s->len, room - s->len);
		if (ret > 0)
			s->len += ret;
	} while (ret > 0 || (ret < 0 && errno == EINTR));
	return ret ? errno : 0;
}

int stream_read(int fd, struct stream **stream)
{
	struct stream *s = calloc(1, sizeof(*s));
	int err = read_all(fd, s);

	if (err) {
		stream_free(s);
		return err;
	}
	if (check_header(s))
		check_records(s);
	*stream = s;
	return 0;
}

int stream_try(pid_t pid, __u32 parts, struct stream **stream)
{
	int fd = query_open();
	int err = query_ask(fd, pid, parts, 0, 0);

	*stream = NULL;
	if (!err)
		err = stream_read(fd, stream);
	close(fd);
	if (err)
		return err;
	if (*(*stream)->wrong)
		die("wrong stream of %d: %s", pid, (*stream)->wrong);
	return (*stream)->end->status;
}

struct stream *stream_get(pid_t pid, __u32 parts, __u64 start, __u64 end)
{
	int fd = query_open();
	struct stream *s;
	int err;

	err = query_ask(fd, pid, parts, start, end);
	if (err)
		die("query of %d: %s", pid, strerror(err));
	err = stream_read(fd, &s);
	if (err)
		die("stream of %d: %s", pid, strerror(err));
	if (*s->wrong)
		die("wrong stream of %d: %s", pid, s->wrong);
	if (s->end->status)
		die("stream of %d was cut short: %s", pid,
		    strerror(s->end->status));
	if (s->header->parts != parts)
		die("asked for parts %x, got %x", parts, s->header->parts);
	close(fd);
	return s;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	free(stream->data);
	free(stream->vma);
	free(stream->run);
	free(stream);
}
