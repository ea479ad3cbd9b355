/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fold.h - drops of one kind are told once, then as a count: struct rf_fold_set.
 *
 * Sets are shared by all CPUs: keys change by compare-and-swap, packets are counted with atomic adds, so that no packet is lost between two CPUs: at worst it is
 * told under its neighbour's key. The first drop of a key is reported at once, later ones as a count at most once in RF_FOLD_INTERVAL_S; what is pending
 * when traffic ends, the daemon collects (user/datapath/ring.c).
 */
#ifndef RF_FOLD_H
#define RF_FOLD_H

#include "count.h"
#include "event.h"
#include "hash.h"
#include "order.h"
#include "remote.h"

/*
 * Where a look-up begins, in the uppermost bits of its hash: by remote and port alone, so that the line can be asked for before it is known what becomes of the packet.
 * remote: as remote_keyed() has it; of that, the lower half does not count.
 */
#define RF_FOLD_HOME_SHIFT (64 - RF_FOLD_HOME_BITS)
#define RF_FOLD_HOME_MASK (~0ULL << RF_FOLD_HOME_SHIFT)

static __always_inline __u64 fold_home(const struct rf_judgement *j, const struct rf_control *control, __u64 remote)
{
	return remote + ((__u64)report_port(&j->packet) << 48) * control->secret[RF_SECRET_FOLD];
}

/* What folds with what: keyed, so that nobody chooses whose row he takes; never 0, which marks a free key. */
static __always_inline __u64 fold_hash(const struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const struct rf_packet *packet = &j->packet;
	const struct rf_addr *remote = j->direction == RF_DIRECTION_FROM ? &packet->dst : &packet->src;
	__u64 what = (__u64)packet->ethertype << 32 | (__u32)packet->proto << 24 | j->outcome.cause << 16 | type << 8 |
		     j->direction;
	__u64 home = fold_home(j, control, remote_keyed(j, control, remote)),
	      h = home + what * control->secret[RF_SECRET_FOLD];

	h = (h ^ h >> 32) | 1 << RF_FOLD_HASH_SHIFT;
	return (h & ~RF_FOLD_HOME_MASK) | (home & RF_FOLD_HOME_MASK);
}

static __always_inline __u32 fold_mask(const struct rf_judgement *j)
{
	return (1U << world_sizing(j)->fold) - 1;
}

/* Its sibling is the set beside it, and holds what finds no room there. */
static __always_inline __u32 fold_index(const struct rf_judgement *j, __u64 hash)
{
	return hash >> RF_FOLD_HOME_SHIFT & fold_mask(j);
}

