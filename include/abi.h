/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi.h - every map key and value that the datapath and user space share, declared once.
 *
 * Two kinds of map. *Policy* maps hold what user/policy compiled: plain arrays that user space fills through mmap and the
 * datapath only reads. Each has room for two banks; indices inside are absolute, and `control.active` says through
 * which struct rf_bank a frame enters: read once a frame, so a frame is never judged by a mixture. *State* maps are indexed by
 * device and outlive reloads; what depends on the policy in them carries the generation.
 *
 * All of it is pinned. `control.abi_version` is checked before anything pinned is reused.
 */
#ifndef RF_ABI_H
#define RF_ABI_H

#include <linux/types.h>

#include "bounds.h"
#include "reason.h"
#include "sizing.h"

#define RF_ABI_VERSION 5

/* IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2); both halves in host byte order, so that they compare as numbers. */
struct rf_addr {
	__u64 hi;
	__u64 lo;
};
_Static_assert(sizeof(struct rf_addr) == 16, "rf_addr");

#define RF_ADDR_V4_MAPPED 0x0000ffff00000000ULL

/* ---- policy maps ------------------------------------------------------------------------------------------ */

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

/*
 * One line of a rule list. Lists hold every rule whose destination covers the address, in the order of the policy,
 * with the default as the last; what several prefixes share is stored once.
 *
 * The bounds of protocol, source and destination port stand side by side in two words, with a guard bit above each, so that two subtractions compare
 * all three: bits 0-15 destination port (of ICMP: the type), 17-32 source port, 34-41 protocol; ports in host byte order. The guards are 0 in `low` and 1 in
 * `high`. Behind them stand flags, reason and id: `id` grows with the order inside a set, so of two matches from two lists the lower id decides.
 */
struct rf_rule {
	__u64 low;  /* RF_RULE_LAST 63, the id's low 11 bits 52-62, reason 47-51, other flags 43-46 */
	__u64 high; /* the id's high 21 bits 43-63 */
};

enum rf_rule_flags {
	RF_RULE_DENY = 1 << 0,
	RF_RULE_QUIET = 1 << 1, /* log: false */
	RF_RULE_DEFAULT = 1 << 2,
};

#define RF_RULE_SPORT_SHIFT 17
#define RF_RULE_PROTO_SHIFT 34
#define RF_RULE_GUARDS (1ULL << 16 | 1ULL << 33 | 1ULL << 42)
#define RF_RULE_FLAGS_SHIFT 43
#define RF_RULE_FLAGS_MASK 0xf
#define RF_RULE_REASON_SHIFT 47
#define RF_RULE_REASON_MASK 0x1f
#define RF_RULE_ID_LOW_SHIFT 52
#define RF_RULE_ID_LOW_BITS 11
#define RF_RULE_ID_HIGH_SHIFT 43
#define RF_RULE_LAST (1ULL << 63) /* of its list */
_Static_assert(RF_REASON_SLOTS <= RF_RULE_REASON_MASK + 1, "a reason fits in a rule");

/* Protocol and ports as both words of a rule have them. */
static inline __attribute__((always_inline)) __u64 rf_rule_word(__u8 proto, __u16 sport, __u16 dport)
{
	return (__u64)proto << RF_RULE_PROTO_SHIFT | (__u64)sport << RF_RULE_SPORT_SHIFT | dport;
}

/* Does the rule match? `word`: of the packet. No part can borrow from the next: its guard is set. */
static inline __attribute__((always_inline)) int rf_rule_matches(const struct rf_rule *rule, __u64 word)
{
	return (((word | RF_RULE_GUARDS) - rule->low) & (rule->high - word) & RF_RULE_GUARDS) == RF_RULE_GUARDS;
}

static inline __attribute__((always_inline)) __u32 rf_rule_flags(const struct rf_rule *rule)
{
	return rule->low >> RF_RULE_FLAGS_SHIFT & RF_RULE_FLAGS_MASK;
}

static inline __attribute__((always_inline)) __u32 rf_rule_reason(const struct rf_rule *rule)
{
	return rule->low >> RF_RULE_REASON_SHIFT & RF_RULE_REASON_MASK;
}

static inline __attribute__((always_inline)) __u32 rf_rule_id(const struct rf_rule *rule)
{
	return (__u32)(rule->high >> RF_RULE_ID_HIGH_SHIFT) << RF_RULE_ID_LOW_BITS |
	       (rule->low >> RF_RULE_ID_LOW_SHIFT & ((1U << RF_RULE_ID_LOW_BITS) - 1));
}

struct rf_chunk {
	struct rf_rule rule[RF_CHUNK_RULES];
};
_Static_assert(sizeof(struct rf_chunk) == 64, "one cache line");

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
_Static_assert(sizeof(struct rf_control) == 800, "rf_control");

