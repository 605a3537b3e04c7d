// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "sizes.h"
#include "oracle/mappings.h"
#include "stream/read.h"

/* The way maps prints a path: only newlines are escaped. */
static void escape(char *to, const char *from)
{
	for (; *from; from++) {
		if (*from == '\n')
			to += sprintf(to, "\\012");
		else
			*to++ = *from;
	}
	*to = '\0';
}

static unsigned int name_kind(const char *name)
{
	if (!*name)
		return MMSCOPE_NAME_NONE;
	/* Not all have a slash: "anon_inode:[io_uring]" has none. */
	if (*name != '[')
		return MMSCOPE_NAME_PATH;
	return strncmp(name, "[anon", 5) ? MMSCOPE_NAME_SPECIAL :
					   MMSCOPE_NAME_ANON;
}

static bool wrong_name(const struct mmscope_vma *rec, const struct proc_vma *vma)
{
	static char escaped[4 * 4096 + 1];

	/* A stream has paths up to PATH_MAX. */
	if (strlen(vma->name) >= 4096)
		return rec->name_kind != MMSCOPE_NAME_TOO_LONG || rec->name_len;
	if (rec->name_kind != name_kind(vma->name))
		return true;
	escape(escaped, vma_name(rec));
	return strcmp(escaped, vma->name);
}

static bool wrong_perms(const struct mmscope_vma *rec, const struct proc_vma *vma)
{
	static const struct {
		char letter;
		__u8 bit;
	} perm[] = {
		{ 'r', MMSCOPE_READ }, { 'w', MMSCOPE_WRITE },
		{ 'x', MMSCOPE_EXEC }, { 's', MMSCOPE_SHARED },
	};
	size_t i;
	__u8 is = 0;

	for (i = 0; i < ARRAY_SIZE(perm); i++)
		if (vma->perms[i] == perm[i].letter)
			is |= perm[i].bit;
	return rec->perms != is;
}

/*
 * smaps prints flags in the order of their bits, and "??" for a bit without a
 * name. It leaves out protection keys, which have a line of their own, and
 * VM_MTE_ALLOWED.
 */
static bool wrong_flags(const struct stream *s, const struct mmscope_vma *rec,
			const struct proc_vma *vma)
{
	const char *flag = smaps_text(vma, "VmFlags");
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		const char *name = name_of(s, MMSCOPE_NAMES_VMA_FLAGS, bit);

		if (!(rec->flags >> bit & 1))
			continue;
		if (name && (!strncmp(name, "pkey", 4) ||
			     !strcmp(name, "mte-allowed")))
			continue;
		if (strlen(flag) < 2)
			return true;
		if (!name && strncmp(flag, "??", 2))
			return true;
		if (name && strncmp(flag, name, 2))
			return true;
		flag += strlen(flag) > 2 ? 3 : 2;
	}
	return *flag;
}

static bool wrong_key(const struct stream *s, const struct mmscope_vma *rec,
		      const struct proc_vma *vma)
{
	unsigned int bit, key = 0;

	if (!strstr(vma->block, "ProtectionKey:"))
		return false;
	for (bit = 0; bit < 64; bit++) {
		const char *name = name_of(s, MMSCOPE_NAMES_VMA_FLAGS, bit);

		if (name && !strncmp(name, "pkey", 4) && rec->flags >> bit & 1)
			key |= 1U << (name[4] - '0');
	}
	return key != smaps_kb(vma, "ProtectionKey");
}

static bool touches(const struct proc_vma *vma, __u64 start, __u64 end)
{
	return vma->start < end && vma->end > start;
}

/**
 * struct segments - of a target, by /proc/PID/stat
 * @code: begins and ends here
 * @data: begins and ends here
 * @heap: empty if the program never moved brk
 */
struct segments {
	__u64 code[2];
	__u64 data[2];
	struct proc_heap heap;
};

static struct segments segments_of(pid_t pid, const struct proc_maps *maps)
{
	return (struct segments){
		.code = { proc_stat(pid, 26), proc_stat(pid, 27) },
		.data = { proc_stat(pid, 45), proc_stat(pid, 46) },
		.heap = proc_heap(pid, maps),
	};
}

