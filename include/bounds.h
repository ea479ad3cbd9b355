/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bounds.h - every number that bounds the datapath, with the reason for it.
 */
#ifndef RF_BOUNDS_H
#define RF_BOUNDS_H

/* Parsing. The same frame must be judged alike under XDP (linear) and TC (the head that was pulled). */
#define RF_HEAD_MAX 256	    /* no header starts beyond this offset: eth + 2 tags + IPv6 + 190 bytes of extensions */
#define RF_PULL_MAX 336	    /* RF_HEAD_MAX and the longest thing read there (an ICMPv6 error with its quoted header) */
#define RF_TAGS_MAX 2	    /* IEEE 802.1ad: one service tag, one customer tag */
#define RF_EXTENSIONS_MAX 8 /* RFC 8200 4.1 names seven kinds, each once, destination options twice */

/* Device table: buckets of one cache line, two choices; half full at most, so that building never fails. */
#define RF_BUCKET_SLOTS 4

/* Range tree: 8-way nodes of one cache line; 8^8 intervals are more than 2^20 prefixes can cut. */
#define RF_NODE_KEYS 7
#define RF_TREE_DEPTH 8

/*
 * Rules that may apply to one destination of one profile, after proto and port lists were multiplied out: 512, four times what the largest
 * MUD file has in all. The verifier follows each of them.
 */
#define RF_CHUNK_RULES 4
#define RF_CHUNKS_MAX 128
#define RF_CHUNKS_INLINE                                                                                               \
	4 /* lines of a list that are looked at without a call: 16 rules, as many as most profiles have */
#define RF_LIST_RULES_MAX (RF_CHUNK_RULES * RF_CHUNKS_MAX)

/* Per device. */
#define RF_IDENT_ADDRESSES 8
#define RF_IDENT_PORTS 4
#define RF_ETHERTYPES_MAX 8
#define RF_GATEWAYS_MAX 8
#define RF_RESOLVERS_MAX 8

/*
 * Connection rows of a device: sets of 8 ways, half of the sets for what the device opened, half for what was opened
 * to it, so that neither its peers nor the device can push the other's rows out. How many sets of these and of all that follow: sizing.h.
 */
#define RF_CONN_WAYS 8

/*
 * Numbers that rows are keyed with: two of names and questions; of the remote address four; of connections four for it once more, one for what else tells them
 * apart, one for who opened them; one of the MAC where rows are shared; one of folds.
 */
#define RF_SECRETS 14
#define RF_SECRET_REMOTE 2
#define RF_SECRET_CONN 6
#define RF_SECRET_MAC 12
#define RF_SECRET_FOLD 13

/* Folds of a device: sets of 3 destinations, a line each; a device that scans more is reported by its event budget. */
#define RF_FOLD_WAYS 3
#define RF_FOLD_HOME_BITS 3 /* of a hash: tell the set, of which a sizing may have so many as a power of two */
#define RF_FOLD_NEW_TICKS 3 /* what came just now may come again: else two that do would push out each other in turns */
#define RF_FOLD_INTERVAL_S 1  /* ringfence(8): later drops as a count at most once a second */
#define RF_EVENT_BUDGET 64    /* events a device may cause in one interval; the rest is counted as lost */
#define RF_SEGMENT_BUDGET 256 /* pieces of DNS over TCP in one interval: about 50 questions with their answers */

/* All unknown MACs share the first device indices; which one a MAC uses is a hash of it. Counters use index 0. */
#define RF_UNKNOWN_DEVICES 64

/*
 * DNS. A message that the datapath reads is one UDP datagram in one frame; larger ones come in fragments and are not read.
 */
#define RF_DNS_MESSAGE_MAX 2048 /* a power of two above the 1472 bytes that an Ethernet frame carries */
#define RF_DNS_QUESTION_MAX 288 /* header, name, type and class: all that is read of a question */
#define RF_DNS_NAME_MAX 255	/* RFC 1035 2.3.4, the root's zero included */
#define RF_DNS_LABEL_MAX 63
#define RF_DNS_LABELS_MAX 127  /* of two bytes each, in a name of that length */
#define RF_DNS_RECORDS_MAX 40  /* of the answer section; 32 are promised */
#define RF_DNS_LINKS_MAX 16    /* of a CNAME chain */
#define RF_DNS_POINTERS_MAX 16 /* that one name may follow, strictly backwards */
#define RF_DNS_SEGMENT_XDP                                                                                             \
	352 /* of a question over TCP, where XDP copies by words: longest TCP header, length, header, longest name; a multiple of 8 */
#define RF_DNS_SEGMENTS                                                                                                \
	8 /* pieces of RF_DNS_MESSAGE_MAX bytes in which one frame is handed to user space: 16 KiB, one GSO segment of dnsmasq or unbound */
#define RF_QUESTION_LIFE_S 20 /* resolvers give up after 5 to 15 s */
#define RF_QUESTION_WAYS 8
#define RF_FILTER_BITS 128 /* most devices talk to fewer addresses than this in all their life */
#define RF_LEARNED_WAYS 8
#define RF_KNOWN_WAYS 8
#define RF_TTL_MIN_S 60	   /* ringfence.yaml(5): at least 60 s; half of real answers have less than 300 */
#define RF_TTL_MAX_S 86400 /* RFC 8767 4: a day is long enough to trust any answer */

/*
 * Flows whose last verdict a CPU remembers for a tick: 1,024 of 64 bytes, in tables that per-CPU memory can hold (PCPU_MIN_UNIT_SIZE is 32 KiB).
 */
#define RF_FLOWS 256
#define RF_FLOW_TABLES 4
#define RF_FLOW_MISSES 64 /* in a row: a few dozen flows in turns are all found before it */
#define RF_FLOW_SAMPLE 8  /* of so many frames one looks then: a flow alone is seen within 16 of its frames */

/* Idle life of a connection, seconds. */
#define RF_LIFE_TCP_S 7440 /* RFC 5382 REQ-5: at least 2 h 4 min */
#define RF_LIFE_UDP_S 180  /* RFC 4787 REQ-5: at least 2 min */
#define RF_LIFE_ICMP_S 30  /* RFC 5508 REQ-1: at least 60 s for NATs; an answer to echo is not later than this */
#define RF_LIFE_OTHER_S 180
#define RF_LIFE_CLOSED_S 10   /* after RST, or FIN from both sides: for the last ACK and retransmissions */
#define RF_LIFE_FRAGMENT_S 30 /* Linux' own reassembly time (net.ipv4.ipfrag_time) */

#endif
