// SPDX-License-Identifier: GPL-2.0-only
/*
 * carry.c - state from maps that became too small into larger ones. See state.h.
 *
 * Drops that are being folded are not copied: whoever reads events sweeps the old folds once more (ring.c).
 */
#include <string.h>

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

/* One after the other: what `from` has of a device is given to `to`. */
static int each_hot(const struct maps *to, const struct maps *from,
		    void (*carry)(struct rf_hot *to, const struct rf_hot *from))
{
	const struct map *source = &from->map[MAP_HOT];
	const struct map *target = &to->map[MAP_HOT];
	const uint32_t n = source->entries < target->entries ? source->entries : target->entries;
	int err;

	/* The same map, taken over, or none. */
	if (source->fd < 0 || source->id == target->id)
		return 0;
	for (uint32_t first = 0; first < n; first += COPY_ENTRIES) {
		const uint32_t end = n - first < COPY_ENTRIES ? n : first + COPY_ENTRIES;
		struct window in AUTO_WINDOW = {0}, out AUTO_WINDOW = {0};

		err = window_open(source, first, end - first, false, &in);
		if (!err)
			err = window_open(target, first, end - first, true, &out);
		if (err)
			return err;
		for (uint32_t device = first; device < end; device++)
			carry(maps_hot(target, out.base, device), maps_hot(source, in.base, device));
	}
	return 0;
}

static void carry_budget(struct rf_hot *to, const struct rf_hot *from)
{
	to->budget = from->budget;
}

void carry_rows(struct maps *to, const struct maps *from)
{
	if (to->sizing != from->sizing)
		return; /* what rows say of where others are holds in their own sizing only */
	for (int id = 0; id < MAP_COUNT; id++)
		if (map_specs[id].kind == MAP_KIND_ROWS && id != MAP_FOLDS && id != MAP_HOT)
			copy(to, from, (enum map_id)id);
	each_hot(to, from, carry_budget);
}

static bool counted(const struct rf_counters *counters)
{
	return counters->last_seen || counters->to_passed.packets || counters->to_dropped.packets;
}

/*
 * Between reading and writing a device's new counters a frame of it may be counted and lost: some nanoseconds, once,
 * for a device whose table just outgrew its maps.
 */
static void carry_counts(struct rf_hot *to, const struct rf_hot *from)
{
	for (uint32_t cpu = 0; cpu < maps_cpus(); cpu++)
		if (counted(&from->counters[cpu]))
			view_add(&to->counters[cpu], &from->counters[cpu]);
}

int carry_counters(const struct maps *to, const struct maps *from)
{
	return each_hot(to, from, carry_counts);
}
