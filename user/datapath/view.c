// SPDX-License-Identifier: GPL-2.0-only
/*
 * view.c - see view.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "view.h"
#include "window.h"

#define PATH_LEN 4096
#define NSEC_PER_SEC 1000000000LL

struct view {
	const struct maps *maps; /* own, or lent */
	struct maps own;
	int n_cpus;
	struct rf_totals *totals; /* one for each CPU */
};

static struct view *view_new(void)
{
	struct view *view = calloc(1, sizeof(*view));

	if (view) {
		maps_init(&view->own);
		view->maps = &view->own;
	}
	return view;
}

static int make_room_for_cpus(struct view *view, struct fault *fault)
{
	view->n_cpus = libbpf_num_possible_cpus();
	if (view->n_cpus < 0)
		return fault_errno(fault, view->n_cpus, "cannot count the CPUs");
	view->totals = calloc((size_t)view->n_cpus, sizeof(*view->totals));
	return view->totals ? 0 : fault_errno(fault, -ENOMEM, "cannot open the view");
}

int view_open(const char *pin_dir, struct fault *fault, struct view **ret_view)
{
	AUTO_VIEW struct view *view = view_new();
	char dir[PATH_LEN];
	int err;

	if (!view)
		return fault_errno(fault, -ENOMEM, "cannot open the view");
	libbpf_set_print(NULL); /* its words go to stderr, and are of probes that are none of the user's business */
	if ((size_t)snprintf(dir, sizeof(dir), "%s/maps", pin_dir ? pin_dir : DATAPATH_PIN_DIR) >= sizeof(dir))
		return fault_set(fault, -ENAMETOOLONG, "the pin directory's path is too long");
	err = maps_open(dir, false, &view->own, fault);
	if (!err)
		err = make_room_for_cpus(view, fault);
	if (err)
		return err;
	*ret_view = TAKE_PTR(view);
	return 0;
}

int view_lend(const struct maps *maps, struct fault *fault, struct view **ret_view)
{
	AUTO_VIEW struct view *view = view_new();
	int err = view ? make_room_for_cpus(view, fault) : fault_errno(fault, -ENOMEM, "cannot open the view");

	if (err)
		return err;
	view->maps = maps;
	*ret_view = TAKE_PTR(view);
	return 0;
}

void view_close(struct view *view)
{
	if (!view)
		return;
	maps_close(&view->own);
	free(view->totals);
	free(view);
}

const struct maps *view_maps(const struct view *view)
{
	return view->maps;
}

enum rf_sizing_id view_sizing(const struct view *view)
{
	return view->maps->sizing;
}

const struct rf_bank *view_bank(const struct view *view)
{
	return &maps_control(view->maps)->bank[maps_active(view->maps)];
}

uint32_t view_devices(const struct view *view)
{
	const struct map *info = &view->maps->map[MAP_INFO];
	const struct map *hot = &view->maps->map[MAP_HOT];

	return info->entries < hot->entries ? info->entries : hot->entries;
}

const struct rf_device_info *view_info(const struct view *view, uint32_t device)
{
	const struct rf_device_info *infos = view->maps->map[MAP_INFO].memory;

	if (device < RF_UNKNOWN_DEVICES || device >= view_devices(view) || !infos[device].name[0])
		return NULL;
	return &infos[device];
}

int view_counters(const struct view *view, uint32_t device, struct counters *ret_counters)
{
	struct window hot_window AUTO_WINDOW = {0}, rest_window AUTO_WINDOW = {0};
	const struct maps *maps = view->maps;
	const struct rf_counters_first *first;
	const struct rf_counters_rest *rest;
	struct counters sum = {.device = device};
	int err = window_open_devices(maps, MAP_HOT, device, 1, false, &hot_window);

	if (!err)
		err = window_open_devices(maps, MAP_COUNTERS, device, 1, false, &rest_window);
	if (err)
		return err;
	first = maps_counters_first(maps, maps_hot(&maps->map[MAP_HOT], hot_window.base, device));
	rest = maps_counters_rest(&maps->map[MAP_COUNTERS], rest_window.base, device);
	for (uint32_t cpu = 0; cpu < maps_cpus(); cpu++)
		counters_add(&sum.first, &sum.rest, &first[cpu], &rest[cpu]);
	*ret_counters = sum;
	return 0;
}

