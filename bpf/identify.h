/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * identify.h - source (or destination) MAC -> struct rf_subject: who is judged, by which profile, in which mode.
 *
 * One look-up of one or two lines. Port, VLAN and addresses are read only for devices that are bound to some.
 */
#ifndef RF_IDENTIFY_H
#define RF_IDENTIFY_H

#include <linux/in.h>

#include "hash.h"
#include "link_parse.h"
#include "packet.h"

/* The bank that this frame entered through; NULL cannot happen (one entry), and is `internal`. */
static __always_inline const struct rf_bank *world_bank(const struct rf_judgement *j)
{
	const struct rf_control *control = world_control(j);

	return control ? &control->bank[j->bank & 1] : NULL;
}

/* 1 if the slot holds this MAC, without a branch: which of four it is, nobody can foretell. */
static __always_inline __u64 slot_holds(const struct rf_device_slot *slot, __u64 mac)
{
	const __u64 valid = (__u64)RF_DEVICE_VALID << RF_DEVICE_FLAGS_SHIFT;
	__u64 differs = (slot->key ^ (mac | valid)) & (RF_MAC_MASK | valid);

	return (differs - 1) >> 63; /* bit 63 of what differs is 0 */
}

static __always_inline const struct rf_device_slot *bucket_find(const struct rf_device_bucket *bucket, __u64 mac)
{
	__u64 in1 = slot_holds(&bucket->slot[1], mac), in2 = slot_holds(&bucket->slot[2], mac),
	      in3 = slot_holds(&bucket->slot[3], mac), at = in1 + in2 * 2 + in3 * 3;

	_Static_assert(RF_BUCKET_SLOTS == 4, "written out");
	world_opaque(at);
	if (!(at | slot_holds(&bucket->slot[0], mac)))
		return NULL;
	return &bucket->slot[at & (RF_BUCKET_SLOTS - 1)];
}

/* The device with this MAC in the bank; NULL: none. The second bucket is read only if the first says that it overflowed. */
static __always_inline const struct rf_device_slot *device_find(const struct rf_judgement *j,
								const struct rf_bank *bank, __u64 mac)
{
	__u64 hash = rf_mac_hash(mac, bank->seed);
	const struct rf_device_bucket *bucket;
	const struct rf_device_slot *slot;

	bucket = world_bucket(j, bank->bucket_first + rf_place_first(hash, bank->bucket_mask));
	if (!bucket)
		return NULL;
	slot = bucket_find(bucket, mac);
	if (slot || !(bucket->slot[0].key >> RF_DEVICE_FLAGS_SHIFT & RF_DEVICE_SPILLED))
		return slot;
	bucket = world_bucket(j, bank->bucket_first + rf_place_second(hash, bank->bucket_mask));
	return bucket ? bucket_find(bucket, mac) : NULL;
}

/* Index of the device with this MAC, RF_DEVICE_NONE if the policy has none: for device: and group: rules. */
static __always_inline __u32 device_index(const struct rf_judgement *j, const struct rf_bank *bank, __u64 mac)
{
	const struct rf_device_slot *slot = device_find(j, bank, mac);

	return slot ? slot->device : RF_DEVICE_NONE;
}

/* Whose counters belong to this state: all unknown devices have the first. */
static __always_inline __u32 state_device(__u32 state)
{
	return state < RF_UNKNOWN_DEVICES ? 0 : state;
}

static __always_inline void subject_set_unknown(struct rf_subject *subject, const struct rf_bank *bank)
{
	subject->device = 0;
	subject->state = rf_unknown_state(subject->mac);
	subject->profile = bank->unknown_profile;
	subject->mode = bank->unknown_mode;
	subject->flags = RF_DEVICE_UNKNOWN;
}

/* 1: a device of the policy; 0: an unknown one, the subject says how those are judged. */
static __always_inline int subject_identify(struct rf_judgement *j, const struct rf_bank *bank, __u64 mac)
{
	const struct rf_device_slot *slot = device_find(j, bank, mac);
	struct rf_subject *subject = &j->subject;

	subject->mac = mac;
	if (!slot) {
		subject_set_unknown(subject, bank);
		return 0;
	}
	subject->device = subject->state = slot->device;
	subject->profile = slot->profile;
	subject->mode = slot->key >> RF_DEVICE_MODE_SHIFT & 0xff;
	subject->flags = slot->key >> RF_DEVICE_FLAGS_SHIFT & ~RF_DEVICE_SPILLED;
	return 1;
}

#define RF_PREFIX_ANY 0
#define RF_PREFIX_HOST 128 /* the very address: not a range that several devices may share */

/* Is the address in one of `addresses`, whose prefix has so many bits at least? */
static __always_inline int ident_has_address(const struct rf_ident *ident, const struct rf_addr *addr, __u32 least)
{
	int i;

	for (i = 0; i < RF_IDENT_ADDRESSES; i++) {
		const struct rf_addr *own = &ident->address[i];
		__u32 bits = ident->prefix_len[i];
		__u64 hi_mask, lo_mask;

		if (i >= ident->n_addresses)
			break;
		hi_mask = bits >= 64 ? ~0ULL : ~(~0ULL >> (bits & 63));
		lo_mask = bits >= 128 ? ~0ULL : bits > 64 ? ~(~0ULL >> (bits & 63)) : 0;
		if (bits >= least && !((addr->hi ^ own->hi) & hi_mask) && !((addr->lo ^ own->lo) & lo_mask))
			return 1;
	}
	return 0;
}

