// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf/names.h, natively: what a device keeps of names and addresses when there are more than it has room for, and who is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/known.h"
#include "../../user/engine/engine.h"
#include "../../user/policy/policy.h"
#include "../../user/policy/ruleset.h"

#define CAM 0x020000001001ULL
#define TWIN 0x020000001002ULL
#define GATEWAY 0x020000000001ULL
#define RESOLVER 0xc0a80101U /* 192.168.1.1 */
#define ANSWER_ADDRESSES 32
/* Of a device at sizing home. */
#define KNOWN_SETS 8
#define LEARNED_SETS 32
#define ROOM (RF_LEARNED_WAYS * LEARNED_SETS)

static const char text[] = "network: {local: [192.168.1.0/24], gateway: [192.168.1.1]}\n"
			   "unknown: p\n"
			   "profiles:\n"
			   "  p:\n"
			   "    default: deny\n"
			   "    services: [dns]\n"
			   "    rules:\n"
			   "      - {allow: [keep.example, \"*.cloud.example\"], proto: tcp, port: 443}\n"
			   "devices:\n"
			   "  cam: {mac: \"02:00:00:00:10:01\", profile: p}\n"
			   "  twin: {mac: \"02:00:00:00:10:02\", profile: p}\n";

struct world {
	struct engine *engine;
	uint64_t now_ns;
	uint16_t id;
	size_t evicted, evicted_names, learned;
	char last[KNOWN_TEXT_MAX]; /* name that gave way */
};

static void take_event(void *data, const struct rf_event *event)
{
	const struct rf_evicted *evicted = (const struct rf_evicted *)event;
	struct world *world = data;

	if (event->type == RF_EVENT_LEARNED)
		world->learned++;
	if (event->type != RF_EVENT_EVICTED)
		return;
	world->evicted++;
	world->evicted_names += !event->remote.hi && !event->remote.lo;
	assert_non_null(known_text(evicted->wire, evicted->len, world->last));
}

static int set_up(void **state)
{
	const struct ruleset_input input = {.generation = 1, .seed = 7, .name_seed = 11};
	static struct world world;
	struct ruleset *ruleset = NULL;
	struct policy *policy = NULL;
	struct diags diags = {0};

	world = (struct world){.now_ns = 1000000000ULL * 1000};
	assert_int_equal(policy_read_text("test", text, sizeof(text) - 1, &diags, &policy), 0);
	assert_int_equal(ruleset_compile(policy, &input, &diags, &ruleset), 0);
	assert_int_equal(engine_new(ruleset, RF_SIZING_HOME, &world.engine), 0);
	engine_on_event(world.engine, take_event, &world);
	ruleset_free(ruleset);
	policy_free(policy);
	diags_free(&diags);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	engine_free(world->engine);
	return 0;
}

/* ---- frames ---- */

static size_t put(uint8_t *to, size_t at, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		to[at++] = (uint8_t)(value >> (8 * i));
	return at;
}

