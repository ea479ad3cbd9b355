/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * records.h - what the datapath tells user space through its ring buffers. Part of abi.h.
 */
#ifndef RF_RECORDS_H
#define RF_RECORDS_H

#include <linux/types.h>

#include "address.h"
#include "folds.h"

/* Ring buffer record. Addresses as seen from the device: local is its own. Fields without note are as in struct rf_fold_slot. */
struct rf_event {
	__u64 time_ns; /* CLOCK_BOOTTIME, the same moment as now_ticks */
	__u64 now_ticks;
	__u64 first_ticks;
	__u64 last_ticks;
	__u64 packets;
	__u64 bytes;
	struct rf_addr remote;
	struct rf_addr local;
	__u32 device;
	__u32 ifindex;
	__u32 rule; /* id in the generation's rule table; RF_RULE_NONE */
	__u32 generation;
	__u16 remote_port;
	__u16 local_port;
	__u16 ethertype;
	__u16 vlan;
	__u8 proto;
	__u8 reason;
	__u8 type;
	__u8 direction;
	__u8 mac[6];
	__u8 l3; /* 4, 6, or 0 */
	__u8 reserved[5];
};
_Static_assert(sizeof(struct rf_event) == 120, "rf_event");

/* What the event is of. */
static inline __attribute__((always_inline)) void rf_event_describe(struct rf_event *event,
								    const struct rf_fold_slot *slot)
{
	int i;

	event->remote = slot->remote;
	event->local = slot->local;
	event->ifindex = slot->ifindex;
	event->rule = slot->rule;
	event->generation = slot->generation;
	event->remote_port = slot->remote_port;
	event->local_port = slot->local_port;
	event->ethertype = slot->ethertype;
	event->vlan = slot->vlan;
	event->proto = slot->proto;
	event->reason = slot->reason;
	event->type = slot->type;
	event->direction = slot->direction;
	event->l3 = slot->l3;
	for (i = 0; i < 6; i++)
		event->mac[i] = slot->mac[i];
}

/*
 * Ring buffer record of what a rule named and gave way before its time: an event of type RF_EVENT_EVICTED with the DNS name behind it. `remote` is the address;
 * 0: the name itself went, with every address that was learned under it.
 */
struct rf_evicted {
	struct rf_event event;
	__u32 len; /* bytes of wire, without the root's zero */
	__u32 reserved;
	__u8 wire[256]; /* lower case; what stands behind len means nothing */
};
_Static_assert(sizeof(struct rf_evicted) == 384, "rf_evicted");

/*
 * Ring buffer record of what the datapath cannot read and hands to user space: TCP/53 between a device and a believed resolver, from the TCP header
 * on, and UDP answers that met their question but could not be read to their end, from the DNS header on. Behind it stand `len` bytes.
 *
 * Of a UDP answer in fragments they are those of one fragment, as IP counts them: the first, from the UDP header on, only if it met its question, and the later
 * ones that follow it.
 */
enum rf_segment_fragment {
	RF_SEGMENT_FIRST = 1 << 0,
	RF_SEGMENT_LATER = 1 << 1,
	RF_SEGMENT_LAST = 1 << 2, /* nothing comes behind its end */
};

struct rf_segment {
	__u64 now_ticks;
	__u64 mac;	       /* of the device */
	__u64 remote_mac;      /* the frame's source or destination */
	struct rf_addr remote; /* the resolver */
	struct rf_addr local;
	__u32 device;
	__u32 state;   /* index of the device's rows */
	__u32 profile; /* absolute, in bank `bank` of `generation` */
	__u32 generation;
	__u32 ifindex;
	__u32 entered; /* of a fragment: where the frame entered this machine; 0: here */
	__u32 total;   /* bytes that IP counts; of UDP those of the message */
	__u32 off;     /* of the first byte behind the record in them; of a fragment in the datagram */
	__u32 id; /* TCP: the sequence number, so that the pieces of one segment are told from those of another; of a fragment its id */
	__u16 len;  /* bytes behind the record */
	__u16 port; /* the device's; of later fragments 0 */
	__u16 vlan;
	__u8 proto;
	__u8 direction;
	__u8 mode;
	__u8 flags; /* enum rf_device_flags, of the subject */
	__u8 bank;
	__u8 fragment; /* enum rf_segment_fragment; 0: of none */
	__u8 reserved[6];
};
_Static_assert(sizeof(struct rf_segment) == 112, "rf_segment");

#endif
