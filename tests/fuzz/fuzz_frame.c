// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any run of frames, with time, directions, tags and reloads, through the core under one of a few policies.
 *
 * The input is a run of records as tests/prog/seeds.h says; seeds are the packet cases. Whatever the frames are, a verdict must fit its
 * reason and the device's mode, and all counters must add up. Runs from the root of the checkout, where the policies are.
 * Room: bpf user/engine
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "../../user/engine/engine.h"
#include "../prog/seeds.h"

#define POLICY_DIR "tests/cases/packets/"
#define RECORDS_MAX 256 /* of one input: state needs a story, libFuzzer needs speed */
#define NS_PER_MS 1000000ULL
#define TIME_FIRST_NS (3600ULL * 1000 * NS_PER_MS)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* What was judged so far, counted here as the contract says it must be counted there. */
struct tally {
	uint64_t judged, bytes; /* of devices, and of unknown MACs */
	uint64_t unpoliced;	/* to nobody */
	uint64_t dropped;	/* and what would have been */
	uint64_t told;		/* packets of events about those */
};

struct story {
	struct engine *engine;
	const struct ruleset *ruleset;
	uint32_t generation;
	uint64_t now_ns;
	struct tally tally;
};

static struct ruleset *rulesets[SEED_POLICY_COUNT];

static struct ruleset *load(const char *name)
{
	char path[256];
	AUTO_DIAGS struct diags diags = {0};
	struct policy *policy = NULL; /* never freed: the ruleset borrows it until the end */
	struct ruleset *ruleset = NULL;
	const struct ruleset_input input = {.generation = 1, .seed = 1};

	snprintf(path, sizeof(path), POLICY_DIR "%s", name);
	if (policy_read_file(path, &diags, &policy) || ruleset_compile(policy, &input, &diags, &ruleset)) {
		diags_print(&diags, stderr);
		exit(EXIT_FAILURE);
	}
	/* Ports are numbered in the order of each device's list, as seeds.c numbers them. */
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		for (size_t port = 0; port < ruleset->devices[i].device->n_ports && port < RF_IDENT_PORTS; port++)
			ruleset->idents[ruleset->devices[i].index].ifindex[port] = SEED_IFINDEX_FIRST + (uint32_t)port;
	return ruleset;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < SEED_POLICY_COUNT; i++)
		rulesets[i] = load(seed_policies[i]);
	return 0;
}

static enum rf_verdict verdict_of(unsigned int reason)
{
	static const uint8_t verdicts[RF_REASON_COUNT] = {
#define X(name, text, verdict, sentence) [RF_REASON_##name] = verdict,
		RF_REASON_LIST(X)
#undef X
	};

	return (enum rf_verdict)verdicts[reason];
}

static const struct policy_device *device_of(const struct ruleset *ruleset, uint32_t index)
{
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		if (ruleset->devices[i].index == index)
			return ruleset->devices[i].device;
	return NULL;
}

static void check_reason(const struct rf_result *result)
{
	REQUIRE(result->reason > RF_REASON_NONE && result->reason < RF_REASON_COUNT);
	REQUIRE(result->would > RF_REASON_NONE && result->would < RF_REASON_COUNT);
	REQUIRE(result->reason != RF_REASON_INTERNAL);
	REQUIRE(result->verdict == verdict_of(result->reason));
	if (result->reason == RF_REASON_WOULD_DROP)
		REQUIRE(verdict_of(result->would) == RF_DROP && result->would != RF_REASON_MALFORMED);
	else
		REQUIRE(result->would == result->reason);
}

