// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static 8-way range trees, built bottom-up.
 *
 * A level is built from left to right with full nodes, so that a node's children stand side by side and the depth is
 * the least possible. The levels of one tree follow each other, root last: a part's root can be taken off the end.
 */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "ruleset.h"

#define FANOUT (RF_NODE_KEYS + 1)

struct tree_step {
	uint64_t last;
	uint32_t value;
};

/* One level that is being built: each of its children spans `span` steps. */
struct level {
	const struct tree_steps *steps;
	uint64_t unused; /* key of a child that is not there */
	uint64_t span;
	uint32_t n_children;
	uint32_t first_child; /* node or value */
	bool leaf;
	bool v4;
};

static int steps_push(struct tree_steps *steps, uint64_t last, uint32_t value)
{
	struct tree_step *items;

	if (steps->n && steps->items[steps->n - 1].value == value) {
		steps->items[steps->n - 1].last = last;
		return 0;
	}
	items = array_grow(steps->items, &steps->capacity, (size_t)steps->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	steps->items = items;
	steps->items[steps->n++] = (struct tree_step){.last = last, .value = value};
	return 0;
}

static void node_fill(struct ruleset_node *node, const struct level *level, uint32_t index)
{
	uint32_t child = index * FANOUT;

	node->first = level->first_child + child;
	node->leaf = level->leaf;
	node->v4 = level->v4;
	/* The last child of a node has no upper bound: what lies beyond it went another way above. */
	for (uint32_t i = 0; i < RF_NODE_KEYS; i++, child++)
		if (child + 1 < level->n_children)
			node->last[i] = level->steps->items[(child + 1) * level->span - 1].last;
		else
			node->last[i] = level->unused;
}

/* Append the nodes over the children that `level` tells, and make it tell them as the children of the next. */
static int level_build(struct tree_store *store, struct level *level)
{
	uint32_t n = (level->n_children + FANOUT - 1) / FANOUT;
	uint32_t first = store->n_nodes;
	struct ruleset_node *nodes;

	if (n > RULESET_NODES_MAX - first)
		return -E2BIG;
	nodes = array_grow(store->nodes, &store->nodes_capacity, (size_t)first + n, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	store->nodes = nodes;
	for (uint32_t i = 0; i < n; i++)
		node_fill(&nodes[first + i], level, i);
	store->n_nodes += n;
	level->span *= FANOUT;
	level->n_children = n;
	level->first_child = first;
	level->leaf = false;
	return 0;
}

/* Append the steps' values. They start at a multiple of FANOUT, so that those of one leaf share a cache line. */
static int values_append(struct tree_store *store, const struct tree_steps *steps, uint32_t *ret_first)
{
	uint64_t first = ((uint64_t)store->n_values + FANOUT - 1) / FANOUT * FANOUT;
	uint32_t *values;

	if (first + steps->n > RULESET_VALUES_MAX)
		return -E2BIG;
	values = array_grow(store->values, &store->values_capacity, first + steps->n, sizeof(*values));
	if (!values)
		return -ENOMEM;
	store->values = values;
	for (uint32_t i = store->n_values; i < first; i++)
		values[i] = 0;
	for (uint32_t i = 0; i < steps->n; i++)
		values[first + i] = steps->items[i].value;
	store->n_values = (uint32_t)first + steps->n;
	*ret_first = (uint32_t)first;
	return 0;
}

/* All levels over what `level` tells, up to the root. */
static int levels_build(struct tree_store *store, struct level *level, uint32_t *ret_root)
{
	int depth = 0;

	do {
		int r = ++depth > RF_TREE_DEPTH ? -E2BIG : level_build(store, level);

		if (r)
			return r;
	} while (level->n_children > 1);
	*ret_root = level->first_child;
	return 0;
}

static int build(struct tree_store *store, const struct tree_steps *steps, uint64_t unused, uint32_t *ret_root)
{
	struct level level = {
		.steps = steps,
		.unused = unused,
		.span = 1,
		.n_children = steps->n,
		.leaf = true,
		.v4 = unused == UINT32_MAX,
	};
	int r = values_append(store, steps, &level.first_child);

	return r ? r : levels_build(store, &level, ret_root);
}

int tree_build4(struct tree_store *store, const struct tree_interval *intervals, size_t n, uint32_t *ret_root)
{
	store->upper.n = 0;
	for (size_t i = 0; i < n; i++) {
		int r = steps_push(&store->upper, intervals[i].last.lo, intervals[i].value);

		if (r)
			return r;
	}
	return build(store, &store->upper, UINT32_MAX, ret_root);
}

/* The lower half of one address range is complete: give it a tree, and the upper half its root. */
static int lower_close(struct tree_store *store, uint64_t hi)
{
	uint32_t root;
	int r;

	if (store->lower.n == 1) {
		root = store->lower.items[0].value; /* what was cut had the same value on both sides */
	} else {
		r = build(store, &store->lower, UINT64_MAX, &root);
		if (r)
			return r;
		root |= RF_VALUE_SUBTREE;
	}
	store->lower.n = 0;
	return steps_push(&store->upper, hi, root);
}

/*
 * Add the interval that starts at *start. An upper half that it covers in part goes through `lower`, which collects
 * the steps inside one upper half; the upper halves that it covers whole are one step. *start is the next address
 * afterwards.
 */
static int interval_push(struct tree_store *store, struct rf_addr *start, const struct tree_interval *interval)
{
	struct rf_addr last = interval->last;
	int r;

	if (start->lo != 0 && last.hi != start->hi) {
		r = steps_push(&store->lower, UINT64_MAX, interval->value);
		r = r ? r : lower_close(store, start->hi);
		if (r)
			return r;
		*start = (struct rf_addr){.hi = start->hi + 1};
	}
	if (start->lo == 0 && last.lo == UINT64_MAX) {
		r = steps_push(&store->upper, last.hi, interval->value);
		*start = (struct rf_addr){.hi = last.hi + 1};
		return r;
	}
	if (last.hi != start->hi) {
		r = steps_push(&store->upper, last.hi - 1, interval->value);
		if (r)
			return r;
	}
	r = steps_push(&store->lower, last.lo, interval->value);
	if (r)
		return r;
	if (last.lo != UINT64_MAX) {
		*start = (struct rf_addr){.hi = last.hi, .lo = last.lo + 1};
		return 0;
	}
	*start = (struct rf_addr){.hi = last.hi + 1};
	return lower_close(store, last.hi);
}

static int build6(struct tree_store *store, struct rf_addr start, const struct tree_interval *intervals, size_t n,
		  uint32_t *ret_root)
{
	store->upper.n = 0;
	store->lower.n = 0;
	for (size_t i = 0; i < n; i++) {
		int r = interval_push(store, &start, &intervals[i]);

		if (r)
			return r;
	}
	return build(store, &store->upper, UINT64_MAX, ret_root);
}

int tree_build6(struct tree_store *store, const struct tree_interval *intervals, size_t n, uint32_t *ret_root)
{
	return build6(store, (struct rf_addr){0}, intervals, n, ret_root);
}

static struct ruleset_node root_take(struct tree_store *store)
{
	return store->nodes[--store->n_nodes];
}

int tree_part4(struct tree_store *store, const struct tree_interval *intervals, size_t n, struct ruleset_node *ret_root)
{
	uint32_t root;
	int r = tree_build4(store, intervals, n, &root);

	if (!r)
		*ret_root = root_take(store);
	return r;
}

int tree_part6(struct tree_store *store, struct rf_addr first, const struct tree_interval *intervals, size_t n,
	       struct ruleset_node *ret_root)
{
	uint32_t root;
	int r = build6(store, first, intervals, n, &root);

	if (!r)
		*ret_root = root_take(store);
	return r;
}

static int join(struct tree_store *store, const struct tree_part *parts, uint32_t n, uint64_t unused,
		uint32_t *ret_root)
{
	struct tree_steps *steps = &store->upper;
	struct level level = {
		.steps = steps,
		.unused = unused,
		.span = 1,
		.n_children = n,
		.first_child = store->n_nodes,
		.v4 = unused == UINT32_MAX,
	};
	struct tree_step *items = array_grow(steps->items, &steps->capacity, n, sizeof(*items));
	struct ruleset_node *nodes;

	if (!items)
		return -ENOMEM;
	steps->items = items;
	if (n > RULESET_NODES_MAX - store->n_nodes)
		return -E2BIG;
	nodes = array_grow(store->nodes, &store->nodes_capacity, (size_t)store->n_nodes + n, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	store->nodes = nodes;
	for (uint32_t i = 0; i < n; i++) {
		items[i] = (struct tree_step){.last = parts[i].last};
		nodes[store->n_nodes++] = parts[i].root;
	}
	return levels_build(store, &level, ret_root);
}

int tree_join4(struct tree_store *store, const struct tree_part *parts, uint32_t n, uint32_t *ret_root)
{
	return join(store, parts, n, UINT32_MAX, ret_root);
}

int tree_join6(struct tree_store *store, const struct tree_part *parts, uint32_t n, uint32_t *ret_root)
{
	return join(store, parts, n, UINT64_MAX, ret_root);
}

unsigned int tree_levels(uint64_t n)
{
	unsigned int levels = 1;

	for (; n > FANOUT; levels++)
		n = (n + FANOUT - 1) / FANOUT;
	return levels;
}

void tree_store_free(struct tree_store *store)
{
	free(store->nodes);
	free(store->values);
	free(store->upper.items);
	free(store->lower.items);
	*store = (struct tree_store){0};
}
