/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * receiver.h - a plain receiver of UDP in IP fragments, for fuzz_fragments: it keeps every piece that it was sent and looks at all of them anew each time.
 *
 * Must share no code with what it is held against.
 */
#ifndef TESTS_FUZZ_RECEIVER_H
#define TESTS_FUZZ_RECEIVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../user/daemon/dns_fragments.h"

#define UDP_HEADER 8
#define KEPT_PIECES (DNS_FRAGMENTS_PIECES_MAX + 1)

struct piece {
	struct rf_segment segment;
	uint8_t *bytes;
};

/* All that the plain receiver was sent of one datagram. */
struct kept {
	struct rf_segment who; /* of the piece that came first in time */
	uint64_t since;
	bool dead, asked;
	size_t slot; /* where the code under test has it */
	struct piece pieces[KEPT_PIECES];
	size_t n;
};

struct whole {
	size_t len;
	uint8_t bytes[DNS_FRAGMENTS_BYTES_MAX];
};

enum judgement { PARTS, WHOLE, NOTHING };

static inline bool is_same(const struct rf_segment *a, const struct rf_segment *b)
{
	return a->state == b->state && a->id == b->id && a->mac == b->mac && a->remote_mac == b->remote_mac &&
	       a->entered == b->entered && a->vlan == b->vlan && memcmp(&a->remote, &b->remote, 16) == 0 &&
	       memcmp(&a->local, &b->local, 16) == 0;
}

static inline bool is_last(const struct rf_segment *segment)
{
	return segment->fragment & RF_SEGMENT_LAST;
}

/* A piece that no sender of a datagram makes. */
static inline bool is_odd(const struct rf_segment *segment)
{
	const bool first = segment->fragment & RF_SEGMENT_FIRST;

	if (!segment->len || segment->len != segment->total || segment->off + segment->len > DNS_FRAGMENTS_BYTES_MAX)
		return true;
	if (segment->off % 8 || (segment->len % 8 && !is_last(segment)))
		return true;
	return first != (segment->off == 0) || (first && (is_last(segment) || segment->len < UDP_HEADER));
}

static inline void put_addr(uint8_t *to, const struct rf_addr *addr)
{
	for (int i = 0; i < 8; i++) {
		to[i] = (uint8_t)(addr->hi >> (56 - 8 * i));
		to[8 + i] = (uint8_t)(addr->lo >> (56 - 8 * i));
	}
}

static inline uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Over the pseudo header as it is on the wire (RFC 768; RFC 8200 8.1) and the datagram; 0xffff: it holds. */
static inline uint32_t sum_of(const struct rf_segment *who, const uint8_t *bytes, size_t len)
{
	const uint8_t end[4] = {0, IPPROTO_UDP, (uint8_t)(len >> 8), (uint8_t)len};
	const bool v4 = who->remote.hi == 0;
	uint8_t remote[16], local[16];
	uint32_t sum;

	put_addr(remote, &who->remote);
	put_addr(local, &who->local);
	sum = add_words(0, v4 ? remote + 12 : remote, v4 ? 4 : 16);
	sum = add_words(sum, v4 ? local + 12 : local, v4 ? 4 : 16);
	return add_words(add_words(sum, end, sizeof(end)), bytes, len);
}

static inline bool holds(const struct rf_segment *who, const uint8_t *bytes, size_t len)
{
	if (((size_t)bytes[4] << 8 | bytes[5]) != len)
		return false;
	if (!bytes[6] && !bytes[7])
		return who->remote.hi == 0;
	return sum_of(who, bytes, len) == 0xffff;
}

/* Of all pieces: is every byte there, once? They are in `whole' then. */
static inline enum judgement judge(const struct kept *kept, struct whole *whole)
{
	static uint8_t times[DNS_FRAGMENTS_BYTES_MAX /
			     8]; /* of each 8 bytes: every piece begins at such, and only the last ends within */
	size_t end = 0, lasts = 0, there = 0;

	memset(times, 0, sizeof(times));
	for (size_t i = 0; i < kept->n; i++) {
		const struct rf_segment *segment = &kept->pieces[i].segment;

		if (is_odd(segment))
			return NOTHING;
		for (size_t k = 0; k < segment->len; k += 8)
			if (times[(segment->off + k) / 8]++)
				return NOTHING;
		there += segment->len;
		if (is_last(segment)) {
			end = segment->off + segment->len;
			lasts++;
		}
	}
	for (size_t i = 0; i < kept->n && lasts; i++)
		if (kept->pieces[i].segment.off + kept->pieces[i].segment.len > end)
			return NOTHING;
	if (lasts > 1 || kept->n > DNS_FRAGMENTS_PIECES_MAX)
		return NOTHING;
	if (!lasts || there < end)
		return PARTS;
	for (size_t i = 0; i < kept->n; i++)
		memcpy(whole->bytes + kept->pieces[i].segment.off, kept->pieces[i].bytes, kept->pieces[i].segment.len);
	whole->len = end;
	return holds(&kept->who, whole->bytes, end) ? WHOLE : NOTHING;
}

#endif
