/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_question.h - questions on their way out (RFC 1035).
 *
 * A question to a believed resolver is read, judged by `dns: listed` and deny-names, and remembered by server, port, id and name: an answer counts only if it meets
 * one (dns_answer.h). Opens nothing.
 */
#ifndef RF_DNS_QUESTION_H
#define RF_DNS_QUESTION_H

#include "dns_message.h"
#include "known.h"

/* Keyed by everything that an answer must repeat. */
static __always_inline __u64 question_tag(const struct rf_judgement *j, const struct rf_control *control,
					  const struct rf_addr *server, __u16 port, __u16 id)
{
	__u64 h = rf_mix(control->secret[0] ^ server->lo);

	if (j->subject.flags & RF_DEVICE_UNKNOWN)
		h ^= rf_mix(j->subject.mac);
	h = rf_mix(h + server->hi);
	return rf_mix(h ^ control->secret[1] ^ ((__u64)port << 16 | id)) | 1;
}

static __always_inline struct rf_question_set *question_set(const struct rf_judgement *j, __u64 tag)
{
	return world_questions(j, rf_sizing_set(j->subject.state, world_sizing(j)->question, tag >> 32));
}

/* The way of this tag in the set, into dns->way. 0: none. */
static __always_inline int question_find(const struct rf_question_set *set, struct rf_dns *dns, __u64 tag)
{
	int i;

	WORLD_UNROLL
	for (i = 0; i < RF_QUESTION_WAYS; i++) {
		if (set->tag[i] == tag) {
			dns->way = i;
			return 1;
		}
	}
	return 0;
}

/* Remember the question in hand; the way that ends soonest goes when none is free. */
static __always_inline int question_note(struct rf_judgement *j, const struct rf_control *control, struct rf_dns *dns)
{
	__u64 tag = question_tag(j, control, &j->packet.dst, j->packet.sport, dns->id), soonest = ~0ULL;
	struct rf_question_set *set = question_set(j, tag);
	struct rf_totals *totals = world_totals(j);
	__u64 now = world_ticks(j);
	__u32 way = 0;
	int i;

	if (!set || !totals)
		return -1;
	if (!question_find(set, dns, tag)) {
		/* What is over is free, and questions of several CPUs begin at different ways. */
		WORLD_UNROLL
		for (i = 0; i < RF_QUESTION_WAYS; i++)
			rank_take(&soonest, &way, rank_apart(set->expiry[i] * below(now, set->expiry[i]), tag, i), i);
		dns->way = way;
	}
	world_forget();
	way = dns->way % RF_QUESTION_WAYS;
	set->tag[way] = tag;
	set->name[way] = dns->hash;
	set->expiry[way] = now + world_seconds(j, RF_QUESTION_LIFE_S);
	totals->dns_questions++;
	return 0;
}

/* Was this asked? Each question is answered once. 1: yes. */
static __always_inline int question_take(struct rf_judgement *j, const struct rf_control *control, struct rf_dns *dns)
{
	__u64 tag = question_tag(j, control, &j->packet.src, j->packet.dport, dns->id);
	struct rf_question_set *set = question_set(j, tag);
	__u32 way;

	if (!set || !question_find(set, dns, tag))
		return 0;
	world_forget();
	way = dns->way % RF_QUESTION_WAYS;
	if (set->name[way] != dns->hash || set->expiry[way] <= world_ticks(j))
		return 0;
	set->tag[way] = set->expiry[way] = 0;
	return 1;
}

/*
 * A question that rules let out: its reason, RF_REASON_NONE if it may go. Answers or more than one question from a device, and what carries records where
 * a question has none, are malformed: nothing that a resolver's client sends.
 */
WORLD_STAGE int dns_judge_question(struct rf_judgement *j)
{
	const struct rf_profile *profile;
	const struct rf_control *control;
	const struct rf_bank *bank;
	__u32 listed_only, flags;
	struct rf_dns *dns;

	if (!j)
		return RF_REASON_INTERNAL;
	control = world_control(j);
	bank = world_bank(j);
	dns = world_dns(j);
	profile = world_profile(j, j->subject.profile);
	if (!control || !bank || !dns || !profile)
		return RF_REASON_INTERNAL;
	if (dns_read_question(j, bank, dns, 0) != RF_PARSE_OK || dns_be16(dns, 6) || dns_be16(dns, 8))
		return RF_REASON_MALFORMED;
	dns->flags = 0;
	if (profile->flags & (RF_PROFILE_DNS_LISTED | RF_PROFILE_DENY_NAMES))
		name_look_up(j);
	world_forget();
	flags = dns->flags;
	listed_only = profile->flags & RF_PROFILE_DNS_LISTED;
	/* What monitor mode will let out all the same has an answer to be learned. */
	if (flags & RF_NAME_DENIED && j->subject.mode != RF_MODE_MONITOR)
		return RF_REASON_NAME_DENIED;
	if (listed_only && !(flags & RF_NAME_LISTED) && j->subject.mode != RF_MODE_MONITOR)
		return RF_REASON_NAME_NOT_LISTED;
	if (question_note(j, control, dns) < 0)
		return RF_REASON_INTERNAL;
	if (flags & RF_NAME_DENIED)
		return RF_REASON_NAME_DENIED;
	return listed_only && !(flags & RF_NAME_LISTED) ? RF_REASON_NAME_NOT_LISTED : RF_REASON_NONE;
}

/*
 * Questions over TCP and in fragments, of a profile in which names decide: `dns: listed` and deny-names stop them all. A segment that holds one whole question
 * proves nothing: another one that overlaps it makes the resolver read what neither of them says, and of the two only the resolver knows which
 * bytes it kept.
 */
static __always_inline int dns_judge_unread(const struct rf_judgement *j)
{
	const struct rf_profile *profile = world_profile(j, j->subject.profile);

	if (!profile)
		return RF_REASON_INTERNAL;
	if (profile->flags & RF_PROFILE_DNS_LISTED)
		return RF_REASON_NAME_NOT_LISTED;
	return profile->flags & RF_PROFILE_DENY_NAMES ? RF_REASON_NAME_DENIED : RF_REASON_NONE;
}

#endif
