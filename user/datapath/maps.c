// SPDX-License-Identifier: GPL-2.0-only
/*
 * maps.c - the maps themselves: opened, pinned, mapped into memory, cleared. See maps.h; how large they are is in maps_size.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "../common/sizing.h"
#include "maps.h"
#include "window.h"

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
