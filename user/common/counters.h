/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counters.h - what a device's frames came to: the parts that the programs count in (include/abi.h), and their sums.
 */
#ifndef COMMON_COUNTERS_H
#define COMMON_COUNTERS_H

#include <stdint.h>

#include "../../include/abi.h"

/* Of one CPU, or the sum of several. */
struct counters {
	struct rf_counters_first first;
	struct rf_counters_rest rest;
	uint32_t device; /* index */
};

/* Packets and bytes add up; where and when it was seen last is what the later of the two says. */
void counters_add(struct rf_counters_first *sum_first, struct rf_counters_rest *sum_rest,
		  const struct rf_counters_first *first, const struct rf_counters_rest *rest);

/* Packets with this reason, enum rf_reason. */
uint64_t counters_reason(const struct counters *counters, int reason);

#endif
