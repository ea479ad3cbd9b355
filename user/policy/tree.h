/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Range trees: from intervals of addresses to the nodes of include/abi.h.
 *
 * compile_sweep.c brings the intervals; the datapath walks the nodes. Knows nothing of rules: a value is a number.
 */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "compiled.h"

/* From the address after the interval before (or 0) to `last`, inclusive. IPv4: hi is 0, lo the address. */
struct tree_interval {
	struct rf_addr last;
	uint32_t value; /* without RF_VALUE_SUBTREE */
};

struct tree_step;

struct tree_steps {
	struct tree_step *items;
	uint32_t n, capacity;
};

/* All trees of a ruleset. Start as {0}, end with tree_store_free(), or take nodes and values out. */
struct tree_store {
	struct ruleset_node *nodes;
	uint32_t n_nodes, nodes_capacity;
	uint32_t *values;
	uint32_t n_values, values_capacity;
	struct tree_steps upper, lower; /* scratch */
};

/*
 * Build one tree and return its root. Intervals ascend, at least one, and the last one ends at the last address
 * (IPv4 0xffffffff, IPv6 all ones). -E2BIG: over RULESET_NODES_MAX, RULESET_VALUES_MAX or 8^RF_TREE_DEPTH; -ENOMEM.
 */
int tree_build4(struct tree_store *store, const struct tree_interval *intervals, size_t n, uint32_t *ret_root);
/* The same in two stages: upper 64 bits; where something changes inside of one upper half, a subtree over the lower. */
int tree_build6(struct tree_store *store, const struct tree_interval *intervals, size_t n, uint32_t *ret_root);

/*
 * Trees that share: a tree may be joined from parts, each the root of a tree over a part of the addresses or over all of
 * them (a search that comes to it only asks for its part). The root node is copied, what is below it is shared.
 */
struct tree_part {
	uint64_t last; /* key of the part's last address: IPv4 the address, IPv6 its upper half */
	struct ruleset_node root;
};

/*
 * A part over the addresses from `first` to the last interval's end; IPv6: `first` and that end are whole upper halves.
 * Errors as above.
 */
int tree_part4(struct tree_store *store, const struct tree_interval *intervals, size_t n,
	       struct ruleset_node *ret_root);
int tree_part6(struct tree_store *store, struct rf_addr first, const struct tree_interval *intervals, size_t n,
	       struct ruleset_node *ret_root);

/* Ascending parts, at least two, of which the last one ends at the last key. */
int tree_join4(struct tree_store *store, const struct tree_part *parts, uint32_t n, uint32_t *ret_root);
int tree_join6(struct tree_store *store, const struct tree_part *parts, uint32_t n, uint32_t *ret_root);

/* Levels of nodes over n children: what a search may take of RF_TREE_DEPTH. */
unsigned int tree_levels(uint64_t n);

void tree_store_free(struct tree_store *store);

#endif