/* "quarantine allows ARP, ND, EAPOL and the dhcp service only"; the same for a MAC that nobody claims. */
static void check_shut_out(const struct rf_result *result, const struct engine_facts *facts)
{
	const bool dhcp4 = facts->l3 == 4 && (facts->dport == 67 || facts->dport == 68);
	const bool dhcp6 = facts->l3 == 6 && (facts->dport == 546 || facts->dport == 547);

	if (result->verdict == RF_DROP)
		return;
	REQUIRE(result->reason == RF_REASON_LINK || result->reason == RF_REASON_SERVICE ||
		result->reason == RF_REASON_ESTABLISHED);
	if (result->reason == RF_REASON_SERVICE)
		REQUIRE(facts->proto == IPPROTO_UDP && (dhcp4 || dhcp6));
	/* Rows are only of DHCP, to it or in fragments of it. */
	if (result->reason == RF_REASON_ESTABLISHED && facts->has_ports)
		REQUIRE(facts->proto == IPPROTO_UDP && (dhcp4 || dhcp6));
}

static void check_mode(const struct rf_result *result, const struct ruleset *ruleset, const struct engine_facts *facts)
{
	const struct policy_device *device = device_of(ruleset, result->device);

	REQUIRE((device == NULL) == (result->device == RF_DEVICE_NONE));
	if (!device) {
		if (result->reason == RF_REASON_UNPOLICED)
			return;
		REQUIRE(result->reason != RF_REASON_MODE_OFF && result->reason != RF_REASON_QUARANTINED);
		if (ruleset->policy->unknown == POLICY_UNKNOWN_QUARANTINE)
			check_shut_out(result, facts);
		return;
	}
	REQUIRE(result->reason != RF_REASON_UNKNOWN_DEVICE && result->reason != RF_REASON_UNPOLICED);
	REQUIRE((result->reason == RF_REASON_MODE_OFF) == (device->mode == POLICY_MODE_OFF));
	REQUIRE(result->reason != RF_REASON_WOULD_DROP || device->mode == POLICY_MODE_MONITOR);
	REQUIRE(result->reason != RF_REASON_QUARANTINED || device->mode == POLICY_MODE_QUARANTINE);
	if (device->mode == POLICY_MODE_MONITOR)
		REQUIRE(result->verdict == RF_PASS || result->reason == RF_REASON_MALFORMED);
	if (device->mode == POLICY_MODE_QUARANTINE)
		check_shut_out(result, facts);
}

static void check_frame(struct story *story, const struct rf_result *result, const struct engine_frame *frame)
{
	struct tally *tally = &story->tally;
	struct engine_facts facts;

	engine_read(frame, &facts);
	check_reason(result);
	check_mode(result, story->ruleset, &facts);
	/* What cannot be read passes only where nothing is read: mode off, or nobody's. */
	if (facts.malformed && result->reason != RF_REASON_MODE_OFF && result->reason != RF_REASON_UNPOLICED)
		REQUIRE(result->reason == RF_REASON_MALFORMED || result->verdict == RF_DROP);
	if (result->reason == RF_REASON_UNPOLICED) {
		tally->unpoliced++;
		return;
	}
	tally->judged++;
	tally->bytes += frame->wire_len;
	tally->dropped += verdict_of(result->would) == RF_DROP;
}

/* What was learned, and what gave way to it, is told without a packet; everything else counts some. */
static bool told_packets(const struct rf_event *event)
{
	return event->packets || event->type == RF_EVENT_LEARNED || event->type == RF_EVENT_EVICTED;
}

static void count_event(void *data, const struct rf_event *event)
{
	struct tally *tally = data;

	REQUIRE(told_packets(event) && event->reason < RF_REASON_COUNT && event->type < RF_EVENT_COUNT);
	REQUIRE(event->first_ticks <= event->last_ticks && event->last_ticks <= event->now_ticks);
	if (event->type == RF_EVENT_DROP || event->type == RF_EVENT_WOULD_DROP)
		tally->told += event->packets;
}

static uint64_t packets(const struct counters *counters)
{
	return counters->first.from_passed.packets + counters->first.from_dropped.packets +
	       counters->rest.from_would_drop.packets + counters->rest.to_passed.packets +
	       counters->rest.to_dropped.packets + counters->rest.to_would_drop.packets;
}