int view_totals(const struct view *view, struct rf_totals *ret_totals)
{
	const struct rf_totals *cpus = view->totals;
	struct rf_totals sum = {0};
	const uint32_t zero = 0;

	if (bpf_map_lookup_elem(view->maps->map[MAP_TOTALS].fd, &zero, view->totals) < 0)
		return -errno;
	for (int cpu = 0; cpu < view->n_cpus; cpu++) {
		sum.unpoliced_to.packets += cpus[cpu].unpoliced_to.packets;
		sum.unpoliced_to.bytes += cpus[cpu].unpoliced_to.bytes;
		sum.events_emitted += cpus[cpu].events_emitted;
		sum.events_lost += cpus[cpu].events_lost;
		sum.packets_lost += cpus[cpu].packets_lost;
		sum.packets_quiet += cpus[cpu].packets_quiet;
		sum.internal += cpus[cpu].internal;
		sum.dns_questions += cpus[cpu].dns_questions;
		sum.dns_answers += cpus[cpu].dns_answers;
		sum.dns_unasked += cpus[cpu].dns_unasked;
		sum.dns_unread += cpus[cpu].dns_unread;
		sum.dns_learned += cpus[cpu].dns_learned;
		sum.dns_evicted += cpus[cpu].dns_evicted;
	}
	*ret_totals = sum;
	return 0;
}

void view_pending(const struct view *view, uint32_t device, struct rf_count *ret_pending)
{
	const uint32_t each = 1U << sizing_of(view->maps->sizing)->fold;
	struct window window AUTO_WINDOW = {0};
	struct rf_count pending = {0};
	const struct rf_hot *hot;

	*ret_pending = pending;
	if (window_open_devices(view->maps, MAP_HOT, device, 1, false, &window))
		return;
	hot = maps_hot(&view->maps->map[MAP_HOT], window.base, device);
	for (uint32_t i = 0; i < each; i++) {
		for (int way = 0; way < RF_FOLD_WAYS; way++) {
			const uint64_t count = __atomic_load_n(&hot->folds[i].count[way], __ATOMIC_RELAXED);

			pending.packets += rf_fold_packets(count);
			pending.bytes += rf_fold_bytes(count);
		}
	}
	*ret_pending = pending;
}

int view_macs(const struct view *view, view_mac_fn callback, void *context)
{
	const struct rf_bank *bank = view_bank(view);
	const struct map *map = &view->maps->map[MAP_DEVICES];
	const struct rf_device_bucket *buckets;
	struct window window AUTO_WINDOW = {0};

	if (window_open(map, bank->bucket_first, bank->bucket_mask + 1, false, &window))
		return 0;
	buckets = window.base;

	for (uint64_t i = bank->bucket_first; i <= (uint64_t)bank->bucket_first + bank->bucket_mask && i < map->entries;
	     i++) {
		for (int j = 0; j < RF_BUCKET_SLOTS; j++) {
			const struct rf_device_slot *slot = &buckets[i].slot[j];
			uint8_t mac[6];
			int done;

			if (!(slot->key >> RF_DEVICE_FLAGS_SHIFT & RF_DEVICE_VALID))
				continue;
			for (int byte = 0; byte < 6; byte++)
				mac[byte] = (uint8_t)(slot->key >> (40 - 8 * byte));
			done = callback(context, mac, slot);
			if (done)
				return done;
		}
	}
	return 0;
}

static int compare_indices(const void *a, const void *b)
{
	const struct ruleset_index *left = a, *right = b;

	return strcmp(left->name, right->name);
}

