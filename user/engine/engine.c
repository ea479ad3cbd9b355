// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine.c - the core over plain arrays: makes and fills the arrays, gives frames to the core.
 *
 * Must not decide anything itself: what differs from the kernel belongs into the seam.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/sizing.h"
#include "engine.h"
#include "seam_native.h"

#include "../../bpf/core.h"

/* The last bank and every state array end here: a policy that grows on reload gets new arrays. */
static void free_policy(struct engine *engine)
{
	free(engine->buckets);
	free(engine->profiles);
	free(engine->nodes);
	free(engine->values);
	free(engine->chunks);
	free(engine->peers);
	free(engine->idents);
	free(engine->names);
}

static void free_state(struct engine *engine)
{
	free(engine->infos);
	free(engine->conns);
	free(engine->questions);
	free(engine->known);
	free(engine->learned);
	free(engine->folds);
	free(engine->fold_slots);
	free(engine->budgets);
	free(engine->counters);
	free(engine->counters_rest);
	free(engine->flows);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	free_policy(engine);
	free_state(engine);
	free(engine);
}

/* A zeroed array of n elements; n 0 gives one that nobody may index. */
static int make(void *ret_array, uint32_t *ret_n, uint32_t n, size_t size)
{
	void *array = calloc(n ? n : 1, size);

	if (!array)
		return -ENOMEM;
	memcpy(ret_array, &array, sizeof(array));
	*ret_n = n;
	return 0;
}

#define MAKE(field, n) make(&engine->field, &engine->n_##field, (n), sizeof(*engine->field))

static int make_policy(struct engine *engine, const struct ruleset_sizes *one)
{
	engine->sizes = *one;
	if (MAKE(buckets, 2 * one->buckets) || MAKE(profiles, 2 * one->profiles) || MAKE(nodes, 2 * one->nodes) ||
	    MAKE(values, 2 * one->values) || MAKE(chunks, 2 * one->chunks) || MAKE(peers, 2 * one->peers) ||
	    MAKE(idents, 2 * one->indices) || MAKE(names, 2 * one->names))
		return -ENOMEM;
	return 0;
}

static int make_state(struct engine *engine, uint32_t indices)
{
	const struct rf_sizing *sizing = &engine->sizing;

	if (MAKE(infos, indices) || MAKE(conns, indices * 2 << sizing->conn) ||
	    MAKE(questions, indices << sizing->question) || MAKE(known, indices << sizing->known) ||
	    MAKE(learned, indices << sizing->learned) || MAKE(folds, indices << sizing->fold) ||
	    MAKE(fold_slots, indices << sizing->fold) || MAKE(budgets, indices) || MAKE(counters, indices) ||
	    MAKE(counters_rest, indices) || MAKE(flows, RF_FLOW_TABLES))
		return -ENOMEM;
	engine->budget_stride = sizeof(*engine->budgets);
	return 0;
}

static int place(struct engine *engine, const struct ruleset *ruleset, uint32_t bank)
{
	const struct ruleset_place where = {
		.bank = bank,
		.control = &engine->control,
		.buckets = engine->buckets,
		.profiles = engine->profiles,
		.nodes = engine->nodes,
		.values = engine->values,
		.chunks = engine->chunks,
		.peers = engine->peers,
		.idents = engine->idents,
		.names = engine->names,
		.infos = engine->infos,
		.sizes = engine->sizes,
	};
	int r = ruleset_place(ruleset, &where);

	if (r)
		return r;
	engine->control.active = bank;
	return 0;
}

int engine_new(const struct ruleset *ruleset, enum rf_sizing_id sizing, struct engine **ret_engine)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	struct ruleset_sizes sizes = ruleset_sizes(ruleset);
	int r;

	if (!engine)
		return -ENOMEM;
	engine->in_force = &engine->control;
	engine->ticks_per_s = ENGINE_TICKS_PER_S;
	if (sizing == RF_SIZING_AUTO)
		sizing = sizing_choose(sizes.indices);
	engine->sizing = *sizing_of(sizing);
	engine->control.abi_version = RF_ABI_VERSION;
	engine->control.sizing = sizing;
	/* Fixed, so that the same capture gives the same verdicts each time; nobody attacks a replay's own hash. */
	for (uint32_t i = 0; i < RF_SECRETS; i++)
		engine->control.secret[i] = rf_secret_fixed(i);
	r = make_policy(engine, &sizes);
	if (!r)
		r = make_state(engine, sizes.indices);
	if (!r)
		r = place(engine, ruleset, 0);
	if (r) {
		engine_free(engine);
		return r;
	}
	*ret_engine = engine;
	return 0;
}

/* X(array): state by device index, kept when there are more devices than before. */
#define ENGINE_STATE(X)                                                                                                \
	X(conns)                                                                                                       \
	X(questions)                                                                                                   \
	X(known)                                                                                                       \
	X(learned)                                                                                                     \
	X(folds)                                                                                                       \
	X(fold_slots)                                                                                                  \
	X(budgets)                                                                                                     \
	X(counters)                                                                                                    \
	X(counters_rest)

static void move_state(struct engine *to, const struct engine *from)
{
#define X(array)                                                                                                       \
	to->array = from->array;                                                                                       \
	to->n_##array = from->n_##array;
	ENGINE_STATE(X)
	X(infos)
	X(flows)
#undef X
	to->budget_stride = from->budget_stride;
}

