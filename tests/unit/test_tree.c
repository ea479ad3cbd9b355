// SPDX-License-Identifier: GPL-2.0-only
/*
 * Range trees: for intervals of every number and shape, each address finds the value of its interval.
 */
#include "ruleset_help.h"

#include "../../user/policy/tree.h"

#define INTERVALS_MAX 5000
#define LOOKUPS 20

struct intervals {
	struct tree_interval items[INTERVALS_MAX];
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct tree_interval *x = a, *y = b;

	if (x->last.hi != y->last.hi)
		return x->last.hi < y->last.hi ? -1 : 1;
	return x->last.lo < y->last.lo ? -1 : x->last.lo > y->last.lo;
}

/* Sort, drop what is double, end at the last address. */
static void finish(struct intervals *intervals, struct rf_addr last)
{
	size_t n = 0;

	intervals->items[intervals->n - 1].last = last;
	qsort(intervals->items, intervals->n, sizeof(intervals->items[0]), compare);
	for (size_t i = 0; i < intervals->n; i++)
		if (n == 0 || compare(&intervals->items[n - 1], &intervals->items[i]) != 0)
			intervals->items[n++] = intervals->items[i];
	intervals->n = n;
}

static uint32_t naive(const struct intervals *intervals, struct rf_addr addr)
{
	const struct tree_interval key = {.last = addr};

	for (size_t i = 0; i < intervals->n; i++)
		if (compare(&key, &intervals->items[i]) <= 0)
			return intervals->items[i].value;
	fail_msg("the intervals have an end");
	return 0;
}

static uint32_t lookup6(const struct help_arrays *arrays, uint32_t root, struct rf_addr addr)
{
	uint32_t value = help_value(arrays, root, addr.hi);

	return value & RF_VALUE_SUBTREE ? help_value(arrays, value & ~RF_VALUE_SUBTREE, addr.lo) : value;
}

static struct help_arrays store_arrays(const struct tree_store *store)
{
	return (struct help_arrays){.nodes = store->nodes, .values = store->values};
}

static void check4(const struct intervals *intervals, const struct tree_store *store, uint32_t root, uint64_t *random)
{
	struct help_arrays arrays = store_arrays(store);

	for (size_t i = 0; i < intervals->n; i++) {
		struct rf_addr last = intervals->items[i].last;

		assert_int_equal(help_value(&arrays, root, last.lo), intervals->items[i].value);
		if (i + 1 < intervals->n)
			assert_int_equal(help_value(&arrays, root, last.lo + 1), intervals->items[i + 1].value);
	}
	assert_int_equal(help_value(&arrays, root, 0), intervals->items[0].value);
	for (int i = 0; i < LOOKUPS; i++) {
		struct rf_addr addr = {.lo = help_random(random) & UINT32_MAX};

		assert_int_equal(help_value(&arrays, root, addr.lo), naive(intervals, addr));
	}
}

static void test_ipv4(void **state)
{
	static struct intervals intervals;
	static const size_t sizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097};
	struct tree_store store = {0};
	uint64_t random = 3;

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		uint32_t root;

		intervals.n = sizes[k];
		for (size_t i = 0; i < sizes[k]; i++)
			intervals.items[i] = (struct tree_interval){
				/* no two neighbours alike, so that the number of steps is the size */
				.last.lo = (i + 1) * (UINT32_MAX / sizes[k]) - help_random(&random) % 1000,
				.value = (uint32_t)i,
			};
		finish(&intervals, (struct rf_addr){.lo = UINT32_MAX});
		assert_int_equal(intervals.n, sizes[k]);
		assert_int_equal(tree_build4(&store, intervals.items, intervals.n, &root), 0);
		check4(&intervals, &store, root, &random);
	}
	tree_store_free(&store);
}

/* Keys that bite: around 2^31 and 2^32 - 1, where a difference of two keys changes its sign. */
static void test_ipv4_edges(void **state)
{
	static struct intervals intervals = {
		.items =
			{
				{{0, 0}, 1},
				{{0, 1}, 2},
				{{0, 0x7ffffffe}, 3},
				{{0, 0x7fffffff}, 4},
				{{0, 0x80000000}, 5},
				{{0, 0xfffffffd}, 6},
				{{0, 0xfffffffe}, 7},
				{{0, 0xffffffff}, 8},
			},
		.n = 8,
	};
	struct tree_store store = {0};
	uint64_t random = 4;
	uint32_t root;

	(void)state;
	assert_int_equal(tree_build4(&store, intervals.items, intervals.n, &root), 0);
	assert_int_equal(store.n_nodes, 1);
	check4(&intervals, &store, root, &random);
	tree_store_free(&store);
}

static void check_node_shape(const struct tree_store *store)
{
	for (uint32_t i = 0; i < store->n_nodes; i++) {
		const struct ruleset_node *node = &store->nodes[i];

		for (int k = 1; k < RF_NODE_KEYS; k++)
			assert_true(node->last[k - 1] <= node->last[k]);
		assert_true(node->first < (node->leaf ? store->n_values : store->n_nodes));
		if (node->leaf)
			assert_int_equal(node->first % (RF_NODE_KEYS + 1), 0); /* a leaf's values share a line */
	}
}

/* Addresses from few upper halves, so that cuts fall inside them, at their edges, and across. */
static struct rf_addr random6(uint64_t *random)
{
	static const uint64_t edges[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, 1ULL << 63, 0x100};
	struct rf_addr addr = {.hi = help_random(random) % 8, .lo = help_random(random)};

	if (help_random(random) % 2)
		addr.lo = edges[help_random(random) % 6];
	if (help_random(random) % 4 == 0)
		addr.hi = edges[help_random(random) % 6];
	if (help_random(random) % 8 == 0)
		addr.hi = help_random(random);
	return addr;
}

static void test_ipv6(void **state)
{
	static struct intervals intervals;
	struct tree_store store = {0};
	uint64_t random = 5;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct help_arrays arrays;
		uint32_t root;

		intervals.n = 1 + help_random(&random) % (round % 50 ? 24 : 1000);
		for (size_t i = 0; i < intervals.n; i++)
			intervals.items[i] = (struct tree_interval){
				.last = random6(&random),
				.value = (uint32_t)help_random(&random) % 5, /* neighbours are alike now and then */
			};
		finish(&intervals, (struct rf_addr){UINT64_MAX, UINT64_MAX});
		assert_int_equal(tree_build6(&store, intervals.items, intervals.n, &root), 0);
		arrays = store_arrays(&store);
		for (size_t i = 0; i < intervals.n; i++) {
			struct rf_addr addr = intervals.items[i].last;

			assert_int_equal(lookup6(&arrays, root, addr), naive(&intervals, addr));
			if (++addr.lo == 0 && ++addr.hi == 0)
				continue;
			assert_int_equal(lookup6(&arrays, root, addr), naive(&intervals, addr));
		}
		for (int i = 0; i < LOOKUPS; i++) {
			struct rf_addr addr = random6(&random);

			assert_int_equal(lookup6(&arrays, root, addr), naive(&intervals, addr));
		}
	}
	check_node_shape(&store);
	tree_store_free(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv4_edges),
		cmocka_unit_test(test_ipv6),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
