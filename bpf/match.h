/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * match.h - remote address, protocol and ports -> the first rule of a set that matches.
 *
 * Address -> range tree -> rule list -> scan. A second list comes from the other MAC (device:, group:) where the profile has such rules. Each
 * list ends with the default, so a scan always ends in a match; of two matches the lower id stands earlier in the policy.
 * Cost: a walk of as many nodes as the tree is deep, and one list; it does not grow with devices, and with rules only inside one list.
 */
#ifndef RF_MATCH_H
#define RF_MATCH_H

#include <linux/in.h>

#include "identify.h"
#include "order.h"
#include "packet.h"

/* Value of an IPv4 address in the tree with this root: a chunk. 1: found; 0: inconsistent. */
static __always_inline int tree_walk4(const struct rf_judgement *j, __u32 root, __u64 key, __u32 *ret_value)
{
	const struct rf_node *node;
	__u32 at = root;
	__u64 n;
	int i, k;

	for (i = 0; i < RF_TREE_DEPTH; i++) {
		node = world_node(j, at);
		if (!node)
			return 0;
		n = 0;
		for (k = 0; k < RF_NODE_KEYS; k++) {
			__u64 last = node->v4.last[k];

			world_opaque(last); /* a number of 64 bits: else the compiler compares, and branches */
			n += (last - key) >> 63;
		}
		at = node->v4.child[n & RF_NODE_KEYS];
		if (!node->leaf)
			continue;
		*ret_value = at;
		return 1;
	}
	return 0;
}

