/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Growing arrays of the rule compiler.
 *
 * Only mechanics: pointer, count and capacity belong to the struct that holds the array.
 */
#ifndef POLICY_ARRAY_H
#define POLICY_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ARRAY_FIRST 64 /* elements of the first allocation */

/*
 * items with room for at least `need` (>= 1) elements of `bytes` each, moved if it has to be; NULL: no memory (or more
 * than 32 bits count), and items stands as it was.
 */
static inline void *array_grow(void *items, uint32_t *capacity, size_t need, size_t bytes)
{
	size_t wanted = *capacity ? *capacity : ARRAY_FIRST;

	if (need <= *capacity)
		return items;
	while (wanted < need)
		wanted *= 2;
	if (wanted > UINT32_MAX || wanted > SIZE_MAX / bytes)
		return NULL;
	items = realloc(items, wanted * bytes);
	if (items)
		*capacity = (uint32_t)wanted;
	return items;
}

#endif
