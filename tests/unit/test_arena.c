// SPDX-License-Identifier: GPL-2.0-only
/* user/common/arena.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/arena.h"

#define PIECES 2000

/* Pieces of all sizes keep what is written to them, aligned and zeroed at first. */
static void test_pieces(void **state)
{
	AUTO_ARENA struct arena *arena = arena_new();
	unsigned char *pieces[PIECES];

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = i * 37 % 1000 + (i % 100 == 0 ? 100000 : 0);

		pieces[i] = arena_array(arena, size, 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i & 0xff), size);
		assert_string_equal(arena_text(arena, "textual", 4), "text");
	}
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = i * 37 % 1000 + (i % 100 == 0 ? 100000 : 0);

		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], i & 0xff);
	}
}

static void test_overflow(void **state)
{
	AUTO_ARENA struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_array(arena, SIZE_MAX / 2, 4));
	assert_null(arena_array(arena, SIZE_MAX, 1));
	assert_non_null(arena_array(arena, 1, 1));
	arena_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
