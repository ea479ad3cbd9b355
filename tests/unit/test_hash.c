// SPDX-License-Identifier: GPL-2.0-only
/*
 * include/hash.h: addresses that somebody could choose to look alike have other hashes, of whatever secret.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hash.h"

#define SECRETS 64
#define BITS 128

struct addr {
	uint64_t hi, lo;
};

static const struct addr from = {0x20010db800010000ULL, 0x0000000000000007ULL};

static struct addr flip(struct addr addr, unsigned int bit)
{
	if (bit < 64)
		addr.lo ^= 1ULL << bit;
	else
		addr.hi ^= 1ULL << (bit - 64);
	return addr;
}

/* The half by which rows are told apart. */
static uint64_t good_half(const __u64 *secret, const struct addr *addr)
{
	return rf_keyed_addr(secret, addr->hi, addr->lo) >> 32;
}

/* The number `number` of four odd numbers, any. */
static void choose(uint64_t number, __u64 *ret_secret)
{
	for (uint64_t i = 0; i < 4; i++)
		ret_secret[i] = rf_mix(number * 4 + i + 1) | 1;
}

/* Two bits of the address, each of them and both: the first bits of its halves met, whatever the secret, when they were hashed as words of 64 bits. */
static void test_no_twins(void **state)
{
	__u64 secret[4];

	(void)state;
	for (uint64_t number = 0; number < SECRETS; number++) {
		choose(number, secret);
		for (unsigned int a = 0; a < BITS; a++)
			for (unsigned int b = a; b < BITS; b++) {
				struct addr other = flip(from, a);

				if (b != a)
					other = flip(other, b);
				assert_int_not_equal(good_half(secret, &other), good_half(secret, &from));
			}
	}
}

/* What is added to the first bits of both halves, as multiples of 2^k: of some k of them one met. */
static void test_no_multiples(void **state)
{
	__u64 secret[4];

	(void)state;
	for (uint64_t number = 0; number < SECRETS; number++) {
		choose(number, secret);
		for (unsigned int k = 54; k < 64; k++)
			for (uint64_t n = 1; n < 1ULL << (64 - k); n += 2) {
				const struct addr other = {from.hi + (1ULL << k), from.lo + (n << k)};

				assert_int_not_equal(good_half(secret, &other), good_half(secret, &from));
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_twins),
		cmocka_unit_test(test_no_multiples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
