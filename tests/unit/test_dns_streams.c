// SPDX-License-Identifier: GPL-2.0-only
/* user/daemon/dns_streams.c: messages in order, nothing after a gap, bounds by device, answers only to questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/daemon/dns_streams.h"

#define SYN 0x02
#define ACK 0x10

struct seen {
	unsigned int n;
	size_t len;
	uint8_t last[1024];
};

static int take(void *context, struct dns_stream *stream, const struct rf_segment *segment, const uint8_t *message,
		size_t len)
{
	struct seen *seen = context;

	(void)stream;
	(void)segment;
	seen->n++;
	seen->len = len;
	memcpy(seen->last, message, len < sizeof(seen->last) ? len : sizeof(seen->last));
	return 0;
}

/* A segment of state 70's (or another's) connection from port 1000 + `port`, cut into pieces of `cut` bytes. */
static void send_cut(struct dns_streams *streams, uint32_t state, enum rf_direction direction, uint32_t seq,
		     const char *data, size_t cut)
{
	const size_t len = data ? 20 + strlen(data + 2) + 2 : 20;
	const uint8_t flags = data ? ACK : direction == RF_DIRECTION_FROM ? SYN : SYN | ACK;
	uint8_t bytes[256] = {[0] = 3, [1] = 232, [2] = 3, [3] = 232, [12] = 0x50, [13] = flags};
	struct rf_segment segment = {.state = state,
				     .direction = (uint8_t)direction,
				     .total = (uint32_t)len,
				     .now_ticks = 1,
				     .port = 1000,
				     .id = seq};

	for (int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(seq >> (24 - 8 * i));
	if (data)
		memcpy(bytes + 20, data, len - 20);
	for (size_t off = 0; off < len; off += cut) {
		segment.off = (uint32_t)off;
		segment.len = (uint16_t)(len - off < cut ? len - off : cut);
		dns_streams_take(streams, &segment, bytes + off);
	}
}

static void send(struct dns_streams *streams, enum rf_direction direction, uint32_t seq, const char *data)
{
	send_cut(streams, 70, direction, seq, data, 256);
}

static void open_both(struct dns_streams *streams)
{
	send(streams, RF_DIRECTION_FROM, 99, NULL);
	send(streams, RF_DIRECTION_TO, 0xfffffffdU, NULL);
}

static void test_order(void **state)
{
	struct seen seen = {0};
	struct dns_streams streams;

	(void)state;
	assert_int_equal(dns_streams_init(&streams, take, &seen), 0);
	open_both(&streams);
	send(&streams, RF_DIRECTION_FROM, 100, "\0\5hello");
	assert_int_equal(seen.n, 1);
	assert_memory_equal(seen.last, "hello", 5);
	send(&streams, RF_DIRECTION_FROM, 100, "\0\5hello"); /* again: told once */
	assert_int_equal(seen.n, 1);
	/* In three pieces of the frame, over the end of the sequence numbers, and two messages in one segment's wake. */
	send_cut(&streams, 70, RF_DIRECTION_TO, 0xfffffffeU, "\0\10abcdefgh", 24);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.len, 8);
	send(&streams, RF_DIRECTION_TO, 8, "\0\6ab");
	assert_int_equal(seen.n, 2);
	send(&streams, RF_DIRECTION_TO, 10, "abcdef"); /* the first two bytes came before */
	assert_int_equal(seen.n, 3);
	assert_memory_equal(seen.last, "abcdef", 6);
	assert_int_equal(streams.broken, 0);
	dns_streams_free(&streams);
}

static void test_gap(void **state)
{
	struct seen seen = {0};
	struct dns_streams streams;

	(void)state;
	assert_int_equal(dns_streams_init(&streams, take, &seen), 0);
	open_both(&streams);
	send(&streams, RF_DIRECTION_TO, 0xffffffffU, "\0\5hello");
	send(&streams, RF_DIRECTION_TO, 0xfffffffeU, "\0\5hello");
	assert_int_equal(seen.n, 0);
	assert_int_equal(streams.broken, 1);
	open_both(&streams); /* a new connection of the same ports */
	send(&streams, RF_DIRECTION_FROM, 100, "\0\0xx");
	assert_int_equal(seen.n, 0);
	assert_int_equal(streams.broken, 2);
	dns_streams_free(&streams);
}

/* One connection of two whose segments' pieces come mixed, as two CPUs hand them over: of the same device, resolver and length. */
struct mixed {
	struct rf_segment segment;
	uint8_t bytes[44];
};

static struct mixed mixed(uint16_t port, uint32_t seq, uint8_t flags, const char *data)
{
	struct mixed mixed = {
		.segment = {.state = 70, .direction = RF_DIRECTION_TO, .now_ticks = 1, .port = port, .id = seq},
		.bytes = {[2] = (uint8_t)(port >> 8),
			  [3] = (uint8_t)port,
			  [7] = (uint8_t)seq,
			  [12] = 0x50,
			  [13] = flags},
	};