static size_t put_name(uint8_t *to, size_t at, const char *name)
{
	while (*name) {
		const size_t label = strcspn(name, ".");

		to[at++] = (uint8_t)label;
		memcpy(to + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	to[at++] = 0;
	return at;
}

/* Ethernet and IPv4 around `len` bytes of the upper layer. */
static enum rf_verdict judge(struct world *world, enum rf_direction direction, uint64_t device, uint32_t remote,
			     uint8_t proto, const uint8_t *upper, size_t len)
{
	const bool from = direction == RF_DIRECTION_FROM;
	const uint32_t local = 0xc0a80100U | (uint32_t)(device & 0xff);
	struct rf_result result;
	uint8_t frame[2048];
	size_t at = put(frame, 0, from ? GATEWAY : device, 6);

	at = put(frame, at, from ? device : GATEWAY, 6);
	at = put(frame, at, 0x08004500, 4);
	at = put(frame, at, 20 + len, 2);
	at = put(frame, at, 0, 4);
	at = put(frame, at, 64, 1);
	at = put(frame, at, proto, 1);
	at = put(frame, at, 0, 2);
	at = put(frame, at, from ? local : remote, 4);
	at = put(frame, at, from ? remote : local, 4);
	memcpy(frame + at, upper, len);
	at += len;
	assert_int_equal(engine_judge(world->engine, direction,
				      &(struct engine_frame){
					      .bytes = frame, .cap_len = at, .wire_len = at, .time_ns = world->now_ns},
				      &result),
			 0);
	return result.verdict;
}

/* The device asks for the name, and is told n addresses from `first` on. */
static void look_up(struct world *world, uint64_t device, const char *name, uint32_t first, unsigned int n,
		    uint32_t ttl)
{
	uint8_t message[1500] = {0};
	size_t at = put(message, 8, ++world->id, 2), end;

	put(message, put(message, at, 0x0100, 2), 1, 2);
	at = put_name(message, 8 + 12, name);
	end = put(message, at, 0x00010001, 4);
	put(message, 0, 5353ULL << 48 | 53ULL << 32 | end << 16, 8);
	assert_int_equal(judge(world, RF_DIRECTION_FROM, device, RESOLVER, 17, message, end), RF_PASS);
	put(message, 10, 0x8180, 2);
	put(message, 14, n, 2);
	for (unsigned int i = 0; i < n; i++) {
		end = put(message, end, 0xc00c00010001ULL, 6);
		end = put(message, end, ttl, 4);
		end = put(message, end, 4, 2);
		end = put(message, end, first + i, 4);
	}
	put(message, 0, 53ULL << 48 | 5353ULL << 32 | end << 16, 8);
	assert_int_equal(judge(world, RF_DIRECTION_TO, device, RESOLVER, 17, message, end), RF_PASS);
}

/* All of n addresses, as many as go into an answer at a time. */
static void look_up_many(struct world *world, const char *name, uint32_t first, unsigned int n, uint32_t ttl)
{
	for (unsigned int i = 0; i < n; i += ANSWER_ADDRESSES) {
		world->now_ns += 1000000000ULL / 4;
		look_up(world, CAM, name, first + i, ANSWER_ADDRESSES, ttl);
	}
}

static unsigned int reachable(struct world *world, uint64_t device, uint32_t first, unsigned int n)
{
	uint8_t tcp[20] = {40000 >> 8, 40000 & 0xff, 443 >> 8, 443 & 0xff, [12] = 5 << 4, [13] = 2};
	unsigned int passed = 0;

	for (unsigned int i = 0; i < n; i++)
		passed += judge(world, RF_DIRECTION_FROM, device, first + i, 6, tcp, sizeof(tcp)) == RF_PASS;
	return passed;
}

/* ---- tests ---- */

static void test_one_address(void **state)
{
	struct world *world = *state;

	assert_int_equal(reachable(world, CAM, 0xcb007100, 2), 0);
	look_up(world, CAM, "keep.example", 0xcb007100, 1, 300);
	assert_int_equal(reachable(world, CAM, 0xcb007100, 2), 1);
	assert_int_equal(reachable(world, TWIN, 0xcb007100, 2), 0);
	assert_int_equal(world->learned, 1);
	assert_int_equal(world->evicted, 0);
}

/* A zone that answers with ever new addresses, and lives a day with each, takes one place in eight. */
static void test_one_name_does_not_take_all(void **state)
{
	struct world *world = *state;
	unsigned int before;

	look_up_many(world, "keep.example", 0xcb000000, 4 * ROOM, 86400);
	before = reachable(world, CAM, 0xcb000000, 4 * ROOM);
	assert_int_equal(before, ROOM);
	look_up_many(world, "a.cloud.example", 0x08000000, 32 * ROOM, 86400);
	assert_in_range(reachable(world, CAM, 0xcb000000, 4 * ROOM), before - LEARNED_SETS, before);
	assert_in_range(reachable(world, CAM, 0x08000000, 32 * ROOM), 1, LEARNED_SETS);
}

/* What nothing allows takes no place from what a rule lists: of addresses, and of names. */
static void test_unlisted_names_push_out_nothing(void **state)
{
	struct world *world = *state;
	char name[64];

	look_up_many(world, "keep.example", 0xcb000000, 4 * ROOM, 300);
	for (int i = 0; i < KNOWN_SETS * RF_KNOWN_WAYS / 4; i++) {
		snprintf(name, sizeof(name), "n%d.cloud.example", i);
		look_up(world, CAM, name, 0x0a000000U + (uint32_t)i, 1, 86400);
	}
	assert_int_equal(reachable(world, CAM, 0x0a000000, 16), 16);
	for (int i = 0; i < 500; i++) {
		world->now_ns += 1000000;
		snprintf(name, sizeof(name), "n%d.other.example", i);
		look_up(world, CAM, name, 0x08000000U + 32U * (uint32_t)i, 32, 86400);
	}
	assert_int_equal(reachable(world, CAM, 0x0a000000, 16), 16);
	assert_in_range(reachable(world, CAM, 0xcb000000, 4 * ROOM), ROOM - 16, ROOM);
	assert_int_equal(world->evicted_names, 0);
}

/* More names than there is room for: the oldest go, each is told by name, and what was learned under it is closed. */
static void test_names_that_give_way_are_told(void **state)
{
	const unsigned int room = KNOWN_SETS * RF_KNOWN_WAYS, n = 3 * room;
	struct world *world = *state;
	char name[64];

	for (unsigned int i = 0; i < n; i++) {
		world->now_ns += 1000000000ULL / 10;
		snprintf(name, sizeof(name), "N%u.Cloud.Example", i);
		look_up(world, CAM, name, 0x0a000000U + i, 1, 86400);
	}
	/* Addresses fall into their sets by hash, so a few go before their name. */
	assert_int_equal(world->evicted_names, n - room);
	assert_in_range(reachable(world, CAM, 0x0a000000, n), room - (world->evicted - world->evicted_names), room);
	assert_int_equal(strncmp(world->last, "n", 1), 0);
	assert_string_equal(strchr(world->last, '.'), ".cloud.example");
}

/* Within one second a device causes no more than its budget. */
static void test_telling_is_bounded(void **state)
{
	struct world *world = *state;

	for (unsigned int i = 0; i < 4 * ROOM / ANSWER_ADDRESSES; i++)
		look_up(world, CAM, "keep.example", 0xcb000000 + ANSWER_ADDRESSES * i, ANSWER_ADDRESSES, 300);
	assert_in_range(world->learned + world->evicted, 1, RF_EVENT_BUDGET);
	assert_true(engine_totals(world->engine)->events_lost > 0);
	assert_true(engine_totals(world->engine)->dns_evicted >= 3 * ROOM);
}

/* One device's flood is its own. */
static void test_other_devices_keep_theirs(void **state)
{
	struct world *world = *state;
	unsigned int before;

	for (unsigned int i = 0; i < 4; i++)
		look_up(world, TWIN, "keep.example", 0xcb000000 + ANSWER_ADDRESSES * i, ANSWER_ADDRESSES, 300);
	before = reachable(world, TWIN, 0xcb000000, 128);
	assert_in_range(before, 120, 128);
	look_up_many(world, "a.cloud.example", 0x08000000, 8 * ROOM, 86400);
	assert_int_equal(reachable(world, TWIN, 0xcb000000, 128), before);
}

/* Unknown devices share rows, and still learn each for itself: of a thousand, some are in the same as the first. */
static void test_unknown_devices_learn_for_themselves(void **state)
{
	const uint64_t first = 0x060000000100ULL;
	struct world *world = *state;

	look_up(world, first, "keep.example", 0xcb007100, 4, 300);
	for (uint64_t mac = first + 1; mac < first + 1000; mac++)
		assert_int_equal(reachable(world, mac, 0xcb007100, 4), 0);
	assert_int_equal(reachable(world, first, 0xcb007100, 4), 4);
	look_up(world, first + 1, "keep.example", 0xcb007100, 4, 300);
	assert_int_equal(reachable(world, first + 1, 0xcb007100, 4), 4);
	assert_int_equal(reachable(world, first, 0xcb007100, 4), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown_devices_learn_for_themselves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_address, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_name_does_not_take_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unlisted_names_push_out_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_that_give_way_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_telling_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_devices_keep_theirs, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