static int grow_state(struct engine *engine, uint32_t indices)
{
	struct engine grown = {.sizing = engine->sizing};

	if (indices <= engine->n_counters)
		return 0;
	if (make_state(&grown, indices)) {
		free_state(&grown);
		return -ENOMEM;
	}
#define X(array) memcpy(grown.array, engine->array, engine->n_##array * sizeof(*engine->array));
	ENGINE_STATE(X)
#undef X
	free_state(engine);
	move_state(engine, &grown);
	return 0;
}

/* An index that changes hands is emptied, and all rows when the generation's 16 bits in them begin anew: as datapath_stage does in the kernel's maps. */
static void forget_changed(struct engine *engine, const struct ruleset *ruleset)
{
	const uint32_t before = engine->control.bank[engine->control.active & 1].generation;

	if (before >> 16 != ruleset->bank.generation >> 16)
		memset(engine->conns, 0, engine->n_conns * sizeof(*engine->conns));
	for (uint32_t i = RF_UNKNOWN_DEVICES; i < ruleset->n_indices && i < engine->n_counters; i++) {
		if (strncmp(engine->infos[i].name, ruleset->infos[i].name, RF_NAME_MAX) == 0)
			continue;
#define X(array)                                                                                                       \
	memset(engine->array + (size_t)i * (engine->n_##array / engine->n_counters), 0,                                \
	       engine->n_##array / engine->n_counters * sizeof(*engine->array));
		ENGINE_STATE(X)
#undef X
	}
}

int engine_reload(struct engine *engine, const struct ruleset *ruleset)
{
	struct ruleset_sizes sizes = ruleset_sizes(ruleset);
	struct engine next = {};
	int r;

	r = grow_state(engine, sizes.indices);
	if (r)
		return r;
	forget_changed(engine, ruleset);
	sizes.indices = engine->n_counters; /* an index that was given up keeps its row */
	next.control = engine->control;
	move_state(&next, engine);
	r = make_policy(&next, &sizes);
	if (!r)
		r = place(&next, ruleset, !engine->control.active);
	if (r) {
		free_policy(&next);
		return r;
	}
	next.in_force = &engine->control;
	next.sizing = engine->sizing;
	next.ticks_per_s = engine->ticks_per_s;
	next.unwatched = engine->unwatched;
	next.without_flows = engine->without_flows;
	next.totals = engine->totals;
	next.on_event = engine->on_event;
	next.on_event_data = engine->on_event_data;
	free_policy(engine);
	*engine = next;
	return 0;
}

void engine_on_event(struct engine *engine, engine_event_fn fn, void *data)
{
	engine->on_event = fn;
	engine->on_event_data = data;
}

static void frame_fill(struct rf_frame *frame, const struct engine_frame *input)
{
	*frame = (struct rf_frame){
		.data = input->bytes,
		.end = input->bytes + input->cap_len,
		.len = (uint32_t)input->wire_len,
		.ifindex = input->ifindex,
		.vlan_tci = input->vlan_tci,
		.has_vlan_tci = input->has_vlan_tci,
	};
}

int engine_judge(struct engine *engine, enum rf_direction direction, const struct engine_frame *input,
		 struct rf_result *ret_result)
{
	struct rf_judgement *j = &engine->judgement;
	struct rf_frame frame;
	enum rf_verdict verdict;

	if (input->wire_len < input->cap_len || input->wire_len > UINT32_MAX)
		return -EINVAL;
	frame_fill(&frame, input);
	engine->now_ns = input->time_ns;
	j->home = (uintptr_t)engine;
	verdict = direction == RF_DIRECTION_FROM ? judge_from(&frame, j) : judge_to(&frame, j);
	result_fill(j, world_bank(j), verdict, ret_result);
	return 0;
}

const char *engine_name(const struct engine *engine, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	const struct known_table table = {engine->known, engine->n_known, engine->sizing.known};

	return known_result(&table, result, buf);
}

bool engine_counters(const struct engine *engine, uint32_t device, struct counters *ret_counters)
{
	if (device >= engine->n_counters)
		return false;
	*ret_counters = (struct counters){engine->counters[device], engine->counters_rest[device], device};
	return true;
}

const struct rf_totals *engine_totals(const struct engine *engine)
{
	return &engine->totals;
}

void engine_read(const struct engine_frame *input, struct engine_facts *ret_facts)
{
	struct rf_judgement j = {};
	const struct rf_packet *packet = &j.packet;
	struct rf_frame frame;

	frame_fill(&frame, input);
	j.status = frame_parse(&frame, &j);
	*ret_facts = (struct engine_facts){
		.malformed = j.status != RF_PARSE_OK,
		.l3 = packet->l3,
		.proto = packet->proto,
		.has_ports =
			packet->fragment != RF_FRAGMENT_LATER &&
			(packet->proto == IPPROTO_TCP || packet->proto == IPPROTO_UDP || packet->proto == IPPROTO_SCTP),
		.ethertype = packet->ethertype,
		.vlan = packet->vlan,
		.sport = packet->sport,
		.dport = packet->dport,
		.src = packet->src,
		.dst = packet->dst,
		.src_mac = packet->src_mac,
		.dst_mac = packet->dst_mac,
	};
}
