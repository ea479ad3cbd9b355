/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * result.h - the verdict of one frame, and the world of a test-run. Part of abi.h.
 */
#ifndef RF_RESULT_H
#define RF_RESULT_H

#include <linux/types.h>

/*
 * The verdict of one frame, as entry points and tests get it. `would` is meant in monitor mode only.
 */
struct rf_result {
	__u8 verdict;
	__u8 reason;
	__u8 would;
	__u8 direction;
	__u32 device; /* RF_DEVICE_NONE: none */
	__u32 rule;
	__u32 generation;
	__u64 known; /* hash of the DNS name through which the remote was allowed; 0: none */
};
_Static_assert(sizeof(struct rf_result) == 24, "rf_result");

/* Virtual world of `replay --engine kernel` and of test-run: only read by an object loaded with rf_virtual set. */
struct rf_virtual {
	__u64 now_ticks;
	__u64 now_ns;
	__u32 wire_len; /* 0: as the frame has it */
	__u32 ifindex;	/* 0: as the context has it */
	struct rf_result result;
};
_Static_assert(sizeof(struct rf_virtual) == 48, "rf_virtual");

#endif
