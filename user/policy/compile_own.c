// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trees of devices with rules of their own, over the tree of their profile.
 *
 * Most of such a tree is what the profile has anyway. The profile's intervals are swept once; for a device only the
 * regions that its own rules cover are swept again, and where that is worth it the tree is joined from parts: the regions,
 * and between them the profile's tree itself. So a device costs what its own rules cover, in time and in memory, whatever
 * the size of its profile.
 */
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "compile.h"
#include "compile_sweep.h"

/*
 * A joined tree is one level deeper, which a frame pays. Two levels of nodes hold 64 intervals: as long as there are few
 * devices with own rules, they get trees that small for themselves.
 */
#define ALONE_INTERVALS_MAX 64
#define ALONE_DEVICES_MAX 1024

struct own_base {
	struct sweep_interval *items;
	uint32_t n; /* 0: not made yet */
};

/* What own rules cover; IPv6: whole upper halves, which is what the first stage of the tree can tell apart. */
struct own_region {
	struct rf_addr first, last;
	uint32_t interval_first, n_intervals; /* of sweep.intervals */
};

static bool is_own(struct clause_run own, uint32_t clause)
{
	return clause - own.first < own.n;
}

/* The intervals of c->sequence without the device's own rules. */
static int base_make(struct compiler *c, struct clause_run own, enum family family, struct own_base *base)
{
	struct sequence *filtered = &c->sweep.filtered;
	int r = 0;

	filtered->n = 0;
	for (uint32_t i = 0; i < c->sequence.n && !r; i++)
		if (!is_own(own, c->sequence.items[i]))
			r = sequence_push(filtered, c->sequence.items[i]);
	if (!r)
		r = sweep_intervals(c, filtered, family);
	if (r)
		return r;
	base->items = calloc(c->sweep.n_intervals, sizeof(*base->items));
	if (!base->items)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->sweep.n_intervals; i++)
		base->items[i] = c->sweep.intervals[i];
	base->n = c->sweep.n_intervals;
	return 0;
}

static int base_get(struct compiler *c, const struct own_rules *own, enum family family,
		    const struct own_base **ret_base)
{
	struct own_base *base;
	int r = 0;

	if (!c->own.bases)
		c->own.bases = calloc(c->policy->n_profiles * FAMILY_COUNT, sizeof(*c->own.bases));
	if (!c->own.bases)
		return -ENOMEM;
	base = &c->own.bases[own->profile * FAMILY_COUNT + family];
	if (!base->n)
		r = base_make(c, own->rules, family, base);
	*ret_base = base;
	return r;
}

