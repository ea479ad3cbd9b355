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
#define UDP_HEADER 8
#define PAYLOAD 8	   /* of protocols of which nothing is known */
#define STEP_NS 1000000ULL /* between question, answer and connection */

/* RFC 1035 4.1; RFC 3596 2.1 */
#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_RECORD 12 /* of an answer, in front of its address; the owner is a pointer */
#define DNS_POINTER 0xc000
#define DNS_A 1
#define DNS_AAAA 28
#define DNS_IN 1
#define DNS_ASK 0x0100	  /* recursion desired */
#define DNS_ANSWER 0x8180 /* and available */
#define DNS_TTL_S 300

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

/* IP header in front of len bytes that are there already. The whole length. */
static size_t put_ip(const struct question_end *src, const struct question_end *dst, uint8_t proto, size_t len,
		     uint8_t *at)
{
	if (addr_is_v4(&dst->addr)) {
		at[0] = 0x45;
		put16(at + 2, (uint16_t)(V4_HEADER + len));
		at[8] = TTL;
		at[9] = proto;
		memcpy(at + 12, src->addr.bytes + 12, 4);
		memcpy(at + 16, dst->addr.bytes + 12, 4);
		return V4_HEADER + len;
	}
	at[0] = 0x60;
	put16(at + 4, (uint16_t)len);
	at[6] = proto;
	at[7] = TTL;
	memcpy(at + 8, src->addr.bytes, ADDR_BYTES);
	memcpy(at + 24, dst->addr.bytes, ADDR_BYTES);
	return V6_HEADER + len;
}

/* Where behind Ethernet and IP the rest begins. */
static uint8_t *l4_of(const struct question_end *dst, uint8_t buf[QUESTION_FRAME_MAX])
{
	return buf + ETH_HLEN + (addr_is_v4(&dst->addr) ? V4_HEADER : V6_HEADER);
}

/* Everything in front of the len bytes at l4_of(). */
static void put_frame(const struct question_end *src, const struct question_end *dst, uint8_t proto, size_t len,
		      uint8_t buf[QUESTION_FRAME_MAX])
{
	memcpy(buf, dst->mac.bytes, ETH_ALEN);
	memcpy(buf + ETH_ALEN, src->mac.bytes, ETH_ALEN);
	put16(buf + 2 * ETH_ALEN, addr_is_v4(&dst->addr) ? ETH_P_IP : ETH_P_IPV6);
	put_ip(src, dst, proto, len, buf + ETH_HLEN);
}

static struct capture_frame as_captured(const struct question_end *dst, const uint8_t *buf, size_t len, uint64_t number)
{
	uint32_t whole = (uint32_t)(ETH_HLEN + (addr_is_v4(&dst->addr) ? V4_HEADER : V6_HEADER) + len);

	return (struct capture_frame){
		.bytes = buf,
		.cap_len = whole,
		.wire_len = whole,
		.number = number,
		.time_ns = CAPTURE_START_NS + number * STEP_NS,
	};
}

void question_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX], struct capture_frame *ret_frame)
{
	const struct question_end *src = question->inbound ? &question->remote : &question->local;
	const struct question_end *dst = question->inbound ? &question->local : &question->remote;
	size_t len;

	memset(buf, 0, QUESTION_FRAME_MAX);
	len = put_l4(question, l4_of(dst, buf));
	put_frame(src, dst, question->proto, len, buf);
	*ret_frame = as_captured(dst, buf, len, 3);
}

/* RFC 1035 3.1: labels with their lengths; the name has been checked. Its length. */
static size_t put_name(const char *name, uint8_t *at)
{
	size_t len = 0;

	for (;;) {
		size_t label = strcspn(name, ".");

		at[len++] = (uint8_t)label;
		memcpy(at + len, name, label);
		len += label;
		if (!name[label])
			break;
		name += label + 1;
	}
	at[len++] = 0;
	return len;
}

/* RFC 1035 4.1: header and question; flags say which way it goes. Its length. */
static size_t put_message(const struct question *question, uint16_t flags, uint8_t *at)
{
	size_t len = DNS_HEADER;

	put16(at, 0x7266);
	put16(at + 2, flags);
	put16(at + 4, 1);
	len += put_name(question->name, at + len);
	put16(at + len, addr_is_v4(&question->remote.addr) ? DNS_A : DNS_AAAA);
	put16(at + len + 2, DNS_IN);
	return len + 4;
}

static void put_udp_header(uint16_t sport, uint16_t dport, size_t payload, uint8_t *at)
{
	put16(at, sport);
	put16(at + 2, dport);
	put16(at + 4, (uint16_t)(UDP_HEADER + payload));
}

void question_ask_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX],
			struct capture_frame *ret_frame)
{
	const struct question_end src = {question->local.mac, question->resolver_local}, *dst = &question->resolver;
	uint8_t *at = l4_of(dst, buf);
	size_t len;

	memset(buf, 0, QUESTION_FRAME_MAX);
	len = put_message(question, DNS_ASK, at + UDP_HEADER);
	put_udp_header(CLIENT_PORT, DNS_PORT, len, at);
	put_frame(&src, dst, IPPROTO_UDP, UDP_HEADER + len, buf);
	*ret_frame = as_captured(dst, buf, UDP_HEADER + len, 1);
}

void question_answer_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX],
			   struct capture_frame *ret_frame)
{
	const struct question_end *src = &question->resolver, dst = {question->local.mac, question->resolver_local};
	bool v4 = addr_is_v4(&question->remote.addr);
	size_t address = v4 ? 4 : ADDR_BYTES, len;
	uint8_t *at = l4_of(&dst, buf), *record;

	memset(buf, 0, QUESTION_FRAME_MAX);
	len = put_message(question, DNS_ANSWER, at + UDP_HEADER);
	put16(at + UDP_HEADER + 6, 1);
	record = at + UDP_HEADER + len;
	put16(record, DNS_POINTER | DNS_HEADER); /* the owner is the name asked */
	put16(record + 2, v4 ? DNS_A : DNS_AAAA);
	put16(record + 4, DNS_IN);
	put16(record + 8, DNS_TTL_S);
	put16(record + 10, (uint16_t)address);
	memcpy(record + DNS_RECORD, question->remote.addr.bytes + ADDR_BYTES - address, address);
	len += DNS_RECORD + address;
	put_udp_header(DNS_PORT, CLIENT_PORT, len, at);
	put_frame(src, &dst, IPPROTO_UDP, UDP_HEADER + len, buf);
	*ret_frame = as_captured(&dst, buf, UDP_HEADER + len, 2);
}
