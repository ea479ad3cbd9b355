// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: DNS answers put together from IP fragments (user/daemon/dns_fragments.c): datagrams of some devices and resolvers, their pieces in any order,
 * again, overlapping, too long, from elsewhere, and time.
 *
 * What is given out, and when, is what a plain receiver says that keeps every piece it was sent: it looks at all of them anew each time, and a datagram is
 * whole when every byte of it is there once. Also counted: what met a question and gave nothing. Nobody has more than his share or pushes out another's.
 * Room: user/daemon/dns_fragments.c
 */
#include "fuzz.h"
#include "receiver.h"

#define STATES 48 /* with all their shares they are more than there is room for */
#define SOURCES 8
#define STEPS_MAX 250
#define MANY 320 /* datagrams that are only begun, as each is looked for among all */
#define HZ 100
#define SOURCE_BYTES (DNS_FRAGMENTS_BYTES_MAX + 1024)

/* A datagram that somebody sends, with pieces of `cut` bytes. */
struct source {
	struct rf_segment who;
	uint8_t bytes[SOURCE_BYTES];
	size_t len, cut, next;
};

struct story {
	struct dns_fragments fragments;
	struct source sources[SOURCES];
	struct kept *kept[DNS_FRAGMENTS_MAX + 1];
	size_t n_kept;
	uint64_t now, broken;
	size_t many;
	const struct kept *expected; /* to be given out in this step */
	struct whole whole;
};

/* ---- what the plain receiver keeps ---- */

static void kept_end(struct story *story, size_t at)
{
	struct kept *kept = story->kept[at];

	for (size_t i = 0; i < kept->n; i++)
		free(kept->pieces[i].bytes);
	free(kept);
	story->kept[at] = story->kept[--story->n_kept];
}

/* It is over, and was not given out. */
static void kept_give_up(struct story *story, size_t at)
{
	story->broken += story->kept[at]->asked && !story->kept[at]->dead;
	kept_end(story, at);
}

static size_t kept_find(const struct story *story, const struct rf_segment *segment)
{
	size_t at = 0;

	while (at < story->n_kept && !is_same(&story->kept[at]->who, segment))
		at++;
	return at;
}

/* The device's own oldest if it has its share, or the oldest of all if there is no room: several may be as old. */
static bool may_give_way(const struct story *story, const struct kept *kept, uint32_t state)
{
	size_t n_own = 0;
	bool own_older = false, older = false;

	for (size_t i = 0; i < story->n_kept; i++) {
		const bool own = story->kept[i]->who.state == state, before = story->kept[i]->since < kept->since;

		n_own += own;
		older |= before;
		own_older |= own && before;
	}
	if (n_own >= DNS_FRAGMENTS_DEVICE_MAX)
		return kept->who.state == state && !own_older;
	return story->n_kept >= DNS_FRAGMENTS_MAX && !older;
}

static bool is_at(const struct story *story, const struct kept *kept, size_t slot)
{
	const struct dns_datagram *datagram = &story->fragments.items[slot];

	return datagram->used && is_same(&datagram->who, &kept->who);
}

static size_t slot_of(const struct story *story, const struct kept *kept)
{
	size_t slot = 0;

	while (slot < DNS_FRAGMENTS_MAX && !is_at(story, kept, slot))
		slot++;
	REQUIRE(slot < DNS_FRAGMENTS_MAX);
	return slot;
}

static size_t n_used(const struct story *story)
{
	size_t n = 0;

	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++)
		n += story->fragments.items[i].used;
	return n;
}

static struct kept *kept_new(struct story *story, const struct rf_segment *segment)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	REQUIRE(kept && story->n_kept <= DNS_FRAGMENTS_MAX);
	kept->who = *segment;
	kept->since = segment->now_ticks;
	story->kept[story->n_kept++] = kept;
	return kept;
}

static void keep(struct story *story, struct kept *kept, const struct rf_segment *segment, const uint8_t *bytes)
{
	enum judgement judgement;

	story->broken += segment->fragment & RF_SEGMENT_FIRST && kept->dead && !kept->asked;
	kept->asked |= segment->fragment & RF_SEGMENT_FIRST;
	if (kept->dead)
		return;
	REQUIRE(kept->n < KEPT_PIECES);
	kept->pieces[kept->n].segment = *segment;
	kept->pieces[kept->n].bytes = malloc(segment->len + 1U);
	REQUIRE(kept->pieces[kept->n].bytes);
	memcpy(kept->pieces[kept->n++].bytes, bytes, segment->len);
	judgement = judge(kept, &story->whole);
	kept->dead = judgement == NOTHING;
	story->broken += kept->dead && kept->asked;
	story->expected = judgement == WHOLE ? kept : NULL;
}

