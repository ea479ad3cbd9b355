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

static void place_trees(const struct ruleset *ruleset, const struct ruleset_place *place)
{
	uint32_t node_first = place->bank * place->sizes.nodes;
	uint32_t value_first = place->bank * place->sizes.values;
	uint32_t chunk_first = place->bank * place->sizes.chunks;

	for (uint32_t i = 0; i < ruleset->n_nodes; i++) {
		struct rf_node node = ruleset->nodes[i];

		node.first += node.leaf ? value_first : node_first;
		place->nodes[node_first + i] = node;
	}
	for (uint32_t i = 0; i < ruleset->n_values; i++) {
		uint32_t value = ruleset->values[i];

		/* Neither sum carries into RF_VALUE_SUBTREE: see fits(). */
		value += value & RF_VALUE_SUBTREE ? node_first : chunk_first;
		place->values[value_first + i] = value;
	}
	memcpy(place->chunks + chunk_first, ruleset->chunks, ruleset->n_chunks * sizeof(*ruleset->chunks));
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
