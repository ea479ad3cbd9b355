/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.h - what happens, told: records of the datapath with their names, and what only the daemon sees.
 *
 * Everything ends in the history, and from there at subscribers. Unknown MAC addresses and where devices are is remembered here, within
 * bounds that a hostile device cannot stretch.
 */
#ifndef DAEMON_EVENTS_H
#define DAEMON_EVENTS_H

#include <stdint.h>

#include <jansson.h>

#include "../datapath/report.h"

struct daemon;

/* A home has some guests; a device that invents addresses pushes out the one longest unheard of. */
#define EVENTS_UNKNOWN_MAX 1024
/* New addresses told in a second; the rest is counted in one message. */
#define EVENTS_NEW_PER_TICK 16

struct unknown_mac {
	uint8_t mac[6];
	uint32_t ifindex;
	int64_t first_ns, last_ns; /* of the epoch */
};

struct events {
	struct unknown_mac *unknown; /* EVENTS_UNKNOWN_MAX of them */
	size_t n_unknown;
	uint32_t *places; /* by device index: ifindex where it was last seen, 0: not yet */
	uint32_t n_places;
	uint32_t next_place; /* to look at, in the next tick */
	uint32_t next_sweep;
	unsigned int new_in_tick, new_untold;
	uint64_t lost, packets_lost; /* as far as told */
	bool totals_known;
};

int events_init(struct daemon *daemon);
void events_free(struct events *events);

/* Records of the ring buffer and of sweeps: for datapath_listen. One of type RF_EVENT_EVICTED begins a struct rf_evicted. */
void events_record(void *context, const struct rf_event *event);

/* Once a second: folded drops, moved devices, lost events. Bounded work. */
void events_tick(struct daemon *daemon);

/* attach, detach. */
void events_port(struct daemon *daemon, const char *type, const struct report_port *port);

/* reload, and whatever else is about the daemon: `details` is taken over and gets time and type. */
void events_tell(struct daemon *daemon, const char *type, json_t *details);

/* The reply to `devices`. */
json_t *events_devices(const struct daemon *daemon);

#endif