/* ---- state maps ------------------------------------------------------------------------------------------- */

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

/*
 * Drops that are being folded: sets of each device (sizing.h), of three ways, so that one line is all that most drops touch (struct rf_hot); what the ways are of
 * stands apart, in struct rf_fold_slots. A key is a keyed hash of what was dropped, with the ticks at which it was told last:
 *
 *   63          25            24 23       0
 *   hash, never 0   described     told        0: free
 *
 * Keys change by compare-and-swap, packets are counted by one atomic add: packets << RF_FOLD_SHIFT | bytes. Room for what 256 million frames a second, or 64
 * gigabytes, come to in the interval after which the next one sends it. Nothing is counted under a key that is not described.
 */
#define RF_FOLD_SHIFT 36
#define RF_FOLD_TOLD_BITS 24
#define RF_FOLD_DESCRIBED (1ULL << RF_FOLD_TOLD_BITS) /* its slot says what it is of */
#define RF_FOLD_HASH_SHIFT (RF_FOLD_TOLD_BITS + 1)
#define RF_FOLD_TOLD_MASK (RF_FOLD_DESCRIBED - 1)

static inline __attribute__((always_inline)) __u64 rf_fold_packets(__u64 count)
{
	return count >> RF_FOLD_SHIFT;
}

static inline __attribute__((always_inline)) __u64 rf_fold_bytes(__u64 count)
{
	return count & ((1ULL << RF_FOLD_SHIFT) - 1);
}

/* Is it the key of this hash? */
static inline __attribute__((always_inline)) int rf_fold_is(__u64 key, __u64 hash)
{
	return !((key ^ hash) >> RF_FOLD_HASH_SHIFT);
}

/*
 * Ticks since it was told, of as many as 24 bits hold (more than four hours at 1000 a second). What comes again after just that long is taken for what was told
 * a moment ago: it is told by the next of it, or by the daemon, at the latest one interval later.
 */
static inline __attribute__((always_inline)) __u64 rf_fold_age(__u64 key, __u64 now)
{
	return (now - key) & RF_FOLD_TOLD_MASK;
}

/* The key that was told now. */
static inline __attribute__((always_inline)) __u64 rf_fold_told(__u64 key, __u64 now)
{
	return (key & ~RF_FOLD_TOLD_MASK) | (now & RF_FOLD_TOLD_MASK);
}

/* Where in two sets side by side something folds: a way of the one that its hash tells, or of the one beside. */
#define RF_FOLD_BESIDE 4U

static inline __attribute__((always_inline)) __u32 rf_fold_way(__u32 place)
{
	return place & (RF_FOLD_BESIDE - 1);
}

static inline __attribute__((always_inline)) __u32 rf_fold_sibling(__u32 place)
{
	return place / RF_FOLD_BESIDE & 1;
}

struct rf_fold_set {
	__u64 key[RF_FOLD_WAYS];
	__u64 count[RF_FOLD_WAYS]; /* since the key was told */
	__u16 first[RF_FOLD_WAYS]; /* ticks from then to the first of them, */
	__u16 last[RF_FOLD_WAYS];  /* and to the last: what comes after the interval is told itself */
	__u32 reserved;
};
_Static_assert(sizeof(struct rf_fold_set) == 64, "one cache line");

struct rf_fold_slot {
	struct rf_addr remote;
	struct rf_addr local;
	__u32 ifindex;
	__u32 rule;
	__u32 generation;
	__u16 remote_port;
	__u16 local_port;
	__u16 ethertype;
	__u16 vlan;
	__u8 proto;
	__u8 reason; /* the reason, or in monitor mode the one it would have had */
	__u8 type;   /* enum rf_event_type */
	__u8 direction;
	__u8 mac[6]; /* of the device */
	__u8 l3;
	__u8 reserved;
};
_Static_assert(sizeof(struct rf_fold_slot) == 64, "one cache line");

struct rf_fold_slots {
	struct rf_fold_slot slot[RF_FOLD_WAYS];
};

/* Per device, shared by all CPUs: what it may make the kernel tell in one interval, each kind by itself, so that none keeps another silent. */
enum rf_budget_kind {
	RF_BUDGET_EVENTS,   /* what is folded */
	RF_BUDGET_LEARNED,  /* addresses that became usable, and what gave way */
	RF_BUDGET_SEGMENTS, /* struct rf_segment */
	RF_BUDGET_COUNT
};

