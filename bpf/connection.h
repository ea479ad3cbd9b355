/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connection.h - a packet as the rules and the connection rows see it, and what the rows say of it: state.h's rows, asked for this frame.
 *
 * Called by decide.h, which knows in which order rules and rows are asked. Decides nothing that a rule has to.
 */
#ifndef RF_CONNECTION_H
#define RF_CONNECTION_H

#include "l4.h"
#include "match.h"
#include "state.h"

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

static __always_inline void conn_fill(const struct rf_packet *packet, enum rf_direction direction,
				      enum rf_conn_kind kind, struct rf_conn *conn)
{
	int from = direction == RF_DIRECTION_FROM;
	__u32 remote_port = from ? packet->dport : packet->sport, port = from ? packet->sport : packet->dport;

	conn->remote = from ? packet->dst : packet->src;
	conn->id = packet->is_icmp ? packet->icmp_id : remote_port << 16 | port;
	conn->proto = packet->proto;
	conn->kind = kind;
	conn->tcp_flags = packet->tcp_flags;
	conn->by_opener = (kind == RF_CONN_OPENED_FROM) == from;
	conn->asks = 0;
	conn->marks = 0;
}

/* Only what has an answer that can be told from other packets keeps a row: not multicast, of ICMP only echo. */
static __always_inline int conn_is_kept(const struct rf_packet *packet)
{
	if (packet->is_icmp && packet->icmp_type != echo_request_type(packet))
		return 0;
	return !rf_addr_is_multicast(&packet->dst) && !mac_is_group(packet->dst_mac);
}

/* The opener asks, the other side answers: an echo request is never the answer, and no other ICMP message is either. */
static __always_inline int icmp_travels(const struct rf_packet *packet, __u8 by_opener)
{
	return icmp_is_echo(packet) && by_opener == (packet->icmp_type == echo_request_type(packet));
}

/* The same of a row that an earlier generation judged: by j->conn and j->query, behind a call. */
WORLD_STAGE int judge_old_row(struct rf_judgement *j)
{
	const struct rf_control *control;

	if (!j)
		return 0;
	control = world_control(j);
	return control && conn_passes(j, control);
}

/*
 * Does the frame travel in a connection that was opened from `kind`'s side, and is still allowed? A row that this generation judged says so
 * at once; an older one is judged again.
 */
static __always_inline int judge_row(struct rf_judgement *j, const struct rf_control *control, enum rf_conn_kind kind)
{
	const struct rf_bank *bank = &control->bank[j->bank & 1];
	const struct rf_packet *packet = &j->packet;
	struct rf_conn_row *row;
	struct rf_conn conn;

	conn_fill(packet, j->direction, kind, &conn);
	if (packet->is_icmp && !icmp_travels(packet, conn.by_opener))
		return 0;
	row = conn_look(j, control, &conn, &j->key);
	if (!row)
		return 0;
	if (conn_is_of(row->life, bank)) {
		conn_refresh(j, &conn, bank, row);
		return 1;
	}
	query_fill(j, packet, j->direction, !conn.by_opener);
	j->conn = conn;
	return judge_old_row(j);
}

/* Both sides may have opened the same pair of ports (RFC 9293 3.5); what ends one ends the other. */
static __always_inline int tcp_ends(const struct rf_packet *packet)
{
	return packet->tcp_flags & (RF_TCP_RST | RF_TCP_FIN);
}

/* Is the quoted packet one of a connection that was opened from `kind`'s side, and is still allowed? An error keeps none alive. */
WORLD_STAGE int judge_quoted(struct rf_judgement *j, __u32 kind)
{
	const struct rf_control *control;
	enum rf_direction direction;

	if (!j)
		return 0;
	control = world_control(j);
	if (!control)
		return 0;
	direction = j->direction == RF_DIRECTION_FROM ? RF_DIRECTION_TO : RF_DIRECTION_FROM;
	conn_fill(&j->quoted, direction, kind & 1, &j->conn);
	if (j->quoted.is_icmp && !icmp_travels(&j->quoted, j->conn.by_opener))
		return 0;
	j->conn.asks = 1;
	query_fill(j, &j->quoted, direction, !j->conn.by_opener);
	/* A quote has no MAC addresses: the other's is that of who sent the error, or whom it goes to. */
	j->query.remote_mac = j->direction == RF_DIRECTION_FROM ? j->packet.dst_mac : j->packet.src_mac;
	return conn_passes(j, control);
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
	j->conn.marks = 0;
}

/* The first fragment decides for those that follow: also one whose id an earlier packet had. */
WORLD_STAGE int note_first_fragment(struct rf_judgement *j)
{
	const struct rf_control *control;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	fragment_fill(j);
	conn_forget(j, control); /* with what it said of the packet before */
	if (reason_passes(j->outcome.cause) && conn_note(j) < 0)
		j->outcome.cause = RF_REASON_INTERNAL;
	return 0;
}

/* May a later fragment follow its first? 1: yes. */
WORLD_STAGE int judge_later_fragment(struct rf_judgement *j)
{
	const struct rf_control *control;
	const struct rf_conn_row *row;

	if (!j)
		return 0;
	control = world_control(j);
	if (!control)
		return 0;
	fragment_fill(j);
	/* Of this generation: fragments say too little to be judged again. */
	row = conn_find(j, control, &j->conn);
	if (!row || !conn_is_of(row->life, &control->bank[j->bank & 1]))
		return 0;
	j->packet.answers = row->life & RF_CONN_ANSWERS && j->packet.proto == IPPROTO_UDP;
	return 1;
}

#endif
