// SPDX-License-Identifier: GPL-2.0-only
/* user/common/addr.c: every form that people paste, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/addr.h"

static void test_mac_forms(void **state)
{
	static const char *const forms[] = {
		"00:62:6e:93:41:75",  "00:62:6E:93:41:75", "00-62-6e-93-41-75", "0062.6e93.4175",
		"00626e934175",	      "00626E934175",	   "0:62:6e:93:41:75",	"0-62-6E-93-41-75",
		" 00:62:6e:93:41:75", "0062.6e93.4175\t ",
	};
	static const struct mac want = {{0x00, 0x62, 0x6e, 0x93, 0x41, 0x75}};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char buf[MAC_TEXT_MAX];
		struct mac mac;

		assert_true(mac_parse(forms[i], &mac));
		assert_memory_equal(&mac, &want, sizeof(mac));
		assert_string_equal(mac_format(&mac, buf), "00:62:6e:93:41:75");
	}
}

static void test_mac_refused(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		"00",
		"00:62:6e:93:41",
		"00:62:6e:93:41:75:",
		"00:62:6e:93:41:75:01",
		":00:62:6e:93:41:75",
		"00::62:6e:93:41",
		"000:62:6e:93:41:75",
		"00:62:6e:93:41:7g",
		"00:62-6e:93:41:75",
		"0062.6e93.417",
		"0062.6e93.41755",
		"00.62.6e.93.41.75",
		"0062.6e934175",
		"00626e93417",
		"00626e9341755",
		"00: 62:6e:93:41:75",
		" ",
		"00:62:6e:93:41:75 x",
		"0x0626e934175",
		"-00626e934175",
		"00626e93.4175",
	};
	struct mac mac = {{1, 2, 3, 4, 5, 6}}, before = mac;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (mac_parse(bad[i], &mac))
			fail_msg("accepted \"%s\"", bad[i]);
		assert_memory_equal(&mac, &before, sizeof(mac));
	}
}

static void test_mac_kinds(void **state)
{
	struct mac mac;

	(void)state;
	assert_true(mac_parse("01:00:5e:00:00:fb", &mac));
	assert_true(mac_is_multicast(&mac));
	assert_true(mac_parse("ff:ff:ff:ff:ff:ff", &mac));
	assert_true(mac_is_multicast(&mac));
	assert_true(mac_parse("02:00:00:00:00:00", &mac));
	assert_false(mac_is_multicast(&mac));
	assert_false(mac_is_zero(&mac));
	assert_true(mac_parse("00:00:00:00:00:00", &mac));
	assert_true(mac_is_zero(&mac));
}

static void test_prefix_canonical(void **state)
{
	static const struct {
		const char *text, *canonical;
		uint8_t len;
		bool v4;
	} cases[] = {
		{"192.168.1.1", "192.168.1.1", 128, true},
		{"192.168.1.0/24", "192.168.1.0/24", 120, true},
		{"0.0.0.0/0", "0.0.0.0/0", 96, true},
		{"10.1.2.3/32", "10.1.2.3", 128, true},
		{"2001:DB8::1", "2001:db8::1", 128, false},
		{"2001:db8:0:0:0:0:0:0/32", "2001:db8::/32", 32, false},
		{"::/0", "::/0", 0, false},
		{"::/96", "::/96", 96, false},
		{"::ffff:10.0.0.0/104", "10.0.0.0/8", 104, true},
		{"::ffff:0:0/96", "0.0.0.0/0", 96, true},
		{"fe80::/10", "fe80::/10", 10, false},
		{"2001:db8::1/128", "2001:db8::1", 128, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[ADDR_TEXT_MAX];
		struct prefix prefix, again;

		assert_int_equal(prefix_parse(cases[i].text, &prefix), ADDR_OK);
		assert_int_equal(prefix.len, cases[i].len);
		assert_int_equal(prefix_is_v4(&prefix), cases[i].v4);
		assert_string_equal(prefix_format(&prefix, buf), cases[i].canonical);
		assert_int_equal(prefix_parse(buf, &again), ADDR_OK);
		assert_int_equal(prefix_compare(&prefix, &again), 0);
	}
}

static void test_prefix_refused(void **state)
{
	static const struct {
		const char *text;
		enum addr_status status;
	} cases[] = {
		{"", ADDR_SYNTAX},
		{"/24", ADDR_SYNTAX},
		{"1.2.3", ADDR_SYNTAX},
		{"1.2.3.4.5", ADDR_SYNTAX},
		{"01.2.3.4", ADDR_SYNTAX},
		{"256.1.1.1", ADDR_SYNTAX},
		{"1.2.3.4 ", ADDR_SYNTAX},
		{"fe80::1%eth0", ADDR_SYNTAX},
		{":::", ADDR_SYNTAX},
		{"g::1", ADDR_SYNTAX},
		{"1.2.3.4/", ADDR_LEN},
		{"1.2.3.4/33", ADDR_LEN},
		{"1.2.3.4/-1", ADDR_LEN},
		{"1.2.3.4/+8", ADDR_LEN},
		{"::1/129", ADDR_LEN},
		{"::1/9999999999999999999999", ADDR_LEN},
		{"1.2.3.4/255.0.0.0", ADDR_LEN},
		{"1.2.3.4/8/8", ADDR_LEN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix prefix;

		if (prefix_parse(cases[i].text, &prefix) != cases[i].status)
			fail_msg("\"%s\" is not refused as it should", cases[i].text);
	}
}

/* For each length: host bits are found, and the correction is right. */
static void test_prefix_host_bits(void **state)
{
	char text[64], buf[ADDR_TEXT_MAX];

	(void)state;
	for (unsigned int len = 0; len < 128; len++) {
		struct prefix prefix, again;

		snprintf(text, sizeof(text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/%u", len);
		assert_int_equal(prefix_parse(text, &prefix), ADDR_HOST_BITS);
		assert_int_equal(prefix.len, len);
		for (unsigned int bit = 0; bit < 128; bit++)
			assert_int_equal(prefix.addr.bytes[bit / 8] >> (7 - bit % 8) & 1, bit < len);
		assert_int_equal(prefix_parse(prefix_format(&prefix, buf), &again), ADDR_OK);
	}
	for (unsigned int len = 0; len < 32; len++) {
		struct prefix prefix;

		snprintf(text, sizeof(text), "255.255.255.255/%u", len);
		assert_int_equal(prefix_parse(text, &prefix), ADDR_HOST_BITS);
		assert_int_equal(prefix.len, 96 + len);
	}
}

static void test_prefix_contains(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool in;
	} cases[] = {
		{"192.168.1.0/24", "192.168.1.255", true},
		{"192.168.1.0/24", "192.168.2.0", false},
		{"0.0.0.0/0", "8.8.8.8", true},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "8.8.8.8", false},
		{"fe80::/10", "febf::1", true},
		{"fe80::/10", "fec0::1", false},
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"::/96", "8.8.8.8", false},
		{"::/64", "::ffff:1.2.3.4", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix prefix;
		struct addr addr;

		assert_int_equal(prefix_parse(cases[i].prefix, &prefix), ADDR_OK);
		assert_int_equal(addr_parse(cases[i].addr, &addr), ADDR_OK);
		if (prefix_contains(&prefix, &addr) != cases[i].in)
			fail_msg("%s and %s", cases[i].prefix, cases[i].addr);
	}
}

