// SPDX-License-Identifier: GPL-2.0-only
/* user/common/event.c: the object of `events --json`, key by key as the manual gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/event.h"

#define BOOT_NS 1790000000000000000 /* 2026-09-21T14:13:20Z */
#define SECOND 1000000000ULL

static const struct rf_event drop = {
	.time_ns = 10 * SECOND + 123456789,
	.now_ticks = 5000,
	.first_ticks = 4750,
	.last_ticks = 4990,
	.packets = 40,
	.bytes = 4000,
	.remote = {0, RF_ADDR_V4_MAPPED | 0x2f5b0102},
	.local = {0, RF_ADDR_V4_MAPPED | 0xc0a80128},
	.device = 64,
	.rule = RF_RULE_NONE,
	.remote_port = 32100,
	.local_port = 10245,
	.ethertype = 0x0800,
	.proto = 17,
	.reason = RF_REASON_DEFAULT_DENY,
	.type = RF_EVENT_DROP,
	.direction = RF_DIRECTION_FROM,
	.mac = {0x00, 0x62, 0x6e, 0x93, 0x41, 0x75},
	.l3 = 4,
};

static const struct event_names names = {
	.device = "front-door",
	.port = "wlan0",
	.proto = "udp",
	.boot_ns = BOOT_NS,
	.hz = 250,
};

static void check(const struct rf_event *event, const struct event_names *with, const char *expected)
{
	json_t *json = event_json(event, with);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void test_drop(void **state)
{
	(void)state;
	check(&drop, &names,
	      "{\"time\":\"2026-09-21T14:13:30.123Z\",\"type\":\"drop\",\"device\":\"front-door\",\"mac\":\"00:62:6e:93:41:75\","
	      "\"port\":\"wlan0\",\"direction\":\"from\",\"reason\":\"default-deny\",\"rule\":null,\"proto\":\"udp\","
	      "\"src\":\"192.168.1.40\",\"sport\":10245,\"dst\":\"47.91.1.2\",\"dport\":32100,\"name\":null,"
	      "\"packets\":40,\"bytes\":4000,\"first\":\"2026-09-21T14:13:29.123Z\",\"last\":\"2026-09-21T14:13:30.083Z\"}");
}

static void test_to_device_ipv6(void **state)
{
	struct rf_event event = drop;
	struct event_names with = names;

	(void)state;
	event.direction = RF_DIRECTION_TO;
	event.remote = (struct rf_addr){0x20010db800000000, 1};
	event.local = (struct rf_addr){0xfe80000000000000, 0x2ff};
	event.l3 = 6;
	event.proto = 6;
	event.reason = RF_REASON_INBOUND_DENY;
	event.local_port = 80;
	event.remote_port = 40000;
	event.vlan = 20;
	with.proto = "tcp";
	with.rule = "home.yaml:12";
	with.name = "a.example";
	check(&event, &with,
	      "{\"time\":\"2026-09-21T14:13:30.123Z\",\"type\":\"drop\",\"device\":\"front-door\",\"mac\":\"00:62:6e:93:41:75\","
	      "\"port\":\"wlan0\",\"direction\":\"to\",\"reason\":\"inbound-deny\",\"rule\":\"home.yaml:12\",\"proto\":\"tcp\","
	      "\"src\":\"2001:db8::1\",\"sport\":40000,\"dst\":\"fe80::2ff\",\"dport\":80,\"vlan\":20,\"name\":\"a.example\","
	      "\"packets\":40,\"bytes\":4000,\"first\":\"2026-09-21T14:13:29.123Z\",\"last\":\"2026-09-21T14:13:30.083Z\"}");
}

static void test_icmp(void **state)
{
	struct rf_event event = drop;
	struct event_names with = names;
	json_t *json;

	(void)state;
	event.proto = 1;
	event.remote_port = 8;
	with.proto = "icmp";
	json = event_json(&event, &with);
	assert_true(json_is_null(json_object_get(json, "sport")));
	assert_true(json_is_null(json_object_get(json, "dport")));
	assert_int_equal(json_integer_value(json_object_get(json, "icmp_type")), 8);
	json_decref(json);
}

static void test_not_ip(void **state)
{
	struct rf_event event = drop;
	struct event_names with = {.boot_ns = BOOT_NS, .hz = 250};
	json_t *json;

	(void)state;
	event.l3 = 0;
	event.ethertype = 0x88e1;
	event.reason = RF_REASON_ETHERTYPE;
	json = event_json(&event, &with);
	assert_true(json_is_null(json_object_get(json, "device")));
	assert_true(json_is_null(json_object_get(json, "port")));
	assert_true(json_is_null(json_object_get(json, "proto")));
	assert_true(json_is_null(json_object_get(json, "src")));
	assert_true(json_is_null(json_object_get(json, "dst")));
	assert_string_equal(json_string_value(json_object_get(json, "ethertype")), "0x88e1");
	json_decref(json);
}

static void test_number_without_word(void **state)
{
	struct rf_event event = drop;
	struct event_names with = names;
	json_t *json;

	(void)state;
	event.proto = 255;
	with.proto = NULL;
	json = event_json(&event, &with);
	assert_string_equal(json_string_value(json_object_get(json, "proto")), "255");
	assert_true(json_is_null(json_object_get(json, "dport")));
	json_decref(json);
}

/* Ticks that cannot be are told as now, never as a time in the future or of another age. */
static void test_bad_ticks(void **state)
{
	struct rf_event event = drop;
	json_t *json;

	(void)state;
	event.first_ticks = 0;
	event.last_ticks = event.now_ticks + 1;
	event.reason = 255;
	event.type = 255;
	json = event_json(&event, &names);
	assert_string_equal(json_string_value(json_object_get(json, "first")), "2026-09-21T14:13:30.123Z");
	assert_string_equal(json_string_value(json_object_get(json, "last")), "2026-09-21T14:13:30.123Z");
	assert_string_equal(json_string_value(json_object_get(json, "reason")), "internal");
	assert_string_equal(json_string_value(json_object_get(json, "type")), "unread");
	json_decref(json);
}

static void test_time(void **state)
{
	char buf[EVENT_TIME_MAX];

	(void)state;
	assert_string_equal(event_time(0, buf), "1970-01-01T00:00:00.000Z");
	assert_string_equal(event_time(-1, buf), "1970-01-01T00:00:00.000Z");
	assert_string_equal(event_time(951782400999999999, buf), "2000-02-29T00:00:00.999Z");
	assert_string_equal(event_time(INT64_MAX, buf), "2262-04-11T23:47:16.854Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_to_device_ipv6),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_not_ip),
		cmocka_unit_test(test_number_without_word),
		cmocka_unit_test(test_bad_ticks),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