/* Value of one half of an IPv6 address in the tree with this root: a chunk, or RF_VALUE_SUBTREE and a root. 1: found; 0: inconsistent. */
static __always_inline int tree_walk6(const struct rf_judgement *j, __u32 root, __u64 key, __u32 *ret_value)
{
	const struct rf_node *node;
	const __u32 *value;
	__u32 at = root;
	__u64 n;
	int i, k;

	for (i = 0; i < RF_TREE_DEPTH; i++) {
		node = world_node(j, at);
		if (!node)
			return 0;
		n = 0;
		for (k = 0; k < RF_NODE_KEYS; k++)
			n += below(node->v6.last[k], key);
		at = node->v6.first + (__u32)n;
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

/* IPv6: the upper half, then the lower where it counts. Behind a call: IPv4 need not pay for it. The chunk; RF_VALUE_SUBTREE: inconsistent. */
WORLD_STAGE __u32 tree_find6(struct rf_judgement *j, __u32 root)
{
	__u32 value = RF_VALUE_SUBTREE;

	if (!j || !tree_walk6(j, root, j->query.remote.hi, &value))
		return RF_VALUE_SUBTREE;
	if (value & RF_VALUE_SUBTREE && !tree_walk6(j, value & ~RF_VALUE_SUBTREE, j->query.remote.lo, &value))
		return RF_VALUE_SUBTREE;
	return value;
}

static __always_inline int tree_find(struct rf_judgement *j, const struct rf_profile *profile, __u32 *ret_chunk)
{
	const struct rf_query *query = &j->query;
	__u32 set = query->set & 1;

	if (rf_addr_is_v4(&query->remote))
		return tree_walk4(j, profile->root4[set], (__u32)query->remote.lo, ret_chunk);
	*ret_chunk = tree_find6(j, profile->root6[set]);
	return !(*ret_chunk & RF_VALUE_SUBTREE);
}

/*
 * The first rule that matches in at most n lines of a list. 1: found, or the list has ended; 0: it goes on.
 */
static __always_inline int list_scan_lines(const struct rf_judgement *j, __u32 first, __u32 n, __u64 word,
					   struct rf_match *match)
{
	__u32 i;
	int k;

	for (i = 0; i < n; i++) {
		const struct rf_chunk *chunk = world_chunk(j, first + i);

		if (!chunk)
			return 1;
		for (k = 0; k < RF_CHUNK_RULES; k++) {
			const struct rf_rule *rule = &chunk->rule[k];

			if (rf_rule_matches(rule, word)) {
				match->id = rf_rule_id(rule);
				match->reason = rf_rule_reason(rule);
				match->flags = rf_rule_flags(rule);
				return 1;
			}
			if (rule->low & RF_RULE_LAST)
				return 1;
		}
	}
	return 0;
}

/* The list from `first` on into j->other, by j->query: the rest of a long list, the second and third list of a frame. */
WORLD_STAGE int list_scan_other(struct rf_judgement *j, __u32 first)
{
	if (!j)
		return -1;
	j->other.id = RF_RULE_NONE;
	j->other.reason = RF_REASON_INTERNAL;
	j->other.flags = RF_RULE_DENY;
	j->other.known = 0;
	list_scan_lines(j, first, RF_CHUNKS_MAX, rf_rule_word(j->query.proto, j->query.sport, j->query.dport),
			&j->other);
	return 0;
}

/* The first rule of a list that matches. An ICMP type stands in query->dport. Most lists end within the first lines; the rest is behind a call. */
static __always_inline void list_scan(struct rf_judgement *j, __u32 first, struct rf_match *match)
{
	const struct rf_query *query = &j->query;

	if (list_scan_lines(j, first, RF_CHUNKS_INLINE, rf_rule_word(query->proto, query->sport, query->dport), match))
		return;
	list_scan_other(j, first + RF_CHUNKS_INLINE);
	world_forget();
	*match = j->other;
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

WORLD_STAGE int match_learned(struct rf_judgement *j); /* names.h */
WORLD_STAGE int known_renew(struct rf_judgement *j, __u32 index);

/*
 * Rules by DNS name. After a reload names are looked up anew at their first use: here, not below, where the stack would be deeper. Each pass does all that it
 * can, so when the last finds one that was not renewed, that one alone does not count.
 */
WORLD_STAGE int match_names(struct rf_judgement *j)
{
	int i, stale;

	if (!j)
		return -1;
	for (i = 0; i <= RF_LEARNED_WAYS; i++) {
		stale = match_learned(j);
		if (stale <= 0)
			break;
		known_renew(j, stale - 1);
	}
	return 0;
}

/* May the device have learned this address? 0: certainly not. */
static __always_inline int learned_maybe(const struct rf_judgement *j, const struct rf_control *control,
					 const struct rf_addr *addr)
{
	const struct rf_budget *budget = world_budget(j, j->subject.state);

	return !budget ||
	       rf_filter_has(budget->learned, rf_keyed_addr(&control->secret[RF_SECRET_REMOTE], addr->hi, addr->lo));
}

/*
 * Is it certain that only the default can match? Where no rule of the profile names the packet's protocol and port, and the device cannot have learned the
 * address: what is noted of an address under a name is noted of each packet to it.
 */
static __always_inline int match_is_default(const struct rf_judgement *j, const struct rf_control *control,
					    const struct rf_profile *profile)
{
	if (j->query.set != RF_SET_OUT || profile->ports & rf_port_bit(j->query.proto, j->query.dport))
		return 0;
	return !(profile->flags & RF_PROFILE_NAMES) || !learned_maybe(j, control, &j->query.remote);
}

/* The first rule that matches j->query. j->usable says whether the remote is usable under a name. */
static __always_inline void match_find(struct rf_judgement *j, const struct rf_control *control,
				       const struct rf_profile *profile, struct rf_match *match)
{
	__u32 chunk = 0;

	__builtin_memset(match, 0, sizeof(*match));
	match->id = RF_RULE_NONE;
	match->reason = RF_REASON_INTERNAL;
	match->flags = RF_RULE_DENY;
	j->usable = 0;
	if (match_is_default(j, control, profile)) {
		match->reason = profile->default_reason;
		match->flags = profile->default_flags;
		return;
	}
	if (!tree_find(j, profile, &chunk))
		return;
	list_scan(j, chunk, match);
	if (!(profile->flags & (RF_PROFILE_PEERS_OUT | RF_PROFILE_PEERS_IN | RF_PROFILE_NAMES)))
		return;
	j->match = *match;
	if (profile->flags & (RF_PROFILE_PEERS_OUT << (j->query.set & 1)))
		match_peer(j);
	if (profile->flags & RF_PROFILE_NAMES && j->query.set == RF_SET_OUT &&
	    learned_maybe(j, control, &j->query.remote))
		match_names(j);
	world_forget();
	*match = j->match;
}

/* The same of j->query into j->match, behind a call, for what asks seldom. */
WORLD_STAGE int match_rules(struct rf_judgement *j)
{
	const struct rf_profile *profile;
	const struct rf_control *control;

	if (!j)
		return -1;
	j->match.reason = RF_REASON_INTERNAL;
	j->match.flags = RF_RULE_DENY;
	profile = world_profile(j, j->query.profile);
	control = world_control(j);
	if (!profile || !control)
		return -1;
	match_find(j, control, profile, &j->match);
	return 0;
}

static __always_inline int match_allows(const struct rf_match *match)
{
	return !(match->flags & RF_RULE_DENY);
}

#endif
