/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folds.h - drops that are being folded into one event. Part of abi.h.
 */
#ifndef RF_FOLDS_H
#define RF_FOLDS_H

#include <linux/types.h>

#include "address.h"
#include "bounds.h"

/*
 * Drops that are being folded: sets of each device (sizing.h), of three ways, so that one line is all that most drops touch (struct rf_hot); what the ways are of
 * stands apart, in struct rf_fold_slots. A key is a keyed hash of what was dropped, with the ticks at which it was told last:
 *
 *   63          25            24 23       0
 *   hash, never 0   described     told        0: free
 *
 * Keys change by compare-and-swap, packets are counted by one atomic add: packets << RF_FOLD_SHIFT | bytes. Room for what 256 million frames a second, or 64
 * gigabytes, come to in the interval after which the next one sends it. Nothing is counted under a key that is not described.
 */
#define RF_FOLD_SHIFT 36
#define RF_FOLD_TOLD_BITS 24
#define RF_FOLD_DESCRIBED (1ULL << RF_FOLD_TOLD_BITS) /* its slot says what it is of */
#define RF_FOLD_HASH_SHIFT (RF_FOLD_TOLD_BITS + 1)
#define RF_FOLD_TOLD_MASK (RF_FOLD_DESCRIBED - 1)

static inline __attribute__((always_inline)) __u64 rf_fold_packets(__u64 count)
{
	return count >> RF_FOLD_SHIFT;
}

static inline __attribute__((always_inline)) __u64 rf_fold_bytes(__u64 count)
{
	return count & ((1ULL << RF_FOLD_SHIFT) - 1);
}

/* Is it the key of this hash? */
static inline __attribute__((always_inline)) int rf_fold_is(__u64 key, __u64 hash)
{
	return !((key ^ hash) >> RF_FOLD_HASH_SHIFT);
}

/*
 * Ticks since it was told, of as many as 24 bits hold (more than four hours at 1000 a second). What comes again after just that long is taken for what was told
 * a moment ago: it is told by the next of it, or by the daemon, at the latest one interval later.
 */
static inline __attribute__((always_inline)) __u64 rf_fold_age(__u64 key, __u64 now)
{
	return (now - key) & RF_FOLD_TOLD_MASK;
}

/* The key that was told now. */
static inline __attribute__((always_inline)) __u64 rf_fold_told(__u64 key, __u64 now)
{
	return (key & ~RF_FOLD_TOLD_MASK) | (now & RF_FOLD_TOLD_MASK);
}

/* Where in two sets side by side something folds: a way of the one that its hash tells, or of the one beside. */
#define RF_FOLD_BESIDE 4U

static inline __attribute__((always_inline)) __u32 rf_fold_way(__u32 place)
{
	return place & (RF_FOLD_BESIDE - 1);
}

static inline __attribute__((always_inline)) __u32 rf_fold_sibling(__u32 place)
{
	return place / RF_FOLD_BESIDE & 1;
}

struct rf_fold_set {
	__u64 key[RF_FOLD_WAYS];
	__u64 count[RF_FOLD_WAYS]; /* since the key was told */
	__u16 first[RF_FOLD_WAYS]; /* ticks from then to the first of them, */
	__u16 last[RF_FOLD_WAYS];  /* and to the last: what comes after the interval is told itself */
	__u32 reserved;
};
_Static_assert(sizeof(struct rf_fold_set) == 64, "one cache line");

struct rf_fold_slot {
	struct rf_addr remote;
	struct rf_addr local;
	__u32 ifindex;
	__u32 rule;
	__u32 generation;
	__u16 remote_port;
	__u16 local_port;
	__u16 ethertype;
	__u16 vlan;
	__u8 proto;
	__u8 reason; /* the reason, or in monitor mode the one it would have had */
	__u8 type;   /* enum rf_event_type */
	__u8 direction;
	__u8 mac[6]; /* of the device */
	__u8 l3;
	__u8 reserved;
};
_Static_assert(sizeof(struct rf_fold_slot) == 64, "one cache line");

struct rf_fold_slots {
	struct rf_fold_slot slot[RF_FOLD_WAYS];
};

#endif
