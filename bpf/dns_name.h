/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_name.h - DNS names in a message (RFC 1035 3.1, 4.1.4): read, compare, look up in the policy.
 *
 * A name is read once, in words of eight bytes, and becomes the hashes of its labels; everything else works on those. Loops are bounded by what a name can
 * hold; their state stands in struct rf_dns and is read back in every step.
 * verifier: only so do the steps look alike (bounded loops with state in registers exceed its limit from 6.12 on).
 */
#ifndef RF_DNS_NAME_H
#define RF_DNS_NAME_H

#include "hash.h"
#include "identify.h"
#include "packet.h"

#define RF_DNS_HEADER 12
#define RF_DNS_MASK (RF_DNS_ROOM - 1)
#define RF_DNS_LABEL_MASK RF_DNS_LABELS_MAX /* one below a power of two */

#define RF_BYTES(byte) (0x0101010101010101ULL * (byte))

/* Eight bytes in lower case; those beyond ASCII, and lengths of labels, stay. Warren, Hacker's Delight 6-1: byte-parallel comparison. */
static __always_inline __u64 dns_lower(__u64 word)
{
	__u64 low = word & RF_BYTES(0x7f), ascii = ~word & RF_BYTES(0x80);
	__u64 from_a = low + RF_BYTES(0x80 - 'A'), above_z = low + RF_BYTES(0x7f - 'Z');

	return word | (from_a & ~above_z & ascii) >> 2;
}

static __always_inline __u64 dns_word(const struct rf_dns *dns, __u32 off)
{
	return dns_lower(load_be64(&dns->message[off & RF_DNS_MASK]));
}

static __always_inline __u16 dns_be16(const struct rf_dns *dns, __u32 off)
{
	return load_be16(&dns->message[off & RF_DNS_MASK]);
}

static __always_inline __u32 dns_be32(const struct rf_dns *dns, __u32 off)
{
	return load_be32(&dns->message[off & RF_DNS_MASK]);
}

static __always_inline __u64 dns_be64(const struct rf_dns *dns, __u32 off)
{
	return load_be64(&dns->message[off & RF_DNS_MASK]);
}

/*
 * Go on where the two bytes at `at` point. Pointers go strictly backwards, so the walk ends, and not into the header, where no name stands. 0, or -1: malformed, also the label types that nobody uses.
 */
static __always_inline int name_jump(struct rf_dns *dns, __u32 at, __u32 end)
{
	__u16 pointer = dns_be16(dns, at);
	__u32 to = pointer & 0x3fff;

	if (at + 1 >= end || pointer >> 14 != 3 || to < RF_DNS_HEADER || to >= dns->limit ||
	    dns->jumps++ >= RF_DNS_POINTERS_MAX)
		return -1;
	if (!dns->end)
		dns->end = at + 2;
	dns->cursor = dns->limit = to;
	return 0;
}

/* The next word of the label in hand, which has `left` bytes, is absorbed. */
static __always_inline void name_absorb(struct rf_dns *dns, __u64 word, __u32 left)
{
	__u64 part;

	if (left > 8) {
		dns->part = rf_name_word(dns->part, word);
		dns->cursor += 8;
		dns->left = left - 8;
		return;
	}
	part = rf_name_word(dns->part, word >> ((64 - 8 * left) & 63));
	dns->label[dns->n_labels & RF_DNS_LABEL_MASK] = part;
	dns->owner = rf_name_label(dns->owner, part);
	dns->n_labels++;
	dns->cursor += left;
	dns->left = 0;
}

/*
 * Read the name at `off`, through its pointers, of a message (or what stands at RF_DNS_KNOWN_OFF) that ends at `end`. Sets label[], n_labels, name_len, owner, jumps
 * and end. What is longer than a name can be is malformed. Bytes behind `end` may be read before that is found, never believed.
 */
