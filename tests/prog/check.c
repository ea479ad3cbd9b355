// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - see check.h.
 */
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/text.h"

static const char *reason_text(unsigned int reason)
{
	static const char *const texts[RF_REASON_COUNT] = {
#define X(name, text, verdict, sentence) [RF_REASON_##name] = text,
		RF_REASON_LIST(X)
#undef X
	};

	return reason < RF_REASON_COUNT ? texts[reason] : "?";
}

static const char *verdict_text(unsigned int verdict)
{
	return verdict == RF_PASS ? "pass" : "drop";
}

/* ---- one frame ---- */

static const char *rule_note(const struct ruleset_rule *rule)
{
	return rule->rule ? rule->rule->note : NULL;
}

static bool is_rule(const struct ruleset *ruleset, uint32_t id, const char *expected)
{
	const struct ruleset_rule *rule = id < ruleset->n_rules ? &ruleset->rules[id] : NULL;
	uint64_t line;

	if (strcmp(expected, "-") == 0)
		return !rule || !rule->line;
	if (!rule)
		return false;
	if (text_to_u64(expected, UINT32_MAX, &line))
		return rule->line == line;
	return rule_note(rule) && strcmp(rule_note(rule), expected) == 0;
}

static const char *device_name(const struct ruleset *ruleset, uint32_t device)
{
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		if (ruleset->devices[i].index == device)
			return ruleset->devices[i].device->name;
	return "-";
}

static void describe(const struct rf_result *result, const char *name, const struct ruleset *ruleset,
		     char ret_text[CHECK_TEXT_MAX])
{
	const struct ruleset_rule *rule = result->rule < ruleset->n_rules ? &ruleset->rules[result->rule] : NULL;

	snprintf(ret_text, CHECK_TEXT_MAX, "%s %s would=%s rule=%u (%s) device=%s name=%.80s",
		 verdict_text(result->verdict), reason_text(result->reason), reason_text(result->would),
		 rule ? rule->line : 0, rule && rule_note(rule) ? rule_note(rule) : "-",
		 device_name(ruleset, result->device), name ? name : "-");
}

bool check_result(const struct rf_result *result, const char *name, const struct expectation *expect,
		  const struct ruleset *ruleset, char ret_text[CHECK_TEXT_MAX])
{
	char is[CHECK_TEXT_MAX];

	if (result->verdict == expect->verdict && result->reason == expect->reason &&
	    (!expect->would || result->would == expect->would) &&
	    (!expect->rule || is_rule(ruleset, result->rule, expect->rule)) &&
	    (!expect->device || strcmp(device_name(ruleset, result->device), expect->device) == 0) &&
	    (!expect->name || strcmp(name ? name : "-", expect->name) == 0))
		return true;
	describe(result, name, ruleset, is);
	snprintf(ret_text, CHECK_TEXT_MAX, "expected %s %s%s%s%s%s%s%.80s, got %.250s", verdict_text(expect->verdict),
		 reason_text(expect->reason), expect->would ? " would=" : "",
		 expect->would ? reason_text(expect->would) : "", expect->rule ? " rule=" : "",
		 expect->rule ? expect->rule : "", expect->name ? " name=" : "", expect->name ? expect->name : "", is);
	return false;
}

bool check_same_result(const struct rf_result *result, const struct rf_result *other)
{
	return memcmp(result, other, sizeof(*result)) == 0;
}

/* ---- counters ---- */

static const struct counter_key {
	const char *key;
	size_t off;
} counter_keys[] = {
#define COUNT(key, field)                                                                                              \
	{key, offsetof(struct counters, field.packets)},                                                               \
	{                                                                                                              \
		key "-bytes", offsetof(struct counters, field.bytes)                                                   \
	}
	COUNT("from-passed", first.from_passed),	COUNT("from-dropped", first.from_dropped),
	COUNT("from-would-drop", rest.from_would_drop), COUNT("to-passed", rest.to_passed),
	COUNT("to-dropped", rest.to_dropped),		COUNT("to-would-drop", rest.to_would_drop),
#undef COUNT
};

static const struct counter_key total_keys[] = {
	{"unpoliced-to", offsetof(struct rf_totals, unpoliced_to.packets)},
	{"emitted", offsetof(struct rf_totals, events_emitted)},
	{"lost", offsetof(struct rf_totals, events_lost)},
	{"packets-lost", offsetof(struct rf_totals, packets_lost)},
	{"quiet", offsetof(struct rf_totals, packets_quiet)},
	{"internal", offsetof(struct rf_totals, internal)},
	{"dns-questions", offsetof(struct rf_totals, dns_questions)},
	{"dns-answers", offsetof(struct rf_totals, dns_answers)},
	{"dns-unasked", offsetof(struct rf_totals, dns_unasked)},
	{"dns-unread", offsetof(struct rf_totals, dns_unread)},
	{"dns-learned", offsetof(struct rf_totals, dns_learned)},
	{"dns-evicted", offsetof(struct rf_totals, dns_evicted)},
};

