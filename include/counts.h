/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts.h - counters of devices and of the whole, and what a device may make the kernel tell. Part of abi.h.
 */
#ifndef RF_COUNTS_H
#define RF_COUNTS_H

#include <linux/types.h>

#include "address.h"
#include "bounds.h"
#include "folds.h"
#include "reason.h"

/* Per device, shared by all CPUs: what it may make the kernel tell in one interval, each kind by itself, so that none keeps another silent. */
enum rf_budget_kind {
	RF_BUDGET_EVENTS,   /* what is folded */
	RF_BUDGET_LEARNED,  /* addresses that became usable, and what gave way */
	RF_BUDGET_SEGMENTS, /* struct rf_segment */
	RF_BUDGET_COUNT
};

struct rf_budget {
	__u64 window; /* ticks: start of the interval */
	__u32 spent[RF_BUDGET_COUNT];
	__u32 epoch; /* moves with every change of the device's rows or names that may change a verdict: see struct rf_flow */
	/*
	 * Addresses that the device may have learned, those that it may have opened a connection to, and those that may have opened one to it: a bit for each, by
	 * a keyed hash, set before the other is there and never taken back. One that is not set says for certain that there is nothing to look for; all set cost a look.
	 */
	__u64 learned[RF_FILTER_BITS / 64];
	__u64 remotes[RF_FILTER_BITS / 64];
	__u64 openers;
};
_Static_assert(sizeof(struct rf_budget) == 64, "one cache line");

struct rf_count {
	__u64 packets;
	__u64 bytes;
};

/* Per CPU: all that most frames from a device touch, those that a rule let pass or the default did not. */
struct rf_counters_first {
	__u64 last_seen; /* ticks */
	__u32 ifindex;	 /* where it was last seen */
	__u32 last_v4;	 /* last IPv4 source, host byte order */
	struct rf_count from_passed;
	struct rf_count from_dropped;
	__u64 by_rule;	  /* packets with reason RULE, */
	__u64 by_default; /* and with rf_default_reason() of the device */
};
_Static_assert(sizeof(struct rf_counters_first) == 64, "one cache line");

/* Why what nobody allowed is dropped: of the unknown devices, which have the counters of the first, the usual reason is another one. */
static inline __attribute__((always_inline)) __u8 rf_default_reason(__u32 device)
{
	return device ? RF_REASON_DEFAULT_DENY : RF_REASON_UNKNOWN_DEVICE;
}

/* Per CPU: the rest. Index: device; an entry has as many as the machine may have CPUs. */
struct rf_counters_rest {
	struct rf_count to_passed;
	struct rf_count to_dropped;
	__u64 by_reason[RF_REASON_SLOTS]; /* what is not counted in the first */
	struct rf_count from_would_drop;
	struct rf_count to_would_drop;
	struct rf_addr last_v6;
};
_Static_assert(sizeof(struct rf_counters_rest) == 320, "five cache lines");

/*
 * What almost every frame of a device touches, side by side, and nothing else: with many devices active each page is a miss of the TLB, which costs as much as a
 * line. Index: device. Folds are as many sets as the sizing says, and a struct rf_counters_first for each CPU that the machine may have stands behind them: the
 * loader makes the map's values that large.
 */
struct rf_hot {
	struct rf_budget budget;
	struct rf_fold_set folds[1];
};
_Static_assert(sizeof(struct rf_hot) == 128, "lines");

/* Offset of the counters of the first CPU, for 1 << fold sets. */
static inline __attribute__((always_inline)) __u32 rf_hot_counters(__u32 fold)
{
	return (__u32)(sizeof(struct rf_budget) + (sizeof(struct rf_fold_set) << fold));
}

static inline __attribute__((always_inline)) __u32 rf_hot_size(__u32 fold, __u32 n_cpus)
{
	return rf_hot_counters(fold) + n_cpus * (__u32)sizeof(struct rf_counters_first);
}

/* Per CPU, one entry. */
struct rf_totals {
	struct rf_count unpoliced_to; /* frames out of an inside port to no device of the policy */
	__u64 events_emitted;
	__u64 events_lost;   /* ring buffer full, or over a device's budget */
	__u64 packets_lost;  /* drops that only such events would have told of */
	__u64 packets_quiet; /* drops by rules with log: false */
	__u64 internal;	     /* verdicts `internal`, also where no device was known */
	__u64 dns_questions; /* remembered */
	__u64 dns_answers;   /* met a question and were read to their end */
	__u64 dns_unasked;   /* answers that met no question: learned nothing */
	__u64 dns_unread;    /* answers that met a question and could not be read to their end */
	__u64 dns_learned;   /* addresses, new or renewed */
	__u64 dns_evicted;   /* addresses and names that gave way before their time */
	__u64 ring_full; /* ticks + 1: then it had no room for an event, and is not asked again in this tick; no count */
};
_Static_assert(sizeof(struct rf_totals) == 112, "rf_totals");

#endif
