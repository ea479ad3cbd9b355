// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hash table from bytes to a number: see index.h.  Open addressing, linear
 * probing, at most half full.
 */
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 16

struct index_slot {
	const void *key; /* NULL: empty */
	uint32_t len;
	uint32_t value;
	uint64_t hash;
};

/* FNV-1a with a final mix, because only the low bits choose the slot. */
static uint64_t hash_bytes(const void *key, size_t len)
{
	const unsigned char *bytes = key;
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash ^ hash >> 32;
}

/* The slot that has the key, or the empty one where it belongs. */
static struct index_slot *find_slot(const struct index *index, const void *key, size_t len, uint64_t hash)
{
	size_t at = hash & (index->n_slots - 1);

	for (;; at = (at + 1) & (index->n_slots - 1)) {
		struct index_slot *slot = &index->slots[at];

		if (!slot->key)
			return slot;
		if (slot->hash == hash && slot->len == len && memcmp(slot->key, key, len) == 0)
			return slot;
	}
}

static int index_grow(struct index *index)
{
	struct index bigger = {.n_slots = index->n_slots ? index->n_slots * 2 : SLOTS_FIRST};

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_slots; i++) {
		const struct index_slot *slot = &index->slots[i];

		if (slot->key)
			*find_slot(&bigger, slot->key, slot->len, slot->hash) = *slot;
	}
	bigger.n_used = index->n_used;
	free(index->slots);
	*index = bigger;
	return 0;
}

int index_add(struct index *index, const void *key, size_t len, uint32_t value, uint32_t *ret_old)
{
	uint64_t hash = hash_bytes(key, len);
	struct index_slot *slot;

	if (index->n_used * 2 >= index->n_slots && index_grow(index) < 0)
		return -ENOMEM;
	slot = find_slot(index, key, len, hash);
	if (slot->key) {
		*ret_old = slot->value;
		return -EEXIST;
	}
	*slot = (struct index_slot){.key = key, .len = (uint32_t)len, .value = value, .hash = hash};
	index->n_used++;
	return 0;
}

bool index_find(const struct index *index, const void *key, size_t len, uint32_t *ret_value)
{
	const struct index_slot *slot;

	if (!index->n_slots)
		return false;
	slot = find_slot(index, key, len, hash_bytes(key, len));
	if (!slot->key)
		return false;
	*ret_value = slot->value;
	return true;
}

void index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){0};
}
