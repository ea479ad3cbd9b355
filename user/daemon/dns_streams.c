// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns_streams.c - see dns_streams.h.
 */
#include "dns_streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/addr.h"

#define TCP_HEADER 20
#define TCP_SYN 0x02
#define TCP_ACK 0x10
#define LENGTH_BYTES 2 /* RFC 1035 4.2.2 */

int dns_streams_init(struct dns_streams *streams, dns_message_fn message, void *context)
{
	*streams = (struct dns_streams){.message = message, .context = context};
	streams->items = calloc(DNS_STREAMS_MAX, sizeof(*streams->items));
	return streams->items ? 0 : -ENOMEM;
}

static void stream_end(struct dns_stream *stream)
{
	for (int i = 0; i < RF_DIRECTION_COUNT; i++)
		free(stream->side[i].bytes);
	*stream = (struct dns_stream){0};
}

void dns_streams_free(struct dns_streams *streams)
{
	for (size_t i = 0; streams->items && i < DNS_STREAMS_MAX; i++)
		stream_end(&streams->items[i]);
	free(streams->items);
	*streams = (struct dns_streams){0};
}

static void stream_kill(struct dns_streams *streams, struct dns_stream *stream)
{
	if (!stream->dead)
		streams->broken++;
	stream->dead = true;
	stream->n_questions = 0;
	for (int i = 0; i < RF_DIRECTION_COUNT; i++) {
		free(stream->side[i].bytes);
		stream->side[i] = (struct dns_side){0};
	}
}

static struct dns_stream *stream_find(const struct dns_streams *streams, const struct rf_segment *segment,
				      uint16_t port)
{
	for (size_t i = 0; i < DNS_STREAMS_MAX; i++) {
		struct dns_stream *stream = &streams->items[i];

		if (stream->used && stream->state == segment->state && stream->port == port &&
		    addr_wire_equal(&stream->remote, &segment->remote) &&
		    addr_wire_equal(&stream->local, &segment->local))
			return stream;
	}
	return NULL;
}

/* A place: the device's own oldest if it has its share, else a free one, else the oldest of all. */
static struct dns_stream *stream_place(const struct dns_streams *streams, uint32_t state)
{
	struct dns_stream *own = NULL, *oldest = streams->items, *free_one = NULL;
	size_t n_own = 0;

	for (size_t i = 0; i < DNS_STREAMS_MAX; i++) {
		struct dns_stream *stream = &streams->items[i];

		if (!stream->used) {
			free_one = stream;
			continue;
		}
		if (stream->last < oldest->last)
			oldest = stream;
		if (stream->state != state)
			continue;
		n_own++;
		if (!own || stream->last < own->last)
			own = stream;
	}
	if (n_own >= DNS_STREAMS_DEVICE_MAX)
		return own;
	return free_one ? free_one : oldest;
}

static struct dns_stream *stream_new(struct dns_streams *streams, const struct rf_segment *segment, uint16_t port)
{
	struct dns_stream *stream = stream_find(streams, segment, port);

	if (!stream)
		stream = stream_place(streams, segment->state);
	stream_end(stream);
	*stream = (struct dns_stream){
		.used = true,
		.state = segment->state,
		.remote = segment->remote,
		.local = segment->local,
		.port = port,
	};
	return stream;
}

/* Bytes that the message in hand has in all, its length included; what is not known yet is LENGTH_BYTES. */
static size_t side_wants(const struct dns_side *side)
{
	if (side->have < LENGTH_BYTES)
		return LENGTH_BYTES;
	return LENGTH_BYTES + (size_t)(side->bytes[0] << 8 | side->bytes[1]);
}

static int side_make_room(struct dns_side *side, size_t want)
{
	uint8_t *grown;

	if (want <= side->room)
		return 0;
	grown = realloc(side->bytes, want);
	if (!grown)
		return -ENOMEM;
	side->bytes = grown;
	side->room = want;
	return 0;
}

/* The next bytes of one side, in order. Negative: the connection is of no use. */
static int side_feed(struct dns_streams *streams, struct dns_stream *stream, const struct rf_segment *segment,
		     const uint8_t *bytes, size_t len)
{
	struct dns_side *side = &stream->side[segment->direction & 1];
	int r = 0;

	while (!r && len) {
		const size_t want = side_wants(side), need = want - side->have, n = len < need ? len : need;

		if (segment->direction == RF_DIRECTION_FROM && want > LENGTH_BYTES + DNS_STREAM_QUESTION_MAX)
			return -EMSGSIZE;
		r = side_make_room(side, want);
		if (r)
			return r;
		memcpy(side->bytes + side->have, bytes, n);
		side->have += n;
		bytes += n;
		len -= n;
		if (side->have == LENGTH_BYTES && side_wants(side) == LENGTH_BYTES)
			return -EBADMSG; /* an empty message */
		if (side->have < LENGTH_BYTES || side->have < side_wants(side))
			continue;
		r = streams->message(streams->context, stream, segment, side->bytes + LENGTH_BYTES,
				     side->have - LENGTH_BYTES);
		side->have = 0;
	}
	return r;
}

