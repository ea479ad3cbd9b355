// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash tables: every key is found in one of its two buckets, at any size, and what cannot be built is refused.
 */
#include "ruleset_help.h"

#include <errno.h>

#include "../../user/policy/table.h"

#define LARGE 50000
#define MISSES 100000

static void check_all_found(const uint64_t *hashes, uint32_t n, const struct table *table)
{
	uint32_t mask = table->n_buckets - 1;
	uint32_t used = 0;

	assert_true(table->n_buckets >= 1);
	assert_int_equal(table->n_buckets & mask, 0);
	assert_true((uint64_t)n * 2 <= (uint64_t)table->n_buckets * RF_BUCKET_SLOTS);
	for (uint32_t i = 0; i < table->n_buckets * RF_BUCKET_SLOTS; i++) {
		uint32_t entry = table->slots[i];
		uint32_t bucket = i / RF_BUCKET_SLOTS;

		if (entry == TABLE_FREE)
			continue;
		used++;
		assert_true(entry < n);
		assert_true(bucket == rf_place_first(hashes[entry], mask) ||
			    bucket == rf_place_second(hashes[entry], mask));
	}
	assert_int_equal(used, n); /* with each in a place of its own: none lost, none twice */
}

static void test_sizes(void **state)
{
	static const uint32_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 100, 1000, 1024, LARGE};
	AUTO_FREE uint64_t *hashes = calloc(LARGE, sizeof(*hashes));
	uint64_t random = 1;

	(void)state;
	assert_non_null(hashes);
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (int round = 0; round < (sizes[k] == LARGE ? 3 : 50); round++) {
			AUTO_FREE unsigned char *seen = calloc(LARGE, 1);
			struct table table;

			for (uint32_t i = 0; i < sizes[k]; i++)
				hashes[i] = help_random(&random);
			assert_int_equal(table_build(hashes, sizes[k], &table), 0);
			check_all_found(hashes, sizes[k], &table);
			for (uint32_t i = 0; i < table.n_buckets * RF_BUCKET_SLOTS; i++)
				if (table.slots[i] != TABLE_FREE)
					assert_int_equal(seen[table.slots[i]]++, 0);
			table_free(&table);
		}
}

/* More keys of one hash than two buckets hold can never be placed: refused, not looped over. */
static void test_same_hash(void **state)
{
	uint64_t hashes[2 * RF_BUCKET_SLOTS + 1];
	struct table table;

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		hashes[i] = 0x123456789abcdef0ULL;
	assert_int_equal(table_build(hashes, 2 * RF_BUCKET_SLOTS, &table), 0);
	check_all_found(hashes, 2 * RF_BUCKET_SLOTS, &table);
	table_free(&table);
	assert_int_equal(table_build(hashes, 2 * RF_BUCKET_SLOTS + 1, &table), -E2BIG);
}

/* The device table of a real ruleset: the policy's MACs are found, others are not. */
static void test_devices(void **state)
{
	struct help_text text = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct help_arrays arrays;
	uint64_t random = 2;

	(void)state;
	help_text_open(&text);
	fputs("profiles: {p: {default: deny}}\ndevices:\n", text.out);
	for (unsigned int i = 0; i < LARGE; i++)
		fprintf(text.out, "  d%u: {mac: \"02:00:%02x:%02x:%02x:01\", profile: p}\n", i, i >> 16, i >> 8 & 255,
			i & 255);
	help_text_close(&text);
	policy = help_policy(text.data);
	ruleset = help_compile(policy);
	arrays = help_arrays(ruleset);
	for (uint64_t i = 0; i < LARGE; i++) {
		const struct rf_device_slot *slot = help_device(&arrays, 0x020000000001 | i << 8);

		assert_non_null(slot);
		assert_int_equal(slot->device, RF_UNKNOWN_DEVICES + i);
		assert_int_equal(slot->profile, RF_PROFILE_FIRST);
	}
	for (int i = 0; i < MISSES; i++) {
		uint64_t mac = help_random(&random) & RF_MAC_MASK;

		if ((mac & 0xffff000000ff) != 0x020000000001)
			assert_null(help_device(&arrays, mac));
	}
	assert_null(help_device(&arrays, 0)); /* free slots are no device */
	help_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_same_hash),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
