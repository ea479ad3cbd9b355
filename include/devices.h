/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devices.h - which frames are a device's, and what it is called: the device table, identities, names. Part of abi.h.
 */
#ifndef RF_DEVICES_H
#define RF_DEVICES_H

#include <linux/types.h>

#include "address.h"
#include "bounds.h"

/*
 * Device table. One line holds four devices; a look-up reads one or two lines and is the only one for a MAC that
 * is unknown or a device in mode off. `key` packs what identify needs so that one 64-bit compare does it: MAC in bits 0-47 (first byte on
 * the wire is the most significant), mode in 48-55, flags in 56-63. A free slot has no RF_DEVICE_VALID.
 */
struct rf_device_slot {
	__u64 key;
	__u32 device;
	__u32 profile;
};

struct rf_device_bucket {
	struct rf_device_slot slot[RF_BUCKET_SLOTS];
};
_Static_assert(sizeof(struct rf_device_bucket) == 64, "one cache line");

#define RF_MAC_MASK 0x0000ffffffffffffULL
#define RF_DEVICE_MODE_SHIFT 48
#define RF_DEVICE_FLAGS_SHIFT 56

enum rf_device_flags {
	RF_DEVICE_VALID = 1 << 0,
	RF_DEVICE_PORTS = 1 << 1,     /* bound to ident.ifindex */
	RF_DEVICE_VLAN = 1 << 2,      /* bound to ident.vlan */
	RF_DEVICE_ADDRESSES = 1 << 3, /* may only use ident.address */
	RF_DEVICE_GATEWAY = 1 << 4,   /* may claim the gateway's addresses in ARP and ND */
	RF_DEVICE_UNKNOWN = 1 << 5,   /* not in the policy: judged by `unknown:` */
	RF_DEVICE_SPILLED =
		1 << 6, /* of a bucket's first slot: some MAC whose first bucket this is stands in its second */
};

/* Identity of a device beyond its MAC, by bank and device index. Read only where the slot's flags say so. */
struct rf_ident {
	__u32 ifindex[RF_IDENT_PORTS]; /* 0: no port of that name now, matches nothing */
	__u16 vlan;
	__u8 n_addresses;
	__u8 n_ports;
	__u32 reserved;
	struct rf_addr address[RF_IDENT_ADDRESSES];
	__u8 prefix_len[RF_IDENT_ADDRESSES]; /* of 128 bits: 96 more than an IPv4 length */
	__u64 reserved2;
};
_Static_assert(sizeof(struct rf_ident) == 168, "rf_ident");

/* What user space needs to name a device with the daemon dead. By bank? No: by device index, written before the flip. */
#define RF_NAME_MAX 64
struct rf_device_info {
	char name[RF_NAME_MAX];	   /* "" if the index is free */
	char profile[RF_NAME_MAX]; /* as in the policy, not the compiled instance */
	__u8 mode;
	__u8 reserved[7];
};
_Static_assert(sizeof(struct rf_device_info) == 136, "rf_device_info");

#define RF_DEVICE_NONE 0xffffffffU

#endif