struct rf_budget {
	__u64 window; /* ticks: start of the interval */
	__u32 spent[RF_BUDGET_COUNT];
	__u32 epoch; /* moves with every change of the device's rows or names that may change a verdict: see struct rf_flow */
	/*
	 * Addresses that the device may have learned, those that it may have opened a connection to, and those that may have opened one to it: a bit for each, by
	 * a keyed hash, set before the other is there and never taken back. One that is not set says for certain that there is nothing to look for; all set cost a look.
	 */
	__u64 learned[RF_FILTER_BITS / 64];
	__u64 remotes[RF_FILTER_BITS / 64];
	__u64 openers;
};
_Static_assert(sizeof(struct rf_budget) == 64, "one cache line");

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
	__u64 key
		[4]; /* destination MAC, source MAC; ethertype, direction << 7 | protocol; addresses; port << 32 | ports */
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

struct rf_count {
	__u64 packets;
	__u64 bytes;
};

/* Per CPU: all that most frames from a device touch, those that a rule let pass or the default did not. */
struct rf_counters_first {
	__u64 last_seen; /* ticks */
	__u32 ifindex;	 /* where it was last seen */
	__u32 last_v4;	 /* last IPv4 source, host byte order */
	struct rf_count from_passed;
	struct rf_count from_dropped;
	__u64 by_rule;	  /* packets with reason RULE, */
	__u64 by_default; /* and with rf_default_reason() of the device */
};
_Static_assert(sizeof(struct rf_counters_first) == 64, "one cache line");

/* Why what nobody allowed is dropped: of the unknown devices, which have the counters of the first, the usual reason is another one. */
static inline __attribute__((always_inline)) __u8 rf_default_reason(__u32 device)
{
	return device ? RF_REASON_DEFAULT_DENY : RF_REASON_UNKNOWN_DEVICE;
}

/* Per CPU: the rest. Index: device; an entry has as many as the machine may have CPUs. */
struct rf_counters_rest {
	struct rf_count to_passed;
	struct rf_count to_dropped;
	__u64 by_reason[RF_REASON_SLOTS]; /* what is not counted in the first */
	struct rf_count from_would_drop;
	struct rf_count to_would_drop;
	struct rf_addr last_v6;
};
_Static_assert(sizeof(struct rf_counters_rest) == 320, "five cache lines");

/*
 * What almost every frame of a device touches, side by side, and nothing else: with many devices active each page is a miss of the TLB, which costs as much as a
 * line. Index: device. Folds are as many sets as the sizing says, and a struct rf_counters_first for each CPU that the machine may have stands behind them: the
 * loader makes the map's values that large.
 */
struct rf_hot {
	struct rf_budget budget;
	struct rf_fold_set folds[1];
};
_Static_assert(sizeof(struct rf_hot) == 128, "lines");

/* Offset of the counters of the first CPU, for 1 << fold sets. */
static inline __attribute__((always_inline)) __u32 rf_hot_counters(__u32 fold)
{
	return (__u32)(sizeof(struct rf_budget) + (sizeof(struct rf_fold_set) << fold));
}

static inline __attribute__((always_inline)) __u32 rf_hot_size(__u32 fold, __u32 n_cpus)
{
	return rf_hot_counters(fold) + n_cpus * (__u32)sizeof(struct rf_counters_first);
}

/* Per CPU, one entry. */
struct rf_totals {
	struct rf_count unpoliced_to; /* frames out of an inside port to no device of the policy */
	__u64 events_emitted;
	__u64 events_lost;   /* ring buffer full, or over a device's budget */
	__u64 packets_lost;  /* drops that only such events would have told of */
	__u64 packets_quiet; /* drops by rules with log: false */
	__u64 internal;	     /* verdicts `internal`, also where no device was known */
	__u64 dns_questions; /* remembered */
	__u64 dns_answers;   /* met a question and were read to their end */
	__u64 dns_unasked;   /* answers that met no question: learned nothing */
	__u64 dns_unread;    /* answers that met a question and could not be read to their end */
	__u64 dns_learned;   /* addresses, new or renewed */
	__u64 dns_evicted;   /* addresses and names that gave way before their time */
	__u64 ring_full; /* ticks + 1: then it had no room for an event, and is not asked again in this tick; no count */
};
_Static_assert(sizeof(struct rf_totals) == 112, "rf_totals");

/* What user space needs to name a device with the daemon dead. By bank? No: by device index, written before the flip. */
#define RF_NAME_MAX 64
struct rf_device_info {
	char name[RF_NAME_MAX];	   /* "" if the index is free */
	char profile[RF_NAME_MAX]; /* as in the policy, not the compiled instance */
	__u8 mode;
	__u8 reserved[7];
};
_Static_assert(sizeof(struct rf_device_info) == 136, "rf_device_info");

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

#define RF_RULE_NONE 0xffffffffU

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

#define RF_DEVICE_NONE 0xffffffffU

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
