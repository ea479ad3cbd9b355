/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - the addresses that a device learned (struct rf_learned), and the rules that they meet under their names.
 *
 * An address is usable for the device whose answer carried it, under the name it asked for, and for nobody else. The names stand in known.h.
 * Everything is bounded by the device's own sets.
 */
#ifndef RF_NAMES_H
#define RF_NAMES_H

#include "known.h"
#include "state.h"

static __always_inline struct rf_learned_set *learned_set(const struct rf_judgement *j,
							  const struct rf_control *control, const struct rf_addr *addr)
{
	__u64 hash = rf_mix(rf_mix(control->secret[1] ^ addr->lo) ^ addr->hi);

	return world_learned(j, rf_sizing_set(j->subject.state, world_sizing(j)->learned, hash >> 32));
}

/* Tells one answer from the others that bring addresses of the same name. */
static __always_inline __u8 answer_mark(const struct rf_dns *dns, __u64 now)
{
	return dns->id ^ dns->id >> 8 ^ now;
}

static __always_inline __u64 learned_rank(const struct rf_learned *entry, const struct rf_dns *dns, __u64 now)
{
	__u64 differs = entry->name_hash ^ dns->hash, other = (differs | (0 - differs)) >> 63;

	return entry->until | (__u64)(entry->listed & 1) << (62 + (other & below(now, entry->until)));
}

/* The entry of this address and name, or the one of the lowest rank. Into dns->way. */
static __always_inline void learned_way(const struct rf_learned_set *set, struct rf_dns *dns, __u64 now)
{
	__u64 lowest = ~0ULL;
	__u32 way = 0;
	int i;

	WORLD_UNROLL
	for (i = 0; i < RF_LEARNED_WAYS; i++) {
		const struct rf_learned *entry = &set->entry[i];

		if (entry->name_hash == dns->hash && rf_addr_equal(&entry->addr, &dns->addr)) {
			dns->way = i;
			return;
		}
	}
	WORLD_UNROLL
	for (i = 0; i < RF_LEARNED_WAYS; i++)
		rank_take(&lowest, &way, rank_apart(learned_rank(&set->entry[i], dns, now), dns->addr.lo, i), i);
	dns->way = way;
}

/*
 * Tell user space that dns->addr became usable under a name that the policy lists. Counts no packets.
 */
WORLD_STAGE int learned_tell(struct rf_judgement *j)
{
	const struct rf_bank *bank;
	struct rf_totals *totals;
	struct rf_event *event;
	struct rf_dns *dns;

	if (!j)
		return -1;
	dns = world_dns(j);
	bank = world_bank(j);
	totals = world_totals(j);
	if (!dns || !bank || !totals || !notice_begins(j, totals))
		return -1;
	event = world_event_begin(j);
	if (!event) {
		totals->events_lost++;
		return -1;
	}
	totals->events_emitted++;
	notice_fill(j, bank, event, &dns->addr, RF_EVENT_LEARNED);
	world_event_end(j, event);
	return 0;
}

/* Another address stands in the way of dns->addr: counted and told, if its time was not over. */
static __always_inline void learned_evict(struct rf_dns *dns, const struct rf_learned *entry, struct rf_totals *totals,
					  __u64 now)
{
	if (!entry->name_hash || entry->until <= now)
		return;
	totals->dns_evicted++;
	if (!entry->listed)
		return;
	dns->gone = entry->addr;
	dns->gone_name = entry->name_hash;
	dns->gone_known = entry->known;
	dns->gone_rule = entry->rule;
	dns->notices |= RF_NOTICE_EVICTED;
}

/* From now on packets to the address are held against names. Before it is usable, for all CPUs. */
static __always_inline void learned_mark(const struct rf_judgement *j, const struct rf_control *control,
					 const struct rf_addr *addr)
{
	struct rf_budget *budget = world_budget(j, j->subject.state);

	if (budget)
		rf_filter_add(budget->learned, rf_keyed_addr(&control->secret[RF_SECRET_REMOTE], addr->hi, addr->lo));
}

/* The entry is given to dns->addr. -1: another writer took it meanwhile. */
static __always_inline int learned_take(struct rf_learned *entry, const struct rf_dns *dns, __u64 until, __u64 now)
{
	entry->name_hash = 0;
	world_forget();
	entry->addr = dns->addr;
	entry->used = 0;
	entry->until = until;
	entry->rule = RF_RULE_NONE;
	entry->touched = 0;
	entry->brought = answer_mark(dns, now);
	entry->known = dns->known;
	world_forget();
	entry->name_hash = dns->hash;
	world_forget();
	if (rf_addr_equal(&entry->addr, &dns->addr))
		return 0;
	entry->name_hash = 0;
	return -1;
}

/* Tell what one record did. Not where it happens: the stack would be deeper. */
static __always_inline void notices_tell(struct rf_judgement *j, struct rf_dns *dns)
{
	__u32 notices = dns->notices;

	dns->notices = 0;
	if (notices & RF_NOTICE_EVICTED)
		evicted_tell(j, dns->gone_known, dns->gone_name, dns->gone_rule);
	if (notices & RF_NOTICE_LEARNED)
		learned_tell(j);
}