/* By the rules of uapi/mmscope.h. */
static bool wrong_segment(const struct segments *segments,
			  const struct mmscope_vma *rec,
			  const struct proc_vma *vma)
{
	const struct proc_heap *heap = &segments->heap;
	unsigned int is = MMSCOPE_SEG_MMAP;

	if (!strcmp(vma->name, "[vdso]"))
		is = MMSCOPE_SEG_VDSO;
	else if (!strncmp(vma->name, "[vvar", 5))
		is = MMSCOPE_SEG_VVAR;
	else if (!strcmp(vma->name, "[uprobes]"))
		is = MMSCOPE_SEG_SPECIAL;
	else if (touches(vma, segments->code[0], segments->code[1]))
		is = MMSCOPE_SEG_CODE;
	else if (touches(vma, segments->data[0], segments->data[1]))
		is = MMSCOPE_SEG_DATA;
	else if (heap->start < heap->end &&
		 touches(vma, heap->start, heap->end))
		is = MMSCOPE_SEG_HEAP;
	else if (!strcmp(vma->name, "[stack]"))
		is = MMSCOPE_SEG_STACK;
	return rec->segment != is;
}

/* Return: what is wrong with a record, or NULL. */
static const char *wrong_vma(const struct stream *s,
			     const struct segments *segments,
			     const struct mmscope_vma *rec,
			     const struct proc_vma *vma)
{
	bool file = vma->ino || vma->major || vma->minor;

	if (rec->start != vma->start || rec->end != vma->end)
		return "range";
	if (wrong_perms(rec, vma))
		return "permissions";
	if (file && rec->pgoff << s->header->page_shift != vma->offset)
		return "offset";
	if (rec->ino != vma->ino || rec->dev_major != vma->major ||
	    rec->dev_minor != vma->minor)
		return "inode";
	if (wrong_name(rec, vma))
		return "name";
	if (wrong_flags(s, rec, vma))
		return "flags";
	if (wrong_key(s, rec, vma))
		return "protection key";
	if ((1ULL << rec->page_shift) / 1024 != smaps_kb(vma, "KernelPageSize"))
		return "page size";
	if (wrong_segment(segments, rec, vma))
		return "segment";
	return NULL;
}

size_t mappings_compare(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, 0, 0);
	struct proc_maps *maps = proc_maps(pid, "smaps");
	const struct segments segments = segments_of(pid, maps);
	size_t i, differ = 0;

	if (s->nr_vmas != maps->nr) {
		note("%zu VMAs, but %zu mappings", s->nr_vmas, maps->nr);
		differ++;
	}
	for (i = 0; i < maps->nr && i < s->nr_vmas; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		const char *what = wrong_vma(s, &segments, s->vma[i], vma);

		if (!what)
			continue;
		note("%llx-%llx %s %s: wrong %s: %llx-%llx flags %llx ino %llu segment %u \"%s\"",
		     vma->start, vma->end, vma->perms, vma->name, what,
		     s->vma[i]->start, s->vma[i]->end, s->vma[i]->flags,
		     s->vma[i]->ino, s->vma[i]->segment, vma_name(s->vma[i]));
		differ++;
	}
	proc_maps_free(maps);
	stream_free(s);
	return differ;
}

size_t mappings_compare_range(pid_t pid, const struct proc_maps *maps,
			      __u64 start, __u64 end)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_VMAS, start, end);
	size_t i, k = 0, differ = 0;

	for (i = 0; i < maps->nr; i++) {
		if (!touches(&maps->vma[i], start, end ? end : ~0ULL))
			continue;
		if (k >= s->nr_vmas || s->vma[k]->start != maps->vma[i].start ||
		    s->vma[k]->end != maps->vma[i].end)
			differ++;
		k++;
	}
	if (k != s->nr_vmas)
		differ++;
	if (differ)
		note("%llx-%llx: %zu VMAs, want %zu", start, end, s->nr_vmas, k);
	stream_free(s);
	return differ;
}

size_t mappings_compare_ranges(pid_t pid, size_t step)
{
	const long offset[] = { -(long)PAGE, -1, 0, 1, PAGE };
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i, k, m, differ = 0;

	for (i = 0; i < maps->nr; i += step) {
		const struct proc_vma *vma = &maps->vma[i];

		for (k = 0; k < ARRAY_SIZE(offset); k++) {
			__u64 from = vma->start + offset[k];

			differ += mappings_compare_range(pid, maps, vma->end +
							 offset[k], 0);
			for (m = 0; m < ARRAY_SIZE(offset); m++) {
				__u64 to = vma->end + offset[m];

				if (from >= to)
					continue;
				differ += mappings_compare_range(pid, maps,
								 from, to);
			}
		}
	}
	proc_maps_free(maps);
	return differ;
}
