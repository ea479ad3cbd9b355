/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the one exit: counts a verdict, folds drops into events.
 *
 * Counters are per CPU; fold slots are shared, taken over by compare-and-swap and counted with atomic adds, so that no packet is lost between
 * two CPUs: at worst a packet is told under its neighbour's key. The first drop of a key is reported at once, later ones as a count at most once
 * in RF_FOLD_INTERVAL_S; what is pending when traffic ends, the daemon collects. No map grows here.
 */
#ifndef RF_REPORT_H
#define RF_REPORT_H

#include "hash.h"
#include "identify.h"
#include "packet.h"

static __always_inline void count_add(struct rf_count *count, __u32 bytes)
{
	count->packets++;
	count->bytes += bytes;
}

/* One more frame with this reason, in the direction's column. */
static __always_inline void count_verdict(struct rf_counters *counters, __u8 reason, __u32 bytes,
					  enum rf_direction direction)
{
	struct rf_count *count = direction == RF_DIRECTION_FROM ? &counters->from_passed : &counters->to_passed;

	_Static_assert(__builtin_offsetof(struct rf_counters, from_would_drop) ==
			       __builtin_offsetof(struct rf_counters, from_passed) + 2 * sizeof(struct rf_count),
		       "passed, dropped, would drop stand side by side");
	if (!reason_passes(reason))
		count += 1;
	else if (reason == RF_REASON_WOULD_DROP)
		count += 2;
	count_add(count, bytes);
	counters->by_reason[reason & (RF_REASON_SLOTS - 1)]++;
}

