// SPDX-License-Identifier: GPL-2.0-only
/* user/common/index.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/index.h"

#define KEYS 20000

static void test_many(void **state)
{
	static char keys[KEYS][16];
	AUTO_INDEX struct index index = {0};
	uint32_t value;

	(void)state;
	assert_false(index_find(&index, "x", 1, &value));
	for (uint32_t i = 0; i < KEYS; i++) {
		int len = snprintf(keys[i], sizeof(keys[i]), "key-%u", i);

		assert_int_equal(index_add(&index, keys[i], (size_t)len, i, &value), 0);
	}
	for (uint32_t i = 0; i < KEYS; i++) {
		size_t len = strlen(keys[i]);

		assert_true(index_find(&index, keys[i], len, &value));
		assert_int_equal(value, i);
		assert_int_equal(index_add(&index, keys[i], len, 0, &value), -EEXIST);
		assert_int_equal(value, i);
	}
	assert_false(index_find(&index, "key-20000", 9, &value));
}

/* Keys are bytes: length and zero bytes count. */
static void test_bytes(void **state)
{
	static const char key[] = "a\0b";
	AUTO_INDEX struct index index = {0};
	uint32_t value;

	(void)state;
	assert_int_equal(index_add(&index, key, 3, 3, &value), 0);
	assert_int_equal(index_add(&index, key, 1, 1, &value), 0);
	assert_int_equal(index_add(&index, key, 0, 0, &value), 0);
	assert_true(index_find(&index, key, 3, &value) && value == 3);
	assert_true(index_find(&index, key, 1, &value) && value == 1);
	assert_true(index_find(&index, key, 0, &value) && value == 0);
	assert_false(index_find(&index, key, 2, &value));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
