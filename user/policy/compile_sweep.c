// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the rules of a set to a range tree: sweep over all addresses and keep which rules are active.
 *
 * Each range of each clause is two events, its beginning and the address after its end. Between two events nothing
 * changes, so the clauses that are active there are the interval's list. The active clauses are few (a list is at
 * most RF_LIST_RULES_MAX lines), the events may be many: the cost is events times the active ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/hash.h"
#include "array.h"
#include "compile.h"
#include "compile_sweep.h"

#define TREE_SLOTS_FIRST 64
#define TREE_FREE UINT32_MAX

struct tree_slot {
	uint64_t hash;
	uint32_t key_first, key_n; /* in sweep.keys */
	uint32_t root;		   /* TREE_FREE: free slot */
	uint32_t family;
};

/* Ends before beginnings, so that what follows directly is never active together with what went before. */
static int event_compare(const void *a, const void *b)
{
	const struct sweep_event *x = a, *y = b;
	int order = address_compare(x->at, y->at);

	if (order)
		return order;
	return x->begins < y->begins ? -1 : x->begins > y->begins;
}

int sweep_add_events(struct compiler *c, uint32_t number, enum family family)
{
	const struct address_set *dests = &c->clauses.items[number].dests;
	const struct range *ranges = c->addresses.family[family].items;
	struct sweep *sweep = &c->sweep;
	struct sweep_event *events;

	events = array_grow(sweep->events, &sweep->events_capacity,
			    (size_t)sweep->n_events + 2 * (size_t)dests->n[family], sizeof(*events));
	if (!events)
		return -ENOMEM;
	sweep->events = events;
	for (uint32_t i = 0; i < dests->n[family]; i++) {
		struct range range = ranges[dests->first[family] + i];

		events[sweep->n_events++] = (struct sweep_event){.at = range.first, .clause = number, .begins = 1};
		if (address_compare(range.last, address_last(family)) == 0)
			break;
		events[sweep->n_events++] = (struct sweep_event){.at = address_next(range.last), .clause = number};
	}
	return 0;
}

void sweep_sort_events(struct sweep *sweep)
{
	if (sweep->n_events)
		qsort(sweep->events, sweep->n_events, sizeof(*sweep->events), event_compare);
}

