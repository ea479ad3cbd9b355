// SPDX-License-Identifier: GPL-2.0-only
/* user/common/text.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/text.h"

static void test_numbers(void **state)
{
	uint64_t value = 7;

	(void)state;
	assert_true(text_to_u64("0", 10, &value) && value == 0);
	assert_true(text_to_u64("00010", 10, &value) && value == 10);
	assert_true(text_to_u64("18446744073709551615", UINT64_MAX, &value) && value == UINT64_MAX);
	value = 7;
	assert_false(text_to_u64("18446744073709551616", UINT64_MAX, &value));
	assert_false(text_to_u64("11", 10, &value));
	assert_false(text_to_u64("99999999999999999999999999", 10, &value));
	assert_false(text_to_u64("5", 4, &value));
	assert_false(text_to_u64("", 10, &value));
	assert_false(text_to_u64("-1", 10, &value));
	assert_false(text_to_u64("+1", 10, &value));
	assert_false(text_to_u64(" 1", 10, &value));
	assert_false(text_to_u64("1 ", 10, &value));
	assert_false(text_to_u64("0x1", 10, &value));
	assert_int_equal(value, 7);
	assert_true(text_to_u64_hex("0x88e1", 0xffff, &value) && value == 0x88e1);
	assert_true(text_to_u64_hex("0XFFFF", 0xffff, &value) && value == 0xffff);
	assert_true(text_to_u64_hex("35041", 0xffff, &value) && value == 0x88e1);
	assert_false(text_to_u64_hex("0x10000", 0xffff, &value));
	assert_false(text_to_u64_hex("0x", 0xffff, &value));
	assert_false(text_to_u64_hex("88e1", 0xffff, &value));
	assert_false(text_to_u64_hex("0xg", 0xffff, &value));
}

/* Encode by the book (RFC 3629 3), decode by ours, for every code point. */
static void test_utf8_all(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x110000; code++) {
		uint32_t got = 0;
		char b[4];
		size_t n;

		if (code < 0x80) {
			n = 1;
			b[0] = (char)code;
		} else if (code < 0x800) {
			n = 2;
			b[0] = (char)(0xc0 | code >> 6);
		} else if (code < 0x10000) {
			n = 3;
			b[0] = (char)(0xe0 | code >> 12);
		} else {
			n = 4;
			b[0] = (char)(0xf0 | code >> 18);
		}
		for (size_t i = 1; i < n; i++)
			b[i] = (char)(0x80 | (code >> 6 * (n - 1 - i) & 0x3f));
		if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
			assert_int_equal(text_utf8(b, n, &got), 0);
			continue;
		}
		assert_int_equal(text_utf8(b, n, &got), n);
		assert_int_equal(got, code);
		assert_int_equal(text_utf8(b, n - 1, &got), 0); /* cut short */
	}
}

static void test_utf8_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3(",
		"\xe2\x28\xa1",
		"\xe2\x82(",
	};
	uint32_t code;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(text_utf8(bad[i], strlen(bad[i]), &code), 0);
}

static void test_escape(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} cases[] = {
		{"plain", 5, "plain"},
		{"", 0, ""},
		{"a\0b", 3, "a\\x00b"},
		{"\x1b[31mred", 8, "\\x1b[31mred"},
		{"K\xc3\xbc"
		 "che",
		 6,
		 "K\xc3\xbc"
		 "che"},
		{"\xc3", 1, "\\xc3"},
		{"\xc2\x9b"
		 "31m",
		 5, "\\xc2\\x9b31m"}, /* C1 CSI */
		{"a\xe2\x80\xae"
		 "b",
		 5, "a\\xe2\\x80\\xaeb"}, /* right-to-left override */
		{"\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf"},
		{"tab\tnl\n", 7, "tab\\x09nl\\x0a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_FREE char *got = text_escape(cases[i].text, cases[i].len);

		assert_non_null(got);
		assert_string_equal(got, cases[i].want);
		assert_true(text_is_printable(got, strlen(got)));
	}
}

/* The definition, without a limit and without tricks (optimal string alignment). */
static unsigned int slow_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned int best, other;

	if (!n || !m)
		return (unsigned int)(n + m);
	best = slow_distance(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
	other = slow_distance(a, n - 1, b, m) + 1;
	best = other < best ? other : best;
	other = slow_distance(a, n, b, m - 1) + 1;
	best = other < best ? other : best;
	if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
		other = slow_distance(a, n - 2, b, m - 2) + 1;
		best = other < best ? other : best;
	}
	return best;
}

static void test_distance(void **state)
{
	unsigned int seed = 1;

	(void)state;
	assert_int_equal(text_distance("proto", "proto", 2), 0);
	assert_int_equal(text_distance("prot", "proto", 2), 1);
	assert_int_equal(text_distance("porto", "proto", 2), 1);
	assert_int_equal(text_distance("interent", "internet", 2), 1);
	assert_int_equal(text_distance("abc", "xyz", 2), 3);
	assert_int_equal(text_distance("a", "abcdefgh", 2), 3);

	for (int round = 0; round < 3000; round++) {
		char a[8], b[8];
		size_t n, m;
		unsigned int want, got;

		seed = seed * 1103515245 + 12345;
		n = seed >> 16 & 7;
		m = seed >> 20 & 7;
		for (size_t i = 0; i < 7; i++) {
			seed = seed * 1103515245 + 12345;
			a[i] = (char)('a' + (seed >> 16 & 1));
			b[i] = (char)('a' + (seed >> 18) % 3);
		}
		a[n] = b[m] = '\0';
		want = slow_distance(a, n, b, m);
		for (unsigned int max = 0; max < 4; max++) {
			got = text_distance(a, b, max);
			if (got != (want <= max ? want : max + 1))
				fail_msg("\"%s\" \"%s\" max %u: %u, not %u", a, b, max, got, want);
		}
	}
}

static void test_distance_long(void **state)
{
	char a[200], b[200];

	(void)state;
	memset(a, 'a', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	strcpy(b, a);
	assert_int_equal(text_distance(a, b, 2), 0);
	b[100] = 'b';
	assert_int_equal(text_distance(a, b, 2), 3);
	/* Exactly at the limit of the rows. */
	a[64] = b[64] = '\0';
	b[3] = 'x';
	assert_int_equal(text_distance(a, b, 2), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_utf8_all), cmocka_unit_test(test_utf8_refused),
		cmocka_unit_test(test_escape),	cmocka_unit_test(test_distance), cmocka_unit_test(test_distance_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
