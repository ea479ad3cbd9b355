/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - what is told of a drop: what the slot of a fold says of it, how much a device may cause, and the record for user space.
 */
#ifndef RF_EVENT_H
#define RF_EVENT_H

#include "packet.h"

/* The port that a person would name: the destination's on the way out, the device's on the way in; ICMP: its type. */
static __always_inline __u16 report_port(const struct rf_packet *packet)
{
	return packet->is_icmp ? packet->icmp_type : packet->dport;
}

static __always_inline void slot_describe(const struct rf_judgement *j, struct rf_fold_slot *slot, __u8 type)
{
	const struct rf_control *control = world_control(j);
	const struct rf_packet *packet = &j->packet;
	int from = j->direction == RF_DIRECTION_FROM, i;

	slot->remote = from ? packet->dst : packet->src;
	slot->local = from ? packet->src : packet->dst;
	slot->remote_port = from ? report_port(packet) : packet->sport;
	slot->local_port = from ? packet->sport : report_port(packet);
	slot->ifindex = j->ifindex;
	/* What passes may pass by its row, and then no rule was asked: no event of it names one. */
	slot->rule = type == RF_EVENT_SEEN ? RF_RULE_NONE : j->outcome.rule;
	slot->generation = control ? control->bank[j->bank & 1].generation : 0;
	slot->ethertype = packet->ethertype;
	slot->vlan = packet->vlan;
	slot->proto = packet->proto;
	slot->l3 = packet->l3;
	slot->reason = j->outcome.cause;
	slot->direction = j->direction;
	slot->type = type;
	for (i = 0; i < 6; i++)
		slot->mac[i] = j->subject.mac >> (40 - 8 * i);
}

/* Unknown MACs are as many as somebody invents: one budget for all of them, so that they do not drown the devices' events. */
static __always_inline struct rf_budget *event_budget(const struct rf_judgement *j)
{
	return world_budget(j, j->subject.flags & RF_DEVICE_UNKNOWN ? 0 : j->subject.state);
}

static __always_inline __u32 budget_limit(enum rf_budget_kind kind)
{
	return kind == RF_BUDGET_SEGMENTS ? RF_SEGMENT_BUDGET : RF_EVENT_BUDGET;
}

/* Is anything left of what a device may cause in one interval? A scan of many destinations must not drown the others' events. */
static __always_inline int budget_left(const struct rf_judgement *j, const struct rf_budget *budget,
				       enum rf_budget_kind kind)
{
	return world_ticks(j) - budget->window >= world_seconds(j, RF_FOLD_INTERVAL_S) ||
	       budget->spent[kind] < budget_limit(kind);
}

/* One more of it. Two CPUs may count one where they took two: so much more is told. 0: there is none left. */
static __always_inline int budget_take(const struct rf_judgement *j, enum rf_budget_kind kind)
{
	struct rf_budget *budget = event_budget(j);
	__u64 now = world_ticks(j);
	int i;

	if (!budget || !budget_left(j, budget, kind))
		return 0;
	if (now - budget->window >= world_seconds(j, RF_FOLD_INTERVAL_S)) {
		budget->window = now;
		for (i = 0; i < RF_BUDGET_COUNT; i++)
			budget->spent[i] = 0;
	}
	budget->spent[kind]++;
	return 1;
}

/* Has the device an event left, and had the ring room when it was last asked in this tick? */
static __always_inline int event_may(const struct rf_judgement *j)
{
	const struct rf_budget *budget = event_budget(j);
	const struct rf_totals *totals = world_totals(j);

	return budget && totals && totals->ring_full != world_ticks(j) + 1 && budget_left(j, budget, RF_BUDGET_EVENTS);
}

/* Room for an event within what the device may cause. NULL: there is none; else it must be given to world_event_end(). */
static __always_inline struct rf_event *event_begin(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);
	struct rf_event *event;

	if (!totals || totals->ring_full == world_ticks(j) + 1 || !budget_take(j, RF_BUDGET_EVENTS))
		return NULL;
	event = world_event_begin(j);
	if (!event)
		totals->ring_full = world_ticks(j) + 1;
	return event;
}

/* j->sum of what stands in the slot. */
static __always_inline void event_fill(const struct rf_judgement *j, const struct rf_fold_slot *slot,
				       struct rf_event *event)
{
	event->time_ns = world_ns(j);
	event->now_ticks = world_ticks(j);
	event->first_ticks = j->sum.first_ticks;
	event->last_ticks = j->sum.last_ticks;
	event->packets = rf_fold_packets(j->sum.count);
	event->bytes = rf_fold_bytes(j->sum.count);
	event->device = j->subject.device;
	rf_event_describe(event, slot);
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
}

#endif
