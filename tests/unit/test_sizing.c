// SPDX-License-Identifier: GPL-2.0-only
/* user/common/sizing.c, and the rows that user/datapath/maps_size.c, maps.c and carry.c make of it, without a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../user/common/sizing.h"
#include "../../user/datapath/state.h"
#include "../../user/datapath/window.h"

static void test_words(void **state)
{
	enum rf_sizing_id id;

	(void)state;
	for (unsigned int i = 0; i < RF_SIZING_COUNT; i++) {
		assert_true(sizing_parse(sizing_text((enum rf_sizing_id)i), &id));
		assert_int_equal(id, i);
	}
	assert_false(sizing_parse("house", &id));
	assert_false(sizing_parse("", &id));
	assert_string_equal(sizing_text((enum rf_sizing_id)77), "?");
}

static void test_choice_by_devices(void **state)
{
	static const struct {
		uint32_t devices;
		enum rf_sizing_id want;
	} cases[] = {
		{0, RF_SIZING_HOME},	       {64, RF_SIZING_HOME},	  {4096, RF_SIZING_HOME},
		{4097, RF_SIZING_CAMPUS},      {65536, RF_SIZING_CAMPUS}, {65537, RF_SIZING_PROVIDER},
		{1000000, RF_SIZING_PROVIDER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(sizing_choose(cases[i].devices + RF_UNKNOWN_DEVICES), cases[i].want);
	assert_int_equal(sizing_choose(0), RF_SIZING_HOME);
}

/* What the programs have until the loader says otherwise is the first of the table. */
static void test_default_is_home(void **state)
{
	static const struct rf_sizing built_in = RF_SIZING_DEFAULT;

	(void)state;
	assert_memory_equal(&built_in, sizing_of(RF_SIZING_HOME), sizeof(built_in));
}

static void test_bytes(void **state)
{
	(void)state;
	assert_int_equal(sizing_bytes(RF_SIZING_HOME),
			 32 * sizeof(struct rf_conn_set) + 4 * sizeof(struct rf_question_set) +
				 8 * sizeof(struct rf_known_set) + 32 * sizeof(struct rf_learned_set) +
				 8 * (sizeof(struct rf_fold_set) + sizeof(struct rf_fold_slots)));
	assert_in_range(sizing_bytes(RF_SIZING_PROVIDER), 1, 5 * 1024);
	assert_true(sizing_bytes(RF_SIZING_CAMPUS) < sizing_bytes(RF_SIZING_HOME));
	assert_true(sizing_bytes(RF_SIZING_PROVIDER) < sizing_bytes(RF_SIZING_CAMPUS));
}

/* The sets of two devices, and of a connection's two sides, never overlap, and all of a map's are some device's. */
static void test_sets_are_apart(void **state)
{
	(void)state;
	for (unsigned int id = RF_SIZING_AUTO + 1; id < RF_SIZING_COUNT; id++) {
		const struct rf_sizing *sizing = sizing_of((enum rf_sizing_id)id);
		const uint8_t shifts[] = {sizing->conn + 1, sizing->question, sizing->known, sizing->learned,
					  sizing->fold};
		static const enum map_id maps[] = {MAP_CONNS, MAP_QUESTIONS, MAP_KNOWN, MAP_LEARNED, MAP_FOLDS};

		for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
			const uint32_t each = maps_each(maps[i], (enum rf_sizing_id)id);

			assert_int_equal(each, 1U << shifts[i]);
			for (uint32_t hash = 0; hash < 100; hash++) {
				const uint32_t set = rf_sizing_set(1000003, shifts[i], hash * 0x9e3779b9U);

				assert_in_range(set, 1000003 * each, 1000004 * each - 1);
			}
		}
	}
}

/* A map as the kernel would have made it, in memory that windows may open. */
static void make_map(struct maps *maps, enum map_id id, uint32_t devices)
{
	struct map *map = &maps->map[id];
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	map->entries = devices * maps_each(id, maps->sizing);
	map->value_size = maps_value_size(id, maps->sizing) ?: map_specs[id].value_size;
	map->id = (uint32_t)(uintptr_t)maps + (uint32_t)id;
	map->fd = memfd_create("rows", MFD_CLOEXEC);
	assert_true(map->fd >= 0);
	assert_int_equal(ftruncate(map->fd, (off_t)((map->entries * maps_stride(map) + page - 1) & ~(page - 1))), 0);
}

static void make_rows(struct maps *maps, enum rf_sizing_id sizing, uint32_t devices)
{
	maps_init(maps);
	maps->sizing = sizing;
	for (int id = 0; id < MAP_COUNT; id++)
		if (map_specs[id].kind == MAP_KIND_ROWS)
			make_map(maps, (enum map_id)id, devices);
}

/* Each entry of a device's rows begins with a number of its own. */
static void write_rows(const struct maps *maps, enum map_id id, uint32_t device)
{
	const uint32_t each = maps_each(id, maps->sizing);
	struct window window AUTO_WINDOW = {0};

	assert_int_equal(window_open_devices(maps, id, device, 1, true, &window), 0);
	for (uint32_t i = 0; i < each; i++) {
		const uint64_t number = (uint64_t)id << 32 | device << 8 | (i + 1);

		memcpy((char *)window.base + (size_t)(device * each + i) * maps_stride(&maps->map[id]), &number,
		       sizeof(number));
	}
}

