/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sizing.h - how many sets of rows a device has: chosen when the programs are loaded, the same for all devices of one fence.
 *
 * A set has a fixed number of ways (bounds.h); the number of sets is a power of two, so that an index is a shift and a mask. The programs have it as constants
 * (seam_bpf.h), user space in the control map of what is pinned. State of one sizing means nothing to programs of another.
 */
#ifndef RF_SIZING_H
#define RF_SIZING_H

#include <linux/types.h>

/*
 * X(enum suffix, word, devices, conn, question, known, learned, fold): what a device gets, as powers of two of sets of 8 (folds: of 3), and up to how many devices it
 * is the one that is chosen where nobody says which.
 *
 * conn      connections that the device opened, and as many that were opened to it: 2 * 128 bytes a set
 * question  outstanding DNS questions: 192 bytes a set
 * known     DNS names that it was answered: 2304 bytes a set
 * learned   addresses under these names: 448 bytes a set
 * fold      destinations whose drops are folded into events: 256 bytes a set of three
 *
 * home      39 KiB: 128 connections a way, 32 questions (a TV that wakes up asks about 30 at once), 64 names (the largest MUD file lists 47),
 *           256 addresses, 24 folds
 * campus    10 KiB: 32 connections a way, 16 questions, 16 names, 64 addresses, 12 folds: 64 Ki devices take what 17 Ki would at home
 * provider  4.3 KiB: 16 connections a way, 8 questions, 8 names, 16 addresses, 6 folds: what one machine can hold of a million
 */
#define RF_SIZING_LIST(X)                                                                                              \
	X(HOME, "home", 4096, 4, 2, 3, 5, 3)                                                                           \
	X(CAMPUS, "campus", 65536, 2, 1, 1, 3, 2)                                                                      \
	X(PROVIDER, "provider", 0xffffffff, 1, 0, 0, 1, 1)

enum rf_sizing_id {
	RF_SIZING_AUTO, /* in what is loaded and pinned: none */
#define X(id, word, devices, conn, question, known, learned, fold) RF_SIZING_##id,
	RF_SIZING_LIST(X)
#undef X
		RF_SIZING_COUNT
};

/* Powers of two of sets. */
struct rf_sizing {
	__u8 conn; /* of one side */
	__u8 question;
	__u8 known;
	__u8 learned;
	__u8 fold;
	__u8 reserved[3];
};
_Static_assert(sizeof(struct rf_sizing) == 8, "rf_sizing");

/* What the programs have until the loader says otherwise. The maps that are declared in bytes are of this fold, too. */
#define RF_SIZING_DEFAULT_FOLD 3
#define RF_SIZING_DEFAULT                                                                                              \
	{                                                                                                              \
		4, 2, 3, 5, RF_SIZING_DEFAULT_FOLD,                                                                    \
		{                                                                                                      \
			0                                                                                              \
		}                                                                                                      \
	}

/* The largest of each: loops over the sets of a device end there for the verifier. */
#define RF_CONN_SETS_SIDE_MAX 16

/* The sets of a device stand side by side: of `1 << shift` the one that `hash` says. */
static inline __attribute__((always_inline)) __u32 rf_sizing_set(__u32 device, __u32 shift, __u32 hash)
{
	return device << shift | (hash & ((1U << shift) - 1));
}

#endif
