/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * known.h - the names that a device was answered (struct rf_known), and what they grant.
 *
 * What a name grants is looked up in the policy of the frame's own bank: after a reload each name is asked about anew at its first use, so no rule
 * outlives its policy and no name has to be learned again. Bounded by the device's own sets; what gives way is counted and told.
 */
#ifndef RF_KNOWN_H
#define RF_KNOWN_H

#include "dns_name.h"
#include "match.h"
#include "report.h"

/* Among the names of the device. */
static __always_inline __u32 known_place(const struct rf_judgement *j, __u32 known)
{
	return known & ((RF_KNOWN_WAYS << world_sizing(j)->known) - 1);
}

static __always_inline struct rf_known *known_at(const struct rf_judgement *j, __u32 known)
{
	struct rf_known_set *set =
		world_known(j, rf_sizing_set(j->subject.state, world_sizing(j)->known, known / RF_KNOWN_WAYS));

	return set ? &set->name[known % RF_KNOWN_WAYS] : NULL;
}

static __always_inline void count_evicted(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		totals->dns_evicted++;
}

/* Who the event is about, and when. As of a frame that the device sends to `remote`: the one that it grants, or would have granted. */
static __always_inline void notice_fill(const struct rf_judgement *j, const struct rf_bank *bank,
					struct rf_event *event, const struct rf_addr *remote, __u8 type)
{
	int i;

	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = world_ns(j);
	event->now_ticks = event->first_ticks = event->last_ticks = world_ticks(j);
	event->remote = *remote;
	event->local = j->packet.dst;
	event->device = j->subject.device;
	event->ifindex = j->ifindex;
	event->rule = RF_RULE_NONE;
	event->generation = bank->generation;
	event->ethertype = j->packet.ethertype;
	event->vlan = j->packet.vlan;
	event->reason = j->outcome.reason;
	event->type = type;
	event->l3 = rf_addr_is_v4(remote) ? 4 : 6;
	for (i = 0; i < 6; i++)
		event->mac[i] = j->subject.mac >> (40 - 8 * i);
}

/* Within the device's budget? Else, and when the reader is too slow, it is counted as lost. */
static __always_inline int notice_begins(struct rf_judgement *j, struct rf_totals *totals)
{
	if (budget_take(j, RF_BUDGET_LEARNED))
		return 1;
	totals->events_lost++;
	return 0;
}

/* By words: both stand at multiples of 8. */
static __always_inline void evicted_name(struct rf_evicted *evicted, const struct rf_known *known)
{
	const __u64 *from = (const __u64 *)known->wire;
	__u64 *to = (__u64 *)evicted->wire;
	__u32 i;

	evicted->len = known->len;
	evicted->reserved = 0;
	for (i = 0; i < sizeof(known->wire) / 8; i++)
		to[i] = from[i];
}

/*
 * Tell user space what gives way before its time, though a rule names it: dns->gone under the name at `known`, or with an address of 0 that name and all that was
 * learned under it. `name`: its hash. Before the name is overwritten, since the event holds it.
 */
WORLD_STAGE int evicted_tell(struct rf_judgement *j, __u32 index, __u64 name, __u32 rule)
{
	struct rf_evicted *evicted;
	const struct rf_known *known;
	const struct rf_bank *bank;
	struct rf_totals *totals;
	struct rf_dns *dns;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	totals = world_totals(j);
	known = known_at(j, index);
	if (!dns || !bank || !totals || !known || known->hash != name || !notice_begins(j, totals))
		return -1;
	evicted = world_evicted_begin(j);
	if (!evicted) {
		totals->events_lost++;
		return -1;
	}
	totals->events_emitted++;
	notice_fill(j, bank, &evicted->event, &dns->gone, RF_EVENT_EVICTED);
	evicted->event.rule = rule;
	evicted_name(evicted, known);
	world_evicted_end(j, evicted);
	return 0;
}

/*
 * Of what a full set gives up, the lowest rank goes: what is free (0), what no rule names, then (bit 62) what may go before the rest of what rules name
 * (RF_RANK_LISTED); among equals what ends soonest.
 */
#define RF_RANK_LISTED (1ULL << 63)

static __always_inline __u64 known_rank(const struct rf_known *known, __u64 too_old)
{
	__u64 listed = known->flags & RF_NAME_LISTED;

	_Static_assert(RF_NAME_LISTED == 1, "used as a number");
	return known->answered | (listed & below(too_old, known->answered)) << 63;
}

/*
 * The lowest rank so far, and its way. verifier: without branches, so that the ways do not multiply; the place itself is read back from dns->way, where all
 * ways that lead to it look alike.
 */
static __always_inline void rank_take(__u64 *lowest, __u32 *way, __u64 rank, __u32 at)
{
	__u64 lower = 0 - below(rank, *lowest);

	world_opaque(lower);
	*lowest ^= (*lowest ^ rank) & lower;
	*way ^= (*way ^ at) & lower;
}

/*
 * Ranks apart from each other by `salt`, which has nothing to do with them: of several free ways two CPUs that look at the same moment should not take the same
 * one. Costs the last three bits of a time in ticks.
 */
static __always_inline __u64 rank_apart(__u64 rank, __u64 salt, __u32 at)
{
	return (rank & ~7ULL) | ((salt ^ at) & 7);
}

