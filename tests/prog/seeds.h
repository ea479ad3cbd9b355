/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seeds.h - a run of frames as bytes: what tests/fuzz/fuzz_frame.c reads, and what packet cases are written as to seed it.
 */
#ifndef TESTS_PROG_SEEDS_H
#define TESTS_PROG_SEEDS_H

#include <stddef.h>
#include <stdint.h>

struct case_list;

/*
 * A record: choice (1 byte: policy in the low half, port in the high), milliseconds since the one before (2 bytes, little endian), flags (1),
 * tag (2), length (2), the frame. A length beyond the input means what is left.
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
	SEED_LONG = 1 << 2,   /* wait_ms counts seconds */
	SEED_RELOAD = 1 << 3, /* before the frame: the policy that `choice` says comes into force */
	SEED_CUT = 1 << 4,    /* a capture cut `tag` bytes off its end */
};

/* The policies, of tests/cases/packets; the first record chooses. */
static const char *const seed_policies[] = {
	"lan.yaml",   "bound.yaml", "closed.yaml", "wider.yaml", "unknown-monitor.yaml", "unknown-profile.yaml",
	"names.yaml",
};

#define SEED_POLICY_COUNT (sizeof(seed_policies) / sizeof(seed_policies[0]))
#define SEED_IFINDEX_FIRST 100

static inline size_t seed_policy(const struct seed_record *record)
{
	return (record->choice & 0xf) % SEED_POLICY_COUNT;
}

/* 0: not known. */
static inline uint32_t seed_ifindex(const struct seed_record *record)
{
	return record->choice >> 4 ? SEED_IFINDEX_FIRST - 1 + (record->choice >> 4) : 0;
}

/* Bytes that the record and its frame take; 0: there is none. */
static inline size_t seed_read(const uint8_t *data, size_t size, struct seed_record *ret_record)
{
	if (size < SEED_HEAD_BYTES)
		return 0;
	*ret_record = (struct seed_record){
		.choice = data[0],
		.wait_ms = (uint16_t)(data[1] | data[2] << 8),
		.flags = data[3],
		.tag = (uint16_t)(data[4] | data[5] << 8),
		.len = (uint16_t)(data[6] | data[7] << 8),
	};
	if (ret_record->len > size - SEED_HEAD_BYTES)
		ret_record->len = (uint16_t)(size - SEED_HEAD_BYTES);
	return SEED_HEAD_BYTES + (size_t)ret_record->len;
}

/* One file a case. EXIT_SUCCESS or EXIT_FAILURE. */
int seeds_write(const struct case_list *list, const char *dir);

#endif
