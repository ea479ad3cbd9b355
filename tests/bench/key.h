/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * key.h - what the benchmark's packet programs share with the benchmark: which frames are offered, sizes of the pieces' tables.
 *
 * The same frame again and again would measure the branch predictor. So each run takes the next key of a list and writes it into the frame.
 */
#ifndef BENCH_KEY_H
#define BENCH_KEY_H

#include <linux/types.h>

/* MACs and addresses of an Ethernet/IPv4/UDP frame, in network byte order, as they stand in it. */
struct bench_key {
	__u32 dst_mac_high; /* 4 bytes, then 2: as parsers read them, so that no load waits for two stores */
	__u16 dst_mac_low;
	__u16 src_mac_high;
	__u32 src_mac_low;
	__u32 saddr;
	__u32 daddr;
	__u16 sport;
	__u16 dport;
	__u32 device;	/* the datapath's index of it: for who checks the counters; the programs do not read it */
	__u32 reserved; /* two keys a line */
};
_Static_assert(sizeof(struct bench_key) == 32, "bench_key");

/* Which key is next, of how many. */
struct bench_position {
	__u32 next;
	__u32 n;
	__u64 written;
};

/* The pieces' tables. */
#define BENCH_LPM_PROFILE 7 /* any: all prefixes are of one profile, as in the policy measured beside */

struct bench_lpm_key {
	__u32 prefix_len; /* of the profile's 32 bits and the address */
	__u32 profile;
	__u8 addr[16];
};

struct bench_device {
	__u64 words[4]; /* as much as a device entry with its index, profile, mode and counters' place would be */
};

/* What came to the end of the way. Times: CLOCK_MONOTONIC. */
struct bench_arrivals {
	__u64 frames;
	__u64 first_ns, last_ns;
	__u64 gap_max_ns;  /* between two */
	__u64 late_max_ns; /* between sending and arriving */
};

/* Frames that say when they were sent: at this offset, in an UDP datagram to this port. */
#define BENCH_STAMP_OFFSET 48
#define BENCH_STAMP_PORT 4777

/* A set of remembered questions put back before each answer: an answer takes its question away. */
#define BENCH_QUESTION_WORDS 24

struct bench_question {
	__u32 index; /* in rf_questions */
	__u32 reserved;
	__u64 words[BENCH_QUESTION_WORDS];
};

#endif
