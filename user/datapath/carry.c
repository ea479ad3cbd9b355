// SPDX-License-Identifier: GPL-2.0-only
/*
 * carry.c - state from maps that became too small into larger ones. See state.h.
 *
 * Drops that are being folded are not copied: whoever reads events sweeps the old folds once more (ring.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../common/cleanup.h"
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

void carry_rows(struct maps *to, const struct maps *from)
{
	if (to->sizing != from->sizing)
		return; /* what rows say of where others are holds in their own sizing only */
	for (int id = 0; id < MAP_COUNT; id++)
		if (map_specs[id].kind == MAP_KIND_ROWS && id != MAP_FOLDS)
			copy(to, from, (enum map_id)id);
}

static bool counted(const struct rf_counters *cpus, int n_cpus)
{
	for (int cpu = 0; cpu < n_cpus; cpu++)
		if (cpus[cpu].last_seen || cpus[cpu].to_passed.packets || cpus[cpu].to_dropped.packets)
			return true;
	return false;
}

/*
 * Between reading and writing a device's new counters a frame of it may be counted and lost: some microseconds, once,
 * for a device whose table just outgrew its maps.
 */
static int carry_device(int to, uint32_t device, const struct rf_counters *old, struct rf_counters *cpus, int n_cpus)
{
	if (bpf_map_lookup_elem(to, &device, cpus) < 0)
		return -errno;
	for (int cpu = 0; cpu < n_cpus; cpu++)
		view_add(&cpus[cpu], &old[cpu]);
	return bpf_map_update_elem(to, &device, cpus, BPF_EXIST) < 0 ? -errno : 0;
}

int carry_counters(const struct maps *to, const struct maps *from)
{
	const struct map *source = &from->map[MAP_COUNTERS];
	const struct map *target = &to->map[MAP_COUNTERS];
	const int n_cpus = libbpf_num_possible_cpus();
	AUTO_FREE struct rf_counters *old = NULL, *cpus = NULL;
	int err = 0;

	if (source->fd < 0 || source->id == target->id || source->value_size != target->value_size)
		return 0;
	if (n_cpus < 0)
		return n_cpus;
	old = calloc((size_t)n_cpus, sizeof(*old));
	cpus = calloc((size_t)n_cpus, sizeof(*cpus));
	if (!old || !cpus)
		return -ENOMEM;
	for (uint32_t device = 0; device < source->entries && device < target->entries && !err; device++) {
		if (bpf_map_lookup_elem(source->fd, &device, old) < 0)
			return -errno;
		if (counted(old, n_cpus))
			err = carry_device(target->fd, device, old, cpus, n_cpus);
	}
	return err;
}
