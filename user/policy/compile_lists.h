/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences of clauses, and rule lists: each different list is stored once.
 *
 * Part of the rule compiler (compile.h).
 */
#ifndef POLICY_COMPILE_LISTS_H
#define POLICY_COMPILE_LISTS_H

#include <stdint.h>

#include "compiled.h"

struct compiler;

struct clause_run {
	uint32_t first, n;
};

/* The rules of one set of one profile: ascending clauses, the last one a default. */
struct sequence {
	uint32_t *items;
	uint32_t n, capacity;
};

struct list {
	uint64_t hash;		   /* of struct list_key */
	uint32_t chunk;		   /* the first one */
	uint32_t key_first, key_n; /* in lists.keys */
	uint32_t n_lines;
};

/* Lists that are there already, by the clauses in them; what the datapath sees of them is the chunks. */
struct lists {
	struct ruleset_chunk *chunks;
	uint32_t n_chunks, chunks_capacity;
	struct list *items;
	uint32_t n, capacity;
	uint32_t *slots; /* by hash: index in items; UINT32_MAX: free */
	uint32_t n_slots;
	struct sequence keys; /* the clauses of all lists, one list after the other */
};

/* The clauses of one list: ascending, the last one a default. */
struct list_key {
	const uint32_t *clauses;
	uint32_t n;
	uint64_t
		hash; /* sum of the clauses' clause_hash(): whoever adds and removes clauses keeps it with one operation */
};

int sequence_push(struct sequence *sequence, uint32_t clause);

uint64_t clause_hash(uint32_t clause);

/*
 * The list of these clauses: its index in lists.items. The same clauses give the same list. -E2BIG: more than
 * RF_LIST_RULES_MAX lines or RULESET_CHUNKS_MAX chunks, reported at the last rule's place.
 */
int lists_intern(struct compiler *c, const struct list_key *key, uint32_t *ret_list);
/* The same for clauses whose hash nobody kept: the index of its first chunk. */
int lists_intern_sequence(struct compiler *c, const struct sequence *clauses, uint32_t *ret_chunk);
void lists_free(struct lists *lists);

#endif
