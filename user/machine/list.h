/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list.h - lists that grow: structs with the members items, n, room and err.
 *
 * Only mechanics. Who reads a list from the kernel cannot stop in the middle of an answer: err keeps the first failure for the end.
 */
#ifndef MACHINE_LIST_H
#define MACHINE_LIST_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LIST_FIRST 16 /* elements of the first allocation */

/* items, moved if it has to be, with room for one more than n. NULL: no memory, and items stands as it was. */
static inline void *list_grow(void *items, size_t n, size_t *room, size_t bytes)
{
	const size_t wanted = *room ? 2 * *room : LIST_FIRST;

	if (n < *room)
		return items;
	items = reallocarray(items, wanted, bytes);
	if (items)
		*room = wanted;
	return items;
}

/* One more element, zeroed, at the end of the list. NULL: no memory. */
#define LIST_ADD(list)                                                                                                 \
	({                                                                                                             \
		__typeof__(list) list_of = (list);                                                                     \
		__typeof__(list_of->items) list_items =                                                                \
			list_grow(list_of->items, list_of->n, &list_of->room, sizeof(*list_items));                    \
		if (list_items)                                                                                        \
			list_of->items = list_items;                                                                   \
		else                                                                                                   \
			list_of->err = -ENOMEM;                                                                        \
		list_items ? memset(&list_items[list_of->n++], 0, sizeof(*list_items)) : NULL;                         \
	})

#endif
