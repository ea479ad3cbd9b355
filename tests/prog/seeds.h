/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seeds.h - packet cases as seeds for tests/fuzz/fuzz_frame.c: one file a case, in the format that it reads.
 */
#ifndef TESTS_PROG_SEEDS_H
#define TESTS_PROG_SEEDS_H

#include "case.h"

/*
 * The fuzzer's input is a run of records: which policy and port (1 byte), milliseconds since the one before (2 bytes, little endian), direction
 * and whether a tag follows (1), the tag (2), length (2), the frame. EXIT_SUCCESS or EXIT_FAILURE.
 */
#define SEED_HEAD_BYTES 8

struct seed_record {
	uint8_t choice;
	uint16_t wait_ms;
	uint8_t flags;
	uint16_t tag;
	uint16_t len;
};

enum seed_flags {
	SEED_TO = 1 << 0,
	SEED_TAG = 1 << 1,
	SEED_LONG = 1 << 2, /* wait_ms counts seconds */
	SEED_RELOAD = 1 << 3, /* before the frame: the policy that `choice` says comes into force */
};

int seeds_write(const struct case_list *list, const char *dir);

#endif
