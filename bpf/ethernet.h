/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ethernet.h - Ethernet addresses, up to two VLAN tags, ethertype or 802.3 length.
 *
 * Two steps, because the MAC must be known before anything is refused (a device in mode off passes malformed bodies too).
 */
#ifndef RF_ETHERNET_H
#define RF_ETHERNET_H

#include <linux/if_ether.h>

#include "frame.h"
#include "packet.h"

#define RF_ETHER_TAG_BYTES 4
#define RF_VLAN_VID_MASK 0x0fff

/* The shortest frame with an ethertype. */
static __always_inline enum rf_parse ethernet_parse_macs(const struct rf_frame *frame, struct rf_packet *packet)
{
	const __u8 *at = frame_at(frame, 0, ETH_HLEN);

	if (!at)
		return RF_PARSE_MALFORMED;
	packet->dst_mac = (__u64)load_be32(at) << 16 | load_be16(at + 4);
	packet->src_mac = (__u64)load_be16(at + 6) << 32 | load_be32(at + 8);
	return RF_PARSE_OK;
}

static __always_inline void ethernet_note_tag(struct rf_packet *packet, __u16 tci)
{
	__u16 vid = tci & RF_VLAN_VID_MASK;

	if (!vid) /* IEEE 802.1Q 6.9: a priority tag belongs to no VLAN */
		return;
	if (!packet->tags)
		packet->vlan = vid;
	packet->tags++;
}

/*
 * Tags in front of the ethertype; one may have been taken out by the hardware (has_vlan_tci). More than RF_TAGS_MAX: malformed.
 * Sets ethertype, vlan, tags and l3_off.
 */
static __always_inline enum rf_parse ethernet_parse_type(const struct rf_frame *frame, struct rf_packet *packet)
{
	__u32 off = ETH_HLEN - 2, n_tags = 0;
	const __u8 *at;
	__u16 type;
	int i;

	if (frame->has_vlan_tci) {
		ethernet_note_tag(packet, frame->vlan_tci);
		n_tags = 1;
	}
	for (i = 0; i <= RF_TAGS_MAX; i++) {
		at = frame_at(frame, off, 2);
		if (!at)
			return RF_PARSE_MALFORMED;
		type = load_be16(at);
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		if (n_tags++ == RF_TAGS_MAX)
			return RF_PARSE_MALFORMED;
		at = frame_at(frame, off + 2, 2);
		if (!at)
			return RF_PARSE_MALFORMED;
		ethernet_note_tag(packet, load_be16(at));
		off += RF_ETHER_TAG_BYTES;
	}
	packet->l3_off = off + 2;
	if (type >= ETH_P_802_3_MIN) {
		packet->ethertype = type;
		return RF_PARSE_OK;
	}
	packet->ethertype = RF_ETHERTYPE_LLC;
	if (type > ETH_DATA_LEN || packet->l3_off + type > frame->len)
		return RF_PARSE_MALFORMED; /* 1501-1535 are undefined (IEEE 802.3 3.2.6) */
	return RF_PARSE_OK;
}

#endif
