/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_fragments.h - UDP answers of believed resolvers that came in IP fragments, put together (RFC 791 3.2, RFC 8200 4.5, RFC 5722).
 *
 * Given the fragments that the packet programs let pass and copied; gives whole messages. Of each the first fragment met a question of the device: without
 * one there is no message. Nothing is guessed: pieces that overlap or contradict each other, that came another way than the first, or a wrong checksum, and the
 * datagram gives nothing. Bounded; a device pushes out only its own while it has its share. Pure; time is the caller's.
 */
#ifndef DAEMON_DNS_FRAGMENTS_H
#define DAEMON_DNS_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"

/* Datagrams at a time: 4 MiB if all of them were of the longest. */
#define DNS_FRAGMENTS_MAX 256
/* Of one device: answers to an A and an AAAA question each of four names. */
#define DNS_FRAGMENTS_DEVICE_MAX 8
/* With the UDP header. Resolvers offer 4096 and less; what is longer they truncate. */
#define DNS_FRAGMENTS_BYTES_MAX 16384
/* Of one datagram: the longest in the smallest packets that IPv4 promises to carry whole (576 bytes). */
#define DNS_FRAGMENTS_PIECES_MAX 32
/* They leave the resolver one behind the other, and an IPv4 id may come again within a minute: less than the RF_LIFE_FRAGMENT_S in which they pass. */
#define DNS_FRAGMENTS_LIFE_S 5

struct dns_datagram {
	bool used;
	bool dead;	       /* gives nothing, whatever follows */
	bool begun;	       /* its first fragment came */
	struct rf_segment who; /* that one; until then the one that came before it */
	uint8_t *bytes;
	size_t room, have, total; /* total 0: the last fragment did not come yet */
	struct {
		uint32_t off, end;
	} pieces[DNS_FRAGMENTS_PIECES_MAX];
	size_t n_pieces;
	uint64_t since; /* ticks, as in struct rf_segment */
};

/* A whole message, from the DNS header on, and its first fragment. Lent. */
typedef void (*dns_datagram_fn)(void *context, const struct rf_segment *first, const uint8_t *message, size_t len);

struct dns_fragments {
	struct dns_datagram *items; /* DNS_FRAGMENTS_MAX of them */
	uint64_t broken;	    /* datagrams that met a question and gave nothing */
	dns_datagram_fn message;
	void *context;
};

/* 0 or -ENOMEM. */
int dns_fragments_init(struct dns_fragments *fragments, dns_datagram_fn message, void *context);
void dns_fragments_free(struct dns_fragments *fragments);

/* A fragment as the datapath sends it (segment->fragment is not 0), in any order: two CPUs may be at one datagram. */
void dns_fragments_take(struct dns_fragments *fragments, const struct rf_segment *segment, const uint8_t *bytes);

/* Forget what did not become whole within DNS_FRAGMENTS_LIFE_S. now: ticks; hz: of them a second. */
void dns_fragments_expire(struct dns_fragments *fragments, uint64_t now, uint32_t hz);

#endif
