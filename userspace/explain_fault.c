// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules follow handle_mm_fault() of the kernel. Where they depend on something that
 * no stream records, the sentence leaves it open.
 */
#include <elf.h>
#include <string.h>

#include "array.h"
#include "explain_fault.h"
#include "page.h"

/* Who provides the pages of a mapping. */
enum backing {
	BACKING_MEMORY,		/* private anonymous memory, or a private file */
	BACKING_SHARED,		/* shared memory */
	BACKING_FILE,		/* shared mapping of a file */
	BACKING_HUGETLB,
	BACKING_KERNEL,
	BACKING_DRIVER,
};

/**
 * struct fault - an access
 * @rules: the rules
 * @map: the mapping
 * @entry: the entry
 * @access: one of ACCESS_*
 * @backing: enum backing
 */
struct fault {
	const struct fault_rules *rules;
	const struct mapping *map;
	const struct fault_entry *entry;
	unsigned int access;
	enum backing backing;
};

/**
 * fault_rules_init - look up the flags that the rules need
 * @rules: the rules
 * @classes: what the mappings are; must stay
 */
void fault_rules_init(struct fault_rules *rules, const struct classes *classes)
{
	const struct space *sp = classes->sp;

	*rules = (struct fault_rules){
		.classes = classes,
		.shadow = space_flag(sp, "ss"),
		.uffd = space_flag(sp, "um") | space_flag(sp, "ui"),
		.pkey = space_flag(sp, "pkey0") | space_flag(sp, "pkey1") |
			space_flag(sp, "pkey2") | space_flag(sp, "pkey3"),
		.grows = space_flag(sp, "gd"),
		.locked = space_flag(sp, "lo"),
	};
}

static bool is_private(const struct mapping *map)
{
	return !(map->vma.perms & MMSCOPE_SHARED);
}

static bool is_device_file(const struct mapping *map)
{
	return map->vma.name_kind == MMSCOPE_NAME_PATH &&
	       (!strncmp(map->name, "/dev/", 5) ||
		!strncmp(map->name, "anon_inode:", 11));
}

static enum backing backing_of(const struct classes *classes,
			       const struct mapping *map)
{
	switch (class_of(classes, map)) {
	case SEGMENT_HUGETLB:
		return BACKING_HUGETLB;
	case SEGMENT_DEVICE:
	case SEGMENT_PFNMAP:
		return BACKING_DRIVER;
	case SEGMENT_VDSO:
	case SEGMENT_VVAR:
	case SEGMENT_UPROBES:
	case SEGMENT_SPECIAL:
		return BACKING_KERNEL;
	case SEGMENT_SHARED_ANON:
	case SEGMENT_SYSV:
	case SEGMENT_MEMFD:
	case SEGMENT_SHM:
		return is_private(map) ? BACKING_MEMORY : BACKING_SHARED;
	case SEGMENT_FILE:
		if (is_device_file(map))
			return BACKING_DRIVER;
		break;
	default:
		break;
	}
	return is_private(map) ? BACKING_MEMORY :
	       map->vma.kind == MMSCOPE_SHARED_FILE ? BACKING_FILE :
						      BACKING_SHARED;
}

static bool is_x86(const struct fault *f)
{
	return f->rules->classes->sp->header.machine == EM_X86_64;
}

/* Execute-only memory is readable on x86, but for protection keys. */
static enum sentence check_read(const struct fault *f)
{
	const unsigned int perms = f->map->vma.perms;

	if (perms & (MMSCOPE_READ | MMSCOPE_WRITE))
		return TEXT_NOTHING;
	if (!(perms & MMSCOPE_EXEC))
		return TEXT_DENIED;
	return is_x86(f) || f->entry->kind == MMSCOPE_PRESENT ?
		       TEXT_NOTHING : TEXT_EXEC_ONLY;
}

static enum sentence check_write(const struct fault *f)
{
	if (f->map->vma.flags & f->rules->shadow)
		return TEXT_SHADOW_STACK;
	return f->map->vma.perms & MMSCOPE_WRITE ? TEXT_NOTHING : TEXT_DENIED;
}

static enum sentence check_fetch(const struct fault *f)
{
	return f->map->vma.perms & MMSCOPE_EXEC ? TEXT_NOTHING : TEXT_DENIED;
}

/* Is the access refused, or are its rights not recorded? */
static enum sentence check_rights(const struct fault *f)
{
	enum sentence refused = f->access == ACCESS_READ ? check_read(f) :
				f->access == ACCESS_WRITE ? check_write(f) :
							    check_fetch(f);

	/* x86 checks protection keys for data only. */
	if (!refused && f->map->vma.flags & f->rules->pkey &&
	    (f->access != ACCESS_FETCH || !is_x86(f)))
		return TEXT_PKEY;
	return refused;
}

/* No page is mapped yet. */
static enum sentence fault_in(const struct fault *f)
{
	const bool write = f->access == ACCESS_WRITE;

	if (f->map->vma.flags & f->rules->uffd)
		return TEXT_UFFD;
	switch (f->backing) {
	case BACKING_HUGETLB:
		return TEXT_HUGETLB_IN;
	case BACKING_KERNEL:
		return TEXT_KERNEL_IN;
	case BACKING_SHARED:
		return write ? TEXT_SHARED_WRITE_IN : TEXT_SHARED_IN;
	case BACKING_FILE:
		return write ? TEXT_FILE_WRITE_IN : TEXT_FILE_IN;
	default:
		break;
	}
	if (f->map->vma.kind == MMSCOPE_PRIVATE_FILE)
		return write ? TEXT_COPY_IN : TEXT_FILE_IN;
	return write ? TEXT_ZEROED : TEXT_MAPS_ZERO_PAGE;
}

