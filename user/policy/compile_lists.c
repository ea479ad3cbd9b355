// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule lists: each different one is stored once, whichever profiles, prefixes, peers or names share it.
 *
 * A list is found by a hash of its clauses, which are compared before it is taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/hash.h"
#include "array.h"
#include "compile.h"

#define LIST_FREE UINT32_MAX
#define LIST_SLOTS_FIRST 1024

int sequence_push(struct sequence *sequence, uint32_t clause)
{
	uint32_t *items = array_grow(sequence->items, &sequence->capacity, (size_t)sequence->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	sequence->items = items;
	items[sequence->n++] = clause;
	return 0;
}

uint64_t clause_hash(uint32_t clause)
{
	return rf_mix(clause + RF_HASH_M1);
}

static bool list_is(const struct lists *lists, const struct list *list, const struct list_key *key)
{
	return list->hash == key->hash && list->key_n == key->n &&
	       memcmp(&lists->keys.items[list->key_first], key->clauses, key->n * sizeof(key->clauses[0])) == 0;
}

static int slots_grow(struct lists *lists)
{
	uint32_t n = lists->n_slots ? lists->n_slots * 2 : LIST_SLOTS_FIRST;
	uint32_t *slots = malloc((size_t)n * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		slots[i] = LIST_FREE;
	for (uint32_t i = 0; i < lists->n; i++) {
		uint32_t at = (uint32_t)lists->items[i].hash & (n - 1);

		while (slots[at] != LIST_FREE)
			at = (at + 1) & (n - 1);
		slots[at] = i;
	}
	free(lists->slots);
	lists->slots = slots;
	lists->n_slots = n;
	return 0;
}

/* The list's last rule before the default: the one to blame when there is no room. */
static struct diag_pos list_pos(const struct compiler *c, const struct list_key *key)
{
	return compile_clause_pos(c, key->clauses[key->n > 1 ? key->n - 2 : 0]);
}

static uint32_t list_chunks(uint32_t n_lines)
{
	return (n_lines + RF_CHUNK_RULES - 1) / RF_CHUNK_RULES;
}

/* How many lines the list has; there is room for their chunks. */
static int list_size(struct compiler *c, const struct list_key *key, uint32_t *ret_n_lines)
{
	uint32_t n_lines = 0;

	for (uint32_t i = 0; i < key->n; i++) {
		n_lines += c->clauses.items[key->clauses[i]].n_lines; /* each is below RF_LIST_RULES_MAX */
		if (n_lines > RF_LIST_RULES_MAX)
			return compile_limit(
				c, list_pos(c, key),
				"more than %d rules for one destination (each protocol and each port range counts)",
				RF_LIST_RULES_MAX);
	}
	if (list_chunks(n_lines) > RULESET_CHUNKS_MAX - c->lists.n_chunks)
		return compile_limit(c, list_pos(c, key),
				     "the rule lists need more than %u MiB: use fewer different sets of rules",
				     RULESET_CHUNKS_MAX / (1024 * 1024 / (unsigned int)sizeof(struct ruleset_chunk)));
	*ret_n_lines = n_lines;
	return 0;
}

static int list_append(struct compiler *c, const struct list_key *key, uint32_t n_chunks)
{
	struct lists *lists = &c->lists;
	struct ruleset_chunk *chunks =
		array_grow(lists->chunks, &lists->chunks_capacity, (size_t)lists->n_chunks + n_chunks, sizeof(*chunks));
	uint32_t line = 0;

	if (!chunks)
		return -ENOMEM;
	lists->chunks = chunks;
	chunks += lists->n_chunks;
	memset(chunks, 0, n_chunks * sizeof(*chunks));
	for (uint32_t i = 0; i < key->n; i++) {
		const struct clause *clause = &c->clauses.items[key->clauses[i]];

		for (uint32_t k = 0; k < clause->n_lines; k++, line++)
			chunks[line / RF_CHUNK_RULES].rule[line % RF_CHUNK_RULES] =
				c->clauses.lines[clause->line_first + k];
	}
	lists->n_chunks += n_chunks;
	return 0;
}

/* A list that was not there: its chunks, and the slot by which it is found again. */
static int list_add(struct compiler *c, const struct list_key *key, uint32_t *slot)
{
	struct lists *lists = &c->lists;
	struct list added = {.hash = key->hash, .chunk = lists->n_chunks, .key_first = lists->keys.n, .key_n = key->n};
	struct list *items = array_grow(lists->items, &lists->capacity, (size_t)lists->n + 1, sizeof(*items));
	int r;

	if (!items)
		return -ENOMEM;
	lists->items = items;
	r = list_size(c, key, &added.n_lines);
	if (!r)
		r = list_append(c, key, list_chunks(added.n_lines));
	for (uint32_t i = 0; i < key->n && !r; i++)
		r = sequence_push(&lists->keys, key->clauses[i]);
	if (r)
		return r;
	items[lists->n] = added;
	*slot = lists->n++;
	return 0;
}

int lists_intern(struct compiler *c, const struct list_key *key, uint32_t *ret_list)
{
	struct lists *lists = &c->lists;
	uint32_t at;
	int r;

	if (lists->n >= lists->n_slots / 2) {
		r = slots_grow(lists);
		if (r)
			return r;
	}
	at = (uint32_t)key->hash & (lists->n_slots - 1);
	while (lists->slots[at] != LIST_FREE && !list_is(lists, &lists->items[lists->slots[at]], key))
		at = (at + 1) & (lists->n_slots - 1);
	if (lists->slots[at] == LIST_FREE) {
		r = list_add(c, key, &lists->slots[at]);
		if (r)
			return r;
	}
	*ret_list = lists->slots[at];
	return 0;
}

int lists_intern_sequence(struct compiler *c, const struct sequence *clauses, uint32_t *ret_chunk)
{
	struct list_key key = {.clauses = clauses->items, .n = clauses->n};
	uint32_t list;
	int r;

	for (uint32_t i = 0; i < clauses->n; i++)
		key.hash += clause_hash(clauses->items[i]);
	r = lists_intern(c, &key, &list);
	if (!r)
		*ret_chunk = c->lists.items[list].chunk;
	return r;
}

void lists_free(struct lists *lists)
{
	free(lists->chunks);
	free(lists->items);
	free(lists->slots);
	free(lists->keys.items);
	*lists = (struct lists){0};
}
