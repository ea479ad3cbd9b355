/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ethernet.h - Ethernet addresses, up to two VLAN tags, ethertype or 802.3 length.
 *
 * The MAC must be known before anything is refused (a device in mode off passes malformed bodies too).
 */
#ifndef RF_ETHERNET_H
#define RF_ETHERNET_H

#include <linux/if_ether.h>

#include "frame.h"
#include "packet.h"

#define RF_ETHER_TAG_BYTES 4
#define RF_VLAN_VID_MASK 0x0fff

/* Both addresses of a frame whose first 14 bytes stand at `at`. */
static __always_inline void ethernet_parse_macs(const __u8 *at, struct rf_packet *packet)
{
	packet->dst_mac = load_be64(at) >> 16;
	packet->src_mac = load_be64(at + 6) >> 16; /* and the type behind it */
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

static __always_inline int ethertype_is_tag(__u16 type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

/*
 * Tags in front of the ethertype: `type` stands where an untagged frame has its own. One may have been taken out by the hardware (has_vlan_tci).
 * More than RF_TAGS_MAX: malformed. Sets vlan, tags and l3_off; *ret_type is the type behind them.
 */
static __always_inline enum rf_parse ethernet_parse_tags(const struct rf_frame *frame, struct rf_packet *packet,
							 __u16 *ret_type)
{
	__u32 off = ETH_HLEN, n_tags = 0;
	const __u8 *at;
	int i;

	if (frame->has_vlan_tci) {
		ethernet_note_tag(packet, frame->vlan_tci);
		n_tags = 1;
	}
	for (i = 0; i < RF_TAGS_MAX; i++) {
		if (!ethertype_is_tag(*ret_type))
			break;
		at = frame_at(frame, off, RF_ETHER_TAG_BYTES);
		if (!at || n_tags++ == RF_TAGS_MAX)
			return RF_PARSE_MALFORMED;
		ethernet_note_tag(packet, load_be16(at));
		*ret_type = load_be16(at + 2);
		off += RF_ETHER_TAG_BYTES;
	}
	packet->l3_off = off;
	return ethertype_is_tag(*ret_type) ? RF_PARSE_MALFORMED : RF_PARSE_OK;
}

/* An 802.3 length instead of a type; 1501-1535 are undefined (IEEE 802.3 3.2.6). */
static __always_inline enum rf_parse ethernet_parse_length(const struct rf_frame *frame, const struct rf_packet *packet,
							   __u16 len)
{
	return len > ETH_DATA_LEN || packet->l3_off + len > frame->len ? RF_PARSE_MALFORMED : RF_PARSE_OK;
}

#endif
