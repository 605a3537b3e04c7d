// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "elf_cache.h"
#include "text.h"

#define BUCKETS		256

/* A process with more files has most of them named by position. */
#define FILES_MAX	4096

/**
 * struct cached - a file that was opened, or that could not be
 * @next: in the bucket
 * @map: a mapping of it
 * @valid: @elf is valid
 * @elf: its headers
 */
struct cached {
	struct cached *next;
	const struct mapping *map;
	bool valid;
	struct elf_file elf;
};

struct elf_cache {
	int pid;
	size_t nr;
	struct cached *bucket[BUCKETS];
};

/*
 * O_PATH opens no device and never waits, so the file can be checked before
 * it is opened for reading.
 */
static int open_path(const char *path, const struct mapping *map,
		     bool check_device)
{
	int fd = open(path, O_PATH | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_ino == map->vma.ino &&
	    (!check_device || (major(st.st_dev) == map->vma.dev_major &&
			       minor(st.st_dev) == map->vma.dev_minor)))
		return fd;
	close(fd);
	return -1;
}

/* This leads to the mapped file even if it was deleted or replaced. */
static int open_mapped(int pid, const struct mapping *map)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
		 pid, map->start, (uint64_t)map->vma.end);
	/* stat() reports other devices than maps for overlayfs and btrfs. */
	return open_path(path, map, false);
}

static int open_by_name(int pid, const struct mapping *map)
{
	struct text path = { 0 };
	int fd = -1;

	if (map->name[0] != '/')
		return -1;
	text_printf(&path, "/proc/%d/root%s", pid, map->name);
	fd = open_path(path.s, map, true);
	text_free(&path);
	return fd;
}

/* O_NONBLOCK: fail if the file has a lease, in place of waiting for its owner. */
static int open_for_reading(int path_fd)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(path, flags);
	return fd;
}

static bool read_file(struct elf_file *elf, const struct elf_cache *cache,
		      const struct mapping *map)
{
	int path_fd = open_mapped(cache->pid, map), fd;
	bool valid = false;

	if (path_fd < 0)
		path_fd = open_by_name(cache->pid, map);
	if (path_fd < 0)
		return false;
	fd = open_for_reading(path_fd);
	if (fd >= 0) {
		valid = elf_file_read(elf, fd);
		close(fd);
	}
	close(path_fd);
	return valid;
}

/**
 * elf_cache_new - start without files
 * @pid: the process, as in /proc
 *
 * Return: the cache; the caller frees it with elf_cache_free()
 */
struct elf_cache *elf_cache_new(int pid)
{
	struct elf_cache *cache = grow(NULL, 1, sizeof(*cache));

	*cache = (struct elf_cache){ .pid = pid };
	return cache;
}

/**
 * elf_cache_get - look up the ELF file of a mapping, open it if it is new
 * @cache: the cache
 * @map: a private mapping of a file; must stay until elf_cache_free()
 *
 * Return: its headers, valid until elf_cache_free(); NULL if it cannot be
 * opened or is not an ELF file
 */
const struct elf_file *elf_cache_get(struct elf_cache *cache,
				     const struct mapping *map)
{
	struct cached **at = &cache->bucket[map->vma.ino % BUCKETS], *file;

	for (file = *at; file; file = file->next)
		if (mapping_same_file(file->map, map))
			return file->valid ? &file->elf : NULL;
	if (cache->nr == FILES_MAX)
		return NULL;
	cache->nr++;
	file = grow(NULL, 1, sizeof(*file));
	*file = (struct cached){ .next = *at, .map = map };
	file->valid = read_file(&file->elf, cache, map);
	*at = file;
	return file->valid ? &file->elf : NULL;
}

/**
 * elf_cache_free - free the cache and its files
 * @cache: the cache, or NULL
 */
void elf_cache_free(struct elf_cache *cache)
{
	for (size_t i = 0; cache && i < BUCKETS; i++) {
		struct cached *next;

		for (struct cached *file = cache->bucket[i]; file; file = next) {
			next = file->next;
			elf_file_free(&file->elf);
			free(file);
		}
	}
	free(cache);
}
