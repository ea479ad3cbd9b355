/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h - what the parsers found in a frame: struct rf_packet.
 *
 * Numbers are in host byte order. Filled by ethernet.h, ipv4.h, ipv6.h and l4.h in this order; read by everything that decides.
 */
#ifndef RF_PACKET_H
#define RF_PACKET_H

#include "abi.h"

enum rf_parse {
	RF_PARSE_OK,
	RF_PARSE_MALFORMED, /* short, inconsistent, or more than is read: nobody may pass it */
	RF_PARSE_RUNT,	    /* not even two MAC addresses */
};

enum rf_fragment {
	RF_FRAGMENT_NONE,  /* a whole packet; also IPv6 atomic fragments (RFC 6946) */
	RF_FRAGMENT_FIRST, /* ports are known */
	RF_FRAGMENT_LATER, /* ports are not */
};

#define RF_ETHERTYPE_LLC 0 /* 802.3: a length, then LLC */

#define RF_DNS_PORT 53

#define RF_TCP_FIN 0x01
#define RF_TCP_SYN 0x02
#define RF_TCP_RST 0x04
#define RF_TCP_PSH 0x08
#define RF_TCP_ACK 0x10

struct rf_packet {
	/* Whoever reads these knows by what follows that they were set: packet_reset() leaves them. */
	struct rf_addr claimed; /* ARP sender, ND target: what it says is its own */
	__u32 l3_off;
	__u32 l4_off;
	__u32 l4_len; /* bytes from l4_off that IP counts */
	__u32 fragment_id;
	__u32 cursor; /* of a parser that walks options; verifier: read back each step, so that the steps look alike */
	__u32 fragment_off; /* of a later one, in the datagram */
	/* 0 where the frame does not say it. */
	__u64 src_mac; /* 48 bits, the first byte on the wire is the most significant */
	__u64 dst_mac;
	struct rf_addr src;
	struct rf_addr dst;
	__u16 ethertype; /* RF_ETHERTYPE_LLC for 802.3 */
	__u16 vlan;	 /* VID of the outer tag; 0: none, or a priority tag */
	__u16 sport;	 /* tcp, udp, sctp; else 0 */
	__u16 dport;
	__u16 icmp_id; /* of echo and echo reply */
	__u8 l3;       /* 4, 6; 0: no IP */
	__u8 proto;
	__u8 tags; /* with a VID */
	__u8 fragment;
	__u8 tcp_flags;
	__u8 icmp_type; /* ICMP in IPv4, ICMPv6 in IPv6, IGMP; else 0 */
	__u8 icmp_code;
	__u8 is_icmp;
	__u8 hop_limit;
	__u8 has_quoted;      /* an ICMP error about judgement.quoted */
	__u8 link;	      /* enum rf_link_claim */
	__u8 fragment_header; /* IPv6: one was read, of an atomic fragment, too */
	__u8 fragment_last;   /* of a later one: no more behind it */
	__u8 answers;	      /* of a later one: its first was handed to user space, see dns_fragment.h */
};
_Static_assert(sizeof(struct rf_packet) == 112 && __builtin_offsetof(struct rf_packet, src_mac) == 40, "words");

/* What ARP, ND and LLC frames say about who sent them. */
enum rf_link_claim {
	RF_LINK_PLAIN,
	RF_LINK_OTHER_MAC, /* names another MAC than the frame's source */
	RF_LINK_WRAPS_IP,  /* LLC/SNAP around a protocol that rules would have to see */
};

/* Who is judged: the device of the source MAC, or of the destination MAC of a frame to it. */
struct rf_subject {
	__u64 mac;
	__u32 device; /* index of its counters; 0 for every unknown device */
	__u32 state;  /* index of its rows: unknown devices share RF_UNKNOWN_DEVICES of them */
	__u32 profile;
	__u8 mode;  /* enum rf_mode */
	__u8 flags; /* enum rf_device_flags */
	__u8 reserved[2];
};

/* What rules are matched against: of a packet, or of the packet that a connection began with. Ports as in that packet. */
struct rf_query {
	struct rf_addr remote;
	__u64 remote_mac;
	__u32 profile;
	__u16 sport;
	__u16 dport; /* of ICMP: its type */
	__u8 proto;
	__u8 set; /* enum rf_rule_set */
	__u8 reserved[6];
};

struct rf_match {
	__u32 id;
	__u8 reason; /* RF_REASON_INTERNAL: a table is inconsistent */
	__u8 flags;
	__u8 reserved[2];
	__u64 known; /* hash of the name under which it matched; 0: not by a name */
};

/* A connection row's key; see state.h. */
struct rf_conn {
	struct rf_addr remote;
	__u32 id; /* remote port << 16 | device's port; echo id; fragment id */
	__u8 proto;
	__u8 kind;
	__u8 tcp_flags; /* of the packet in hand */
	__u8 by_opener; /* the packet in hand */
	__u8 asks;	/* only asks: refreshes nothing */
	__u8 marks;	/* enum rf_conn_flags that the packet adds */
	__u8 reserved[6];
};

/* What a connection's rows of both sides are found by: its tag is this of both halves, see conn_tag() in state.h. */
struct rf_conn_key {
	__u64 remote;
	__u64 all;
};

/* A verdict on its way out. */
struct rf_outcome {
	__u8 verdict;
	__u8 reason; /* the reason given; in monitor mode RF_REASON_WOULD_DROP */
	__u8 cause;  /* the reason that it has, or would have had */
	__u8 quiet;  /* log: false */
	__u32 rule;
	__u64 known; /* as in struct rf_match */
};

