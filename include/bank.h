/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bank.h - where one generation of the policy stands in the policy maps, and which of the two is in force. Part of abi.h.
 */
#ifndef RF_BANK_H
#define RF_BANK_H

#include <linux/types.h>

#include "address.h"
#include "bounds.h"

/* A bank: where one generation of the policy stands in the policy maps, and what belongs to it as a whole. */
struct rf_bank {
	__u64 seed; /* of the device and peer tables */
	__u32 generation;
	__u32 bucket_first;
	__u32 bucket_mask;
	__u32 peer_first;
	__u32 peer_mask;
	__u32 ident_first;
	__u32 profile_first; /* RF_PROFILE_QUARANTINE and RF_PROFILE_UNKNOWN are relative to it; slots hold absolute indices */
	__u32 unknown_profile; /* absolute */
	__u8 unknown_mode;     /* enum rf_mode */
	__u8 n_gateways;
	__u8 n_resolvers;
	__u8 reserved[5];
	struct rf_addr gateway[RF_GATEWAYS_MAX];
	struct rf_addr resolver[RF_RESOLVERS_MAX];
	__u8 policy_hash[32]; /* SHA-256 of the file */
	__u64 name_seed;      /* the same in every generation: what was learned is found by it */
	__u32 name_first;
	__u32 name_mask;
};
_Static_assert(sizeof(struct rf_bank) == 352, "rf_bank");

struct rf_control {
	__u32 abi_version;
	__u32 active; /* 0 or 1 */
	__u32 sizing; /* enum rf_sizing_id: what the state maps beside it are laid out for */
	__u32 reserved;
	__u64 secret[RF_SECRETS]; /* of the rows' tags: random, odd, made once, never shown */
	/* One moment in both clocks, noted by the program rf_clock when user space runs it: turns ticks into time. */
	__u64 anchor_ticks;
	__u64 anchor_ns; /* CLOCK_BOOTTIME */
	struct rf_bank bank[2];
};
_Static_assert(sizeof(struct rf_control) == 848, "rf_control");

#endif
