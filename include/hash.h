/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hash.h - the hash functions by which user space places entries and the datapath finds them.
 *
 * Multiply and shift: a table look-up must cost less than the function call that a kernel hash map costs. They are not
 * cryptographic; tables are built by user space for the keys of the policy (rf_place_*: a device cannot add keys), and
 * rows are keyed with a secret that never leaves the machine (rf_keyed_addr, bpf/state.h).
 */
#ifndef RF_HASH_H
#define RF_HASH_H

#include <linux/types.h>

#include "bounds.h"

#define RF_HASH_M1 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio, odd */
#define RF_HASH_M2 0xbf58476d1ce4e5b9ULL /* splitmix64's multipliers */
#define RF_HASH_M3 0x94d049bb133111ebULL

static inline __attribute__((always_inline)) __u64 rf_mix(__u64 x)
{
	x ^= x >> 30;
	x *= RF_HASH_M2;
	x ^= x >> 27;
	x *= RF_HASH_M3;
	return x ^ (x >> 31);
}

/*
 * Number i of the secret that rows are keyed with, where no secret is wanted but the same rows everywhere: replay and tests. (The first
 * digits of pi behind the point, mixed.)
 */
static inline __attribute__((always_inline)) __u64 rf_secret_fixed(__u32 i)
{
	return rf_mix(0x243f6a8885a308d3ULL + i * RF_HASH_M1) | 1;
}

/*
 * A keyed hash of an address: the sum of its four words of 32 bits, each times a secret odd number, of which only the upper half is good (multilinear, Lemire
 * and Kaser 2014, with 64 bits for words of 32). The products do not wait for each other, so it costs little more than one. Who does not know the numbers cannot
 * choose what collides, as he could with two words of 64 bits: that both addresses differ in the first bit of either half would cancel out, whatever
 * the numbers are. `secret`: four of them.
 */
static inline __attribute__((always_inline)) __u64 rf_keyed_addr(const __u64 *secret, __u64 hi, __u64 lo)
{
	return (hi >> 32) * secret[0] + (__u32)hi * secret[1] + (lo >> 32) * secret[2] + (__u32)lo * secret[3];
}

/* Of three words, for the place of what is then compared itself: some that differ always meet. `secret`: three numbers. */
static inline __attribute__((always_inline)) __u64 rf_keyed_place(const __u64 *secret, __u64 a, __u64 b, __u64 c)
{
	return a * secret[0] + b * secret[1] + c * secret[2];
}

/* Bit of a protocol and destination port (of ICMP: its type) in struct rf_profile. */
static inline __attribute__((always_inline)) __u64 rf_port_bit(__u8 proto, __u16 dport)
{
	return 1ULL << (((__u64)proto << 16 | dport) * RF_HASH_M1 >> 58);
}

/* Is the bit of this keyed hash set in a filter of RF_FILTER_BITS? The hash's upper half is the good one. */
static inline __attribute__((always_inline)) int rf_filter_has(const __u64 *filter, __u64 hash)
{
	return filter[hash >> 63] >> (hash >> 57 & 63) & 1;
}

static inline __attribute__((always_inline)) void rf_filter_add(__u64 *filter, __u64 hash)
{
	_Static_assert(RF_FILTER_BITS == 128, "one bit of the hash tells the word");
	if (!rf_filter_has(filter, hash)) /* a locked write waits for all that is under way, a look does not */
		__sync_fetch_and_or(&filter[hash >> 63], 1ULL << (hash >> 57 & 63));
}

/* The same of a filter that is one word. */
static inline __attribute__((always_inline)) int rf_small_filter_has(__u64 filter, __u64 hash)
{
	return filter >> (hash >> 58) & 1;
}

static inline __attribute__((always_inline)) void rf_small_filter_add(__u64 *filter, __u64 hash)
{
	if (!rf_small_filter_has(*filter, hash))
		__sync_fetch_and_or(filter, 1ULL << (hash >> 58));
}

/*
 * Hash of a MAC address in the device table: one multiplication, and what its upper half knows brought to the lower. Tables are built for the
 * MACs of the policy, so it need not resist anybody.
 */
static inline __attribute__((always_inline)) __u64 rf_mac_hash(__u64 mac, __u64 seed)
{
	__u64 h = (mac ^ seed) * RF_HASH_M1;

	return h ^ h >> 29;
}

/* Which of the RF_UNKNOWN_DEVICES rows that unknown devices share a MAC uses. */
static inline __attribute__((always_inline)) __u32 rf_unknown_state(__u64 mac)
{
	return (__u32)(mac * RF_HASH_M2 >> 32) % RF_UNKNOWN_DEVICES;
}

/*
 * The two buckets of a key in a table of 2^bits buckets, bits 0..31: the high and the low half of one mixed word. Two choices
 * with four slots each fill to 90 % before an insert can fail; tables are built at most half full.
 */
static inline __attribute__((always_inline)) __u32 rf_place_first(__u64 hash, __u32 mask)
{
	return (__u32)(hash >> 32) & mask;
}

static inline __attribute__((always_inline)) __u32 rf_place_second(__u64 hash, __u32 mask)
{
	return (__u32)hash & mask;
}

/*
 * Names in lower-case wire format (RFC 1035 3.1). A label is hashed from `seed` on, its length first, in words of eight bytes, the first byte the most significant; the
 * last word holds what is left, in its low bytes. Labels are then absorbed from the last to the first, beginning with the seed, so that every suffix
 * has been hashed on the way to the whole name. The root's empty label is left out.
 */
static inline __attribute__((always_inline)) __u64 rf_name_word(__u64 label, __u64 word)
{
	return rf_mix(label ^ word);
}

static inline __attribute__((always_inline)) __u64 rf_name_label(__u64 hash, __u64 label)
{
	hash = (hash ^ label) * RF_HASH_M1;
	return hash ^ hash >> 32;
}

enum rf_name_kind {
	RF_NAME_EXACT = 0,    /* the name itself */
	RF_NAME_WILDCARD = 1, /* anything below it, at any depth */
};

/* Key in the name table: never 0, which marks a free slot. `profile` counts from the bank's first. */
static inline __attribute__((always_inline)) __u64 rf_name_key(__u32 profile, __u64 hash, enum rf_name_kind kind)
{
	__u64 key = rf_mix(hash ^ ((__u64)profile << 1 | kind) * RF_HASH_M3);

	return key ? key : 1;
}

#endif
