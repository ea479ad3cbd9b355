/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - read what the datapath counts and knows, from its pins, with the daemon dead or alive.
 *
 * For the command line, and for the daemon at start (which generation, which device had which index). Changes nothing.
 */
#ifndef DATAPATH_VIEW_H
#define DATAPATH_VIEW_H

#include <stdint.h>

#include "../common/cleanup.h"
#include "../common/counters.h"
#include "maps.h"

#define DATAPATH_PIN_DIR "/sys/fs/bpf/ringfence"

struct view;

/*
 * pin_dir NULL: DATAPATH_PIN_DIR. -ENOENT: nothing is pinned (no fence is up); -EPROTO: pinned by another version; -EACCES, -EPERM:
 * no privilege. fault says what to do.
 */
int view_open(const char *pin_dir, struct fault *fault, struct view **ret_view);

/* The same of maps that are open, for whoever holds them: they may change, but must be there until view_close(). */
int view_lend(const struct maps *maps, struct fault *fault, struct view **ret_view);
void view_close(struct view *view);

/* The maps. */
const struct maps *view_maps(const struct view *view);

/* How large the rows of a device are in what is pinned. */
enum rf_sizing_id view_sizing(const struct view *view);

/* The active bank: generation, policy hash, unknown mode. */
const struct rf_bank *view_bank(const struct view *view);

/* One more than the highest device index. Indices below RF_UNKNOWN_DEVICES are those of unknown MACs. */
uint32_t view_devices(const struct view *view);

/* Name, profile and mode by device index; NULL: the index is free (or an unknown MAC's). */
const struct rf_device_info *view_info(const struct view *view, uint32_t device);

/* Sum over all CPUs (of last_seen, ifindex, last_v4, last_v6: those of the CPU that saw it last). */
int view_counters(const struct view *view, uint32_t device, struct counters *ret_counters);
int view_totals(const struct view *view, struct rf_totals *ret_totals);

/* What device's folds hold and no event has told yet. */
void view_pending(const struct view *view, uint32_t device, struct rf_count *ret_pending);

/* Every MAC of the active bank with its device, in no order. Ends when callback gives non-zero, which is returned. */
typedef int (*view_mac_fn)(void *context, const uint8_t mac[6], const struct rf_device_slot *slot);
int view_macs(const struct view *view, view_mac_fn callback, void *context);

/* The indices of the named devices, sorted by name, for ruleset_compile. The names belong to the view; the array to the caller. */
int view_indices(const struct view *view, struct ruleset_index **ret_indices, size_t *ret_n);

/* Fill of a policy map's active bank or, of a map by device, of the indices; false: the map has no fill worth telling. */
struct view_fill {
	const char *name;
	uint32_t used;
	uint32_t max;
};
bool view_fill(const struct view *view, enum map_id id, struct view_fill *ret_fill);

/* Ticks of the datapath (jiffies) as nanoseconds of the epoch; 0 ticks are 0. Resolution: some ticks. */
int64_t view_wall_ns(uint64_t ticks);

/* Ticks per second, ticks now (to a tick or two), CLOCK_BOOTTIME now. */
uint32_t view_hz(void);
uint64_t view_ticks(void);
uint64_t view_boot_ns(void);

static inline void view_cleanup(struct view **view)
{
	view_close(*view);
}

#define AUTO_VIEW CLEANUP(view_cleanup)

#endif
