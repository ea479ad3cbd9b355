// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/common/sha256.c against the examples of FIPS 180-2 (appendix B) and lengths around the padding's edge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/sha256.h"

static const char *hex(const void *data, size_t len)
{
	static char text[2 * SHA256_BYTES + 1];
	uint8_t digest[SHA256_BYTES];

	sha256(data, len, digest);
	for (int i = 0; i < SHA256_BYTES; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	return text;
}

static void test_known(void **state)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	assert_string_equal(hex("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(hex("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(hex(two, strlen(two)), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* 55 bytes leave just room for the length, 56 need a block more (values of sha256sum). */
static void test_edges(void **state)
{
	static char as[1000000];

	(void)state;
	memset(as, 'a', sizeof(as));
	assert_string_equal(hex(as, 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
	assert_string_equal(hex(as, 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
	assert_string_equal(hex(as, 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
	assert_string_equal(hex(as, sizeof(as)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_file(void **state)
{
	uint8_t digest[SHA256_BYTES];

	(void)state;
	assert_true(sha256_file("/nonexistent/file", digest) < 0);
	assert_int_equal(sha256_file("/dev/null", digest), 0);
	assert_int_equal(digest[0], 0xe3);
	assert_int_equal(digest[31], 0x55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
