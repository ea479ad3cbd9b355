// SPDX-License-Identifier: GPL-2.0-only
/*
 * device: and group: destinations: which rules a profile has for which other device.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../include/hash.h"
#include "array.h"
#include "compile.h"
#include "table.h"

static int add_pair(struct compiler *c, uint32_t policy_device, uint32_t clause)
{
	struct peers *peers = &c->peers;
	struct peer_pair *pairs =
		array_grow(peers->pairs, &peers->pairs_capacity, (size_t)peers->n_pairs + 1, sizeof(*pairs));

	if (!pairs)
		return -ENOMEM;
	peers->pairs = pairs;
	pairs[peers->n_pairs++] = (struct peer_pair){
		.device = c->ruleset->devices[policy_device].index,
		.clause = clause,
	};
	return 0;
}

static int add_pairs(struct compiler *c, uint32_t clause)
{
	uint32_t id = c->clauses.lines[c->clauses.items[clause].line_first].id;
	const struct policy_rule *rule = c->ruleset->rules[id].rule;
	int r = 0;

	for (size_t i = 0; i < rule->n_dests && !r; i++) {
		const struct policy_dest *dest = &rule->dests[i];

		if (dest->kind == POLICY_DEST_DEVICE)
			r = add_pair(c, dest->index, clause);
		if (dest->kind != POLICY_DEST_GROUP)
			continue;
		for (size_t k = 0; k < c->policy->groups[dest->index].n_devices && !r; k++)
			r = add_pair(c, c->policy->groups[dest->index].devices[k], clause);
	}
	return r;
}

static int pair_compare(const void *a, const void *b)
{
	const struct peer_pair *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->clause < y->clause ? -1 : x->clause > y->clause;
}

/*
 * The pairs from `first` on that are of one device become one entry; returns in *ret_next where the next device
 * starts.
 */
static int add_peer(struct compiler *c, uint64_t key, uint32_t first, uint32_t default_clause, uint32_t *ret_next)
{
	struct peers *peers = &c->peers;
	const struct peer_pair *pairs = peers->pairs;
	struct sequence *list = &c->sweep.filtered;
	struct peer *items;
	uint32_t chunk = 0, i;
	int r = 0;

	list->n = 0;
	for (i = first; i < peers->n_pairs && pairs[i].device == pairs[first].device && !r; i++)
		if (list->n == 0 || list->items[list->n - 1] != pairs[i].clause)
			r = sequence_push(list, pairs[i].clause);
	if (!r)
		r = sequence_push(list, default_clause);
	if (!r)
		r = lists_intern_sequence(c, list, &chunk);
	if (r)
		return r;
	if (peers->n >= RULESET_PEERS_MAX)
		return compile_limit(
			c, compile_clause_pos(c, pairs[first].clause),
			"more than %u pairs of a profile and a device in device: and group: rules: use prefixes, or share profiles",
			RULESET_PEERS_MAX);
	items = array_grow(peers->items, &peers->capacity, (size_t)peers->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	peers->items = items;
	items[peers->n++] = (struct peer){.key = key, .chunk = chunk};
	*ret_next = i;
	return 0;
}

int peers_add(struct compiler *c, const struct sequence *sequence, uint32_t profile, enum rf_rule_set set)
{
	struct peers *peers = &c->peers;
	uint32_t next = 0;
	int r = 0;

	peers->n_pairs = 0;
	for (uint32_t i = 0; i < sequence->n && !r; i++)
		if (c->clauses.items[sequence->items[i]].flags & CLAUSE_PEERS)
			r = add_pairs(c, sequence->items[i]);
	if (r || peers->n_pairs == 0)
		return r;
	c->ruleset->profiles[profile].flags |= RF_PROFILE_PEERS_OUT << set;
	qsort(peers->pairs, peers->n_pairs, sizeof(*peers->pairs), pair_compare);
	while (next < peers->n_pairs && !r)
		r = add_peer(c, rf_peer_key(profile, set, peers->pairs[next].device), next,
			     sequence->items[sequence->n - 1], &next);
	return r;
}

int peers_table(struct compiler *c)
{
	const struct peers *peers = &c->peers;
	struct ruleset *ruleset = c->ruleset;
	struct table table = {0};
	uint64_t *hashes;
	int r;

	hashes = malloc((peers->n ? peers->n : 1) * sizeof(*hashes));
	if (!hashes)
		return -ENOMEM;
	for (uint32_t i = 0; i < peers->n; i++)
		hashes[i] = rf_mix(peers->items[i].key ^ c->input->seed);
	r = table_build(hashes, peers->n, &table);
	free(hashes);
	if (r == -E2BIG)
		return compile_limit(c, (struct diag_pos){0}, "no place for %u peers in their table: try another seed",
				     peers->n);
	if (r)
		return r;
	ruleset->peers = calloc(table.n_buckets, sizeof(*ruleset->peers));
	ruleset->n_peers = table.n_buckets;
	ruleset->bank.peer_mask = table.n_buckets - 1;
	for (uint32_t i = 0; i < table.n_buckets * RF_BUCKET_SLOTS && ruleset->peers; i++)
		if (table.slots[i] != TABLE_FREE)
			ruleset->peers[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS] = (struct rf_peer_slot){
				.key = peers->items[table.slots[i]].key,
				.chunk = peers->items[table.slots[i]].chunk,
			};
	table_free(&table);
	return ruleset->peers ? 0 : -ENOMEM;
}

void peers_free(struct peers *peers)
{
	free(peers->items);
	free(peers->pairs);
	*peers = (struct peers){0};
}
