// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sizes.h"
#include "stream/rules.h"
#include "stream/runs.h"
#include "stream/unpack.h"

#ifdef __x86_64__
#define MACHINE	EM_X86_64
#else
#define MACHINE	EM_AARCH64
#endif

#define PARTS_NAMED	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_WALK)

/* Parts that cannot do without mmap_lock, even if they are empty. */
#define PARTS_LOCKED	(MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES | \
			 MMSCOPE_PART_UPPER | MMSCOPE_PART_SUMS)

static bool all_zero(const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		if (*p++)
			return false;
	return true;
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
	if (h->size != sizeof(*h) || h->flags & ~QUERY_FLAGS_ALL)
		return wrong(s, "header: size %u, flags %x", h->size, h->flags);
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
	if (strlen(mm_text(mm)) != mm->exe_len ||
	    strlen(mm_text(mm) + mm->exe_len + 1) != mm->area_len)
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

	if (head->size < sizeof(*names) || names->fixed != sizeof(*names) ||
	    names->name_size != sizeof(struct mmscope_name) ||
	    head->size != sizeof(*names) + names->nr * sizeof(struct mmscope_name))
		return wrong(s, "names: size %u, nr %u", head->size, names->nr);
	if (!names->of || names->of > MMSCOPE_NAMES_POLICIES ||
	    s->names[names->of])
		return wrong(s, "names: of %u", names->of);
	for (i = 0; i < names->nr; i++)
		if (!memchr(names_at(names, i)->name, 0, sizeof(names_at(names, i)->name)) ||
		    !*names_at(names, i)->name ||
		    name_of(s, names->of, names_at(names, i)->value))
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
	if (strlen(vma_name(vma)) != vma->name_len ||
	    !all_zero((char *)vma + used, head->size - used) ||
	    !all_zero(vma->__pad, sizeof(vma->__pad)))
		return wrong(s, "vma: name or padding");
	if (vma->start >= vma->end || vma->start % page || vma->end % page)
		return wrong(s, "vma: %llx-%llx", vma->start, vma->end);
	if (s->nr_vmas && s->vma[s->nr_vmas - 1]->end > vma->start)
		return wrong(s, "vma: %llx is out of order", vma->start);
	if (!vma->kind || vma->kind > MMSCOPE_SHARED_FILE || !vma->segment ||
	    vma->segment > MMSCOPE_SEG_SPECIAL ||
	    vma->name_kind > MMSCOPE_NAME_TOO_LONG)
		return wrong(s, "vma: %llx: an enum", vma->start);
	s->vma = realloc(s->vma, (s->nr_vmas + 1) * sizeof(*s->vma));
	s->vma[s->nr_vmas++] = vma;
	return true;
}

/* Every page is of one kind, and mapped either once or more than once. */
static bool check_residency_sums(struct stream *s,
				 const struct mmscope_residency *r)
{
	unsigned int shift = s->header->page_shift;
	__u64 mapped = r->pte + r->pmd + r->pud;

	if (mapped + r->zero + r->special + r->swapped + r->other + r->never !=
	    (r->end - r->start) >> shift)
		return wrong(s, "residency: %llx: pages are missing", r->start);
	if (r->anon + r->file + r->shmem + r->hugetlb != mapped)
		return wrong(s, "residency: %llx: kinds", r->start);
	if (r->exclusive + r->shared != mapped)
		return wrong(s, "residency: %llx: exclusive and shared",
			     r->start);
	if (r->cont > mapped || r->dirty > mapped || r->accessed > mapped ||
	    r->pss_bytes > mapped << shift)
		return wrong(s, "residency: %llx: more than is mapped", r->start);
	return true;
}

static bool check_residency(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_residency *r = (void *)head;
	size_t nr = ++s->nr_residencies;

	if (head->size != sizeof(*r))
		return wrong(s, "residency: size %u", head->size);
	if (!(s->header->flags & MMSCOPE_QUERY_RESIDENCY))
		return wrong(s, "residency is not part of the query");
	if (nr != s->nr_vmas || r->start != s->vma[nr - 1]->start ||
	    r->end != s->vma[nr - 1]->end)
		return wrong(s, "residency: %llx: not of the VMA before",
			     r->start);
	s->residency = realloc(s->residency, nr * sizeof(*s->residency));
	s->residency[nr - 1] = r;
	return check_residency_sums(s, r);
}

static bool check_runs(struct stream *s, const struct mmscope_head *head)
{
	return runs_expand(s, (void *)head);
}

static bool check_upper(struct stream *s, const struct mmscope_head *head)
{
	return upper_expand(s, (void *)head);
}

