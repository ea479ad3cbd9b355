// SPDX-License-Identifier: GPL-2.0-only
/* user/datapath/maps.c: the room that a policy gets, without a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../user/datapath/maps.h"

static struct ruleset_sizes all(uint32_t n)
{
	struct ruleset_sizes sizes;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(uint32_t); i++)
		((uint32_t *)&sizes)[i] = n;
	return sizes;
}

/* As if the kernel had made it with these entries. */
static struct map made(enum map_id id, uint32_t entries)
{
	return (struct map){.fd = -1,
			    .entries = entries,
			    .value_size = maps_value_size(id)
						  ?: map_specs[id].value_size * (id == MAP_VALUES ? RF_VALUE_LINE : 1)};
}

static void test_room_holds_what_is_needed(void **state)
{
	static const uint32_t needs[] = {1, 16, 127, 128, 129, 1000, 4095, 4096, 50000, 1000000};

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct ruleset_sizes need = all(needs[i]), room = maps_room(&need);

		for (int id = 0; id < MAP_COUNT; id++) {
			const struct map map = made((enum map_id)id, maps_entries((enum map_id)id, &room));

			assert_true(maps_fit((enum map_id)id, &map, &need));
			if (map_specs[id].kind == MAP_KIND_BANKS)
				assert_true(maps_bank((enum map_id)id, &map) >= needs[i]);
		}
	}
}

static void test_room_has_headroom(void **state)
{
	const struct ruleset_sizes home = all(10), shop = all(1000), city = all(50000);

	(void)state;
	/* A home: 20 times as many devices fit before anything is made anew. */
	assert_int_equal(maps_room(&home).indices, 256);
	assert_int_equal(maps_room(&shop).indices, 2048);
	assert_int_equal(maps_room(&shop).nodes, 2048);
	/* State costs memory: an eighth more, not twice as much. */
	assert_int_equal(maps_room(&city).indices, 56250);
	assert_int_equal(maps_room(&city).nodes, 131072);
}

static void test_fit_is_exact(void **state)
{
	const struct ruleset_sizes need = all(320);

	(void)state;
	for (int id = 0; id < MAP_COUNT; id++) {
		const uint32_t entries = maps_entries((enum map_id)id, &need);
		const struct map enough = made((enum map_id)id, entries);
		const struct map less = made((enum map_id)id, entries - 2);

		assert_true(maps_fit((enum map_id)id, &enough, &need));
		if (map_specs[id].kind != MAP_KIND_ONE && map_specs[id].kind != MAP_KIND_CPU_ONE &&
		    map_specs[id].kind != MAP_KIND_RING)
			assert_false(maps_fit((enum map_id)id, &less, &need));
	}
}

/* The kernel refuses longer names, and cuts them in some places. */
static void test_names(void **state)
{
	(void)state;
	for (int id = 0; id < MAP_COUNT; id++) {
		size_t len = 0;

		while (map_specs[id].name[len])
			len++;
		assert_in_range(len, 4, 15);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_holds_what_is_needed),
		cmocka_unit_test(test_room_has_headroom),
		cmocka_unit_test(test_fit_is_exact),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
