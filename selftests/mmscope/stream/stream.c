// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "stream/stream.h"

bool wrong(struct stream *stream, const char *format, ...)
{
	va_list args;

	if (*stream->wrong)
		return false;
	va_start(args, format);
	vsnprintf(stream->wrong, sizeof(stream->wrong), format, args);
	va_end(args);
	return false;
}

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr)
{
	size_t i;

	for (i = 0; i < stream->nr_vmas; i++)
		if (stream->vma[i]->start <= addr && addr < stream->vma[i]->end)
			return stream->vma[i];
	return NULL;
}

const struct mmscope_kernel_region *region_of(const struct stream *stream, __u32 area)
{
	size_t i;

	for (i = 0; i < stream->nr_regions; i++)
		if (stream->region[i]->area == area)
			return stream->region[i];
	return NULL;
}

const struct mmscope_thread *thread_of(const struct stream *stream, pid_t tid)
{
	size_t i;

	for (i = 0; i < stream->nr_threads; i++)
		if (stream->thread[i]->tid == tid)
			return stream->thread[i];
	return NULL;
}

const struct upper *upper_at(const struct stream *stream, unsigned int level,
			     __u64 addr)
{
	size_t i;

	for (i = 0; i < stream->nr_upper; i++) {
		const struct upper *upper = &stream->upper[i];

		if (upper->level == level &&
		    !((upper->start ^ addr) >> stream->header->level_shift[level]))
			return upper;
	}
	return NULL;
}

const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value)
{
	const struct mmscope_names *names = stream->names[of];
	__u32 i;

	for (i = 0; names && i < names->nr; i++)
		if (names_at(names, i)->value == value)
			return names_at(names, i)->name;
	return NULL;
}

bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name)
{
	const struct mmscope_names *names = stream->names[of];
	__u32 i;

	for (i = 0; names && i < names->nr; i++)
		if (!strcmp(names_at(names, i)->name, name))
			return flags >> names_at(names, i)->value & 1;
	die("the stream has no flag called \"%s\"", name);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	free(stream->data);
	free(stream->vma);
	free(stream->residency);
	free(stream->run);
	free(stream->upper);
	free(stream->tables);
	free(stream->thread);
	free(stream->region);
	free(stream->krun);
	free(stream);
}
