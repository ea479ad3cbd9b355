// SPDX-License-Identifier: GPL-2.0-only
/* user/policy/dnsname.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/policy/dnsname.h"
#include "../../user/policy/policy.h"

static void test_good(void **state)
{
	static const struct {
		const char *text, *name;
		bool wildcard;
	} cases[] = {
		{"a.example.com", "a.example.com", false},
		{"A.EXAMPLE.Com.", "a.example.com", false},
		{"*.Example.com", "example.com", true},
		{"_ntp._udp.example.com", "_ntp._udp.example.com", false},
		{"b\xc3\xbc"
		 "cher.example",
		 "xn--bcher-kva.example", false},
		{"B\xc3\x9c"
		 "CHER.example",
		 "xn--bcher-kva.example", false},
		{"bu\xcc\x88"
		 "cher.example",
		 "xn--bcher-kva.example", false}, /* decomposed */
		{"xn--bcher-kva.example", "xn--bcher-kva.example", false},
		{"*.stra\xc3\x9f"
		 "e.example",
		 "xn--strae-oqa.example", true},
		{"1.2.3.a", "1.2.3.a", false},
		{"x", "x", false},
	};
	AUTO_ARENA struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dnsname name;

		assert_null(dnsname_parse(cases[i].text, arena, &name));
		assert_string_equal(name.name, cases[i].name);
		assert_int_equal(name.wildcard, cases[i].wildcard);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"*",
		"*.",
		"*..",
		"..",
		"a..b",
		".a",
		"a..",
		"*.*.a",
		"a.*",
		"a*.b",
		"-a.b",
		"a-.b",
		"a b.c",
		"a/b.c",
		"a.b:53",
		"a.1",
		"1.2.3.4",
		"a\xff.b",
		"xn--.example",
		"xn--zzzzzzzzzz99999.example",
		"\xe2\x80\x8b.example",
	};
	AUTO_ARENA struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dnsname name;

		if (!dnsname_parse(bad[i], arena, &name))
			fail_msg("accepted \"%s\" as \"%s\"", bad[i], name.name);
	}
}

static void test_lengths(void **state)
{
	AUTO_ARENA struct arena *arena = arena_new();
	struct dnsname name;
	char text[300];

	(void)state;
	/* 63 and 64 characters in one label. */
	memset(text, 'a', 64);
	strcpy(text + 63, ".com");
	assert_null(dnsname_parse(text, arena, &name));
	memset(text, 'a', 64);
	strcpy(text + 64, ".com");
	assert_non_null(dnsname_parse(text, arena, &name));

	/* 253 and 254 in all: 126 times "a." and one letter, or two. */
	for (size_t i = 0; i < 252; i += 2)
		memcpy(text + i, "a.", 2);
	strcpy(text + 252, "a");
	assert_null(dnsname_parse(text, arena, &name));
	assert_int_equal(strlen(name.name), 253);
	strcpy(text + 252, "aa");
	assert_non_null(dnsname_parse(text, arena, &name));
}

static void test_public_suffix(void **state)
{
	(void)state;
	assert_true(dnsname_is_public_suffix("com"));
	assert_false(dnsname_is_public_suffix("example.com"));
#ifdef HAVE_PSL
	assert_true(dnsname_is_public_suffix("co.uk"));
	assert_false(dnsname_is_public_suffix("example.co.uk"));
#endif
}

#ifdef HAVE_PSL
/* What is said of a wildcard as wide as that; test_dnsname_without_psl.c has the other half. */
static void test_warnings(void **state)
{
	static const struct {
		const char *name;
		size_t warnings;
	} cases[] = {{"*.com", 1}, {"*.co.uk", 1}, {"*.CO.UK.", 1}, {"*.example.co.uk", 0}, {"co.uk", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_DIAGS struct diags diags = {0};
		AUTO_POLICY struct policy *policy = NULL;
		char text[200], *said;

		snprintf(text, sizeof(text), "profiles: {p: {default: deny, rules: [{allow: \"%s\"}]}}\n",
			 cases[i].name);
		assert_int_equal(policy_read_text("test.yaml", text, strlen(text), &diags, &policy), 0);
		assert_int_equal(diags.n_errors, 0);
		assert_int_equal(diags.n_items, cases[i].warnings);
		if (!diags.n_items)
			continue;
		said = diag_text(&diags.items[0]);
		assert_non_null(strstr(said, "anyone can register a name below"));
		free(said);
	}
}
#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	 cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths),	 cmocka_unit_test(test_public_suffix),
#ifdef HAVE_PSL
		cmocka_unit_test(test_warnings),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
