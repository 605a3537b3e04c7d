// SPDX-License-Identifier: GPL-2.0-only
/*
 * A view as text, through seq_file: a line for each record.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "part.h"
#include "text.h"
#include "text_file.h"
#include "text_line.h"
#include "view.h"

/* One read returns no more than is in the buffer of seq_file. */
#define TEXT_BYTES	(16 * 1024)

/**
 * struct text_file - what an open file needs
 * @text: its view
 * @phrase: of @text
 */
struct text_file {
	struct mmscope_text text;
	struct mmscope_phrase phrase[MMSCOPE_PHRASES];
};

static void (*const show_record[])(struct seq_file *,
				   const struct mmscope_text *) = {
	[MMSCOPE_REC_TASK] = mmscope_show_task,
	[MMSCOPE_REC_MM] = mmscope_show_mm,
	[MMSCOPE_REC_VMA] = mmscope_show_vma,
	[MMSCOPE_REC_RUNS] = mmscope_show_run,
	[MMSCOPE_REC_TABLES] = mmscope_show_tables,
	[MMSCOPE_REC_TABLES_SUM] = mmscope_show_tables_sum,
	[MMSCOPE_REC_THREAD] = mmscope_show_thread,
	[MMSCOPE_REC_KERNEL] = mmscope_show_kernel,
	[MMSCOPE_REC_KERNEL_REGION] = mmscope_show_kernel_region,
	[MMSCOPE_REC_KERNEL_RUN] = mmscope_show_kernel_run,
	[MMSCOPE_REC_END] = mmscope_show_end,
};

/* seq_file */

/* Return: the first item of the next slice, NULL if there is none, or an error. */
static void *next_slice(struct mmscope_text *text)
{
	int ret = mmscope_view_fill(text->view);

	text->offset = 0;
	text->word = 0;
	text->pending = ret == -EINTR;
	text->ended = !ret;
	if (ret < 0)
		return ERR_PTR(ret);
	return ret ? text : NULL;
}

/* No lock is held between start and stop: the slice was made before. */
static void *text_start(struct seq_file *m, loff_t *pos)
{
	struct mmscope_text *text = m->private;

	/* The first read, or one after a seek, which reads from the start again. */
	if (*pos != text->pos || !text->view->begun) {
		mmscope_view_rewind(text->view);
		text->pos = *pos;
		text->pending = true;
	}
	if (text->pending)
		return next_slice(text);
	return text->ended ? NULL : text;
}

/* Is there another run in the current record? */
static bool next_run(struct mmscope_text *text)
{
	const struct mmscope_runs *runs = mmscope_text_record(text);

	if (runs->head.type != MMSCOPE_REC_RUNS)
		return false;
	text->word = mmscope_run_next(runs, text->word);
	return text->word < runs->nr;
}

static void *text_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct mmscope_text *text = m->private;
	const struct mmscope_head *head = mmscope_text_record(text);

	text->pos = ++*pos;
	if (next_run(text))
		return text;

	text->word = 0;
	text->offset += head->size;
	if (text->offset < text->job->buf.len)
		return text;
	return next_slice(text);
}

static void text_stop(struct seq_file *m, void *v)
{
}

static int text_show(struct seq_file *m, void *v)
{
	const struct mmscope_text *text = m->private;
	const struct mmscope_head *head = mmscope_text_record(text);

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

/* Without it, seq_file has a page. */
static void enlarge_buffer(struct seq_file *m)
{
	m->buf = kvmalloc(TEXT_BYTES, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (m->buf)
		m->size = TEXT_BYTES;
}

/**
 * mmscope_text_open() - make an open file show a view as text
 * @file: being opened; read with seq_read() from now on
 * @view: makes the stream; stays the caller's
 * @name: of the file, static
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmscope_text_open(struct file *file, struct mmscope_view *view,
		      const char *name)
{
	struct text_file *opened = __seq_open_private(file, &text_ops,
						      sizeof(*opened));
	struct mmscope_text *text;

	if (!opened)
		return -ENOMEM;
	text = &opened->text;
	enlarge_buffer(file->private_data);
	view->job.headless = true;
	text->phrase = opened->phrase;
	text->view = view;
	text->job = &view->job;
	text->name = name;
	return 0;
}

/**
 * mmscope_text_view() - the view of an open text file
 * @file: opened with mmscope_text_open()
 *
 * Return: the view.
 */
struct mmscope_view *mmscope_text_view(struct file *file)
{
	struct seq_file *m = file->private_data;
	struct mmscope_text *text = m->private;

	return text->view;
}
