// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot.c - see snapshot.h.
 */
#include "snapshot.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/event.h"

#define NS_PER_S 1000000000LL
#define PAIRS_FIRST 64

int snapshot_view(const struct cli *cli, struct view **ret_view)
{
	struct fault fault = {0};
	int r = view_open(cli->pin_dir, &fault, ret_view);

	if (!r)
		return CLI_DONE;
	return cli_fail(CLI_CANNOT, "%s", *fault.text ? fault.text : strerror(-r));
}

static int take_mac(void *context, const uint8_t mac[6], const struct rf_device_slot *slot)
{
	struct snapshot *snapshot = context;

	if (snapshot->only != SNAPSHOT_ALL && snapshot->only != slot->device)
		return 0;
	if (snapshot->n_pairs == snapshot->room) {
		size_t room = snapshot->room ? 2 * snapshot->room : PAIRS_FIRST;
		struct snapshot_mac *pairs = reallocarray(snapshot->pairs, room, sizeof(*pairs));

		if (!pairs)
			return -ENOMEM;
		snapshot->pairs = pairs;
		snapshot->room = room;
	}
	snapshot->pairs[snapshot->n_pairs].index = slot->device;
	memcpy(snapshot->pairs[snapshot->n_pairs++].mac.bytes, mac, MAC_BYTES);
	return 0;
}

struct search {
	struct mac mac;
	uint32_t device;
};

static int is_mac_of(void *context, const uint8_t mac[6], const struct rf_device_slot *slot)
{
	struct search *search = context;

	if (memcmp(mac, search->mac.bytes, MAC_BYTES) != 0)
		return 0;
	search->device = slot->device;
	return 1;
}

/* Index of the device of that name or MAC address; 0, which is an unknown device's: there is none. */
static uint32_t find_index(const struct view *view, const char *text)
{
	struct search search = {0};

	for (uint32_t i = RF_UNKNOWN_DEVICES; i < view_devices(view); i++) {
		const struct rf_device_info *info = view_info(view, i);

		if (info && strncmp(info->name, text, RF_NAME_MAX) == 0)
			return i;
	}
	if (mac_parse(text, &search.mac))
		view_macs(view, is_mac_of, &search);
	return search.device;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct snapshot_mac *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return memcmp(x->mac.bytes, y->mac.bytes, MAC_BYTES);
}

static int compare_devices(const void *a, const void *b)
{
	const struct snapshot_device *x = a, *y = b;

	return strncmp(x->info->name, y->info->name, RF_NAME_MAX);
}

/* Devices are in the order of their index here, as pairs are. */
static int take_devices(const struct view *view, struct snapshot *snapshot)
{
	const bool all = snapshot->only == SNAPSHOT_ALL;
	const uint32_t first = all || snapshot->only < RF_UNKNOWN_DEVICES ? RF_UNKNOWN_DEVICES : snapshot->only;
	const uint32_t end = all ? view_devices(view) : snapshot->only < RF_UNKNOWN_DEVICES ? 0 : snapshot->only + 1;
	size_t at = 0;

	snapshot->devices = calloc(end > first ? end - first : 1, sizeof(*snapshot->devices));
	snapshot->macs = calloc(snapshot->n_pairs + 1, sizeof(*snapshot->macs));
	if (!snapshot->devices || !snapshot->macs)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->n_pairs; i++)
		snapshot->macs[i] = snapshot->pairs[i].mac;
	for (uint32_t i = first; i < end; i++) {
		struct snapshot_device *device = &snapshot->devices[snapshot->n_devices];
		int r;

		device->info = view_info(view, i);
		if (!device->info)
			continue;
		device->index = i;
		r = view_counters(view, i, &device->counters);
		if (r)
			return r;
		while (at < snapshot->n_pairs && snapshot->pairs[at].index < i)
			at++;
		device->macs = &snapshot->macs[at];
		while (at < snapshot->n_pairs && snapshot->pairs[at].index == i) {
			at++;
			device->n_macs++;
		}
		snapshot->n_devices++;
	}
	return 0;
}

int snapshot_take(const struct view *view, const char *only, struct snapshot *ret_snapshot)
{
	struct snapshot snapshot AUTO_SNAPSHOT = {.only = only ? find_index(view, only) : SNAPSHOT_ALL};
	int r = view_macs(view, take_mac, &snapshot);

	if (r)
		return r;
	if (snapshot.n_pairs)
		qsort(snapshot.pairs, snapshot.n_pairs, sizeof(*snapshot.pairs), compare_pairs);
	r = take_devices(view, &snapshot);
	if (!r)
		r = view_counters(view, 0, &snapshot.unknown); /* all unknown MACs are counted at index 0 */
	if (!r)
		r = view_totals(view, &snapshot.totals);
	if (r)
		return r;
	qsort(snapshot.devices, snapshot.n_devices, sizeof(*snapshot.devices), compare_devices);
	*ret_snapshot = snapshot;
	snapshot = (struct snapshot){0};
	return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->devices);
	free(snapshot->pairs);
	free(snapshot->macs);
	*snapshot = (struct snapshot){0};
}

const struct snapshot_device *snapshot_find(const struct snapshot *snapshot, const char *text)
{
	struct mac mac;
	bool is_mac = mac_parse(text, &mac);

	for (size_t i = 0; i < snapshot->n_devices; i++) {
		const struct snapshot_device *device = &snapshot->devices[i];

		if (strncmp(device->info->name, text, RF_NAME_MAX) == 0)
			return device;
		for (size_t j = 0; is_mac && j < device->n_macs; j++)
			if (memcmp(device->macs[j].bytes, mac.bytes, MAC_BYTES) == 0)
				return device;
	}
	return NULL;
}

const char *snapshot_port(const struct counters *counters, char buf[SNAPSHOT_PORT_MAX])
{
	_Static_assert(SNAPSHOT_PORT_MAX >= IF_NAMESIZE, "if_indextoname writes that much");

	return counters->first.ifindex ? if_indextoname(counters->first.ifindex, buf) : NULL;
}

json_t *snapshot_macs_json(const struct snapshot_device *device)
{
	json_t *list = json_array();
	char text[MAC_TEXT_MAX];

	for (size_t i = 0; list && i < device->n_macs; i++)
		json_array_append_new(list, json_string(mac_format(&device->macs[i], text)));
	return list;
}

json_t *snapshot_seen_json(const struct counters *counters)
{
	char text[EVENT_TIME_MAX];

	return counters->first.last_seen ? json_string(event_time(view_wall_ns(counters->first.last_seen), text))
					 : json_null();
}

const char *snapshot_seen(const struct counters *counters, char buf[OUTPUT_NUMBER_MAX])
{
	struct timespec now;
	int64_t age_ns;

	if (!counters->first.last_seen)
		return "never";
	clock_gettime(CLOCK_REALTIME, &now);
	age_ns = (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec - view_wall_ns(counters->first.last_seen);
	return output_age(age_ns > 0 ? (uint64_t)(age_ns / NS_PER_S) : 0, buf);
}
