/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_segment.h - DNS that cannot be read here, on its way to user space, which puts it together (user/daemon/dns.h).
 *
 * Over TCP, in fragments (dns_fragment.h), or with more in it than is followed here; within the budget of the device. Never changes a verdict.
 */
#ifndef RF_DNS_SEGMENT_H
#define RF_DNS_SEGMENT_H

#include "dns_message.h"
#include "identify.h"
#include "report.h"

/* What stands in dns->message goes to user space, with who and where. It is the device's own budget that it takes. */
WORLD_STAGE int segment_send(struct rf_judgement *j, __u32 off)
{
	const struct rf_packet *packet;
	const struct rf_bank *bank;
	struct rf_segment *segment;
	struct rf_totals *totals;
	struct rf_dns *dns;
	int from;

	if (!j)
		return -1;
	packet = &j->packet;
	dns = world_dns(j);
	bank = world_bank(j);
	totals = world_totals(j);
	if (!dns || !bank || !totals)
		return -1;
	from = j->direction == RF_DIRECTION_FROM;
	segment = &dns->segment;
	segment->remote_mac = from ? packet->dst_mac : packet->src_mac;
	segment->now_ticks = world_ticks(j);
	segment->mac = j->subject.mac;
	segment->remote = from ? packet->dst : packet->src;
	segment->local = from ? packet->src : packet->dst;
	segment->device = j->subject.device;
	segment->state = j->subject.state;
	segment->profile = j->subject.profile;
	segment->generation = bank->generation;
	segment->ifindex = j->ifindex;
	segment->total = packet->proto == IPPROTO_TCP || packet->fragment ? packet->l4_len : j->dns_len;
	segment->off = off;
	segment->len = j->segment_len;
	segment->vlan = packet->vlan;
	segment->proto = packet->proto;
	segment->direction = j->direction;
	segment->mode = j->subject.mode;
	segment->flags = j->subject.flags;
	segment->bank = j->bank;
	segment->port = from ? packet->sport : packet->dport;
	segment->fragment = 0;
	if (packet->fragment)
		segment->fragment = packet->fragment == RF_FRAGMENT_FIRST ? RF_SEGMENT_FIRST : RF_SEGMENT_LATER;
	if (packet->fragment_last)
		segment->fragment |= RF_SEGMENT_LAST;
	/* What follows the first piece of a TCP segment has no header: it keeps the first's number. */
	if (packet->fragment)
		segment->id = packet->fragment_id;
	else if (!off)
		segment->id = dns_be32(dns, 4);
	__builtin_memset(segment->reserved, 0, sizeof(segment->reserved));
	if (budget_take(j, RF_BUDGET_SEGMENTS) && !world_segment(j, dns, j->segment_len))
		return 0;
	totals->dns_unread++;
	return -1;
}

/* Segments without data say something only when they open the connection. */
static __always_inline int segment_is_empty(const struct rf_judgement *j, const struct rf_dns *dns)
{
	return !(j->packet.tcp_flags & RF_TCP_SYN) && (dns->message[12] >> 4) * 4U >= j->packet.l4_len;
}

/*
 * The frame passed: hand what it has of DNS over TCP with a believed resolver to user space, of a device whose profile has name rules. A frame may be
 * longer than one piece (GSO); XDP sees no such frames.
 */
static __always_inline void segments_hand(const struct rf_frame *frame, struct rf_judgement *j,
					  const struct rf_bank *bank, enum rf_direction direction)
{
	const struct rf_packet *packet = &j->packet;
	const struct rf_profile *profile = world_profile(j, j->subject.profile);
	struct rf_dns *dns = world_dns(j);
	__u32 i, off, left;

	if (!profile || !dns || !(profile->flags & RF_PROFILE_NAMES) ||
	    !bank_has_resolver(bank, direction == RF_DIRECTION_FROM ? &packet->dst : &packet->src) ||
	    segment_is_empty(j, dns))
		return;
	if (segment_send(j, 0) || direction == RF_DIRECTION_FROM)
		return;
	for (i = 1; i < RF_DNS_SEGMENTS; i++) {
		off = i * RF_DNS_MESSAGE_MAX;
		if (off >= packet->l4_len)
			return;
		left = packet->l4_len - off;
		if (left > RF_DNS_MESSAGE_MAX)
			left = RF_DNS_MESSAGE_MAX;
		if (world_copy_more(frame, dns, packet->l4_off + off, left))
			return;
		j->segment_len = left;
		if (segment_send(j, off))
			return;
	}
}

#endif
