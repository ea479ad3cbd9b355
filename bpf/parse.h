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

/* The whole frame. j->packet is zero before. */
static __always_inline enum rf_parse frame_parse(const struct rf_frame *frame, struct rf_judgement *j)
{
	struct rf_packet *packet = &j->packet;

	if (ethernet_parse_macs(frame, packet) != RF_PARSE_OK)
		return RF_PARSE_RUNT;
	if (ethernet_parse_type(frame, packet) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	world_forget();
	if (packet->ethertype == ETH_P_IP || packet->ethertype == ETH_P_IPV6)
		return ip_parse(frame, j);
	if (packet->ethertype == ETH_P_ARP)
		return arp_parse(frame, packet);
	if (packet->ethertype == RF_ETHERTYPE_LLC)
		llc_parse(frame, packet);
	return RF_PARSE_OK;
}

#endif