WORLD_STAGE int name_read(struct rf_judgement *j, __u32 off, __u32 end)
{
	const struct rf_bank *bank;
	struct rf_dns *dns;
	__u32 at, left;
	__u64 word;
	int i;

	if (!j)
		return RF_PARSE_MALFORMED;
	dns = world_dns(j);
	bank = world_bank(j);
	if (!dns || !bank)
		return RF_PARSE_MALFORMED;
	dns->owner = bank->name_seed;
	dns->left = dns->end = dns->jumps = dns->name_len = dns->n_labels = 0;
	dns->cursor = dns->limit = off;
	for (i = 0; i < RF_DNS_LABELS_MAX + RF_DNS_POINTERS_MAX + 1; i++) {
		world_forget();
		at = dns->cursor;
		left = dns->left;
		if (at >= end)
			return RF_PARSE_MALFORMED;
		word = dns_word(dns, at);
		if (!left) {
			left = word >> 56;
			if (!left) {
				if (!dns->end)
					dns->end = at + 1;
				return RF_PARSE_OK;
			}
			if (left > RF_DNS_LABEL_MAX) {
				if (name_jump(dns, at, end))
					return RF_PARSE_MALFORMED;
				continue;
			}
			left++;
			dns->name_len += left;
			if (dns->name_len >= RF_DNS_NAME_MAX)
				return RF_PARSE_MALFORMED;
			dns->part = bank->name_seed;
		}
		name_absorb(dns, word, left);
	}
	return RF_PARSE_MALFORMED;
}

/* Unknown devices share rows, but not what they learn: of which one it is. 0: a device of the policy. */
static __always_inline __u32 name_owner(const struct rf_judgement *j, const struct rf_bank *bank)
{
	return j->subject.flags & RF_DEVICE_UNKNOWN ? (__u32)rf_mix(j->subject.mac ^ bank->name_seed) | 1 : 0;
}

/* The hash of each suffix into label[] in place of its first label's, that of the whole name, which is its owner's, into hash. */
static __always_inline void name_hash(const struct rf_judgement *j, struct rf_dns *dns, const struct rf_bank *bank)
{
	int i;

	dns->hash = bank->name_seed;
	dns->cursor = dns->n_labels;
	for (i = 0; i < RF_DNS_LABELS_MAX; i++) {
		__u32 at;

		world_forget();
		if (!dns->cursor)
			break;
		at = (dns->cursor - 1) & RF_DNS_LABEL_MASK;
		dns->cursor = at;
		dns->hash = dns->label[at] = rf_name_label(dns->hash, dns->label[at]);
	}
	dns->hash ^= rf_mix(name_owner(j, bank));
	if (!dns->hash)
		dns->hash = 1; /* 0 marks what is free */
}

static __always_inline const struct rf_name_slot *name_slot_find(const struct rf_name_bucket *bucket, __u64 key)
{
	int i;

	for (i = 0; i < RF_BUCKET_SLOTS; i++)
		if (bucket->slot[i].key == key)
			return &bucket->slot[i];
	return NULL;
}

/* What the policy says of the suffix that begins with label `at`. 1: it names it, into dns; 0: not. */
WORLD_STAGE int name_probe(struct rf_judgement *j, __u32 at)
{
	const struct rf_name_bucket *bucket;
	const struct rf_name_slot *slot;
	const struct rf_bank *bank;
	struct rf_dns *dns;
	__u64 key, hash;

	if (!j)
		return 0;
	dns = world_dns(j);
	bank = world_bank(j);
	if (!dns || !bank)
		return 0;
	key = rf_name_key(j->subject.profile - bank->profile_first, dns->label[at & RF_DNS_LABEL_MASK],
			  at ? RF_NAME_WILDCARD : RF_NAME_EXACT);
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
	return 1;
}

/*
 * What the policy says of the name that was hashed: chunk and flags (0: no rule names it). The whole name as itself, then wildcards from the longest on: the first
 * that is there says everything. The cost is that of the name's labels, whatever number of names the policy lists.
 */
static __always_inline int name_look_up(struct rf_judgement *j)
{
	const struct rf_profile *profile;
	struct rf_dns *dns;
	__u32 i;

	if (!j)
		return -1;
	dns = world_dns(j);
	profile = world_profile(j, j->subject.profile);
	if (!dns || !profile)
		return -1;
	dns->chunk = 0;
	dns->flags = 0;
	if (!(profile->flags & (RF_PROFILE_NAMES | RF_PROFILE_DENY_NAMES)))
		return 0;
	for (i = 0; i < RF_DNS_LABELS_MAX; i++) {
		world_forget();
		if (i >= dns->n_labels || name_probe(j, i))
			break;
	}
	return 0;
}

#endif
