// SPDX-License-Identifier: GPL-2.0-only
/* user/daemon/dns_fragments.c: whole datagrams in any order of their pieces, nothing of those that contradict themselves, bounds by device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/daemon/dns_fragments.h"

#define BYTES 64 /* of the datagram that most tests cut */
#define HZ 100

struct seen {
	unsigned int n;
	size_t len;
	struct rf_segment who;
	uint8_t last[DNS_FRAGMENTS_BYTES_MAX];
};

struct story {
	struct dns_fragments fragments;
	struct seen seen;
	uint8_t datagram[DNS_FRAGMENTS_BYTES_MAX + 64];
	struct rf_segment who; /* what all pieces say of themselves */
};

static void take(void *context, const struct rf_segment *first, const uint8_t *message, size_t len)
{
	struct seen *seen = context;

	seen->n++;
	seen->who = *first;
	seen->len = len;
	memcpy(seen->last, message, len);
}

/* A datagram of `len` bytes with a checksum that holds, from 192.0.2.1 to 192.0.2.9, or over IPv6. */
static void make(struct story *story, size_t len, bool v6)
{
	uint32_t sum = 17 + (uint32_t)len;
	uint8_t *at = story->datagram;

	story->who = (struct rf_segment){.now_ticks = 1000,
					 .mac = 0x20000009901,
					 .remote_mac = 0x20000000001,
					 .state = 70,
					 .id = 7,
					 .entered = 3};
	story->who.remote = (struct rf_addr){v6 ? 0xfd00008800000000 : 0, v6 ? 1 : 0x0000ffffc0000201};
	story->who.local = (struct rf_addr){v6 ? 0xfd00008800000000 : 0, v6 ? 9 : 0x0000ffffc0000209};
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(i * 7 + i / 256);
	at[0] = at[6] = at[7] = 0;
	at[1] = 53;
	at[4] = (uint8_t)(len >> 8);
	at[5] = (uint8_t)len;
	sum += v6 ? 2 * (0xfd00 + 0x0088) + 1 + 9 : 2 * 0xc000 + 0x0201 + 0x0209;
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[6] = (uint8_t)(~sum >> 8);
	at[7] = (uint8_t)~sum;
}

static int begin(void **state)
{
	static struct story story; /* large */

	memset(&story, 0, sizeof(story));
	*state = &story;
	make(&story, BYTES, false);
	return dns_fragments_init(&story.fragments, take, &story.seen);
}

static int end(void **state)
{
	struct story *story = *state;

	dns_fragments_free(&story->fragments);
	return 0;
}

/* The bytes [off, until) of the datagram, flagged as the datapath does for one of `size` bytes. */
static void piece(struct story *story, size_t off, size_t until, size_t size)
{
	struct rf_segment segment = story->who;

	segment.off = (uint32_t)off;
	segment.len = (uint16_t)(until - off);
	segment.total = segment.len;
	segment.fragment = off ? RF_SEGMENT_LATER : RF_SEGMENT_FIRST;
	if (until == size)
		segment.fragment |= RF_SEGMENT_LAST;
	dns_fragments_take(&story->fragments, &segment, story->datagram + off);
}

static void whole(const struct story *story, unsigned int n, size_t size)
{
	assert_int_equal(story->seen.n, n);
	assert_int_equal(story->seen.len, size - 8);
	assert_memory_equal(story->seen.last, story->datagram + 8, size - 8);
}

