// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "named.h"

static bool is_named(const struct mapping *map, const char *name)
{
	const char *slash = strrchr(map->name, '/');
	size_t len = strlen(name);

	if (map->vma.name_kind != MMSCOPE_NAME_PATH || !slash || !len ||
	    strncmp(slash + 1, name, len))
		return false;
	return strchr(".- ", slash[1 + len]);
}

/**
 * named_has - whether a mapping is of the file; of a program or library, bss is, too
 * @named: the file; the caller asks about mappings in ascending order
 * @all: the segments
 * @i: index of the mapping
 *
 * Return: true if it is
 */
bool named_has(struct named *named, const struct classes *all, size_t i)
{
	uint32_t object = all->part[i].object;

	if (!is_named(&all->sp->map[i], named->name) &&
	    !(object && object == named->object))
		return false;
	if (object)
		named->object = object;
	return true;
}
