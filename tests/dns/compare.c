// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare.c - see compare.h.
 */
#include "compare.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "home.h"
#include "oracle.h"

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL
#define QUESTION_MAX 300

struct comparison {
	const uint8_t *message;
	size_t len;
	struct oracle oracle;
	struct home home;
	char *text;
};

__attribute__((format(printf, 2, 3))) static bool differ(struct comparison *comparison, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(comparison->text, COMPARE_TEXT_MAX, format, list);
	va_end(list);
	return false;
}

int compare_begin(void)
{
	return home_begin();
}

void compare_end(void)
{
	home_end();
}

/* Any choice that the same message makes again: FNV-1a. */
static uint32_t choice(const struct comparison *comparison)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < comparison->len; i++)
		hash = (hash ^ comparison->message[i]) * 16777619U;
	return hash ^ hash >> 15;
}

/* The question that the answer repeats, in the other case every second time: names are alike (RFC 4343). Without one, any. */
static size_t make_question(const struct comparison *comparison, uint8_t question[QUESTION_MAX])
{
	static const uint8_t other[] = "\3cam\7example\3com";
	const struct oracle *oracle = &comparison->oracle;
	const uint8_t *name = oracle->has_question ? oracle->name : other;
	const size_t len = oracle->has_question ? oracle->name_len : sizeof(other);
	const uint16_t type = oracle->has_question ? oracle->type : 1, class = oracle->has_question ? oracle->class : 1;
	const uint8_t header[12] = {(uint8_t)(oracle->id >> 8), (uint8_t)oracle->id, 1, 0, 0, 1};
	const uint8_t fixed[4] = {(uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(class >> 8), (uint8_t) class};
	const bool swap = choice(comparison) & 1;
	size_t next = 0;

	memcpy(question, header, sizeof(header));
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = name[i];

		if (i == next)
			next += 1U + byte;
		else if (swap && isascii(byte) && isalpha(byte))
			byte ^= 0x20;
		question[sizeof(header) + i] = byte;
	}
	memcpy(question + sizeof(header) + len, fixed, sizeof(fixed));
	return sizeof(header) + len + sizeof(fixed);
}

/* A new home in which the question was asked and the message came. */
static bool deliver(struct comparison *comparison)
{
	uint8_t question[QUESTION_MAX];
	const size_t len = make_question(comparison, question);

	if (home_open(&comparison->home))
		return differ(comparison, "no engine");
	if (!home_ask(&comparison->home, question, len))
		return differ(comparison, "the question does not pass");
	if (!home_answer(&comparison->home, comparison->message, comparison->len))
		return differ(comparison, "the answer does not pass");
	return true;
}

static const struct oracle_address *find_shown(const struct oracle *oracle, const struct rf_addr *addr)
{
	for (size_t i = 0; i < oracle->n_addresses; i++)
		if (oracle->addresses[i].addr.hi == addr->hi && oracle->addresses[i].addr.lo == addr->lo)
			return &oracle->addresses[i];
	return NULL;
}

static bool check_counters(struct comparison *comparison)
{
	const struct home_counts is = home_counts(&comparison->home);
	const struct oracle *oracle = &comparison->oracle;
	const bool counts = oracle->has_question && oracle->is_answer;

	if (is.answers + is.unread + is.unasked != !!comparison->len)
		return differ(comparison, "counted %" PRIu64 " read, %" PRIu64 " unread, %" PRIu64 " unasked",
			      is.answers, is.unread, is.unasked);
	if (is.learned < oracle->n_must || is.learned > oracle->n_all)
		return differ(comparison, "learned %" PRIu64 " records, ldns shows %zu that must and %zu that may be",
			      is.learned, oracle->n_must, oracle->n_all);
	if (!oracle->has_question && comparison->len && !is.unasked)
		return differ(comparison, "an answer without a question was read");
	if (oracle->has_question && !oracle->reasons && !counts && !is.answers)
		return differ(comparison, "an answer that says nothing was not read");
	if (counts && !oracle->reasons && oracle->read_to_end != !!is.answers)
		return differ(comparison, "ldns reads it %s, and so it was not",
			      oracle->read_to_end ? "whole" : "in part");
	return true;
}

