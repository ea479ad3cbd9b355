// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a ruleset to a bank: copy, and add the bank's first index to every index.
 *
 * The arrays may be the kernel's (mmapped maps) or the native engine's; nothing here can tell. The bank's struct
 * rf_bank is written last: whoever asks which bank stands where finds it complete.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ruleset.h"

struct ruleset_sizes ruleset_sizes(const struct ruleset *ruleset)
{
	return (struct ruleset_sizes){
		.buckets = ruleset->n_buckets,
		.profiles = ruleset->n_profiles,
		.nodes = ruleset->n_nodes,
		.values = ruleset->n_values,
		.chunks = ruleset->n_chunks,
		.peers = ruleset->n_peers,
		.names = ruleset->n_names,
		.indices = ruleset->n_indices,
	};
}

static bool fits(const struct ruleset_sizes *need, const struct ruleset_sizes *have)
{
	/* Values are 31 bits: an index of the second bank must not reach the bit that says what it is. */
	if (have->nodes > RF_VALUE_SUBTREE / 2 || have->chunks > RF_VALUE_SUBTREE / 2)
		return false;
	return need->buckets <= have->buckets && need->profiles <= have->profiles && need->nodes <= have->nodes &&
	       need->values <= have->values && need->chunks <= have->chunks && need->peers <= have->peers &&
	       need->names <= have->names && need->indices <= have->indices;
}

static void place_devices(const struct ruleset *ruleset, const struct rf_bank *bank, const struct ruleset_place *place)
{
	struct rf_device_bucket *buckets = place->buckets + bank->bucket_first;

	for (uint32_t i = 0; i < ruleset->n_buckets; i++) {
		struct rf_device_bucket bucket = ruleset->buckets[i];

		for (int k = 0; k < RF_BUCKET_SLOTS; k++)
			if (bucket.slot[k].key)
				bucket.slot[k].profile += bank->profile_first;
		buckets[i] = bucket;
	}
	memcpy(place->idents + bank->ident_first, ruleset->idents, ruleset->n_indices * sizeof(*ruleset->idents));
	memcpy(place->infos, ruleset->infos, ruleset->n_indices * sizeof(*ruleset->infos));
	/* Devices that are gone must not be shown under their old names. */
	memset(place->infos + ruleset->n_indices, 0,
	       (place->sizes.indices - ruleset->n_indices) * sizeof(*place->infos));
}

static void place_profiles(const struct ruleset *ruleset, const struct rf_bank *bank, const struct ruleset_place *place)
{
	uint32_t node_first = place->bank * place->sizes.nodes;

	for (uint32_t i = 0; i < ruleset->n_profiles; i++) {
		struct rf_profile profile = ruleset->profiles[i];

		for (int set = 0; set < RF_SET_COUNT; set++) {
			profile.root4[set] += node_first;
			profile.root6[set] += node_first;
		}
		place->profiles[bank->profile_first + i] = profile;
	}
}

static struct rf_rule pack_line(const struct ruleset_line *line)
{
	const bool any = line->flags & LINE_ANY_PROTO;
	struct rf_rule rule = {
		.low = rf_rule_word(any ? 0 : line->proto, line->sport_lo, line->dport_lo),
		.high = rf_rule_word(any ? UINT8_MAX : line->proto, line->sport_hi, line->dport_hi) | RF_RULE_GUARDS,
	};

	rule.low |= (uint64_t)(line->flags & RF_RULE_FLAGS_MASK) << RF_RULE_FLAGS_SHIFT;
	rule.low |= (uint64_t)line->reason << RF_RULE_REASON_SHIFT;
	rule.low |= (uint64_t)(line->id & ((1U << RF_RULE_ID_LOW_BITS) - 1)) << RF_RULE_ID_LOW_SHIFT;
	rule.high |= (uint64_t)(line->id >> RF_RULE_ID_LOW_BITS) << RF_RULE_ID_HIGH_SHIFT;
	if (line->flags & LINE_LAST)
		rule.low |= RF_RULE_LAST;
	return rule;
}

/* Neither sum carries into RF_VALUE_SUBTREE: see fits(). */
static uint32_t place_value(const struct ruleset_place *place, uint32_t value)
{
	return value + place->bank * (value & RF_VALUE_SUBTREE ? place->sizes.nodes : place->sizes.chunks);
}

