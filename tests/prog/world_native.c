// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_native.c - the core compiled natively, user/engine, as a world.
 *
 * Beside it runs one that nobody watches, as the programs are in the kernel: what it says otherwise, or leaves otherwise, fails the case.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../user/engine/engine.h"
#include "../host/twin.h"
#include "world.h"

struct world {
	struct engine *engine;
	struct engine *live; /* unwatched */
	enum rf_sizing_id sizing;
	struct world_events events;
};

void world_events_add(void *events, const struct rf_event *event)
{
	struct world_events *list = events;

	if (list->n == list->capacity) {
		size_t wanted = list->capacity ? list->capacity * 2 : 64;
		struct rf_event *more = reallocarray(list->items, wanted, sizeof(*more));

		if (!more) {
			list->no_memory = true;
			return;
		}
		list->items = more;
		list->capacity = wanted;
	}
	list->items[list->n++] = *event;
}

static int native_open(const struct world_room *room, struct world *sibling, char why[WORLD_WHY_MAX],
		       struct world **ret_world)
{
	struct world *world = calloc(1, sizeof(*world));

	(void)sibling;
	(void)why;
	if (!world)
		return -ENOMEM;
	world->sizing = room->sizing;
	*ret_world = world;
	return 0;
}

static int native_begin(struct world *world, const struct ruleset *ruleset)
{
	int err;

	engine_free(world->engine);
	engine_free(world->live);
	world->engine = world->live = NULL;
	world->events.n = 0;
	err = engine_new(ruleset, world->sizing, &world->engine);
	if (!err)
		err = engine_new(ruleset, world->sizing, &world->live);
	if (err)
		return err;
	engine_on_event(world->engine, world_events_add, &world->events);
	world->live->unwatched = true;
	return 0;
}

static int native_reload(struct world *world, const struct ruleset *ruleset)
{
	const int err = engine_reload(world->engine, ruleset);

	return err ? err : engine_reload(world->live, ruleset);
}

static const char *native_refuses(const struct world *world, const struct world_frame *frame)
{
	(void)world;
	(void)frame;
	return NULL;
}

/* The same frame in the world that nobody watches. -EPROTO: it differs, and stderr says in what. */
static int live_agrees(struct world *world, const struct world_frame *frame, const struct engine_frame *input,
		       const struct rf_result *watched)
{
	const char *differs = NULL;
	struct rf_result live;
	int err = engine_judge(world->live, frame->direction, input, &live);

	if (err)
		return err;
	if (live.verdict != watched->verdict || live.reason != watched->reason)
		differs = "verdict or reason";
	else
		differs = twin_differs(world->engine, world->live, world->engine->judgement.subject.state, 1);
	if (!differs)
		return 0;
	fprintf(stderr, "native: a world that nobody watches has another %s (reason %u there, %u here)\n", differs,
		live.reason, watched->reason);
	return -EPROTO;
}

static int native_judge(struct world *world, const struct world_frame *frame, struct rf_result *ret_result)
{
	const struct engine_frame input = {
		.bytes = frame->bytes,
		.cap_len = frame->cap_len,
		.wire_len = frame->wire_len,
		.time_ns = frame->time_ns,
		.ifindex = frame->ifindex,
		.has_vlan_tci = frame->has_tag,
		.vlan_tci = frame->tag,
	};

	const int err = engine_judge(world->engine, frame->direction, &input, ret_result);

	return err ? err : live_agrees(world, frame, &input, ret_result);
}

static const char *native_dns_name(struct world *world, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	return engine_name(world->engine, result, buf);
}

static int native_counters(struct world *world, uint32_t device, struct counters *ret_counters)
{
	return engine_counters(world->engine, device, ret_counters) ? 0 : -ENOENT;
}

static int native_totals(struct world *world, struct rf_totals *ret_totals)
{
	*ret_totals = *engine_totals(world->engine);
	return 0;
}

static const struct world_events *native_events(struct world *world)
{
	return &world->events;
}

static void native_close(struct world *world)
{
	if (!world)
		return;
	engine_free(world->engine);
	engine_free(world->live);
	free(world->events.items);
	free(world);
}

const struct world_ops world_native = {
	.name = "native",
	.open = native_open,
	.begin = native_begin,
	.reload = native_reload,
	.refuses = native_refuses,
	.judge = native_judge,
	.dns_name = native_dns_name,
	.counters = native_counters,
	.totals = native_totals,
	.events = native_events,
	.close = native_close,
};
