// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records as text, a line each.
 *
 * BUMP MMSCOPE_ABI when a column or a name goes or changes its meaning. What
 * is new stands before the name, which may hold blanks, or on its own line.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/resource.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/time64.h>

#include "names.h"
#include "record.h"
#include "text.h"
#include "view.h"

/**
 * struct text - a view on its way through seq_file
 * @view: where the records come from
 * @pos: seq_file's number of the current item
 * @offset: of the current record in the view's buffer
 * @word: of the current run in a record of runs
 * @ended: there is no current item, nor will there be
 */
struct text {
	struct mmscope_view *view;
	loff_t pos;
	size_t offset;
	unsigned int word;
	bool ended;
};

static const void *current_record(const struct text *text)
{
	return text->view->buf.data + text->offset;
}

/* Names */

static void show_flags(struct seq_file *m, const struct mmscope_flag *flag,
		       u64 flags, char separator)
{
	bool any = false;

	for (; flag->name; flag++) {
		if (!(flags & flag->mask))
			continue;
		if (any)
			seq_putc(m, separator);
		seq_puts(m, flag->name);
		any = true;
	}
	if (!any)
		seq_putc(m, '-');
}

/* What the attributes of an entry are called, a letter each. */
static const char attr_letters[] = {
	'r', 'w', 'x', 'u', 'a', 'd', 's', 'p', 'g', 'S', 'n', 'D', 'e', 'c',
	'X',
};

#define ATTR_LEGEND							\
	"# attrs: r read, w write, x exec, u user, a accessed, d dirty, "	\
	"s soft-dirty,\n"						\
	"#        p uffd-wp, g global, S special, n uncached, D devmap, "	\
	"e exclusive,\n"						\
	"#        c contiguous, X exec by the kernel\n"
/* The first ones have a column each, the rest stand only where they are set. */
#define ATTR_COLUMNS	7

static void show_attrs(struct seq_file *m, u32 attrs)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attr_letters); i++) {
		if (attrs & BIT(i))
			seq_putc(m, attr_letters[i]);
		else if (i < ATTR_COLUMNS)
			seq_putc(m, '-');
	}
}

static void show_range(struct seq_file *m, u64 start, u64 end)
{
	seq_printf(m, "%012llx-%012llx", start, end);
}

/* mm */

enum unit { ADDRESS, PAGES, BYTES, COUNT32 };

struct field {
	const char *name;
	unsigned int offset;
	enum unit unit;
};

#define FIELD(name, unit)	{ #name, offsetof(struct mmscope_mm, name), unit }

static const struct field mm_fields[] = {
	FIELD(mmap_base,		ADDRESS),
	FIELD(mmap_legacy_base,		ADDRESS),
	FIELD(task_size,		ADDRESS),
	FIELD(start_code,		ADDRESS),
	FIELD(end_code,			ADDRESS),
	FIELD(start_data,		ADDRESS),
	FIELD(end_data,			ADDRESS),
	FIELD(start_brk,		ADDRESS),
	FIELD(brk,			ADDRESS),
	FIELD(start_stack,		ADDRESS),
	FIELD(arg_start,		ADDRESS),
	FIELD(arg_end,			ADDRESS),
	FIELD(env_start,		ADDRESS),
	FIELD(env_end,			ADDRESS),
	FIELD(total_vm,			PAGES),
	FIELD(hiwater_vm,		PAGES),
	FIELD(locked_vm,		PAGES),
	FIELD(pinned_vm,		PAGES),
	FIELD(data_vm,			PAGES),
	FIELD(exec_vm,			PAGES),
	FIELD(stack_vm,			PAGES),
	FIELD(hiwater_rss,		PAGES),
	FIELD(rss_file,			PAGES),
	FIELD(rss_anon,			PAGES),
	FIELD(rss_shmem,		PAGES),
	FIELD(rss_swap,			PAGES),
	FIELD(pgtables_bytes,		BYTES),
	FIELD(map_count,		COUNT32),
	FIELD(mm_users,			COUNT32),
	FIELD(mm_count,			COUNT32),
};

