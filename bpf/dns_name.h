/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_name.h - DNS names in a message (RFC 1035 3.1, 4.1.4): read, compare, look up in the policy.
 *
 * Loops run byte by byte, bounded by the longest name; their state stands in struct rf_dns and is read back in every step.
 * verifier: only so do the steps look alike (bounded loops with state in registers exceed its limit from 6.12 on).
 */
#ifndef RF_DNS_NAME_H
#define RF_DNS_NAME_H

#include "hash.h"
#include "identify.h"
#include "packet.h"

#define RF_DNS_HEADER 12
#define RF_DNS_POINTER 0xc0
#define RF_DNS_MASK (RF_DNS_MESSAGE_MAX - 1)
#define RF_DNS_WIRE_MASK 0xff

static __always_inline __u8 dns_lower(__u8 c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static __always_inline __u16 dns_be16(const struct rf_dns *dns, __u32 off)
{
	return dns->message[off & RF_DNS_MASK] << 8 | dns->message[(off + 1) & RF_DNS_MASK];
}

static __always_inline __u32 dns_be32(const struct rf_dns *dns, __u32 off)
{
	return (__u32)dns_be16(dns, off) << 16 | dns_be16(dns, off + 2);
}

/*
 * The name of a question, at RF_DNS_HEADER, into dns->wire in lower case. A question has nothing before it that a pointer could name, so pointers and
 * the label types that nobody uses are malformed. Sets name_len, start[], end.
 */
WORLD_STAGE int dns_read_asked(struct rf_judgement *j)
{
	struct rf_dns *dns;
	__u8 c;
	int i;

	if (!j)
		return RF_PARSE_MALFORMED;
	dns = world_dns(j);
	if (!dns)
		return RF_PARSE_MALFORMED;
	dns->left = 0;
	for (i = 0; i < RF_DNS_NAME_MAX; i++) {
		world_forget();
		c = dns->message[RF_DNS_HEADER + i];
		dns->start[i] = !dns->left;
		if (dns->left) {
			dns->left--;
			dns->wire[i] = dns_lower(c);
			continue;
		}
		dns->wire[i] = c;
		if (!c) {
			dns->name_len = i;
			dns->end = RF_DNS_HEADER + i + 1;
			return RF_PARSE_OK;
		}
		if (c > RF_DNS_LABEL_MAX)
			return RF_PARSE_MALFORMED;
		dns->left = c;
	}
	return RF_PARSE_MALFORMED;
}

static __always_inline const struct rf_name_slot *name_slot_find(const struct rf_name_bucket *bucket, __u64 key)
{
	int i;

	for (i = 0; i < RF_BUCKET_SLOTS; i++)
		if (bucket->slot[i].key == key)
			return &bucket->slot[i];
	return NULL;
}

/* What the policy says of the suffix hashed so far, into dns; a longer one overrides it. */
WORLD_STAGE int name_probe(struct rf_judgement *j, __u32 kind)
{
	const struct rf_name_bucket *bucket;
	const struct rf_name_slot *slot;
	const struct rf_bank *bank;
	struct rf_dns *dns;
	__u64 key, hash;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	if (!dns || !bank)
		return -1;
	key = rf_name_key(j->subject.profile - bank->profile_first, dns->hash, kind & 1);
	hash = rf_mix(key ^ bank->seed);
	bucket = world_name(j, bank->name_first + rf_place_first(hash, bank->name_mask));
	slot = bucket ? name_slot_find(bucket, key) : NULL;
	if (!slot) {
		bucket = world_name(j, bank->name_first + rf_place_second(hash, bank->name_mask));
		slot = bucket ? name_slot_find(bucket, key) : NULL;
	}
	if (!slot)
		return 0;
	dns->chunk = slot->chunk;
	dns->flags = slot->flags;
	return 0;
}

/*
 * Hash dns->wire from its last byte to its first, asking the policy at each label: wildcards by their suffix, the whole name as itself. Sets hash, chunk,
 * flags (0: no rule names it). The cost is that of the name's length, whatever number of names the policy lists.
 */
WORLD_STAGE int name_look_up(struct rf_judgement *j)
{
	const struct rf_profile *profile;
	const struct rf_bank *bank;
	struct rf_dns *dns;
	int i, asks;
	__u32 at;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	profile = world_profile(j, j->subject.profile);
	if (!dns || !bank || !profile)
		return -1;
	asks = !!(profile->flags & (RF_PROFILE_NAMES | RF_PROFILE_DENY_NAMES));
	dns->hash = bank->name_seed;
	dns->chunk = 0;
	dns->flags = 0;
	dns->cursor = dns->name_len;
	for (i = 0; i < RF_DNS_NAME_MAX; i++) {
		world_forget();
		if (!dns->cursor)
			break;
		at = (dns->cursor - 1) & RF_DNS_WIRE_MASK;
		dns->cursor = at;
		dns->hash = rf_name_step(dns->hash, dns->wire[at]);
		if (asks && dns->start[at])
			name_probe(j, at ? RF_NAME_WILDCARD : RF_NAME_EXACT);
	}
	if (!dns->hash)
		dns->hash = 1; /* 0 marks what is free */
	return 0;
}

/*
 * Hash of the name at `off`, first byte to last, through its pointers, into dns->owner; dns->end is set behind it. Pointers go strictly backwards,
 * so the walk ends; what is longer than a name can be is malformed. Only compared with other hashes of this function.
 */
WORLD_STAGE int dns_hash_name(struct rf_judgement *j, __u32 off)
{
	struct rf_dns *dns;
	__u32 at;
	__u8 c;
	int i;

	if (!j)
		return RF_PARSE_MALFORMED;
	dns = world_dns(j);
	if (!dns)
		return RF_PARSE_MALFORMED;
	dns->owner = RF_HASH_M2;
	dns->left = dns->end = dns->jumps = 0;
	dns->cursor = dns->limit = off;
	for (i = 0; i < RF_DNS_NAME_MAX + RF_DNS_POINTERS_MAX; i++) {
		world_forget();
		at = dns->cursor;
		if (at >= j->dns_len)
			return RF_PARSE_MALFORMED;
		c = dns->message[at & RF_DNS_MASK];
		dns->cursor = at + 1;
		if (dns->left) {
			dns->left--;
			dns->owner = rf_name_step(dns->owner, dns_lower(c));
			continue;
		}
		if (c <= RF_DNS_LABEL_MAX) {
			dns->left = c;
			dns->owner = rf_name_step(dns->owner, c);
			if (c)
				continue;
			if (!dns->end)
				dns->end = at + 1;
			return RF_PARSE_OK;
		}
		if (c < RF_DNS_POINTER)
			return RF_PARSE_MALFORMED;
		if (!dns->end)
			dns->end = at + 2;
		dns->cursor = dns_be16(dns, at) & 0x3fff;
		dns->jumps++;
		if (dns->cursor >= dns->limit || dns->jumps > RF_DNS_POINTERS_MAX)
			return RF_PARSE_MALFORMED;
		dns->limit = dns->cursor;
	}
	return RF_PARSE_MALFORMED;
}

#endif