static int find_key(const struct counter_key *keys, size_t n, const char *key, const void *values, uint64_t *ret_value)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].key, key) == 0) {
			memcpy(ret_value, (const char *)values + keys[i].off, sizeof(*ret_value));
			return 0;
		}
	return -EINVAL;
}

static int find_value(const void *values, bool is_totals, const char *key, uint64_t *ret_value)
{
	if (is_totals)
		return find_key(total_keys, sizeof(total_keys) / sizeof(total_keys[0]), key, values, ret_value);
	for (int reason = 0; reason < RF_REASON_COUNT; reason++)
		if (strcmp(reason_text(reason), key) == 0) {
			*ret_value = counters_reason(values, reason);
			return 0;
		}
	return find_key(counter_keys, sizeof(counter_keys) / sizeof(counter_keys[0]), key, values, ret_value);
}

static int device_index(const struct ruleset *ruleset, const char *name, uint32_t *ret_index)
{
	*ret_index = 0; /* where unknown devices count */
	if (strcmp(name, "unknown") == 0)
		return 0;
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		if (strcmp(ruleset->devices[i].device->name, name) == 0) {
			*ret_index = ruleset->devices[i].index;
			return 0;
		}
	return -EINVAL;
}

union counted {
	struct counters counters;
	struct rf_totals totals;
};

static int read_counted(const struct world_ops *ops, struct world *world, const struct ruleset *ruleset,
			const char *name, union counted *ret_counted)
{
	uint32_t index;

	if (strcmp(name, "totals") == 0)
		return ops->totals(world, &ret_counted->totals);
	if (device_index(ruleset, name, &index))
		return -EINVAL;
	return ops->counters(world, index, &ret_counted->counters);
}

int check_count(const struct world_ops *ops, struct world *world, const struct ruleset *ruleset, const char *text,
		char ret_text[CHECK_TEXT_MAX])
{
	AUTO_FREE char *copy = strdup(text);
	char *save = NULL, *name = copy ? strtok_r(copy, " \t", &save) : NULL;
	union counted counted;
	int err = name ? read_counted(ops, world, ruleset, name, &counted) : -EINVAL;

	if (err) {
		snprintf(ret_text, CHECK_TEXT_MAX, "cannot count \"%s\"", text);
		return err;
	}
	for (char *key = strtok_r(NULL, " \t", &save); key; key = strtok_r(NULL, " \t", &save)) {
		char *value = strchr(key, '=');
		uint64_t expected = 0, is = 0;

		if (value)
			*value++ = '\0';
		if (!value || !text_to_u64(value, UINT64_MAX, &expected) ||
		    find_value(&counted, strcmp(name, "totals") == 0, key, &is)) {
			snprintf(ret_text, CHECK_TEXT_MAX, "%s has no counter \"%s\"", name, key);
			return -EINVAL;
		}
		if (is != expected) {
			snprintf(ret_text, CHECK_TEXT_MAX, "%s: expected %s=%" PRIu64 ", got %" PRIu64, name, key,
				 expected, is);
			return -EINVAL;
		}
	}
	return 0;
}

/* ---- two worlds ---- */

static bool same_events(const struct world_events *events, const struct world_events *other,
			char ret_text[CHECK_TEXT_MAX])
{
	size_t n = events->n < other->n ? events->n : other->n;

	if (events->no_memory || other->no_memory) {
		snprintf(ret_text, CHECK_TEXT_MAX, "no memory for events");
		return false;
	}
	if (events->n != other->n) {
		snprintf(ret_text, CHECK_TEXT_MAX, "%zu events, not %zu as natively", events->n, other->n);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (memcmp(&events->items[i], &other->items[i], sizeof(events->items[i])) != 0) {
			snprintf(ret_text, CHECK_TEXT_MAX, "event %zu (%s) is not the one sent natively (%s)", i + 1,
				 reason_text(events->items[i].reason), reason_text(other->items[i].reason));
			return false;
		}
	return true;
}

bool check_same(const struct world_ops *ops, struct world *world, const struct world_ops *other_ops,
		struct world *other, uint32_t n_indices, char ret_text[CHECK_TEXT_MAX])
{
	struct rf_totals totals = {0}, other_totals = {0};

	for (uint32_t i = 0; i < n_indices; i++) {
		struct counters counters = {0}, other_counters = {0};

		if (ops->counters(world, i, &counters) || other_ops->counters(other, i, &other_counters) ||
		    memcmp(&counters.first, &other_counters.first, sizeof(counters.first)) != 0 ||
		    memcmp(&counters.rest, &other_counters.rest, sizeof(counters.rest)) != 0) {
			snprintf(ret_text, CHECK_TEXT_MAX,
				 "the counters of device index %u are not those counted natively", i);
			return false;
		}
	}
	if (ops->totals(world, &totals) || other_ops->totals(other, &other_totals) ||
	    memcmp(&totals, &other_totals, sizeof(totals)) != 0) {
		snprintf(ret_text, CHECK_TEXT_MAX, "the totals are not those counted natively");
		return false;
	}
	return same_events(ops->events(world), other_ops->events(other), ret_text);
}