/* ---- against it ---- */

static void take(void *context, const struct rf_segment *first, const uint8_t *message, size_t len)
{
	struct story *story = context;
	const struct kept *kept = story->expected;

	REQUIRE(kept && is_same(first, &kept->who));
	REQUIRE(first->off == 0 && first->fragment == RF_SEGMENT_FIRST);
	REQUIRE(len == story->whole.len - UDP_HEADER && memcmp(message, story->whole.bytes + UDP_HEADER, len) == 0);
	story->expected = NULL;
}

/* A place was made for one more, which is the last of those that are kept: by the end of one that may. */
static void find_what_gave_way(struct story *story, uint32_t state)
{
	const size_t before = --story->n_kept;
	size_t at = 0;

	while (at < before && is_at(story, story->kept[at], story->kept[at]->slot))
		at++;
	REQUIRE(at < before && may_give_way(story, story->kept[at], state));
	story->n_kept++;
	kept_give_up(story, at);
}

static void hand_over(struct story *story, const struct rf_segment *segment, const uint8_t *bytes)
{
	uint8_t *copy =
		malloc(segment->len ? segment->len : 1); /* of its own, so that a byte read beyond it is found */
	const size_t at = kept_find(story, segment);
	struct kept *kept;
	bool whole;

	REQUIRE(copy);
	memcpy(copy, bytes, segment->len);
	kept = at == story->n_kept ? kept_new(story, segment) : story->kept[at];
	keep(story, kept, segment, bytes);
	whole = story->expected;
	dns_fragments_take(&story->fragments, segment, copy);
	free(copy);
	REQUIRE(!story->expected);
	if (whole) {
		kept_end(story, at);
		return;
	}
	kept->slot = slot_of(story, kept);
	if (n_used(story) < story->n_kept)
		find_what_gave_way(story, segment->state);
}

static void check(const struct story *story)
{
	size_t of_state[STATES] = {0}, used = 0;

	for (size_t i = 0; i < DNS_FRAGMENTS_MAX; i++) {
		const struct dns_datagram *datagram = &story->fragments.items[i];

		if (!datagram->used)
			continue;
		used++;
		REQUIRE(datagram->who.state < STATES);
		REQUIRE(++of_state[datagram->who.state] <= DNS_FRAGMENTS_DEVICE_MAX);
		REQUIRE(datagram->n_pieces <= DNS_FRAGMENTS_PIECES_MAX);
		REQUIRE(datagram->have <= datagram->room && datagram->room <= DNS_FRAGMENTS_BYTES_MAX);
		REQUIRE(!datagram->dead || !datagram->bytes);
	}
	REQUIRE(used == story->n_kept);
	REQUIRE(story->fragments.broken == story->broken);
}

/* ---- what is sent ---- */

static struct rf_segment sender(const struct story *story, uint8_t state, uint8_t how)
{
	const bool v6 = how & 0x80;

	return (struct rf_segment){
		.now_ticks = story->now,
		.mac = 0x020000009900 + state % STATES,
		.remote_mac = 0x020000000001,
		.remote = {v6 ? 0xfd00008800000000 : 0, v6 ? 1 : 0x0000ffffc0a85801},
		.local = {v6 ? 0xfd00008800000000 : 0, (v6 ? 0x10 : 0x0000ffffc0a85810) + state % STATES},
		.state = state % STATES,
		.id = how & 0x0f,
		.entered = 3,
		.proto = IPPROTO_UDP,
		.direction = RF_DIRECTION_TO,
	};
}

