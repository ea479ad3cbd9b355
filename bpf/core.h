/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - one frame, one verdict, one reason: judge_from() and judge_to().
 *
 * The order in which things happen: parse, identify, link safety, rules, connection rows, account, report. The including file
 * brings the seam (seam_bpf.h, or user/engine/seam_native.h) first; nothing here knows where it runs.
 */
#ifndef RF_CORE_H
#define RF_CORE_H

#include "decide.h"
#include "dns.h"
#include "identify.h"
#include "link.h"
#include "parse.h"
#include "report.h"
#include "state.h"

/* ---- questions to rules and rows ---- */

static __always_inline __u8 echo_request_type(const struct rf_packet *packet)
{
	return packet->l3 == 4 ? RF_ICMP_ECHO : RF_ICMPV6_ECHO;
}

static __always_inline int icmp_is_echo(const struct rf_packet *packet)
{
	return packet->icmp_type == echo_request_type(packet) ||
	       packet->icmp_type == (packet->l3 == 4 ? RF_ICMP_ECHO_REPLY : RF_ICMPV6_ECHO_REPLY);
}

/*
 * The rules' view of a packet that travels as the frame does (`reverse` 0), or of the packet that began the connection in which this one is an
 * answer (`reverse` 1: ports swapped, an echo reply is a request).
 */
static __always_inline void query_fill(struct rf_judgement *j, const struct rf_packet *packet,
				       enum rf_direction direction, int reverse)
{
	struct rf_query *query = &j->query;
	int from = direction == RF_DIRECTION_FROM;

	query->remote = from ? packet->dst : packet->src;
	query->remote_mac = from ? packet->dst_mac : packet->src_mac;
	query->profile = j->subject.profile;
	query->sport = reverse ? packet->dport : packet->sport;
	query->dport = reverse ? packet->sport : packet->dport;
	if (packet->is_icmp)
		query->dport = reverse ? echo_request_type(packet) : packet->icmp_type;
	query->proto = packet->proto;
	query->set = from != reverse ? RF_SET_OUT : RF_SET_IN;
}

static __always_inline void conn_fill(struct rf_judgement *j, const struct rf_packet *packet,
				      enum rf_direction direction, enum rf_conn_kind kind)
{
	int from = direction == RF_DIRECTION_FROM;
	__u32 remote_port = from ? packet->dport : packet->sport, port = from ? packet->sport : packet->dport;

	j->conn.remote = from ? packet->dst : packet->src;
	j->conn.id = packet->is_icmp ? packet->icmp_id : remote_port << 16 | port;
	j->conn.proto = packet->proto;
	j->conn.kind = kind;
	j->conn.tcp_flags = packet->tcp_flags;
	j->conn.by_opener = (kind == RF_CONN_OPENED_FROM) == from;
	j->conn.asks = 0;
	j->conn.named = 0;
}

/* Only what has an answer that can be told from other packets keeps a row: not multicast, of ICMP only echo. */
static __always_inline int conn_is_kept(const struct rf_packet *packet)
{
	if (packet->is_icmp)
		return packet->icmp_type == echo_request_type(packet);
	return !rf_addr_is_multicast(&packet->dst) && !mac_is_group(packet->dst_mac);
}

/* Does the frame travel in a connection that was opened from `kind`'s side, and is still allowed? */
static __always_inline int judge_row(struct rf_judgement *j, enum rf_conn_kind kind)
{
	const struct rf_packet *packet = &j->packet;

	conn_fill(j, packet, j->direction, kind);
	/* The opener asks, the other side answers: an echo request is never the answer. */
	if (packet->is_icmp &&
	    (!icmp_is_echo(packet) || j->conn.by_opener != (packet->icmp_type == echo_request_type(packet))))
		return 0;
	query_fill(j, packet, j->direction, !j->conn.by_opener);
	return conn_passes(j);
}

/* Both sides may have opened the same pair of ports (RFC 9293 3.5); what ends one ends the other. */
static __always_inline int tcp_ends(const struct rf_packet *packet)
{
	return packet->tcp_flags & (RF_TCP_RST | RF_TCP_FIN);
}

