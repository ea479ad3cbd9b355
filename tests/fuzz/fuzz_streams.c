// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: DNS over TCP put together from segments (user/daemon/dns_streams.c): connections of some devices, their bytes in pieces, again, late, out of
 * order, with headers that lie, and time.
 *
 * What is given out is what a straight receiver would have read: this target keeps, for each side, the bytes in order from its SYN on, and holds each
 * message against them. No device has more than its share of connections, and none of them pushes out another's.
 * Room: user/daemon/dns_streams.c
 */
#include "fuzz.h"

#include <netinet/in.h>
#include <stdbool.h>

#include "../../user/daemon/dns_streams.h"

#define STATES 4
#define PORTS 4
#define STREAM_BYTES 4096 /* of one side that are followed */
#define STEPS_MAX 400
#define TCP_HEADER 20
#define SYN 0x02
#define ACK 0x10
#define HZ 100
#define SEGMENT_MAX 2048

/* What one side said since its SYN, as a receiver sees it. */
struct side {
	bool begun;
	uint32_t first; /* sequence number of byte 0 */
	size_t have, given;
	uint8_t bytes[STREAM_BYTES];
};

struct connection {
	struct side side[RF_DIRECTION_COUNT];
};

/*
 * A segment in pieces of `cut` bytes, of which the one of number `skip` (from 1; 0: none) is lost on its way here; so are those behind it, or they
 * come too late.
 */
struct parcel {
	struct rf_segment segment;
	uint8_t bytes[TCP_HEADER + SEGMENT_MAX];
	size_t cut, skip;
};

struct story {
	struct dns_streams streams;
	struct connection connections[STATES][PORTS];
	uint64_t now;
	bool refuse; /* the reader refuses the next message */
	/* Pieces of a segment that come behind the first of another, as two CPUs hand them over: they belong to nothing. */
	struct parcel late;
};

static struct side *side_of(struct story *story, uint32_t state, uint16_t port, uint8_t direction)
{
	REQUIRE(state < STATES && port < PORTS && direction < RF_DIRECTION_COUNT);
	return &story->connections[state][port].side[direction];
}

static int take(void *context, struct dns_stream *stream, const struct rf_segment *segment, const uint8_t *message,
		size_t len)
{
	struct story *story = context;
	struct side *side = side_of(story, segment->state, stream->port, segment->direction);
	const uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};
	const uint16_t id = len >= 2 ? (uint16_t)(message[0] << 8 | message[1]) : 0;

	REQUIRE(stream->used && !stream->dead && stream->state == segment->state);
	REQUIRE(len && (segment->direction == RF_DIRECTION_TO || len <= DNS_STREAM_QUESTION_MAX));
	if (side->have == sizeof(side->bytes))
		return 0; /* not followed any further */
	REQUIRE(side->begun && side->given + 2 + len <= side->have);
	REQUIRE(memcmp(side->bytes + side->given, head, 2) == 0);
	REQUIRE(memcmp(side->bytes + side->given + 2, message, len) == 0);
	side->given += 2 + len;
	if (segment->direction == RF_DIRECTION_FROM)
		dns_stream_ask(stream, id, id);
	else if (dns_stream_answer(stream, id, id))
		REQUIRE(stream->n_questions < DNS_STREAM_QUESTIONS);
	REQUIRE(stream->n_questions <= DNS_STREAM_QUESTIONS);
	if (!story->refuse)
		return 0;
	story->refuse = false;
	return -1;
}

