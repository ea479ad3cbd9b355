/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names_race.h - what names_race sends and names_count counts.
 */
#ifndef TEST_NAMES_RACE_H
#define TEST_NAMES_RACE_H

#include <stdint.h>

#define RACE_NUMBERS_MAX (1U << 20)

/* In network byte order. */
struct race_datagram {
	uint32_t number;
	uint32_t attempt; /* 0: right after the answer */
};

_Static_assert(sizeof(struct race_datagram) == 8, "as it travels");

#endif