int view_indices(const struct view *view, struct ruleset_index **ret_indices, size_t *ret_n)
{
	const uint32_t n_devices = view_devices(view);
	struct ruleset_index *indices;
	size_t n = 0;

	for (uint32_t device = 0; device < n_devices; device++)
		n += view_info(view, device) != NULL;
	indices = calloc(n ? n : 1, sizeof(*indices));
	if (!indices)
		return -ENOMEM;
	n = 0;
	for (uint32_t device = 0; device < n_devices; device++) {
		const struct rf_device_info *info = view_info(view, device);

		if (info)
			indices[n++] = (struct ruleset_index){.name = info->name, .device = device};
	}
	qsort(indices, n, sizeof(*indices), compare_indices);
	*ret_indices = indices;
	*ret_n = n;
	return 0;
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, n - 1);
}

/* What is behind the ruleset in its bank is zeroed when it is staged: see datapath_stage. */
static uint32_t used_entries(const struct view *view, enum map_id id)
{
	const struct map *map = &view->maps->map[id];
	const size_t stride = maps_stride(map);
	const uint32_t bank = map->entries / 2, active = maps_active(view->maps);
	struct window window AUTO_WINDOW = {0};
	const uint8_t *first;
	uint32_t used = bank;

	if (window_open(map, active * bank, bank, false, &window))
		return 0;
	first = (const uint8_t *)window.base + (size_t)active * bank * stride;

	while (used && all_zero(first + (used - 1) * stride, stride))
		used--;
	return used * (map->value_size / map_specs[id].value_size);
}

static int count_mac(void *context, const uint8_t mac[6], const struct rf_device_slot *slot)
{
	uint32_t *n = context;

	(void)mac;
	(void)slot;
	(*n)++;
	return 0;
}

bool view_fill(const struct view *view, enum map_id id, struct view_fill *ret_fill)
{
	struct view_fill fill = {.name = map_specs[id].name};

	if (id == MAP_DEVICES) {
		/* Half full is full: tables are built with two slots for each MAC (include/bounds.h). */
		fill.max = maps_bank(id, &view->maps->map[id]) * RF_BUCKET_SLOTS / 2;
		view_macs(view, count_mac, &fill.used);
	} else if (id == MAP_INFO) {
		fill.max = view_devices(view) - RF_UNKNOWN_DEVICES;
		for (uint32_t device = 0; device < view_devices(view); device++)
			fill.used += view_info(view, device) != NULL;
	} else if (map_specs[id].kind == MAP_KIND_BANKS && id != MAP_IDENTS) {
		fill.max = maps_bank(id, &view->maps->map[id]);
		fill.used = used_entries(view, id);
	} else {
		return false;
	}
	*ret_fill = fill;
	return true;
}

uint32_t view_hz(void)
{
	struct timespec tick;

	/* The coarse clock advances by ticks: its resolution is one (kernel/time/posix-timers.c). */
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_sec || tick.tv_nsec <= 0)
		return 100;
	return (uint32_t)((NSEC_PER_SEC + tick.tv_nsec / 2) / tick.tv_nsec);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

uint64_t view_boot_ns(void)
{
	return (uint64_t)clock_ns(CLOCK_BOOTTIME);
}

uint64_t view_ticks(void)
{
	/* jiffies begin at minus five minutes, cut to 32 bits (include/linux/jiffies.h, INITIAL_JIFFIES), and stand still in suspend. */
	const uint32_t hz = view_hz();

	return (uint32_t)(-300 * (int32_t)hz) + (uint64_t)clock_ns(CLOCK_MONOTONIC) / (NSEC_PER_SEC / hz);
}

int64_t view_wall_ns(uint64_t ticks)
{
	if (!ticks)
		return 0;
	return clock_ns(CLOCK_REALTIME) - (int64_t)(view_ticks() - ticks) * (NSEC_PER_SEC / view_hz());
}