/* Where the clause stands, or would. */
static uint32_t active_place(const struct active *active, uint32_t clause)
{
	uint32_t low = 0, high = active->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (active->items[middle] < clause)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int sweep_too_many(struct compiler *c, uint32_t clause, struct rf_addr at, enum family family)
{
	struct addr addr = address_of_key(family, at);
	char text[ADDR_TEXT_MAX];

	return compile_limit(c, compile_clause_pos(c, clause),
			     "more than %d rules for one destination, %s (each protocol and each port range counts)",
			     RF_LIST_RULES_MAX, addr_format(&addr, text));
}

int active_add(struct compiler *c, struct active *active, const struct sweep_event *event, enum family family)
{
	uint32_t at = active_place(active, event->clause);
	uint32_t n_lines = c->clauses.items[event->clause].n_lines;

	if (n_lines > RF_LIST_RULES_MAX - active->n_lines)
		return sweep_too_many(c, event->clause, event->at, family);
	memmove(&active->items[at + 1], &active->items[at], (active->n - at) * sizeof(active->items[0]));
	active->items[at] = event->clause;
	active->n++;
	active->n_lines += n_lines;
	active->hash += clause_hash(event->clause);
	return 0;
}

void active_remove(const struct compiler *c, struct active *active, uint32_t clause)
{
	uint32_t at = active_place(active, clause);

	active->n--;
	memmove(&active->items[at], &active->items[at + 1], (active->n - at) * sizeof(active->items[0]));
	active->n_lines -= c->clauses.items[clause].n_lines;
	active->hash -= clause_hash(clause);
}

int sweep_push_interval(struct sweep *sweep, uint32_t first, struct rf_addr last, uint32_t list)
{
	struct sweep_interval *intervals;

	if (sweep->n_intervals > first && sweep->intervals[sweep->n_intervals - 1].list == list) {
		sweep->intervals[sweep->n_intervals - 1].last = last;
		return 0;
	}
	intervals = array_grow(sweep->intervals, &sweep->intervals_capacity, (size_t)sweep->n_intervals + 1,
			       sizeof(*intervals));
	if (!intervals)
		return -ENOMEM;
	sweep->intervals = intervals;
	intervals[sweep->n_intervals++] = (struct sweep_interval){.last = last, .list = list};
	return 0;
}

/* All that is active from the interval before up to `last`. */
static int close_interval(struct compiler *c, const struct active *active, struct rf_addr last)
{
	struct list_key key = {.clauses = active->items, .n = active->n, .hash = active->hash};
	uint32_t list;
	int r = lists_intern(c, &key, &list);

	return r ? r : sweep_push_interval(&c->sweep, 0, last, list);
}

static int run(struct compiler *c, struct active *active, enum family family)
{
	struct sweep *sweep = &c->sweep;
	struct rf_addr start = {0};
	int r;

	sweep->n_intervals = 0;
	for (uint32_t i = 0; i < sweep->n_events; i++) {
		const struct sweep_event *event = &sweep->events[i];

		if (address_compare(event->at, start) != 0) {
			r = close_interval(c, active, address_before(event->at));
			if (r)
				return r;
			start = event->at;
		}
		if (!event->begins) {
			active_remove(c, active, event->clause);
			continue;
		}
		r = active_add(c, active, event, family);
		if (r)
			return r;
	}
	return close_interval(c, active, address_last(family));
}

int sweep_intervals(struct compiler *c, const struct sequence *clauses, enum family family)
{
	struct sweep *sweep = &c->sweep;
	uint32_t last = clauses->items[clauses->n - 1];
	struct active active;

	active.n = 1;
	active.n_lines = c->clauses.items[last].n_lines;
	active.hash = clause_hash(last);
	active.items[0] = last;

	sweep->n_events = 0;
	for (uint32_t i = 0; i + 1 < clauses->n; i++) {
		int r = sweep_add_events(c, clauses->items[i], family);

		if (r)
			return r;
	}
	sweep_sort_events(sweep);
	return run(c, &active, family);
}

int sweep_for_tree(struct compiler *c, uint32_t first, uint32_t n, const struct tree_interval **ret_intervals)
{
	struct sweep *sweep = &c->sweep;
	struct tree_interval *tree = array_grow(sweep->tree, &sweep->tree_capacity, n, sizeof(*tree));

	if (!tree)
		return -ENOMEM;
	sweep->tree = tree;
	for (uint32_t i = 0; i < n; i++) {
		const struct sweep_interval *from = &sweep->intervals[first + i];

		tree[i] = (struct tree_interval){.last = from->last, .value = c->lists.items[from->list].chunk};
	}
	*ret_intervals = tree;
	return 0;
}

int sweep_limit(struct compiler *c, uint32_t clause)
{
	return compile_limit(
		c, compile_clause_pos(c, clause),
		"the destinations of all profiles need more than %u MiB: use fewer or shorter prefixes, or share profiles",
		RULESET_NODES_MAX / (1024 * 1024 / (unsigned int)sizeof(struct ruleset_node)));
}

int sweep_build(struct compiler *c, enum family family, uint32_t blame, uint32_t *ret_root)
{
	struct sweep *sweep = &c->sweep;
	const struct tree_interval *tree = NULL;
	int r = sweep_for_tree(c, 0, sweep->n_intervals, &tree);

	if (r)
		return r;
	if (family == FAMILY_4)
		r = tree_build4(&sweep->trees, tree, sweep->n_intervals, ret_root);
	else
		r = tree_build6(&sweep->trees, tree, sweep->n_intervals, ret_root);
	return r == -E2BIG ? sweep_limit(c, blame) : r;
}

static uint64_t tree_hash(const struct sequence *clauses, enum family family)
{
	uint64_t hash = family;

	for (uint32_t i = 0; i < clauses->n; i++)
		hash = (hash ^ clauses->items[i]) * RF_HASH_M1 + (hash >> 32);
	return rf_mix(hash);
}

static int slots_grow(struct sweep *sweep)
{
	uint32_t n = sweep->n_slots ? sweep->n_slots * 2 : TREE_SLOTS_FIRST;
	struct tree_slot *slots = malloc((size_t)n * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		slots[i].root = TREE_FREE;
	for (uint32_t i = 0; i < sweep->n_slots; i++) {
		uint32_t at = (uint32_t)sweep->slots[i].hash & (n - 1);

		if (sweep->slots[i].root == TREE_FREE)
			continue;
		while (slots[at].root != TREE_FREE)
			at = (at + 1) & (n - 1);
		slots[at] = sweep->slots[i];
	}
	free(sweep->slots);
	sweep->slots = slots;
	sweep->n_slots = n;
	return 0;
}

/* The slot of a tree that is there, or the free one where it belongs. */
static struct tree_slot *slot_find(const struct sweep *sweep, const struct sequence *clauses, uint64_t hash,
				   enum family family)
{
	uint32_t mask = sweep->n_slots - 1;
	uint32_t at = (uint32_t)hash & mask;

	for (; sweep->slots[at].root != TREE_FREE; at = (at + 1) & mask) {
		const struct tree_slot *slot = &sweep->slots[at];

		if (slot->hash == hash && slot->family == (uint32_t)family && slot->key_n == clauses->n &&
		    memcmp(&sweep->keys.items[slot->key_first], clauses->items,
			   clauses->n * sizeof(clauses->items[0])) == 0)
			break;
	}
	return &sweep->slots[at];
}

static int build(struct compiler *c, const struct sequence *clauses, enum family family, uint32_t *ret_root)
{
	int r = sweep_intervals(c, clauses, family);

	return r ? r : sweep_build(c, family, clauses->items[clauses->n > 1 ? clauses->n - 2 : 0], ret_root);
}

static int build_once(struct compiler *c, const struct sequence *clauses, enum family family, uint32_t *ret_root)
{
	struct sweep *sweep = &c->sweep;
	uint64_t hash = tree_hash(clauses, family);
	struct tree_slot slot = {.hash = hash, .key_first = sweep->keys.n, .key_n = clauses->n, .family = family};
	struct tree_slot *found;
	int r = sweep->n_used >= sweep->n_slots / 2 ? slots_grow(sweep) : 0;

	if (r)
		return r;
	found = slot_find(sweep, clauses, hash, family);
	if (found->root != TREE_FREE) {
		*ret_root = found->root;
		return 0;
	}
	r = build(c, clauses, family, &slot.root);
	for (uint32_t i = 0; i < clauses->n && !r; i++)
		r = sequence_push(&sweep->keys, clauses->items[i]);
	if (r)
		return r;
	*found = slot;
	sweep->n_used++;
	*ret_root = slot.root;
	return 0;
}

/* Rules that name no address of this family do not matter to its tree. */
int sweep_tree(struct compiler *c, const struct sequence *sequence, enum family family, uint32_t *ret_root)
{
	struct sequence *filtered = &c->sweep.filtered;

	filtered->n = 0;
	for (uint32_t i = 0; i < sequence->n; i++) {
		uint32_t clause = sequence->items[i];
		int r;

		if (i + 1 < sequence->n && c->clauses.items[clause].dests.n[family] == 0)
			continue;
		r = sequence_push(filtered, clause);
		if (r)
			return r;
	}
	return build_once(c, filtered, family, ret_root);
}

void sweep_free(struct sweep *sweep)
{
	tree_store_free(&sweep->trees);
	free(sweep->slots);
	free(sweep->keys.items);
	free(sweep->filtered.items);
	free(sweep->events);
	free(sweep->intervals);
	free(sweep->tree);
	*sweep = (struct sweep){0};
}
