/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally.h - what replay counts: by direction, reason and device, and the first kinds of drops.
 *
 * Filled frame by frame, printed once at the end, as text or as the JSON summary. Its size depends on the policy, not on the capture.
 */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include <stdint.h>

#include <jansson.h>

#include "facts.h"
#include "judge.h"
#include "output.h"
#include "tally_names.h"

struct tally_pair {
	uint64_t pass, drop;
};

/* Drops alike: same device, direction, reason and remote end. */
struct tally_kind {
	uint32_t place;
	enum rf_direction direction;
	enum rf_reason reason;
	uint32_t rule;
	struct facts facts; /* of the first */
	uint64_t frame;	    /* its number */
	int64_t wall_ns;
	uint64_t count;
};

/* By device: place in policy->devices, one more for unknown devices, one more for frames of nobody. */
struct tally_device {
	uint64_t by_reason[RF_DIRECTION_COUNT][RF_REASON_COUNT];
	uint64_t bytes[RF_DIRECTION_COUNT][RF_REASON_COUNT];
};

struct tally {
	const struct policy_file *file;
	uint64_t frames;
	uint64_t unpoliced;
	struct tally_pair direction[RF_DIRECTION_COUNT];
	uint64_t by_reason[RF_REASON_COUNT];
	struct tally_device *devices;
	int64_t first_ns, last_ns;
	struct tally_kind *kinds;
	size_t n_kinds, max_kinds;
	struct tally_names names;
	uint64_t other_drops; /* of kinds that no longer fitted */
};

/* 0 or -ENOMEM. */
int tally_init(struct tally *tally, const struct policy_file *file, size_t max_kinds);
void tally_free(struct tally *tally);

#define AUTO_TALLY __attribute__((cleanup(tally_free)))

/* `name`: through which it was allowed, or NULL. 0 or -ENOMEM. */
int tally_add(struct tally *tally, const struct capture_frame *frame, const struct facts *facts,
	      const struct judge_verdict *verdict, const char *name);

/* The object of ringfence(8), JSON: {"summary":{...}}. NULL: no memory. */
json_t *tally_json(const struct tally *tally);

/* 0 or negative errno. */
int tally_print(const struct tally *tally, const struct output *out);

#endif
