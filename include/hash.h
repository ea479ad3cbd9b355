/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hash.h - the hash functions by which user space places entries and the datapath finds them.
 *
 * Multiply and shift: a table look-up must cost less than the function call that a kernel hash map costs. They are not
 * cryptographic; tables are built by user space for the keys of the policy (rf_place_*: a device cannot add keys), and
 * rows are keyed with a secret that never leaves the machine (rf_row_tag).
 */
#ifndef RF_HASH_H
#define RF_HASH_H

#include <linux/types.h>

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