static void show_field(struct seq_file *m, const struct field *field,
		       const void *rec)
{
	const void *value = rec + field->offset;

	seq_printf(m, "%s: ", field->name);
	switch (field->unit) {
	case ADDRESS:
		seq_printf(m, "0x%llx\n", *(const u64 *)value);
		break;
	case PAGES:
		seq_printf(m, "%llu pages\n", *(const u64 *)value);
		break;
	case BYTES:
		seq_printf(m, "%llu bytes\n", *(const u64 *)value);
		break;
	case COUNT32:
		seq_printf(m, "%u\n", *(const u32 *)value);
		break;
	}
}

static void show_kernel_address(struct seq_file *m, u64 address, bool shown)
{
	if (shown)
		seq_printf(m, " 0x%llx", address);
	else
		seq_puts(m, " withheld (needs CAP_SYSLOG)");
}

static void show_layout(struct seq_file *m, const struct text *text,
			const struct mmscope_mm *mm)
{
	const struct mmscope_target *target = &text->view->target;
	const char *exe = mmscope_record_tail(mm);
	bool shown = target->flags & MMSCOPE_TASK_ADDRESSES;
	bool flexible = mm->layout == MMSCOPE_LAYOUT_FLEXIBLE;

	seq_puts(m, "exe: ");
	seq_escape(m, exe, "\n");
	seq_printf(m, "\nlayout: %s\n", flexible ? "flexible" : "classic");
	seq_puts(m, target->flags & MMSCOPE_TASK_RANDOMIZED ?
		 "aslr: on\n" : "aslr: off\n");
	seq_puts(m, "pgd:");
	show_kernel_address(m, mm->pgd, shown);
	seq_puts(m, "\nget_unmapped_area:");
	if (mm->area_len) {
		seq_printf(m, " %s", exe + mm->exe_len + 1);
		show_kernel_address(m, mm->get_unmapped_area, shown);
	} else {
		/* No pointer in this kernel: a flag in the mm decides. */
		seq_printf(m, " %s", flexible ? "top-down" : "bottom-up");
	}
	seq_putc(m, '\n');
}

static void show_limits(struct seq_file *m, const struct mmscope_mm *mm)
{
	if (mm->rlimit_stack == RLIM_INFINITY)
		seq_puts(m, "rlimit_stack: unlimited\n");
	else
		seq_printf(m, "rlimit_stack: %llu bytes\n", mm->rlimit_stack);
	seq_printf(m, "stack_guard_gap: %llu bytes%s\n", mm->stack_guard_gap,
		   mm->gap_flags & MMSCOPE_GAP_ASSUMED ?
		   " (the kernel's default)" : "");
}

static void show_mm(struct seq_file *m, const struct text *text)
{
	const struct mmscope_mm *mm = current_record(text);
	unsigned int i;

	show_layout(m, text, mm);
	for (i = 0; i < ARRAY_SIZE(mm_fields); i++)
		show_field(m, &mm_fields[i], mm);
	show_limits(m, mm);
	seq_printf(m, "def_flags: 0x%llx ", mm->def_flags);
	show_flags(m, mmscope_vma_flags, mm->def_flags, ' ');
	seq_printf(m, "\nflags: 0x%llx ", mm->flags);
	show_flags(m, mmscope_mm_flags, mm->flags, ' ');
	seq_putc(m, '\n');
}

/* vmas */

#define VMA_COLUMNS							\
	"# start      -end          perm offset   dev   inode    segment "	\
	"kind         page policy flags name\n"

static void show_policy(struct seq_file *m, const struct mmscope_vma *vma)
{
	unsigned long nodes = vma->policy_nodes;

	if (!vma->policy)
		seq_putc(m, '-');
	else
		seq_printf(m, "%s:%*pbl", mmscope_policy_name(vma->policy),
			   BITS_PER_LONG, &nodes);
}

