// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns_fragments.c - see dns_fragments.h.
 */
#include "dns_fragments.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../common/addr.h"

#define UDP_HEADER 8

int dns_fragments_init(struct dns_fragments *fragments, dns_datagram_fn message, void *context)
{
	*fragments = (struct dns_fragments){.message = message, .context = context};
	fragments->items = calloc(DNS_FRAGMENTS_MAX, sizeof(*fragments->items));
	return fragments->items ? 0 : -ENOMEM;
}

static void datagram_end(struct dns_datagram *datagram)
{
	free(datagram->bytes);
	*datagram = (struct dns_datagram){0};
}

void dns_fragments_free(struct dns_fragments *fragments)
{
	for (size_t i = 0; fragments->items && i < DNS_FRAGMENTS_MAX; i++)
		datagram_end(&fragments->items[i]);
	free(fragments->items);
	*fragments = (struct dns_fragments){0};
}

/* It is over before it was whole: counted if it was an answer. */
static void datagram_give_up(struct dns_fragments *fragments, struct dns_datagram *datagram)
{
	if (datagram->used && datagram->begun && !datagram->dead)
		fragments->broken++;
	datagram_end(datagram);
}

/* It stays, so that what follows of it does not begin a new one. */
static void datagram_kill(struct dns_fragments *fragments, struct dns_datagram *datagram)
{
	if (datagram->begun && !datagram->dead)
		fragments->broken++;
	datagram->dead = true;
	free(datagram->bytes);
	datagram->bytes = NULL;
	datagram->room = datagram->have = datagram->n_pieces = 0;
}

/*
 * Of one datagram: what the receiver puts together by, and who sent it how. Of a first fragment the packet programs know that nobody but the resolver
 * sent it (port 53); a later one could be of a device that uses the resolver's address.
 */
static bool belongs(const struct rf_segment *a, const struct rf_segment *b)
{
	return a->state == b->state && a->mac == b->mac && a->id == b->id && a->remote_mac == b->remote_mac &&
	       a->entered == b->entered && a->vlan == b->vlan && addr_wire_equal(&a->remote, &b->remote) &&
	       addr_wire_equal(&a->local, &b->local);
}

static struct dns_datagram *datagram_find(const struct dns_fragments *fragments, const struct rf_segment *segment)
{
	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++) {
		struct dns_datagram *datagram = &fragments->items[i];

		if (datagram->used && belongs(&datagram->who, segment))
			return datagram;
	}
	return NULL;
}

/* A place: the device's own oldest if it has its share, else a free one, else the oldest of all. */
static struct dns_datagram *datagram_place(const struct dns_fragments *fragments, uint32_t state)
{
	struct dns_datagram *own = NULL, *oldest = fragments->items, *free_one = NULL;
	size_t n_own = 0;

	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++) {
		struct dns_datagram *datagram = &fragments->items[i];

		if (!datagram->used) {
			free_one = datagram;
			continue;
		}
		if (datagram->since < oldest->since)
			oldest = datagram;
		if (datagram->who.state != state)
			continue;
		n_own++;
		if (!own || datagram->since < own->since)
			own = datagram;
	}
	if (n_own >= DNS_FRAGMENTS_DEVICE_MAX)
		return own;
	return free_one ? free_one : oldest;
}

static struct dns_datagram *datagram_of(struct dns_fragments *fragments, const struct rf_segment *segment)
{
	struct dns_datagram *datagram = datagram_find(fragments, segment);

	if (datagram)
		return datagram;
	datagram = datagram_place(fragments, segment->state);
	datagram_give_up(fragments, datagram);
	*datagram = (struct dns_datagram){.used = true, .who = *segment, .since = segment->now_ticks};
	return datagram;
}

