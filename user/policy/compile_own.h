/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trees of devices with rules of their own, over the tree of their profile.
 *
 * Part of the rule compiler (compile.h).
 */
#ifndef POLICY_COMPILE_OWN_H
#define POLICY_COMPILE_OWN_H

#include "compile_addresses.h"
#include "compile_lists.h"

struct own_base;
struct own_region;
struct tree_part;

/* Trees of devices with rules of their own, made over those of their profile. */
struct own {
	struct own_base *bases; /* by policy profile and family: made when the first device needs it */
	uint32_t n_devices;	/* that have rules of their own */
	/* scratch */
	struct sequence merged;
	struct own_region *regions;
	uint32_t n_regions, regions_capacity;
	struct tree_part *parts;
	uint32_t parts_capacity;
};

/* The rules of one device, which stand in c->sequence, and the trees of its profile (a policy's index) without them. */
struct own_rules {
	struct clause_run rules;
	uint32_t profile;
	uint32_t base_root[FAMILY_COUNT];
};

/* The tree of c->sequence: its root. */
int own_tree(struct compiler *c, const struct own_rules *own, enum family family, uint32_t *ret_root);
void own_free(struct compiler *c);

#endif