/* The way that a name has, or is to have: itself, a free one, the one of the lowest rank. Into dns->way. */
static __always_inline void known_way(const struct rf_known_set *set, struct rf_dns *dns, __u64 too_old)
{
	__u64 lowest = ~0ULL;
	__u32 way = 0;
	int i;

	WORLD_UNROLL
	for (i = 0; i < RF_KNOWN_WAYS; i++) {
		if (set->name[i].hash == dns->hash) {
			dns->way = i;
			return;
		}
	}
	WORLD_UNROLL
	for (i = 0; i < RF_KNOWN_WAYS; i++)
		rank_take(&lowest, &way, rank_apart(known_rank(&set->name[i], too_old), dns->hash, i), i);
	dns->way = way;
}

/* The name asked out of the message, in lower case. By words: both stand at multiples of 8. */
static __always_inline void known_copy_wire(struct rf_known *known, const struct rf_dns *dns)
{
	__u64 *to = (__u64 *)known->wire;
	__u32 i;

	known->len = dns->name_len;
	for (i = 0; i < sizeof(known->wire) / 8; i++) {
		const __u64 word = dns_word(dns, RF_DNS_HEADER + i * 8);

		if (i * 8 > dns->name_len)
			break;
		to[i] = load_be64((const __u8 *)&word); /* as bytes, again */
	}
}

/* What the name grants in this generation. */
static __always_inline void known_grant(struct rf_known *known, const struct rf_dns *dns, const struct rf_bank *bank)
{
	known->chunk = dns->chunk;
	known->flags = dns->flags;
	world_forget();
	/* Another writer took the way meanwhile: what stands there now is looked up anew before it counts. */
	known->generation = known->hash == dns->hash ? bank->generation : 0;
}

/* The way is given to the name that was read. */
static __always_inline void known_take(struct rf_judgement *j, struct rf_dns *dns, struct rf_known *known, __u32 owner)
{
	if (known->hash) {
		count_evicted(j);
		if (known->flags & RF_NAME_LISTED) {
			dns->gone.hi = dns->gone.lo = 0;
			evicted_tell(j, dns->known, known->hash, RF_RULE_NONE);
		}
	}
	known->hash = 0; /* a reader on another CPU must not find half a name */
	world_forget();
	known_copy_wire(known, dns);
	known->owner = owner;
	world_forget();
	known->hash = dns->hash;
}

/*
 * The name that was read was answered: keep it, and what it grants now. Sets dns->known and flags. 1: a name that no rule lists, in a set full of such as rules
 * list: not kept.
 */
WORLD_STAGE int known_note(struct rf_judgement *j)
{
	struct rf_known_set *set;
	const struct rf_bank *bank;
	struct rf_known *known;
	__u64 now, too_old;
	struct rf_dns *dns;
	__u32 index, way;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	if (!dns || !bank)
		return -1;
	index = (__u32)(dns->hash >> 32) & ((1U << world_sizing(j)->known) - 1);
	set = world_known(j, j->subject.state << world_sizing(j)->known | index);
	if (!set)
		return -1;
	now = world_ticks(j);
	too_old = now - world_seconds(j, RF_TTL_MAX_S);
	too_old = too_old < now ? too_old : 0;
	known_way(set, dns, too_old);
	world_forget();
	way = dns->way % RF_KNOWN_WAYS;
	known = &set->name[way];
	dns->known = index * RF_KNOWN_WAYS + way;
	if (known->hash == dns->hash && known->generation == bank->generation) {
		known->answered = now;
		dns->flags = known->flags;
		return 0;
	}
	name_look_up(j);
	world_forget();
	if (known->hash != dns->hash) {
		if (!(dns->flags & RF_NAME_LISTED) && known_rank(known, too_old) & RF_RANK_LISTED) {
			count_evicted(j);
			return 1;
		}
		known_take(j, dns, known, name_owner(j, bank));
	}
	known->answered = now;
	known_grant(known, dns, bank);
	return 0;
}

/* A name out of struct rf_known to where names are read. Gives its end. */
static __always_inline __u32 known_recall(struct rf_dns *dns, const struct rf_known *known)
{
	__u64 *to = (__u64 *)&dns->message[RF_DNS_KNOWN_OFF];
	const __u64 *from = (const __u64 *)known->wire;
	__u32 i, len = known->len;

	_Static_assert((__builtin_offsetof(struct rf_dns, message) + RF_DNS_KNOWN_OFF) % 8 == 0, "copied by words");
	if (len >= RF_DNS_NAME_MAX)
		len = 0;
	for (i = 0; i < sizeof(known->wire) / 8; i++) {
		if (i * 8 > len)
			break;
		to[i] = from[i];
	}
	len += RF_DNS_KNOWN_OFF;
	dns->message[len & RF_DNS_MASK] = 0;
	return len + 1;
}

/* Look a name up again, in the policy of this frame's bank: the first use after a reload. -1: the way changed hands, it grants nothing now. */
WORLD_STAGE int known_renew(struct rf_judgement *j, __u32 index)
{
	const struct rf_bank *bank;
	struct rf_known *known;
	struct rf_dns *dns;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	known = known_at(j, index);
	if (!dns || !bank || !known || name_read(j, RF_DNS_KNOWN_OFF, known_recall(dns, known)) != RF_PARSE_OK)
		return -1;
	name_hash(j, dns, bank);
	if (known->hash != dns->hash)
		return -1;
	name_look_up(j);
	world_forget();
	known_grant(known, dns, bank);
	return 0;
}

#endif