static bool check_tables(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_tables *t = (void *)head;
	unsigned int level;
	__u64 pages = 0;

	if (head->size != sizeof(*t))
		return wrong(s, "tables: size %u", head->size);
	if (t->start >= t->end ||
	    (s->nr_tables && s->tables[s->nr_tables - 1]->end > t->start))
		return wrong(s, "tables: %llx-%llx", t->start, t->end);
	for (level = 0; level < sizeof(s->header->level_shift); level++) {
		if ((t->pages[level] || t->used[level]) &&
		    !s->header->level_shift[level])
			return wrong(s, "tables: %llx: level %u", t->start, level);
		pages += t->pages[level];
	}
	if (!pages)
		return wrong(s, "tables: %llx: none", t->start);
	s->tables = realloc(s->tables, (s->nr_tables + 1) * sizeof(*s->tables));
	s->tables[s->nr_tables++] = t;
	return true;
}

/* Each table counts in the bucket for its number of entries. */
static bool check_fill(struct stream *s, const struct mmscope_tables_sum *sum,
		       unsigned int level)
{
	__u64 pages = 0, least = 0, most = 0, of_vmas = 0;
	size_t i;

	for (i = 0; i < MMSCOPE_FILL_BUCKETS; i++) {
		pages += sum->fill[level][i];
		least += sum->fill[level][i] * (i ? 1ULL << (i - 1) : 0);
		most += sum->fill[level][i] * ((1ULL << i) - 1);
	}
	if (pages != sum->pages[level] || sum->used[level] < least ||
	    sum->used[level] > most)
		return wrong(s, "tables_sum: level %u: %llu pages, %llu used; fill says %llu, %llu-%llu",
			     level, sum->pages[level], sum->used[level], pages,
			     least, most);
	for (i = 0; i < s->nr_tables; i++)
		of_vmas += s->tables[i]->pages[level];
	if (of_vmas != sum->pages[level] ||
	    (pages && !s->header->level_shift[level]))
		return wrong(s, "tables_sum: level %u: %llu pages, by VMA %llu",
			     level, pages, of_vmas);
	return true;
}

static bool check_tables_sum(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_tables_sum *sum = (void *)head;
	unsigned int level;

	if (head->size != sizeof(*sum) || s->sum)
		return wrong(s, "tables_sum: size or number");
	if (sum->table_bytes != 1ULL << s->header->page_shift)
		return wrong(s, "tables_sum: table_bytes %llu", sum->table_bytes);
	for (level = 0; level < sizeof(s->header->level_shift); level++)
		if (!check_fill(s, sum, level))
			return false;
	s->sum = sum;
	return true;
}

static bool check_walk(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_walk *walk = (void *)head;

	if (head->size < sizeof(*walk) || walk->fixed != sizeof(*walk) ||
	    walk->step_size != sizeof(struct mmscope_step) ||
	    head->size != sizeof(*walk) + walk->nr * walk->step_size || s->walk)
		return wrong(s, "walk: size or number");
	if (walk->nr > s->header->levels || !walk->stop ||
	    walk->stop > MMSCOPE_STOP_KERNEL || walk->__pad)
		return wrong(s, "walk: nr %u, stop %u", walk->nr, walk->stop);
	s->walk = walk;
	return true;
}

static bool check_sums(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_sums *sums = (void *)head;
	__u64 mapped = sums->pte + sums->pmd + sums->pud;

	if (head->size != sizeof(*sums) || s->sums)
		return wrong(s, "sums: size or number");
	if (sums->anon + sums->file + sums->shmem + sums->hugetlb != mapped ||
	    sums->exclusive + sums->shared != mapped)
		return wrong(s, "sums: kinds, or exclusive and shared");
	if (sums->hugetlb_exclusive > sums->hugetlb ||
	    sums->hugetlb_exclusive > sums->exclusive ||
	    sums->cont > mapped || sums->dirty > mapped ||
	    sums->accessed > mapped)
		return wrong(s, "sums: more than is mapped");
	s->sums = sums;
	return true;
}

static bool check_kernel_stack(struct stream *s, const struct mmscope_thread *t)
{
	bool shown = s->task->flags & MMSCOPE_TASK_ADDRESSES;

	if (!!t->kernel_stack != shown || t->kernel_stack % t->kernel_size)
		return wrong(s, "thread %d: kernel stack at %llx", t->tid,
			     t->kernel_stack);
	if (t->kernel_used > t->kernel_size || t->kernel_used % 8 ||
	    (t->kernel_used && !(t->flags & MMSCOPE_THREAD_CURRENT)))
		return wrong(s, "thread %d: %u bytes of the kernel stack used",
			     t->tid, t->kernel_used);
	return true;
}