/* Offset and the like stand as in /proc/PID/maps. */
static void show_vma(struct seq_file *m, const struct text *text)
{
	const struct mmscope_vma *vma = current_record(text);
	bool file = vma->ino || vma->dev_major || vma->dev_minor;

	show_range(m, vma->start, vma->end);
	seq_printf(m, " %c%c%c%c %08llx %02x:%02x %-8llu %-7s %-12s %lluk ",
		   vma->perms & MMSCOPE_READ ? 'r' : '-',
		   vma->perms & MMSCOPE_WRITE ? 'w' : '-',
		   vma->perms & MMSCOPE_EXEC ? 'x' : '-',
		   vma->perms & MMSCOPE_SHARED ? 's' : 'p',
		   file ? vma->pgoff << PAGE_SHIFT : 0,
		   vma->dev_major, vma->dev_minor, vma->ino,
		   mmscope_segment_name(vma->segment),
		   mmscope_vma_kind_name(vma->kind),
		   (1ULL << vma->page_shift) >> 10);
	show_policy(m, vma);
	seq_putc(m, ' ');
	show_flags(m, mmscope_vma_flags, vma->flags, ',');
	if (vma->name_kind != MMSCOPE_NAME_NONE) {
		seq_putc(m, ' ');
		seq_escape(m, mmscope_record_tail(vma), "\n");
	}
	seq_putc(m, '\n');
}

/* pagetable */

/* 80 columns, where addresses and frames leave it at that. */
#define RUN_COLUMNS							\
	"# start      -end         lvl kind      count frame     "	\
	"raw              attrs\n"

static void show_frame(struct seq_file *m, const struct mmscope_run *run)
{
	char frame[32];

	if (run->kind == MMSCOPE_SWAP)
		scnprintf(frame, sizeof(frame), "%llu:%llx",
			  MMSCOPE_SWAP_DEVICE(run->frame),
			  MMSCOPE_SWAP_OFFSET(run->frame));
	else
		scnprintf(frame, sizeof(frame), "%llx", run->frame);
	seq_printf(m, " %-9s", frame);
}

static void show_run(struct seq_file *m, const struct text *text)
{
	struct mmscope_run run;

	mmscope_run_get(current_record(text), text->word, &run);
	show_range(m, run.start, mmscope_run_end(&run));
	seq_printf(m, " %-3s %-8s %6llu", mmscope_level_name(run.level),
		   mmscope_kind_name(run.kind), run.nr);
	show_frame(m, &run);
	seq_printf(m, " %016llx ", run.raw);
	show_attrs(m, run.attrs);
	seq_putc(m, '\n');
}

/* tables */

#define TABLE_COLUMNS							\
	"# start      -end         pte pages      used pmd pages      used "	\
	"pud pages      used\n"

static void show_tables(struct seq_file *m, const struct text *text)
{
	const struct mmscope_tables *tables = current_record(text);
	unsigned int level;

	show_range(m, tables->start, tables->end);
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PUD; level++)
		seq_printf(m, " %9u %9llu", tables->pages[level],
			   tables->used[level]);
	seq_putc(m, '\n');
}

static void show_fill(struct seq_file *m, const u32 *fill)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_FILL_BUCKETS; i++)
		if (fill[i])
			seq_printf(m, " %lu+:%u", i ? BIT(i - 1) : 0, fill[i]);
	seq_putc(m, '\n');
}

static void show_tables_sum(struct seq_file *m, const struct text *text)
{
	const struct mmscope_tables_sum *sum = current_record(text);
	unsigned int level;

	for (level = MMSCOPE_PTE; level <= MMSCOPE_PGD; level++) {
		if (!sum->pages[level])
			continue;
		seq_printf(m, "%s: %llu pages, %llu bytes, %llu entries used, tables by entries used:",
			   mmscope_level_name(level), sum->pages[level],
			   sum->pages[level] * sum->table_bytes,
			   sum->used[level]);
		show_fill(m, sum->fill[level]);
	}
	seq_printf(m, "deposited: %llu pages\n", sum->deposited);
	seq_printf(m, "pgtables_bytes: %llu bytes\n", sum->pgtables_bytes);
}

/* First and last lines */

static const struct title {
	u32 part;
	const char *name;
	const char *columns;
} titles[] = {
	{ MMSCOPE_PART_MM,		"mm",		"" },
	{ MMSCOPE_PART_VMAS,		"vmas",		VMA_COLUMNS },
	{ MMSCOPE_PART_PAGETABLE,	"pagetable",	ATTR_LEGEND RUN_COLUMNS },
	{ MMSCOPE_PART_TABLES,		"tables",	TABLE_COLUMNS },
};