/* Bytes with their sequence number: what came already is left out, what is missing ends it. */
static int side_take(struct dns_streams *streams, struct dns_stream *stream, const struct rf_segment *segment,
		     uint32_t seq, const uint8_t *bytes, size_t len)
{
	struct dns_side *side = &stream->side[segment->direction & 1];
	const int64_t ahead = (int32_t)(seq - side->next);
	size_t behind;

	if (!side->begun || ahead > 0)
		return -EPIPE;
	behind = (size_t)-ahead;
	if (behind >= len)
		return 0;
	side->next = seq + (uint32_t)len;
	return side_feed(streams, stream, segment, bytes + behind, len - behind);
}

struct tcp {
	uint16_t port; /* the device's */
	uint32_t seq;  /* of the first byte of data */
	uint8_t flags;
	size_t header;
};

static uint32_t be(const uint8_t *at, int n)
{
	uint32_t value = 0;

	for (int i = 0; i < n; i++)
		value = value << 8 | at[i];
	return value;
}

/* false: no whole TCP header. */
static bool read_tcp(const struct rf_segment *segment, const uint8_t *bytes, struct tcp *tcp)
{
	if (segment->len < TCP_HEADER)
		return false;
	*tcp = (struct tcp){
		.port = (uint16_t)be(bytes + (segment->direction == RF_DIRECTION_FROM ? 0 : 2), 2),
		.flags = bytes[13],
		.header = (size_t)(bytes[12] >> 4) * 4,
	};
	tcp->seq = be(bytes + 4, 4) + !!(tcp->flags & TCP_SYN);
	return tcp->header >= TCP_HEADER && tcp->header <= segment->len;
}

/* The connection of a segment's first piece. What began before we looked is kept as dead, so that it is counted once. */
static struct dns_stream *stream_of(struct dns_streams *streams, const struct rf_segment *segment,
				    const struct tcp *tcp)
{
	const bool opens = segment->direction == RF_DIRECTION_FROM && (tcp->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	struct dns_stream *stream = opens ? NULL : stream_find(streams, segment, tcp->port);
	struct dns_side *side;

	if (!stream) {
		stream = stream_new(streams, segment, tcp->port);
		if (!opens)
			stream_kill(streams, stream);
	}
	side = &stream->side[segment->direction & 1];
	if (tcp->flags & TCP_SYN && !side->begun && !stream->dead) {
		side->begun = true;
		side->next = tcp->seq;
	}
	stream->last = segment->now_ticks;
	return stream;
}

/* Does it go on where the piece before ended? */
static bool follows(const struct rf_segment *before, const struct rf_segment *segment)
{
	return before->off + before->len == segment->off && before->state == segment->state &&
	       before->total == segment->total && before->direction == segment->direction &&
	       before->port == segment->port && before->id == segment->id &&
	       addr_wire_equal(&before->remote, &segment->remote) && addr_wire_equal(&before->local, &segment->local);
}

void dns_streams_take(struct dns_streams *streams, const struct rf_segment *segment, const uint8_t *bytes)
{
	struct dns_stream *stream = streams->piece_stream;
	struct tcp tcp = {0};

	if (!segment->off) {
		streams->piece_stream = NULL; /* else what follows of this one would go on with the one before */
		if (!read_tcp(segment, bytes, &tcp))
			return;
		stream = stream_of(streams, segment, &tcp);
		streams->piece_stream = stream;
		streams->piece_seq = tcp.seq - (uint32_t)tcp.header;
	} else if (!stream || !follows(&streams->piece, segment)) {
		return; /* the next segment of its connection finds the gap */
	}
	streams->piece = *segment;
	if (stream->dead || segment->len == tcp.header)
		return;
	if (side_take(streams, stream, segment, streams->piece_seq + segment->off + (uint32_t)tcp.header,
		      bytes + tcp.header, segment->len - tcp.header))
		stream_kill(streams, stream);
}

void dns_streams_expire(struct dns_streams *streams, uint64_t now, uint32_t hz)
{
	for (size_t i = 0; i < DNS_STREAMS_MAX; i++) {
		struct dns_stream *stream = &streams->items[i];

		if (stream->used && stream->last + (uint64_t)hz * DNS_STREAM_LIFE_S < now) {
			stream_end(stream);
			if (streams->piece_stream == stream)
				streams->piece_stream = NULL;
		}
	}
}

void dns_stream_ask(struct dns_stream *stream, uint16_t id, uint64_t name)
{
	if (stream->n_questions == DNS_STREAM_QUESTIONS) {
		memmove(&stream->questions[0], &stream->questions[1],
			sizeof(stream->questions) - sizeof(stream->questions[0]));
		stream->n_questions--;
	}
	stream->questions[stream->n_questions].id = id;
	stream->questions[stream->n_questions++].name = name;
}

bool dns_stream_answer(struct dns_stream *stream, uint16_t id, uint64_t name)
{
	for (size_t i = 0; i < stream->n_questions; i++) {
		if (stream->questions[i].id != id || stream->questions[i].name != name)
			continue;
		stream->questions[i] = stream->questions[--stream->n_questions];
		return true;
	}
	return false;
}