static void test_addr_kinds(void **state)
{
	static const struct {
		const char *text;
		bool multicast, zero, v4;
	} cases[] = {
		{"224.0.0.1", true, false, true},	 {"239.255.255.250", true, false, true},
		{"223.255.255.255", false, false, true}, {"240.0.0.0", false, false, true},
		{"ff02::fb", true, false, false},	 {"fe80::1", false, false, false},
		{"0.0.0.0", false, true, true},		 {"::", false, true, false},
		{"::ffff:0.0.0.0", false, true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr addr;

		assert_int_equal(addr_parse(cases[i].text, &addr), ADDR_OK);
		assert_int_equal(addr_is_multicast(&addr), cases[i].multicast);
		assert_int_equal(addr_is_zero(&addr), cases[i].zero);
		assert_int_equal(addr_is_v4(&addr), cases[i].v4);
	}
}

static void test_wire(void **state)
{
	static const struct {
		const char *text;
		uint64_t hi, lo;
	} cases[] = {
		{"192.168.1.2", 0, 0xffffc0a80102},
		{"0.0.0.0", 0, 0xffff00000000},
		{"::", 0, 0},
		{"2001:db8::1", 0x20010db800000000, 1},
		{"102:304:506:708:90a:b0c:d0e:f10", 0x0102030405060708, 0x090a0b0c0d0e0f10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr addr, back;
		struct rf_addr wire;

		assert_int_equal(addr_parse(cases[i].text, &addr), ADDR_OK);
		wire = addr_to_wire(&addr);
		assert_true(wire.hi == cases[i].hi && wire.lo == cases[i].lo);
		back = addr_from_wire(wire);
		assert_memory_equal(&back, &addr, sizeof(addr));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac_forms),
		cmocka_unit_test(test_mac_refused),
		cmocka_unit_test(test_mac_kinds),
		cmocka_unit_test(test_prefix_canonical),
		cmocka_unit_test(test_prefix_refused),
		cmocka_unit_test(test_prefix_host_bits),
		cmocka_unit_test(test_prefix_contains),
		cmocka_unit_test(test_addr_kinds),
		cmocka_unit_test(test_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