static bool check_thread(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_thread *t = (void *)head;

	if (head->size != sizeof(*t))
		return wrong(s, "thread: size %u", head->size);
	if (t->tid <= 0 || t->tgid <= 0 ||
	    (s->nr_threads && s->thread[s->nr_threads - 1]->tid >= t->tid))
		return wrong(s, "thread %d is out of order", t->tid);
	if (t->flags & ~(2 * MMSCOPE_THREAD_32BIT - 1) ||
	    !memchr("RSDTtXZPI", t->state, 9) ||
	    !memchr(t->comm, 0, sizeof(t->comm)) ||
	    !all_zero(t->__pad, sizeof(t->__pad)))
		return wrong(s, "thread %d: flags, state, comm or padding", t->tid);
	s->thread = realloc(s->thread, (s->nr_threads + 1) * sizeof(*s->thread));
	s->thread[s->nr_threads++] = t;
	return check_kernel_stack(s, t);
}

static bool check_kernel(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_kernel *k = (void *)head;
	__u32 flags = MMSCOPE_KERNEL_PTI | MMSCOPE_KERNEL_ONE_ROOT;

	if (head->size != sizeof(*k) || s->kernel)
		return wrong(s, "kernel: size or number");
	if (!k->root || !k->used || k->used < k->same + k->own ||
	    k->flags & ~flags || (__s64)k->start >= 0)
		return wrong(s, "kernel: flags, or number of entries");
	if (!!(k->flags & MMSCOPE_KERNEL_PTI) != !!k->user_root ||
	    (!k->user_root && k->user_used) || k->user_used > k->used)
		return wrong(s, "kernel: tables of user mode");
	s->kernel = k;
	return true;
}

/* Regions end before the end of all addresses, so that ends can be compared. */
static bool check_region(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_kernel_region *r = (void *)head;
	const struct mmscope_kernel_region *before;
	size_t i;

	if (head->size != sizeof(*r) || !s->kernel)
		return wrong(s, "region: size, or no kernel record before");
	if (!r->area || r->area > MMSCOPE_AREA_PCI_IO ||
	    r->flags & ~MMSCOPE_REGION_BEST_EFFORT || region_of(s, r->area))
		return wrong(s, "region: %llx: area %u, flags %x", r->start,
			     r->area, r->flags);
	if (r->start < s->kernel->start || r->start + r->size <= r->start)
		return wrong(s, "region: %llx, %llx bytes", r->start, r->size);
	for (i = 0; i < s->nr_regions; i++) {
		before = s->region[i];
		if (before->start > r->start ||
		    (before->start + before->size > r->start &&
		     before->start + before->size < r->start + r->size))
			return wrong(s, "region: %llx overlaps %llx", r->start,
				     before->start);
	}
	s->region = realloc(s->region, (s->nr_regions + 1) * sizeof(*s->region));
	s->region[s->nr_regions++] = r;
	return true;
}

/* Runs ascend, and are flagged if they are both writable and executable. */
static bool check_kernel_run(struct stream *s, const struct mmscope_head *head)
{
	const struct mmscope_kernel_run *r = (void *)head, *before;
	__u32 wx = r->attrs & (MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_KERNEL_EXEC) &&
		   r->attrs & MMSCOPE_ATTR_WRITE;

	if (head->size != sizeof(*r) || r->__pad || r->level < MMSCOPE_PTE ||
	    r->level > MMSCOPE_PGD || !s->header->level_shift[r->level])
		return wrong(s, "kernel run: size, padding or level");
	if ((__s64)r->start >= 0 || !r->size || (r->start | r->size) &
	    ((1ULL << s->header->level_shift[r->level]) - 1) ||
	    (r->start + r->size && r->start + r->size < r->start))
		return wrong(s, "kernel run: %llx, %llx bytes", r->start, r->size);
	if (r->kind != MMSCOPE_PRESENT && r->kind != MMSCOPE_TABLE)
		return wrong(s, "kernel run: %llx: kind %u", r->start, r->kind);
	if (r->flags != (wx ? MMSCOPE_KERNEL_RUN_WX : 0) ||
	    r->attrs & (MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY))
		return wrong(s, "kernel run: %llx: flags %x, attrs %x", r->start,
			     r->flags, r->attrs);
	before = s->nr_kruns ? s->krun[s->nr_kruns - 1] : NULL;
	if (before && before->start >= r->start)
		return wrong(s, "kernel run: %llx is out of order", r->start);
	s->krun = realloc(s->krun, (s->nr_kruns + 1) * sizeof(*s->krun));
	s->krun[s->nr_kruns++] = r;
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
	if (end->threads != s->nr_threads)
		return wrong(s, "end: %llu threads; there are %zu", end->threads,
			     s->nr_threads);
	if (end->upper != s->nr_upper)
		return wrong(s, "end: %llu upper entries; there are %zu",
			     end->upper, s->nr_upper);
	if (end->flags & ~(MMSCOPE_END_CHANGED | MMSCOPE_END_CONSISTENT))
		return wrong(s, "end: flags %x", end->flags);
	if (end->flags & MMSCOPE_END_CONSISTENT &&
	    !(s->header->flags & MMSCOPE_QUERY_CONSISTENT))
		return wrong(s, "end: consistent without the flag in the query");
	s->end = end;
	return true;
}