/* Is the quoted packet one of a connection that was opened from `kind`'s side, and is still allowed? An error keeps none alive. */
static __always_inline int judge_quoted(struct rf_judgement *j, enum rf_conn_kind kind)
{
	enum rf_direction direction = j->direction == RF_DIRECTION_FROM ? RF_DIRECTION_TO : RF_DIRECTION_FROM;

	conn_fill(j, &j->quoted, direction, kind);
	if (j->quoted.is_icmp &&
	    (!icmp_is_echo(&j->quoted) || j->conn.by_opener != (j->quoted.icmp_type == echo_request_type(&j->quoted))))
		return 0;
	j->conn.asks = 1;
	query_fill(j, &j->quoted, direction, !j->conn.by_opener);
	return conn_passes(j);
}

/*
 * ICMP errors: about a packet of a live connection of this device, and to the one who sent that packet: else the quote would be a
 * letter to anybody.
 */
static __always_inline int judge_icmp_error(struct rf_judgement *j)
{
	if (!j->packet.has_quoted || !rf_addr_equal(&j->quoted.src, &j->packet.dst))
		return 0;
	return judge_quoted(j, RF_CONN_OPENED_FROM) || judge_quoted(j, RF_CONN_OPENED_TO);
}

/* The row by which later fragments follow the first: one for each pair of addresses and id (RFC 791 3.2, RFC 8200 4.5). */
static __always_inline void fragment_fill(struct rf_judgement *j)
{
	const struct rf_packet *packet = &j->packet;
	int from = j->direction == RF_DIRECTION_FROM;
	const struct rf_addr *local = from ? &packet->src : &packet->dst;

	j->conn.remote = from ? packet->dst : packet->src;
	j->conn.remote.hi ^= rf_mix(local->lo ^ rf_mix(local->hi));
	j->conn.id = packet->fragment_id;
	j->conn.proto = packet->l3 == 4 ? packet->proto : 0; /* IPv6 does not count the protocol */
	j->conn.kind = RF_CONN_FRAGMENTS | j->direction;
	j->conn.tcp_flags = 0;
	j->conn.by_opener = 1;
	j->conn.asks = 0;
	j->conn.named = 0;
}

static __always_inline int reason_passes(__u8 reason)
{
	return reason >= RF_REASON_RULE && reason <= RF_REASON_UNPOLICED;
}

/* ---- decisions: a reason for each frame; the rule that decided in outcome.rule ---- */

static __always_inline void outcome_take_match(struct rf_judgement *j)
{
	j->outcome.cause = j->match.reason;
	j->outcome.quiet = !!(j->match.flags & RF_RULE_QUIET);
	j->outcome.known = j->match.known;
	if (!(j->match.flags & RF_RULE_DEFAULT))
		j->outcome.rule = j->match.id;
}

/* Port 53 that only the default denied, at a server that nobody believes. */
static __always_inline int is_untrusted_resolver(const struct rf_judgement *j, const struct rf_bank *bank)
{
	const struct rf_packet *packet = &j->packet;

	return packet->dport == 53 && (packet->proto == IPPROTO_UDP || packet->proto == IPPROTO_TCP) &&
	       !bank_has_resolver(bank, &packet->dst);
}

/* What rules allowed, in either direction: note what answers it. */
static __always_inline void note_connection(struct rf_judgement *j, enum rf_conn_kind kind)
{
	if (!conn_is_kept(&j->packet))
		return;
	conn_fill(j, &j->packet, j->direction, kind);
	j->conn.named = j->usable;
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

	if (packet->dport != RF_DNS_PORT || !bank_has_resolver(bank, &packet->dst))
		return;
	if (packet->proto == IPPROTO_UDP && packet->fragment == RF_FRAGMENT_NONE) {
		reason = j->dns_len ? dns_judge_question(j) : RF_REASON_MALFORMED;
	} else if (packet->proto == IPPROTO_TCP || packet->proto == IPPROTO_UDP) {
		reason = dns_judge_unread(j);
	}
	if (reason == RF_REASON_NONE)
		return;
	j->outcome.cause = reason;
	j->outcome.rule = RF_RULE_NONE;
}

/* Rules first; what they do not allow may still be the device's side of a connection opened to it. */
static __always_inline void decide_from(struct rf_judgement *j, const struct rf_bank *bank)
{
	int by_default;

	query_fill(j, &j->packet, j->direction, 0);
	match_rules(j);
	outcome_take_match(j);
	if (match_allows(&j->match)) {
		decide_question(j, bank);
		if (reason_passes(j->outcome.cause))
			note_connection(j, RF_CONN_OPENED_FROM);
		if (tcp_ends(&j->packet))
			judge_row(j, RF_CONN_OPENED_TO);
		return;
	}
	by_default = j->match.flags & RF_RULE_DEFAULT; /* a row may ask the rules again */
	if (judge_row(j, RF_CONN_OPENED_TO) || judge_icmp_error(j)) {
		j->outcome.cause = RF_REASON_ESTABLISHED;
		j->outcome.rule = RF_RULE_NONE;
		j->outcome.quiet = 0;
	} else if (by_default && is_untrusted_resolver(j, bank)) {
		j->outcome.cause = RF_REASON_UNTRUSTED_RESOLVER;
	}
}

