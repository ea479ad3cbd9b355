// SPDX-License-Identifier: GPL-2.0-only
/*
 * carry.c - state from maps that became too small into larger ones. See state.h.
 *
 * Drops that are being folded are not copied: whoever reads events sweeps the old folds once more (ring.c).
 */
#include <string.h>

#include "../common/counters.h"
#include "state.h"
#include "window.h"

#define COPY_ENTRIES 4096 /* in memory at a time: some MiB */

static void copy(struct maps *to, const struct maps *from, enum map_id id)
{
	const struct map *source = &from->map[id];
	const struct map *target = &to->map[id];
	const size_t stride = maps_stride(source);
	const uint32_t n = source->entries < target->entries ? source->entries : target->entries;

	/* The same map, taken over, or one that another version wrote. */
	if (source->fd < 0 || source->id == target->id || source->value_size != target->value_size)
		return;
	for (uint32_t first = 0; first < n; first += COPY_ENTRIES) {
		const uint32_t count = n - first < COPY_ENTRIES ? n - first : COPY_ENTRIES;
		struct window in AUTO_WINDOW = {0}, out AUTO_WINDOW = {0};

		if (!window_open(source, first, count, false, &in) && !window_open(target, first, count, true, &out))
			memcpy((char *)out.base + first * stride, (const char *)in.base + first * stride,
			       count * stride);
	}
}

/* What a device has in MAP_HOT and MAP_COUNTERS. */
struct device_rows {
	struct rf_hot *hot;
	struct rf_counters_first *first; /* one for each CPU */
	struct rf_counters_rest *rest;
};

/* Windows on both maps. */
struct hot_windows {
	struct window hot;
	struct window rest;
};

static int windows_open(const struct maps *maps, uint32_t first, uint32_t n, bool writable, struct hot_windows *windows)
{
	int err = window_open(&maps->map[MAP_HOT], first, n, writable, &windows->hot);

	return err ? err : window_open(&maps->map[MAP_COUNTERS], first, n, writable, &windows->rest);
}

static void windows_close(struct hot_windows *windows)
{
	window_close(&windows->hot);
	window_close(&windows->rest);
}

static struct device_rows rows_of(const struct maps *maps, const struct hot_windows *windows, uint32_t device)
{
	struct rf_hot *hot = maps_hot(&maps->map[MAP_HOT], windows->hot.base, device);

	return (struct device_rows){hot, maps_counters_first(maps, hot),
				    maps_counters_rest(&maps->map[MAP_COUNTERS], windows->rest.base, device)};
}

/* One after the other: what `from` has of a device is given to `to`. */
static int each_device(const struct maps *to, const struct maps *from,
		       void (*carry)(const struct device_rows *to, const struct device_rows *from))
{
	const struct map *source = &from->map[MAP_HOT];
	const struct map *target = &to->map[MAP_HOT];
	const uint32_t n = source->entries < target->entries ? source->entries : target->entries;
	int err = 0;

	/* The same map, taken over, or none. */
	if (source->fd < 0 || source->id == target->id)
		return 0;
	for (uint32_t first = 0; !err && first < n; first += COPY_ENTRIES) {
		const uint32_t end = n - first < COPY_ENTRIES ? n : first + COPY_ENTRIES;
		struct hot_windows in = {0}, out = {0};

		err = windows_open(from, first, end - first, false, &in);
		if (!err)
			err = windows_open(to, first, end - first, true, &out);
		for (uint32_t device = first; !err && device < end; device++) {
			const struct device_rows new = rows_of(to, &out, device), old = rows_of(from, &in, device);

			carry(&new, &old);
		}
		windows_close(&in);
		windows_close(&out);
	}
	return err;
}

static void carry_budget(const struct device_rows *to, const struct device_rows *from)
{
	to->hot->budget = from->hot->budget;
}

void carry_rows(struct maps *to, const struct maps *from)
{
	if (to->sizing != from->sizing)
		return; /* what rows say of where others are holds in their own sizing only */
	for (int id = 0; id < MAP_COUNT; id++)
		if (map_specs[id].kind == MAP_KIND_ROWS && id != MAP_FOLDS && id != MAP_HOT && id != MAP_COUNTERS)
			copy(to, from, (enum map_id)id);
	each_device(to, from, carry_budget);
}

/*
 * Between reading and writing a device's new counters a frame of it may be counted and lost: some nanoseconds, once,
 * for a device whose table just outgrew its maps.
 */
static void carry_counts(const struct device_rows *to, const struct device_rows *from)
{
	for (uint32_t cpu = 0; cpu < maps_cpus(); cpu++) {
		const struct rf_counters_first *first = &from->first[cpu];
		const struct rf_counters_rest *rest = &from->rest[cpu];

		if (first->last_seen || rest->to_passed.packets || rest->to_dropped.packets)
			counters_add(&to->first[cpu], &to->rest[cpu], first, rest);
	}
}

int carry_counters(const struct maps *to, const struct maps *from)
{
	return each_device(to, from, carry_counts);
}
