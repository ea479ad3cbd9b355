/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link_parse.h - what ARP, neighbour discovery and LLC/SNAP frames claim. Reads, does not judge: link.h does.
 */
#ifndef RF_LINK_PARSE_H
#define RF_LINK_PARSE_H

#include <linux/if_ether.h>

#include "frame.h"
#include "packet.h"

#define RF_ARP_BYTES 28
#define RF_ARP_ETHERNET_IPV4 0x00010800U /* hardware type 1, protocol type 0x0800 */
#define RF_ARP_LENGTHS 0x0604		 /* 6-byte and 4-byte addresses */
#define RF_ND_HOP_LIMIT 255		 /* RFC 4861 6.1: came from this link */
#define RF_ND_OPTIONS_MAX 4		 /* a host sends one or two */
#define RF_ND_OPTION_SOURCE 1
#define RF_ND_OPTION_TARGET 2
#define RF_LLC_SNAP 0xaaaa
#define RF_LLC_SNAP_BYTES 8

enum rf_icmpv6_type {
	RF_MLD_REPORT = 131,
	RF_MLD_DONE = 132,
	RF_ND_ROUTER_SOLICIT = 133,
	RF_ND_ROUTER_ADVERT = 134,
	RF_ND_NEIGHBOUR_SOLICIT = 135,
	RF_ND_NEIGHBOUR_ADVERT = 136,
	RF_ND_REDIRECT = 137,
	RF_MLDV2_REPORT = 143,
};

static __always_inline __u64 load_mac(const __u8 *at)
{
	return (__u64)load_be16(at) << 32 | load_be32(at + 2);
}

/* RFC 826, Ethernet and IPv4, request or reply. */
static __always_inline enum rf_parse arp_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	const __u8 *at = frame_at(frame, packet->l3_off, RF_ARP_BYTES);
	__u16 op;

	if (!at || load_be32(at) != RF_ARP_ETHERNET_IPV4 || load_be16(at + 4) != RF_ARP_LENGTHS)
		return RF_PARSE_MALFORMED;
	op = load_be16(at + 6);
	if (op != 1 && op != 2)
		return RF_PARSE_MALFORMED;
	if (load_mac(at + 8) != packet->src_mac)
		packet->link = RF_LINK_OTHER_MAC;
	packet->claimed.hi = 0;
	packet->claimed.lo = RF_ADDR_V4_MAPPED | load_be32(at + 14);
	return RF_PARSE_OK;
}

/* Source and target link-layer address options; `off`: of the first option. More options than a host sends hide the last: malformed. */
static __always_inline enum rf_parse nd_parse_options(const struct rf_frame *frame, struct rf_packet *packet, __u32 off)
{
	__u32 end = packet->l4_off + packet->l4_len;
	const __u8 *at;
	int i;

	packet->cursor = off;
	for (i = 0; i < RF_ND_OPTIONS_MAX; i++) {
		world_forget();
		off = packet->cursor;
		if (off >= end)
			return RF_PARSE_OK;
		at = frame_at(frame, off, 8);
		if (!at || !at[1] || off + at[1] * 8U > end)
			return RF_PARSE_MALFORMED;
		if ((at[0] == RF_ND_OPTION_SOURCE || at[0] == RF_ND_OPTION_TARGET) &&
		    load_mac(at + 2) != packet->src_mac)
			packet->link = RF_LINK_OTHER_MAC;
		packet->cursor = off + at[1] * 8U;
	}
	return packet->cursor < end ? RF_PARSE_MALFORMED : RF_PARSE_OK;
}

/* RFC 4861 4.1, 4.3, 4.4 with the checks of 6.1.1, 7.1: what a host sends. */
static __always_inline enum rf_parse nd_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	__u32 fixed = packet->icmp_type == RF_ND_ROUTER_SOLICIT ? 8 : 24;
	const __u8 *at;

	if (packet->hop_limit != RF_ND_HOP_LIMIT || packet->icmp_code || packet->fragment != RF_FRAGMENT_NONE ||
	    packet->l4_len < fixed)
		return RF_PARSE_MALFORMED;
	packet->claimed = packet->src;
	if (packet->icmp_type == RF_ND_NEIGHBOUR_ADVERT) {
		at = frame_at(frame, packet->l4_off + 8, 16);
		if (!at)
			return RF_PARSE_MALFORMED;
		packet->claimed.hi = load_be64(at);
		packet->claimed.lo = load_be64(at + 8);
	}
	return nd_parse_options(frame, packet, packet->l4_off + fixed);
}

/* IP or ARP inside SNAP (RFC 1042) would be read by no rule. */
static __always_inline void llc_parse(const struct rf_frame *frame, struct rf_packet *packet)
{
	const __u8 *at = frame_at(frame, packet->l3_off, RF_LLC_SNAP_BYTES);
	__u16 type;

	if (!at || load_be16(at) != RF_LLC_SNAP)
		return;
	type = load_be16(at + 6);
	if (type == ETH_P_IP || type == ETH_P_IPV6 || type == ETH_P_ARP || type == ETH_P_8021Q || type == ETH_P_8021AD)
		packet->link = RF_LINK_WRAPS_IP;
}

#endif
