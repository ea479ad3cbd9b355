/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipv6.h - the IPv6 header and its extension headers (RFC 8200), fragments (RFC 6946, RFC 7112).
 */
#ifndef RF_IPV6_H
#define RF_IPV6_H

#include <linux/in.h>
#include <linux/in6.h>

#include "frame.h"
#include "ipv4.h"
#include "packet.h"

#define RF_IPV6_HEADER 40
#define RF_IPV6_EXTENSION_MIN 8
#define RF_IPV6_FRAGMENT_MORE 0x0001
#define RF_IPV6_FRAGMENT_OFFSET 0xfff8

/* A v4-mapped address on the wire would be taken for IPv4 by the rules (RFC 4942 2.2); `::` and loopback are no destinations. */
static __always_inline int ipv6_is_martian(const struct rf_packet *packet)
{
	return packet->src.hi >> 56 == 0xff || (!packet->src.hi && packet->src.lo == 1) ||
	       rf_addr_is_v4(&packet->src) || (!packet->dst.hi && packet->dst.lo <= 1) || rf_addr_is_v4(&packet->dst);
}

static __always_inline enum rf_parse ipv6_parse_fragment(const __u8 *at, struct rf_packet *packet)
{
	__u32 field = load_be16(at + 2), offset = field & RF_IPV6_FRAGMENT_OFFSET;

	if (packet->fragment_header)
		return RF_PARSE_MALFORMED; /* a fragment of a fragment, also an atomic one */
	packet->fragment_header = 1;
	packet->fragment_id = load_be32(at + 4);
	if (!offset) {
		packet->fragment = field & RF_IPV6_FRAGMENT_MORE ? RF_FRAGMENT_FIRST : RF_FRAGMENT_NONE;
		return RF_PARSE_OK;
	}
	packet->fragment = RF_FRAGMENT_LATER;
	packet->fragment_off = offset;
	packet->fragment_last = !(field & RF_IPV6_FRAGMENT_MORE);
	if (offset + packet->l4_len > RF_IP_PACKET_MAX || (packet->proto == IPPROTO_TCP && offset == 8))
		return RF_PARSE_MALFORMED;
	return RF_PARSE_OK;
}

/*
 * Step over one extension header, if packet->proto is one; `first`: none came before it. *ret_done is set at the first that is none: the upper
 * layer. AH and ESP are upper layers here: what they hide is for a rule with `proto` to allow.
 */
static __always_inline enum rf_parse ipv6_step(const struct rf_frame *frame, struct rf_packet *packet, int first,
					       int *ret_done)
{
	__u32 kind = packet->proto, size;
	const __u8 *at;

	if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_FRAGMENT && kind != IPPROTO_DSTOPTS) {
		*ret_done = 1;
		return RF_PARSE_OK;
	}
	at = frame_at(frame, packet->l4_off, RF_IPV6_EXTENSION_MIN);
	if (!at || packet->l4_len < RF_IPV6_EXTENSION_MIN)
		return RF_PARSE_MALFORMED;
	if (kind == IPPROTO_HOPOPTS && !first)
		return RF_PARSE_MALFORMED; /* RFC 8200 4.1 */
	if (kind == IPPROTO_ROUTING && (at[2] == 0 || at[3]))
		return RF_PARSE_MALFORMED; /* RFC 5095, and segments left in any type: a destination that no rule sees */
	size = kind == IPPROTO_FRAGMENT ? RF_IPV6_EXTENSION_MIN : (at[1] + 1U) * 8;
	if (size > packet->l4_len)
		return RF_PARSE_MALFORMED;
	packet->proto = at[0];
	packet->l4_off += size;
	packet->l4_len -= size;
	if (kind != IPPROTO_FRAGMENT)
		return RF_PARSE_OK;
	*ret_done = (load_be16(at + 2) & RF_IPV6_FRAGMENT_OFFSET) != 0;
	return ipv6_parse_fragment(at, packet);
}

static __always_inline enum rf_parse ipv6_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	const __u8 *at = frame_at(frame, packet->l3_off, RF_IPV6_HEADER);
	int i, done = 0;

	if (!at || at[0] >> 4 != 6)
		return RF_PARSE_MALFORMED;
	packet->l3 = 6;
	packet->l4_off = packet->l3_off + RF_IPV6_HEADER;
	packet->l4_len = load_be16(at + 4);
	packet->proto = at[6];
	packet->hop_limit = at[7];
	packet->src.hi = load_be64(at + 8);
	packet->src.lo = load_be64(at + 16);
	packet->dst.hi = load_be64(at + 24);
	packet->dst.lo = load_be64(at + 32);
	/* Length 0 is a jumbogram (RFC 2675), which no Ethernet carries. */
	if (!packet->l4_len || packet->l4_off + packet->l4_len > frame->len || ipv6_is_martian(packet))
		return RF_PARSE_MALFORMED;
	for (i = 0; i <= RF_EXTENSIONS_MAX; i++) {
		world_forget();
		if (ipv6_step(frame, packet, !i, &done) != RF_PARSE_OK)
			return RF_PARSE_MALFORMED;
		/* verifier: left here and not in the loop's head, where clang 14 falls through into it backwards: 6.1 refuses that. */
		if (done)
			break;
	}
	/* The last step may find an upper layer, not one more header: a later fragment's. */
	if (i == RF_EXTENSIONS_MAX && packet->fragment == RF_FRAGMENT_LATER)
		return RF_PARSE_MALFORMED;
	/* A chain may not hide behind what is read, whatever stands at its end. */
	return done && packet->l4_off <= RF_HEAD_MAX ? RF_PARSE_OK : RF_PARSE_MALFORMED;
}

#endif
