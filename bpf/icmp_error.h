/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * icmp_error.h - the packet that an ICMP error quotes (RFC 792, RFC 4443), so that the error follows its connection.
 *
 * Only the error's own claim is read here; whether such a connection exists is for the rows to say.
 */
#ifndef RF_ICMP_ERROR_H
#define RF_ICMP_ERROR_H

#include "ipv4.h"
#include "ipv6.h"
#include "l4.h"

#define RF_QUOTED_L4_BYTES 8 /* RFC 792: the header and 64 bits */
#define RF_QUOTED_EXTENSIONS_MAX                                                                                       \
	2 /* options and a fragment header; more would cost the verifier, and nobody sends it */

static __always_inline int icmp_is_error(const struct rf_packet *packet)
{
	if (!packet->is_icmp || packet->fragment != RF_FRAGMENT_NONE)
		return 0;
	if (packet->l3 == 4) /* unreachable, time exceeded, parameter problem */
		return packet->icmp_type == 3 || packet->icmp_type == 11 || packet->icmp_type == 12;
	return packet->icmp_type >= 1 && packet->icmp_type <= 4;
}

static __always_inline __u32 quoted_parse_ipv4(const struct rf_frame *frame, __u32 off, struct rf_packet *quoted)
{
	const __u8 *at = frame_at(frame, off, RF_IPV4_HEADER_MIN);

	if (!at || at[0] >> 4 != 4 || (at[0] & 0xf) < 5 || load_be16(at + 6) & RF_IPV4_OFFSET)
		return 0;
	quoted->l3 = 4;
	quoted->proto = at[9];
	ipv4_addr(&quoted->src, load_be32(at + 12));
	ipv4_addr(&quoted->dst, load_be32(at + 16));
	return off + (at[0] & 0xf) * 4;
}

/*
 * `end` of the error. Extension headers are passed over as in a packet: what stands behind them must be what was judged when it was sent. A later
 * fragment says nothing about a connection.
 */
static __always_inline __u32 quoted_parse_ipv6(const struct rf_frame *frame, __u32 off, __u32 end,
					       struct rf_packet *quoted)
{
	const __u8 *at = frame_at(frame, off, RF_IPV6_HEADER);
	int i, done = 0;

	off += RF_IPV6_HEADER;
	if (!at || at[0] >> 4 != 6 || off > end)
		return 0;
	quoted->l3 = 6;
	quoted->proto = at[6];
	quoted->src.hi = load_be64(at + 8);
	quoted->src.lo = load_be64(at + 16);
	quoted->dst.hi = load_be64(at + 24);
	quoted->dst.lo = load_be64(at + 32);
	quoted->l4_off = off;
	quoted->l4_len = end - off;
	for (i = 0; i <= RF_QUOTED_EXTENSIONS_MAX; i++) {
		world_forget();
		if (ipv6_step(frame, quoted, !i, &done) != RF_PARSE_OK)
			return 0;
		if (done)
			break;
	}
	return done && quoted->fragment != RF_FRAGMENT_LATER ? quoted->l4_off : 0;
}

/* Fills l3, proto, addresses, ports or echo id of the quoted packet. 1: done; 0: nothing usable is quoted. */
static __always_inline int icmp_error_parse(const struct rf_frame *frame, const struct rf_packet *packet,
					    struct rf_packet *quoted)
{
	__u32 off = packet->l4_off + RF_ICMP_HEADER, end = packet->l4_off + packet->l4_len;
	const __u8 *at;

	off = packet->l3 == 4 ? quoted_parse_ipv4(frame, off, quoted) : quoted_parse_ipv6(frame, off, end, quoted);
	if (!off)
		return 0;
	at = frame_at(frame, off, RF_QUOTED_L4_BYTES);
	if (!at || off + RF_QUOTED_L4_BYTES > end)
		return 0;
	if (quoted->proto == IPPROTO_TCP || quoted->proto == IPPROTO_UDP || quoted->proto == IPPROTO_SCTP) {
		quoted->sport = load_be16(at);
		quoted->dport = load_be16(at + 2);
	} else if (quoted->proto == (quoted->l3 == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
		l4_parse_icmp(at, quoted);
	}
	return 1;
}

#endif
