/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.h - the devices of the fence with their counters at one moment, from the pinned maps.
 *
 * Shared by stats and devices. Works with the daemon dead.
 */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "../common/addr.h"
#include "../datapath/view.h"
#include "cli.h"

struct snapshot_device {
	uint32_t index;
	const struct rf_device_info *info; /* belongs to the view */
	struct counters counters;
	const struct mac *macs; /* belong to the snapshot, ascending */
	size_t n_macs;
};

struct snapshot_mac {
	uint32_t index;
	struct mac mac;
};

#define SNAPSHOT_ALL UINT32_MAX

struct snapshot {
	struct snapshot_device *devices; /* by name */
	size_t n_devices;
	struct counters unknown; /* all MACs of no device together */
	struct rf_totals totals;
	struct snapshot_mac *pairs; /* scratch: what view_macs tells */
	size_t n_pairs, room;
	uint32_t only; /* device index; SNAPSHOT_ALL */
	struct mac *macs;
};

/* Exit codes of cli.h; complains by itself. */
int snapshot_view(const struct cli *cli, struct view **ret_view);

/* only: NULL, or name or MAC address of the device that is looked at; if there is none, none is in the snapshot. 0 or negative errno. */
int snapshot_take(const struct view *view, const char *only, struct snapshot *ret_snapshot);
void snapshot_free(struct snapshot *snapshot);

#define AUTO_SNAPSHOT __attribute__((cleanup(snapshot_free)))

/* By name or MAC address; NULL: none. */
const struct snapshot_device *snapshot_find(const struct snapshot *snapshot, const char *text);

/* Interface on which it was last seen, NULL if never or gone. */
#define SNAPSHOT_PORT_MAX 16
const char *snapshot_port(const struct counters *counters, char buf[SNAPSHOT_PORT_MAX]);

json_t *snapshot_macs_json(const struct snapshot_device *device);
/* RFC 3339, or null if it was never seen. */
json_t *snapshot_seen_json(const struct counters *counters);
/* "3 s", "never". */
const char *snapshot_seen(const struct counters *counters, char buf[OUTPUT_NUMBER_MAX]);

#endif