static uint64_t bytes(const struct counters *counters)
{
	return counters->first.from_passed.bytes + counters->first.from_dropped.bytes +
	       counters->rest.from_would_drop.bytes + counters->rest.to_passed.bytes + counters->rest.to_dropped.bytes +
	       counters->rest.to_would_drop.bytes;
}

/* "Nothing is uncounted." */
static void check_counters(const struct story *story)
{
	const struct tally *tally = &story->tally;
	const struct rf_totals *totals = engine_totals(story->engine);
	uint64_t all_packets = 0, all_bytes = 0;
	struct counters counters;

	for (uint32_t i = 0; engine_counters(story->engine, i, &counters); i++) {
		uint64_t by_reason = 0;

		for (int reason = 0; reason < RF_REASON_COUNT; reason++)
			by_reason += counters_reason(&counters, reason);
		REQUIRE(by_reason == packets(&counters));
		all_packets += packets(&counters);
		all_bytes += bytes(&counters);
	}
	REQUIRE(all_packets == tally->judged);
	REQUIRE(all_bytes == tally->bytes);
	REQUIRE(totals->unpoliced_to.packets == tally->unpoliced);
	REQUIRE(totals->internal == 0);
	REQUIRE(tally->told + totals->packets_quiet <= tally->dropped);
}

/* The frame in memory of its own, so that a byte read beyond it is found. */
static void judge(struct story *story, const struct seed_record *record, const uint8_t *data)
{
	uint8_t *copy = malloc(record->len ? record->len : 1);
	const struct engine_frame frame = {
		.bytes = copy,
		.cap_len = record->len,
		.wire_len = record->len + (record->flags & SEED_CUT ? record->tag : 0U),
		.time_ns = story->now_ns,
		.ifindex = seed_ifindex(record),
		.has_vlan_tci = !!(record->flags & SEED_TAG),
		.vlan_tci = record->tag,
	};
	struct rf_result result = {0};

	REQUIRE(copy);
	memcpy(copy, data, record->len);
	REQUIRE(!engine_judge(story->engine, record->flags & SEED_TO ? RF_DIRECTION_TO : RF_DIRECTION_FROM, &frame,
			      &result));
	check_frame(story, &result, &frame);
	free(copy);
}

static void reload(struct story *story, const struct seed_record *record)
{
	struct ruleset *next = rulesets[seed_policy(record)];

	/* Each was compiled by itself, so an index may mean another device: told apart only where they are the same policy. */
	if (next->n_indices != story->ruleset->n_indices)
		return;
	/* Never the same twice: what is remembered says which one judged it. */
	next->bank.generation = ++story->generation;
	REQUIRE(!engine_reload(story->engine, next));
	story->ruleset = next;
}

static size_t play(struct story *story, const uint8_t *data, size_t size)
{
	struct seed_record record;
	size_t used = seed_read(data, size, &record);

	if (!used)
		return 0;
	story->now_ns += record.wait_ms * (record.flags & SEED_LONG ? 1000 : 1) * NS_PER_MS;
	if (record.flags & SEED_RELOAD)
		reload(story, &record);
	judge(story, &record, data + SEED_HEAD_BYTES);
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct story story = {.now_ns = TIME_FIRST_NS};
	struct seed_record first;
	size_t used = 1;

	if (!seed_read(data, size, &first))
		return 0;
	story.ruleset = rulesets[seed_policy(&first)];
	rulesets[seed_policy(&first)]->bank.generation = ++story.generation;
	REQUIRE(!engine_new(story.ruleset, RF_SIZING_AUTO, &story.engine));
	engine_on_event(story.engine, count_event, &story.tally);
	for (int i = 0; i < RECORDS_MAX && used; i++) {
		used = play(&story, data, size);
		data += used;
		size -= used;
	}
	check_counters(&story);
	engine_free(story.engine);
	return 0;
}
