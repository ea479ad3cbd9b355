// SPDX-License-Identifier: GPL-2.0-only
/*
 * maps_size.c - how large the maps are: entries and bytes for what a ruleset and a sizing ask for, and whether what is there is enough. See maps.h.
 *
 * Counts only: opens no map and changes none.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/sizing.h"
#include "maps.h"

/* Floors, so that a home never outgrows its first maps: 256 devices are 11 MiB with all their state, lists and trees to match some KiB. */
#define ROOM_DEVICES_MIN 256
#define ROOM_MIN 256
/* Above this a table of the policy takes MiB in both banks, and a quarter of headroom does. */
#define ROOM_MANY 16384
/* Above this, the state of devices is what costs memory (include/sizing.h), and an eighth of headroom does. */
#define ROOM_DEVICES_MANY 4096
/* Events of a second in which 64 devices spend their whole budget: 64 * 64 records of 120 bytes. */
#define ROOM_RING_BYTES (512 * 1024)

static uint32_t power_of_two(uint32_t n)
{
	uint32_t power = 1;

	while (power < n && power < UINT32_C(1) << 31)
		power <<= 1;
	return power;
}

static uint32_t room_twice(uint32_t need)
{
	if (need < ROOM_MIN / 2)
		return ROOM_MIN;
	return need < ROOM_MANY ? power_of_two(need * 2) : need + need / 4;
}

static uint32_t room_devices(uint32_t need)
{
	if (need < ROOM_DEVICES_MIN / 2)
		return ROOM_DEVICES_MIN;
	return need < ROOM_DEVICES_MANY ? power_of_two(need * 2) : need + need / 8;
}

struct ruleset_sizes maps_room(const struct ruleset_sizes *need)
{
	struct ruleset_sizes room = *need;
	const size_t n = sizeof(room) / sizeof(uint32_t);

	/* All members are counts; what is not by device is a table of the policy. */
	_Static_assert(sizeof(struct ruleset_sizes) % sizeof(uint32_t) == 0, "only counts");
	for (size_t i = 0; i < n; i++) {
		uint32_t *count = (uint32_t *)&room + i;

		*count = count == &room.indices ? room_devices(*count) : room_twice(*count);
	}
	return room;
}

uint32_t maps_each(enum map_id id, enum rf_sizing_id sizing)
{
	const struct map_spec *spec = &map_specs[id];

	if (spec->sets == MAPS_ONE)
		return spec->each;
	return spec->each << ((const uint8_t *)sizing_of(sizing))[spec->sets];
}

static uint32_t counted(enum map_id id, enum rf_sizing_id sizing, const struct ruleset_sizes *sizes)
{
	uint32_t count;

	memcpy(&count, (const char *)sizes + map_specs[id].counted, sizeof(count));
	return count * maps_each(id, sizing);
}

/* Elements of what is counted in one entry of the map. */
static uint32_t line_elements(enum map_id id)
{
	return id == MAP_VALUES ? RF_VALUE_LINE : 1;
}

/* The highest number in a list as "0-3,8": numbers, not how many, are what the programs index by. */
static uint32_t last_number(const char *list)
{
	const char *at = list + strlen(list);

	while (at > list && !isdigit((unsigned char)at[-1]))
		at--;
	while (at > list && isdigit((unsigned char)at[-1]))
		at--;
	return (uint32_t)strtoul(at, NULL, 10);
}

uint32_t maps_cpus(void)
{
	static uint32_t cpus;
	char list[4096];
	FILE *file;

	if (cpus)
		return cpus;
	file = fopen("/sys/devices/system/cpu/possible", "re");
	if (file && fgets(list, sizeof(list), file))
		cpus = last_number(list) + 1;
	else
		cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	if (file)
		fclose(file);
	return cpus;
}

uint32_t maps_value_size(enum map_id id, enum rf_sizing_id sizing)
{
	if (id == MAP_HOT)
		return rf_hot_size(sizing_of(sizing)->fold, maps_cpus());
	if (id == MAP_COUNTERS)
		return maps_cpus() * (uint32_t)sizeof(struct rf_counters_rest);
	return 0;
}

uint32_t maps_entries(enum map_id id, enum rf_sizing_id sizing, const struct ruleset_sizes *room)
{
	switch (map_specs[id].kind) {
	case MAP_KIND_BANKS:
		return (counted(id, sizing, room) + line_elements(id) - 1) / line_elements(id) * 2;
	case MAP_KIND_DEVICES:
	case MAP_KIND_ROWS:
		return counted(id, sizing, room);
	case MAP_KIND_RING:
		return ROOM_RING_BYTES;
	case MAP_KIND_CPU_ONE:
		return map_specs[id].each;
	case MAP_KIND_ONE:
		break;
	}
	return 1;
}

uint32_t maps_bank(enum map_id id, const struct map *map)
{
	/* An entry may be a line of several elements (rf_values). */
	return map->entries / 2 * (map->value_size / map_specs[id].value_size);
}

bool maps_fit(enum map_id id, const struct maps *maps, enum rf_sizing_id sizing, const struct ruleset_sizes *need)
{
	const struct map *map = &maps->map[id];

	switch (map_specs[id].kind) {
	case MAP_KIND_BANKS:
		return maps_bank(id, map) >= counted(id, sizing, need);
	case MAP_KIND_ROWS:
		if (maps->sizing != sizing)
			return false;
		return map->entries >= counted(id, sizing, need);
	case MAP_KIND_DEVICES:
		return map->entries >= counted(id, sizing, need);
	case MAP_KIND_RING:
	case MAP_KIND_ONE:
	case MAP_KIND_CPU_ONE:
		break;
	}
	return true;
}

uint64_t maps_bytes(enum map_id id, const struct map *map, int n_cpus)
{
	switch (map_specs[id].kind) {
	case MAP_KIND_RING:
		return map->entries;
	case MAP_KIND_CPU_ONE:
		return (uint64_t)map->entries * (maps_stride(map) * (uint64_t)n_cpus + sizeof(void *));
	case MAP_KIND_ONE:
	case MAP_KIND_BANKS:
	case MAP_KIND_DEVICES:
	case MAP_KIND_ROWS:
		break;
	}
	return (uint64_t)map->entries * maps_stride(map);
}
