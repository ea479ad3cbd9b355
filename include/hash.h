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
 * Names: bytes of the lower-case wire format (RFC 1035 3.1) without the root's zero, absorbed from the last to the first, beginning with
 * the seed. So every suffix of labels has been hashed on the way to the whole name.
 */
static inline __attribute__((always_inline)) __u64 rf_name_step(__u64 hash, __u8 byte)
{
	hash = (hash ^ byte) * RF_HASH_M1;
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
