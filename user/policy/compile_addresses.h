/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of addresses, as sorted ranges that do not touch.
 *
 * What a destination means to the sweep (compile_sweep.c). Prefixes, words and their complements all become such
 * sets, so the rest of the compiler knows no prefix. IPv4 and IPv6 are two families: no IPv6 prefix, not even ::/0,
 * holds an IPv4 address.
 */
#ifndef POLICY_COMPILE_ADDRESSES_H
#define POLICY_COMPILE_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../common/addr.h"

enum family {
	FAMILY_4, /* hi is 0, lo the address */
	FAMILY_6,
	FAMILY_COUNT
};

#define FAMILIES_4 (1U << FAMILY_4)
#define FAMILIES_6 (1U << FAMILY_6)
#define FAMILIES_ALL (FAMILIES_4 | FAMILIES_6)

struct range {
	struct rf_addr first, last; /* inclusive */
};

struct ranges {
	struct range *items;
	uint32_t n, capacity;
};

/* The ranges of all sets. Start as {0}. */
struct address_pool {
	struct ranges family[FAMILY_COUNT];
};

/* Where a set's ranges stand in the pool; a copy is the same set. */
struct address_set {
	uint32_t first[FAMILY_COUNT];
	uint32_t n[FAMILY_COUNT];
};

/* A set is built between begin and end; one at a time. Errors: -ENOMEM. */
void addresses_begin(const struct address_pool *pool, struct address_set *ret_set);
int addresses_add_range(struct address_pool *pool, enum family family, struct range range);
int addresses_add_prefix(struct address_pool *pool, const struct prefix *prefix);
int addresses_add_set(struct address_pool *pool, const struct address_set *set, uint32_t families);
/* Everything that is not in the set. */
int addresses_add_complement(struct address_pool *pool, const struct address_set *set, uint32_t families);
void addresses_end(struct address_pool *pool, struct address_set *set);
/* A set of its own: a without b, as the complement of (b and what is not in a). */
int addresses_difference(struct address_pool *pool, const struct address_set *a, const struct address_set *b,
			 struct address_set *ret_set);

void addresses_free(struct address_pool *pool);

int address_compare(struct rf_addr a, struct rf_addr b);
struct rf_addr address_last(enum family family);    /* the greatest */
struct rf_addr address_next(struct rf_addr addr);   /* not of the greatest */
struct rf_addr address_before(struct rf_addr addr); /* not of the least */
struct range address_range(const struct prefix *prefix, enum family *ret_family);

/* The address that a key of a tree stands for: those of IPv4 are not mapped. */
struct addr address_of_key(enum family family, struct rf_addr key);

#endif