static __always_inline int ident_has_port(const struct rf_ident *ident, __u32 ifindex)
{
	int i;

	for (i = 0; i < RF_IDENT_PORTS; i++)
		if (ident->ifindex[i] == ifindex)
			return 1;
	return 0;
}

/* Is the address one of the gateway's? Read for ARP and ND only. */
static __always_inline int bank_has_gateway(const struct rf_bank *bank, const struct rf_addr *addr)
{
	int i;

	for (i = 0; i < RF_GATEWAYS_MAX; i++) {
		if (i >= bank->n_gateways)
			break;
		if (rf_addr_equal(&bank->gateway[i], addr))
			return 1;
	}
	return 0;
}

static __always_inline int bank_has_resolver(const struct rf_bank *bank, const struct rf_addr *addr)
{
	int i;

	for (i = 0; i < RF_RESOLVERS_MAX; i++) {
		if (i >= bank->n_resolvers)
			break;
		if (rf_addr_equal(&bank->resolver[i], addr))
			return 1;
	}
	return 0;
}

#define RF_LINK_LOCAL_HI 0xfe80000000000000ULL /* fe80::/64: RFC 4291 2.5.6 wants 54 zero bits behind fe80::/10 */

/*
 * The sources that belong to no address yet or to the link only: DHCP before the lease (RFC 2131 4.1), duplicate address detection, router
 * solicitation and MLD from `::` (RFC 4861 4.1, 4.3, RFC 3810 5.2.13), link-local for ND, MLD and DHCPv6.
 */
static __always_inline int source_is_link_only(const struct rf_packet *packet)
{
	int link_local;

	if (packet->l3 == 4)
		return !(__u32)packet->src.lo && packet->proto == IPPROTO_UDP && packet->sport == 68 &&
		       packet->dport == 67;
	link_local = packet->src.hi == RF_LINK_LOCAL_HI;
	if (!link_local && (packet->src.hi || packet->src.lo))
		return 0;
	if (!packet->is_icmp)
		return link_local && packet->proto == IPPROTO_UDP && packet->sport == 546 && packet->dport == 547;
	switch (packet->icmp_type) {
	case RF_MLD_REPORT:
	case RF_MLD_DONE:
	case RF_MLDV2_REPORT:
	case RF_ND_ROUTER_SOLICIT:
	case RF_ND_NEIGHBOUR_SOLICIT:
		return 1;
	case RF_ND_NEIGHBOUR_ADVERT:
	case RF_ND_ROUTER_ADVERT: /* the next step has a better reason for these two */
	case RF_ND_REDIRECT:
		return link_local;
	default:
		return 0;
	}
}

#define RF_DEVICE_BOUND (RF_DEVICE_PORTS | RF_DEVICE_VLAN | RF_DEVICE_ADDRESSES)

/*
 * Answers with a resolver's address, from behind an inside port: only by the device that has that very address by `addresses`. Else any device could answer
 * what another one asked, and so open for it what it likes. Who is quarantined says nothing anyway. `ident` NULL: it has none.
 */
static __always_inline int poses_as_resolver(const struct rf_judgement *j, const struct rf_bank *bank,
					     const struct rf_ident *ident)
{
	if (j->packet.sport != RF_DNS_PORT || j->subject.mode == RF_MODE_QUARANTINE ||
	    !bank_has_resolver(bank, &j->packet.src))
		return 0;
	return !ident || !ident_has_address(ident, &j->packet.src, RF_PREFIX_HOST);
}

/* Port, VLAN, source address of a frame from a bound device, or from port 53; RF_REASON_NONE: as it should be. */
WORLD_STAGE int identity_check(struct rf_judgement *j)
{
	const struct rf_packet *packet;
	const struct rf_ident *ident;
	const struct rf_bank *bank;
	__u8 flags;

	if (!j)
		return RF_REASON_INTERNAL;
	packet = &j->packet;
	flags = j->subject.flags;
	bank = world_bank(j);
	if (!bank)
		return RF_REASON_INTERNAL;
	if (!(flags & RF_DEVICE_BOUND))
		return poses_as_resolver(j, bank, NULL) ? RF_REASON_SPOOFED_SOURCE : RF_REASON_NONE;
	ident = world_ident(j, bank->ident_first + j->subject.device);
	if (!ident)
		return RF_REASON_INTERNAL;
	if (flags & RF_DEVICE_PORTS && j->ifindex && !ident_has_port(ident, j->ifindex))
		return RF_REASON_WRONG_PORT;
	if (flags & RF_DEVICE_VLAN && (packet->tags != 1 || packet->vlan != ident->vlan))
		return RF_REASON_WRONG_VLAN;
	if (flags & RF_DEVICE_ADDRESSES && packet->l3 && !ident_has_address(ident, &packet->src, RF_PREFIX_ANY) &&
	    !source_is_link_only(packet))
		return RF_REASON_SPOOFED_SOURCE;
	return poses_as_resolver(j, bank, ident) ? RF_REASON_SPOOFED_SOURCE : RF_REASON_NONE;
}

#endif
