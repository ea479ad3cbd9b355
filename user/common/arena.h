/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is given out in pieces and returned all at once.
 *
 * For structures that are built once and die together (a policy, a parsed
 * document).  Nothing in an arena is freed alone.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

#include "cleanup.h"

struct arena;

struct arena *arena_new(void); /* NULL: no memory */
void arena_free(struct arena *arena);

/* count * size zeroed bytes, aligned for any object; NULL: no memory or overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of len bytes with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t len);

static inline void arena_cleanup(struct arena **arena)
{
	arena_free(*arena);
}

#define AUTO_ARENA CLEANUP(arena_cleanup)

#endif
