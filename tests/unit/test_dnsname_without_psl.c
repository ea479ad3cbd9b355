// SPDX-License-Identifier: GPL-2.0-only
/* user/policy/dnsname.c as it is built where libpsl is not there: names are read alike, and only what is below a top-level name is warned about. */
#undef HAVE_PSL

/* In place of that of the library, which has libpsl. */
#include "../../user/policy/dnsname.c" /* NOLINT(bugprone-suspicious-include) */

#include "ruleset_help.h"

static unsigned int warnings_of(const char *name)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	char text[200];

	snprintf(text, sizeof(text), "profiles: {p: {default: deny, rules: [{allow: \"%s\"}]}}\n", name);
	assert_int_equal(policy_read_text("test.yaml", text, strlen(text), &diags, &policy), 0);
	assert_int_equal(diags.n_errors, 0);
	return (unsigned int)diags.n_items;
}

static void test_warnings(void **state)
{
	(void)state;
	assert_int_equal(warnings_of("*.com"), 1);
	assert_int_equal(warnings_of("*.uk"), 1);
	assert_int_equal(warnings_of("*.co.uk"), 0); /* nobody knows better here */
	assert_int_equal(warnings_of("*.example.co.uk"), 0);
	assert_int_equal(warnings_of("co.uk"), 0);
}

static void test_read(void **state)
{
	AUTO_ARENA struct arena *arena = arena_new();
	struct dnsname name = {0};

	(void)state;
	assert_null(dnsname_parse("*.B\xc3\x9c"
				  "CHER.example.",
				  arena, &name));
	assert_string_equal(name.name, "xn--bcher-kva.example");
	assert_true(name.wildcard);
	assert_non_null(dnsname_parse("*.*.example", arena, &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("dnsname_without_psl", tests, NULL, NULL);
}
