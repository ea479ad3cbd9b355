// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is returned all at once: see arena.h.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Big enough that malloc's own costs vanish, small enough for a two-line policy. */
#define CHUNK_BYTES (64ul * 1024)

#define ALIGN _Alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t used, size; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the one being filled is first */
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk, *next;

	if (!arena)
		return;
	for (chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->used = 0;
	chunk->size = size;
	return chunk;
}

static void *arena_take(struct arena *arena, size_t size, size_t align)
{
	struct chunk *chunk = arena->chunks;
	size_t start = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;

	if (!chunk || start > chunk->size || chunk->size - start < size) {
		chunk = chunk_new(size > CHUNK_BYTES ? size : CHUNK_BYTES);
		if (!chunk)
			return NULL;
		start = 0;
		/* An outsized piece goes behind, so that the rest of the current chunk is used. */
		if (size > CHUNK_BYTES && arena->chunks) {
			chunk->next = arena->chunks->next;
			arena->chunks->next = chunk;
		} else {
			chunk->next = arena->chunks;
			arena->chunks = chunk;
		}
	}
	chunk->used = start + size;
	return chunk->data + start;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *data;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	data = arena_take(arena, bytes, ALIGN);
	if (data)
		memset(data, 0, bytes);
	return data;
}

char *arena_text(struct arena *arena, const char *text, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_take(arena, len + 1, 1) : NULL;

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}