/* The interval in which the address lies. */
static uint32_t base_find(const struct own_base *base, struct rf_addr at)
{
	uint32_t low = 0, high = base->n - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (address_compare(base->items[middle].last, at) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Append a region, or lengthen the one that it meets. */
static int region_push(struct own *own, enum family family, struct rf_addr first, struct rf_addr last)
{
	struct own_region *before = own->n_regions ? &own->regions[own->n_regions - 1] : NULL;
	struct own_region *regions;

	if (family == FAMILY_6) {
		first.lo = 0;
		last.lo = UINT64_MAX;
	}
	if (before && address_compare(first, address_next(before->last)) <= 0) {
		before->last = last;
		return 0;
	}
	regions = array_grow(own->regions, &own->regions_capacity, (size_t)own->n_regions + 1, sizeof(*regions));
	if (!regions)
		return -ENOMEM;
	own->regions = regions;
	regions[own->n_regions++] = (struct own_region){.first = first, .last = last};
	return 0;
}

/* What the sorted events cover. */
static int regions_find(struct compiler *c, enum family family)
{
	const struct sweep *sweep = &c->sweep;
	struct rf_addr first = {0};
	uint32_t n_active = 0;

	c->own.n_regions = 0;
	for (uint32_t i = 0; i < sweep->n_events; i++) {
		const struct sweep_event *event = &sweep->events[i];

		if (event->begins) {
			if (n_active++ == 0)
				first = event->at;
		} else if (--n_active == 0) {
			int r = region_push(&c->own, family, first, address_before(event->at));

			if (r)
				return r;
		}
	}
	return n_active ? region_push(&c->own, family, first, address_last(family)) : 0;
}

/* The list of the profile's clauses at an address and the device's own ones. */
static int merged_list(struct compiler *c, uint32_t base_list, const struct active *active, uint32_t *ret_list)
{
	struct list base = c->lists.items[base_list];
	struct sequence *merged = &c->own.merged;
	struct list_key key = {.hash = base.hash + active->hash};
	uint32_t next = 0;
	int r = 0;

	merged->n = 0;
	for (uint32_t i = 0; i < base.key_n && !r; i++) {
		uint32_t clause = c->lists.keys.items[base.key_first + i];

		while (next < active->n && active->items[next] < clause && !r)
			r = sequence_push(merged, active->items[next++]);
		if (!r)
			r = sequence_push(merged, clause);
	}
	if (r)
		return r;
	key.clauses = merged->items;
	key.n = merged->n;
	return lists_intern(c, &key, ret_list);
}

static int region_interval(struct compiler *c, const struct own_region *region, uint32_t base_list,
			   const struct active *active, struct rf_addr last)
{
	uint32_t list = base_list;
	int r = active->n ? merged_list(c, base_list, active, &list) : 0;

	return r ? r : sweep_push_interval(&c->sweep, region->interval_first, last, list);
}

/* Bring `active` to address `at`; *next is the first event behind it. */
static int take_events(struct compiler *c, struct active *active, struct rf_addr at, enum family family, uint32_t *next)
{
	const struct sweep *sweep = &c->sweep;

	for (; *next < sweep->n_events && address_compare(sweep->events[*next].at, at) == 0; ++*next) {
		const struct sweep_event *event = &sweep->events[*next];
		int r = 0;

		if (event->begins)
			r = active_add(c, active, event, family);
		else
			active_remove(c, active, event->clause);
		if (r)
			return r;
	}
	return 0;
}

static int region_sweep(struct compiler *c, const struct own_base *base, struct own_region *region, enum family family,
			uint32_t *next)
{
	const struct sweep *sweep = &c->sweep;
	struct active active = {.n = 0};
	uint32_t i = base_find(base, region->first);
	struct rf_addr at = region->first, last;

	region->interval_first = sweep->n_intervals;
	for (;; at = address_next(last)) {
		const struct list *list = &c->lists.items[base->items[i].list];
		int r = take_events(c, &active, at, family, next);

		if (r)
			return r;
		if (list->n_lines + active.n_lines > RF_LIST_RULES_MAX)
			return sweep_too_many(c, active.items[active.n - 1], at, family);
		last = region->last;
		if (address_compare(base->items[i].last, last) < 0)
			last = base->items[i].last;
		if (*next < sweep->n_events && address_compare(sweep->events[*next].at, last) <= 0)
			last = address_before(sweep->events[*next].at);
		r = region_interval(c, region, base->items[i].list, &active, last);
		if (r)
			return r;
		if (address_compare(last, region->last) == 0)
			break;
		if (address_compare(last, base->items[i].last) == 0)
			i++;
	}
	region->n_intervals = sweep->n_intervals - region->interval_first;
	/* What ended with the region is behind it. */
	return address_compare(region->last, address_last(family)) == 0
		       ? 0
		       : take_events(c, &active, address_next(region->last), family, next);
}

static uint32_t nodes_over(uint32_t n)
{
	uint32_t nodes = 0;

	do {
		n = (n + RF_NODE_KEYS) / (RF_NODE_KEYS + 1);
		nodes += n;
	} while (n > 1);
	return nodes;
}

/* Is a tree for this device alone better than one that shares? */
static bool alone_is_better(const struct compiler *c, const struct own_base *base)
{
	uint32_t n_parts = 2 * c->own.n_regions + 1, shared = n_parts + nodes_over(n_parts);
	uint32_t alone = base->n + c->sweep.n_intervals;
	/* In IPv6 a cut upper half is up to three steps. */
	unsigned int below = tree_levels(2 * (uint64_t)alone + 1);

	if (c->own.n_regions == 1 && address_compare(c->own.regions[0].first, (struct rf_addr){0}) == 0)
		n_parts--;
	for (uint32_t i = 0; i < c->own.n_regions; i++)
		shared += nodes_over(c->own.regions[i].n_intervals) - 1;
	return n_parts < 2 || nodes_over(alone) <= shared || tree_levels(n_parts) + below > RF_TREE_DEPTH ||
	       (alone <= ALONE_INTERVALS_MAX && c->own.n_devices <= ALONE_DEVICES_MAX);
}

/* A tree for this device alone: one region that is everything. */
static int build_alone(struct compiler *c, const struct own_base *base, enum family family, uint32_t blame,
		       uint32_t *ret_root)
{
	struct own_region all = {.last = address_last(family)};
	uint32_t next = 0;
	int r;

	c->sweep.n_intervals = 0;
	r = region_sweep(c, base, &all, family, &next);
	return r ? r : sweep_build(c, family, blame, ret_root);
}

static uint64_t part_key(struct rf_addr addr, enum family family)
{
	return family == FAMILY_4 ? addr.lo : addr.hi;
}

static int region_part(struct compiler *c, const struct own_region *region, enum family family, struct tree_part *part)
{
	struct tree_store *trees = &c->sweep.trees;
	const struct tree_interval *intervals = NULL;
	int r = sweep_for_tree(c, region->interval_first, region->n_intervals, &intervals);

	if (r)
		return r;
	part->last = part_key(region->last, family);
	if (family == FAMILY_4)
		return tree_part4(trees, intervals, region->n_intervals, &part->root);
	return tree_part6(trees, region->first, intervals, region->n_intervals, &part->root);
}

/* The regions, and the profile's tree before, between and behind them; c->own.parts has room. */
static int make_parts(struct compiler *c, enum family family, uint32_t base_root, uint32_t *ret_n)
{
	const struct tree_store *trees = &c->sweep.trees;
	struct tree_part *parts = c->own.parts;
	struct rf_addr at = {0}, end = address_last(family);
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->own.n_regions; i++) {
		const struct own_region *region = &c->own.regions[i];
		int r;

		if (address_compare(at, region->first) < 0)
			parts[n++] = (struct tree_part){.last = part_key(region->first, family) - 1,
							.root = trees->nodes[base_root]};
		r = region_part(c, region, family, &parts[n++]);
		if (r)
			return r;
		at = address_next(region->last);
	}
	if (address_compare(c->own.regions[c->own.n_regions - 1].last, end) != 0)
		parts[n++] = (struct tree_part){.last = part_key(end, family), .root = trees->nodes[base_root]};
	*ret_n = n;
	return 0;
}

static int build_shared(struct compiler *c, enum family family, uint32_t base_root, uint32_t *ret_root)
{
	struct tree_store *trees = &c->sweep.trees;
	uint32_t n;
	struct tree_part *parts =
		array_grow(c->own.parts, &c->own.parts_capacity, 2 * (size_t)c->own.n_regions + 1, sizeof(*parts));
	int r;

	if (!parts)
		return -ENOMEM;
	c->own.parts = parts;
	r = make_parts(c, family, base_root, &n);
	if (r)
		return r;
	return family == FAMILY_4 ? tree_join4(trees, parts, n, ret_root) : tree_join6(trees, parts, n, ret_root);
}

/* The intervals of all regions, from the events of the own rules. */
static int sweep_regions(struct compiler *c, const struct own_base *base, enum family family)
{
	uint32_t next = 0;
	int r;

	sweep_sort_events(&c->sweep);
	r = regions_find(c, family);
	c->sweep.n_intervals = 0;
	for (uint32_t i = 0; i < c->own.n_regions && !r; i++)
		r = region_sweep(c, base, &c->own.regions[i], family, &next);
	return r;
}

int own_tree(struct compiler *c, const struct own_rules *own, enum family family, uint32_t *ret_root)
{
	const struct own_base *base = NULL;
	uint32_t last = own->rules.first + own->rules.n - 1;
	int r = base_get(c, own, family, &base);

	c->sweep.n_events = 0;
	for (uint32_t i = 0; i < own->rules.n && !r; i++)
		r = sweep_add_events(c, own->rules.first + i, family);
	if (r)
		return r;
	if (c->sweep.n_events == 0) {
		*ret_root = own->base_root[family];
		return 0;
	}
	r = sweep_regions(c, base, family);
	if (r)
		return r;
	if (alone_is_better(c, base))
		return build_alone(c, base, family, last, ret_root);
	r = build_shared(c, family, own->base_root[family], ret_root);
	return r == -E2BIG ? sweep_limit(c, last) : r;
}

void own_free(struct compiler *c)
{
	for (size_t i = 0; c->own.bases && i < c->policy->n_profiles * FAMILY_COUNT; i++)
		free(c->own.bases[i].items);
	free(c->own.bases);
	free(c->own.merged.items);
	free(c->own.regions);
	free(c->own.parts);
	c->own = (struct own){0};
}
