/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * profiles.h - what a device may do: profiles, the trees that lead from an address to a rule list, and the tables of devices and names that rules are for. Part of abi.h.
 */
#ifndef RF_PROFILES_H
#define RF_PROFILES_H

#include <linux/types.h>

#include "bounds.h"

/*
 * Rule sets of a profile: what the device may open (OUT) and what may be opened to it (IN). A tree maps the remote address to
 * a rule list; IPv4 has its own root, keyed by the 32-bit address; IPv6 is a tree over the upper 64 bits whose values
 * may be the root of a tree over the lower 64 bits (RF_VALUE_SUBTREE).
 */
enum rf_rule_set { RF_SET_OUT = 0, RF_SET_IN = 1, RF_SET_COUNT };

enum rf_profile_flags {
	RF_PROFILE_PEERS_OUT = 1 << 0, /* has device: or group: rules; `<< RF_SET_IN` for inbound */
	RF_PROFILE_PEERS_IN = 1 << 1,
	RF_PROFILE_NAMES = 1 << 2,	/* has name rules: learned addresses count */
	RF_PROFILE_DNS_LISTED = 1 << 3, /* dns: listed */
	RF_PROFILE_DENY_NAMES = 1 << 4,
	RF_PROFILE_LLC = 1 << 5, /* ethertypes: [llc] */
};

struct rf_profile {
	__u32 root4[RF_SET_COUNT];
	__u32 root6[RF_SET_COUNT];
	__u32 flags;
	__u32 reserved0;
	__u64 ports; /* rf_port_bit() of every protocol and port that a rule of OUT names; all where one names many: else only the default can match */
	__u16 n_ethertypes;
	__u16 ethertypes[RF_ETHERTYPES_MAX]; /* host byte order */
	__u8 default_reason;		     /* of OUT, as in its default rule */
	__u8 default_flags;		     /* enum rf_rule_flags */
	__u16 reserved[6];
};
_Static_assert(sizeof(struct rf_profile) == 64, "one cache line");

/* The first profiles of every bank. */
#define RF_PROFILE_QUARANTINE 0 /* dhcp service only; reason quarantined */
#define RF_PROFILE_UNKNOWN 1	/* the same; reason unknown-device */
#define RF_PROFILE_FIRST 2

/*
 * A node of a range tree: `last[i]` is the last address (inclusive) of child i, ascending; child 7 has no upper bound. The child of an address is
 * the number of `last` below it, so a look-up needs no branch. Unused: all ones. In IPv4 trees each node names its children, of a leaf: the values. In IPv6
 * trees they stand side by side from `first`: nodes, or of a leaf entries of the value map.
 */
struct rf_node {
	union {
		struct {
			__u32 last[RF_NODE_KEYS];
			__u32 child[RF_NODE_KEYS + 1];
		} v4;
		struct {
			__u64 last[RF_NODE_KEYS];
			__u32 first;
		} __attribute__((packed, aligned(4))) v6;
	};
	__u32 leaf;
};
_Static_assert(sizeof(struct rf_node) == 64, "one cache line");

#define RF_VALUE_SUBTREE 0x80000000U /* the rest is a node; else a chunk: the start of a rule list */

/* Values of the trees' leaves, sixteen a line: arrays round their elements up to 8 bytes. Value i: line i / 16, place i % 16. */
#define RF_VALUE_LINE 16

struct rf_value_line {
	__u32 value[RF_VALUE_LINE];
};
_Static_assert(sizeof(struct rf_value_line) == 64, "one cache line");

/* device: and group: destinations: (profile, set, device of the other MAC) to a rule list. Key 0: free (see rf_peer_key). */
struct rf_peer_slot {
	__u64 key;
	__u32 chunk;
	__u32 reserved;
};

struct rf_peer_bucket {
	struct rf_peer_slot slot[RF_BUCKET_SLOTS];
};
_Static_assert(sizeof(struct rf_peer_bucket) == 64, "one cache line");

static inline __attribute__((always_inline)) __u64 rf_peer_key(__u32 profile, enum rf_rule_set set, __u32 device)
{
	return ((__u64)profile << 33 | (__u64)set << 32 | device) + 1;
}

/*
 * Names that the rules of a profile list, and those under deny-names: 2-choice buckets keyed by rf_name_key(), placed by key ^ bank.seed as the others.
 * `chunk` is the list of all rules that any covering name grants (closure): the longest match says everything. Its last rule is flagged
 * RF_RULE_LAST; there is no default in it. No rules (only denied): flags without RF_NAME_LISTED.
 */
enum rf_name_flags {
	RF_NAME_LISTED = 1 << 0,
	RF_NAME_DENIED = 1 << 1,
};

struct rf_name_slot {
	__u64 key;
	__u32 chunk;
	__u32 flags;
};

struct rf_name_bucket {
	struct rf_name_slot slot[RF_BUCKET_SLOTS];
};
_Static_assert(sizeof(struct rf_name_bucket) == 64, "one cache line");

#endif