static struct rf_node pack_node4(const struct ruleset *ruleset, const struct ruleset_place *place,
				 const struct ruleset_node *node)
{
	struct rf_node packed = {.leaf = node->leaf};

	for (uint32_t i = 0; i < RF_NODE_KEYS; i++)
		packed.v4.last[i] = (uint32_t)node->last[i];
	for (uint32_t i = 0; i <= RF_NODE_KEYS; i++) {
		uint32_t child = node->first + i;

		/* Behind the last child that is there stands nothing that a key can lead to. */
		if (!node->leaf)
			packed.v4.child[i] = place->bank * place->sizes.nodes + child;
		else if (child < ruleset->n_values)
			packed.v4.child[i] = place_value(place, ruleset->values[child]);
	}
	return packed;
}

static struct rf_node pack_node6(const struct ruleset_place *place, const struct ruleset_node *node)
{
	struct rf_node packed = {.leaf = node->leaf};

	memcpy(packed.v6.last, node->last, sizeof(packed.v6.last));
	packed.v6.first = node->first + place->bank * (node->leaf ? place->sizes.values : place->sizes.nodes);
	return packed;
}

static void place_trees(const struct ruleset *ruleset, const struct ruleset_place *place)
{
	struct rf_node *nodes = place->nodes + (size_t)place->bank * place->sizes.nodes;
	uint32_t *values = place->values + (size_t)place->bank * place->sizes.values;
	struct rf_chunk *chunks = place->chunks + (size_t)place->bank * place->sizes.chunks;

	for (uint32_t i = 0; i < ruleset->n_nodes; i++) {
		const struct ruleset_node *node = &ruleset->nodes[i];

		nodes[i] = node->v4 ? pack_node4(ruleset, place, node) : pack_node6(place, node);
	}
	for (uint32_t i = 0; i < ruleset->n_values; i++)
		values[i] = place_value(place, ruleset->values[i]);
	for (uint32_t i = 0; i < ruleset->n_chunks; i++)
		for (uint32_t k = 0; k < RF_CHUNK_RULES; k++)
			chunks[i].rule[k] = pack_line(&ruleset->chunks[i].rule[k]);
}

static void place_peers(const struct ruleset *ruleset, const struct rf_bank *bank, const struct ruleset_place *place)
{
	uint32_t chunk_first = place->bank * place->sizes.chunks;

	for (uint32_t i = 0; i < ruleset->n_peers; i++) {
		struct rf_peer_bucket bucket = ruleset->peers[i];

		for (int k = 0; k < RF_BUCKET_SLOTS; k++)
			if (bucket.slot[k].key)
				bucket.slot[k].chunk += chunk_first;
		place->peers[bank->peer_first + i] = bucket;
	}
}

static void place_names(const struct ruleset *ruleset, const struct rf_bank *bank, const struct ruleset_place *place)
{
	uint32_t chunk_first = place->bank * place->sizes.chunks;

	for (uint32_t i = 0; i < ruleset->n_names; i++) {
		struct rf_name_bucket bucket = ruleset->names[i];

		for (int k = 0; k < RF_BUCKET_SLOTS; k++)
			if (bucket.slot[k].key)
				bucket.slot[k].chunk += chunk_first;
		place->names[bank->name_first + i] = bucket;
	}
}

int ruleset_place(const struct ruleset *ruleset, const struct ruleset_place *place)
{
	struct ruleset_sizes need = ruleset_sizes(ruleset);
	struct rf_bank bank = ruleset->bank;

	if (place->bank > 1)
		return -EINVAL;
	if (!fits(&need, &place->sizes))
		return -ENOSPC;
	bank.bucket_first = place->bank * place->sizes.buckets;
	bank.peer_first = place->bank * place->sizes.peers;
	bank.name_first = place->bank * place->sizes.names;
	bank.ident_first = place->bank * place->sizes.indices;
	bank.profile_first = place->bank * place->sizes.profiles;
	bank.unknown_profile += bank.profile_first;

	place_trees(ruleset, place);
	place_peers(ruleset, &bank, place);
	place_names(ruleset, &bank, place);
	place_profiles(ruleset, &bank, place);
	place_devices(ruleset, &bank, place);
	place->control->bank[place->bank] = bank;
	return 0;
}
