/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the one exit: counts a verdict, folds drops into events.
 *
 * Counters are per CPU; fold rows are shared: keys change by compare-and-swap, packets are counted with atomic adds, so that no packet is lost between
 * two CPUs: at worst a packet is told under its neighbour's key. The first drop of a key is reported at once, later ones as a count at most once
 * in RF_FOLD_INTERVAL_S; what is pending when traffic ends, the daemon collects. No map grows here.
 */
#ifndef RF_REPORT_H
#define RF_REPORT_H

#include "hash.h"
#include "identify.h"
#include "order.h"
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

	if (!reason_passes(reason))
		count += 1; /* dropped stands beside passed */
	else if (reason == RF_REASON_WOULD_DROP)
		count = direction == RF_DIRECTION_FROM ? &counters->from_would_drop : &counters->to_would_drop;
	count_add(count, bytes);
	counters->by_reason[RF_REASON_SLOT(reason) & (RF_REASON_SLOTS - 1)]++;
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

/* What folds with what: keyed, so that nobody chooses whose row he takes; never 0, which marks a free key. */
static __always_inline __u64 report_hash(const struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const struct rf_packet *packet = &j->packet;
	const struct rf_addr *remote = j->direction == RF_DIRECTION_FROM ? &packet->dst : &packet->src;
	__u64 what = (__u64)report_port(packet) << 48 | (__u64)packet->ethertype << 32 | (__u32)packet->proto << 24 |
		     j->outcome.cause << 16 | type << 8 | j->direction;
	__u64 h = rf_keyed3(&control->secret[RF_SECRET_CONN], remote->hi, remote->lo, what);

	if (j->subject.flags & RF_DEVICE_UNKNOWN)
		h += j->subject.mac * control->secret[RF_SECRET_MAC];
	return (h ^ h >> 32) | 1 << RF_FOLD_HASH_SHIFT;
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

/* All of it but what was counted, and when. */
static __always_inline void event_fill(const struct rf_judgement *j, const struct rf_fold_slot *slot,
				       struct rf_event *event)
{
	int i;

	event->time_ns = world_ns(j);
	event->now_ticks = world_ticks(j);
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

/* Room for an event within what the device may cause. NULL: there is none; else it is to be sent. */
static __always_inline struct rf_event *event_begin(const struct rf_judgement *j)
{
	return budget_take(j, RF_BUDGET_EVENTS) ? world_event_begin(j) : NULL;
}

static __always_inline void event_send(const struct rf_judgement *j, struct rf_event *event, __u64 count, __u32 first,
				       __u32 last)
{
	struct rf_totals *totals = world_totals(j);

	event->packets = rf_fold_packets(count);
	event->bytes = rf_fold_bytes(count);
	event->first_ticks = rf_fold_ticks(event->now_ticks, first);
	event->last_ticks = rf_fold_ticks(event->now_ticks, last);
	world_event_end(j, event);
	if (totals)
		totals->events_emitted++;
}

/* Send what a row has counted; what cannot be sent is counted as lost. Nothing counted: nothing happens. */
static __always_inline void row_send(const struct rf_judgement *j, struct rf_fold_row *row,
				     const struct rf_fold_slot *slot)
{
	__u64 count = __sync_lock_test_and_set(&row->count, 0);
	struct rf_event *event;

	if (!rf_fold_packets(count))
		return;
	event = event_begin(j);
	if (!event) {
		count_lost(j, rf_fold_packets(count));
		return;
	}
	event_fill(j, slot, event);
	event_send(j, event, count, row->first, row->last);
}

/* The way of this key in the set, or the one to give up: free, else the one that was told longest ago. */
static __always_inline __u32 fold_way(const struct rf_fold_set *set, __u64 hash, __u64 now)
{
	__u64 home = rf_fold_home(hash), oldest = RF_LESSER_MAX;
	int i;

	for (i = 0; i < RF_FOLD_WAYS; i++) {
		const __u64 key = set->key[(home + i) & (RF_FOLD_WAYS - 1)];
		__u64 is_taken = key >> RF_FOLD_HASH_SHIFT & 1;

		if (rf_fold_is(key, hash)) {
			oldest = i;
			break;
		}
		oldest = lesser(oldest, (is_taken << 24 | (RF_FOLD_TOLD_MASK - rf_fold_age(key, now))) << 3 | i);
	}
	return (home + oldest) & (RF_FOLD_WAYS - 1);
}

static __always_inline __u32 fold_index(const struct rf_judgement *j, __u64 hash)
{
	return hash >> 32 & ((1ULL << world_sizing(j)->fold) - 1);
}

static __always_inline struct rf_fold_set *fold_set(const struct rf_judgement *j, __u32 state, __u64 hash)
{
	return world_folds(j, state, fold_index(j, hash));
}

/* One more of what this row folds. */
static __always_inline void row_count(struct rf_fold_row *row, __u32 bytes, __u64 now)
{
	row->last = (__u32)now;
	if (!__sync_fetch_and_add(&row->count, 1ULL << RF_FOLD_SHIFT | bytes))
		row->first = (__u32)now;
}

/* Is this key told less than an interval ago? */
static __always_inline int fold_is_fresh(const struct rf_judgement *j, __u64 key, __u64 now)
{
	return rf_fold_age(key, now) < world_seconds(j, RF_FOLD_INTERVAL_S);
}

/* One more packet of what stands in this way. 0: it is due to be told, or not described, or the way has another key: nothing is counted. */
static __always_inline int fold_again(const struct rf_judgement *j, struct rf_fold_set *set, __u64 hash, __u32 way,
				      __u64 now)
{
	__u64 key;

	way &= RF_FOLD_WAYS - 1;
	key = set->key[way];
	if ((key ^ (hash | RF_FOLD_DESCRIBED)) >> 24 || !fold_is_fresh(j, key, now))
		return 0;
	row_count(&set->row[way], j->len, now);
	return 1;
}

/* Where something folds. */
struct rf_fold_place {
	struct rf_fold_set *set;
	struct rf_fold_slot *slot;
	__u64 hash;
	__u64 now;
	__u32 way;
	__u8 type; /* enum rf_event_type */
};

/*
 * The first of its kind takes the way over and is told, if the device has an event left and somebody reads: else nothing is written but the key, and its
 * second describes it. Where many things are tried once each, this is what a drop costs.
 */
static __always_inline void fold_take(const struct rf_judgement *j, const struct rf_fold_place *at, __u64 old,
				      __u32 generation)
{
	const __u64 key = rf_fold_told(at->hash & ~RF_FOLD_DESCRIBED, at->now);
	__u64 *place = &at->set->key[at->way];
	struct rf_event *event;

	if (__sync_val_compare_and_swap(place, old, key) != old) {
		count_lost(j, 1); /* another CPU was faster */
		return;
	}
	if (old & RF_FOLD_DESCRIBED)
		row_send(j, &at->set->row[at->way], at->slot);
	event = event_begin(j);
	if (!event) {
		count_lost(j, 1);
		return;
	}
	slot_describe(j, at->slot, generation, at->type);
	event_fill(j, at->slot, event);
	event_send(j, event, 1ULL << RF_FOLD_SHIFT | j->len, (__u32)at->now, (__u32)at->now);
	__sync_val_compare_and_swap(place, key, key | RF_FOLD_DESCRIBED);
}

/* One more of what has this key: counted, and told once an interval. */
static __always_inline void fold_count(struct rf_judgement *j, const struct rf_fold_place *at, __u64 key,
				       __u32 generation)
{
	const int is_fresh = fold_is_fresh(j, key, at->now);
	const __u64 next = (is_fresh ? key : rf_fold_told(key, at->now)) | RF_FOLD_DESCRIBED;
	struct rf_fold_row *row = &at->set->row[at->way];

	if (!(key & RF_FOLD_DESCRIBED))
		slot_describe(j, at->slot, generation, at->type);
	row_count(row, j->len, at->now);
	if (next != key)
		__sync_val_compare_and_swap(&at->set->key[at->way], key, next);
	if (!is_fresh) {
		row_send(j, row, at->slot);
		return;
	}
	j->flow.hash = next;
	j->flow.told = at->way;
	j->flow.again = 1;
}

/* Count into the row of this key; report at the first, then once an interval. */
WORLD_STAGE int report_fold(struct rf_judgement *j, __u8 type)
{
	struct rf_fold_place at = {.type = type};
	const struct rf_control *control;
	struct rf_fold_slots *slots;
	__u32 generation;
	__u64 key;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	generation = control->bank[j->bank & 1].generation;
	at.now = world_ticks(j);
	at.hash = report_hash(j, control, type);
	at.set = fold_set(j, j->subject.state, at.hash);
	slots = world_fold_slots(j, j->subject.state << world_sizing(j)->fold | fold_index(j, at.hash));
	if (!at.set || !slots)
		return -1;
	at.way = fold_way(at.set, at.hash, at.now) & (RF_FOLD_WAYS - 1);
	at.slot = &slots->slot[at.way];
	key = at.set->key[at.way];
	if (rf_fold_is(key, at.hash))
		fold_count(j, &at, key, generation);
	else
		fold_take(j, &at, key, generation);
	return 0;
}

/* The way of this key, if it is one of the two that its look-up begins with; report_fold() looks further. */
static __always_inline __u32 fold_home(const struct rf_fold_set *set, __u64 hash)
{
	const __u32 first = rf_fold_home(hash);
	__u64 second = rf_fold_is(set->key[first + 1], hash);

	world_opaque(second); /* without a branch: which of two it is, nobody can foretell */
	return first + (second & 1);
}

/* The same without a call where it is the usual: one more of what was reported less than an interval ago. */
static __always_inline void report_again(struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const __u64 hash = report_hash(j, control, type);
	struct rf_fold_set *set = fold_set(j, j->subject.state, hash);

	j->way = set ? fold_home(set, hash) : 0;
	world_forget(); /* verifier: one way from here, as in conn_look() */
	if (set && fold_again(j, set, hash, j->way, world_ticks(j))) {
		j->flow.again = 1;
		j->flow.hash = hash;
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