static bool has_rows(const struct maps *maps, enum map_id id, uint32_t device)
{
	const uint32_t each = maps_each(id, maps->sizing);
	struct window window AUTO_WINDOW = {0};
	uint32_t n = 0;

	assert_int_equal(window_open_devices(maps, id, device, 1, false, &window), 0);
	for (uint32_t i = 0; i < each; i++) {
		uint64_t number;

		memcpy(&number, (char *)window.base + (size_t)(device * each + i) * maps_stride(&maps->map[id]),
		       sizeof(number));
		n += number == ((uint64_t)id << 32 | device << 8 | (i + 1));
	}
	assert_true(n == 0 || n == each);
	return n;
}

static void test_carry(void **state)
{
	(void)state;
	for (unsigned int from = RF_SIZING_AUTO + 1; from < RF_SIZING_COUNT; from++)
		for (unsigned int to = RF_SIZING_AUTO + 1; to < RF_SIZING_COUNT; to++) {
			struct maps small, large;

			make_rows(&small, (enum rf_sizing_id)from, 70);
			make_rows(&large, (enum rf_sizing_id)to, 100);
			for (int id = 0; id < MAP_COUNT; id++)
				if (map_specs[id].kind == MAP_KIND_ROWS)
					write_rows(&small, (enum map_id)id, 69);
			carry_rows(&large, &small);
			for (int id = 0; id < MAP_COUNT; id++)
				if (map_specs[id].kind == MAP_KIND_ROWS)
					assert_int_equal(has_rows(&large, (enum map_id)id, 69),
							 from == to && id != MAP_FOLDS && id != MAP_COUNTERS);
			maps_close(&small);
			maps_close(&large);
		}
}

/* The counters of a device's last CPU, at the end of its entries. */
static void count_into(struct maps *maps, uint32_t device, uint64_t packets)
{
	struct window hot AUTO_WINDOW = {0}, rest AUTO_WINDOW = {0};
	const uint32_t cpu = maps_cpus() - 1;

	assert_int_equal(window_open_devices(maps, MAP_HOT, device, 1, true, &hot), 0);
	assert_int_equal(window_open_devices(maps, MAP_COUNTERS, device, 1, true, &rest), 0);
	maps_counters_first(maps, maps_hot(&maps->map[MAP_HOT], hot.base, device))[cpu].from_dropped.packets = packets;
	maps_counters_rest(&maps->map[MAP_COUNTERS], rest.base, device)[cpu].to_passed.packets = packets + 1;
}

static void test_carry_counters(void **state)
{
	(void)state;
	for (unsigned int from = RF_SIZING_AUTO + 1; from < RF_SIZING_COUNT; from++)
		for (unsigned int to = RF_SIZING_AUTO + 1; to < RF_SIZING_COUNT; to++) {
			const uint32_t cpu = maps_cpus() - 1;
			struct maps small, large;
			struct window hot AUTO_WINDOW = {0}, rest AUTO_WINDOW = {0};

			make_rows(&small, (enum rf_sizing_id)from, 70);
			make_rows(&large, (enum rf_sizing_id)to, 100);
			count_into(&small, 69, 5);
			count_into(&large, 69, 100); /* meanwhile */
			assert_int_equal(carry_counters(&large, &small), 0);
			assert_int_equal(window_open_devices(&large, MAP_HOT, 69, 1, false, &hot), 0);
			assert_int_equal(window_open_devices(&large, MAP_COUNTERS, 69, 1, false, &rest), 0);
			assert_int_equal(maps_counters_first(&large, maps_hot(&large.map[MAP_HOT], hot.base, 69))[cpu]
						 .from_dropped.packets,
					 105);
			assert_int_equal(
				maps_counters_rest(&large.map[MAP_COUNTERS], rest.base, 69)[cpu].to_passed.packets,
				107);
			maps_close(&small);
			maps_close(&large);
		}
}

static void test_clear_is_of_one_device(void **state)
{
	(void)state;
	for (unsigned int sizing = RF_SIZING_AUTO + 1; sizing < RF_SIZING_COUNT; sizing++) {
		struct maps maps;

		make_rows(&maps, (enum rf_sizing_id)sizing, 80);
		for (int id = 0; id < MAP_COUNT; id++)
			for (uint32_t device = 76; device < 80 && map_specs[id].kind == MAP_KIND_ROWS; device++)
				write_rows(&maps, (enum map_id)id, device);
		maps_clear_device(&maps, 78);
		maps_clear_device(&maps, 80); /* there is none */
		for (int id = 0; id < MAP_COUNT; id++)
			for (uint32_t device = 76; device < 80 && map_specs[id].kind == MAP_KIND_ROWS; device++)
				assert_int_equal(has_rows(&maps, (enum map_id)id, device), device != 78);
		maps_close(&maps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),		cmocka_unit_test(test_choice_by_devices),
		cmocka_unit_test(test_default_is_home), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_sets_are_apart),	cmocka_unit_test(test_carry),
		cmocka_unit_test(test_carry_counters),	cmocka_unit_test(test_clear_is_of_one_device),
	};

	return cmocka_run_group_tests_name("sizing", tests, NULL, NULL);
}
