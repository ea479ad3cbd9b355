/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link.h - what is decided before any rule: ARP, neighbour discovery, EAPOL, group membership, rogue servers, other ethertypes.
 *
 * Safety of the link, not policy: a device needs these to be on the link at all, and they are how one device takes another's place.
 * The answer is a reason, RF_REASON_NONE if rules are to decide.
 */
#ifndef RF_LINK_H
#define RF_LINK_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "identify.h"
#include "link_parse.h"
#include "match.h"

enum rf_icmp_type {
	RF_ICMP_REDIRECT = 5,
	RF_ICMP_ROUTER_ADVERT = 9,
};

enum rf_igmp_type {
	RF_IGMPV1_REPORT = 0x12,
	RF_IGMPV2_REPORT = 0x16,
	RF_IGMPV2_LEAVE = 0x17,
	RF_IGMPV3_REPORT = 0x22,
};

/*
 * May the device say that this address is its own? Unspecified: it asks, and claims nothing. The gateway's must be its own by name, not by a range or
 * because link-local addresses are everybody's.
 */
static __always_inline int link_may_claim(const struct rf_judgement *j, const struct rf_bank *bank,
					  const struct rf_addr *addr)
{
	const int gateway = bank_has_gateway(bank, addr);
	const struct rf_ident *ident;

	if (!addr->hi && (!addr->lo || addr->lo == RF_ADDR_V4_MAPPED))
		return 1;
	if (gateway && !(j->subject.flags & RF_DEVICE_GATEWAY))
		return 0;
	if (!gateway && (!(j->subject.flags & RF_DEVICE_ADDRESSES) || addr->hi == RF_LINK_LOCAL_HI))
		return 1;
	ident = world_ident(j, bank->ident_first + j->subject.device);
	return ident && ident_has_address(ident, addr, gateway ? RF_PREFIX_HOST : RF_PREFIX_ANY);
}

/* ARP and ND by the device for itself: it names its own MAC and claims no address of another. */
static __always_inline enum rf_reason link_judge_claim(const struct rf_judgement *j, const struct rf_bank *bank)
{
	if (j->packet.link != RF_LINK_PLAIN)
		return RF_REASON_SPOOFED_SOURCE;
	if (j->packet.l3 == 6 && !link_may_claim(j, bank, &j->packet.src))
		return RF_REASON_SPOOFED_SOURCE;
	return link_may_claim(j, bank, &j->packet.claimed) ? RF_REASON_LINK : RF_REASON_SPOOFED_SOURCE;
}

#define RF_LINK_MULTICAST 0xff02 /* RFC 4291 2.7: link-local scope */

/* Is this one of the gateway's prefixes? Its addresses are by default all of the bridge's own, so their /64 are what is on the link. */
static __always_inline int nd_is_on_link(const struct rf_bank *bank, const struct rf_addr *dst)
{
	int i;

	if (dst->hi == RF_LINK_LOCAL_HI || dst->hi >> 48 == RF_LINK_MULTICAST)
		return 1;
	for (i = 0; i < RF_GATEWAYS_MAX; i++) {
		if (i >= bank->n_gateways)
			break;
		if (bank->gateway[i].hi && bank->gateway[i].hi == dst->hi)
			return 1;
	}
	return 0;
}

/* Is the address of the local network? The quarantine profile knows: it allows neighbour discovery with what is, and with nothing else. */
static __always_inline int dst_is_local(struct rf_judgement *j, const struct rf_bank *bank)
{
	if (nd_is_on_link(bank, &j->packet.dst))
		return 1;
	j->query.remote = j->packet.dst;
	j->query.remote_mac = j->packet.dst_mac;
	j->query.profile = bank->profile_first + RF_PROFILE_QUARANTINE;
	j->query.sport = 0;
	j->query.dport = RF_ND_NEIGHBOUR_SOLICIT;
	j->query.proto = IPPROTO_ICMPV6;
	j->query.set = RF_SET_OUT;
	match_rules(j);
	return j->match.reason == RF_REASON_LINK;
}

/*
 * Neighbour discovery that stays on the link passes before rules. What goes elsewhere a router would forward, hop limit 255 or not, with all that its
 * options carry: rules decide that.
 */
static __always_inline enum rf_reason link_judge_nd(struct rf_judgement *j, const struct rf_bank *bank)
{
	enum rf_reason reason = link_judge_claim(j, bank);

	return reason != RF_REASON_LINK || dst_is_local(j, bank) ? reason : RF_REASON_NONE;
}

#define RF_BROADCAST_BITS                                                                                              \
	0xf /* a network of 16 addresses or more: all ones in as many bits may be its broadcast address */

/*
 * Is a frame to a group of stations for one local host, by its IP address? Its receiver's `inbound` could not be held against it: nobody's MAC address says
 * whose it is. RFC 1122 3.3.6 wants hosts to discard it, and many do not. The gateway is nobody's device. What may be a directed broadcast is not for one host: which
 * networks there are on the link, a policy need not say.
 */
WORLD_STAGE int group_frame_misleads(struct rf_judgement *j)
{
	const struct rf_addr *dst;
	const struct rf_bank *bank;

	if (!j)
		return 1;
	dst = &j->packet.dst;
	bank = world_bank(j);
	if (!bank)
		return 1; /* cannot happen (one entry): closed */
	if (rf_addr_is_multicast(dst) || bank_has_gateway(bank, dst))
		return 0;
	if (rf_addr_is_v4(dst) && (dst->lo & RF_BROADCAST_BITS) == RF_BROADCAST_BITS)
		return 0;
	return dst_is_local(j, bank);
}

/*
 * Membership reports have TTL 1 (RFC 2236 2, RFC 3376 4, RFC 3810 5). With more, multicast routers forward what goes to a group of global scope: that is
 * no report of the link, and rules decide.
 */
