/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history.h - the last events, as text ready to be sent. Subscribers keep a place in it instead of a queue of their own.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "../../include/abi.h"

/* About 2 MB of text: an evening of a home, or the last minutes of a large network under a scan. */
#define HISTORY_EVENTS 4096

struct history_event {
	char *text; /* the JSON object; NULL: free */
	int64_t wall_ns;
	char device[RF_NAME_MAX]; /* "" */
	char mac[18];		  /* "" */
	char type[16];
};

struct history {
	struct history_event *items; /* HISTORY_EVENTS of them */
	uint64_t next;		     /* number of the next event; event n is items[n % HISTORY_EVENTS] */
};

int history_init(struct history *history);
void history_free(struct history *history);

/* Takes over the object. What cannot be kept for lack of memory is dropped: -ENOMEM. */
int history_add(struct history *history, json_t *event, int64_t wall_ns);

/* Number of the oldest event that is still there. */
uint64_t history_first(const struct history *history);

/* NULL: no longer or not yet there. */
const struct history_event *history_at(const struct history *history, uint64_t number);

/* Which events somebody wants. Empty strings and 0 want all. */
struct history_filter {
	char device[RF_NAME_MAX]; /* name or MAC */
	char type[16];
	int64_t since_ns;
};
bool history_wanted(const struct history_event *event, const struct history_filter *filter);

#endif
