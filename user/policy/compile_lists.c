// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule lists: each different one is stored once, whichever profiles, prefixes, peers or names share it.
 *
 * A list is found by a hash of its clauses and verified line by line against the chunks that are there.
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

static uint64_t list_hash(const uint32_t *clauses, uint32_t n)
{
	uint64_t hash = n;

	for (uint32_t i = 0; i < n; i++)
		hash = (hash ^ clauses[i]) * RF_HASH_M1 + (hash >> 32);
	return rf_mix(hash);
}

/* Is the list at this chunk made of these clauses? The default's line is marked as the last one, so equal lines mean an equal end. */
static bool list_is(const struct compiler *c, uint32_t chunk, const uint32_t *clauses, uint32_t n)
{
	uint64_t line = (uint64_t)chunk * RF_CHUNK_RULES;
	uint64_t end = (uint64_t)c->lists.n_chunks * RF_CHUNK_RULES;

	for (uint32_t i = 0; i < n; i++) {
		const struct clause *clause = &c->clauses.items[clauses[i]];

		for (uint32_t k = 0; k < clause->n_lines; k++, line++)
			if (line >= end || memcmp(&c->lists.chunks[line / RF_CHUNK_RULES].rule[line % RF_CHUNK_RULES],
						  &c->clauses.lines[clause->line_first + k], sizeof(struct rf_rule)) != 0)
				return false;
	}
	return true;
}

static int slots_grow(struct lists *lists)
{
	uint32_t n = lists->n_slots ? lists->n_slots * 2 : LIST_SLOTS_FIRST;
	struct list_slot *slots = malloc((size_t)n * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		slots[i].chunk = LIST_FREE;
	for (uint32_t i = 0; i < lists->n_slots; i++) {
		uint32_t at = (uint32_t)lists->slots[i].hash & (n - 1);

		if (lists->slots[i].chunk == LIST_FREE)
			continue;
		while (slots[at].chunk != LIST_FREE)
			at = (at + 1) & (n - 1);
		slots[at] = lists->slots[i];
	}
	free(lists->slots);
	lists->slots = slots;
	lists->n_slots = n;
	return 0;
}

static int list_append(struct compiler *c, const uint32_t *clauses, uint32_t n, uint32_t *ret_chunk)
{
	struct lists *lists = &c->lists;
	uint32_t n_lines = 0, n_chunks, line = 0;
	struct rf_chunk *chunks;

	for (uint32_t i = 0; i < n; i++) {
		n_lines += c->clauses.items[clauses[i]].n_lines; /* each is below RF_LIST_RULES_MAX */
		if (n_lines > RF_LIST_RULES_MAX)
			return compile_limit(c, compile_clause_pos(c, clauses[n > 1 ? n - 2 : 0]),
					     "more than %d rules for one destination (each protocol and each port range counts)",
					     RF_LIST_RULES_MAX);
	}
	n_chunks = (n_lines + RF_CHUNK_RULES - 1) / RF_CHUNK_RULES;
	if (n_chunks > RULESET_CHUNKS_MAX - lists->n_chunks)
		return compile_limit(c, compile_clause_pos(c, clauses[n > 1 ? n - 2 : 0]),
				     "the rule lists need more than %u MiB: use fewer different sets of rules",
				     RULESET_CHUNKS_MAX / (1024 * 1024 / (unsigned int)sizeof(struct rf_chunk)));
	chunks = array_grow(lists->chunks, &lists->chunks_capacity, (size_t)lists->n_chunks + n_chunks, sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	lists->chunks = chunks;
	chunks += lists->n_chunks;
	memset(chunks, 0, n_chunks * sizeof(*chunks));
	for (uint32_t i = 0; i < n; i++) {
		const struct clause *clause = &c->clauses.items[clauses[i]];

		for (uint32_t k = 0; k < clause->n_lines; k++, line++)
			chunks[line / RF_CHUNK_RULES].rule[line % RF_CHUNK_RULES] = c->clauses.lines[clause->line_first + k];
	}
	*ret_chunk = lists->n_chunks;
	lists->n_chunks += n_chunks;
	return 0;
}

int lists_intern(struct compiler *c, const uint32_t *clauses, uint32_t n, uint32_t *ret_chunk)
{
	struct lists *lists = &c->lists;
	uint64_t hash = list_hash(clauses, n);
	uint32_t chunk = 0;
	uint32_t at;
	int r;

	if (lists->n_used >= lists->n_slots / 2) {
		r = slots_grow(lists);
		if (r)
			return r;
	}
	at = (uint32_t)hash & (lists->n_slots - 1);
	for (; lists->slots[at].chunk != LIST_FREE; at = (at + 1) & (lists->n_slots - 1)) {
		if (lists->slots[at].hash != hash || !list_is(c, lists->slots[at].chunk, clauses, n))
			continue;
		*ret_chunk = lists->slots[at].chunk;
		return 0;
	}
	r = list_append(c, clauses, n, &chunk);
	if (r)
		return r;
	lists->slots[at] = (struct list_slot){ .hash = hash, .chunk = chunk };
	lists->n_used++;
	*ret_chunk = chunk;
	return 0;
}

void lists_free(struct lists *lists)
{
	free(lists->chunks);
	free(lists->slots);
	*lists = (struct lists){ 0 };
}
