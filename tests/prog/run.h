/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - one packet case in one world.
 */
#ifndef TESTS_PROG_RUN_H
#define TESTS_PROG_RUN_H

#include "case.h"
#include "setting.h"
#include "world.h"

enum run_status {
	RUN_PASSED,
	RUN_FAILED,
	RUN_SKIPPED,
};

/* Verdicts of a case, in order, to compare another world's with. */
struct run_record {
	struct rf_result *results;
	size_t n, capacity;
};

struct run {
	const struct packet_case *packet_case;
	const struct setting *setting;
	const struct world_ops *ops;
	struct world *world;
	/* The run to compare with; NULL: this is the first. */
	const struct run_record *other_record;
	struct world *other_world;
	const struct world_ops *other_ops;
};

/* Each failure is printed as FILE:LINE: CASE: WORLD: what. RUN_SKIPPED: *ret_why, static. */
enum run_status run_case(const struct run *run, struct run_record *ret_record, const char **ret_why);

/* The bytes of a frame of a case, as every world gets them; counter: for $n. 0, -EINVAL after a message. */
struct frame;
int run_frame(const struct packet_case *packet_case, const struct step *step, uint64_t counter,
	      struct frame *ret_frame);

#endif
