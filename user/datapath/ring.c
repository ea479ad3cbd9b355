// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring.c - events: those that the programs sent, and what they still fold. See datapath.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "state.h"
#include "window.h"

#define SWEEP_DEVICES 64 /* in memory at a time */

static int take_record(void *context, void *data, size_t len)
{
	const struct datapath *datapath = context;
	struct rf_evicted record;

	/* Padding of the ring is not counted in len: what is not exactly a record is not one of ours. */
	if (len != sizeof(record) && len != sizeof(record.event))
		return 0;
	memcpy(&record, data, len);
	if ((record.event.type == RF_EVENT_EVICTED) == (len == sizeof(record)))
		datapath->callback(datapath->context, &record.event);
	return 0;
}

int datapath_listen(struct datapath *datapath, datapath_event_fn callback, void *context)
{
	datapath->callback = callback;
	datapath->context = context;
	if (datapath->ring)
		return 0;
	datapath->ring = ring_buffer__new(datapath->maps.map[MAP_EVENTS].fd, take_record, datapath, NULL);
	return datapath->ring ? 0 : -errno;
}

static int take_segment(void *context, void *data, size_t len)
{
	const struct datapath *datapath = context;
	struct rf_segment segment;

	if (len < sizeof(segment))
		return 0;
	memcpy(&segment, data, sizeof(segment));
	if (segment.len == len - sizeof(segment))
		datapath->on_segment(datapath->segment_context, &segment, (const uint8_t *)data + sizeof(segment));
	return 0;
}

int datapath_listen_segments(struct datapath *datapath, datapath_segment_fn callback, void *context)
{
	const bool listens = datapath->on_segment;

	if (!datapath->ring)
		return -EINVAL;
	datapath->on_segment = callback;
	datapath->segment_context = context;
	return listens ? 0
		       : ring_buffer__add(datapath->ring, datapath->maps.map[MAP_SEGMENTS].fd, take_segment, datapath);
}

int datapath_event_fd(const struct datapath *datapath)
{
	return datapath->ring ? ring_buffer__epoll_fd(datapath->ring) : -1;
}

int datapath_consume(struct datapath *datapath)
{
	return datapath->ring ? ring_buffer__consume(datapath->ring) : 0;
}

/* Was it told longer ago than an interval? */
static bool is_due(uint64_t key, uint64_t now)
{
	return rf_fold_age(key, now) >= (uint64_t)view_hz() * RF_FOLD_INTERVAL_S;
}

static bool may_tell(const struct rf_fold_set *set, int way, uint64_t now, bool force)
{
	return __atomic_load_n(&set->count[way], __ATOMIC_RELAXED) &&
	       (force || is_due(__atomic_load_n(&set->key[way], __ATOMIC_RELAXED), now));
}

/* A program may have counted while the key was told anew. */
static uint64_t no_later(uint64_t ticks, uint64_t now)
{
	return ticks < now ? ticks : now;
}

/* The programs take what is pending in the same way (bpf/fold.h): whoever exchanges first tells it, and nobody else. */
static void sweep_way(struct datapath *datapath, struct rf_fold_set *set, int way, const struct rf_fold_slot *slot,
		      uint32_t device, bool force)
{
	const uint64_t now = view_ticks();
	struct rf_event event = {.time_ns = view_boot_ns(), .now_ticks = now};
	__u64 key = __atomic_load_n(&set->key[way], __ATOMIC_RELAXED);
	const uint64_t told = now - rf_fold_age(key, now);
	uint64_t count;

	if (!may_tell(set, way, now, force))
		return;
	/* All unknown MACs share the first indices, and count as the first. */
	event.device = device < RF_UNKNOWN_DEVICES ? 0 : device;
	rf_event_describe(&event, slot);
	event.first_ticks = no_later(told + set->first[way], now);
	event.last_ticks = no_later(told + set->last[way], now);
	count = __atomic_exchange_n(&set->count[way], 0, __ATOMIC_ACQ_REL);
	event.packets = rf_fold_packets(count);
	event.bytes = rf_fold_bytes(count);
	/* If the key has become another one meanwhile, that was told when it came. */
	__atomic_compare_exchange_n(&set->key[way], &key, rf_fold_told(key, now), false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
	if (event.packets)
		datapath->callback(datapath->context, &event);
}

/* What the ways of a device are of is looked at only where there is something to tell. */
static bool device_may_tell(const struct rf_hot *hot, uint32_t sets, bool force)
{
	const uint64_t now = view_ticks();

	for (uint32_t i = 0; i < sets; i++)
		for (int way = 0; way < RF_FOLD_WAYS; way++)
			if (may_tell(&hot->folds[i], way, now, force))
				return true;
	return false;
}

static void sweep_device(struct datapath *datapath, const struct maps *maps, struct rf_hot *hot, uint32_t device,
			 bool force)
{
	const uint32_t each = maps_each(MAP_FOLDS, maps->sizing);
	struct window window AUTO_WINDOW = {0};
	const struct rf_fold_slots *slots;

	if (!device_may_tell(hot, each, force) || window_open_devices(maps, MAP_FOLDS, device, 1, false, &window))
		return;
	slots = (const struct rf_fold_slots *)window.base + (size_t)device * each;
	for (uint32_t i = 0; i < each; i++)
		for (int way = 0; way < RF_FOLD_WAYS; way++)
			sweep_way(datapath, &hot->folds[i], way, &slots[i].slot[way], device, force);
}

static void sweep_devices(struct datapath *datapath, const struct maps *maps, uint32_t first, uint32_t n, bool force)
{
	const struct map *map = &maps->map[MAP_HOT];
	struct window window AUTO_WINDOW = {0};

	if (window_open(map, first, n, true, &window))
		return;
	for (uint32_t device = first; device < first + n; device++)
		sweep_device(datapath, maps, maps_hot(map, window.base, device), device, force);
}

/* force: due or not. */
static void sweep_maps(struct datapath *datapath, const struct maps *maps, uint32_t first, uint32_t n, bool force)
{
	const uint32_t room = maps->map[MAP_HOT].entries;

	if (first < room && n > room - first)
		n = room - first;
	for (uint32_t done = 0; first < room && done < n; done += SWEEP_DEVICES)
		sweep_devices(datapath, maps, first + done, n - done < SWEEP_DEVICES ? n - done : SWEEP_DEVICES, force);
}

void datapath_sweep(struct datapath *datapath, uint32_t first, uint32_t n)
{
	const struct map *before = &datapath->before.map[MAP_HOT];

	if (!datapath->callback)
		return;
	/* What was being folded in maps that were outgrown: nobody adds to it any more, and it is told once, due or not. */
	if (datapath->published && before->fd >= 0) {
		if (before->id != datapath->maps.map[MAP_HOT].id)
			sweep_maps(datapath, &datapath->before, 0, before->entries, true);
		maps_close(&datapath->before);
	}
	sweep_maps(datapath, &datapath->maps, first, n, false);
}