/* Connections first, then what may be opened to the device. */
static __always_inline void decide_to(struct rf_judgement *j)
{
	int answers = judge_row(j, RF_CONN_OPENED_FROM);

	if (!answers || tcp_ends(&j->packet))
		answers |= judge_row(j, RF_CONN_OPENED_TO);
	if (answers || judge_icmp_error(j)) {
		j->outcome.cause = RF_REASON_ESTABLISHED;
		return;
	}
	query_fill(j, &j->packet, j->direction, 0);
	match_rules(j);
	outcome_take_match(j);
	if (match_allows(&j->match) && j->match.reason != RF_REASON_SERVICE)
		note_connection(j, RF_CONN_OPENED_TO);
}

/* The first fragment decides for those that follow: also one whose id an earlier packet had. */
static __always_inline void note_first_fragment(struct rf_judgement *j)
{
	fragment_fill(j);
	if (!reason_passes(j->outcome.cause))
		conn_forget(j);
	else if (conn_note(j) < 0)
		j->outcome.cause = RF_REASON_INTERNAL;
}

/* IP that no link rule decided. */
static __always_inline void decide_ip(struct rf_judgement *j, const struct rf_bank *bank)
{
	if (j->packet.fragment == RF_FRAGMENT_LATER) {
		fragment_fill(j);
		j->outcome.cause = conn_exists(j) ? RF_REASON_ESTABLISHED : RF_REASON_FRAGMENT;
		return;
	}
	if (j->direction == RF_DIRECTION_FROM)
		decide_from(j, bank);
	else
		decide_to(j);
}

static __always_inline void decide(struct rf_judgement *j, const struct rf_bank *bank)
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
	if (from) {
		j->outcome.cause = identity_check(j, bank);
		if (j->outcome.cause != RF_REASON_NONE)
			return;
	}
	j->outcome.cause = from ? link_judge_from(j, bank) : link_judge_to(j);
	if (j->outcome.cause == RF_REASON_NONE)
		decide_ip(j, bank);
	if (j->packet.fragment == RF_FRAGMENT_FIRST)
		note_first_fragment(j);
}

/* A device that is shut out is told so, whichever rule of its stand-in profile said it. */
static __always_inline __u8 shut_out_reason(const struct rf_subject *subject, __u8 cause)
{
	if (cause != RF_REASON_ETHERTYPE && cause != RF_REASON_FRAGMENT && cause != RF_REASON_UNTRUSTED_RESOLVER)
		return cause;
	if (subject->flags & RF_DEVICE_UNKNOWN)
		return subject->mode == RF_MODE_ENFORCE ? cause : RF_REASON_UNKNOWN_DEVICE;
	return subject->mode == RF_MODE_QUARANTINE ? RF_REASON_QUARANTINED : cause;
}

static __always_inline void count_internal(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		totals->internal++;
}

/* cause -> verdict: the only place where a drop is made, and where monitor mode takes it back. */
static __always_inline void outcome_settle(struct rf_judgement *j)
{
	struct rf_outcome *outcome = &j->outcome;

	outcome->cause = shut_out_reason(&j->subject, outcome->cause);
	outcome->reason = outcome->cause;
	outcome->verdict = reason_passes(outcome->cause) ? RF_PASS : RF_DROP;
	if (outcome->verdict == RF_PASS)
		return;
	if (outcome->cause == RF_REASON_INTERNAL || outcome->cause == RF_REASON_NONE) {
		outcome->cause = outcome->reason = RF_REASON_INTERNAL;
		count_internal(j);
	} else if (j->subject.mode == RF_MODE_MONITOR && outcome->cause != RF_REASON_MALFORMED) {
		outcome->verdict = RF_PASS;
		outcome->reason = RF_REASON_WOULD_DROP;
	}
}

/* No table to judge by: closed. Cannot happen (the control map has one entry), counted as internal. */
static __always_inline enum rf_verdict judge_internal(struct rf_judgement *j)
{
	count_internal(j);
	j->outcome.reason = j->outcome.cause = RF_REASON_INTERNAL;
	j->outcome.rule = RF_RULE_NONE;
	j->outcome.known = 0;
	return RF_DROP;
}

