// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rates, limits and schedules.
 */
#include <string.h>

#include "../common/text.h"
#include "reader.h"

/* No link of today carries more; keeps every sum in 64 bits. */
#define RATE_MAX 1000000000000ull

#define DAY_MINUTES (24 * 60)
#define DAYS 7

static bool scaled(uint64_t number, uint64_t factor, uint64_t *ret_value)
{
	if (!number || number > RATE_MAX / factor)
		return false;
	*ret_value = number * factor;
	return true;
}

/* false: syntax or range. */
static bool parse_rate(const char *text, unsigned int units, struct policy_rate *ret_rate)
{
	static const struct {
		const char *suffix;
		uint64_t factor;
		unsigned int units;
	} suffixes[] = {
		{"/s", 1, 1u << POLICY_RATE_PACKETS | 1u << POLICY_RATE_FLOWS},
		{"kbit", 1000, 1u << POLICY_RATE_BITS},
		{"mbit", 1000ull * 1000, 1u << POLICY_RATE_BITS},
		{"gbit", 1000ull * 1000 * 1000, 1u << POLICY_RATE_BITS},
		{"bit", 1, 1u << POLICY_RATE_BITS},
	};
	size_t digits = strspn(text, "0123456789");
	char number_text[sizeof("1000000000000")];
	uint64_t number;

	if (!digits || digits >= sizeof(number_text))
		return false;
	memcpy(number_text, text, digits);
	number_text[digits] = '\0';
	if (!text_to_u64(number_text, RATE_MAX, &number))
		return false;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		unsigned int both = suffixes[i].units & units;

		if (!both || strcmp(text + digits, suffixes[i].suffix) != 0)
			continue;
		/* A mask never has packets and flows both: the lowest bit is the unit. */
		ret_rate->unit = (enum policy_rate_unit)__builtin_ctz(both);
		return scaled(number, suffixes[i].factor, &ret_rate->per_second);
	}
	return false;
}

bool read_rate(struct reader *r, const struct node *node, unsigned int units, struct policy_rate *ret_rate)
{
	const char *text = reader_scalar(r, node, "a rate");
	struct policy_rate rate;

	if (!text)
		return false;
	if (!parse_rate(text, units, &rate)) {
		reader_error(r, node->pos, "\"%s\" is no rate", text);
		if (units == 1u << POLICY_RATE_BITS)
			reader_hint(r, "it is a number with kbit, mbit or gbit: 20mbit");
		else if (units & 1u << POLICY_RATE_BITS)
			reader_hint(r, "it is a number with /s, kbit, mbit or gbit: 100/s, 1mbit");
		else
			reader_hint(r, "it is a number with /s: 100/s");
		return false;
	}
	*ret_rate = rate;
	return true;
}

static void read_packets(struct reader *r, const struct node *node, void *object)
{
	read_rate(r, node, 1u << POLICY_RATE_PACKETS, &((struct policy_limit *)object)->packets);
}

static void read_bits(struct reader *r, const struct node *node, void *object)
{
	read_rate(r, node, 1u << POLICY_RATE_BITS, &((struct policy_limit *)object)->bits);
}

static void read_flows(struct reader *r, const struct node *node, void *object)
{
	read_rate(r, node, 1u << POLICY_RATE_FLOWS, &((struct policy_limit *)object)->flows);
}

static const struct key limit_keys[] = {
	{.name = "packets", .read = read_packets},
	{.name = "bits", .read = read_bits},
	{.name = "flows", .read = read_flows},
};

const struct key_table keys_limit = KEY_TABLE("limit", "`limit`", limit_keys);

void read_limit(struct reader *r, const struct node *node, void *profile)
{
	uint32_t seen;

	if (reader_map(r, &keys_limit, node, &((struct policy_profile *)profile)->limit, &seen) && !node->count)
		reader_error(r, node->pos, "`limit` is empty");
}

static const char *const day_words[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int find_day(const char *text)
{
	for (int i = 0; i < DAYS; i++)
		if (strncmp(text, day_words[i], 3) == 0)
			return i;
	return -1;
}

/* "mon", "mon-fri", "sat,sun", "daily", up to the space. NULL: syntax. */
static const char *parse_days(const char *text, uint8_t *ret_days)
{
	uint8_t days = 0;

	if (text_starts_with(text, "daily ")) {
		*ret_days = (1 << DAYS) - 1;
		return text + strlen("daily ");
	}
	for (;;) {
		int first = find_day(text), last = first;

		if (first < 0)
			return NULL;
		text += 3;
		if (*text == '-') {
			last = find_day(text + 1);
			if (last < 0)
				return NULL;
			text += 4;
		}
		/* fri-mon runs over the end of the week. */
		for (int day = first;; day = (day + 1) % DAYS) {
			days |= (uint8_t)(1u << day);
			if (day == last)
				break;
		}
		if (*text == ' ')
			break;
		if (*text++ != ',')
			return NULL;
	}
	*ret_days = days;
	return text + 1;
}

/* "HH:MM" up to 24:00 at the start of text. */
static bool parse_minute(const char *text, uint16_t *ret_minute)
{
	char digits[3] = {0};
	uint64_t hour, minute;

	if (strnlen(text, 5) < 5 || text[2] != ':')
		return false;
	memcpy(digits, text, 2);
	if (!text_to_u64(digits, 24, &hour))
		return false;
	memcpy(digits, text + 3, 2);
	if (!text_to_u64(digits, 59, &minute) || hour * 60 + minute > DAY_MINUTES)
		return false;
	*ret_minute = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool parse_span(const char *text, struct policy_span *ret_span)
{
	struct policy_span span;
	const char *at = parse_days(text, &span.days);

	if (!at || strlen(at) != strlen("08:00-18:00") || at[5] != '-')
		return false;
	if (!parse_minute(at, &span.start_min) || !parse_minute(at + 6, &span.end_min))
		return false;
	if (span.start_min == span.end_min || span.start_min == DAY_MINUTES)
		return false;
	*ret_span = span;
	return true;
}

void read_schedule(struct reader *r, const struct entry *entry, struct policy_schedule *schedule)
{
	const struct node *item;
	struct items items;

	schedule->name = entry->name;
	schedule->pos = entry->pos;
	if (!reader_items(r, entry->value, "the schedule", &items))
		return;
	schedule->spans = reader_array(r, items.count, sizeof(*schedule->spans));
	if (!schedule->spans)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		const char *text = reader_scalar(r, item, "a time");

		if (text && !parse_span(text, &schedule->spans[schedule->n_spans])) {
			reader_error(r, item->pos, "\"%s\" is no time of the week", text);
			reader_hint(r, "it is days and hours: mon-fri 08:00-18:00, sat,sun "
				       "09:00-12:00, daily 22:00-06:00");
		} else if (text) {
			schedule->n_spans++;
		}
	}
}
