/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * generate.h - random DNS answers, by seed: what servers write, and what nobody should.
 */
#ifndef TESTS_DNS_GENERATE_H
#define TESTS_DNS_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "compare.h"

struct random {
	uint64_t state;
};

/* Below n; 0 for n 0. */
uint32_t random_below(struct random *random, uint32_t n);

/* An answer, about one in two with something changed in its bytes. Returns its length, at most COMPARE_MESSAGE_MAX. */
size_t generate_answer(struct random *random, uint8_t message[COMPARE_MESSAGE_MAX]);

#endif