/* Bytes that follow what is there. */
static void note_bytes(struct side *side, uint32_t seq, const uint8_t *bytes, size_t len)
{
	const int32_t behind = (int32_t)(side->first + (uint32_t)side->have - seq);

	if (!side->begun || behind < 0 || (size_t)behind >= len)
		return;
	bytes += behind;
	len -= (size_t)behind;
	if (len > sizeof(side->bytes) - side->have)
		len = sizeof(side->bytes) - side->have;
	memcpy(side->bytes + side->have, bytes, len);
	side->have += len;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t header_of(const struct parcel *parcel)
{
	return (size_t)(parcel->bytes[12] >> 4) * 4;
}

static bool header_holds(const struct parcel *parcel)
{
	const size_t header = header_of(parcel);

	return header >= TCP_HEADER && header <= parcel->cut && header <= parcel->segment.total;
}

static void hand_over_piece(struct story *story, const struct parcel *parcel, size_t off)
{
	const size_t left = parcel->segment.total - off;
	struct rf_segment segment = parcel->segment;
	uint8_t *copy;

	segment.off = (uint32_t)off;
	segment.len = (uint16_t)(left < parcel->cut ? left : parcel->cut);
	copy = malloc(segment.len); /* of its own, so that a byte read beyond it is found */
	REQUIRE(copy);
	memcpy(copy, parcel->bytes + off, segment.len);
	dns_streams_take(&story->streams, &segment, copy);
	free(copy);
}

/* What was lost of the one before comes now, unless it says the same of itself as this one: then it is the same segment. */
static void hand_over_late(struct story *story, const struct parcel *parcel)
{
	const struct parcel *late = &story->late;

	if (!late->skip || late->skip == 1 || !header_holds(parcel))
		return;
	if (late->segment.state == parcel->segment.state && late->segment.direction == parcel->segment.direction &&
	    late->segment.port == parcel->segment.port && late->segment.id == parcel->segment.id)
		return;
	for (size_t off = (late->skip - 1) * late->cut; off < late->segment.total; off += late->cut)
		hand_over_piece(story, late, off);
	story->late.skip = 0;
}

static void hand_over(struct story *story, const struct parcel *parcel)
{
	for (size_t off = 0, n = 1; off < parcel->segment.total && n != parcel->skip; off += parcel->cut, n++) {
		hand_over_piece(story, parcel, off);
		if (n == 1)
			hand_over_late(story, parcel);
	}
	if (parcel->skip)
		story->late = *parcel;
}

/* Bytes of it that come before anything is missing. */
static size_t seen_of(const struct parcel *parcel)
{
	const size_t total = parcel->segment.total, before = (parcel->skip - 1) * parcel->cut;

	return parcel->skip && before < total ? before : total;
}

/* What a receiver of these pieces makes of them. */
static void note(struct story *story, const struct parcel *parcel, uint16_t port, uint32_t seq)
{
	const bool syn = parcel->bytes[13] & SYN, from = parcel->segment.direction == RF_DIRECTION_FROM;
	struct side *side = side_of(story, parcel->segment.state, port, parcel->segment.direction);
	const size_t header = header_of(parcel), seen = seen_of(parcel);

	if (!seen || !header_holds(parcel))
		return;
	if (syn && from)
		story->connections[parcel->segment.state][port] =
			(struct connection){0}; /* it begins anew, both ways */
	if (syn && !side->begun) {
		side->begun = true;
		side->first = seq + 1;
	}
	note_bytes(side, seq + syn, parcel->bytes + header, seen - header);
}

static void send_segment(struct story *story, struct food *food)
{
	const uint8_t who = food_8(food), how = food_8(food), direction = who >> 7;
	const uint16_t port = who / STATES % PORTS;
	struct parcel parcel = {
		.segment = {.state = who % STATES,
			    .direction = direction,
			    .proto = IPPROTO_TCP,
			    .now_ticks = story->now,
			    .remote.lo = 1,
			    .local.lo = 100 + who % STATES},
		.bytes = {[12] = 5 << 4, [13] = how & 1 ? direction == RF_DIRECTION_TO ? SYN | ACK : SYN : ACK},
	};
	const struct side *side = side_of(story, who % STATES, port, direction);
	uint32_t seq = side->first + (uint32_t)side->have;
	const uint8_t *data;
	size_t n;

	if (how & 2)
		seq += (uint32_t)(int8_t)food_8(food); /* again, or with a gap */
	if (how & 8)
		parcel.bytes[12] = food_8(food); /* a header length that lies */
	parcel.cut = how & 16 ? (size_t)TCP_HEADER + food_8(food) : sizeof(parcel.bytes);
	parcel.skip = how & 32 ? food_8(food) % 8 : 0;
	data = food_bytes(food, how & 4 ? food_16(food) % SEGMENT_MAX : food_8(food), &n);
	parcel.bytes[direction == RF_DIRECTION_FROM ? 1 : 3] = (uint8_t)port;
	put32(parcel.bytes + 4, seq);
	parcel.segment.port = port;
	parcel.segment.id = seq;
	memcpy(parcel.bytes + TCP_HEADER, data, n);
	parcel.segment.total = (uint32_t)(TCP_HEADER + n);
	note(story, &parcel, port, seq);
	hand_over(story, &parcel);
}

static void check_shares(const struct dns_streams *streams)
{
	size_t of_state[STATES] = {0};

	for (size_t i = 0; i < DNS_STREAMS_MAX; i++) {
		const struct dns_stream *stream = &streams->items[i];

		if (!stream->used)
			continue;
		REQUIRE(stream->state < STATES);
		REQUIRE(++of_state[stream->state] <= DNS_STREAMS_DEVICE_MAX);
		for (int side = 0; side < RF_DIRECTION_COUNT; side++)
			REQUIRE(stream->side[side].have <= stream->side[side].room);
		if (stream->dead)
			REQUIRE(!stream->side[0].bytes && !stream->side[1].bytes && !stream->n_questions);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story story; /* large */
	struct food food = {data, size};

	memset(&story, 0, sizeof(story));
	story.now = 1000;
	REQUIRE(!dns_streams_init(&story.streams, take, &story));
	for (int i = 0; i < STEPS_MAX && food.left; i++) {
		const uint8_t step = food_8(&food);

		if (step < 224) {
			send_segment(&story, &food);
		} else if (step < 240) {
			story.now += food_8(&food) * (HZ / 10);
			dns_streams_expire(&story.streams, story.now, HZ);
		} else {
			story.refuse = step & 1;
		}
		check_shares(&story.streams);
	}
	dns_streams_free(&story.streams);
	return 0;
}
