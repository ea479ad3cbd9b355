// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of addresses: prefixes to ranges, union and complement.
 */
#include "compile_addresses.h"

#include <errno.h>
#include <stdlib.h>

#include "array.h"

int address_compare(struct rf_addr a, struct rf_addr b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	if (a.lo != b.lo)
		return a.lo < b.lo ? -1 : 1;
	return 0;
}

struct rf_addr address_last(enum family family)
{
	if (family == FAMILY_4)
		return (struct rf_addr){.lo = UINT32_MAX};
	return (struct rf_addr){.hi = UINT64_MAX, .lo = UINT64_MAX};
}

struct rf_addr address_next(struct rf_addr addr)
{
	addr.lo++;
	if (addr.lo == 0)
		addr.hi++;
	return addr;
}

struct rf_addr address_before(struct rf_addr addr)
{
	if (addr.lo == 0)
		addr.hi--;
	addr.lo--;
	return addr;
}

static bool address_is_first(struct rf_addr addr)
{
	return addr.hi == 0 && addr.lo == 0;
}

struct addr address_of_key(enum family family, struct rf_addr key)
{
	if (family == FAMILY_4)
		key.lo |= RF_ADDR_V4_MAPPED;
	return addr_from_wire(key);
}

/* All ones after the first `len` of 64 bits. */
static uint64_t host_bits(unsigned int len)
{
	return len >= 64 ? 0 : UINT64_MAX >> len;
}

struct range address_range(const struct prefix *prefix, enum family *ret_family)
{
	struct rf_addr addr = addr_to_wire(&prefix->addr);
	uint64_t hi = host_bits(prefix->len);
	uint64_t lo = prefix->len <= 64 ? UINT64_MAX : host_bits(prefix->len - 64U);

	if (prefix_is_v4(prefix)) {
		*ret_family = FAMILY_4;
		addr.lo &= UINT32_MAX;
	} else {
		*ret_family = FAMILY_6;
	}
	return (struct range){
		.first = {.hi = addr.hi & ~hi, .lo = addr.lo & ~lo},
		.last = {.hi = addr.hi | hi, .lo = addr.lo | lo},
	};
}

static int ranges_push(struct ranges *ranges, struct range range)
{
	struct range *items = array_grow(ranges->items, &ranges->capacity, (size_t)ranges->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	ranges->items = items;
	ranges->items[ranges->n++] = range;
	return 0;
}

void addresses_begin(const struct address_pool *pool, struct address_set *ret_set)
{
	for (int f = 0; f < FAMILY_COUNT; f++) {
		ret_set->first[f] = pool->family[f].n;
		ret_set->n[f] = 0;
	}
}

int addresses_add_range(struct address_pool *pool, enum family family, struct range range)
{
	return ranges_push(&pool->family[family], range);
}

int addresses_add_prefix(struct address_pool *pool, const struct prefix *prefix)
{
	enum family family;
	struct range range = address_range(prefix, &family);

	return ranges_push(&pool->family[family], range);
}

int addresses_add_set(struct address_pool *pool, const struct address_set *set, uint32_t families)
{
	for (int f = 0; f < FAMILY_COUNT; f++) {
		if (!(families & 1U << f))
			continue;
		for (uint32_t i = 0; i < set->n[f]; i++) {
			int r = ranges_push(&pool->family[f], pool->family[f].items[set->first[f] + i]);

			if (r)
				return r;
		}
	}
	return 0;
}

static int add_gaps(struct address_pool *pool, const struct address_set *set, enum family family)
{
	struct ranges *ranges = &pool->family[family];
	struct range gap = {0};
	int r;

	for (uint32_t i = 0; i < set->n[family]; i++) {
		struct range range = ranges->items[set->first[family] + i];

		if (!address_is_first(range.first)) {
			gap.last = address_before(range.first);
			if (address_compare(gap.first, gap.last) <= 0) {
				r = ranges_push(ranges, gap);
				if (r)
					return r;
			}
		}
		if (address_compare(range.last, address_last(family)) == 0)
			return 0;
		gap.first = address_next(range.last);
	}
	gap.last = address_last(family);
	return ranges_push(ranges, gap);
}

int addresses_add_complement(struct address_pool *pool, const struct address_set *set, uint32_t families)
{
	for (int f = 0; f < FAMILY_COUNT; f++) {
		int r = families & (1U << f) ? add_gaps(pool, set, (enum family)f) : 0;

		if (r)
			return r;
	}
	return 0;
}

static int range_compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return address_compare(x->first, y->first);
}

/* Sort, and join what overlaps or touches; returns how many are left. */
static uint32_t ranges_join(struct range *items, uint32_t n, enum family family)
{
	uint32_t last = 0;

	if (n < 2)
		return n;
	qsort(items, n, sizeof(*items), range_compare);
	for (uint32_t i = 1; i < n; i++) {
		struct range *range = &items[last];

		if (address_compare(range->last, address_last(family)) == 0)
			break;
		if (address_compare(items[i].first, address_next(range->last)) > 0)
			items[++last] = items[i];
		else if (address_compare(items[i].last, range->last) > 0)
			range->last = items[i].last;
	}
	return last + 1;
}

void addresses_end(struct address_pool *pool, struct address_set *set)
{
	for (int f = 0; f < FAMILY_COUNT; f++) {
		struct ranges *ranges = &pool->family[f];
		uint32_t n = ranges->n - set->first[f];

		if (n)
			set->n[f] = ranges_join(&ranges->items[set->first[f]], n, (enum family)f);
		ranges->n = set->first[f] + set->n[f];
	}
}

int addresses_difference(struct address_pool *pool, const struct address_set *a, const struct address_set *b,
			 struct address_set *ret_set)
{
	struct address_set rest;
	int r;

	addresses_begin(pool, &rest);
	r = addresses_add_complement(pool, a, FAMILIES_ALL);
	if (!r)
		r = addresses_add_set(pool, b, FAMILIES_ALL);
	addresses_end(pool, &rest);
	if (r)
		return r;
	addresses_begin(pool, ret_set);
	r = addresses_add_complement(pool, &rest, FAMILIES_ALL);
	addresses_end(pool, ret_set);
	return r;
}

void addresses_free(struct address_pool *pool)
{
	for (int f = 0; f < FAMILY_COUNT; f++)
		free(pool->family[f].items);
	*pool = (struct address_pool){0};
}
