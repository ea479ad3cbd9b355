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

static __always_inline void count_reason(struct rf_counters_rest *rest, __u8 reason)
{
	__u64 slot = reason;

	world_opaque(slot); /* verifier: the bound must hold for the very register that is added */
	if (slot < RF_REASON_SLOTS)
		rest->by_reason[slot]++;
}

/* One more frame from the device: what a rule let pass, or the default did not, is counted in the first line alone. */
static __always_inline void count_from(const struct rf_judgement *j, struct rf_counters_first *first, __u32 device,
				       __u8 reason)
{
	struct rf_counters_rest *rest;

	if (reason == RF_REASON_RULE) {
		first->by_rule++;
		count_add(&first->from_passed, j->len);
		return;
	}
	if (reason == rf_default_reason(device)) {
		first->by_default++;
		count_add(&first->from_dropped, j->len);
		return;
	}
	rest = world_counters_rest(j, device);
	if (!rest)
		return;
	if (reason == RF_REASON_WOULD_DROP)
		count_add(&rest->from_would_drop, j->len);
	else
		count_add(reason_passes(reason) ? &first->from_passed : &first->from_dropped, j->len);
	count_reason(rest, reason);
}

/* One more frame to the device. */
static __always_inline void count_to(const struct rf_judgement *j, __u32 device, __u8 reason)
{
	struct rf_counters_rest *rest = world_counters_rest(j, device);

	if (!rest)
		return;
	if (reason == RF_REASON_WOULD_DROP)
		count_add(&rest->to_would_drop, j->len);
	else
		count_add(reason_passes(reason) ? &rest->to_passed : &rest->to_dropped, j->len);
	count_reason(rest, reason);
}

static __always_inline void count_last_v6(const struct rf_judgement *j, __u32 device, const struct rf_addr *src)
{
	struct rf_counters_rest *rest = world_counters_rest(j, device);

	if (rest)
		rest->last_v6 = *src;
}

/* That there are no counters cannot happen: the device table holds indices below the maps' sizes, and the loader counted the CPUs. */
static __always_inline void report_count(const struct rf_judgement *j)
{
	const __u32 device = j->subject.device;
	struct rf_counters_first *first;

	if (j->direction != RF_DIRECTION_FROM) {
		count_to(j, device, j->outcome.reason);
		return;
	}
	first = world_counters(j, device);
	if (!first)
		return;
	first->last_seen = world_ticks(j);
	first->ifindex = j->ifindex;
	if (j->packet.l3 == 4)
		first->last_v4 = (__u32)j->packet.src.lo;
	else if (j->packet.l3 == 6)
		count_last_v6(j, device, &j->packet.src);
	count_from(j, first, device, j->outcome.reason);
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