static __always_inline void report_count(const struct rf_judgement *j)
{
	struct rf_counters *counters = world_counters(j, j->subject.device);

	if (!counters)
		return; /* cannot happen: the device table holds indices below the map's size, and the loader counted the CPUs */
	if (j->direction == RF_DIRECTION_FROM) {
		counters->last_seen = world_ticks(j);
		counters->ifindex = j->ifindex;
		if (j->packet.l3 == 4)
			counters->last_v4 = (__u32)j->packet.src.lo;
		else if (j->packet.l3 == 6)
			counters->last_v6 = j->packet.src;
	}
	count_verdict(counters, j->outcome.reason, j->len, j->direction);
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

/* The port that a person would name: the destination's on the way out, the device's on the way in; ICMP: its type. */
static __always_inline __u16 report_port(const struct rf_packet *packet)
{
	return packet->is_icmp ? packet->icmp_type : packet->dport;
}

static __always_inline __u64 report_tag(const struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const struct rf_packet *packet = &j->packet;
	const struct rf_addr *remote = j->direction == RF_DIRECTION_FROM ? &packet->dst : &packet->src;
	__u64 what = (__u64)report_port(packet) << 48 | (__u64)packet->ethertype << 32 | (__u32)packet->proto << 24 |
		     j->outcome.cause << 16 | type << 8 | j->direction;
	__u64 h = rf_keyed3(&control->secret[RF_SECRET_CONN], remote->hi, remote->lo, what);

	if (j->subject.flags & RF_DEVICE_UNKNOWN)
		h += j->subject.mac * control->secret[RF_SECRET_MAC];
	return (h ^ h >> 32) | 1;
}

static __always_inline void slot_describe(const struct rf_judgement *j, struct rf_fold_slot *slot, __u32 generation,
					  __u8 type)
{
	const struct rf_packet *packet = &j->packet;
	int from = j->direction == RF_DIRECTION_FROM, i;

	slot->remote = from ? packet->dst : packet->src;
	slot->local = from ? packet->src : packet->dst;
	slot->remote_port = from ? report_port(packet) : packet->sport;
	slot->local_port = from ? packet->sport : report_port(packet);
	slot->ifindex = j->ifindex;
	slot->rule = j->outcome.rule;
	slot->generation = generation;
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

/* Within what a device may cause in one interval? A scan of many destinations must not drown the others' events. */
static __always_inline int budget_take(const struct rf_judgement *j, enum rf_budget_kind kind)
{
	struct rf_budget *budget = event_budget(j);
	__u64 now = world_ticks(j);
	int i;

	if (!budget)
		return 0;
	if (now - budget->window >= world_seconds(j, RF_FOLD_INTERVAL_S)) {
		budget->window = now;
		for (i = 0; i < RF_BUDGET_COUNT; i++)
			budget->spent[i] = 0;
	}
	return __sync_fetch_and_add(&budget->spent[kind], 1) <
	       (kind == RF_BUDGET_SEGMENTS ? RF_SEGMENT_BUDGET : RF_EVENT_BUDGET);
}

static __always_inline void event_fill(const struct rf_judgement *j, const struct rf_fold_row *row,
				       const struct rf_fold_slot *slot, struct rf_event *event)
{
	const __u64 now = world_ticks(j);
	int i;

	event->time_ns = world_ns(j);
	event->now_ticks = now;
	event->first_ticks = rf_fold_ticks(now, row->first);
	event->last_ticks = rf_fold_ticks(now, row->last);
	event->remote = slot->remote;
	event->local = slot->local;
	event->device = j->subject.device;
	event->ifindex = slot->ifindex;
	event->rule = slot->rule;
	event->generation = slot->generation;
	event->remote_port = slot->remote_port;
	event->local_port = slot->local_port;
	event->ethertype = slot->ethertype;
	event->vlan = slot->vlan;
	event->proto = slot->proto;
	event->reason = slot->reason;
	event->type = slot->type;
	event->direction = slot->direction;
	event->l3 = slot->l3;
	for (i = 0; i < 6; i++)
		event->mac[i] = slot->mac[i];
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
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

/* Send what a row has counted; what cannot be sent is counted as lost. Nothing counted: nothing happens. */
static __always_inline void row_send(const struct rf_judgement *j, struct rf_fold_row *row,
				     const struct rf_fold_slot *slot)
{
	struct rf_totals *totals = world_totals(j);
	__u64 count = __sync_lock_test_and_set(&row->count, 0), packets = rf_fold_packets(count);
	struct rf_event *event = NULL;

	if (!packets || !totals)
		return;
	if (budget_take(j, RF_BUDGET_EVENTS))
		event = world_event_begin(j);
	if (!event) {
		count_lost(j, packets);
		return;
	}
	totals->events_emitted++;
	event->packets = packets;
	event->bytes = rf_fold_bytes(count);
	event_fill(j, row, slot, event);
	world_event_end(j, event);
}

/* The way of this key in the set, or the one to give up: free, else the one whose report is longest due. */
static __always_inline __u32 fold_way(const struct rf_fold_set *set, __u64 tag)
{
	__u64 oldest = ~0ULL, at = rf_fold_home(tag);
	__u32 way = 0;
	int i;

	for (i = 0; i < RF_FOLD_WAYS; i++) {
		const struct rf_fold_row *row = &set->row[at & (RF_FOLD_WAYS - 1)];

		if (row->tag == tag)
			return at & (RF_FOLD_WAYS - 1);
		if (row->due < oldest) {
			oldest = row->due;
			way = at & (RF_FOLD_WAYS - 1);
		}
		at++;
		world_opaque(at); /* else the stack holds the addresses of all ways */
	}
	return way;
}

static __always_inline __u32 fold_index(const struct rf_judgement *j, __u64 tag)
{
	return tag >> 32 & ((1ULL << world_sizing(j)->fold) - 1);
}

static __always_inline struct rf_fold_set *fold_set(const struct rf_judgement *j, __u32 state, __u64 tag)
{
	return world_folds(j, state, fold_index(j, tag));
}

/* One more of what this row folds. */
static __always_inline void row_count(struct rf_fold_row *row, __u32 bytes, __u64 now)
{
	row->last = (__u32)now;
	if (!__sync_fetch_and_add(&row->count, 1ULL << RF_FOLD_SHIFT | bytes))
		row->first = (__u32)now;
}

/* One more packet of what stands in this way. 0: it is due to be told, or the way has another key: nothing is counted. */
static __always_inline int fold_again(struct rf_fold_set *set, __u64 tag, __u32 way, __u32 bytes, __u64 now)
{
	struct rf_fold_row *row = &set->row[way & (RF_FOLD_WAYS - 1)];

	if (row->tag != tag || now >= row->due)
		return 0;
	row_count(row, bytes, now);
	return 1;
}

/* Count into the row of this key; report at the first, then once an interval. */
WORLD_STAGE int report_fold(struct rf_judgement *j, __u8 type)
{
	const struct rf_control *control;
	struct rf_fold_slots *slots;
	struct rf_fold_slot *slot;
	struct rf_fold_row *row;
	struct rf_fold_set *set;
	__u64 tag, old, now;
	__u32 way;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	now = world_ticks(j);
	tag = report_tag(j, control, type);
	set = fold_set(j, j->subject.state, tag);
	slots = world_fold_slots(j, j->subject.state << world_sizing(j)->fold | fold_index(j, tag));
	if (!set || !slots)
		return -1;
	way = fold_way(set, tag) & (RF_FOLD_WAYS - 1);
	row = &set->row[way];
	slot = &slots->slot[way];
	old = row->tag;
	if (old != tag && __sync_val_compare_and_swap(&row->tag, old, tag) == old) {
		row_send(j, row, slot);
		slot_describe(j, slot, control->bank[j->bank & 1].generation, type);
		row->due = now;
	}
	row_count(row, j->len, now);
	if (now < row->due) {
		j->flow.tag = tag;
		j->flow.told = row->tag == tag ? way : RF_TOLD_NOW;
		j->flow.again = old == tag;
		return 0;
	}
	row->due = now + world_seconds(j, RF_FOLD_INTERVAL_S);
	row_send(j, row, slot);
	return 0;
}

/* The way of this key, if it stands in the line that its look-up begins with. One line is all that the usual frame touches; report_fold() looks further. */
static __always_inline __u32 fold_home(const struct rf_fold_set *set, __u64 tag)
{
	const __u32 first = rf_fold_home(tag);
	__u64 second = set->row[first + 1].tag == tag;

	world_opaque(second); /* without a branch: which of two it is, nobody can foretell */
	return first + (second & 1);
}

/* The same without a call where it is the usual: one more of what was reported less than an interval ago. */
static __always_inline void report_again(struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const __u64 tag = report_tag(j, control, type);
	struct rf_fold_set *set = fold_set(j, j->subject.state, tag);

	j->way = set ? fold_home(set, tag) : 0;
	world_forget(); /* verifier: one way from here, as in conn_look() */
	if (set && fold_again(set, tag, j->way, j->len, world_ticks(j))) {
		j->flow.again = 1;
		j->flow.tag = tag;
		j->flow.told = j->way;
		return;
	}
	j->flow.told = RF_TOLD_NOW;
	report_fold(j, type);
}

/* An answer that met its question and could not be read: told to user space like a drop, though it passed. */
static __always_inline void report_unread(struct rf_judgement *j)
{
	report_fold(j, RF_EVENT_UNREAD);
}

/* Every verdict on a device's frame leaves through here. */
static __always_inline void report(struct rf_judgement *j, const struct rf_control *control)
{
	const struct rf_outcome *outcome = &j->outcome;

	report_count(j);
	if (outcome->verdict == RF_PASS && outcome->reason != RF_REASON_WOULD_DROP) {
		if (j->subject.flags & RF_DEVICE_UNKNOWN)
			report_again(j, control, RF_EVENT_SEEN);
		return;
	}
	if (outcome->quiet) {
		j->flow.told = RF_TOLD_QUIET;
		count_quiet(j);
		return;
	}
	report_again(j, control, outcome->verdict == RF_DROP ? RF_EVENT_DROP : RF_EVENT_WOULD_DROP);
}

#endif