/* The frame's flow, see flow.h. */
struct rf_flow_hand {
	__u64 key[4];	    /* if is_plain */
	struct rf_addr src; /* of IPv6, which the key does not hold */
	__u64 ticks;
	__u64 fold;   /* the key that it folds under, if told says so */
	__u32 place;  /* of the flow, in all tables */
	__u32 epoch;  /* of the device's state before the frame was judged */
	__u32 misses; /* frames in a row whose flow was not known: kept from frame to frame, see flow_is_worth_it() */
	__u8 told;    /* enum rf_told, as of the next frame */
	__u8 said;    /* what its flow says; RF_REASON_NONE: nothing */
	__u8 is_plain;
	__u8 has_epoch;
	__u8 again; /* not the first frame that this tick sees of its row: more may come */
};

/*
 * One frame's judgement: all that its stages work on and hand to each other. In the kernel it is a per-CPU map value, not the stack.
 * verifier: what is read back from a map is an unknown number, so that the paths of one stage meet again in the next; on the
 * stack each of them would be followed through everything that comes after, which no kernel accepts.
 */
/* What is told in an event: packets << RF_FOLD_SHIFT | bytes, and when the first and the last of them were. */
struct rf_fold_sum {
	__u64 count;
	__u64 first_ticks;
	__u64 last_ticks;
};

struct rf_judgement {
	__u64 home; /* the seam's own; the engine natively */
	__u32 len;  /* bytes on the wire, padding included */
	__u32 ifindex;
	__u8 direction; /* enum rf_direction */
	__u8 status;	/* enum rf_parse */
	__u8 bank;	/* 0 or 1: read once a frame */
	__u8 usable;	/* the query's remote, under a DNS name: see match_names() */
	__u8 way;	/* of a set: see conn_look(), fold_slot() */
	__u8 reserved[3];
	__u16 segment_len; /* bytes in struct rf_dns that user space is to read; 0: none */
	__u16 dns_len;	   /* bytes of a DNS message that were copied to struct rf_dns; 0: none */
	struct rf_flow_hand flow;
	struct rf_fold_sum sum;
	struct rf_packet packet;
	struct rf_outcome outcome;
	struct rf_subject subject;
	struct rf_query query;
	struct rf_match match;
	struct rf_match other; /* of a second list */
	struct rf_conn conn;
	struct rf_conn_key key;	 /* of the frame's own connection */
	struct rf_packet quoted; /* by an ICMP error: l3, proto, addresses, ports, icmp_* */
};

/*
 * The DNS message in hand and what was read of it. Offsets count from the message; masks keep them inside.
 */
#define RF_DNS_ROOM (2 * RF_DNS_MESSAGE_MAX)
#define RF_DNS_KNOWN_OFF                                                                                               \
	(RF_DNS_MESSAGE_MAX +                                                                                          \
	 64) /* behind the message: a name out of struct rf_known, to be read as one of a message is */

enum rf_notice {
	RF_NOTICE_EVICTED = 1 << 0, /* gone, under gone_name */
	RF_NOTICE_LEARNED = 1 << 1, /* addr */
};

struct rf_dns {
	struct rf_segment segment;     /* stands before what is handed to user space */
	__u8 message[RF_DNS_ROOM + 8]; /* slack: words are read, and checked by masks, not by length */
	__u64 label[RF_DNS_LABELS_MAX +
		    1];	     /* hashes: of each label of the name in hand; then of the suffix that begins with it */
	struct rf_addr gone; /* gave way: see evicted_tell() */
	struct rf_addr addr; /* being learned */
	__u64 gone_name;
	__u64 hash;	   /* of the name, see rf_name_label() */
	__u64 part;	   /* hash of the label in hand, as far as it was read */
	__u64 owner;	   /* hash of the name in hand, first to last label: only compared with others of its kind */
	__u64 current;	   /* the same of the name that the chain has reached */
	__u32 current_off; /* where that name stands in the message: a pointer to it needs no comparison */
	__u32 name_len;	   /* bytes of the name in wire format, without the root's zero */
	__u32 n_labels;
	__u32 cursor;
	__u32 left;  /* bytes of the label in hand */
	__u32 end;   /* behind the name in hand */
	__u32 limit; /* where the next pointer must point below */
	__u32 jumps;
	__u32 links;
	__u32 ttl;
	__u32 known;   /* as in struct rf_learned */
	__u32 way;     /* in the set in hand */
	__u32 notices; /* enum rf_notice: of the record in hand */
	__u32 gone_rule;
	__u32 chunk;
	__u32 flags; /* enum rf_name_flags */
	__u16 id;
	__u16 type;
	__u16 class;
	__u16 gone_known;
	__u16 reserved[2];
};

/* As before a frame was read. */
static __always_inline void packet_reset(struct rf_packet *packet)
{
	const __u32 from = __builtin_offsetof(struct rf_packet, src_mac);

	/* Aligned: by words, not by bytes, after which a load of a word would wait for each of them. */
	__builtin_memset(__builtin_assume_aligned((__u8 *)packet + from, 8), 0, sizeof(*packet) - from);
}

static __always_inline int rf_addr_equal(const struct rf_addr *a, const struct rf_addr *b)
{
	return a->lo == b->lo && a->hi == b->hi;
}

static __always_inline int rf_addr_is_v4(const struct rf_addr *addr)
{
	return !addr->hi && addr->lo >> 32 == 0xffff;
}

static __always_inline int rf_addr_is_multicast(const struct rf_addr *addr)
{
	return rf_addr_is_v4(addr) ? (__u32)addr->lo >> 28 == 0xe : addr->hi >> 56 == 0xff;
}

static __always_inline int reason_passes(__u8 reason)
{
	return reason >= RF_REASON_RULE && reason <= RF_REASON_UNPOLICED;
}

static __always_inline int mac_is_group(__u64 mac)
{
	return mac >> 40 & 1;
}

#endif