/* A frame of (or to) somebody that the policy knows how to judge: subject is set. */
WORLD_STAGE int judge(struct rf_judgement *j)
{
	const struct rf_bank *bank;

	if (!j)
		return RF_DROP; /* verifier: never NULL, see WORLD_STAGE */
	bank = world_bank(j);
	if (!bank)
		return judge_internal(j);
	decide(j, bank);
	world_forget();
	outcome_settle(j);
	world_forget();
	report(j);
	if (j->outcome.verdict == RF_DROP)
		return RF_DROP;
	if (j->direction == RF_DIRECTION_TO && j->dns_len && bank_has_resolver(bank, &j->packet.src) &&
	    dns_learn_answer(j)) {
		report_unread(j);
		j->segment_len = j->dns_len;
		segment_send(j, 0);
		j->segment_len = 0;
	}
	return RF_PASS;
}

/* Parse, and read once which bank is in force. NULL: no control map. */
static __always_inline const struct rf_bank *judge_begin(const struct rf_frame *frame, struct rf_judgement *j,
							 enum rf_direction direction)
{
	const struct rf_control *control = world_control(j);

	__builtin_memset(&j->packet, 0, sizeof(j->packet));
	j->len = frame->len;
	j->ifindex = frame->ifindex;
	j->direction = direction;
	j->status = frame_parse(frame, j);
	world_forget();
	j->dns_len = j->segment_len = 0;
	if (j->status == RF_PARSE_OK)
		dns_copy(frame, j, direction);
	world_forget();
	if (!control)
		return NULL;
	j->bank = control->active & 1;
	return &control->bank[j->bank];
}

/* The verdict, and what of a frame that passes user space is to read. */
static __always_inline enum rf_verdict judge_and_hand(const struct rf_frame *frame, struct rf_judgement *j,
						      const struct rf_bank *bank)
{
	enum rf_verdict verdict = judge(j) == RF_PASS ? RF_PASS : RF_DROP;

	if (verdict == RF_PASS && j->segment_len)
		segments_hand(frame, j, bank);
	return verdict;
}

/* A frame that enters the bridge through an inside port. */
static __always_inline enum rf_verdict judge_from(const struct rf_frame *frame, struct rf_judgement *j)
{
	const struct rf_bank *bank = judge_begin(frame, j, RF_DIRECTION_FROM);

	if (!bank)
		return judge_internal(j);
	subject_identify(j, bank, j->packet.src_mac); /* a runt's is 0: unknown */
	if (j->status == RF_PARSE_RUNT)
		j->subject.mode = RF_MODE_ENFORCE; /* nobody's, so no mode passes it */
	return judge_and_hand(frame, j, bank);
}

/* A frame that leaves the bridge through an inside port. Multicast belongs to nobody: it was judged on its way in. */
static __always_inline enum rf_verdict judge_to(const struct rf_frame *frame, struct rf_judgement *j)
{
	const struct rf_bank *bank = judge_begin(frame, j, RF_DIRECTION_TO);
	struct rf_totals *totals;

	if (!bank)
		return judge_internal(j);
	if (j->status != RF_PARSE_RUNT && !mac_is_group(j->packet.dst_mac) &&
	    subject_identify(j, bank, j->packet.dst_mac))
		return judge_and_hand(frame, j, bank);
	totals = world_totals(j);
	if (totals)
		count_add(&totals->unpoliced_to, j->len);
	j->outcome.reason = j->outcome.cause = RF_REASON_UNPOLICED;
	j->outcome.rule = RF_RULE_NONE;
	j->outcome.known = 0;
	j->subject.flags = RF_DEVICE_UNKNOWN;
	return RF_PASS;
}

/* For those who watch: tests, replay, explain. */
static __always_inline void result_fill(const struct rf_judgement *j, const struct rf_bank *bank,
					enum rf_verdict verdict, struct rf_result *result)
{
	result->verdict = verdict;
	result->reason = j->outcome.reason;
	result->would = j->outcome.cause;
	result->direction = j->direction;
	result->device = j->subject.flags & RF_DEVICE_UNKNOWN ? RF_DEVICE_NONE : j->subject.device;
	result->rule = j->outcome.rule;
	result->generation = bank ? bank->generation : 0;
	result->known = j->outcome.known;
}

#endif
