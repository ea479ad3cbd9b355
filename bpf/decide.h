/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decide.h - one packet of a device, one reason: link safety, rules and connection rows in their order.
 *
 * Asks match.h for rules, state.h for rows, dns_question.h for questions; leaves the reason in outcome.cause and the deciding rule in outcome.rule. Makes no
 * verdict and counts nothing: core.h does.
 */
#ifndef RF_DECIDE_H
#define RF_DECIDE_H

#include "connection.h"
#include "dns_answer.h"
#include "dns_question.h"
#include "link.h"

static __always_inline void outcome_take_match(struct rf_judgement *j, const struct rf_match *match)
{
	j->outcome.cause = match->reason;
	j->outcome.quiet = !!(match->flags & RF_RULE_QUIET);
	j->outcome.known = match->known;
	if (!(match->flags & RF_RULE_DEFAULT))
		j->outcome.rule = match->id;
}

/* What a rule allowed is dropped all the same, and not by that rule. */
static __always_inline void outcome_refuse(struct rf_judgement *j, __u8 cause)
{
	j->outcome.cause = cause;
	j->outcome.rule = RF_RULE_NONE;
	j->outcome.known = 0;
	j->outcome.quiet = 0;
}

/* Port 53 that only the default denied, at a server that nobody believes. */
static __always_inline int is_untrusted_resolver(const struct rf_judgement *j, const struct rf_bank *bank)
{
	const struct rf_packet *packet = &j->packet;

	return packet->dport == RF_DNS_PORT && (packet->proto == IPPROTO_UDP || packet->proto == IPPROTO_TCP) &&
	       !bank_has_resolver(bank, &packet->dst);
}

/* What rules allowed, in either direction: note what answers it, in the row that conn_find() found, or a new one. */
static __always_inline void note_connection(struct rf_judgement *j, const struct rf_bank *bank,
					    const struct rf_conn *conn, struct rf_conn_row *row)
{
	if (row) {
		conn_refresh(j, conn, bank, row);
		return;
	}
	j->conn = *conn;
	if (conn_note(j) < 0)
		j->outcome.cause = RF_REASON_INTERNAL;
}

/*
 * Questions to a believed resolver that rules let out. Where names decide, what cannot be read here is stopped, too: see dns_judge_unread(). Not by default
 * and not for a profile that allows the resolver nothing.
 */
static __always_inline void decide_question(struct rf_judgement *j, const struct rf_bank *bank)
{
	const struct rf_packet *packet = &j->packet;
	int reason = RF_REASON_NONE;

	if (!bank_has_resolver(bank, &packet->dst))
		return;
	if (packet->proto == IPPROTO_UDP && packet->fragment == RF_FRAGMENT_NONE)
		reason = j->dns_len ? dns_judge_question(j) : RF_REASON_MALFORMED;
	else if (packet->proto == IPPROTO_TCP || packet->proto == IPPROTO_UDP)
		reason = dns_judge_unread(j);
	if (reason == RF_REASON_NONE)
		return;
	j->outcome.cause = reason;
	j->outcome.rule = RF_RULE_NONE;
}

/*
 * May the rules' answer to this packet stand in its row, for those that follow? Only where nothing but the row's key and its generation can change
 * it: not where the other's MAC, a name and its time, an ICMP type or a question count, and not for what allows nothing. Whether names have come to
 * say something of the address since, row_reason() asks each time.
 */
static __always_inline __u8 conn_marks(const struct rf_judgement *j, const struct rf_profile *profile,
				       const struct rf_match *match)
{
	const struct rf_packet *packet = &j->packet;

	if (j->usable)
		return RF_CONN_NAMED;
	if (profile->flags & RF_PROFILE_PEERS_OUT || packet->is_icmp || packet->dport == RF_DNS_PORT)
		return 0;
	switch (match->reason) {
	case RF_REASON_RULE:
		return RF_CONN_BY_RULE;
	case RF_REASON_SERVICE:
		return RF_CONN_BY_SERVICE;
	case RF_REASON_DEFAULT_ALLOW:
		return RF_CONN_BY_DEFAULT;
	default:
		return 0;
	}
}

