/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decide.h - remote address, protocol and ports -> the first rule of a set that matches.
 *
 * Address -> range tree -> rule list -> scan. A second list comes from the other MAC (device:, group:) where the profile has such rules. Each
 * list ends with the default, so a scan always ends in a match; of two matches the lower id stands earlier in the policy.
 * Cost: a walk of as many nodes as the tree is deep, and one list; it does not grow with devices, and with rules only inside one list.
 */
#ifndef RF_DECIDE_H
#define RF_DECIDE_H

#include <linux/in.h>

#include "identify.h"
#include "packet.h"

/* 1 if a < b, without a branch (Warren, Hacker's Delight 2-12): seven of these in a row run side by side. */
static __always_inline __u64 below(__u64 a, __u64 b)
{
	return ((~a & b) | ((~a | b) & (a - b))) >> 63;
}

/* The child of `key` in a node: how many of the upper bounds are below it. */
static __always_inline __u32 node_child(const struct rf_node *node, __u64 key)
{
	__u64 n = 0;
	int i;

	for (i = 0; i < RF_NODE_KEYS; i++)
		n += below(node->last[i], key);
	return node->first + (__u32)n;
}

/* Value of `key` in the tree with this root: a chunk, or RF_VALUE_SUBTREE and a root. 1: found; 0: inconsistent. */
static __always_inline int tree_walk(const struct rf_judgement *j, __u32 root, __u64 key, __u32 *ret_value)
{
	const struct rf_node *node;
	const __u32 *value;
	__u32 at = root;
	int i;

	for (i = 0; i < RF_TREE_DEPTH; i++) {
		node = world_node(j, at);
		if (!node)
			return 0;
		at = node_child(node, key);
		if (!node->leaf)
			continue;
		value = world_value(j, at);
		if (!value)
			return 0;
		*ret_value = *value;
		return 1;
	}
	return 0;
}

static __always_inline int tree_find(const struct rf_judgement *j, const struct rf_profile *profile,
				     const struct rf_query *query, __u32 *ret_chunk)
{
	__u32 set = query->set & 1;

	if (rf_addr_is_v4(&query->remote))
		return tree_walk(j, profile->root4[set], (__u32)query->remote.lo, ret_chunk);
	if (!tree_walk(j, profile->root6[set], query->remote.hi, ret_chunk))
		return 0;
	if (!(*ret_chunk & RF_VALUE_SUBTREE))
		return 1;
	return tree_walk(j, *ret_chunk & ~RF_VALUE_SUBTREE, query->remote.lo, ret_chunk);
}

/*
 * Does the rule match? Every difference that must not be negative, and their signs together: one branch a rule, not eight.
 * An ICMP type stands in query->dport.
 */
static __always_inline int rule_matches(const struct rf_rule *rule, const struct rf_query *query)
{
	__u64 any = rule->flags & RF_RULE_ANY_PROTO, proto = (rule->proto ^ query->proto) & (any - 1);
	__u64 dport = query->dport, sport = query->sport;
	__u64 outside = (0 - proto) | (dport - rule->dport_lo) | (rule->dport_hi - dport) | (sport - rule->sport_lo) |
			(rule->sport_hi - sport);

	_Static_assert(RF_RULE_ANY_PROTO == 1, "used as a number");
	world_opaque(outside);
	return !(outside >> 63);
}

/* The first rule of the list that matches. */
static __always_inline void list_scan(const struct rf_judgement *j, __u32 first, const struct rf_query *query,
				      struct rf_match *match)
{
	int i, k;

	for (i = 0; i < RF_CHUNKS_MAX; i++) {
		const struct rf_chunk *chunk = world_chunk(j, first + i);

		if (!chunk)
			return;
		for (k = 0; k < RF_CHUNK_RULES; k++) {
			const struct rf_rule *rule = &chunk->rule[k];

			if (rule_matches(rule, query)) {
				match->id = rule->id;
				match->reason = rule->reason;
				match->flags = rule->flags;
				return;
			}
			if (rule->flags & RF_RULE_LAST)
				return;
		}
	}
}

/* The same for the second and third list of a frame, behind a call. Into j->other. */
WORLD_STAGE int list_scan_other(struct rf_judgement *j, __u32 first)
{
	if (!j)
		return -1;
	j->other.id = RF_RULE_NONE;
	j->other.known = 0;
	list_scan(j, first, &j->query, &j->other);
	return 0;
}

static __always_inline const struct rf_peer_slot *peer_find(const struct rf_judgement *j, const struct rf_bank *bank,
							    __u64 key)
{
	__u64 hash = rf_mix(key ^ bank->seed);
	const struct rf_peer_bucket *bucket;
	int i;

	bucket = world_peer(j, bank->peer_first + rf_place_first(hash, bank->peer_mask));
	for (i = 0; bucket && i < RF_BUCKET_SLOTS; i++)
		if (bucket->slot[i].key == key)
			return &bucket->slot[i];
	bucket = world_peer(j, bank->peer_first + rf_place_second(hash, bank->peer_mask));
	for (i = 0; bucket && i < RF_BUCKET_SLOTS; i++)
		if (bucket->slot[i].key == key)
			return &bucket->slot[i];
	return NULL;
}

/* Rules by the other device's MAC, where they stand before what the address gave. */
WORLD_STAGE int match_peer(struct rf_judgement *j)
{
	const struct rf_peer_slot *slot;
	const struct rf_bank *bank;
	__u32 device;

	if (!j)
		return -1;
	bank = world_bank(j);
	if (!bank)
		return -1;
	device = device_index(j, bank, j->query.remote_mac);
	if (device == RF_DEVICE_NONE)
		return 0;
	slot = peer_find(j, bank, rf_peer_key(j->query.profile - bank->profile_first, j->query.set & 1, device));
	if (!slot)
		return 0;
	list_scan_other(j, slot->chunk);
	if (j->other.id < j->match.id)
		j->match = j->other;
	return 0;
}

WORLD_STAGE int match_names(struct rf_judgement *j); /* names.h */

/* The first rule that matches j->query, into j->match. */
static __always_inline void match_find(struct rf_judgement *j, const struct rf_profile *profile)
{
	__u32 chunk = 0;

	j->match.id = RF_RULE_NONE;
	j->match.reason = RF_REASON_INTERNAL;
	j->match.flags = RF_RULE_DENY;
	j->match.known = 0;
	j->usable = 0;
	if (!tree_find(j, profile, &j->query, &chunk))
		return;
	list_scan(j, chunk, &j->query, &j->match);
	if (profile->flags & (RF_PROFILE_PEERS_OUT << (j->query.set & 1)))
		match_peer(j);
	if (profile->flags & RF_PROFILE_NAMES && j->query.set == RF_SET_OUT)
		match_names(j);
}

/* The same behind a call, for what asks seldom. */
WORLD_STAGE int match_rules(struct rf_judgement *j)
{
	const struct rf_profile *profile;

	if (!j)
		return -1;
	j->match.reason = RF_REASON_INTERNAL;
	j->match.flags = RF_RULE_DENY;
	profile = world_profile(j, j->query.profile);
	if (!profile)
		return -1;
	match_find(j, profile);
	return 0;
}

static __always_inline int match_allows(const struct rf_match *match)
{
	return !(match->flags & RF_RULE_DENY);
}

#endif