/* dns->addr was answered under dns->known for dns->ttl seconds. In the same moment it is usable: nothing has left yet. */
static __always_inline int learned_note(struct rf_judgement *j, struct rf_dns *dns)
{
	const struct rf_control *control = world_control(j);
	struct rf_totals *totals = world_totals(j);
	struct rf_learned_set *set;
	struct rf_learned *entry;
	__u32 ttl, listed;
	__u64 now, until;

	if (!control || !totals)
		return -1;
	set = learned_set(j, control, &dns->addr);
	if (!set)
		return -1;
	now = world_ticks(j);
	ttl = dns->ttl < RF_TTL_MIN_S ? RF_TTL_MIN_S : dns->ttl > RF_TTL_MAX_S ? RF_TTL_MAX_S : dns->ttl;
	until = now + world_seconds(j, ttl);
	listed = dns->flags & RF_NAME_LISTED;
	learned_way(set, dns, now);
	world_forget();
	entry = &set->entry[dns->way % RF_LEARNED_WAYS];
	totals->dns_learned++;
	if (entry->name_hash != dns->hash || !rf_addr_equal(&entry->addr, &dns->addr)) {
		/* It would open nothing; or it would take the place of an address that stands before it in the same answer, which the device tries first. */
		if ((!listed && learned_rank(entry, dns, now) & RF_RANK_LISTED) ||
		    (entry->name_hash == dns->hash && entry->brought == answer_mark(dns, now) && entry->until > now)) {
			totals->dns_evicted++; /* itself */
			return 0;
		}
		learned_mark(j, control, &dns->addr);
		learned_evict(dns, entry, totals, now);
		if (learned_take(entry, dns, until, now) < 0)
			return 0;
		if (listed)
			dns->notices |= RF_NOTICE_LEARNED;
	}
	entry->known = dns->known;
	entry->listed = listed;
	if (entry->until < until)
		entry->until = until;
	return 0;
}

/*
 * The rules that one learned entry grants, where they stand before what was found so far. Gives the name's index and 1 if it was not looked up in this generation
 * yet, else 0.
 */
static __always_inline int learned_match(struct rf_judgement *j, const struct rf_bank *bank, struct rf_learned *entry)
{
	const struct rf_known *known = known_at(j, entry->known);
	__u64 until;

	/* The name gave way: so does what was learned under it. Or it is another's. */
	if (!known || known->hash != entry->name_hash || known->owner != name_owner(j, bank))
		return 0;
	if (known->generation != bank->generation)
		return known_place(j, entry->known) + 1;
	if (!(known->flags & RF_NAME_LISTED))
		return 0;
	list_scan_other(j, known->chunk);
	if (j->other.id >= j->match.id)
		return 0;
	j->match = j->other;
	j->match.known = entry->name_hash;
	entry->rule = j->match.id;
	entry->generation = bank->generation;
	entry->listed = 1;
	entry->used = world_ticks(j);
	until = entry->used + world_seconds(j, RF_TTL_MIN_S);
	if (entry->until < until)
		entry->until = until;
	return 0;
}

/*
 * ringfence.yaml(5): an address is usable as long as a connection to it lives. But a name whose time was over at the packet before this one stays over, though another
 * name leads to the address, too. `last`: when any of them was usable. 1: it is usable.
 */
static __always_inline int learned_usable(struct rf_judgement *j, const struct rf_learned *entry, __u32 last, __u64 now)
{
	return entry->until > now || (entry->touched == last && conn_reaches(j));
}

static __always_inline int learned_is_of(const struct rf_learned *entry, const struct rf_judgement *j)
{
	return rf_addr_equal(&entry->addr, &j->query.remote) && entry->name_hash;
}

/* The rules of all names under which this device learned the address, each of them if it is usable. As learned_match(). */
WORLD_STAGE int match_learned(struct rf_judgement *j)
{
	const struct rf_control *control;
	struct rf_learned_set *set;
	int i, found = 0, stale = 0, r;
	__u64 now;
	__u32 last;

	if (!j)
		return 0;
	control = world_control(j);
	if (!control)
		return 0;
	set = learned_set(j, control, &j->query.remote);
	if (!set)
		return 0;
	now = world_ticks(j);
	last = (__u32)now - 0x7fffffff; /* longer ago than anything lives */
	for (i = 0; i < RF_LEARNED_WAYS; i++) {
		if (!learned_is_of(&set->entry[i], j))
			continue;
		found = 1;
		if ((__s32)(set->entry[i].touched - last) > 0)
			last = set->entry[i].touched;
	}
	if (!found)
		return 0;
	for (i = 0; i < RF_LEARNED_WAYS; i++) {
		if (!learned_is_of(&set->entry[i], j) || !learned_usable(j, &set->entry[i], last, now))
			continue;
		set->entry[i].touched = (__u32)now;
		j->usable = 1;
		r = learned_match(j, &control->bank[j->bank & 1], &set->entry[i]);
		if (r)
			stale = r;
	}
	return stale;
}

#endif
