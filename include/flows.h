/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flows.h - the verdict on the last frame of a flow, for the next ones of the same tick. Part of abi.h.
 */
#ifndef RF_FLOWS_H
#define RF_FLOWS_H

#include <linux/types.h>

#include "bounds.h"

/* How the packets of a flow are told; below RF_TOLD_NOW: in this place of the fold sets of its key. */
enum rf_told {
	RF_TOLD_NOW = 0xfd, /* the next is to be judged, too */
	RF_TOLD_QUIET = 0xfe,
	RF_TOLD_NOT = 0xff,
};

/*
 * The verdict on a flow's last frame, per CPU, by a hash of the key: see bpf/flow.h. It holds in the tick and generation in which it was made, while the
 * device's epoch is the same. 0 is no key: it has a protocol.
 */
struct rf_flow {
	/* Destination MAC, source MAC; ethertype, direction << 7 | protocol; addresses, of IPv6 a keyed hash of them; port << 32 | ports. */
	__u64 key[4];
	__u64 ticks;
	__u64 fold; /* key */
	__u32 epoch;
	__u32 generation;
	__u32 state;
	__u8 reason;
	__u8 told; /* enum rf_told */
	__u8 reserved[2];
};
_Static_assert(sizeof(struct rf_flow) == 64, "one cache line");

struct rf_flow_table {
	struct rf_flow flow[RF_FLOWS];
};

#endif
