// SPDX-License-Identifier: GPL-2.0-only
/*
 * maps.c - see maps.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "../common/sizing.h"
#include "maps.h"
#include "window.h"

/* Floors, so that a home never outgrows its first maps: 256 devices are 11 MiB with all their state, lists and trees to match some KiB. */
#define ROOM_DEVICES_MIN 256
#define ROOM_MIN 256
/* Above this a table of the policy takes MiB in both banks, and a quarter of headroom does. */
#define ROOM_MANY 16384
/* Above this, the state of devices is what costs memory (include/sizing.h), and an eighth of headroom does. */
#define ROOM_DEVICES_MANY 4096
/* Events of a second in which 64 devices spend their whole budget: 64 * 64 records of 120 bytes. */
#define ROOM_RING_BYTES (512 * 1024)

const struct map_spec map_specs[MAP_COUNT] = {
#define X(id, map_name, value, map_kind, member, times, rows)                                                          \
	[MAP_##id] = {                                                                                                 \
		.name = map_name,                                                                                      \
		.kind = map_kind,                                                                                      \
		.value_size = sizeof(value),                                                                           \
		.counted = offsetof(struct ruleset_sizes, member),                                                     \
		.each = times,                                                                                         \
		.sets = rows,                                                                                          \
	},
	MAP_LIST(X)
#undef X
};

void maps_init(struct maps *maps)
{
	*maps = (struct maps){0};
	for (int id = 0; id < MAP_COUNT; id++)
		maps->map[id].fd = -1;
}

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

int maps_inspect(enum map_id id, struct map *map, struct fault *fault)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(map->fd, &info, &len) < 0)
		return fault_errno(fault, -errno, "cannot read the properties of map %s", map_specs[id].name);
	map->entries = info.max_entries;
	map->value_size = info.value_size;
	map->id = info.id;
	if (map_specs[id].kind == MAP_KIND_RING)
		return 0;
	/* Of sized maps the sizing says more, and the control map says the sizing: check_sizing(). */
	if (id != MAP_HOT && (!info.value_size || info.value_size % map_specs[id].value_size))
		return fault_set(fault, -EPROTO,
				 "map %s has values of %u bytes, not %u: it was made by another version of ringfence",
				 map_specs[id].name, info.value_size, map_specs[id].value_size);
	return 0;
}

static bool in_memory(enum map_kind kind)
{
	return kind == MAP_KIND_ONE || kind == MAP_KIND_DEVICES;
}

static int map_mmap(enum map_id id, struct map *map, bool writable, struct fault *fault)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t len = (maps_stride(map) * map->entries + page - 1) & ~(page - 1);
	void *memory = mmap(NULL, len, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, map->fd, 0);

	if (memory == MAP_FAILED)
		return fault_errno(fault, -errno, "cannot map %s (%zu bytes) into memory", map_specs[id].name, len);
	map->memory = memory;
	map->len = len;
	return 0;
}

int maps_mmap(struct maps *maps, bool writable, struct fault *fault)
{
	for (int id = 0; id < MAP_COUNT; id++) {
		/* The virtual world is written between runs, by system calls that run anyway. */
		if (!in_memory(map_specs[id].kind) || id == MAP_VIRTUAL || maps->map[id].memory)
			continue;
		int err = map_mmap((enum map_id)id, &maps->map[id], writable, fault);

		if (err)
			return err;
	}
	return 0;
}

static int map_open(const char *dir, enum map_id id, bool writable, struct map *map)
{
	const bool mapped = in_memory(map_specs[id].kind) || map_specs[id].kind == MAP_KIND_ROWS ||
			    map_specs[id].kind == MAP_KIND_BANKS;
	/* A read-only descriptor cannot be mapped shared; there the mapping is what is read-only (mm/mmap.c takes VM_SHARED away). */
	LIBBPF_OPTS(bpf_obj_get_opts, opts, .file_flags = writable || mapped ? 0 : BPF_F_RDONLY);
	char path[4096];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, map_specs[id].name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = bpf_obj_get_opts(path, &opts);
	if (fd < 0)
		return -errno;
	map->fd = fd;
	return 0;
}

static int open_fault(const char *dir, enum map_id id, int err, struct fault *fault)
{
	if (err == -ENOENT && id == MAP_CONTROL)
		return fault_set(fault, err, "no fence is up: nothing is pinned in %s (start ringfenced)", dir);
	if (err == -EACCES || err == -EPERM)
		return fault_set(fault, err, "no privilege to read %s: run this as root", dir);
	if (err == -ENOENT)
		return fault_set(fault, -EPROTO,
				 "%s has no map %s: it was pinned by another version of ringfence (restart ringfenced)",
				 dir, map_specs[id].name);
	return fault_errno(fault, err, "cannot open %s/%s", dir, map_specs[id].name);
}