/* A new datagram to be sent, with a header that holds, unless `flaw` says otherwise. */
static void begin_source(struct story *story, struct food *food)
{
	struct source *source = &story->sources[food_8(food) % SOURCES];
	const uint8_t state = food_8(food), how = food_8(food), flaw = food_8(food), fill = food_8(food);
	uint32_t sum;

	source->who = sender(story, state, how);
	source->len = UDP_HEADER + food_16(food) % (how & 0x40 ? SOURCE_BYTES - UDP_HEADER : 600);
	source->cut = 8 + (size_t)food_8(food) * 8 * (how & 0x40 ? 8 : 1);
	source->next = 0;
	for (size_t i = 0; i < source->len; i++)
		source->bytes[i] = (uint8_t)(fill + i * 7 + (i >> 8));
	source->bytes[4] = (uint8_t)((source->len + (flaw == 1)) >> 8);
	source->bytes[5] = (uint8_t)(source->len + (flaw == 1));
	source->bytes[6] = source->bytes[7] = 0;
	if (flaw == 2)
		return; /* no checksum */
	sum = 0xffff - sum_of(&source->who, source->bytes, source->len) + (flaw == 3);
	source->bytes[6] = (uint8_t)((sum ? sum : 0xffff) >> 8);
	source->bytes[7] = (uint8_t)(sum ? sum : 0xffff);
}

/* How the bits of a byte change a piece, from elsewhere or in itself. */
static void spoil(struct rf_segment *segment, uint8_t how)
{
	segment->remote_mac += how & 1;
	segment->entered += !!(how & 2);
	segment->vlan += !!(how & 4);
	segment->off += how & 8 ? 8 : 0;
	segment->len -= how & 16 && segment->len >= 8 ? 8 : 0;
	segment->len -= how & 32 && segment->len ? 1 : 0;
	segment->fragment ^= how & 64 ? RF_SEGMENT_LAST : 0;
	segment->total = segment->len + !!(how & 128);
}

/* Piece number `number` of it. */
static void send_piece(struct story *story, struct source *source, size_t number, uint8_t how)
{
	const size_t off = number * source->cut;
	struct rf_segment segment = source->who;

	if (!source->cut || off >= source->len)
		return;
	segment.now_ticks = story->now;
	segment.off = (uint32_t)off;
	segment.len = (uint16_t)(source->len - off < source->cut ? source->len - off : source->cut);
	segment.total = segment.len;
	segment.fragment = off ? RF_SEGMENT_LATER : RF_SEGMENT_FIRST;
	if (off + segment.len == source->len)
		segment.fragment |= RF_SEGMENT_LAST;
	if (how)
		spoil(&segment, how);
	hand_over(story, &segment, source->bytes + off);
}

/* The rest of it: forwards or backwards. */
static void send_all(struct story *story, struct source *source, bool backwards)
{
	const size_t n = source->cut ? (source->len + source->cut - 1) / source->cut : 0;

	for (size_t i = 0; i < n && i <= KEPT_PIECES; i++)
		send_piece(story, source, backwards ? n - 1 - i : i, 0);
}

static void pass_time(struct story *story, uint8_t tenths)
{
	story->now += tenths * (HZ / 10);
	dns_fragments_expire(&story->fragments, story->now, HZ);
	for (size_t i = story->n_kept; i-- > 0;)
		if (story->kept[i]->since + (uint64_t)DNS_FRAGMENTS_LIFE_S * HZ < story->now)
			kept_give_up(story, i);
}

/* One piece of each of many datagrams: of a device, or of many. */
static void send_many(struct story *story, struct source *source, uint8_t state, uint8_t n)
{
	for (uint8_t i = 0; i < n && story->many < MANY; i++, story->many++) {
		source->who =
			sender(story, (uint8_t)(state + i / DNS_FRAGMENTS_DEVICE_MAX), (i & 7) | (i & 1 ? 0x80 : 0));
		send_piece(story, source, 0, 0);
	}
}

static void step(struct story *story, struct food *food)
{
	const uint8_t what = food_8(food);
	struct source *source = &story->sources[what % SOURCES];

	if (what < 64)
		begin_source(story, food);
	else if (what < 128)
		send_piece(story, source, source->next++, 0);
	else if (what < 184)
		send_piece(story, source, food_8(food), food_8(food));
	else if (what < 216)
		send_all(story, source, what & 8);
	else if (what < 232)
		pass_time(story, food_8(food) % 80);
	else
		send_many(story, source, food_8(food), food_8(food));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story story; /* large */
	struct food food = {data, size};

	memset(&story, 0, sizeof(story));
	story.now = 1000;
	REQUIRE(!dns_fragments_init(&story.fragments, take, &story));
	for (int i = 0; i < STEPS_MAX && food.left; i++) {
		step(&story, &food);
		check(&story);
	}
	while (story.n_kept)
		kept_end(&story, 0);
	dns_fragments_free(&story.fragments);
	return 0;
}
