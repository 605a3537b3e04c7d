// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "thread_names.h"
#include "wrap.h"

/* Threads of one name, but for a number at its end, by ascending id. */
struct group {
	const struct thread *const *thread;
	size_t nr;
};

/**
 * struct list - the list that is being drawn
 * @wrap: its lines
 * @item: the next item: a name, an id or a range of ids
 * @named: number of threads that the lines so far name
 */
struct list {
	struct wrap wrap;
	struct text item;
	size_t named;
};

/* Length of a name without a number at its end. */
static int stem(const char *comm)
{
	size_t len = strlen(comm);

	while (len && isdigit((unsigned char)comm[len - 1]))
		len--;
	return (int)(len ? len : strlen(comm));
}

static int compare_names(const struct thread *a, const struct thread *b)
{
	int x = stem(a->rec->comm), y = stem(b->rec->comm);
	int order = strncmp(a->rec->comm, b->rec->comm,
			    (size_t)(x < y ? x : y));

	return order ? order : (x > y) - (x < y);
}

static int compare_ids(const struct thread *a, const struct thread *b)
{
	return (a->rec->tid > b->rec->tid) - (a->rec->tid < b->rec->tid);
}

static int by_id(const void *a, const void *b)
{
	return compare_ids(*(const struct thread *const *)a,
			   *(const struct thread *const *)b);
}

static int by_name(const void *a, const void *b)
{
	int order = compare_names(*(const struct thread *const *)a,
				  *(const struct thread *const *)b);

	return order ? order : by_id(a, b);
}

static int by_first_id(const void *a, const void *b)
{
	return compare_ids(*((const struct group *)a)->thread,
			   *((const struct group *)b)->thread);
}

static void put_name(const struct pen *pen, const struct group *group,
		     struct text *out)
{
	const char *comm = group->thread[0]->rec->comm;
	char name[sizeof(group->thread[0]->rec->comm) + 1];
	struct text escaped = { 0 };
	bool same = true;

	for (size_t i = 1; i < group->nr && same; i++)
		same = !strcmp(group->thread[i]->rec->comm, comm);
	if (same)
		snprintf(name, sizeof(name), "%s", comm);
	else
		snprintf(name, sizeof(name), "%.*s*", stem(comm), comm);
	text_escape(&escaped, name, pen->opt->utf8);
	/* Escapes must not push the id out of the picture. */
	if (escaped.len && text_width(escaped.s) > sizeof(name))
		text_fit(out, escaped.s, sizeof(name), pen->glyph->more);
	else if (escaped.len)
		text_puts(out, escaped.s);
	text_puts(out, " ");
	text_free(&escaped);
}

/* Number of threads from the first one on whose ids follow each other. */
static size_t count_range(const struct thread *const *threads, size_t nr)
{
	size_t n = 1;

	while (n < nr && threads[n]->rec->tid == threads[n - 1]->rec->tid + 1)
		n++;
	return n;
}

static void add_group(struct list *list, const struct group *group)
{
	struct wrap *wrap = &list->wrap;
	size_t n;

	if (!wrap->pen->detail.nameless)
		put_name(wrap->pen, group, &list->item);
	for (size_t i = 0; i < group->nr && !wrap_is_full(wrap); i += n) {
		int32_t tid = group->thread[i]->rec->tid;

		n = count_range(&group->thread[i], group->nr - i);
		text_printf(&list->item, "%" PRId32, tid);
		if (n > 1)
			text_printf(&list->item, "-%" PRId32,
				    tid + (int32_t)n - 1);
		wrap_add(wrap, list->item.s);
		text_clear(&list->item);
		list->named += wrap_is_full(wrap) ? 0 : n;
	}
}

/* Return: number of groups, which are in the order of their first ids. */
static size_t find_groups(const struct pen *pen, const struct thread **threads,
			  size_t nr, struct group *groups)
{
	size_t n = 0;

	qsort(threads, nr, sizeof(*threads),
	      pen->detail.nameless ? by_id : by_name);
	for (size_t i = 0; i < nr; i++) {
		if (!n || (!pen->detail.nameless &&
			   compare_names(threads[i - 1], threads[i])))
			groups[n++] = (struct group){ .thread = &threads[i] };
		groups[n - 1].nr++;
	}
	qsort(groups, n, sizeof(*groups), by_first_id);
	return n;
}

static void draw_rest(const struct list *list, size_t nr)
{
	struct text line = { 0 };

	text_fill(&line, " ", list->wrap.indent);
	text_puts(&line, "and ");
	text_count(&line, nr - list->named);
	text_puts(&line, " more: see -a");
	pen_text(list->wrap.pen, list->wrap.region, "", line.s, COLOR_NONE);
	text_free(&line);
}

/**
 * thread_names_draw - draw names of threads, each with its ids
 * @pen: the pen; its detail limits the number of lines
 * @region: the region that they are drawn in
 * @title: what the list begins with
 * @threads: the threads
 * @nr: number of threads
 */
void thread_names_draw(const struct pen *pen, const struct region *region,
		       const char *title, const struct thread *const *threads,
		       size_t nr)
{
	const struct thread **sorted = grow(NULL, nr, sizeof(*sorted));
	struct group *groups = grow(NULL, nr, sizeof(*groups));
	struct list list = {
		.wrap = { .pen = pen, .region = region, .indent = 4,
			  .most = pen->detail.ids },
	};
	size_t nr_groups;

	memcpy(sorted, threads, nr * sizeof(*sorted));
	nr_groups = find_groups(pen, sorted, nr, groups);
	text_puts(&list.item, title);
	for (size_t i = 0; i < nr_groups && !wrap_is_full(&list.wrap); i++)
		add_group(&list, &groups[i]);
	wrap_end(&list.wrap);
	if (list.named < nr)
		draw_rest(&list, nr);
	text_free(&list.item);
	free(groups);
	free(sorted);
}
