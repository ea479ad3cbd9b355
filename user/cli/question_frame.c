// SPDX-License-Identifier: GPL-2.0-only
/*
 * question_frame.c - the frame that would open the connection of a question: see question.h.
 *
 * Checksums are left zero: the datapath does not look at them.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "question.h"

#define CLIENT_PORT 40000 /* of the dynamic range (RFC 6335 6) */
#define TTL 64
#define V4_HEADER 20
#define V6_HEADER 40
#define PAYLOAD 8 /* of protocols of which nothing is known */

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* DHCP's clients have a port of their own (RFC 2131 4.1, RFC 8415 7.2). */
static uint16_t client_port(const struct question *question)
{
	if (question->proto == IPPROTO_UDP && question->port == 67)
		return 68;
	if (question->proto == IPPROTO_UDP && question->port == 547)
		return 546;
	return CLIENT_PORT;
}

/* A question for the root's name servers: whole, and about no name that a policy could list. */
static size_t put_dns(uint8_t *at)
{
	static const uint8_t query[] = {0x72, 0x66, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};

	memcpy(at, query, sizeof(query));
	return sizeof(query);
}

static size_t put_udp(const struct question *question, uint8_t *at)
{
	size_t payload = PAYLOAD;

	at[8] = 1; /* BOOTREQUEST, SOLICIT: what a client says, should this be DHCP */
	if (question->port == 53)
		payload = put_dns(at + 8);
	put16(at + 4, (uint16_t)(8 + payload));
	return 8 + payload;
}

/* Header and as much as the parsers want of each protocol. Its length. */
static size_t put_l4(const struct question *question, uint8_t *at)
{
	if (question_has_port(question)) {
		put16(at, client_port(question));
		put16(at + 2, question->port);
	}
	switch (question->proto) {
	case IPPROTO_TCP:
		at[12] = 5 << 4; /* five words of header */
		at[13] = 0x02;	 /* SYN */
		return 20;
	case IPPROTO_UDP:
		return put_udp(question, at);
	case IPPROTO_SCTP:
		at[12] = 1; /* INIT */
		put16(at + 14, 20);
		return 32;
	case IPPROTO_ICMP:
		at[0] = 8; /* echo */
		return 8;
	case IPPROTO_ICMPV6:
		at[0] = 128; /* echo */
		return 8;
	case IPPROTO_IGMP:
		at[0] = 0x16; /* version 2 membership report */
		return 8;
	default:
		return PAYLOAD;
	}
}

static size_t put_v4(const struct question *question, const struct question_end *src, const struct question_end *dst,
		     uint8_t *at)
{
	size_t len = V4_HEADER + put_l4(question, at + V4_HEADER);

	at[0] = 0x45;
	put16(at + 2, (uint16_t)len);
	at[8] = TTL;
	at[9] = question->proto;
	memcpy(at + 12, src->addr.bytes + 12, 4);
	memcpy(at + 16, dst->addr.bytes + 12, 4);
	return len;
}

static size_t put_v6(const struct question *question, const struct question_end *src, const struct question_end *dst,
		     uint8_t *at)
{
	size_t len = put_l4(question, at + V6_HEADER);

	at[0] = 0x60;
	put16(at + 4, (uint16_t)len);
	at[6] = question->proto;
	at[7] = TTL;
	memcpy(at + 8, src->addr.bytes, ADDR_BYTES);
	memcpy(at + 24, dst->addr.bytes, ADDR_BYTES);
	return V6_HEADER + len;
}

void question_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX], struct capture_frame *ret_frame)
{
	const struct question_end *src = question->inbound ? &question->remote : &question->local;
	const struct question_end *dst = question->inbound ? &question->local : &question->remote;
	bool v4 = addr_is_v4(&dst->addr);
	size_t len;

	memset(buf, 0, QUESTION_FRAME_MAX);
	memcpy(buf, dst->mac.bytes, ETH_ALEN);
	memcpy(buf + ETH_ALEN, src->mac.bytes, ETH_ALEN);
	put16(buf + 2 * ETH_ALEN, v4 ? ETH_P_IP : ETH_P_IPV6);
	len = ETH_HLEN + (v4 ? put_v4 : put_v6)(question, src, dst, buf + ETH_HLEN);
	*ret_frame = (struct capture_frame){
		.bytes = buf,
		.cap_len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.number = 1,
		.time_ns = CAPTURE_START_NS,
	};
}