	mixed.segment.total = data ? sizeof(mixed.bytes) : 20;
	if (data)
		memcpy(mixed.bytes + 20, data, 24);
	return mixed;
}

static void mixed_send(struct dns_streams *streams, struct mixed *mixed, uint32_t off, uint16_t len)
{
	mixed->segment.off = off;
	mixed->segment.len = len;
	dns_streams_take(streams, &mixed->segment, mixed->bytes + off);
}

static void mixed_open(struct dns_streams *streams, uint16_t port)
{
	struct mixed syn = mixed(port, 9, SYN | ACK, NULL);
	struct mixed from = syn;

	from.segment.direction = RF_DIRECTION_FROM;
	from.bytes[0] = syn.bytes[2];
	from.bytes[1] = syn.bytes[3];
	from.bytes[13] = SYN;
	mixed_send(streams, &from, 0, 20);
	mixed_send(streams, &syn, 0, 20);
}

static void test_mixed_pieces(void **state)
{
	struct mixed a = mixed(1000, 10, ACK, "\0\26aaaaaaaaaaaaaaaaaaaaaa"),
		     b = mixed(1001, 10, ACK, "\0\26bbbbbbbbbbbbbbbbbbbbbb");
	struct mixed later = mixed(1001, 34, ACK, "\0\26cccccccccccccccccccccc");
	struct seen seen = {0};
	struct dns_streams streams;

	(void)state;
	assert_int_equal(dns_streams_init(&streams, take, &seen), 0);
	mixed_open(&streams, 1000);
	mixed_open(&streams, 1001);
	mixed_send(&streams, &a, 0, 32);
	mixed_send(&streams, &b, 0, 32);
	mixed_send(&streams, &a, 32, 12); /* not B's, though it would fit */
	assert_int_equal(seen.n, 0);
	mixed_send(&streams, &later, 32, 12); /* of B's connection, but of another segment */
	assert_int_equal(seen.n, 0);
	mixed_send(&streams, &b, 32, 12);
	assert_int_equal(seen.n, 1);
	assert_memory_equal(seen.last, "bbbbbbbbbbbbbbbbbbbbbb", 22);
	dns_streams_free(&streams);
}

/* A first piece that is no TCP header begins nothing, and ends what was in hand: what follows it is not what was missing there. */
static void test_header_that_lies(void **state)
{
	struct mixed a = mixed(1000, 10, ACK, "\0\26aaaaaaaaaaaaaaaaaaaaaa"), lies = a;
	struct seen seen = {0};
	struct dns_streams streams;

	(void)state;
	memset(lies.bytes + 20, 'x', 24);
	for (unsigned int header = 0; header <= 0xf0; header += 0x10) {
		if (header >= 0x50 && header <= 0x80)
			continue; /* 20 to 32 bytes, which are there */
		lies.bytes[12] = (uint8_t)header;
		assert_int_equal(dns_streams_init(&streams, take, &seen), 0);
		mixed_open(&streams, 1000);
		mixed_send(&streams, &a, 0, 32); /* the piece from 32 on is lost */
		mixed_send(&streams, &lies, 0, 32);
		mixed_send(&streams, &lies, 32, 12);
		assert_int_equal(seen.n, 0);
		dns_streams_free(&streams);
	}
}

static void test_unseen_beginning(void **state)
{
	struct seen seen = {0};
	struct dns_streams streams;

	(void)state;
	assert_int_equal(dns_streams_init(&streams, take, &seen), 0);
	send(&streams, RF_DIRECTION_FROM, 100, "\0\5hello");
	send(&streams, RF_DIRECTION_FROM, 107, "\0\5hello");
	assert_int_equal(seen.n, 0);
	assert_int_equal(streams.broken, 1);
	dns_streams_expire(&streams, 1000000, 100);
	for (size_t i = 0; i < DNS_STREAMS_MAX; i++)
		assert_false(streams.items[i].used);
	dns_streams_free(&streams);
}

static void test_answers(void **state)
{
	struct dns_stream stream = {0};

	(void)state;
	assert_false(dns_stream_answer(&stream, 1, 10));
	for (uint16_t id = 0; id <= DNS_STREAM_QUESTIONS; id++)
		dns_stream_ask(&stream, id, 10);
	assert_false(dns_stream_answer(&stream, 0, 10)); /* the oldest gave way */
	assert_false(dns_stream_answer(&stream, 1, 11));
	assert_true(dns_stream_answer(&stream, 1, 10));
	assert_false(dns_stream_answer(&stream, 1, 10));
	assert_true(dns_stream_answer(&stream, DNS_STREAM_QUESTIONS, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_mixed_pieces),
		cmocka_unit_test(test_header_that_lies),
		cmocka_unit_test(test_unseen_beginning),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests_name("dns_streams", tests, NULL, NULL);
}
