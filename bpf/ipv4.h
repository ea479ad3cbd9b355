/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipv4.h - the IPv4 header (RFC 791): lengths, options, fragments, addresses that no host may use.
 */
#ifndef RF_IPV4_H
#define RF_IPV4_H

#include <linux/in.h>

#include "frame.h"
#include "packet.h"

#define RF_IPV4_HEADER_MIN 20
#define RF_IPV4_OPTIONS_MAX 40
#define RF_IPV4_MF 0x2000
#define RF_IPV4_OFFSET 0x1fff
#define RF_IP_PACKET_MAX 65535
#define RF_IPV4_OPTION_END 0
#define RF_IPV4_OPTION_NOP 1
#define RF_IPV4_OPTION_LSRR 131
#define RF_IPV4_OPTION_SSRR 137

static __always_inline void ipv4_addr(struct rf_addr *addr, __u32 v4)
{
	addr->hi = 0;
	addr->lo = RF_ADDR_V4_MAPPED | v4;
}

/* One option at the cursor, which is moved behind it; *ret_done at the end-of-list option. */
static __always_inline enum rf_parse ipv4_step_option(const struct rf_frame *frame, struct rf_packet *packet,
						      int *ret_done)
{
	__u32 off = packet->cursor;
	const __u8 *at = frame_at(frame, off, 1);

	if (!at)
		return RF_PARSE_MALFORMED;
	if (*at == RF_IPV4_OPTION_END || *at == RF_IPV4_OPTION_NOP) {
		*ret_done = *at == RF_IPV4_OPTION_END;
		packet->cursor = off + 1;
		return RF_PARSE_OK;
	}
	if (*at == RF_IPV4_OPTION_LSRR || *at == RF_IPV4_OPTION_SSRR)
		return RF_PARSE_MALFORMED;
	at = frame_at(frame, off + 1, 1);
	if (!at || *at < 2 || off + *at > packet->l4_off)
		return RF_PARSE_MALFORMED;
	packet->cursor = off + *at;
	return RF_PARSE_OK;
}

/*
 * Source routes name a second destination, which no rule would see (RFC 7126 4.3, 4.4); an option of broken length hides what follows.
 * Both are malformed.
 */
static __always_inline enum rf_parse ipv4_check_options(const struct rf_frame *frame, struct rf_packet *packet)
{
	int i, done = 0;

	packet->cursor = packet->l3_off + RF_IPV4_HEADER_MIN;
	for (i = 0; i < RF_IPV4_OPTIONS_MAX; i++) {
		world_forget();
		if (packet->cursor >= packet->l4_off)
			break;
		if (ipv4_step_option(frame, packet, &done) != RF_PARSE_OK)
			return RF_PARSE_MALFORMED;
		if (done)
			break;
	}
	return RF_PARSE_OK;
}

/* Sources that cannot be a host, destinations that cannot be on a wire (RFC 1122 3.2.1.3). */
static __always_inline int ipv4_is_martian(__u32 src, __u32 dst)
{
	return src >> 28 >= 0xe || src >> 24 == IN_LOOPBACKNET || dst >> 24 == IN_LOOPBACKNET || !dst;
}

static __always_inline enum rf_parse ipv4_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	const __u32 off = packet->l3_off;
	const __u8 *at = frame_at(frame, off, RF_IPV4_HEADER_MIN);
	__u32 header, total, fragment, offset;

	if (!at || at[0] >> 4 != 4)
		return RF_PARSE_MALFORMED;
	header = (at[0] & 0xf) * 4;
	total = load_be16(at + 2);
	if (header < RF_IPV4_HEADER_MIN || total < header || off + total > frame->len)
		return RF_PARSE_MALFORMED;
	fragment = load_be16(at + 6);
	packet->fragment_id = load_be16(at + 4);
	packet->l3 = 4;
	packet->hop_limit = at[8];
	packet->proto = at[9];
	packet->l4_off = off + header;
	packet->l4_len = total - header;
	ipv4_addr(&packet->src, load_be32(at + 12));
	ipv4_addr(&packet->dst, load_be32(at + 16));
	if (ipv4_is_martian((__u32)packet->src.lo, (__u32)packet->dst.lo))
		return RF_PARSE_MALFORMED;
	if (header > RF_IPV4_HEADER_MIN && ipv4_check_options(frame, packet) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	offset = (fragment & RF_IPV4_OFFSET) * 8;
	if (!offset) {
		packet->fragment = fragment & RF_IPV4_MF ? RF_FRAGMENT_FIRST : RF_FRAGMENT_NONE;
		return RF_PARSE_OK;
	}
	packet->fragment = RF_FRAGMENT_LATER;
	packet->fragment_off = offset;
	packet->fragment_last = !(fragment & RF_IPV4_MF);
	if (offset + packet->l4_len > RF_IP_PACKET_MAX - header)
		return RF_PARSE_MALFORMED; /* reassembles to more than a packet can be */
	if (packet->proto == IPPROTO_TCP && offset == 8)
		return RF_PARSE_MALFORMED; /* would overwrite the flags that were judged (RFC 1858 4.2) */
	return RF_PARSE_OK;
}

#endif
