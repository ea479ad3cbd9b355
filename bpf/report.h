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
	slot->rule = j->outcome.rule;
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

/* j->sum of what stands in the slot. */
static __always_inline void event_fill(const struct rf_judgement *j, const struct rf_fold_slot *slot,
				       struct rf_event *event)
{
	int i;

	event->time_ns = world_ns(j);
	event->now_ticks = world_ticks(j);
	event->first_ticks = j->sum.first_ticks;
	event->last_ticks = j->sum.last_ticks;
	event->packets = rf_fold_packets(j->sum.count);
	event->bytes = rf_fold_bytes(j->sum.count);
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

/* The set that the look-up of a hash begins with; its sibling is the one beside it, and holds what finds no room there. */
static __always_inline __u32 fold_index(const struct rf_judgement *j, __u64 hash)
{
	return hash >> 32 & ((1ULL << world_sizing(j)->fold) - 1);
}

static __always_inline struct rf_fold_set *fold_set(const struct rf_judgement *j, __u32 state, __u64 hash,
						    __u32 sibling)
{
	return world_folds(j, state, fold_index(j, hash) ^ sibling);
}

/* The way of this key in the set; the first if none is: whoever asks looks at the key. Without a branch: which it is, nobody can foretell. */
static __always_inline __u32 fold_find(const struct rf_fold_set *set, __u64 hash)
{
	__u64 second = rf_fold_is(set->key[1], hash), third = rf_fold_is(set->key[2], hash);

	_Static_assert(RF_FOLD_WAYS == 3, "written out");
	world_opaque(second);
	world_opaque(third);
	return third << 1 | (second & ~third);
}

/* Is this key told less than so many intervals ago? */
static __always_inline int fold_is_fresh(const struct rf_judgement *j, __u64 key, __u64 now, __u32 intervals)
{
	return rf_fold_age(key, now) < world_seconds(j, intervals * RF_FOLD_INTERVAL_S);
}

/*
 * What speaks for keeping each way of a set, above its place: that it is taken; that it goes on, being described and told lately, or may, being new; then how lately
 * it was told. The least is the way to give up: so what is tried once does not push out what goes on.
 */
#define RF_FOLD_PLACE_BITS 3
#define RF_FOLD_WORTH_TAKEN (RF_FOLD_DESCRIBED << RF_FOLD_PLACE_BITS)
#define RF_FOLD_WORTH_GOES_ON (2 * RF_FOLD_WORTH_TAKEN)

static __always_inline __u64 fold_victim(const struct rf_judgement *j, const struct rf_fold_set *set, __u64 now,
					 __u32 place)
{
	__u64 least = RF_LESSER_MAX;
	int i;

	for (i = 0; i < RF_FOLD_WAYS; i++) {
		const __u64 key = set->key[i], age = rf_fold_age(key, now);
		__u64 is_new = age <= RF_FOLD_NEW_TICKS,
		      goes_on = (key / RF_FOLD_DESCRIBED & fold_is_fresh(j, key, now, 2)) | is_new;

		least = lesser(least, ((key >> RF_FOLD_HASH_SHIFT & 1) + (goes_on & 1)) * RF_FOLD_WORTH_TAKEN |
					      (RF_FOLD_TOLD_MASK - age) << RF_FOLD_PLACE_BITS | place | i);
	}
	return least;
}

/* One more of what this way folds, less than an interval after it was told. */
static __always_inline void fold_add(struct rf_fold_set *set, __u32 way, __u64 key, __u32 bytes, __u64 now)
{
	const __u16 since = rf_fold_age(key, now);

	set->last[way] = since;
	if (!__sync_fetch_and_add(&set->count[way], 1ULL << RF_FOLD_SHIFT | bytes))
		set->first[way] = since;
}

/* The frame was counted in this way: the next of its flow in this tick may be, too. */
static __always_inline void fold_note(struct rf_judgement *j, __u64 key)
{
	j->flow.fold = key;
	j->flow.told = j->way;
	j->flow.again = 1;
}

/* One more packet of what stands in this way. 0: it is due to be told, or not described, or the way has another key: nothing is counted. */
static __always_inline int fold_again(struct rf_judgement *j, struct rf_fold_set *set, __u64 hash, __u32 way, __u64 now)
{
	__u64 key;

	if (way >= RF_FOLD_WAYS)
		return 0;
	key = set->key[way];
	if ((key ^ (hash | RF_FOLD_DESCRIBED)) >> 24 || !fold_is_fresh(j, key, now, 1))
		return 0;
	fold_add(set, way, key, j->len, now);
	fold_note(j, key);
	return 1;
}

/* One more packet in the tick in which fold_note() was called with this key: when the last was, stands there. 0: the key has changed. */
static __always_inline int fold_more(struct rf_fold_set *set, __u64 key, __u64 way, __u32 bytes)
{
	if (set->key[way] != key)
		return 0;
	__sync_fetch_and_add(&set->count[way], 1ULL << RF_FOLD_SHIFT | bytes);
	return 1;
}

/* Into j->sum what the way has counted since its key was told; from then on it counts anew. */
static __always_inline void fold_collect(struct rf_judgement *j, struct rf_fold_set *set, __u32 way, __u64 key,
					 __u64 now)
{
	const __u64 told = now - rf_fold_age(key, now);

	j->sum.count = __sync_lock_test_and_set(&set->count[way], 0);
	j->sum.first_ticks = told + set->first[way];
	j->sum.last_ticks = told + set->last[way];
}

/* j->sum is this frame alone. */
static __always_inline void sum_begin(struct rf_judgement *j, __u64 now)
{
	j->sum.count = 1ULL << RF_FOLD_SHIFT | j->len;
	j->sum.first_ticks = j->sum.last_ticks = now;
}

/* What j->flow.fold and j->way fold is of. NULL: cannot happen. */
static __always_inline struct rf_fold_slot *fold_slot(const struct rf_judgement *j)
{
	const __u32 index = fold_index(j, j->flow.fold) ^ rf_fold_sibling(j->way);
	struct rf_fold_slots *slots = world_fold_slots(j, j->subject.state << world_sizing(j)->fold | index);
	__u64 way = rf_fold_way(j->way);

	world_opaque(way); /* verifier: the bound must hold for the very register that is added */
	return slots && way < RF_FOLD_WAYS ? &slots->slot[way] : NULL;
}

/*
 * Tell j->sum of what j->flow.fold and j->way fold, within what the device may cause; what cannot be told is counted as lost. is_new: it is this frame's, and is
 * described by it if it is told. 1: it was told.
 */
WORLD_STAGE int fold_tell(struct rf_judgement *j, __u8 type, __u8 is_new)
{
	struct rf_fold_slot *slot;
	struct rf_event *event = NULL;

	if (!j)
		return 0;
	slot = fold_slot(j);
	if (!slot)
		return 0;
	if (budget_take(j, RF_BUDGET_EVENTS))
		event = world_event_begin(j);
	if (!event) {
		count_lost(j, rf_fold_packets(j->sum.count));
		return 0;
	}
	if (is_new)
		slot_describe(j, slot, type);
	event_fill(j, slot, event);
	world_event_end(j, event);
	count_told(j);
	return 1;
}

/*
 * The first of its kind takes the way over and is told, if the device has an event left and somebody reads: else nothing is written but the key, and its
 * second describes it. Where many things are tried once each, this is what a drop costs.
 */
static __always_inline void fold_take(struct rf_judgement *j, struct rf_fold_set *set, __u32 way, __u8 type)
{
	const __u64 now = world_ticks(j), old = set->key[way],
		    key = rf_fold_told(j->flow.fold & ~RF_FOLD_DESCRIBED, now);

	if (__sync_val_compare_and_swap(&set->key[way], old, key) != old) {
		count_lost(j, 1); /* another CPU was faster */
		return;
	}
	if (old & RF_FOLD_DESCRIBED) {
		fold_collect(j, set, way, old, now);
		if (j->sum.count)
			fold_tell(j, type, 0);
	}
	sum_begin(j, now);
	if (fold_tell(j, type, 1))
		__sync_val_compare_and_swap(&set->key[way], key, key | RF_FOLD_DESCRIBED);
}

/* One more of what has this key: counted, and told once an interval. */
static __always_inline void fold_count(struct rf_judgement *j, struct rf_fold_set *set, __u32 way, __u8 type)
{
	const __u64 now = world_ticks(j), key = set->key[way];
	const int is_fresh = fold_is_fresh(j, key, now, 1);
	const __u64 next = (is_fresh ? key : rf_fold_told(key, now)) | RF_FOLD_DESCRIBED;
	struct rf_fold_slot *slot = fold_slot(j);

	if (!slot)
		return;
	if (!(key & RF_FOLD_DESCRIBED))
		slot_describe(j, slot, type);
	if (is_fresh)
		fold_add(set, way, key, j->len, now);
	else
		fold_collect(j, set, way, key, now);
	if (next != key)
		__sync_val_compare_and_swap(&set->key[way], key, next);
	if (is_fresh) {
		fold_note(j, next);
		return;
	}
	if (!rf_fold_packets(j->sum.count))
		j->sum.first_ticks = now;
	j->sum.last_ticks = now;
	j->sum.count += 1ULL << RF_FOLD_SHIFT | j->len;
	fold_tell(j, type, 0);
}

/*
 * Into j->way where the key stands or is to stand; beside only where its home has nothing but what goes on. (A key that stood beside before its home had
 * room is told once more.) 1: found, or a way to give up; 0: no set (cannot happen).
 */
static __always_inline int fold_look(struct rf_judgement *j, __u64 hash)
{
	const struct rf_fold_set *home = fold_set(j, j->subject.state, hash, 0),
				 *beside = fold_set(j, j->subject.state, hash, 1);
	const __u64 now = world_ticks(j);
	__u64 victim;
	__u32 way;

	if (!home || !beside)
		return 0;
	way = fold_find(home, hash);
	j->way = way;
	if (rf_fold_is(home->key[way], hash))
		return 1;
	victim = fold_victim(j, home, now, 0);
	if (victim >= RF_FOLD_WORTH_GOES_ON) {
		way = fold_find(beside, hash);
		j->way = RF_FOLD_BESIDE | way;
		if (rf_fold_is(beside->key[way], hash))
			return 1;
		victim = lesser(victim, fold_victim(j, beside, now, RF_FOLD_BESIDE));
	}
	j->way = victim & (RF_FOLD_BESIDE | 3);
	return 1;
}

/* Count into the way of this key; report at the first, then once an interval. */
WORLD_STAGE int report_fold(struct rf_judgement *j, __u8 type)
{
	const struct rf_control *control;
	struct rf_fold_set *set;
	__u64 way;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	j->flow.fold = report_hash(j, control, type);
	if (!fold_look(j, j->flow.fold))
		return -1;
	world_forget();
	set = fold_set(j, j->subject.state, j->flow.fold, rf_fold_sibling(j->way));
	way = rf_fold_way(j->way);
	world_opaque(way); /* verifier: as above */
	if (!set || way >= RF_FOLD_WAYS)
		return -1;
	if (rf_fold_is(set->key[way], j->flow.fold))
		fold_count(j, set, way, type);
	else
		fold_take(j, set, way, type);
	return 0;
}

/* The same without a call where it is the usual: one more of what was reported less than an interval ago. */
static __always_inline void report_again(struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const __u64 hash = report_hash(j, control, type);
	struct rf_fold_set *set = fold_set(j, j->subject.state, hash, 0);

	j->way = set ? fold_find(set, hash) : 0;
	world_forget(); /* verifier: one way from here, as in conn_look() */
	if (set && fold_again(j, set, hash, j->way, world_ticks(j)))
		return;
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
