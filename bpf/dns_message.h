/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_message.h - a DNS message where it starts: which bytes of the frame it is, its header and its question (RFC 1035).
 *
 * Copies it out of the frame while the frame is there, for dns_question.h, dns_record.h and dns_segment.h to read. Decides nothing: whether a message is believed
 * is asked later.
 */
#ifndef RF_DNS_MESSAGE_H
#define RF_DNS_MESSAGE_H

#include <linux/in.h>
#include "dns_name.h"

#define RF_DNS_QR 0x8000
#define RF_DNS_OPCODE 0x7800
#define RF_DNS_TCP_HEADER 20 /* without options: l4.h refuses shorter ones */

/*
 * Which bytes of the frame may be DNS: UDP messages, for the datapath to read, and TCP from its header on, for user space, as far as they go into one
 * piece. Of an answer in fragments the first, which says what it answers. Into dns->cursor and dns->left; 0 bytes: none.
 */
static __always_inline void dns_locate(const struct rf_packet *packet, struct rf_dns *dns, enum rf_direction direction)
{
	int udp = packet->proto == IPPROTO_UDP, to = direction == RF_DIRECTION_TO;
	__u32 skip = udp ? 8 : 0, least = udp ? 8 : RF_DNS_TCP_HEADER, limit;

	dns->left = 0;
	if ((!udp && packet->proto != IPPROTO_TCP) || packet->l4_len < least ||
	    (to ? packet->sport : packet->dport) != RF_DNS_PORT)
		return;
	if (packet->fragment != RF_FRAGMENT_NONE && (packet->fragment != RF_FRAGMENT_FIRST || !to || !udp))
		return;
	limit = to ? RF_DNS_MESSAGE_MAX : udp ? RF_DNS_QUESTION_MAX : RF_DNS_SEGMENT_XDP;
	dns->cursor = packet->l4_off + skip;
	dns->left = packet->l4_len - skip;
	if (dns->left <= limit)
		return;
	/* An answer that is longer than any frame is none. */
	dns->left = to && udp ? 0 : limit;
}

/* Copy what may be DNS out of the frame, while the frame is there. Whether it is believed is decided later. */
static __always_inline void dns_copy(const struct rf_frame *frame, struct rf_judgement *j, enum rf_direction direction)
{
	struct rf_dns *dns = world_dns(j);
	__u32 len, there;

	j->dns_len = j->segment_len = 0;
	if (!dns)
		return;
	dns_locate(&j->packet, dns, direction);
	world_forget();
	len = dns->left;
	/* A capture may hold less of a message than was on the wire: what is there is read, the rest is missing. */
	there = world_captured(frame);
	if (dns->cursor + len > there)
		len = dns->cursor < there ? there - dns->cursor : 0;
	if (!len || world_copy(frame, dns, dns->cursor, len))
		return;
	if (j->packet.proto == IPPROTO_UDP)
		j->dns_len = len;
	else
		j->segment_len = len;
}

/* Header, one question, its name, type and class. `flags`: QR as the direction wants it; opcode is a query. */
static __always_inline enum rf_parse dns_read_question(struct rf_judgement *j, const struct rf_bank *bank,
						       struct rf_dns *dns, __u16 qr)
{
	__u16 bits;

	if (j->dns_len < RF_DNS_HEADER + 5)
		return RF_PARSE_MALFORMED;
	bits = dns_be16(dns, 2);
	if ((bits & (RF_DNS_QR | RF_DNS_OPCODE)) != qr || dns_be16(dns, 4) != 1)
		return RF_PARSE_MALFORMED;
	if (name_read(j, RF_DNS_HEADER, j->dns_len) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	world_forget();
	/* A question has nothing before it that a pointer could name. */
	if (dns->jumps || dns->end + 4 > j->dns_len)
		return RF_PARSE_MALFORMED;
	dns->id = dns_be16(dns, 0);
	dns->type = dns_be16(dns, dns->end);
	dns->class = dns_be16(dns, dns->end + 2);
	name_hash(j, dns, bank);
	return RF_PARSE_OK;
}

#endif
