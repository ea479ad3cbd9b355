/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * target.h - what was promised, beside what came out. A missed target is shown as one; it fails nothing.
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <stdbool.h>

#include "measure.h"

struct target {
	char what[120];
	const char *unit;	 /* "" for a ratio */
	double value, low, high; /* low, high: with the quartiles of both sides */
	double limit;
	bool met;
};

#define TARGETS_MAX 64

struct targets {
	struct target items[TARGETS_MAX];
	size_t n;
};

struct memory_result {
	uint32_t devices;
	uint64_t bytes;
};

/* memory: of 64 devices first. */
void targets_judge(const struct results *results, const struct scene_size *sizes, size_t n_sizes,
		   const struct memory_result *memory, struct targets *ret_targets);

#endif