/*
 * Which records a stream may have, in the order of their ranks. For records of
 * the same rank, check() knows the order. Without it, any content is valid.
 */
static const struct {
	__u32 parts;
	unsigned int rank;
	bool (*check)(struct stream *s, const struct mmscope_head *head);
} rules[] = {
	[MMSCOPE_REC_TASK] = { ~0u, 1, check_task },
	[MMSCOPE_REC_NAMES] = { PARTS_NAMED, 2, check_names },
	[MMSCOPE_REC_MM] = { MMSCOPE_PART_MM, 3, check_mm },
	[MMSCOPE_REC_VMA] = { MMSCOPE_PART_VMAS | MMSCOPE_PART_WALK, 4, check_vma },
	[MMSCOPE_REC_RESIDENCY] = { MMSCOPE_PART_VMAS, 4, check_residency },
	[MMSCOPE_REC_UPPER] = { MMSCOPE_PART_UPPER, 5, check_upper },
	[MMSCOPE_REC_RUNS] = { MMSCOPE_PART_PAGETABLE, 6, check_runs },
	[MMSCOPE_REC_WALK] = { MMSCOPE_PART_WALK, 7, check_walk },
	[MMSCOPE_REC_TABLES] = { MMSCOPE_PART_TABLES, 8, check_tables },
	[MMSCOPE_REC_TABLES_SUM] = { MMSCOPE_PART_TABLES, 9, check_tables_sum },
	[MMSCOPE_REC_THREAD] = { MMSCOPE_PART_THREADS, 10, check_thread },
	[MMSCOPE_REC_KERNEL] = { MMSCOPE_PART_KERNEL_LAYOUT, 11, check_kernel },
	[MMSCOPE_REC_KERNEL_REGION] = { MMSCOPE_PART_KERNEL_LAYOUT, 12, check_region },
	[MMSCOPE_REC_KERNEL_RUN] = { MMSCOPE_PART_KERNEL_PAGETABLE, 13, check_kernel_run },
	[MMSCOPE_REC_SUMS] = { MMSCOPE_PART_SUMS, 7, check_sums },
	[MMSCOPE_REC_END] = { ~0u, 20, check_end },
};

/* Runs that could be one have to be in different VMAs. */
static bool check_bounds(struct stream *s)
{
	const struct mmscope_vma *vma;
	size_t i;

	for (i = 1; i < s->nr_runs; i++) {
		if (!runs_mergeable(s, &s->run[i - 1], &s->run[i]))
			continue;
		vma = vma_at(s, s->run[i].start);
		if (vma && vma->start < s->run[i].start)
			return wrong(s, "run: %llx could be one with %llx",
				     s->run[i - 1].start, s->run[i].start);
	}
	return true;
}

/* The records that a complete stream must have. */
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
	if (parts & MMSCOPE_PART_TABLES && !s->sum)
		return wrong(s, "tables_sum is missing");
	if (parts & MMSCOPE_PART_SUMS && !s->sums)
		return wrong(s, "sums are missing");
	if (parts & MMSCOPE_PART_KERNEL_LAYOUT && (!s->kernel || !s->nr_regions))
		return wrong(s, "kernel is missing");
	if (s->header->flags & MMSCOPE_QUERY_RESIDENCY &&
	    s->nr_residencies != s->nr_vmas)
		return wrong(s, "residency is missing");
	if (parts && s->header->flags & MMSCOPE_QUERY_CONSISTENT &&
	    !(s->end->flags & MMSCOPE_END_CONSISTENT))
		return wrong(s, "the VMAs are not consistent");
	if (parts & PARTS_LOCKED && !s->end->holds)
		return wrong(s, "no lock was held");
	return s->end->flags & MMSCOPE_END_CHANGED || check_bounds(s);
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
		if (!head->type || head->type >= ARRAY_SIZE(rules))
			return wrong(s, "record at %zu: type %u", at, head->type);
		if (!(rules[head->type].parts & s->header->parts))
			return wrong(s, "record %u is not part of the query", head->type);
		if (rules[head->type].rank < rules[last].rank)
			return wrong(s, "record %u after %u", head->type, last);
		if (rules[head->type].check &&
		    !rules[head->type].check(s, head))
			return false;
		last = head->type;
		at += head->size;
	}
	if (at != s->len)
		return wrong(s, "%zu bytes after END", s->len - at);
	return check_whole(s);
}

void rules_check(struct stream *s)
{
	if (check_header(s))
		check_records(s);
}
