/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * count.h - every verdict is counted: in the device's counters of this CPU, and what belongs to no device in the totals.
 */
#ifndef RF_COUNT_H
#define RF_COUNT_H

#include "packet.h"

static __always_inline void count_add(struct rf_count *count, __u32 bytes)
{
	count->packets++;
	count->bytes += bytes;
}

/* What stands in the first line: a frame from the device that a rule let pass, or that the default did not. 1: counted. */
static __always_inline int count_first(struct rf_counters_first *first, __u32 device, __u8 reason, __u32 bytes)
{
	if (reason == RF_REASON_RULE) {
		first->by_rule++;
		count_add(&first->from_passed, bytes);
		return 1;
	}
	if (reason == rf_default_reason(device)) {
		first->by_default++;
		count_add(&first->from_dropped, bytes);
		return 1;
	}
	return 0;
}

/* One more frame with this reason, in the column of its direction and verdict. */
static __always_inline void count_any(struct rf_counters_first *first, struct rf_counters_rest *rest, __u8 reason,
				      __u32 bytes, enum rf_direction direction)
{
	const int from = direction == RF_DIRECTION_FROM;
	__u64 slot = reason;

	if (reason == RF_REASON_WOULD_DROP)
		count_add(from ? &rest->from_would_drop : &rest->to_would_drop, bytes);
	else if (reason_passes(reason))
		count_add(from ? &first->from_passed : &rest->to_passed, bytes);
	else
		count_add(from ? &first->from_dropped : &rest->to_dropped, bytes);
	world_opaque(slot); /* verifier: the bound must hold for the very register that is added */
	if (slot < RF_REASON_SLOTS)
		rest->by_reason[slot]++;
}

static __always_inline void count_verdict(const struct rf_judgement *j, struct rf_counters_first *first, __u32 device,
					  __u8 reason, enum rf_direction direction)
{
	struct rf_counters_rest *rest;

	if (direction == RF_DIRECTION_FROM && count_first(first, device, reason, j->len))
		return;
	rest = world_counters_rest(j, device);
	if (rest)
		count_any(first, rest, reason, j->len, direction);
}

static __always_inline void count_last_v6(const struct rf_judgement *j)
{
	struct rf_counters_rest *rest = world_counters_rest(j, j->subject.device);

	if (rest)
		rest->last_v6 = j->packet.src;
}

/* That there are no counters cannot happen: the device table holds indices below the maps' sizes, and the loader counted the CPUs. */
static __always_inline void report_count(const struct rf_judgement *j)
{
	struct rf_counters_first *first = world_counters(j, j->subject.device);

	if (!first)
		return;
	if (j->direction == RF_DIRECTION_FROM) {
		first->last_seen = world_ticks(j);
		first->ifindex = j->ifindex;
		if (j->packet.l3 == 4)
			first->last_v4 = (__u32)j->packet.src.lo;
		else if (j->packet.l3 == 6)
			count_last_v6(j);
	}
	count_verdict(j, first, j->subject.device, j->outcome.reason, j->direction);
}

/* To nobody that the policy knows. */
static __always_inline void count_unpoliced(const struct rf_judgement *j, __u32 bytes)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		count_add(&totals->unpoliced_to, bytes);
}

/* A drop that nobody wants to be told of. */
static __always_inline void count_quiet(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		totals->packets_quiet++;
}

static __always_inline void count_told(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		totals->events_emitted++;
}

/* One event less, which would have told of so many packets. */
static __always_inline void count_lost(const struct rf_judgement *j, __u64 packets)
{
	struct rf_totals *totals = world_totals(j);

	if (!totals)
		return;
	totals->events_lost++;
	totals->packets_lost += packets;
}

#endif
