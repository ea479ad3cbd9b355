// SPDX-License-Identifier: GPL-2.0-only
/*
 * Range trees, read back.
 */
#include "ruleset_walk.h"

struct walk {
	const struct ruleset *ruleset;
	ruleset_visit *visit;
	void *data;
	struct ruleset_interval pending; /* not visited yet: the next may continue it */
	bool has_pending;
	bool split; /* the tree's keys are upper halves of addresses */
	bool lower; /* inside a subtree: keys are the lower halves under `upper` */
	uint64_t upper;
};

static void emit(struct walk *walk, struct rf_addr first, struct rf_addr last, uint32_t chunk)
{
	if (walk->has_pending && walk->pending.chunk == chunk) {
		walk->pending.range.last = last;
		return;
	}
	if (walk->has_pending)
		walk->visit(&walk->pending, walk->data);
	walk->has_pending = true;
	walk->pending = (struct ruleset_interval){.range = {first, last}, .chunk = chunk};
}

static void walk_node(struct walk *walk, uint32_t number, uint64_t first, uint64_t last);

static void walk_value(struct walk *walk, uint32_t value, uint64_t first, uint64_t last)
{
	if (value & RF_VALUE_SUBTREE) {
		walk->lower = true;
		walk->upper = first;
		walk_node(walk, value & ~RF_VALUE_SUBTREE, 0, UINT64_MAX);
		walk->lower = false;
		return;
	}
	if (walk->lower)
		emit(walk, (struct rf_addr){walk->upper, first}, (struct rf_addr){walk->upper, last}, value);
	else if (walk->split)
		emit(walk, (struct rf_addr){first, 0}, (struct rf_addr){last, UINT64_MAX}, value);
	else
		emit(walk, (struct rf_addr){0, first}, (struct rf_addr){0, last}, value);
}

static void walk_node(struct walk *walk, uint32_t number, uint64_t first, uint64_t last)
{
	const struct ruleset_node *node = &walk->ruleset->nodes[number];

	for (uint32_t i = 0; i <= RF_NODE_KEYS; i++) {
		bool bounded = i < RF_NODE_KEYS && node->last[i] < last;
		uint64_t child_last = bounded ? node->last[i] : last;

		/* A tree that is shared says more than what is asked of it here. */
		if (child_last < first)
			continue;
		if (node->leaf)
			walk_value(walk, walk->ruleset->values[node->first + i], first, child_last);
		else
			walk_node(walk, node->first + i, first, child_last);
		if (!bounded)
			return;
		first = child_last + 1;
	}
}

void ruleset_walk(const struct ruleset *ruleset, enum family family, uint32_t root, ruleset_visit *visit, void *data)
{
	struct walk walk = {.ruleset = ruleset, .visit = visit, .data = data, .split = family == FAMILY_6};

	walk_node(&walk, root, 0, family == FAMILY_6 ? UINT64_MAX : UINT32_MAX);
	if (walk.has_pending)
		visit(&walk.pending, data);
}
