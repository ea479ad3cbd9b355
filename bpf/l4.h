/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * l4.h - ports, TCP flags, ICMP type and id; refuses headers that say two things at once.
 */
#ifndef RF_L4_H
#define RF_L4_H

#include <linux/in.h>
#include <linux/in6.h>

#include "frame.h"
#include "packet.h"

#define RF_TCP_HEADER_MIN 20
#define RF_UDP_HEADER 8
#define RF_SCTP_HEADER 12
#define RF_ICMP_HEADER 8
#define RF_IGMP_HEADER 8

#define RF_ICMP_ECHO_REPLY 0
#define RF_ICMP_ECHO 8
#define RF_ICMPV6_ECHO 128
#define RF_ICMPV6_ECHO_REPLY 129

/*
 * A header length below the minimum or beyond the segment would hide the flags; flags that no connection has (RFC 9293 3.10)
 * are scans or attempts to look like another state than the host will take.
 */
static __always_inline enum rf_parse l4_parse_tcp(const __u8 *at, struct rf_packet *packet)
{
	__u32 header = (at[12] >> 4) * 4, flags = at[13];

	if (header < RF_TCP_HEADER_MIN || header > packet->l4_len)
		return RF_PARSE_MALFORMED;
	if ((flags & RF_TCP_SYN && flags & (RF_TCP_FIN | RF_TCP_RST)) ||
	    !(flags & (RF_TCP_SYN | RF_TCP_RST | RF_TCP_ACK | RF_TCP_FIN)))
		return RF_PARSE_MALFORMED;
	packet->tcp_flags = flags;
	return RF_PARSE_OK;
}

static __always_inline enum rf_parse l4_parse_udp(const __u8 *at, struct rf_packet *packet)
{
	__u32 size = load_be16(at + 4);

	if (size < RF_UDP_HEADER)
		return RF_PARSE_MALFORMED;
	/* The length of a first fragment counts what follows in the others. */
	if (packet->fragment == RF_FRAGMENT_NONE && size > packet->l4_len)
		return RF_PARSE_MALFORMED;
	if (packet->fragment == RF_FRAGMENT_NONE)
		packet->l4_len = size; /* what stands behind belongs to no datagram */
	return RF_PARSE_OK;
}

static __always_inline void l4_parse_icmp(const __u8 *at, struct rf_packet *packet)
{
	packet->is_icmp = 1;
	packet->icmp_type = at[0];
	packet->icmp_code = at[1];
	packet->icmp_id = load_be16(at + 4);
}

/* Bytes of the upper layer that must be there; a first fragment must hold them all (RFC 7112, RFC 1858). */
static __always_inline __u32 l4_header_min(const struct rf_packet *packet)
{
	switch (packet->proto) {
	case IPPROTO_TCP:
		return RF_TCP_HEADER_MIN;
	case IPPROTO_UDP:
		return RF_UDP_HEADER;
	case IPPROTO_SCTP:
		return RF_SCTP_HEADER;
	case IPPROTO_ICMP:
		return packet->l3 == 4 ? RF_ICMP_HEADER : 0;
	case IPPROTO_IGMP:
		return packet->l3 == 4 ? RF_IGMP_HEADER : 0;
	case IPPROTO_ICMPV6:
		return packet->l3 == 6 ? RF_ICMP_HEADER : 0;
	default:
		return 0;
	}
}

static __always_inline enum rf_parse l4_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	__u32 need;
	const __u8 *at;

	if (packet->fragment == RF_FRAGMENT_LATER)
		return RF_PARSE_OK;
	need = l4_header_min(packet);
	if (!need)
		return RF_PARSE_OK;
	/* verifier: a constant size; what is read beyond `need` is inside it for TCP, the longest. */
	if (packet->l4_len < need)
		return RF_PARSE_MALFORMED;
	if (packet->proto == IPPROTO_TCP) {
		at = frame_at(frame, packet->l4_off, RF_TCP_HEADER_MIN);
		if (!at)
			return RF_PARSE_MALFORMED;
		packet->sport = load_be16(at);
		packet->dport = load_be16(at + 2);
		return l4_parse_tcp(at, packet);
	}
	at = frame_at(frame, packet->l4_off, RF_UDP_HEADER);
	if (!at)
		return RF_PARSE_MALFORMED;
	if (packet->proto == IPPROTO_UDP || packet->proto == IPPROTO_SCTP) {
		packet->sport = load_be16(at);
		packet->dport = load_be16(at + 2);
		return packet->proto == IPPROTO_UDP ? l4_parse_udp(at, packet) : RF_PARSE_OK;
	}
	if (packet->proto == IPPROTO_IGMP)
		packet->icmp_type = at[0];
	else
		l4_parse_icmp(at, packet);
	return RF_PARSE_OK;
}

#endif
