/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parse.h - frame -> struct rf_packet: the parsers in the order of the headers. Nothing behind this file reads the frame.
 */
#ifndef RF_PARSE_H
#define RF_PARSE_H

#include "ethernet.h"
#include "icmp_error.h"
#include "ipv4.h"
#include "ipv6.h"
#include "l4.h"
#include "link_parse.h"

/* What ICMP says beyond type and id: whom an ND message claims to be, which packet an error is about. */
static __always_inline enum rf_parse icmp_parse(const struct rf_frame *frame, struct rf_judgement *j)
{
	struct rf_packet *packet = &j->packet;

	if (packet->l3 == 6 &&
	    (packet->icmp_type == RF_ND_ROUTER_SOLICIT || packet->icmp_type == RF_ND_NEIGHBOUR_SOLICIT ||
	     packet->icmp_type == RF_ND_NEIGHBOUR_ADVERT))
		return nd_parse(frame, packet);
	if (icmp_is_error(packet)) {
		__builtin_memset(&j->quoted, 0, sizeof(j->quoted));
		packet->has_quoted = icmp_error_parse(frame, packet, &j->quoted);
	}
	return RF_PARSE_OK;
}

static __always_inline enum rf_parse ip_parse(const struct rf_frame *frame, struct rf_judgement *j)
{
	struct rf_packet *packet = &j->packet;
	enum rf_parse status;

	status = packet->ethertype == ETH_P_IP ? ipv4_parse(frame, packet) : ipv6_parse(frame, packet);
	if (status != RF_PARSE_OK)
		return status;
	world_forget();
	status = l4_parse(frame, packet);
	if (status != RF_PARSE_OK || !packet->is_icmp)
		return status;
	world_forget();
	return icmp_parse(frame, j);
}

/* The whole frame, into j->packet. */
static __always_inline enum rf_parse frame_parse(const struct rf_frame *frame, struct rf_judgement *j)
{
	const __u8 *at = frame_at(frame, 0, ETH_HLEN);
	struct rf_packet *packet = &j->packet;
	__u16 type;

	packet_reset(packet);
	if (!at)
		return RF_PARSE_RUNT;
	ethernet_parse_macs(at, packet);
	type = load_be16(at + ETH_HLEN - 2);
	packet->l3_off = ETH_HLEN;
	if ((frame->has_vlan_tci || ethertype_is_tag(type)) && ethernet_parse_tags(frame, packet, &type) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	packet->ethertype = type >= ETH_P_802_3_MIN ? type : RF_ETHERTYPE_LLC;
	world_forget();
	if (type == ETH_P_IP || type == ETH_P_IPV6)
		return ip_parse(frame, j);
	if (type == ETH_P_ARP)
		return arp_parse(frame, packet);
	if (type >= ETH_P_802_3_MIN)
		return RF_PARSE_OK;
	llc_parse(frame, packet);
	return ethernet_parse_length(frame, packet, type);
}

#endif