static void test_any_order(void **state)
{
	static const size_t order[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	static const size_t cut[] = {0, 24, 40, BYTES};
	struct story *story = *state;

	for (size_t v6 = 0; v6 < 2; v6++) {
		make(story, BYTES, v6);
		for (size_t i = 0; i < 6; i++) {
			for (size_t k = 0; k < 3; k++) {
				assert_int_equal(story->seen.n, v6 * 6 + i);
				piece(story, cut[order[i][k]], cut[order[i][k] + 1], BYTES);
			}
			whole(story, (unsigned int)(v6 * 6 + i + 1), BYTES);
			assert_int_equal(story->seen.who.fragment, RF_SEGMENT_FIRST);
		}
	}
	assert_int_equal(story->fragments.broken, 0);
}

static void test_longest(void **state)
{
	const size_t most = DNS_FRAGMENTS_BYTES_MAX, step = most / DNS_FRAGMENTS_PIECES_MAX;
	struct story *story = *state;

	make(story, most, false);
	for (size_t off = 0; off < most; off += step)
		piece(story, off, off + step, most);
	whole(story, 1, most);
	/* One byte more, and one piece more. */
	make(story, most + 1, false);
	for (size_t off = 0; off < most; off += 2 * step)
		piece(story, off, off + 2 * step, most + 1);
	piece(story, most, most + 1, most + 1);
	assert_int_equal(story->fragments.broken, 1);
	make(story, 8 * (DNS_FRAGMENTS_PIECES_MAX + 1), false);
	story->who.id++;
	for (size_t off = 0; off <= (size_t)8 * DNS_FRAGMENTS_PIECES_MAX; off += 8)
		piece(story, off, off + 8, (size_t)8 * (DNS_FRAGMENTS_PIECES_MAX + 1));
	assert_int_equal(story->fragments.broken, 2);
	assert_int_equal(story->seen.n, 1);
}

static void test_overlap(void **state)
{
	struct story *story = *state;

	/* Whatever of it comes after: also all of it again. */
	piece(story, 0, 32, BYTES);
	piece(story, 24, 40, BYTES);
	assert_int_equal(story->fragments.broken, 1);
	for (size_t off = 0; off < BYTES; off += 32)
		piece(story, off, off + 32, BYTES);
	assert_int_equal(story->seen.n, 0);
	/* The same piece twice, and a first twice. */
	story->who.id++;
	piece(story, 32, 48, BYTES);
	piece(story, 32, 48, BYTES);
	piece(story, 0, 32, BYTES);
	piece(story, 48, BYTES, BYTES);
	story->who.id++;
	piece(story, 0, 32, BYTES);
	piece(story, 0, 32, BYTES);
	piece(story, 32, BYTES, BYTES);
	assert_int_equal(story->seen.n, 0);
}

static void test_contradictions(void **state)
{
	struct story *story = *state;

	piece(story, 0, 32, BYTES); /* two ends */
	piece(story, 40, 48, 48);
	piece(story, 48, BYTES, BYTES);
	piece(story, 32, 40, BYTES);
	story->who.id++; /* beyond the end */
	piece(story, 0, 32, BYTES);
	piece(story, 32, 48, 48);
	piece(story, 48, 56, BYTES);
	story->who.id++; /* an end before what is there */
	piece(story, 0, 32, BYTES);
	piece(story, 40, 48, BYTES);
	piece(story, 32, 40, 40);
	story->who.id++; /* not in steps of 8 */
	piece(story, 0, 30, BYTES);
	piece(story, 30, BYTES, BYTES);
	story->who.id++; /* shorter than its header says */
	piece(story, 0, 32, 56);
	piece(story, 32, 56, 56);
	assert_int_equal(story->fragments.broken, 5);
	story->who.id++; /* odd before the first came: only that one says that it is an answer */
	piece(story, 32, 47, BYTES);
	assert_int_equal(story->fragments.broken, 5);
	piece(story, 0, 32, BYTES);
	piece(story, 32, BYTES, BYTES);
	assert_int_equal(story->fragments.broken, 6);
	assert_int_equal(story->seen.n, 0);
}

static void test_checksum(void **state)
{
	struct story *story = *state;

	for (int v6 = 0; v6 < 2; v6++) {
		make(story, BYTES, v6);
		story->who.id = 20 + (uint32_t)v6;
		story->datagram[40] ^= 1;
		piece(story, 0, 32, BYTES);
		piece(story, 32, BYTES, BYTES);
		assert_int_equal(story->seen.n, v6);
		/* None at all: IPv4 allows it. */
		story->who.id += 10;
		story->datagram[6] = story->datagram[7] = 0;
		piece(story, 0, 32, BYTES);
		piece(story, 32, BYTES, BYTES);
		assert_int_equal(story->seen.n, 1);
	}
}

/* What came for another device, from elsewhere or with another id is not put behind the first; later pieces alone give nothing. */
static void test_strangers(void **state)
{
	struct story *story = *state;
	const struct rf_segment who = story->who;

	piece(story, 0, 32, BYTES);
	for (int i = 0; i < 7; i++) {
		story->who = who;
		story->who.id += i == 0;
		story->who.state += i == 1;
		story->who.mac += i == 2;
		story->who.remote_mac += i == 3;
		story->who.entered += i == 4;
		story->who.remote.lo += i == 5;
		story->who.local.lo += i == 6;
		piece(story, 32, BYTES, BYTES);
		assert_int_equal(story->seen.n, 0);
	}
	story->who = who;
	piece(story, 32, BYTES, BYTES);
	whole(story, 1, BYTES);
	assert_int_equal(story->fragments.broken, 0);
}

static void test_bounds(void **state)
{
	struct story *story = *state;
	size_t used = 0;

	story->who.state = 71;
	piece(story, 0, 32, BYTES);
	story->who.state = 70;
	for (uint32_t id = 100; id < 1000; id++) {
		story->who.id = id;
		story->who.now_ticks++;
		piece(story, 0, 32, BYTES);
	}
	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++)
		used += story->fragments.items[i].used;
	assert_int_equal(used, DNS_FRAGMENTS_DEVICE_MAX + 1);
	/* The newest of its own are there, and the other device's. */
	piece(story, 32, BYTES, BYTES);
	story->who.state = 71;
	story->who.id = 7;
	piece(story, 32, BYTES, BYTES);
	assert_int_equal(story->seen.n, 2);
}

static void test_time(void **state)
{
	struct story *story = *state;

	piece(story, 0, 32, BYTES);
	dns_fragments_expire(&story->fragments, story->who.now_ticks + DNS_FRAGMENTS_LIFE_S * HZ, HZ);
	assert_int_equal(story->fragments.broken, 0);
	dns_fragments_expire(&story->fragments, story->who.now_ticks + DNS_FRAGMENTS_LIFE_S * HZ + 1, HZ);
	assert_int_equal(story->fragments.broken, 1);
	piece(story, 32, BYTES, BYTES);
	assert_int_equal(story->seen.n, 0);
}

#define STORY_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY_TEST(test_any_order),	 STORY_TEST(test_longest),  STORY_TEST(test_overlap),
		STORY_TEST(test_contradictions), STORY_TEST(test_checksum), STORY_TEST(test_strangers),
		STORY_TEST(test_bounds),	 STORY_TEST(test_time),
	};

	return cmocka_run_group_tests_name("dns_fragments", tests, NULL, NULL);
}
