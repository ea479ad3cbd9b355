/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps of the sweep that compile_own.c takes too: events, the clauses that are active, intervals.
 *
 * Scratch lives in struct sweep: events and intervals are of the one tree that is being made. Knows nothing of profiles.
 */
#ifndef POLICY_COMPILE_SWEEP_H
#define POLICY_COMPILE_SWEEP_H

#include "compile.h"

struct sweep_event {
	struct rf_addr at;
	uint32_t clause;
	uint32_t begins; /* 0: ended at the address before */
};

/* From the address after the interval before to `last`. */
struct sweep_interval {
	struct rf_addr last;
	uint32_t list; /* in lists.items */
};

/* The clauses that are active at one address, ascending. */
struct active {
	uint64_t hash; /* of struct list_key */
	uint32_t n;
	uint32_t n_lines;
	uint32_t items[RF_LIST_RULES_MAX];
};

int active_add(struct compiler *c, struct active *active, const struct sweep_event *event, enum family family);
void active_remove(const struct compiler *c, struct active *active, uint32_t clause);

/* Leave the error that the list at this address is too long, and return -E2BIG. */
int sweep_too_many(struct compiler *c, uint32_t clause, struct rf_addr at, enum family family);
/* The same for all trees together. */
int sweep_limit(struct compiler *c, uint32_t clause);

/* Add the beginnings and ends of a clause to the events; those that begin with sweep.n_events = 0. */
int sweep_add_events(struct compiler *c, uint32_t number, enum family family);
void sweep_sort_events(struct sweep *sweep);

/* Append an interval, or lengthen the last one if it has the same list and is not before `first`. */
int sweep_push_interval(struct sweep *sweep, uint32_t first, struct rf_addr last, uint32_t list);
/* All intervals of a sequence (its last clause a default), from sweep.intervals[0] on. */
int sweep_intervals(struct compiler *c, const struct sequence *clauses, enum family family);
/* n (>= 1) of the intervals as the tree wants them, in scratch. */
int sweep_for_tree(struct compiler *c, uint32_t first, uint32_t n, const struct tree_interval **ret_intervals);
/* A tree of all of sweep.intervals. What is too big is reported at the rule of clause `blame`. */
int sweep_build(struct compiler *c, enum family family, uint32_t blame, uint32_t *ret_root);

#endif