/* What events told of, and what packets can reach. */
static bool check_addresses(struct comparison *comparison)
{
	const uint64_t evicted = home_counts(&comparison->home).evicted;
	const struct oracle *oracle = &comparison->oracle;
	const bool listed = oracle->has_question && home_lists(oracle->name, oracle->name_len);
	struct home *home = &comparison->home;

	if (home->overflow)
		return differ(comparison, "more addresses than one message can carry");
	for (size_t i = 0; i < home->n_learned; i++)
		if (!listed || !find_shown(oracle, &home->learned[i]))
			return differ(comparison, "%016" PRIx64 ":%016" PRIx64 " was learned, ldns does not show it",
				      (uint64_t)home->learned[i].hi, (uint64_t)home->learned[i].lo);
	for (size_t i = 0; i < oracle->n_addresses; i++) {
		const struct oracle_address *item = &oracle->addresses[i];
		const bool is = home_reaches(home, &item->addr);

		if (listed && item->must && !is && !evicted)
			return differ(comparison, "%016" PRIx64 ":%016" PRIx64 " is shown, and cannot be reached",
				      (uint64_t)item->addr.hi, (uint64_t)item->addr.lo);
		if (is && !listed)
			return differ(comparison, "%016" PRIx64 ":%016" PRIx64 " is reached under no rule",
				      (uint64_t)item->addr.hi, (uint64_t)item->addr.lo);
		if (home_other_reaches(home, &item->addr))
			return differ(comparison, "another device reaches it");
	}
	return true;
}

/* The bytes of every A and AAAA that could stand anywhere: what is not shown must not be reached. */
static bool check_strangers(struct comparison *comparison)
{
	const uint8_t *message = comparison->message;

	for (size_t i = 0; i + 14 <= comparison->len; i++) {
		struct rf_addr addr = {.lo = RF_ADDR_V4_MAPPED};

		/* Type A, class IN, any TTL, length 4. */
		if (memcmp(message + i, "\0\1\0\1", 4) != 0 || memcmp(message + i + 8, "\0\4", 2) != 0)
			continue;
		for (size_t k = 0; k < 4; k++)
			addr.lo |= (uint64_t)message[i + 10 + k] << (8 * (3 - k));
		if (!find_shown(&comparison->oracle, &addr) && home_reaches(&comparison->home, &addr))
			return differ(comparison, "%08x at byte %zu is reached, ldns does not show it",
				      (unsigned int)addr.lo, i);
	}
	return true;
}

/* An address is reached by what the datapath learned, and by what the learner did: the same, if the datapath read it all. */
static bool same_reach(struct comparison *comparison, struct home *other, bool read_all, const struct rf_addr *addr)
{
	const bool is = home_reaches(&comparison->home, addr), also = home_reaches(other, addr);

	if (is != also && (is || read_all))
		return differ(comparison, "%016" PRIx64 ":%016" PRIx64 " is%s usable, and by the learner%s",
			      (uint64_t)addr->hi, (uint64_t)addr->lo, is ? "" : " not", also ? "" : " not");
	return true;
}

/* Another device asks the same; the daemon's learner gets the answer. */
static bool check_learner(struct comparison *comparison)
{
	const struct home_counts is = home_counts(&comparison->home);
	const struct oracle *oracle = &comparison->oracle;
	uint8_t question[QUESTION_MAX];
	const size_t len = make_question(comparison, question);
	struct home other;
	int r;

	if (is.unasked || !comparison->len)
		return true; /* the learner is asked only about what meets a question */
	home_open_beside(&other);
	if (!home_ask(&other, question, len))
		return differ(comparison, "the question does not pass");
	r = home_learn(&other, comparison->message, comparison->len);
	if (is.answers && r != (int)is.learned)
		return differ(comparison, "learned %" PRIu64 " records, the learner %d", is.learned, r);
	if (r >= 0 && r < (int)is.learned)
		return differ(comparison, "learned %" PRIu64 " records, the learner only %d", is.learned, r);
	if (is.evicted || r > HOME_LEARNED_MAX)
		return true;
	for (size_t i = 0; i < oracle->n_addresses; i++)
		if (!same_reach(comparison, &other, is.answers, &oracle->addresses[i].addr))
			return false;
	for (size_t i = 0; i < other.n_learned; i++)
		if (!find_shown(oracle, &other.learned[i]))
			return differ(comparison,
				      "the learner learned %016" PRIx64 ":%016" PRIx64 ", ldns does not show it",
				      (uint64_t)other.learned[i].hi, (uint64_t)other.learned[i].lo);
	return true;
}

/* Of one address: usable to the last millisecond of its time, and not in the next. */
static bool check_life(struct comparison *comparison, struct compare_tally *tally)
{
	const struct oracle *oracle = &comparison->oracle;
	const struct oracle_address *item;

	if (!oracle->n_addresses || oracle->reasons || !home_lists(oracle->name, oracle->name_len) ||
	    home_counts(&comparison->home).evicted)
		return true;
	item = &oracle->addresses[choice(comparison) % oracle->n_addresses];
	for (int over = 0; over < 2; over++) {
		if (!deliver(comparison))
			return false;
		comparison->home.now_ns += item->life_s * NS_PER_S - (over ? 0 : NS_PER_MS);
		if (home_reaches(&comparison->home, &item->addr) == over)
			return differ(comparison, "%016" PRIx64 ":%016" PRIx64 " is%s usable %s %u s",
				      (uint64_t)item->addr.hi, (uint64_t)item->addr.lo, over ? "" : " not",
				      over ? "after" : "before", item->life_s);
	}
	tally->lives++;
	return true;
}