/* Does it fit beside what is there? Nothing twice, also not the same: which of two the device keeps is not known. */
static bool piece_fits(const struct dns_datagram *datagram, const struct rf_segment *segment)
{
	const bool first = segment->fragment & RF_SEGMENT_FIRST, last = segment->fragment & RF_SEGMENT_LAST;
	const uint32_t off = segment->off, end = off + segment->len;

	if (!segment->len || segment->len != segment->total || off > DNS_FRAGMENTS_BYTES_MAX ||
	    end > DNS_FRAGMENTS_BYTES_MAX || datagram->n_pieces == DNS_FRAGMENTS_PIECES_MAX)
		return false;
	if (first != !off || (first && (last || segment->len < UDP_HEADER)) || off % 8 || (!last && segment->len % 8))
		return false;
	if (datagram->total && (last || end > datagram->total))
		return false;
	for (size_t i = 0; i < datagram->n_pieces; i++) {
		if (off < datagram->pieces[i].end && datagram->pieces[i].off < end)
			return false;
		if (last && datagram->pieces[i].end > end)
			return false;
	}
	return true;
}

/* 0, or -ENOMEM. */
static int piece_add(struct dns_datagram *datagram, const struct rf_segment *segment, const uint8_t *bytes)
{
	const uint32_t off = segment->off, end = off + segment->len;

	if (end > datagram->room) {
		uint8_t *grown = realloc(datagram->bytes, end);

		if (!grown)
			return -ENOMEM;
		datagram->bytes = grown;
		datagram->room = end;
	}
	memcpy(datagram->bytes + off, bytes, segment->len);
	datagram->pieces[datagram->n_pieces].off = off;
	datagram->pieces[datagram->n_pieces++].end = end;
	datagram->have += segment->len;
	if (segment->fragment & RF_SEGMENT_LAST)
		datagram->total = end;
	return 0;
}

static uint64_t sum_of(const uint8_t *bytes, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	return sum;
}

static uint64_t sum_of_addr(const struct rf_addr *addr)
{
	uint64_t sum = 0;

	for (int shift = 0; shift < 64; shift += 16)
		sum += (addr->hi >> shift & 0xffff) + (addr->lo >> shift & 0xffff);
	return sum;
}

/* RFC 768, RFC 8200 8.1: that an IPv4 address stands here as ::ffff:a.b.c.d adds 0xffff, which is 0. */
static bool checksum_holds(const struct dns_datagram *datagram)
{
	const bool v4 = !datagram->who.remote.hi && datagram->who.remote.lo >> 32 == 0xffff;
	uint64_t sum = IPPROTO_UDP + datagram->total + sum_of(datagram->bytes, datagram->total) +
		       sum_of_addr(&datagram->who.remote) + sum_of_addr(&datagram->who.local);

	if (!datagram->bytes[6] && !datagram->bytes[7])
		return v4; /* none was made; IPv6 wants one */
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* All of it is there. Is it the one datagram that its header says it is? */
static bool datagram_holds(const struct dns_datagram *datagram)
{
	const size_t says = (size_t)datagram->bytes[4] << 8 | datagram->bytes[5];

	return says == datagram->total && checksum_holds(datagram);
}

void dns_fragments_take(struct dns_fragments *fragments, const struct rf_segment *segment, const uint8_t *bytes)
{
	struct dns_datagram *datagram = datagram_of(fragments, segment);

	if (segment->fragment & RF_SEGMENT_FIRST && !datagram->begun) {
		datagram->begun = true;
		datagram->who = *segment;
		fragments->broken += datagram->dead; /* only now it is known to be an answer */
	}
	if (datagram->dead)
		return;
	if (!piece_fits(datagram, segment) || piece_add(datagram, segment, bytes)) {
		datagram_kill(fragments, datagram);
		return;
	}
	if (!datagram->begun || !datagram->total || datagram->have < datagram->total)
		return;
	if (datagram_holds(datagram)) {
		fragments->message(fragments->context, &datagram->who, datagram->bytes + UDP_HEADER,
				   datagram->total - UDP_HEADER);
		datagram_end(datagram);
	} else {
		datagram_kill(fragments, datagram);
	}
}

void dns_fragments_expire(struct dns_fragments *fragments, uint64_t now, uint32_t hz)
{
	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++) {
		struct dns_datagram *datagram = &fragments->items[i];

		if (datagram->used && datagram->since + (uint64_t)hz * DNS_FRAGMENTS_LIFE_S < now)
			datagram_give_up(fragments, datagram);
	}
}
