/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read a ruleset's range trees back as intervals, before ruleset_place().
 *
 * For ruleset_print.c and the tests: what is shown is what the datapath would read, not what the compiler meant.
 */
#ifndef POLICY_RULESET_WALK_H
#define POLICY_RULESET_WALK_H

#include "compile_addresses.h"
#include "ruleset.h"

struct ruleset_interval {
	struct range range;
	uint32_t chunk;
};

typedef void ruleset_visit(const struct ruleset_interval *interval, void *data);

/* Every interval of a tree in ascending order; neighbours that have the same list are one. */
void ruleset_walk(const struct ruleset *ruleset, enum family family, uint32_t root, ruleset_visit *visit, void *data);

#endif