static __always_inline int report_stays_on_link(const struct rf_packet *packet)
{
	__u32 group = (__u32)packet->dst.lo;

	if (!rf_addr_is_multicast(&packet->dst))
		return 0;
	if (packet->hop_limit == 1)
		return 1;
	if (packet->l3 == 6)
		return (packet->dst.hi >> 48 & 0xf) < 0xe;   /* RFC 4291 2.7 */
	return group >> 8 == 0xe00000 || group >> 24 == 239; /* RFC 5771 4, RFC 2365 */
}

static __always_inline enum rf_reason link_judge_icmpv6(struct rf_judgement *j, const struct rf_bank *bank)
{
	switch (j->packet.icmp_type) {
	case RF_ND_ROUTER_ADVERT:
	case RF_ND_REDIRECT:
		return RF_REASON_ROGUE_SERVER;
	case RF_ND_ROUTER_SOLICIT:
	case RF_ND_NEIGHBOUR_SOLICIT:
	case RF_ND_NEIGHBOUR_ADVERT:
		return link_judge_nd(j, bank);
	case RF_MLD_REPORT:
	case RF_MLD_DONE:
	case RF_MLDV2_REPORT:
		return report_stays_on_link(&j->packet) ? RF_REASON_LINK : RF_REASON_NONE;
	default:
		return RF_REASON_NONE;
	}
}

static __always_inline enum rf_reason link_judge_igmp(const struct rf_packet *packet)
{
	__u8 type = packet->icmp_type;

	if (!report_stays_on_link(packet))
		return RF_REASON_NONE;
	return type == RF_IGMPV1_REPORT || type == RF_IGMPV2_REPORT || type == RF_IGMPV2_LEAVE ||
			       type == RF_IGMPV3_REPORT
		       ? RF_REASON_LINK
		       : RF_REASON_NONE;
}

static __always_inline int is_dhcp_server(const struct rf_packet *packet)
{
	return (packet->l3 == 4 && packet->sport == 67 && packet->dport == 68) ||
	       (packet->l3 == 6 && packet->sport == 547 && packet->dport == 546);
}

static __always_inline enum rf_reason link_judge_ip(struct rf_judgement *j, const struct rf_bank *bank)
{
	const struct rf_packet *packet = &j->packet;

	if (packet->fragment == RF_FRAGMENT_LATER)
		return RF_REASON_NONE;
	if (packet->proto == IPPROTO_IGMP && packet->l3 == 4)
		return link_judge_igmp(packet);
	if (!packet->is_icmp)
		return RF_REASON_NONE;
	if (packet->l3 == 6)
		return link_judge_icmpv6(j, bank);
	return packet->icmp_type == RF_ICMP_REDIRECT || packet->icmp_type == RF_ICMP_ROUTER_ADVERT
		       ? RF_REASON_ROGUE_SERVER
		       : RF_REASON_NONE;
}

static __always_inline int profile_lists_ethertype(const struct rf_profile *profile, const struct rf_packet *packet)
{
	int i;

	if (packet->ethertype == RF_ETHERTYPE_LLC)
		return profile->flags & RF_PROFILE_LLC && packet->link != RF_LINK_WRAPS_IP;
	for (i = 0; i < RF_ETHERTYPES_MAX; i++) {
		if (i >= profile->n_ethertypes)
			break;
		if (profile->ethertypes[i] == packet->ethertype)
			return 1;
	}
	return 0;
}

/* Frames that carry neither IP nor ARP. */
static __always_inline enum rf_reason link_judge_other(const struct rf_judgement *j)
{
	const struct rf_profile *profile;

	if (j->packet.ethertype == ETH_P_PAE)
		return RF_REASON_LINK;
	profile = world_profile(j, j->subject.profile);
	if (!profile)
		return RF_REASON_INTERNAL;
	return profile_lists_ethertype(profile, &j->packet) ? RF_REASON_RULE : RF_REASON_ETHERTYPE;
}

/* What is no TCP and no UDP, from the device. Behind a call: most frames are. */
WORLD_STAGE int link_judge_rare(struct rf_judgement *j)
{
	const struct rf_bank *bank;

	if (!j)
		return RF_REASON_INTERNAL;
	bank = world_bank(j);
	if (!bank)
		return RF_REASON_INTERNAL;
	if (j->packet.l3)
		return link_judge_ip(j, bank);
	if (j->packet.ethertype == ETH_P_ARP)
		return link_judge_claim(j, bank);
	return link_judge_other(j);
}

/* A frame from the device. Ports and protocol of what is no IP are 0. */
static __always_inline enum rf_reason link_judge_from(struct rf_judgement *j)
{
	const struct rf_packet *packet = &j->packet;

	if (packet->proto == IPPROTO_UDP)
		return is_dhcp_server(packet) ? RF_REASON_ROGUE_SERVER : RF_REASON_NONE;
	if (packet->proto == IPPROTO_TCP)
		return RF_REASON_NONE;
	return link_judge_rare(j);
}

/* A frame to the device. Whoever sent it was judged on its own way in, or is no business of this device's policy. */
static __always_inline enum rf_reason link_judge_to(const struct rf_judgement *j)
{
	const struct rf_packet *packet = &j->packet;

	if (!packet->l3)
		return packet->ethertype == ETH_P_ARP ? RF_REASON_LINK : link_judge_other(j);
	if (packet->l3 == 6 && packet->is_icmp && packet->icmp_type >= RF_ND_ROUTER_SOLICIT &&
	    packet->icmp_type <= RF_ND_REDIRECT && packet->hop_limit == RF_ND_HOP_LIMIT)
		return RF_REASON_LINK;
	return RF_REASON_NONE;
}

#endif
