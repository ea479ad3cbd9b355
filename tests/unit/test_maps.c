// SPDX-License-Identifier: GPL-2.0-only
/* user/datapath/maps_size.c: the room that a policy gets, without a kernel. */
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
static struct maps made(enum map_id id, enum rf_sizing_id sizing, uint32_t entries)
{
	struct maps maps;

	maps_init(&maps);
	maps.sizing = sizing;
	maps.map[id].entries = entries;
	maps.map[id].value_size =
		maps_value_size(id, sizing) ?: map_specs[id].value_size * (id == MAP_VALUES ? RF_VALUE_LINE : 1);
	return maps;
}

static const enum rf_sizing_id sizings[] = {RF_SIZING_HOME, RF_SIZING_CAMPUS, RF_SIZING_PROVIDER};

static void test_room_holds_what_is_needed(void **state)
{
	static const uint32_t needs[] = {1, 16, 127, 128, 129, 1000, 4095, 4096, 50000, 1000000};

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct ruleset_sizes need = all(needs[i]), room = maps_room(&need);

		for (int at = 0; at < 3 * MAP_COUNT; at++) {
			const enum map_id id = (enum map_id)(at / 3);
			const struct maps maps = made(id, sizings[at % 3], maps_entries(id, sizings[at % 3], &room));

			assert_true(maps_fit(id, &maps, sizings[at % 3], &need));
			if (map_specs[id].kind == MAP_KIND_BANKS)
				assert_true(maps_bank(id, &maps.map[id]) >= needs[i]);
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
	/* State costs memory, and large tables do: an eighth and a quarter more, not twice as much. */
	assert_int_equal(maps_room(&city).indices, 56250);
	assert_int_equal(maps_room(&city).nodes, 62500);
}

static void test_fit_is_exact(void **state)
{
	const struct ruleset_sizes need = all(320);

	(void)state;
	for (int at = 0; at < 3 * MAP_COUNT; at++) {
		const enum map_id id = (enum map_id)(at / 3);
		const enum rf_sizing_id sizing = sizings[at % 3], other = sizings[(at + 1) % 3];
		const uint32_t entries = maps_entries(id, sizing, &need);
		const struct maps enough = made(id, sizing, entries), less = made(id, sizing, entries - 2);

		assert_true(maps_fit(id, &enough, sizing, &need));
		if (map_specs[id].kind != MAP_KIND_ONE && map_specs[id].kind != MAP_KIND_CPU_ONE &&
		    map_specs[id].kind != MAP_KIND_RING)
			assert_false(maps_fit(id, &less, sizing, &need));
		/* Rows of another sizing do not fit, however many they are. */
		assert_int_equal(maps_fit(id, &enough, other, &(struct ruleset_sizes){0}),
				 map_specs[id].kind != MAP_KIND_ROWS);
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
