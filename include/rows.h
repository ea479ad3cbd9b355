/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rows.h - what the datapath remembers of a device: connections, DNS questions, names and addresses learned. Part of abi.h.
 */
#ifndef RF_ROWS_H
#define RF_ROWS_H

#include <linux/types.h>

#include "address.h"
#include "bounds.h"

/*
 * Connection rows, of each device the sets of what it opened, then those of what was opened to it (sizing.h). tag: keyed hash of the connection (0: free). life: when it
 * idles out, by which generation it was judged and what ended, packed so that one store refreshes it: expiry in ticks << 24 | generation (low 16 bits) << 8 |
 * flags. A full set gives up its own oldest row: of this device, on this side. Few connections touch the first line of a set only.
 */
struct rf_conn_row {
	__u64 tag;
	__u64 life;
};

struct rf_conn_set {
	struct rf_conn_row row[RF_CONN_WAYS];
};
_Static_assert(sizeof(struct rf_conn_set) == 128, "two cache lines");

enum rf_conn_flags {
	RF_CONN_FIN_OPENER = 1 << 0,
	RF_CONN_FIN_OTHER = 1 << 1,
	RF_CONN_RST_OPENER = 1 << 2,
	RF_CONN_RST_OTHER = 1 << 3, /* may be forged: the opener's next packet takes it back */
	RF_CONN_NAMED = 1 << 4,	    /* its remote was usable under a DNS name: keeps that name's time from ending */
	/*
	 * Two bits: what the rules of the row's generation say of every packet of it that the device sends, where nothing but the
	 * row's own key can change that. 0: ask them.
	 */
	RF_CONN_BY_RULE = 1 << 5,
	RF_CONN_BY_SERVICE = 2 << 5,
	RF_CONN_BY_DEFAULT = 3 << 5,
	RF_CONN_ANSWERS = 1 << 7, /* of fragments: the first met a question, see bpf/dns_fragment.h */
};

#define RF_CONN_BY RF_CONN_BY_DEFAULT

#define RF_CONN_EXPIRY_SHIFT 24
#define RF_CONN_GENERATION_SHIFT 8

/*
 * Outstanding DNS questions, sets of each device (sizing.h). An answer counts only if it meets its tag (server, port, id; keyed) and its name.
 * Full: the device's own oldest goes, and its answer opens nothing.
 */
struct rf_question_set {
	__u64 tag[RF_QUESTION_WAYS];	/* 0: free */
	__u64 name[RF_QUESTION_WAYS];	/* hash of the name asked */
	__u64 expiry[RF_QUESTION_WAYS]; /* ticks */
};
_Static_assert(sizeof(struct rf_question_set) == 192, "rf_question_set");

/*
 * Names that answers to the device carried, sets of each device (sizing.h). `rules` says what the name grants in generation `generation`;
 * in another it is looked up anew at the first use. hash 0: free. Full: the device's own name that was answered longest ago goes, of those that no rule names if
 * there are any, and what was learned under it (rf_learned.name_hash no longer meets it).
 */
struct rf_known {
	__u64 hash;	/* of the whole name, with bank.name_seed and `owner` */
	__u64 answered; /* ticks, last */
	__u32 generation;
	__u32 chunk;
	__u32 owner; /* which of the unknown devices that share the row: a hash of its MAC; 0: a device of the policy */
	__u16 flags; /* enum rf_name_flags */
	__u16 len;   /* bytes of wire, without the root's zero */
	__u8 wire[256]; /* lower case; what stands behind len means nothing */
};
_Static_assert(sizeof(struct rf_known) == 288, "rf_known");

struct rf_known_set {
	struct rf_known name[RF_KNOWN_WAYS];
};

/*
 * Addresses that answers to the device carried, sets of each device (sizing.h). One address may stand several times, for several names.
 * Full: of the set, what no rule names goes first, then what is over or of the same name, then what ends soonest. So neither names that nothing allows nor
 * one name with any number of addresses takes the set from others. What is past `until` is only used for connections that still live.
 */
struct rf_learned {
	struct rf_addr addr; /* 0: free */
	__u64 until;	     /* ticks: TTL within its bounds, and 60 s from each use */
	__u64 used;	     /* ticks; 0: never */
	__u64 name_hash;
	__u16 known; /* among the names of the device: set known / RF_KNOWN_WAYS, way known % RF_KNOWN_WAYS */
	__u8 listed; /* a rule named it when it was last answered or used: gives way after those of which that is not so */
	__u8 brought; /* a mark of the answer that it came with: what stands first in an answer does not give way to the rest of it */
	__u32 rule; /* id that last matched, in generation `generation` */
	__u32 generation;
	__u32 touched; /* low bits of ticks: the device's last packet to the address while this name was usable */
};
_Static_assert(sizeof(struct rf_learned) == 56, "rf_learned");

struct rf_learned_set {
	struct rf_learned entry[RF_LEARNED_WAYS];
};

#endif