static void add_up(const struct comparison *comparison, struct compare_tally *tally)
{
	const struct home_counts is = home_counts(&comparison->home);
	const struct oracle *oracle = &comparison->oracle;

	tally->messages++;
	tally->asked += oracle->has_question;
	tally->learned += is.learned > 0;
	tally->addresses += is.learned;
	tally->refused += is.learned < oracle->n_all;
	tally->unread += is.unread;
}

bool compare_message(const uint8_t *message, size_t len, struct compare_tally *tally, char ret_text[COMPARE_TEXT_MAX])
{
	struct comparison comparison = {.message = message, .len = len, .text = ret_text};
	bool same;

	if (len > COMPARE_MESSAGE_MAX)
		return differ(&comparison, "%zu bytes are too many for a frame", len);
	oracle_read(message, len, &comparison.oracle);
	same = deliver(&comparison);
	if (same) {
		add_up(&comparison, tally);
		same = check_counters(&comparison) && check_addresses(&comparison) && check_strangers(&comparison) &&
		       check_learner(&comparison) && check_life(&comparison, tally);
	}
	return same;
}

/* ---- over TCP ---- */

#define LONG_MAX 65535
#define LEARNED_SETS 32 /* of a device at sizing home */
#define RECORD_BYTES 16 /* a pointer to the question's name, type, class, TTL, length and an IPv4 address */

static struct rf_addr long_address(size_t i)
{
	return (struct rf_addr){.lo = RF_ADDR_V4_MAPPED | (0xc6120000U + i)}; /* 198.18.0.0/15 */
}

static size_t make_long(uint8_t message[LONG_MAX], size_t n_records)
{
	static const uint8_t question[] = "\4many\7example\3com\0\0\1\0\1";
	const uint8_t header[12] = {0, 7, 0x81, 0x80, 0, 1, (uint8_t)(n_records >> 8), (uint8_t)n_records};
	uint8_t *at = message + sizeof(header);

	memcpy(message, header, sizeof(header));
	memcpy(at, question, sizeof(question) - 1);
	at += sizeof(question) - 1;
	for (size_t i = 0; i < n_records; i++, at += RECORD_BYTES) {
		const uint32_t address = (uint32_t)long_address(i).lo;
		const uint8_t record[RECORD_BYTES] = {0xc0,
						      12,
						      0,
						      1,
						      0,
						      1,
						      0,
						      0,
						      1,
						      44,
						      0,
						      4,
						      (uint8_t)(address >> 24),
						      (uint8_t)(address >> 16),
						      (uint8_t)(address >> 8),
						      (uint8_t)address};

		memcpy(at, record, sizeof(record));
	}
	return (size_t)(at - message);
}

bool compare_long(size_t n_records, char ret_text[COMPARE_TEXT_MAX])
{
	static uint8_t message[LONG_MAX];
	const size_t len = make_long(message, n_records);
	struct comparison comparison = {.message = message, .len = len, .text = ret_text};
	uint8_t question[QUESTION_MAX];
	size_t reached = 0;
	int r;

	/* The question is the beginning of the answer, with other flags and no records. */
	memcpy(question, message, 12 + 22);
	question[2] = 1;
	question[3] = question[6] = question[7] = 0;
	if (home_open(&comparison.home) || !home_ask(&comparison.home, question, 12 + 22))
		return differ(&comparison, "the question does not pass");
	r = home_learn(&comparison.home, message, len);
	if (n_records <= COMPARE_LONG_RECORDS ? r != (int)n_records : r >= 0)
		return differ(&comparison, "of %zu records the learner learned %d", n_records, r);
	for (size_t i = 0; i < n_records; i++) {
		const struct rf_addr address = long_address(i);

		reached += home_reaches(&comparison.home, &address);
	}
	if (reached > LEARNED_SETS * RF_LEARNED_WAYS)
		return differ(&comparison, "%zu addresses are usable: more than a device has room for", reached);
	/* In sets of 8 by hash: not all find a place, but most do. */
	if (reached < n_records * 9 / 10 && reached < LEARNED_SETS * RF_LEARNED_WAYS * 9 / 10)
		return differ(&comparison, "of %zu addresses only %zu are usable", n_records, reached);
	return true;
}