static enum sentence write_zero_page(const struct fault *f)
{
	if (f->entry->attrs & MMSCOPE_ATTR_UFFD_WP)
		return TEXT_UFFD;
	/* A hole in a file, of which the storage is mapped directly. */
	if (f->backing == BACKING_FILE)
		return TEXT_FILE_WRITE_IN;
	return TEXT_LEAVES_ZERO_PAGE;
}

/* A private page that the entry does not let write to. */
static enum sentence write_protected(const struct fault *f)
{
	const uint64_t page = f->entry->page;

	if (f->backing == BACKING_HUGETLB)
		return TEXT_HUGETLB_COPY;
	if (!(page & MMSCOPE_PAGE_KNOWN))
		return TEXT_COPY_UNKNOWN;
	if (page & PAGE_BIT(KSM))
		return TEXT_COPY_KSM;
	if (!(page & PAGE_BIT(ANON)))
		return TEXT_COPY_FILE;
	return page & MMSCOPE_PAGE_SHARED ? TEXT_COPY_SHARED :
					    TEXT_COPY_UNLESS_ALONE;
}

static enum sentence write_present(const struct fault *f)
{
	const uint32_t attrs = f->entry->attrs;
	const bool file = f->backing == BACKING_FILE;

	if (attrs & MMSCOPE_ATTR_WRITE) {
		if (is_private(f->map))
			return TEXT_WRITE_OWN;
		return file ? TEXT_WRITE_FILE : TEXT_WRITE_SHARED;
	}
	if (attrs & MMSCOPE_ATTR_UFFD_WP)
		return TEXT_UFFD;
	if (is_private(f->map))
		return write_protected(f);
	return file ? TEXT_NOTIFY_FILE : TEXT_UNPROTECT;
}

static enum sentence access_present(const struct fault *f)
{
	const uint32_t attrs = f->entry->attrs;

	/* A huge entry that is being split allows nothing. */
	if (!(attrs & (MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC)) &&
	    f->entry->level > MMSCOPE_PTE)
		return TEXT_WAIT;
	if (f->access == ACCESS_WRITE)
		return write_present(f);
	if (f->access == ACCESS_FETCH)
		return attrs & MMSCOPE_ATTR_EXEC ? TEXT_WORKS : TEXT_UNKNOWN;
	return attrs & MMSCOPE_ATTR_READ ? TEXT_WORKS : TEXT_DENIED;
}

/* Entries of these kinds do the same for all accesses. */
static enum sentence by_kind(unsigned int kind)
{
	static const uint8_t same[] = {
		[MMSCOPE_NUMA_HINT] = TEXT_NUMA,
		[MMSCOPE_SWAP] = TEXT_SWAP_IN,
		[MMSCOPE_MIGRATION] = TEXT_WAIT,
		[MMSCOPE_DEVICE_PRIVATE] = TEXT_FROM_DEVICE,
		[MMSCOPE_DEVICE_EXCLUSIVE] = TEXT_FROM_DEVICE,
		[MMSCOPE_HWPOISON] = TEXT_POISON,
		[MMSCOPE_MARKER_POISON] = TEXT_POISON,
		[MMSCOPE_MARKER_GUARD] = TEXT_GUARD,
		[MMSCOPE_UFFD_RWP] = TEXT_UFFD,
	};

	return kind < ARRAY_SIZE(same) && same[kind] ? same[kind] :
						       TEXT_UNKNOWN;
}

static enum sentence access_one(const struct fault *f)
{
	enum sentence refused = check_rights(f);

	if (refused)
		return refused;
	if (f->backing == BACKING_DRIVER)
		return TEXT_DRIVER;
	switch (f->entry->kind) {
	case MMSCOPE_NONE:
		return fault_in(f);
	case MMSCOPE_MARKER_UFFD_WP:
		return f->access == ACCESS_WRITE ? TEXT_UFFD : fault_in(f);
	case MMSCOPE_PRESENT:
		return access_present(f);
	case MMSCOPE_ZERO:
		return f->access == ACCESS_WRITE ? write_zero_page(f) :
						   TEXT_READS_ZERO_PAGE;
	case MMSCOPE_SWAP:
		return f->access == ACCESS_WRITE &&
		       f->entry->attrs & MMSCOPE_ATTR_UFFD_WP ? TEXT_UFFD :
								TEXT_SWAP_IN;
	default:
		return by_kind(f->entry->kind);
	}
}

/**
 * faults_at - what accesses through an entry do
 * @rules: the rules
 * @map: the mapping
 * @entry: the entry
 *
 * Return: a sentence for each access
 */
struct faults faults_at(const struct fault_rules *rules,
			const struct mapping *map,
			const struct fault_entry *entry)
{
	struct fault f = {
		.rules = rules,
		.map = map,
		.entry = entry,
		.backing = backing_of(rules->classes, map),
	};
	struct faults faults;

	for (unsigned int i = 0; i < ACCESSES; i++) {
		f.access = 1u << i;
		faults.of[i] = (uint8_t)access_one(&f);
	}
	return faults;
}

/**
 * fault_may_pass_end - whether an access fails if the file ends before the page
 * @map: the mapping
 * @which: what the access does
 *
 * Return: true if it reads a page of a file whose size is not recorded
 */
bool fault_may_pass_end(const struct mapping *map, enum sentence which)
{
	switch (which) {
	case TEXT_COPY_IN:
	case TEXT_FILE_IN:
	case TEXT_FILE_WRITE_IN:
	case TEXT_HUGETLB_IN:
		return map->vma.ino;
	case TEXT_SHARED_IN:
	case TEXT_SHARED_WRITE_IN:
		return map->vma.kind == MMSCOPE_SHARED_FILE;
	default:
		return false;
	}
}
