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

#endif