/* What a row says of the device's packets; RF_REASON_NONE: ask the rules. */
static __always_inline __u8 row_reason(const struct rf_judgement *j, const struct rf_control *control,
				       const struct rf_profile *profile, const struct rf_conn_row *row)
{
	if (!row || !conn_is_of(row->life, &control->bank[j->bank & 1]) || !(row->life & RF_CONN_BY))
		return RF_REASON_NONE;
	if (profile->flags & RF_PROFILE_NAMES && learned_maybe(j, control, &j->packet.dst))
		return RF_REASON_NONE;
	switch (row->life & RF_CONN_BY) {
	case RF_CONN_BY_RULE:
		return RF_REASON_RULE;
	case RF_CONN_BY_SERVICE:
		return RF_REASON_SERVICE;
	case RF_CONN_BY_DEFAULT:
		return RF_REASON_DEFAULT_ALLOW;
	default:
		return RF_REASON_NONE;
	}
}

/*
 * For those who watch: which rule stands behind what a row said. The rules must say the same as the row; where they do not, the row would have let a
 * packet pass that they deny, and that is a bug to be seen.
 */
WORLD_STAGE int row_explain(struct rf_judgement *j)
{
	if (!j)
		return -1;
	query_fill(j, &j->packet, j->direction, 0);
	match_rules(j);
	world_forget();
	if (j->match.reason != j->outcome.cause || !match_allows(&j->match))
		j->outcome.cause = RF_REASON_INTERNAL;
	else
		outcome_take_match(j, &j->match);
	return 0;
}

/* What rules and their rows say of a packet from the device; the packet that they allow leaves its row. 1: they allowed it. */
static __always_inline int decide_rules(struct rf_judgement *j, const struct rf_control *control,
					const struct rf_profile *profile, int *ret_sides, int *ret_by_default)
{
	const struct rf_bank *bank = &control->bank[j->bank & 1];
	const int kept = conn_is_kept(&j->packet);
	struct rf_conn_row *row = NULL;
	struct rf_match match;
	struct rf_conn conn;
	__u8 reason;

	conn_fill(&j->packet, j->direction, RF_CONN_OPENED_FROM, &conn);
	*ret_sides = conn_key(j, control, &conn, &j->key);
	if (kept && sides_have(*ret_sides, RF_CONN_OPENED_FROM))
		row = conn_look(j, control, &conn, &j->key);
	reason = row_reason(j, control, profile, row);
	if (reason != RF_REASON_NONE) {
		j->outcome.cause = reason;
		conn.marks = row->life & RF_CONN_BY;
		conn_refresh(j, &conn, bank, row);
		if (world_is_watched(j))
			row_explain(j);
		return 1;
	}
	query_fill(j, &j->packet, j->direction, 0);
	match_find(j, control, profile, &match);
	outcome_take_match(j, &match);
	*ret_by_default = match.flags & RF_RULE_DEFAULT;
	if (!match_allows(&match))
		return 0;
	if (mac_is_group(j->packet.dst_mac) && group_frame_misleads(j)) {
		outcome_refuse(j, RF_REASON_INBOUND_DENY);
		return 1;
	}
	conn.marks = conn_marks(j, profile, &match);
	if (j->packet.dport == RF_DNS_PORT)
		decide_question(j, bank);
	if (kept && reason_passes(j->outcome.cause))
		note_connection(j, bank, &conn, row);
	return 1;
}

