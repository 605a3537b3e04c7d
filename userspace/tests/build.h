/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams made for tests. */
#ifndef MMSCOPE_TESTS_BUILD_H
#define MMSCOPE_TESTS_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "run.h"
#include "upper.h"

#define PAGE	4096ULL

/**
 * struct build - a stream that is being made
 * @bytes: its bytes so far
 * @len: number of bytes
 * @room: allocated
 * @end: counts for its END record
 */
struct build {
	unsigned char *bytes;
	size_t len;
	size_t room;
	struct mmscope_end end;
};

/* The fields of a mapping that tests set; the others follow from these. */
struct vma {
	uint64_t start;
	uint64_t end;
	const char *perms;	/* as in /proc/PID/maps */
	const char *name;
	uint64_t ino;
	uint8_t segment;	/* enum mmscope_segment, 0: MMAP */
	uint8_t page_shift;	/* 0: 12 */
	uint64_t flags;
	uint64_t pgoff;
};

void build_bytes(struct build *b, const void *bytes, size_t len);
size_t build_record(struct build *b, uint32_t type, const void *body,
		    size_t len);
void build_header(struct build *b, unsigned int levels, uint32_t parts,
		  uint32_t flags);
void build_task(struct build *b, int pid, const char *comm, uint32_t flags);
void build_mm(struct build *b, const struct mmscope_mm *mm, const char *exe,
	      const char *symbol);
void build_names(struct build *b, uint32_t of, const struct mmscope_name *names,
		 uint32_t nr);
size_t build_vma(struct build *b, const struct vma *vma);
size_t build_runs(struct build *b, const struct run *runs, uint32_t nr);
size_t build_words(struct build *b, const struct mmscope_runs *rec,
		   const uint64_t *words, uint16_t nr);
size_t build_upper(struct build *b, uint64_t top, const struct upper *entries,
		   uint16_t nr);
size_t build_residency(struct build *b, const struct vma *vma,
		       const struct mmscope_residency *counts);
size_t build_tables(struct build *b, const struct mmscope_tables *tables);
size_t build_tables_sum(struct build *b, const struct mmscope_tables_sum *sum);
size_t build_walk(struct build *b, const struct mmscope_walk *walk,
		  const struct mmscope_step *steps);
size_t build_thread(struct build *b, const struct mmscope_thread *thread);
size_t build_end(struct build *b, uint32_t status, uint32_t flags);
void build_free(struct build *b);

/* What build_reshape() makes of the size of a fixed part or an element. */
enum shape {
	SHAPE_LEAST,		/* as in the first version of the format */
	SHAPE_TOO_SHORT,	/* 8 bytes less than that */
	SHAPE_LONGER,		/* 24 bytes more than in this version */
};

/* In place of a type: the header; all of these at once. */
#define RESHAPE_HEADER	0u
#define RESHAPE_ALL	UINT32_MAX

size_t build_reshape(struct build *to, const struct build *from, uint32_t type,
		     enum shape shape);

int build_fd(const struct build *b);
int build_answer_fd(const struct build *b);
const char *build_file(const struct build *b);

struct mmscope_mm build_some_mm(unsigned int levels);
void build_process(struct build *b, unsigned int levels);
void build_walked(struct build *b, unsigned int levels,
		  const struct mmscope_walk *walk,
		  const struct mmscope_step *steps);

/* What build_process() puts into its stream. */
extern const struct vma process_vmas[];
extern const char *const process_segments[];
extern const size_t process_nr_vmas;
extern const struct run process_runs[];
extern const size_t process_nr_runs;

#endif