static __always_inline struct rf_fold_set *fold_set(const struct rf_judgement *j, __u32 state, __u64 hash)
{
	struct rf_fold_set *folds = world_folds(j, state);

	return folds ? &folds[fold_index(j, hash) & fold_mask(j)] : NULL;
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

/* Was this key told less than an interval ago? */
static __always_inline int fold_is_fresh(const struct rf_judgement *j, __u64 key, __u64 now)
{
	return rf_fold_age(key, now) < world_seconds(j, RF_FOLD_INTERVAL_S);
}

/*
 * What speaks for keeping each way of a set, above its place: that it is taken; that it goes on, being described and told lately, or may, being new; then how lately
 * it was told. The least is the way to give up: so what is tried once does not push out what goes on.
 */
#define RF_FOLD_PLACE_BITS 3
#define RF_FOLD_WORTH_TAKEN (RF_FOLD_DESCRIBED << RF_FOLD_PLACE_BITS)
#define RF_FOLD_WORTH_GOES_ON (2 * RF_FOLD_WORTH_TAKEN)

static __always_inline __u64 fold_victim(const struct rf_fold_set *set, __u64 now, __u64 lately, __u32 place)
{
	__u64 least = RF_LESSER_MAX;
	int i;

	for (i = 0; i < RF_FOLD_WAYS; i++) {
		const __u64 key = set->key[i], age = rf_fold_age(key, now);
		__u64 goes_on =
			(key / RF_FOLD_DESCRIBED & below_small(age, lately)) | below_small(age, RF_FOLD_NEW_TICKS + 1);

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
	if ((key ^ (hash | RF_FOLD_DESCRIBED)) >> RF_FOLD_TOLD_BITS || !fold_is_fresh(j, key, now))
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
	/* Not after now: another CPU may have counted while the key was told anew. */
	j->sum.first_ticks = lesser(told + set->first[way], now);
	j->sum.last_ticks = lesser(told + set->last[way], now);
}

/* j->sum is this frame alone. */
static __always_inline void sum_begin(struct rf_judgement *j, __u64 now)
{
	j->sum.count = 1ULL << RF_FOLD_SHIFT | j->len;
	j->sum.first_ticks = j->sum.last_ticks = now;
}

/* What j->flow.fold and j->way fold is of. NULL cannot happen (the map has sets for all states); then the event counts as lost. */
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
	struct rf_event *event;

	if (!j)
		return 0;
	slot = fold_slot(j);
	event = slot ? event_begin(j) : NULL;
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
	if (!event_may(j)) {
		count_lost(j, 1);
		return;
	}
	sum_begin(j, now);
	if (fold_tell(j, type, 1))
		__sync_val_compare_and_swap(&set->key[way], key, key | RF_FOLD_DESCRIBED);
}

/* One more of what has this key: counted, and told once an interval. */
static __always_inline void fold_count(struct rf_judgement *j, struct rf_fold_set *set, __u32 way, __u8 type)
{
	const __u64 now = world_ticks(j), key = set->key[way];
	const int is_fresh = fold_is_fresh(j, key, now);
	const __u64 next = (is_fresh ? key : rf_fold_told(key, now)) | RF_FOLD_DESCRIBED;
	struct rf_fold_slot *slot = fold_slot(j);

	if (!slot) {
		count_lost(j, 1);
		return;
	}
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
 * Into j->way where the key stands, or is to stand in place of another; beside only where its home has nothing but what goes on. (A key that stood beside before
 * its home had room is told once more.)
 */
static __always_inline void fold_look(struct rf_judgement *j, const struct rf_fold_set *folds, __u64 hash)
{
	const __u32 index = fold_index(j, hash), mask = fold_mask(j);
	const struct rf_fold_set *home = &folds[index & mask], *beside = &folds[(index ^ 1) & mask];
	const __u64 now = world_ticks(j), lately = world_seconds(j, 2 * RF_FOLD_INTERVAL_S);
	__u64 victim;
	__u32 way;

	way = fold_find(home, hash);
	j->way = way;
	if (rf_fold_is(home->key[way], hash))
		return;
	victim = fold_victim(home, now, lately, 0);
	if (victim >= RF_FOLD_WORTH_GOES_ON) {
		way = fold_find(beside, hash);
		j->way = RF_FOLD_BESIDE | way;
		if (rf_fold_is(beside->key[way], hash))
			return;
		victim = lesser(victim, fold_victim(beside, now, lately, RF_FOLD_BESIDE));
	}
	j->way = victim & (RF_FOLD_BESIDE | 3);
}

/* Count into the way of j->flow.fold; report at the first, then once an interval. */
WORLD_STAGE int fold_report(struct rf_judgement *j, __u8 type)
{
	struct rf_fold_set *folds, *set;
	__u64 way;

	if (!j)
		return -1;
	folds = world_folds(j, j->subject.state);
	if (!folds) {
		count_lost(j, 1); /* cannot happen: there are sets for all states */
		return -1;
	}
	fold_look(j, folds, j->flow.fold);
	world_forget();
	set = &folds[(fold_index(j, j->flow.fold) ^ rf_fold_sibling(j->way)) & fold_mask(j)];
	way = rf_fold_way(j->way);
	world_opaque(way); /* verifier: as above */
	if (way >= RF_FOLD_WAYS) {
		count_lost(j, 1);
		return -1;
	}
	if (rf_fold_is(set->key[way], j->flow.fold))
		fold_count(j, set, way, type);
	else
		fold_take(j, set, way, type);
	return 0;
}

#endif