/* Rules first; what they do not allow may still be the device's side of a connection opened to it. */
static __always_inline void decide_from(struct rf_judgement *j, const struct rf_control *control,
					const struct rf_profile *profile)
{
	int by_default = 0, sides;

	if (decide_rules(j, control, profile, &sides, &by_default)) {
		if (sides_have(sides, RF_CONN_OPENED_TO) && tcp_ends(&j->packet))
			judge_row(j, control, RF_CONN_OPENED_TO);
		return;
	}
	if ((sides_have(sides, RF_CONN_OPENED_TO) && judge_row(j, control, RF_CONN_OPENED_TO)) || judge_icmp_error(j)) {
		j->outcome.cause = RF_REASON_ESTABLISHED;
		j->outcome.rule = RF_RULE_NONE;
		j->outcome.quiet = 0;
	} else if (by_default && is_untrusted_resolver(j, &control->bank[j->bank & 1])) {
		j->outcome.cause = RF_REASON_UNTRUSTED_RESOLVER;
	}
}

/* Connections first, then what may be opened to the device. */
static __always_inline void decide_to(struct rf_judgement *j, const struct rf_control *control,
				      const struct rf_profile *profile)
{
	const struct rf_bank *bank = &control->bank[j->bank & 1];
	struct rf_match match;
	struct rf_conn conn;
	int answers, sides;

	conn_fill(&j->packet, j->direction, RF_CONN_OPENED_FROM, &conn);
	sides = conn_key(j, control, &conn, &j->key);
	answers = sides_have(sides, RF_CONN_OPENED_FROM) && judge_row(j, control, RF_CONN_OPENED_FROM);
	if (sides_have(sides, RF_CONN_OPENED_TO) && (!answers || tcp_ends(&j->packet)))
		answers |= judge_row(j, control, RF_CONN_OPENED_TO);
	if (answers || judge_icmp_error(j)) {
		j->outcome.cause = RF_REASON_ESTABLISHED;
		return;
	}
	query_fill(j, &j->packet, j->direction, 0);
	match_find(j, control, profile, &match);
	outcome_take_match(j, &match);
	if (!match_allows(&match) || match.reason == RF_REASON_SERVICE || !conn_is_kept(&j->packet))
		return;
	conn_fill(&j->packet, j->direction, RF_CONN_OPENED_TO, &conn);
	note_connection(j, bank, &conn, NULL); /* judge_row() found none */
}

/* IP that no link rule decided. */
static __always_inline void decide_ip(struct rf_judgement *j, const struct rf_control *control)
{
	const struct rf_profile *profile;

	world_forget(); /* verifier: what the link's checks found out of the packet is not carried on */
	if (j->packet.fragment == RF_FRAGMENT_LATER) {
		j->outcome.cause = judge_later_fragment(j) ? RF_REASON_ESTABLISHED : RF_REASON_FRAGMENT;
		return;
	}
	profile = world_profile(j, j->subject.profile);
	if (!profile)
		j->outcome.cause = RF_REASON_INTERNAL;
	else if (j->direction == RF_DIRECTION_FROM)
		decide_from(j, control, profile);
	else
		decide_to(j, control, profile);
}

static __always_inline void decide(struct rf_judgement *j, const struct rf_control *control)
{
	int from = j->direction == RF_DIRECTION_FROM;

	j->outcome.rule = RF_RULE_NONE;
	j->outcome.quiet = 0;
	j->outcome.known = 0;
	if (j->subject.mode == RF_MODE_OFF) {
		j->outcome.cause = RF_REASON_MODE_OFF;
		return;
	}
	j->outcome.cause = RF_REASON_MALFORMED;
	if (j->status != RF_PARSE_OK)
		return;
	if (from && (j->subject.flags & RF_DEVICE_BOUND || j->packet.sport == RF_DNS_PORT)) {
		j->outcome.cause = identity_check(j);
		if (j->outcome.cause != RF_REASON_NONE)
			return;
	}
	j->outcome.cause = from ? link_judge_from(j) : link_judge_to(j);
	if (j->outcome.cause == RF_REASON_NONE)
		decide_ip(j, control);
	if (j->packet.fragment == RF_FRAGMENT_FIRST)
		note_first_fragment(j);
}

#endif
