// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many DNS names a policy may have: hundreds of names and wildcards in a profile, 65,536 in all and not one more; each has a place of its own in the table.
 */
#include "ruleset_help.h"

#include <stdlib.h>

#define PROFILE_NAMES 256

/* `n` names in one rule of a profile, every second one a wildcard. */
static void write_profile(struct help_text *text, uint32_t profile, uint32_t n)
{
	fprintf(text->out,
		"  p%u:\n    default: deny\n    services: [dns]\n    rules:\n      - proto: tcp\n        allow:\n",
		profile);
	for (uint32_t i = 0; i < n; i++)
		fprintf(text->out, "        - \"%sn%u.p%u.example.com\"\n", i & 1 ? "*." : "", i, profile);
}

/* 0 or a negative errno; the last line of what it says in *ret_text, which the caller frees. */
static int try_profiles(uint32_t n_profiles, uint32_t each, uint32_t more, struct ruleset **ret_ruleset,
			char **ret_text)
{
	struct ruleset_input input = {.generation = 1, .seed = HELP_SEED, .name_seed = HELP_SEED};
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	struct help_text text = {0};
	int r;

	help_text_open(&text);
	fputs("profiles:\n", text.out);
	for (uint32_t i = 0; i < n_profiles; i++)
		write_profile(&text, i, each + (i + 1 == n_profiles ? more : 0));
	fputs("devices:\n", text.out);
	for (uint32_t i = 0; i < n_profiles; i++)
		fprintf(text.out, "  d%u: {mac: \"02:00:00:00:%02x:%02x\", profile: p%u}\n", i, i >> 8, i & 255, i);
	help_text_close(&text);
	policy = help_policy(text.data);
	help_text_free(&text);
	r = ruleset_compile(policy, &input, &diags, ret_ruleset);
	*ret_text = diags.n_items ? diag_text(&diags.items[diags.n_items - 1]) : NULL;
	return r;
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* All of them are there, each with rules of its own. */
static void check_table(const struct ruleset *ruleset, uint32_t n)
{
	uint64_t *keys = calloc(n, sizeof(*keys));
	uint32_t found = 0;

	assert_non_null(keys);
	for (uint32_t i = 0; i < ruleset->n_names * RF_BUCKET_SLOTS; i++) {
		const struct rf_name_slot *slot = &ruleset->names[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS];

		if (!slot->key)
			continue;
		assert_true(found < n);
		assert_int_equal(slot->flags, RF_NAME_LISTED);
		keys[found++] = slot->key;
	}
	assert_int_equal(found, n);
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (uint32_t i = 1; i < n; i++)
		assert_true(keys[i - 1] != keys[i]);
	free(keys);
}

static void check_accepted(uint32_t n_profiles, uint32_t each)
{
	AUTO_RULESET struct ruleset *ruleset = NULL;
	char *text = NULL;

	if (try_profiles(n_profiles, each, 0, &ruleset, &text))
		fail_msg("%u names in each of %u profiles: %s", each, n_profiles, text);
	assert_null(text);
	check_table(ruleset, n_profiles * each);
}

static void test_of_a_profile(void **state)
{
	(void)state;
	check_accepted(1, 2 * PROFILE_NAMES); /* as many names as wildcards */
	check_accepted(1, RULESET_NAMES_MAX);
}

static void test_of_all(void **state)
{
	(void)state;
	assert_int_equal(RULESET_NAMES_MAX, 65536); /* what the manual says */
	check_accepted(RULESET_NAMES_MAX / PROFILE_NAMES, PROFILE_NAMES);
}

static void check_refused(uint32_t n_profiles, uint32_t each)
{
	AUTO_RULESET struct ruleset *ruleset = NULL;
	char *text = NULL;

	assert_int_not_equal(try_profiles(n_profiles, each, 1, &ruleset, &text), 0);
	assert_null(ruleset);
	assert_non_null(text);
	if (!text || !strstr(text, "more than 65536 DNS names in all profiles together"))
		fail_msg("it says: %s", text);
	free(text);
}

static void test_one_more(void **state)
{
	(void)state;
	check_refused(1, RULESET_NAMES_MAX);
	check_refused(RULESET_NAMES_MAX / PROFILE_NAMES, PROFILE_NAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_a_profile),
		cmocka_unit_test(test_of_all),
		cmocka_unit_test(test_one_more),
	};

	return cmocka_run_group_tests_name("compile_names", tests, NULL, NULL);
}