static int open_all(const char *dir, bool writable, struct maps *maps, struct fault *fault)
{
	for (int id = 0; id < MAP_COUNT; id++) {
		struct map *map = &maps->map[id];
		int err = map_open(dir, (enum map_id)id, writable, map);

		if (err)
			return open_fault(dir, (enum map_id)id, err, fault);
		err = maps_inspect((enum map_id)id, map, fault);
		if (err)
			return err;
	}
	return maps_mmap(maps, writable, fault);
}

/* What the control map says of the rows must be what they are. */
static int check_sizing(const char *dir, struct maps *maps, struct fault *fault)
{
	const uint32_t sizing = maps_control(maps)->sizing, devices = maps->map[MAP_INFO].entries;

	if (sizing == RF_SIZING_AUTO || sizing >= RF_SIZING_COUNT)
		return fault_set(
			fault, -EPROTO,
			"%s was pinned with a sizing that this version of ringfence has not (%u): restart ringfenced",
			dir, sizing);
	maps->sizing = (enum rf_sizing_id)sizing;
	for (int id = 0; id < MAP_COUNT; id++) {
		const uint32_t size = maps_value_size((enum map_id)id, maps->sizing);

		if (size && maps->map[id].value_size != size)
			return fault_set(fault, -EPROTO,
					 "map %s in %s has values of %u bytes, not %u: restart ringfenced",
					 map_specs[id].name, dir, maps->map[id].value_size, size);
		if (map_specs[id].kind == MAP_KIND_ROWS &&
		    maps->map[id].entries != (uint64_t)devices * maps_each((enum map_id)id, maps->sizing))
			return fault_set(
				fault, -EPROTO,
				"map %s in %s has %u entries, which sizing %s has not for %u devices: restart ringfenced",
				map_specs[id].name, dir, maps->map[id].entries, sizing_text(maps->sizing), devices);
	}
	return 0;
}

int maps_open(const char *dir, bool writable, struct maps *maps, struct fault *fault)
{
	struct maps opened;
	int err;

	maps_init(&opened);
	err = open_all(dir, writable, &opened, fault);
	if (!err && maps_control(&opened)->abi_version != RF_ABI_VERSION)
		err = fault_set(
			fault, -EPROTO,
			"%s was pinned by another version of ringfence (ABI %u, this one has %u): restart ringfenced",
			dir, maps_control(&opened)->abi_version, RF_ABI_VERSION);
	if (!err)
		err = check_sizing(dir, &opened, fault);
	if (err) {
		maps_close(&opened);
		return err;
	}
	*maps = opened;
	return 0;
}

int maps_pin(const struct maps *maps, const char *dir, struct fault *fault)
{
	char path[4096];

	for (int id = 0; id < MAP_COUNT; id++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, map_specs[id].name) >= sizeof(path))
			return fault_set(fault, -ENAMETOOLONG, "the path %s is too long", dir);
		if (bpf_obj_pin(maps->map[id].fd, path) < 0)
			return fault_errno(fault, -errno, "cannot pin %s", path);
	}
	return 0;
}

static void clear_rows(const struct maps *maps, enum map_id id, uint32_t device)
{
	const uint32_t each = maps_each(id, maps->sizing);
	const size_t size = maps_stride(&maps->map[id]) * each;
	struct window window AUTO_WINDOW = {0};

	/* A device behind the end of the map has no rows. */
	if ((uint64_t)(device + 1) * each > maps->map[id].entries ||
	    window_open_devices(maps, id, device, 1, true, &window))
		return;
	memset((char *)window.base + device * size, 0, size);
}

void maps_clear_device(const struct maps *maps, uint32_t device)
{
	for (int id = 0; id < MAP_COUNT; id++)
		if (map_specs[id].kind == MAP_KIND_ROWS)
			clear_rows(maps, (enum map_id)id, device);
}

void maps_close(struct maps *maps)
{
	for (int id = 0; id < MAP_COUNT; id++) {
		struct map *map = &maps->map[id];

		if (map->memory)
			munmap(map->memory, map->len);
		if (map->fd >= 0)
			close(map->fd);
		*map = (struct map){.fd = -1};
	}
	maps->sizing = RF_SIZING_AUTO;
}

uint32_t maps_active(const struct maps *maps)
{
	return __atomic_load_n(&maps_control(maps)->active, __ATOMIC_ACQUIRE) & 1;
}
