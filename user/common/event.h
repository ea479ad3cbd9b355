/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - struct rf_event as the JSON object of `ringfence events --json`.
 *
 * The daemon makes its history and what it sends to subscribers with it. Names that the record
 * does not hold (of the device, the port, the protocol, the rule, the DNS name) are looked up by the caller. Pure.
 */
#ifndef COMMON_EVENT_H
#define COMMON_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "../../include/abi.h"

/* NULL where it is not known: null in the JSON. */
struct event_names {
	const char *device;
	const char *port;
	const char *proto; /* NULL: its number */
	const char *rule;  /* FILE:LINE */
	const char *name;  /* DNS name through which or to which */
	int64_t boot_ns;   /* wall clock of boot time 0: see event_boot_ns */
	uint32_t hz;	   /* ticks per second */
};

#define EVENT_TIME_MAX 32 /* "2026-11-22T10:00:00.123Z" and room for years of 10 digits */

/* CLOCK_REALTIME minus CLOCK_BOOTTIME, now. */
int64_t event_boot_ns(void);

/* CLOCK_REALTIME, now, in nanoseconds. */
int64_t event_now_ns(void);

/* Nanoseconds of the epoch as RFC 3339 in UTC with milliseconds. */
const char *event_time(int64_t wall_ns, char buf[EVENT_TIME_MAX]);

/* The word of its type, as in the JSON. */
const char *event_type_text(uint8_t type);

/* NULL: no memory. */
json_t *event_json(const struct rf_event *event, const struct event_names *names);

#endif
