// SPDX-License-Identifier: GPL-2.0-only
/*
 * generate.c - see generate.h.
 */
#include "generate.h"

#include <string.h>

#define SUFFIXES_MAX 64
#define NAME_TEXT_MAX 256
#define RECORD_ROOM 300 /* the longest record that is begun */

static const char *const names[] = {
	"cam.example.com",
	"www.example.com",
	"EXAMPLE.com",
	"a.b.c.d.e.f.g.h.net",
	"edge.cdn.example",
	"d1.cdn.example",
	"CAM.eXample.cOm",
	"ns1.example.net",
	"x.cloud.example",
	"com",
	"cam.example.org",
	"p2p.io",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	"bbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddd.example.com",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

static const uint16_t other_types[] = {2, 6, 12, 15, 16, 33, 39, 46, 48, 64, 65, 99, 255, 257, 65280};
static const uint32_t ttls[] = {0,     1,     59,    60,     61,	 300,	     3600,
				86399, 86400, 86401, 604800, 0x7fffffff, 0x80000000, 0xffffffff};

struct writer {
	struct random *random;
	uint8_t *bytes;
	size_t len;
	/* Names that stand already, with all their ends. */
	struct {
		char text[NAME_TEXT_MAX];
		size_t at;
	} suffixes[SUFFIXES_MAX];
	size_t n_suffixes;
	uint32_t compress; /* in 100 */
	uint32_t lies;	   /* in 100: pointers to anywhere */
	uint16_t counts[4];
};

/* splitmix64 */
uint32_t random_below(struct random *random, uint32_t n)
{
	uint64_t z = (random->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return n ? (uint32_t)((z >> 32) * n >> 32) : 0;
}

static bool often(struct writer *writer, uint32_t in_100)
{
	return random_below(writer->random, 100) < in_100;
}

static void put(struct writer *writer, uint32_t value, int bytes)
{
	while (bytes--)
		if (writer->len < COMPARE_MESSAGE_MAX)
			writer->bytes[writer->len++] = (uint8_t)(value >> (8 * bytes));
}

/* ---- names ---- */

static size_t find_suffix(struct writer *writer, const char *text)
{
	for (size_t i = 0; i < writer->n_suffixes; i++)
		if (strcmp(writer->suffixes[i].text, text) == 0 && often(writer, writer->compress))
			return writer->suffixes[i].at;
	return 0;
}

static void note_suffix(struct writer *writer, const char *text, size_t at)
{
	if (writer->n_suffixes == SUFFIXES_MAX)
		return;
	strncpy(writer->suffixes[writer->n_suffixes].text, text, NAME_TEXT_MAX - 1);
	writer->suffixes[writer->n_suffixes++].at = at;
}

static void put_pointer(struct writer *writer, size_t target)
{
	if (often(writer, writer->lies))
		target = random_below(writer->random, often(writer, 80) ? (uint32_t)writer->len + 40 : 0x4000);
	put(writer, 0xc000 | (uint32_t)(target & 0x3fff), 2);
}

static void put_name(struct writer *writer, const char *text)
{
	while (*text) {
		const size_t target = find_suffix(writer, text), label = strcspn(text, ".");

		if (target) {
			/* A pointer may be pointed to, too. */
			if (often(writer, 30))
				note_suffix(writer, text, writer->len);
			put_pointer(writer, target);
			return;
		}
		if (often(writer, writer->lies)) {
			put_pointer(writer, 12);
			return;
		}
		note_suffix(writer, text, writer->len);
		put(writer, (uint32_t)label, 1);
		for (size_t i = 0; i < label; i++)
			put(writer, (uint8_t)text[i], 1);
		text += label + (text[label] == '.');
	}
	put(writer, 0, 1);
}

static const char *some_name(struct writer *writer)
{
	return names[random_below(writer->random, N_NAMES)];
}

/* ---- records ---- */

static size_t begin_record(struct writer *writer, const char *owner, uint16_t type)
{
	put_name(writer, owner);
	put(writer, type, 2);
	put(writer, often(writer, 97) ? 1 : random_below(writer->random, 256), 2);
	put(writer, ttls[random_below(writer->random, sizeof(ttls) / sizeof(ttls[0]))], 4);
	put(writer, 0, 2);
	return writer->len;
}

static void end_record(struct writer *writer, size_t data, int section)
{
	size_t len = writer->len - data;

	if (often(writer, 1))
		len += random_below(writer->random, 5) - 2U;
	if (data <= writer->len && data >= 2) {
		writer->bytes[data - 2] = (uint8_t)(len >> 8);
		writer->bytes[data - 1] = (uint8_t)len;
	}
	writer->counts[section]++;
}

static void put_address(struct writer *writer, const char *owner, int section)
{
	const bool is_v4 = often(writer, 65);
	const size_t data = begin_record(writer, owner, is_v4 ? 1 : 28);
	int len = is_v4 ? 4 : 16;

	if (often(writer, 3))
		len = (int)random_below(writer->random, 18);
	if (often(writer, 4)) { /* nobody's */
		for (int i = 0; i < len; i++)
			put(writer, i < 10 ? 0 : random_below(writer->random, 2) * 0xff, 1);
	} else {
		put(writer, is_v4 ? 192 : 0x20, 1);
		put(writer, is_v4 ? 0 : 1, 1);
		for (int i = 2; i < len; i++)
			put(writer, random_below(writer->random, i < len - 1 ? 4 : 256), 1);
	}
	end_record(writer, data, section);
}

static void put_other(struct writer *writer, const char *owner, int section)
{
	const size_t n_types = sizeof(other_types) / sizeof(other_types[0]);
	const uint16_t type = often(writer, 90) ? other_types[random_below(writer->random, n_types)]
						: (uint16_t)random_below(writer->random, 65536);
	const size_t data = begin_record(writer, owner, type);

	if (type == 2 || type == 12 || type == 39)
		put_name(writer, some_name(writer));
	else
		for (uint32_t n = random_below(writer->random, 40); n; n--)
			put(writer, random_below(writer->random, 256), 1);
	end_record(writer, data, section);
}

static void put_alias(struct writer *writer, const char *owner, const char *target)
{
	const size_t data = begin_record(writer, owner, 5);

	put_name(writer, target);
	end_record(writer, data, 1);
}

/* Behind the question: a chain, addresses along it, strangers in between. */
static void put_answers(struct writer *writer, const char *asked)
{
	static char link[24][16];
	const char *current = asked;
	uint32_t links = often(writer, 50) ? 0 : random_below(writer->random, often(writer, 90) ? 5 : 20);
	uint32_t addresses = random_below(writer->random, often(writer, 85) ? 6 : 45);

	for (uint32_t i = 0; i < links && writer->len + RECORD_ROOM < COMPARE_MESSAGE_MAX; i++) {
		const char *target = often(writer, 20) ? some_name(writer) : link[i];

		memcpy(link[i], "l00.cdn.example", 16);
		link[i][1] = (char)('0' + i / 10);
		link[i][2] = (char)('0' + i % 10);
		put_alias(writer, often(writer, 95) ? current : some_name(writer), target);
		current = target;
		if (often(writer, 10))
			put_address(writer, current, 1);
	}
	while (addresses-- && writer->len + RECORD_ROOM < COMPARE_MESSAGE_MAX) {
		put_address(writer, often(writer, 92) ? current : some_name(writer), 1);
		if (often(writer, 5))
			put_other(writer, often(writer, 50) ? current : some_name(writer), 1);
	}
}

static void put_more(struct writer *writer)
{
	for (int section = 2; section < 4; section++)
		for (uint32_t n = random_below(writer->random, 4); n && writer->len + RECORD_ROOM < COMPARE_MESSAGE_MAX;
		     n--) {
			if (often(writer, 50))
				put_address(writer, some_name(writer), section);
			else
				put_other(writer, some_name(writer), section);
		}
	if (!often(writer, 50) || writer->len + RECORD_ROOM >= COMPARE_MESSAGE_MAX)
		return;
	put(writer, 0, 1);
	put(writer, 41, 2);
	put(writer, 1232, 2);
	put(writer, 0, 4);
	put(writer, 0, 2);
	writer->counts[3]++;
}

static void finish_header(struct writer *writer)
{
	uint32_t flags = often(writer, 96) ? 0x8180 : 0x8000 | random_below(writer->random, 0x8000);

	if (often(writer, 1))
		flags = random_below(writer->random, 65536);
	for (int i = 0; i < 4; i++)
		if (often(writer, 2))
			writer->counts[i] = (uint16_t)(writer->counts[i] + random_below(writer->random, 5) - 2);
	writer->bytes[0] = (uint8_t)random_below(writer->random, 256);
	writer->bytes[1] = (uint8_t)random_below(writer->random, 256);
	writer->bytes[2] = (uint8_t)(flags >> 8);
	writer->bytes[3] = (uint8_t)flags;
	for (int i = 0; i < 4; i++) {
		writer->bytes[4 + 2 * i] = (uint8_t)(writer->counts[i] >> 8);
		writer->bytes[5 + 2 * i] = (uint8_t)writer->counts[i];
	}
}

/* A few bytes become others, go, or come. */
static void mutate(struct writer *writer)
{
	for (uint32_t n = 1 + random_below(writer->random, 3); n && writer->len; n--) {
		const size_t at = random_below(writer->random, (uint32_t)writer->len);

		switch (random_below(writer->random, 6)) {
		case 0:
			writer->bytes[at] = (uint8_t)random_below(writer->random, 256);
			break;
		case 1:
			writer->bytes[at] ^= (uint8_t)(1U << random_below(writer->random, 8));
			break;
		case 2:
			writer->bytes[at] = (uint8_t)(writer->bytes[at] + (often(writer, 50) ? 1 : 255));
			break;
		case 3:
			writer->len = at;
			break;
		case 4:
			memmove(writer->bytes + at, writer->bytes + at + 1, writer->len - at - 1);
			writer->len--;
			break;
		default:
			if (writer->len == COMPARE_MESSAGE_MAX)
				break;
			memmove(writer->bytes + at + 1, writer->bytes + at, writer->len - at);
			writer->bytes[at] = often(writer, 30) ? 0xc0 : (uint8_t)random_below(writer->random, 64);
			writer->len++;
			break;
		}
	}
}

size_t generate_answer(struct random *random, uint8_t message[COMPARE_MESSAGE_MAX])
{
	struct writer writer = {.random = random, .bytes = message, .len = 12};
	const char *asked = some_name(&writer);

	memset(message, 0, COMPARE_MESSAGE_MAX);
	writer.compress = often(&writer, 80) ? 95 : random_below(random, 100);
	writer.counts[0] = 1;
	put_name(&writer, asked);
	put(&writer, often(&writer, 90) ? 1 : random_below(random, 256), 2);
	put(&writer, often(&writer, 98) ? 1 : random_below(random, 256), 2);
	writer.lies = often(&writer, 90) ? 0 : 10;
	put_answers(&writer, asked);
	put_more(&writer);
	finish_header(&writer);
	if (often(&writer, 45))
		mutate(&writer);
	return writer.len;
}
