/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - one of the places where the core judges, behind one set of functions: native, XDP test-run, TC test-run.
 *
 * Opened once with room for the largest policy, made empty for every case. Time and ports are the case's. What was judged stays to be
 * read: counters, totals, events.
 */
#ifndef TESTS_PROG_WORLD_H
#define TESTS_PROG_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../../user/common/counters.h"
#include "../../user/common/known.h"
#include "../../user/policy/ruleset.h"

#define WORLD_WHY_MAX 1024

enum world_kind {
	WORLD_NATIVE,
	WORLD_XDP, /* frames from devices by rf_xdp_from; there is no XDP on the way out, so frames to them by rf_tc_to */
	WORLD_TC,
	WORLD_COUNT
};

struct world_frame {
	enum rf_direction direction;
	const uint8_t *bytes;
	uint32_t cap_len;
	uint32_t wire_len;
	uint64_t time_ns;
	uint32_t ifindex;
	bool has_tag;
	uint16_t tag;
};

/* Events of a world, in order. */
struct world_events {
	struct rf_event *items;
	size_t n, capacity;
	bool no_memory;
};

struct world;

struct world_room {
	struct ruleset_sizes need; /* of every policy to come */
	enum rf_sizing_id sizing;  /* not RF_SIZING_AUTO: the engines are to agree, whatever room they are given */
};

struct world_ops {
	const char *name;
	/*
	 * sibling: NULL, or a world of the other kernel engine, whose programs and maps this one then uses, too
	 * (they are never used at once; loading takes seconds). why: what is missing. 0, or -errno.
	 */
	int (*open)(const struct world_room *room, struct world *sibling, char why[WORLD_WHY_MAX],
		    struct world **ret_world);
	/* An empty world with this policy in force. */
	int (*begin)(struct world *world, const struct ruleset *ruleset);
	int (*reload)(struct world *world, const struct ruleset *ruleset);
	/* NULL: it can judge this frame; else why not. */
	const char *(*refuses)(const struct world *world, const struct world_frame *frame);
	int (*judge)(struct world *world, const struct world_frame *frame, struct rf_result *ret_result);
	/* The DNS name under which that frame was allowed (result->known); NULL: under none. Asked before the next frame. */
	const char *(*dns_name)(struct world *world, const struct rf_result *result, char buf[KNOWN_TEXT_MAX]);
	int (*counters)(struct world *world, uint32_t device, struct counters *ret_counters);
	int (*totals)(struct world *world, struct rf_totals *ret_totals);
	const struct world_events *(*events)(struct world *world);
	void (*close)(struct world *world);
};

extern const struct world_ops world_native;
extern const struct world_ops world_xdp;
extern const struct world_ops world_tc;

void world_events_add(void *events, const struct rf_event *event);

#endif