static void show_task(struct seq_file *m, const struct text *text)
{
	const struct mmscope_task *task = current_record(text);
	const struct title *title = titles;

	while (!(title->part & text->view->asked))
		title++;
	seq_printf(m, "# mmscope %s, abi %u: pid %d (", title->name, MMSCOPE_ABI,
		   task->pid);
	seq_escape(m, task->comm, "\n");
	seq_puts(m, ")\n");
	if (task->flags & MMSCOPE_TASK_KTHREAD)
		seq_puts(m, "# a kernel thread: it has no user address space\n");
	else
		seq_puts(m, title->columns);
}

static void show_end(struct seq_file *m, const struct text *text)
{
	const struct mmscope_end *end = current_record(text);

	if (end->vmas)
		seq_printf(m, "# %llu vmas", end->vmas);
	else if (end->runs)
		seq_printf(m, "# %llu runs, %llu entries", end->runs,
			   end->entries);
	else
		seq_puts(m, "# end");
	if (end->holds)
		seq_printf(m, "; mmap_lock held %llu times, at most %llu us\n",
			   end->holds, div_u64(end->longest_ns, NSEC_PER_USEC));
	else
		seq_putc(m, '\n');
	if (end->flags & MMSCOPE_END_CHANGED)
		seq_puts(m, "# the mappings changed while this was read\n");
	if (end->status == ESRCH)
		seq_puts(m, "# cut short: the address space is gone\n");
}

static void (*const show_record[])(struct seq_file *, const struct text *) = {
	[MMSCOPE_REC_TASK] = show_task,
	[MMSCOPE_REC_MM] = show_mm,
	[MMSCOPE_REC_VMA] = show_vma,
	[MMSCOPE_REC_RUNS] = show_run,
	[MMSCOPE_REC_TABLES] = show_tables,
	[MMSCOPE_REC_TABLES_SUM] = show_tables_sum,
	[MMSCOPE_REC_END] = show_end,
};

/* seq_file */

static int next_slice(struct text *text)
{
	int ret = mmscope_view_fill(text->view);

	text->offset = 0;
	text->word = 0;
	text->ended = ret <= 0;
	return ret;
}

static void *current_item(struct text *text, int err)
{
	if (err < 0)
		return ERR_PTR(err);
	return text->ended ? NULL : text;
}

/* Runs between start and stop hold no lock: the slice was let go of before. */
static void *text_start(struct seq_file *m, loff_t *pos)
{
	struct text *text = m->private;

	if (*pos == text->pos && text->view->begun)
		return current_item(text, 0);

	/* The first read, or one after seeking back. */
	mmscope_view_rewind(text->view);
	text->pos = *pos;
	return current_item(text, next_slice(text));
}

/* Is there another run in the current record? */
static bool next_run(struct text *text)
{
	const struct mmscope_runs *runs = current_record(text);
	struct mmscope_run run;

	if (runs->head.type != MMSCOPE_REC_RUNS)
		return false;
	text->word = mmscope_run_get(runs, text->word, &run);
	return text->word < runs->nr;
}

static void *text_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct text *text = m->private;
	const struct mmscope_head *head = current_record(text);

	text->pos = ++*pos;
	if (next_run(text))
		return text;

	text->word = 0;
	text->offset += head->size;
	if (text->offset < text->view->buf.len)
		return text;
	return current_item(text, next_slice(text));
}

static void text_stop(struct seq_file *m, void *v)
{
}

static int text_show(struct seq_file *m, void *v)
{
	const struct text *text = m->private;
	const struct mmscope_head *head = current_record(text);

	if (head->type < ARRAY_SIZE(show_record) && show_record[head->type])
		show_record[head->type](m, text);
	return 0;
}

static const struct seq_operations text_ops = {
	.start = text_start,
	.next = text_next,
	.stop = text_stop,
	.show = text_show,
};

/**
 * mmscope_text_open() - make an open file show a view as text
 * @file: being opened; read with seq_read() from now on
 * @view: whose stream is shown; stays the caller's
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmscope_text_open(struct file *file, struct mmscope_view *view)
{
	struct text *text = __seq_open_private(file, &text_ops, sizeof(*text));

	if (!text)
		return -ENOMEM;
	view->headless = true;
	text->view = view;
	return 0;
}

/**
 * mmscope_text_view() - the view behind an open text file
 * @file: opened with mmscope_text_open()
 *
 * Return: the view.
 */
struct mmscope_view *mmscope_text_view(struct file *file)
{
	struct seq_file *m = file->private_data;
	struct text *text = m->private;

	return text->view;
}
